/**
 * Which constants of a plan its task says: as written, as its words mean it, or word by word.
 * Pure. Never says that a constant is right: only whether the task has it.
 */
import { roleOf } from "../../catalogue/catalogue.ts";
import { isArray, type Json } from "../../json/value.ts";
import type { ArgRule, FrozenTool, ParamSpec, PlanNode, Role } from "../../plan/plan.ts";
import { classify, rulesOf } from "../../plan/walk.ts";
import { wordFinder } from "../endpoint/found-words.ts";
import type { DraftParam, DraftTool } from "../tools.ts";
import type { Mention, ValueContext } from "../values/mention.ts";
import { mentionsOf } from "../values/mentions.ts";
import { sameValue } from "../values/same-value.ts";
import { valueOf as readValue } from "../values/value-of.ts";
import { wantedKinds } from "../values/wants.ts";
import { stemsOf } from "../word-scores.ts";

/** A constant of a node. */
export interface NodeConstant {
  /** From the plan. */
  readonly path: readonly (string | number)[];
  /** The argument, then the members that lead to it, dotted. */
  readonly place: string;
  readonly role: Role;
  readonly value: string | number | bigint;
  /** `open`: neither, as a choice from the tool's own list, or a date where nobody says what day it is. */
  readonly standing: "said" | "unsaid" | "open";
}

/** What a task says, ready to be asked about many constants. */
export interface SaidBy {
  readonly task: string;
  readonly stems: ReadonlySet<string>;
  readonly mentions: readonly Mention[];
  readonly find: ReturnType<typeof wordFinder>;
  readonly context: ValueContext;
  /** What the mentions mean as an argument, kept since a plan has many constants for one argument. */
  readonly meanings: Map<DraftParam, readonly Json[]>;
}

/** Reads a task. */
export function readSaid(task: string, context: ValueContext): SaidBy {
  return {
    task,
    stems: new Set(stemsOf(task)),
    mentions: mentionsOf(task),
    find: wordFinder(task),
    context,
    meanings: new Map(),
  };
}

/** Constants of one node that are looked at. */
const constantsMax = 256;

/** Whose constants are looked at, and what they mean. */
export interface ConstantsOf {
  readonly name: string;
  readonly node: PlanNode;
  readonly tool: FrozenTool;
  readonly draft: DraftTool;
  readonly params: { readonly [name: string]: ParamSpec };
}

/**
 * The texts and numbers that a node has as constants or as defaults of its parameters, each with its standing. Booleans are left out: a word
 * for one is hardly ever said.
 */
export function constantsOf({ name, node, tool, draft, params }: ConstantsOf, said: SaidBy): readonly NodeConstant[] {
  const found: NodeConstant[] = [];
  for (const { arg, path, place, rule } of rulesOf(name, node)) {
    const constant = constantOf(rule, path, { params });
    if (constant === undefined) continue;
    const exact = draft.params.find((one) => one.path.filter((step) => step !== "[]").join(".") === place);
    const param = exact ?? draft.params.find((one) => one.path[0] === arg);
    const role = roleOf(tool, place);
    for (const leaf of leavesOf(constant.value, constant.path)) {
      if (found.length >= constantsMax) return found;
      found.push({ ...leaf, place, role, standing: standingOf(leaf.value, said, { param, role }) });
    }
  }
  return found;
}

/** The value that a rule has before anybody is asked; its place is the rule's, also where a parameter has it. */
function constantOf(
  rule: ArgRule,
  path: readonly (string | number)[],
  { params }: Pick<ConstantsOf, "params">,
): { readonly value: Json; readonly path: readonly (string | number)[] } | undefined {
  const classed = classify(rule);
  if (classed.kind === "const") {
    const isBare = typeof rule !== "object" || rule === null;
    return { value: classed.rule.const, path: isBare ? path : [...path, "const"] };
  }
  if (classed.kind !== "param") return undefined;
  const spec = Object.hasOwn(params, classed.rule.param) ? params[classed.rule.param] : undefined;
  return spec?.default === undefined ? undefined : { value: spec.default, path };
}

interface Leaf {
  readonly path: readonly (string | number)[];
  readonly value: string | number | bigint;
}

function leavesOf(value: Json, path: readonly (string | number)[]): readonly Leaf[] {
  if (typeof value === "string") return value.trim() === "" ? [] : [{ path, value }];
  if (typeof value === "number" || typeof value === "bigint") return [{ path, value }];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, part]: [string, Json]) =>
    leavesOf(part, [...path, Array.isArray(value) ? Number(name) : name]),
  );
}

/** Something that means one thing only, or nothing: an address, a number of an account, a name of a file. */
function isIdentifier(text: string): boolean {
  return !/\s/.test(text) && /[\d@/\\_.:-]/.test(text);
}

function standingOf(
  value: Leaf["value"],
  said: SaidBy,
  { param, role }: { readonly param: DraftParam | undefined; readonly role: Role },
): NodeConstant["standing"] {
  const text = String(value);
  if (said.find(text) !== undefined || (param !== undefined && isMeant(value, param, said))) return "said";
  // How many rows are read is nobody's wish.
  if (typeof value !== "string" && role === "selector") return "open";
  const stems = stemsOf(text);
  const common = stems.filter((stem) => said.stems.has(stem)).length;
  // A text in other words: most of them are in the task. One of several is chance, and of an address every part counts.
  if (stems.length > 1 && !isIdentifier(text) && common / stems.length >= 0.6) return "said";
  if (param === undefined) return "unsaid";
  if (param.isClosed) return common > 0 ? "said" : "open";
  const kinds = wantedKinds(param).filter((kind) => ["date", "time", "datetime"].includes(kind));
  // A day that is told relative to another one, and nobody says to which.
  const isTimed = kinds.length > 0 && said.mentions.some(({ kind }) => kinds.includes(kind));
  return isTimed && said.context.now === undefined ? "open" : "unsaid";
}

/** Whether something that the task names means this value. */
function isMeant(value: Json, param: DraftParam, said: SaidBy): boolean {
  let meanings = said.meanings.get(param);
  if (meanings === undefined) {
    meanings = meaningsOf(param, said);
    said.meanings.set(param, meanings);
  }
  return meanings.some((meant) => sameValue(meant, value));
}

/** The values that the things which the task names have as this argument; of a list, its elements too. */
function meaningsOf(param: DraftParam, { task, mentions, context }: SaidBy): readonly Json[] {
  const kinds = new Set(wantedKinds(param));
  const wanted = kinds.size === 0 ? [] : mentions.filter(({ kind }) => kinds.has(kind));
  return wanted.flatMap(({ start, end }) => {
    const meant = readValue(task.slice(start, end), param, context);
    return meant === undefined ? [] : isArray(meant) ? [meant, ...meant] : [meant];
  });
}
