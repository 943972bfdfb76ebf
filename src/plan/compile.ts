/**
 * A frozen plan → what the engine runs: names resolved to dense indexes, every piece of language compiled once.
 * Pure. No I/O, no clock. Reports every fault with its pointer; never throws on input.
 */
import { type Json, jsonEqual } from "../json/value.ts";
import { instantOf } from "../lang/date.ts";
import { linksIn, readHost } from "../lang/host.ts";
import type { Input } from "../lang/input.ts";
import { utcOnly } from "../lang/input/utc.ts";
import type { Match } from "../lang/match.ts";
import { callBytesMax, callsPerSessionMax } from "../limits.ts";
import { err, ok, type Result } from "../result.ts";
import type { Finding } from "./finding.ts";
import { indexOrder } from "./graph.ts";
import { constraintOf, contradictionOf, inputOf } from "./param.ts";
import type { FlowRule, FrozenPlan, ParamSpec, Plan } from "./plan.ts";
import type {
  CompiledFlow,
  CompiledNode,
  CompiledParam,
  CompiledPlan,
  CompiledRule,
  NodeRead,
  PathStep,
} from "./compile/compiled.ts";
import { type CompileContext, fault } from "./compile/expressions.ts";
import { compileNode, type DraftNode } from "./compile/nodes.ts";
import { compileResources, trackedServers } from "./compile/resources.ts";
import { isStepped, matcher, stepsOf } from "./compile/rules.ts";

/** Compiles a frozen plan for the engine. The error is every finding that forbids it. */
export function compilePlan(frozen: FrozenPlan): Result<CompiledPlan, readonly Finding[]> {
  const { plan } = frozen;
  const names = Object.keys(plan.nodes).sort();
  const context: CompileContext = {
    indexes: new Map(names.map((name, index) => [name, index])),
    findings: [],
    params: new Set(Object.keys(plan.params ?? {})),
    reads: [],
  };
  const params = compileParams(context, plan);
  const flows = (plan.flows ?? []).map(compileFlow);
  const drafts: DraftNode[] = [];
  for (const name of names) {
    const spec = plan.nodes[name] as Plan["nodes"][string];
    const tool = spec.tool === undefined ? undefined : frozen.tools[spec.tool];
    if (spec.tool !== undefined && tool === undefined) {
      fault(context, "TOOL_UNKNOWN", `/nodes/${name}/tool`, `\`${spec.tool}\` is not in the frozen plan's tools`);
    }
    const draft = compileNode(context, name, spec, tool);
    if (draft !== undefined) drafts.push(draft);
  }
  if (context.findings.length > 0 || drafts.length !== names.length) return err(context.findings);
  const order = link(drafts);
  if (order === undefined)
    return err([
      { code: "PLAN_CYCLE", severity: "error", pointer: "/nodes", message: "the nodes depend on each other in a circle" },
    ]);
  settleHidden(drafts, order);
  const nodes = drafts.map((draft) => draft.node);
  // An amendment may refer to any result that was read before it.
  if (plan.envelope !== undefined) for (const node of nodes) node.isReferred = node.tool !== undefined;
  const tracked = trackedServers(frozen.tools);
  for (const node of nodes) node.resources = compileResources(node.tool, tracked);
  for (const node of nodes)
    node.flows = flows.filter((flow) => node.tool !== undefined && flow.covers(node.tool.name)).map((flow) => flow.index);
  return ok({
    frozen,
    nodes,
    byName: new Map(nodes.map((node) => [node.name, node])),
    byTool: groupByTool(nodes),
    params,
    labels: { ...frozen.labels, ...plan.labels },
    flows,
    limits: {
      calls: plan.limits?.calls ?? callsPerSessionMax,
      seconds: plan.limits?.seconds ?? Number.POSITIVE_INFINITY,
      maxBytes: plan.limits?.maxBytes ?? callBytesMax,
    },
    notAfter: plan.notAfter === undefined ? Number.POSITIVE_INFINITY : (instantOf(plan.notAfter) ?? 0),
    hosts: hostsOf(nodes),
  });
}

