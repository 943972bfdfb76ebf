/**
 * What traces would need beyond a frozen plan: a draft amendment, and what it would let through. Nothing is frozen by it.
 * Pure. The frozen plan stays as it is: an amendment is a person's to approve.
 */
import { diffPlans, type PlanDiff } from "../amend/diff.ts";
import { amendedPlan } from "../amend/given.ts";
import type { Catalogue } from "../catalogue/catalogue.ts";
import { canonicalJson } from "../json/canonical.ts";
import { isObject, type Json, type JsonObject } from "../json/value.ts";
import type { Finding } from "../plan/finding.ts";
import { freezePlan } from "../plan/freeze.ts";
import { freshName } from "../plan/names.ts";
import type { ArgRule, FrozenPlan, ParamSpec, Plan, PlanNode } from "../plan/plan.ts";
import { parsePlan } from "../plan/schema.ts";
import { bareName, qualifiedName } from "../plan/tool-name.ts";
import { type ReplayedCall, replayTrace } from "../replay.ts";
import { ok, type Result } from "../result.ts";
import type { Trace } from "../trace.ts";
import { type Learned, learnPlan } from "./learn.ts";
import { placesWhere } from "./places.ts";
import { type Names, renamePlan } from "./rename.ts";
import { readTask } from "./task-words.ts";

/** A call of a trace that the frozen plan denies. */
export interface Beyond {
  /** Place of the trace, from 0. */
  readonly trace: number;
  /** Place of the call in it, from 0; -1: the session could not be opened. */
  readonly call: number;
  readonly tool: string;
  readonly code: string;
  readonly node: string | null;
  readonly argument?: string;
}

/** How traces compare with a frozen plan. */
export interface Comparison {
  /** Calls that the plan denies. None: the plan allows all traces. */
  readonly beyond: readonly Beyond[];
  /** Nodes that would have to be added or changed, by name: the draft of an amendment. */
  readonly amendment: { readonly nodes: { readonly [name: string]: PlanNode } };
  /** Parameters that these nodes ask for and the plan has not: no amendment can add them, only a new plan. */
  readonly newParams: readonly string[];
  /** What the plan with the amendment lets through that the plan does not. Absent: it cannot be frozen, see `findings`. */
  readonly diff?: PlanDiff;
  /** Parameters of the plan under which each trace was replayed: taken from the trace, so that an attacked trace brings the attacker's. */
  readonly params: readonly JsonObject[];
  /** Nodes of the plan that no trace ran. */
  readonly unused: readonly string[];
  /** What was said of the draft, and why the plan with the amendment cannot be frozen. */
  readonly findings: readonly Finding[];
}

/** Learns the traces and compares what they need with the plan. Errors: those of learning. */
export function compareWithPlan(
  frozen: FrozenPlan,
  given: readonly Trace[],
  catalogue: Catalogue,
): Result<Comparison, readonly Finding[]> {
  const traces = given.map((trace) => qualified(trace, catalogue));
  const learned = learnPlan(traces, catalogue, { name: frozen.plan.name });
  if (!learned.ok) return learned;
  const draft = freezePlan(learned.value.plan, catalogue);
  if (!draft.ok) return draft;
  const params = traces.map((trace, place) => paramsFor(frozen.plan, trace, learned.value.params[place] ?? {}));
  const replays = traces.map((trace, place): Pair => {
    const old = replayTrace(frozen, trace, { params: params[place] ?? {} });
    const own = replayTrace(draft.value, trace, { params: learned.value.params[place] ?? {} });
    return { trace, old: old.ok ? old.value : old.error, own: own.ok ? own.value : [] };
  });
  const beyond = replays.flatMap(beyondOf);
  const names = namesOf(frozen.plan, learned.value, replays);
  const renamed = renamePlan(learned.value.plan, names);
  const needed = neededNodes(replays, names, renamed);
  const newParams = paramsIn(needed).filter((name) => !Object.hasOwn(frozen.plan.params ?? {}, name));
  const ran = new Set(
    replays.flatMap(({ old }) =>
      (isCalls(old) ? old : []).flatMap(({ verdict, node }) => (verdict === "allow" && node !== null ? [node] : [])),
    ),
  );
  const unused = Object.keys(frozen.plan.nodes).filter((name) => frozen.plan.nodes[name]?.tool !== undefined && !ran.has(name));
  const said = aboutNodes(learned.value.findings, names, needed);
  const base = { beyond, amendment: { nodes: needed }, newParams, params, unused };
  const child = childOf({
    frozen,
    needed,
    catalogue,
    newParams: newParams.map((name) => [name, renamed.params?.[name]] as const),
  });
  if (!child.ok) return ok({ ...base, findings: [...said, ...child.error] });
  const diff = diffPlans(frozen, child.value);
  return ok({ ...base, findings: said, ...(diff.ok && { diff: diff.value }) });
}

