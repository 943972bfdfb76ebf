/**
 * Compiles the nodes of a plan: everything but what is hidden, which `compile.ts` settles in order of dependence.
 * Pure. No I/O, no clock. Reports every fault with its pointer; never throws on input.
 */
import { isObject, type Json, member } from "../../json/value.ts";
import { compileMatch, type Match } from "../../lang/match.ts";
import { compilePath, type Path, parseReference } from "../../lang/path.ts";
import { eachRowsMax } from "../../limits.ts";
import { ownLabels } from "../built-in-labels.ts";
import type { Budget, Constraints, FrozenTool, PlanNode, Role } from "../plan.ts";
import {
  type CompiledArg,
  type CompiledBudget,
  type CompiledConstraints,
  type CompiledEach,
  type CompiledExpression,
  type CompiledNode,
  type CompiledRule,
  type PathStep,
  windowMs,
} from "./compiled.ts";
import { withoutAnnotations } from "../schema-annotations.ts";
import { compileEffects, type EffectPlace } from "./effects.ts";
import { type CompileContext, compileCode, type DraftRead, fault, noteRead } from "./expressions.ts";
import { compileRule, type DraftRule, escapeToken, isStepped, type RuleScope, stepsOf } from "./rules.ts";

/** A node before it is known what is hidden and who comes before whom. */
export interface DraftNode {
  node: { -readonly [K in keyof CompiledNode]: CompiledNode[K] };
  readonly reads: readonly DraftRead[];
  /** Each rule with what it reads. */
  readonly rules: readonly { readonly rule: DraftRule; readonly reads: readonly DraftRead[] }[];
  /** Rules whose references see a varying set of runs only because they pick among several. */
  readonly picking: ReadonlySet<DraftRead>;
  readonly after: readonly number[];
  readonly declaredShow: CompiledNode["show"] | undefined;
}

/** Compiles the node `name`, or reports why it cannot be compiled. */
export function compileNode(
  context: CompileContext,
  name: string,
  spec: PlanNode,
  tool: FrozenTool | undefined,
): DraftNode | undefined {
  const pointer = `/nodes/${escapeToken(name)}`;
  context.reads = [];
  const each = spec.each === undefined ? undefined : compileEach(context, spec.each, `${pointer}/each`);
  const code = (source: string | undefined, at: string): CompiledExpression | undefined =>
    source === undefined ? undefined : compileCode(context, source, `${pointer}/${at}`);
  const { args, rules, picking } = compileArgs(context, spec, { pointer, tool, each });
  const require = compileRequire(context, spec, { pointer, each });
  if (spec.labels?.length === 0) {
    const message = "an empty list says nothing: leave `labels` out, or name what the result carries";
    fault(context, "PLAN_LABELS_EMPTY", `${pointer}/labels`, message);
  }
  const when = code(spec.when, "when");
  const body = code(spec.let, "let");
  const times = typeof spec.times === "number" ? { min: spec.times, max: spec.times } : { min: 1, max: 1, ...spec.times };
  const show = compileShow(context, spec.show, `${pointer}/show`);
  const after = (spec.after ?? []).map((other, i) => {
    const node = context.indexes.get(other);
    return node ?? fault(context, "PLAN_UNKNOWN_NODE", `${pointer}/after/${i}`, `\`${other}\` is not a node of the plan`) ?? -1;
  });
  const place = { pointer, tool, args };
  const constraints = compileConstraints(context, name, spec.constraints ?? {}, place);
  const within = (spec.within ?? []).map((beside) => compileConstraints(context, name, beside, place));
  const node: DraftNode["node"] = {
    index: context.indexes.get(name) ?? -1,
    name,
    tool,
    let: body,
    args,
    argNames: new Set(args.map((arg) => arg.name)),
    defaults: defaultsOf(tool),
    labels: tool === undefined ? (spec.labels ?? []) : ownLabels({ node: spec, tool }),
    parse: tool?.facts.parse ?? spec.parse,
    removes: spec.removes && {
      labels: spec.removes.labels,
      regions: spec.removes.paths.map((path, i) => region(context, path, `${pointer}/removes/paths/${i}`)),
    },
    output: outputOf(tool),
    min: spec.optional === true ? 0 : Math.min(times.min, times.max),
    max: times.max,
    each,
    when,
    isOptional: spec.optional === true,
    isIdempotent: spec.constraints?.idempotent === true,
    predecessors: [],
    closers: [],
    require,
    constraints,
    within,
    needsApproval: [constraints, ...within].some((held) => held.needsApproval),
    show: show ?? "all",
    hiddenReads: [],
    resources: undefined,
    isReferred: false,
    flows: [],
  };
  return { node, reads: context.reads, rules, picking, after: after.filter((index) => index >= 0), declaredShow: show };
}