function compileParams(context: CompileContext, plan: Plan): ReadonlyMap<string, CompiledParam> {
  const params = new Map<string, CompiledParam>();
  for (const [name, spec] of Object.entries(plan.params ?? {})) {
    const input = compileRead(context, name, spec);
    const match = matcher(context, constraintOf(spec), `/params/${name}`);
    if (match === undefined || input === "fault") continue;
    const { default: fallback } = spec;
    if (fallback !== undefined && !takesDefault(fallback, match, input)) {
      fault(
        context,
        "PLAN_PARAM_DEFAULT",
        `/params/${name}/default`,
        "the default does not satisfy the parameter's own constraint",
      );
    }
    const read = input === undefined ? {} : { input };
    params.set(name, { name, match, ...read, hasDefault: fallback !== undefined, default: fallback ?? null });
  }
  return params;
}

/** How a parameter is read, if its `read` can be compiled and goes with the rest of it. */
function compileRead(context: CompileContext, name: string, spec: ParamSpec): Input | undefined | "fault" {
  const input = inputOf(spec);
  const [wrong, at] = input.ok
    ? [input.value && contradictionOf(spec, input.value), `/params/${name}`]
    : [input.error, `/params/${name}/read`];
  if (wrong === undefined) return input.ok ? input.value : "fault";
  fault(context, "PLAN_PARAM_READ", at + wrong.pointer, wrong.message);
  return "fault";
}

/** Whether a session can be opened with the default. What depends on the user and the day is tried in one zone and on one day. */
function takesDefault(fallback: Json, match: Match, input: Input | undefined): boolean {
  const read = input?.read(fallback, { user: { zone: "UTC" }, now: 0, zones: utcOnly });
  if (read?.ok === false) return false;
  return match.check(read === undefined ? fallback : read.value) === undefined;
}

function compileFlow(rule: FlowRule, index: number): CompiledFlow {
  const tools = typeof rule.to === "string" ? [rule.to] : rule.to;
  return {
    index,
    id: rule.id,
    tools,
    args: rule.args && new Set(rule.args),
    roles: rule.roles && new Set(rule.roles),
    covers: (tool) => tools.some((glob) => globMatches(glob, tool)),
    needsApproval: rule.approve === "human",
  };
}

/** Whether `glob` (in which `*` stands for any text) covers the whole of `text`. Linear: greedy pieces, left to right. */
export function globMatches(glob: string, text: string): boolean {
  const pieces = glob.split("*");
  const first = pieces[0] as string;
  if (pieces.length === 1) return text === glob;
  const last = pieces.at(-1) as string;
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = text.indexOf(piece, at);
    if (found < 0 || found + piece.length > text.length - last.length) return false;
    at = found + piece.length;
  }
  return true;
}

/** Fills in predecessors and closers; returns the nodes in order of dependence, or `undefined` on a cycle. */
function link(drafts: readonly DraftNode[]): readonly number[] | undefined {
  const direct = drafts.map((draft) => new Set([...draft.after, ...draft.reads.map((read) => read.node)]));
  const order = indexOrder(direct);
  if (order === undefined) return undefined;
  const through = new Map<number, ReadonlySet<number>>();
  for (const index of order) {
    const reads = new Set<number>();
    for (const other of direct[index] ?? []) {
      if (drafts[other]?.node.let === undefined) reads.add(other);
      else for (const far of through.get(other) ?? []) reads.add(far);
    }
    through.set(index, reads);
    const draft = drafts[index] as DraftNode;
    draft.node.predecessors = [...reads].sort((a, b) => a - b);
  }
  const closers = new Map<number, number[]>();
  for (const { node } of drafts) {
    if (node.let !== undefined) continue;
    for (const before of node.predecessors) {
      const isLooped = node.each?.kind === "node" && node.each.node === before;
      if (drafts[before]?.node.isOptional && !isLooped) closers.set(before, [...(closers.get(before) ?? []), node.index]);
    }
  }
  for (const [index, list] of closers) (drafts[index] as DraftNode).node.closers = list;
  return order;
}

