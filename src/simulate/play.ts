/**
 * Plays one run of a plan against the real engine: an honest agent, and tools that answer what was made up for them.
 * Pure and deterministic: no clock, no randomness. Every call goes through the engine, and only its verdict counts.
 */
import type { Code } from "../codes.ts";
import { occurrenceLabel } from "../decide/flow.ts";
import { evaluate, isInOrder, isSettled, openScope, rowsOf, type RowScope, type Scope } from "../decide/rows.ts";
import type { Verdict } from "../decide/verdict.ts";
import type { Guard, Session } from "../engine.ts";
import type { Json, JsonObject } from "../json/value.ts";
import type { CompiledNode } from "../plan/compile/compiled.ts";
import type { FrozenPlan, PlanNode } from "../plan/plan.ts";
import { bottom, type Label } from "../taint/label.ts";
import { isErrorResult, type TraceEvent } from "../trace.ts";
import { agentArgs } from "./agent.ts";
import type { Assignment, Inventor } from "./invent.ts";
import type { Wishes } from "./wishes.ts";

/** What is played. */
export interface Stage {
  readonly guard: Guard;
  readonly wishes: Wishes;
  readonly inventor: Inventor;
  /** The plan with its approvals. */
  readonly held: FrozenPlan;
  /** Nodes whose calls a person approves; here they are taken as approved. */
  readonly asked: ReadonlySet<string>;
}

/** One place of a script: the calls that a node makes there. */
export interface Visit {
  readonly node: CompiledNode;
  /** Calls at most; absent: as many as there are rows, and the script wants runs. */
  readonly calls?: number;
  /** Its calls fail: an idempotent node may try again later. */
  readonly fails?: true;
  /** One run more than the script wants, if the node may. */
  readonly again?: true;
}

/** How a run is played. */
export interface Script {
  /** Nodes in the order in which they are called; a node may come several times. */
  readonly order: readonly Visit[];
  readonly assignment: Assignment;
  /** Runs of each node (and row), if it may have as many. */
  readonly runs: number;
  /** Whether to go on without a node that does not run. */
  readonly isLenient: boolean;
  /** Looked at after each call of the last node; true ends the run. `occurrence`: the label of the fact that the call happens. */
  readonly isDone?: (verdict: Verdict, occurrence: Label) => boolean;
}

/** A run as it was played. */
export interface Played {
  readonly params: JsonObject;
  readonly trace: readonly TraceEvent[];
  /** Names of the nodes that ran, in order of their first run. */
  readonly ran: readonly string[];
  /** Places in the order that were passed. */
  readonly passed: number;
  readonly isDone: boolean;
  /** Where it stopped, or the first node that did not run. */
  readonly failure?: { readonly node: number; readonly code: Code | "UNSETTLED"; readonly argument?: string };
}

/** Calls of one node in one run. */
const callsPerNodeMax = 64;
/** What every session is opened with: the same as `replay`, so that handles agree. */
export const sessionOfDrive = { id: "replay", key: "0".repeat(32) } as const;

interface Playing {
  readonly stage: Stage;
  readonly script: Script;
  readonly session: Session;
  readonly trace: TraceEvent[];
  readonly ran: Set<string>;
}

/** Plays a script. */
export function play(stage: Stage, script: Script): Played {
  const params = paramsOf(stage, script.assignment);
  const opened = stage.guard.session({ ...sessionOfDrive, params });
  const nothing = { params, trace: [], ran: [], passed: 0, isDone: false };
  if (!opened.ok) return { ...nothing, failure: { node: -1, code: opened.error.code } };
  const playing: Playing = { stage, script, session: opened.value, trace: [], ran: new Set() };
  let passed = 0;
  let failure: Played["failure"];
  let isDone = false;
  for (const visit of script.order) {
    const outcome = playVisit(playing, visit);
    if (outcome === "done") {
      isDone = true;
      break;
    }
    if (outcome === "passed") passed += 1;
    else {
      failure ??= outcome;
      if (!script.isLenient) break;
    }
  }
  const { trace, ran } = playing;
  return { params, trace, ran: [...ran], passed, isDone, ...(failure === undefined ? {} : { failure }) };
}

function paramsOf({ wishes, inventor }: Stage, assignment: Assignment): JsonObject {
  const values = [...wishes.params].map(([name, shape]): [string, Json] => [name, inventor.make(shape, assignment, 1)]);
  return Object.fromEntries(values);
}

type Failure = NonNullable<Played["failure"]>;
type Outcome = "passed" | "done" | Failure;