interface ArgsPlace {
  readonly pointer: string;
  readonly tool: FrozenTool | undefined;
  readonly each: CompiledEach | undefined;
}

/** The arguments in order, every rule in them with what it reads, and the reads that pick among runs. */
function compileArgs(
  context: CompileContext,
  spec: PlanNode,
  { pointer, tool, each }: ArgsPlace,
): Pick<DraftNode, "rules" | "picking"> & { readonly args: readonly CompiledArg[] } {
  const rules: { rule: DraftRule; reads: readonly DraftRead[] }[] = [];
  const picking = new Set<DraftRead>();
  const args: CompiledArg[] = [];
  const row = each && {
    node: each.node,
    prefix: each.read.prefix,
    steps: rowSteps(each),
    isRun: each.kind === "node",
    isStepped: each.kind === "node" || isStepped(each.path),
  };
  const roleAt = (place: string): Role | undefined => roleOf(tool, place);
  const note: RuleScope["note"] = (rule, reads) => {
    rules.push({ rule, reads });
    const full = rule as { readonly kind: string; readonly pick?: unknown };
    if (full.kind === "from" && full.pick !== undefined) for (const read of reads) picking.add(read);
  };
  for (const arg of Object.keys(spec.args ?? {}).sort()) {
    const role = roleAt(arg) ?? "target";
    const scope: RuleScope = { row, depth: 0, place: arg, role, roleAt, note };
    const rule = compileRule(context, spec.args?.[arg] ?? null, `${pointer}/args/${escapeToken(arg)}`, scope);
    if (rule !== undefined) args.push({ name: arg, rule, role, roles: rolesIn(rule, role) });
  }
  return { args, rules, picking };
}

/** The conditions across arguments; one that names the item reads the whole row. */
function compileRequire(
  context: CompileContext,
  spec: PlanNode,
  { pointer, each }: Pick<ArgsPlace, "pointer" | "each">,
): readonly CompiledExpression[] {
  const inLoop = { item: each !== undefined, args: true };
  const require = (spec.require ?? []).flatMap(
    (source, i) => compileCode(context, source, `${pointer}/require/${i}`, inLoop) ?? [],
  );
  for (const condition of require) {
    if (condition.item && each !== undefined) noteRead(context, each.node, { prefix: each.read.prefix, steps: rowSteps(each) });
  }
  return require;
}

function compileEach(context: CompileContext, spec: NonNullable<PlanNode["each"]>, pointer: string): CompiledEach | undefined {
  if (typeof spec === "string") {
    const node = context.indexes.get(spec);
    if (node === undefined) return fault(context, "PLAN_UNKNOWN_NODE", pointer, `\`${spec}\` is not a node of the plan`);
    return { kind: "node", node, read: noteRead(context, node, { prefix: [], steps: [] }) };
  }
  const reference = parseReference(spec.from);
  if (!reference.ok) return fault(context, reference.error.code, `${pointer}/from`, reference.error.message);
  const node = context.indexes.get(reference.value.node);
  if (node === undefined)
    return fault(context, "PLAN_UNKNOWN_NODE", `${pointer}/from`, `\`${reference.value.node}\` is not a node of the plan`);
  const where = spec.where === undefined ? undefined : compileCode(context, spec.where, `${pointer}/where`, { rowOnly: true });
  const { path } = reference.value;
  return {
    kind: "from",
    node,
    path,
    where,
    max: Math.min(spec.max, eachRowsMax),
    read: noteRead(context, node, { prefix: path.prefix, steps: stepsOf(path) }),
  };
}