/** Settles, in order of dependence: what each node shows in effect, what each rule reads hidden, whose runs vary. */
function settleHidden(drafts: readonly DraftNode[], order: readonly number[]): void {
  const varies: boolean[] = drafts.map(() => false);
  for (const index of order) {
    const draft = drafts[index] as DraftNode;
    const { node } = draft;
    for (const read of draft.reads) {
      const from = (drafts[read.node] as DraftNode).node;
      read.isHidden = isHiddenPart(from.show, read.steps);
      const isRow = node.each?.kind === "node" && node.each.node === read.node;
      read.isVariable = (varies[read.node] as boolean) || ((isRow || draft.picking.has(read)) && from.max > 1);
      from.isReferred = true;
    }
    for (const { rule, reads } of draft.rules) rule.isHidden = reads.some((read) => read.isHidden);
    const isHidden = draft.reads.some((read) => read.isHidden);
    if (node.let !== undefined) {
      node.show = isHidden ? "none" : "all";
      varies[index] = draft.reads.some((read) => read.isVariable);
    } else {
      node.show = draft.declaredShow ?? (draft.rules.some(({ rule }) => rule.isHidden) ? "none" : "all");
      const loops = node.each !== undefined && (varies[node.each.node] || isRepeated(node, drafts)) === true;
      varies[index] = node.isOptional || node.min === 0 || node.when !== undefined || loops;
    }
    node.hiddenReads = hiddenReadsOf(draft, drafts);
  }
}

/** Whether a node loops over the runs of a node that may run more than once: how many rows there are is the agent's choice. */
function isRepeated(node: CompiledNode, drafts: readonly DraftNode[]): boolean {
  return node.each?.kind === "node" && (drafts[node.each.node] as DraftNode).node.max > 1;
}

/** Whether the part of a result that `steps` lead to is hidden from the agent: not wholly within a shown path. */
function isHiddenPart(show: CompiledNode["show"], steps: readonly PathStep[]): boolean {
  if (show === "all") return false;
  if (show === "none") return true;
  return !show.some((path) => {
    const shown = stepsOf(path);
    if (!isStepped(path)) return false;
    return shown.length <= steps.length && shown.every((step, i) => step === null || step === steps[i]);
  });
}

/** See "Verdict reads" in `src/README.md`: hidden parts read, hidden outcomes waited for, and those of guarded or looping predecessors. */
function hiddenReadsOf(draft: DraftNode, drafts: readonly DraftNode[]): readonly NodeRead[] {
  const found = new Map<string, NodeRead>();
  const add = (read: NodeRead): void => void found.set(`${read.node} ${JSON.stringify(read.prefix)}`, read);
  for (const read of draft.reads) {
    const from = (drafts[read.node] as DraftNode).node;
    if (from.let !== undefined) from.hiddenReads.forEach(add);
    else if (read.isHidden) add(read);
  }
  for (const before of draft.node.predecessors) {
    const { node } = drafts[before] as DraftNode;
    if (node.show === "none") add({ node: before, prefix: [], steps: [], isHidden: true, isVariable: false });
    if (node.when !== undefined || node.each !== undefined) node.hiddenReads.forEach(add);
  }
  // Whether the node may be tried again depends on an outcome of its own that the agent was not told.
  if (draft.node.isIdempotent && draft.node.show === "none")
    add({ node: draft.node.index, prefix: [], steps: [], isHidden: true, isVariable: false });
  return [...found.values()];
}

function groupByTool(nodes: readonly CompiledNode[]): ReadonlyMap<string, readonly CompiledNode[]> {
  const groups = new Map<string, CompiledNode[]>();
  for (const node of nodes) {
    if (node.tool === undefined) continue;
    const group = groups.get(node.tool.name);
    if (group === undefined) groups.set(node.tool.name, [node]);
    else group.push(node);
  }
  return groups;
}

/** Hosts in the constants of a plan, at any depth. */
function hostsOf(nodes: readonly CompiledNode[]): readonly string[] {
  const hosts = new Set<string>();
  const visit = (rule: CompiledRule): void => {
    if (rule.kind === "const") for (const host of hostsIn(rule.value)) hosts.add(host);
    if (rule.kind === "object") for (const { rule: part } of rule.members) visit(part);
    if (rule.kind === "list") rule.elements.forEach(visit);
  };
  for (const node of nodes) for (const { rule } of node.args) visit(rule);
  return [...hosts].sort();
}

/** Hosts of the links in all texts of a value, and texts that are hosts themselves. */
export function hostsIn(value: Json): readonly string[] {
  if (typeof value === "string") {
    const whole = readHost(value);
    return [...(whole.ok ? [whole.value.host] : []), ...linksIn(value).map((link) => link.host)];
  }
  if (value === null || typeof value !== "object") return [];
  return Object.values(value).flatMap(hostsIn);
}

/** Whether a sent argument that the plan does not mention may be dropped: `null`, or the tool's own default. */
export function isDroppable(node: CompiledNode, name: string, value: Json): boolean {
  return value === null || (node.defaults.has(name) && jsonEqual(node.defaults.get(name), value));
}