/** The calls of one visit: each row, as often as it must and the script wants. */
function playVisit(playing: Playing, visit: Visit): Outcome {
  const { session, stage } = playing;
  const { node, calls: most = callsPerNodeMax } = visit;
  const { program } = stage.guard;
  const wanted = runsWanted(visit, playing.script);
  for (let calls = 0; calls < most; calls++) {
    const scope = openScope(program, session.state, 0);
    if (calls === 0 && !isInOrder(scope, node)) return { node: node.index, code: "CALL_OUT_OF_ORDER" };
    // A call that the guard refuses would only tell the agent about hidden data.
    if (node.when !== undefined && evaluate(scope, node.when) === false)
      return isWaiting(playing, visit) ? skipped(node) : "passed";
    const next = nextRow(scope, node, wanted);
    if (next === undefined) return { node: node.index, code: "CALL_EACH" };
    if (next === "none") return calls > 0 || (isSettled(scope, node) && !isWaiting(playing, visit)) ? "passed" : skipped(node);
    const outcome = playCall(playing, visit, { scope, row: next.row });
    if (outcome !== "passed") return outcome;
  }
  return "passed";
}

function skipped(node: CompiledNode): Failure {
  return { node: node.index, code: "UNSETTLED" };
}

/** Whether the run was to end with this visit, so that skipping it is no success. */
function isWaiting({ script }: Playing, visit: Visit): boolean {
  return script.isDone !== undefined && script.order.at(-1) === visit;
}

function runsWanted({ node, again }: Visit, script: Script): number {
  return Math.min(node.max, Math.max(node.min, script.runs) + (again === true ? 1 : 0));
}

/** The next row that has too few runs; `"none"` if there is none, `undefined` if the rows cannot be told. */
function nextRow(scope: Scope, node: CompiledNode, wanted: number): { readonly row: RowScope | undefined } | "none" | undefined {
  const tally = scope.state.nodes.get(node.index);
  if (node.each === undefined) return (tally?.ok.length ?? 0) < wanted ? { row: undefined } : "none";
  const rows = rowsOf(scope, node);
  if (rows === undefined) return undefined;
  const row = rows.find(({ key }) => (tally?.rows.get(key)?.ok.length ?? 0) < wanted);
  return row === undefined ? "none" : { row: { each: node.each, row } };
}

/** What a call that fails returns. */
const failure: Json = { error: "failed" };

interface CallPlace {
  readonly scope: Scope;
  readonly row: RowScope | undefined;
}

function playCall(playing: Playing, { node, fails }: Visit, { scope, row }: CallPlace): Outcome {
  const { stage, script, session, trace } = playing;
  const { program } = stage.guard;
  const spec = program.plan.frozen.plan.nodes[node.name] as PlanNode;
  const tool = node.tool?.name ?? "";
  const salt = session.state.runs.length + 1;
  const { inventor, wishes } = stage;
  const given = agentArgs(
    { fill: { ...scope, row }, inventor, agent: wishes.agent, assignment: script.assignment, salt },
    node,
    spec,
  );
  const isAlone = program.plan.byTool.get(tool)?.length === 1;
  const args = isAlone ? given : { ...given, sluice_node: node.name };
  const isLast = script.isDone !== undefined && script.order.at(-1)?.node === node;
  const occurrence = isLast ? occurrenceLabel({ ...scope, row: undefined }, node) : bottom;
  const verdict = session.check({ tool, args });
  const id = `c${trace.length + 1}`;
  if (verdict.decision === "deny") {
    const argument = verdict.facts.argument === undefined ? {} : { argument: verdict.facts.argument };
    return { node: node.index, code: verdict.code, ...argument };
  }
  trace.push({ type: "call", id, tool, args });
  playing.ran.add(node.name);
  if (isLast && script.isDone?.(verdict, occurrence) === true) return "done";
  const value = fails === true ? failure : resultOf(playing, node, verdict.run + 1);
  trace.push({ type: "result", id, value });
  session.record(verdict.run, fails === true ? { error: value } : { value });
  return "passed";
}

/** What the tool answers: as the rules wish, or, if the script wants it, something that its own schema refuses. */
function resultOf({ stage, script }: Playing, node: CompiledNode, salt: number): Json {
  const shape = stage.wishes.results.get(node.index);
  const made = shape === undefined ? null : stage.inventor.make(shape, script.assignment, salt);
  // A trace would take a lone `error` for a failure.
  const value = isErrorResult(made) ? { ...(made as JsonObject), done: true } : made;
  if (script.assignment.get(`r${node.index}`) !== 1) return value;
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value, unexpected: true } : value;
}
