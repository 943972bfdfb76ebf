/**
 * Plays a plan by itself: finds parameters, an agent's arguments and made-up tool results under which the engine allows what is asked for.
 * Pure and deterministic. What it finds was allowed by the real engine and replays; that it finds nothing proves nothing.
 */
import type { SqlParser } from "../constraints/sql.ts";
import type { Verdict } from "../decide/verdict.ts";
import { createGuard, type Guard } from "../engine.ts";
import type { JsonObject } from "../json/value.ts";
import type { CompiledNode } from "../plan/compile/compiled.ts";
import type { FrozenPlan } from "../plan/plan.ts";
import { replayTrace } from "../replay.ts";
import type { TraceEvent } from "../trace.ts";
import { isAsked, withoutApprovals } from "./approvals.ts";
import { openInventor } from "./invent.ts";
import { nodesAfter, nodesBefore, playOrder } from "./order.ts";
import type { Played, Script, Stage } from "./play.ts";
import { dimensionsOf, searchRun, type Tries } from "./search.ts";
import { readWishes } from "./wishes.ts";

/** A line of a driven trace, as `replay` reads it. */
export type TraceEntry = TraceEvent;

/** What a drive came to. */
export type Drive =
  | {
      readonly ok: true;
      readonly trace: readonly TraceEntry[];
      readonly params: JsonObject;
      /** Nodes that ran, in order of their first run; the last call of the trace is the goal's. */
      readonly nodes: readonly string[];
      /** Those of them whose calls a person must approve: the drive takes them as approved, `replay` does not. */
      readonly approved: readonly string[];
    }
  | { readonly ok: false; readonly why: string };

/** What is to be reached: a call of a node, with that argument there, and with that label on it. */
export interface DriveGoal {
  readonly node: string;
  readonly argument?: string;
  /** A label name, or `untrusted` for any untrusted one. Without an argument: on any argument. */
  readonly label?: string;
}

/** Bounds of a drive. */
export interface DriveOptions {
  /** Runs that are played at most. Default 2,000. */
  readonly tries?: number;
  /** Parsers of the dialects that the plan names. */
  readonly sql?: readonly SqlParser[];
  /** `playThrough`: first what strangers wrote, then what the agent chooses. */
  readonly readsFirst?: boolean;
}

/** Runs that one drive plays. Each takes well under a millisecond for plans of a few nodes. */
const triesDefault = 2_000;
/** Other nodes that one drive tries to run first, for their labels. */
const detoursMax = 24;

/** Finds a run in which the engine allows a call of `goal.node` (with what else the goal asks for). */
export function driveTo(frozen: FrozenPlan, goal: DriveGoal, options: DriveOptions = {}): Drive {
  const stage = openStage(frozen, options);
  if (typeof stage === "string") return { ok: false, why: stage };
  const node = stage.guard.program.plan.byName.get(goal.node);
  if (node?.tool === undefined) return { ok: false, why: `\`${goal.node}\` is no node with a tool` };
  if (goal.argument !== undefined && !node.argNames.has(goal.argument))
    return { ok: false, why: `\`${goal.node}\` has no argument \`${goal.argument}\`` };
  const tries: Tries = { left: options.tries ?? triesDefault };
  let why: string | undefined;
  const isDone = (called: CompiledNode, verdict: Verdict): boolean => called === node && meets(stage.guard, goal, verdict);
  for (const { order, runs } of routes(stage, node, goal)) {
    if (tries.left <= 0) break;
    const found = reach(stage, { order, runs, assignment: new Map(), isLenient: false, isDone }, tries);
    if (found.isDone) return driven(stage, found, options);
    why ??= whyNot(stage, found, goal);
  }
  return { ok: false, why: why ?? "nothing was tried" };
}

/** Plays every node that can run, in one run. */
export function playThrough(frozen: FrozenPlan, options: DriveOptions = {}): Drive {
  const stage = openStage(frozen, options);
  if (typeof stage === "string") return { ok: false, why: stage };
  const { plan } = stage.guard.program;
  const tries: Tries = { left: options.tries ?? triesDefault };
  const all = new Set(plan.nodes.map(({ index }) => index));
  const { toolLabels } = stage.guard.program;
  const rank = (node: CompiledNode): number => (toolLabels[node.index]?.isUntrusted ? 0 : 1);
  let script: Script = {
    order: playOrder(plan, all, options.readsFirst ? rank : undefined),
    runs: 1,
    assignment: new Map(),
    isLenient: false,
  };
  for (let left = script.order.length; left >= 0; left--) {
    const { played, assignment } = searchRun(stage, script, tries);
    if (played.failure === undefined) return driven(stage, played, options);
    const failed = played.failure.node;
    if (failed < 0) return { ok: false, why: "no parameters were found that the plan takes" };
    script = { ...script, assignment, order: script.order.filter(({ index }) => index !== failed) };
  }
  return { ok: false, why: "no node runs" };
}