/** A trace with the full names of its tools: the tools of a frozen plan are known by these only. */
function qualified(trace: Trace, catalogue: Catalogue): Trace {
  const names = [...catalogue.tools.keys()];
  return {
    ...trace,
    events: trace.events.map((event) => (event.type === "call" ? { ...event, tool: qualifiedName(event.tool, names) } : event)),
  };
}

interface Pair {
  readonly trace: Trace;
  readonly old: readonly ReplayedCall[] | readonly Finding[];
  readonly own: readonly ReplayedCall[];
}

function isCalls(old: Pair["old"]): old is readonly ReplayedCall[] {
  return old.length === 0 || "i" in (old[0] as object);
}

/** What was said of nodes that are needed, at the names that they have there. */
function aboutNodes(
  findings: readonly Finding[],
  names: Names,
  needed: { readonly [name: string]: PlanNode },
): readonly Finding[] {
  return findings.flatMap((finding) => {
    const [, part, name = "", ...rest] = finding.pointer.split("/");
    const own = names.nodes.get(name) ?? name;
    if (part !== "nodes") return [finding];
    return Object.hasOwn(needed, own) ? [{ ...finding, pointer: ["", part, own, ...rest].join("/") }] : [];
  });
}

function toolsOf({ events }: Trace): readonly string[] {
  return events.filter((event) => event.type === "call").map(({ tool }) => tool);
}

function beyondOf({ trace, old }: Pair, place: number): readonly Beyond[] {
  if (!isCalls(old))
    return [{ trace: place, call: -1, tool: "", code: (old[0] as Finding | undefined)?.code ?? "INTERNAL", node: null }];
  const tools = toolsOf(trace);
  return old
    .filter(({ verdict }) => verdict === "deny")
    .map(({ i, code, node, argument }) => ({
      trace: place,
      call: i,
      tool: tools[i] ?? "",
      code: code ?? "INTERNAL",
      node,
      ...(argument === undefined ? {} : { argument }),
    }));
}

/** Names of learned nodes and parameters as the plan has them: nodes by the calls that both ran, parameters by the arguments that they fill. */
function namesOf(plan: Plan, learned: Learned, replays: readonly Pair[]): Names {
  const votes = new Map<string, Map<string, number>>();
  for (const { old, own } of replays) {
    for (const [place, call] of own.entries()) {
      const other = isCalls(old) ? old[place]?.node : undefined;
      if (call.node === null || other === null || other === undefined) continue;
      const known = votes.get(call.node) ?? new Map<string, number>();
      votes.set(call.node, known.set(other, (known.get(other) ?? 0) + 1));
    }
  }
  const nodes = new Map<string, string>();
  const taken = new Set<string>();
  for (const [name, known] of votes) {
    const best = [...known].sort((a, b) => b[1] - a[1]).find(([other]) => !taken.has(other))?.[0];
    if (best === undefined) continue;
    nodes.set(name, best);
    taken.add(best);
  }
  // A node that is new must not take the name of one that the plan has.
  for (const name of Object.keys(plan.nodes)) taken.add(name);
  for (const name of Object.keys(learned.plan.nodes)) if (!nodes.has(name)) nodes.set(name, freshName(name, taken));
  return { nodes, params: paramNames(plan, learned.plan, nodes) };
}

function paramNames(plan: Plan, learned: Plan, nodes: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const [name, node] of Object.entries(learned.nodes)) {
    const old = plan.nodes[nodes.get(name) ?? ""]?.args ?? {};
    for (const [arg, rule] of Object.entries(node.args ?? {})) {
      const [own, other] = [paramOf(rule), paramOf(old[arg])];
      if (own !== undefined && other !== undefined && !names.has(own)) names.set(own, other);
    }
  }
  return names;
}

function paramOf(rule: ArgRule | undefined): string | undefined {
  return typeof rule === "object" && rule !== null && "param" in rule ? rule.param : undefined;
}