/** The steps of one row: a singular path selects the list whose elements are the rows. */
function rowSteps(each: CompiledEach): readonly PathStep[] {
  return each.kind === "from" && each.path.singular ? [...each.read.steps, null] : each.read.steps;
}

function compileShow(context: CompileContext, show: PlanNode["show"], pointer: string): CompiledNode["show"] | undefined {
  if (show === undefined || typeof show === "string") return show;
  const paths: Path[] = [];
  for (const [i, source] of show.entries()) {
    const path = compilePath(source);
    if (path.ok) paths.push(path.value);
    else fault(context, path.error.code, `${pointer}/${i}`, path.error.message);
  }
  return paths;
}

function region(context: CompileContext, source: string, pointer: string): readonly string[] {
  const path = compilePath(source);
  if (path.ok && path.value.singular && path.value.prefix.every((step) => typeof step === "string"))
    return path.value.prefix as readonly string[];
  fault(context, "PLAN_REMOVES_PATH", pointer, "a path of `removes` is made of member names only, such as `$.orders`");
  return [];
}

function roleOf(tool: FrozenTool | undefined, place: string): Role | undefined {
  const roles = tool?.facts.roles;
  return roles !== undefined && Object.hasOwn(roles, place) ? roles[place] : undefined;
}

/** The role of an argument and those of its parts, each once. */
function rolesIn(rule: CompiledRule, role: Role): readonly Role[] {
  const roles = new Set<Role>([role]);
  const visit = (part: CompiledRule): void => {
    roles.add(part.role);
    if (part.kind === "object") for (const each of part.members) visit(each.rule);
    if (part.kind === "list") part.elements.forEach(visit);
  };
  visit(rule);
  return [...roles];
}

function outputOf(tool: FrozenTool | undefined): Match | undefined {
  const schema = member(tool?.definition, "outputSchema");
  if (!isObject(schema)) return undefined;
  const match = compileMatch(withoutAnnotations(schema));
  return match.ok ? match.value : undefined;
}

function defaultsOf(tool: FrozenTool | undefined): ReadonlyMap<string, Json> {
  const properties = member(member(tool?.definition, "inputSchema"), "properties");
  const defaults = new Map<string, Json>();
  if (isObject(properties)) {
    for (const name of Object.keys(properties)) {
      const value = member(properties[name], "default");
      if (value !== undefined) defaults.set(name, value);
    }
  }
  return defaults;
}

function compileConstraints(context: CompileContext, name: string, spec: Constraints, place: EffectPlace): CompiledConstraints {
  const budgets: readonly Budget[] =
    spec.budget === undefined ? [] : Array.isArray(spec.budget) ? spec.budget : [spec.budget as Budget];
  return {
    maxBytes: spec.maxBytes ?? Number.POSITIVE_INFINITY,
    effects: compileEffects(context, spec, place),
    dialect: spec.sql?.dialect,
    needsApproval: spec.approve === "human",
    rate: spec.rate && { calls: spec.rate.calls, windowMs: windowMs[spec.rate.per] },
    budgets: budgets.map(
      (budget, i): CompiledBudget => ({
        ...budget,
        id: budget.id ?? `${name}/${i}`,
        isShared: budget.id !== undefined,
        windowMs: budget.per === undefined ? Number.POSITIVE_INFINITY : windowMs[budget.per],
      }),
    ),
  };
}