/** The engine for a plan in which a person approves whatever is asked, and what its rules wish for; or why there is none. */
export function openStage(frozen: FrozenPlan, { sql = [] }: DriveOptions = {}): Stage | string {
  const held = createGuard(frozen, { clock, sql });
  // The plan as its policy leaves it, so that approvals of the policy are taken as given, too.
  const guard = held.ok ? createGuard(withoutApprovals(held.value.program.plan.frozen), { clock, sql }) : held;
  if (!guard.ok) return guard.error[0]?.message ?? "the plan cannot be enforced";
  const nodes = held.ok ? Object.entries(held.value.program.plan.frozen.plan.nodes) : [];
  const asked = new Set(nodes.flatMap(([name, node]) => (isAsked(node) ? [name] : [])));
  return { guard: guard.value, wishes: readWishes(guard.value.program), inventor: openInventor(), held: frozen, asked };
}

const clock = (): number => 0;

function meets({ program }: Guard, { argument, label }: DriveGoal, verdict: Verdict): boolean {
  if (verdict.decision !== "allow") return false;
  if (argument !== undefined && !Object.hasOwn(verdict.args, argument)) return false;
  if (label === undefined) return true;
  const names = argument === undefined ? Object.keys(verdict.labels) : [argument];
  return names.some((name) =>
    verdict.labels[name]?.sources.some(
      (source) => source === label || (label === "untrusted" && !program.labels.isTrusted(source)),
    ),
  );
}

interface Route {
  readonly order: readonly CompiledNode[];
  readonly runs: number;
}

/** Ways to the goal, the shortest first: what it needs; all that comes before it; others first, for their labels; everything twice. */
function* routes({ guard }: Stage, goal: CompiledNode, { label }: DriveGoal): Generator<Route> {
  const { plan } = guard.program;
  const last = (node: CompiledNode): number => (node === goal ? 1 : 0);
  const needed = nodesBefore(plan, [goal], "needed");
  const all = nodesBefore(plan, [goal], "all");
  yield { order: playOrder(plan, needed, last), runs: 1 };
  if (all.size > needed.size) yield { order: playOrder(plan, all, last), runs: 1 };
  if (label === undefined) return;
  const late = nodesAfter(plan, goal);
  const others = plan.nodes.filter(({ index, tool }) => tool !== undefined && index !== goal.index && !late.has(index));
  for (const detour of [...others].sort((a, b) => bears(guard, b, label) - bears(guard, a, label)).slice(0, detoursMax))
    for (const base of [needed, all]) {
      const wanted = new Set([...base, ...nodesBefore(plan, [detour], "needed")]);
      if (wanted.size > base.size) yield { order: playOrder(plan, wanted, last), runs: 1 };
    }
  const every = new Set(others.map(({ index }) => index).concat(goal.index));
  yield { order: playOrder(plan, every, last), runs: 1 };
  yield { order: playOrder(plan, every, last), runs: 2 };
}

/** 1 if the node's results carry the label by themselves. */
function bears({ program }: Guard, node: CompiledNode, label: string): number {
  return node.labels.some((name) => name === label || (label === "untrusted" && !program.labels.isTrusted(name))) ? 1 : 0;
}

/** Searches one route; if the goal is called but not as wanted, one thing after the other is changed. */
function reach(stage: Stage, script: Script, tries: Tries): Played {
  const { played, assignment } = searchRun(stage, script, tries);
  if (played.isDone || played.failure !== undefined) return played;
  const removing = stage.guard.program.plan.nodes.filter(({ removes }) => removes !== undefined);
  const flips = [
    ...removing.map(({ index }) => ({ key: `r${index}`, size: 2 })),
    ...script.order.flatMap(({ index }) => dimensionsOf(stage, index)),
  ];
  for (const { key, size } of flips.slice(0, flipsMax)) {
    for (let at = 1; at < size && tries.left > 0; at++) {
      const found = searchRun(stage, { ...script, assignment: new Map(assignment).set(key, at) }, tries).played;
      if (found.isDone) return found;
    }
  }
  return played;
}

/** Things that are changed on one route when only the label is missing. */
const flipsMax = 40;

/** A run as a drive; it must replay. What a person is asked is what the plan itself holds back in it. */
function driven({ guard, held, asked }: Stage, { trace, params, ran }: Played, { sql = [] }: DriveOptions): Drive {
  const run = { events: trace };
  const replayed = replayTrace(guard.program.plan.frozen, run, { params, sql });
  if (!replayed.ok || replayed.value.some(({ verdict }) => verdict === "deny"))
    return { ok: false, why: "a run was found that does not replay" };
  const own = replayTrace(held, run, { params, sql });
  const waiting = new Set(
    own.ok ? own.value.flatMap(({ code, node }) => (code === "CALL_NEEDS_APPROVAL" ? (node ?? []) : [])) : [],
  );
  return { ok: true, trace, params, nodes: ran, approved: ran.filter((name) => asked.has(name) || waiting.has(name)) };
}

function whyNot({ guard }: Stage, { failure }: Played, { node, argument, label }: DriveGoal): string {
  if (failure === undefined)
    return `\`${node}\` is called, but ${label === undefined ? `without \`${argument}\`` : `never with \`${label}\``}`;
  if (failure.node < 0) return "no parameters were found that the plan takes";
  const name = guard.program.plan.nodes[failure.node]?.name ?? "";
  return `\`${name}\` does not run: ${failure.code}${failure.argument === undefined ? "" : ` at \`${failure.argument}\``}`;
}
