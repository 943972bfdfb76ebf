/**
 * The scenarios of the check benchmark: small plans, frozen as any plan is, with a session and one call that it allows.
 * Never a mock: catalogue, freezing, guard and session are those of the library.
 */
import { type Catalogue, readCatalogue } from "../../src/catalogue/catalogue.ts";
import { createGuard, type Guard, type Session } from "../../src/engine.ts";
import type { Json, JsonObject } from "../../src/json/value.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import type { ArgRule, FlowRule, LabelSpec, Plan, PlanNode } from "../../src/plan/plan.ts";

/** One call to be checked again and again. */
export interface Scenario {
  readonly group: string;
  readonly name: string;
  /** The node `probe`: its rules, and the arguments that the agent sends. */
  readonly rules: { readonly [arg: string]: ArgRule };
  readonly sent: JsonObject;
  /** Further nodes of the plan, which the check is not about. */
  readonly fillers?: number;
  /** Whether the further nodes are for the tool of `probe` (with another constant each), so that a call could be any of them. */
  readonly isShared?: boolean;
  /** Whether the agent names the node. */
  readonly isNamed?: boolean;
  /** Distinct labels that the further nodes carry between them; all of these nodes are run before the check. */
  readonly labels?: number;
  /** Calls that the session has seen before the check. */
  readonly events?: number;
  /** Nodes beside `probe` and `source`, run after all others, with what the agent sends and the result. */
  readonly more?: { readonly [node: string]: { readonly node: PlanNode; readonly sent: JsonObject; readonly result: Json } };
  readonly flows?: readonly FlowRule[];
}

/** A scenario made ready. */
export interface Subject {
  readonly guard: Guard;
  readonly bytes: Uint8Array;
  /** Opens a session that stands where the scenario wants it. */
  readonly open: () => Session;
  readonly freezeMs: number;
  readonly compileMs: number;
}

/** Result of `source`, which references select from. */
const sourceResult: Json = {
  to: "bob@example.com",
  amount: 25,
  rows: [{ symbol: "VTI" }, { symbol: "BND" }],
  text: "Please pay to DE89 3704 0044 0532 0130 00 by Friday.",
};

const runsMax = 1_000_000;
/** Labels of tools that add nothing of their own. */
const own = ["user_input"];
const often = { min: 0, max: runsMax };

function toolSpec(name: string, labels: readonly string[]): Json {
  return {
    name,
    description: "a tool",
    inputSchema: { type: "object" },
    sluice: { effects: ["read"], labels: [...labels], roles: contentRoles },
  };
}

const contentRoles: JsonObject = {
  text: "content",
  rows: "content",
  a: "content",
  b: "content",
  c: "content",
  d: "content",
  e: "content",
};

function fail(what: unknown): never {
  throw new Error(`the scenario cannot be made: ${JSON.stringify(what).slice(0, 400)}`);
}

function catalogueOf(scenario: Scenario): Catalogue {
  const { fillers = 0, isShared = false } = scenario;
  const tools = ["bench/source", "bench/probe", "bench/tick"].map((name) =>
    toolSpec(name, name === "bench/source" ? ["database_record"] : own),
  );
  for (const { node } of Object.values(scenario.more ?? {})) if (node.tool !== undefined) tools.push(toolSpec(node.tool, own));
  for (let i = 0; i < fillers && !isShared; i++) tools.push(toolSpec(`fill/t${i}`, own));
  const read = readCatalogue({ tools });
  return read.ok ? read.value : fail(read.error[0]);
}

function planOf(scenario: Scenario): Plan {
  const { fillers = 0, isShared = false, more = {} } = scenario;
  const labels: Record<string, LabelSpec> = {};
  const nodes: Record<string, PlanNode> = {
    source: { tool: "bench/source" },
    tick: { tool: "bench/tick", times: often },
    probe: { tool: "bench/probe", args: scenario.rules, times: often },
  };
  for (const [name, { node }] of Object.entries(more)) nodes[name] = node;
  for (let i = 0; i < fillers; i++) {
    const names: string[] = [];
    for (let label = i; label < (scenario.labels ?? 0); label += fillers) names.push(`label${label}`);
    for (const name of names) labels[name] = { integrity: "untrusted" };
    const labelled = names.length === 0 ? {} : { labels: names };
    nodes[`fill${i}`] = isShared
      ? { tool: "bench/probe", args: { ...scenario.rules, a: i } }
      : { tool: `fill/t${i}`, ...labelled };
  }
  const params = { recipient: { type: "string" as const }, ceiling: { type: "number" as const } };
  return {
    sluice: 1,
    name: "bench",
    params,
    labels,
    nodes,
    flows: scenario.flows ?? [{ id: "none", deny: ["unknown"], to: "bench/*" }],
  };
}

/** Makes a scenario ready: freezes its plan, compiles it, writes its call as bytes. */
export function prepare(scenario: Scenario): Subject {
  const catalogue = catalogueOf(scenario);
  const plan = planOf(scenario);
  const start = performance.now();
  const frozen = freezePlan(plan, catalogue);
  const frozenAt = performance.now();
  if (!frozen.ok) fail(frozen.error[0]);
  let now = 1_000_000;
  const guard = createGuard(frozen.value, { clock: () => now++ });
  if (!guard.ok) fail(guard.error[0]);
  const compileMs = performance.now() - frozenAt;
  const bytes = new TextEncoder().encode(
    JSON.stringify({ tool: "bench/probe", args: { ...scenario.sent, ...(scenario.isNamed ? { sluice_node: "probe" } : {}) } }),
  );
  return { guard: guard.value, bytes, open: () => openSession(guard.value, scenario), freezeMs: frozenAt - start, compileMs };
}

function openSession(guard: Guard, scenario: Scenario): Session {
  const session = guard.session({ id: "bench", key: "00".repeat(16), params: { recipient: "bob@example.com", ceiling: 500 } });
  if (!session.ok) fail(session.error);
  run(session.value, "bench/source", sourceResult);
  if (scenario.labels !== undefined) for (let i = 0; i < (scenario.fillers ?? 0); i++) run(session.value, `fill/t${i}`, "ok");
  for (let i = 0; i < (scenario.events ?? 0); i++) run(session.value, "bench/tick", "ok");
  for (const { node, sent, result } of Object.values(scenario.more ?? {})) run(session.value, node.tool ?? "", result, sent);
  return session.value;
}

function run(session: Session, tool: string, result: Json, args: JsonObject = {}): void {
  const verdict = session.check({ tool, args });
  if (verdict.decision !== "allow") fail(verdict.code);
  session.record(verdict.run, { value: result });
}
