/**
 * The label of an argument rule in the worst case: "Labels" and "Flow" of `src/README.md`, over sets of what may be instead of what is.
 * Pure. Over-approximates: a label that the engine can give to an allowed argument is in the set.
 */
import type {
  CompiledArg,
  CompiledExpression,
  CompiledNode,
  CompiledPlan,
  CompiledRule,
  NodeRead,
} from "../plan/compile/compiled.ts";
import { type SourceSet, union } from "../taint/source-set.ts";
import type { LabelTable } from "./label-table.ts";

/**
 * What a value may carry. `full`: all of it. `own`: the part that is news to a conversation, since neither it nor a result that it was shown whole
 * had it before.
 * `isContext`: the context label is to be joined to `full`.
 */
export interface Carried {
  readonly full: SourceSet;
  readonly own: SourceSet;
  readonly isContext: boolean;
}

/** What carries nothing. */
export const nothing: Carried = { full: undefined, own: undefined, isContext: false };

/** What the agent makes up. */
const ofContext: Carried = { full: undefined, own: undefined, isContext: true };

/** What a rule is looked at against. */
export interface Situation {
  readonly plan: CompiledPlan;
  readonly table: LabelTable;
  readonly node: CompiledNode;
  /** What the conversation may hold when an allowed call of the node is checked. */
  readonly context: SourceSet;
  /** What a parameter of the session may carry. */
  readonly params: SourceSet;
  /** Nodes whose results a conversation is shown with all their labels, by index. */
  readonly disclosed: readonly boolean[];
  /** What the results of a node may carry, by index; for a `let` what its value does. */
  readonly results: readonly Carried[];
  /** Whether results are taken to fit their schemas, so that `removes` does what it says. */
  readonly isValid: boolean;
  /** Whether `endorse` is looked at; false to find out what it takes away. */
  readonly isEndorsing: boolean;
}

/** The join of two. */
export function joinCarried(a: Carried, b: Carried): Carried {
  if (a === b || b === nothing) return a;
  if (a === nothing) return b;
  return { full: union(a.full, b.full), own: union(a.own, b.own), isContext: a.isContext || b.isContext };
}

/** The context joined, where it is to be. */
export function withContext({ context }: Situation, carried: Carried): Carried {
  return carried.isContext ? { full: union(carried.full, context), own: carried.own, isContext: false } : carried;
}

/** What an argument may carry before any rule is looked at, endorsements applied. `endorsed`: names that rules around this one endorse. */
export function carriedBy(situation: Situation, rule: CompiledRule, endorsed: readonly string[] = []): Carried {
  const around = rule.endorse === undefined ? endorsed : [...endorsed, ...rule.endorse.from];
  return downgrade(situation, rule, carriedByClass(situation, rule, around));
}

function carriedByClass(situation: Situation, rule: CompiledRule, endorsed: readonly string[]): Carried {
  switch (rule.kind) {
    case "const":
      return nothing;
    case "param":
      return ofParams(situation);
    case "from": {
      const read = carriedByRead(situation, rule.read);
      const all = rule.where === undefined || rule.where.params.length === 0 ? read : joinCarried(read, ofParams(situation));
      return rule.pick === "agent" ? joinCarried(all, chosen(situation, rule, endorsed)) : all;
    }
    case "item": {
      const row = joinCarried(carriedByRead(situation, rule.read), carriedByWhere(situation));
      return rule.pick === "agent" ? joinCarried(row, chosen(situation, rule, endorsed)) : row;
    }
    case "expr":
      return carriedByCode(situation, rule.code);
    case "template":
      return rule.holes.reduce((all, hole) => joinCarried(all, carriedBy(situation, hole.rule, endorsed)), nothing);
    case "object":
      return rule.members.reduce((all, part) => joinCarried(all, carriedBy(situation, part.rule, endorsed)), nothing);
    case "list":
      return rule.elements.reduce((all, part) => joinCarried(all, carriedBy(situation, part, endorsed)), nothing);
    case "choose":
      return chosen(situation, rule, endorsed);
    case "write":
      return ofContext;
  }
}

/**
 * What the conversation may add to a choice of the agent in an allowed call: a choice that steers is denied in an untrusted conversation, unless
 * everything untrusted in it is endorsed.
 */
function chosen(situation: Situation, rule: CompiledRule, endorsed: readonly string[]): Carried {
  if (rule.role === "content" || situation.node.needsApproval) return ofContext;
  const { table, context } = situation;
  const isRefused = (index: number): boolean => {
    const facts = table.names[index];
    return facts?.isUntrusted === true && (facts.name === "unknown" || !endorsed.includes(facts.name));
  };
  return { full: table.refuse(context, isRefused), own: undefined, isContext: false };
}

function ofParams({ params }: Situation): Carried {
  return { full: params, own: params, isContext: false };
}

function carriedByWhere(situation: Situation): Carried {
  const { each } = situation.node;
  return each?.kind === "from" && (each.where?.params.length ?? 0) > 0 ? ofParams(situation) : nothing;
}

/** What an expression may carry: everything that it names. */
export function carriedByCode(situation: Situation, code: CompiledExpression): Carried {
  let all = code.params.length > 0 ? ofParams(situation) : nothing;
  for (const read of code.nodes) all = joinCarried(all, carriedByRead(situation, read));
  const { each } = situation.node;
  if (code.item && each !== undefined)
    all = joinCarried(joinCarried(all, carriedByRead(situation, each.read)), carriedByWhere(situation));
  return all;
}