/** The renamed nodes of which the plan denied a call, with the computed nodes that they read. */
function neededNodes(replays: readonly Pair[], names: Names, renamed: Plan): { readonly [name: string]: PlanNode } {
  const needed = new Set<string>();
  for (const { old, own } of replays) {
    for (const [place, call] of own.entries()) {
      const isDenied = !isCalls(old) || old[place]?.verdict === "deny";
      if (isDenied && call.node !== null) needed.add(names.nodes.get(call.node) ?? call.node);
    }
  }
  const found: Record<string, PlanNode> = {};
  const add = (name: string): void => {
    const node = renamed.nodes[name];
    if (node === undefined || Object.hasOwn(found, name)) return;
    const text = canonicalJson(node as unknown as Json);
    for (const [other, { let: expression }] of Object.entries(renamed.nodes))
      if (expression !== undefined && new RegExp(`(?<![A-Za-z0-9_])${other}(?![A-Za-z0-9_])`).test(text)) add(other);
    found[name] = node;
  };
  for (const name of needed) add(name);
  return found;
}

function paramsIn(nodes: { readonly [name: string]: PlanNode }): readonly string[] {
  const text = canonicalJson(nodes as unknown as Json);
  const found = [...text.matchAll(/"param":"([^"]+)"|\bparams\.([A-Za-z_][A-Za-z0-9_]*)/g)].map(
    (match) => match[1] ?? match[2] ?? "",
  );
  return [...new Set(found)].sort();
}

interface Child {
  readonly frozen: FrozenPlan;
  readonly needed: { readonly [name: string]: PlanNode };
  readonly catalogue: Catalogue;
  readonly newParams: readonly (readonly [string, ParamSpec | undefined])[];
}

function childOf({ frozen, needed, catalogue, newParams }: Child): Result<FrozenPlan, readonly Finding[]> {
  const merged = amendedPlan(frozen.plan, { nodes: needed } as unknown as Json);
  const value = merged.ok && isObject(merged.value) ? merged.value : (frozen.plan as unknown as JsonObject);
  const given = newParams.filter((entry): entry is readonly [string, ParamSpec] => entry[1] !== undefined);
  const params =
    given.length === 0 ? {} : { params: { ...(value.params as JsonObject | undefined), ...Object.fromEntries(given) } };
  const plan = parsePlan({ ...value, ...params } as Json);
  return plan.ok ? freezePlan(plan.value, catalogue) : plan;
}

/**
 * The parameters that a trace would have run under: those that learning found, where the plan has them by the same name; else the value of
 * the first call of a node that has the parameter as an argument.
 */
function paramsFor(plan: Plan, trace: Trace, known: JsonObject): JsonObject {
  const found: Record<string, Json> = {};
  const calls = trace.events.filter((event) => event.type === "call");
  for (const name of Object.keys(plan.params ?? {})) {
    if (Object.hasOwn(known, name)) found[name] = known[name] as Json;
    for (const node of Object.values(plan.nodes)) {
      const arg = Object.entries(node.args ?? {}).find(([, rule]) => paramOf(rule) === name)?.[0];
      if (arg === undefined || node.tool === undefined) continue;
      const { tool } = node;
      const call = calls.find((one) => one.tool === tool || one.tool === bareName(tool));
      const value = call?.args[arg];
      if (value !== undefined && value !== null) found[name] = value;
    }
    const word = Object.hasOwn(found, name) ? undefined : wordFor(plan, name, trace);
    if (word !== undefined) found[name] = word;
  }
  return found;
}

/** The word of the task that a result has in the member with which the plan compares a parameter. */
function wordFor(plan: Plan, name: string, trace: Trace): Json | undefined {
  const code = Object.values(plan.nodes).flatMap(({ let: expression, each }) => [
    expression ?? "",
    typeof each === "object" ? (each.where ?? "") : "",
  ]);
  const test = new RegExp(`[.]([A-Za-z_][A-Za-z0-9_]*) == params[.]${name}(?![A-Za-z0-9_])`);
  const member = code.map((text) => test.exec(text)?.[1]).find((found) => found !== undefined);
  if (member === undefined) return undefined;
  const task = readTask(trace.task ?? "");
  const sources = trace.events.flatMap((event) =>
    event.type === "result" ? [{ name: event.id, runs: [event.value], isLoop: false, isPartial: false }] : [],
  );
  const places = placesWhere(sources, (value) => typeof value === "string" && task.find(value) !== undefined);
  return places.find(({ path }) => path.at(-1) === member)?.value;
}