/** What a read of a node's results may carry, `removes` and varying sets of runs looked at. */
export function carriedByRead({ plan, table, results, disclosed, isValid }: Situation, read: NodeRead): Carried {
  const node = plan.nodes[read.node] as CompiledNode;
  const whole = disclosed[read.node] ? withoutNews(results[read.node] ?? nothing) : (results[read.node] ?? nothing);
  const here = node.removes === undefined ? whole : afterRemoval({ table, isValid }, { node, whole, prefix: read.prefix });
  return read.isVariable ? joinCarried(here, ofContext) : here;
}

/** What is read of a result that the conversation has been shown: whoever reads it brings nothing new. */
export function withoutNews(carried: Carried): Carried {
  return carried.own === undefined ? carried : { ...carried, own: undefined };
}

/** A result that does not fit its schema keeps all labels, so `removes` takes nothing away for certain; but what it may take is noted. */
function afterRemoval(
  { table, isValid }: Pick<Situation, "table" | "isValid">,
  {
    node,
    whole,
    prefix,
  }: { readonly node: CompiledNode; readonly whole: Carried; readonly prefix: readonly (string | number)[] },
): Carried {
  const { removes } = node;
  if (removes === undefined || node.output === undefined) return whole;
  const names = new Set(removes.labels.filter((name) => name !== "unknown"));
  const isGone = (index: number): boolean => names.has(table.names[index]?.name ?? "");
  const clean: Carried = {
    full: table.removeSources(whole.full, isGone),
    own: table.removeSources(whole.own, isGone),
    isContext: whole.isContext,
  };
  const isWithin = removes.regions.some(
    (region) => region.length <= prefix.length && region.every((step, i) => step === prefix[i]),
  );
  return isValid && isWithin ? clean : joinCarried(whole, clean);
}

/** Applies `endorse` and `declassify`, as far as they surely apply. */
function downgrade(situation: Situation, rule: CompiledRule, carried: Carried): Carried {
  const { endorse, declassify } = rule;
  if (endorse === undefined && declassify === undefined) return carried;
  const { table } = situation;
  let { full, own } = withContext(situation, carried);
  if (endorse !== undefined && situation.isEndorsing) {
    const names = new Set(endorse.from.filter((name) => name !== "unknown"));
    const isGone = (index: number): boolean => names.has(table.names[index]?.name ?? "");
    const left = table.removeSources(full, isGone);
    if (left !== full) {
      const to = table.of([endorse.to]);
      full = union(left, to);
      own = union(table.removeSources(own, isGone), to);
    }
  }
  if (declassify !== undefined) {
    const isPublic = declassify.to === "public";
    full = table.declassify(full, declassify.from, isPublic);
    own = table.declassify(own, declassify.from, isPublic);
  }
  return { full, own, isContext: false };
}

/** Why no allowed call carries a label that an argument might carry otherwise. */
export interface Refusal {
  readonly kind: "rule" | "audience";
  /** Id of the flow rule. */
  readonly rule?: string;
  readonly refuses: (name: number) => boolean;
}

/** What the checks of stage 6 refuse in an argument that is present; what the agent's choices refuse is looked at where they stand. */
export function refusalsOf(plan: CompiledPlan, table: LabelTable, node: CompiledNode, arg: CompiledArg): readonly Refusal[] {
  const refusals: Refusal[] = [];
  for (const index of node.flows) {
    const flow = plan.flows[index];
    // What a human may approve happens.
    if (flow === undefined || flow.needsApproval) continue;
    const isCovered =
      (flow.args?.has(arg.name) ?? true) && (flow.roles === undefined || arg.roles.some((role) => flow.roles?.has(role)));
    if (isCovered) refusals.push({ kind: "rule", rule: flow.id, refuses: deniedNames(plan, table, index) });
  }
  const members = audienceOf(node);
  if (members !== undefined)
    refusals.push({
      kind: "audience",
      refuses: (index) => {
        const readers = table.names[index]?.readers ?? null;
        return readers !== null && (members === "public" || !members.every((member) => readers.includes(member)));
      },
    });
  return refusals;
}

/** Which names a flow rule denies. */
export function deniedNames(plan: CompiledPlan, table: LabelTable, flow: number): (name: number) => boolean {
  const denied = new Set((plan.frozen.plan.flows ?? [])[flow]?.deny ?? []);
  const isAll = denied.has("untrusted");
  return (index) => {
    const facts = table.names[index];
    return facts !== undefined && (denied.has(facts.name) || (isAll && facts.isUntrusted));
  };
}

/** Those of a node's audience whom the plan fixes; `undefined` if it fixes none. */
function audienceOf({ tool, args }: CompiledNode): readonly string[] | "public" | undefined {
  if (tool === undefined) return undefined;
  const { audience, effects } = tool.facts;
  const target = audience ?? (effects.includes("network") || effects.includes("message") ? "public" : undefined);
  if (target === undefined || target === "public" || !("arg" in target)) return target;
  const names = typeof target.arg === "string" ? [target.arg] : target.arg;
  const members = args
    .filter(({ name }) => names.includes(name))
    .flatMap(({ rule }) => (rule.kind === "const" ? [rule.value].flat() : []))
    .filter((member) => typeof member === "string");
  return members.length > 0 ? members : undefined;
}

/** What is left of a set once all `refusals` have been looked at. */
export function refuse(table: LabelTable, set: SourceSet, refusals: readonly Refusal[]): SourceSet {
  let left = set;
  for (const { kind, refuses } of refusals) {
    // Readers that were added somewhere may have let the label through.
    if (kind === "audience" && table.isWidened(left)) continue;
    left = table.refuse(left, refuses);
  }
  return left;
}
