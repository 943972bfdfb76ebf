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
import type { Label } from "../taint/label.ts";
import type { TraceEvent } from "../trace.ts";
import { isAsked, withoutApprovals } from "./approvals.ts";
import { openInventor } from "./invent.ts";
import { playOrder } from "./order.ts";
import type { Played, Script, Stage } from "./play.ts";
import { inTurn, routes } from "./routes.ts";
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
  /** The label is asked of the fact that the call happens: what the agent had seen, what a guard or a loop read. */
  readonly isControl?: true;
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

/** Finds a run in which the engine allows a call of `goal.node` (with what else the goal asks for). */
export function driveTo(frozen: FrozenPlan, goal: DriveGoal, options: DriveOptions = {}): Drive {
  const stage = openStage(frozen, options);
  if (typeof stage === "string") return { ok: false, why: stage };
  const node = stage.guard.program.plan.byName.get(goal.node);
  if (node?.tool === undefined) return { ok: false, why: `\`${goal.node}\` is no node with a tool` };
  if (goal.argument !== undefined && !node.argNames.has(goal.argument))
    return { ok: false, why: `\`${goal.node}\` has no argument \`${goal.argument}\`` };
  const tries: Tries = { left: options.tries ?? triesDefault };
  const isDone = (verdict: Verdict, occurrence: Label): boolean => meets(stage.guard, goal, { verdict, occurrence });
  const called: Script[] = [];
  let why: string | undefined;
  for (const route of routes(stage, node, goal)) {
    if (tries.left <= 0) break;
    const script: Script = { ...route, assignment: new Map(), isLenient: false, isDone };
    const { played, assignment } = searchRun(stage, script, tries);
    if (played.isDone) return driven(stage, played, options);
    if (played.failure === undefined) called.push({ ...script, assignment });
    why ??= whyNot(stage, played, goal);
  }
  for (const script of called) {
    const found = change(stage, script, tries);
    if (found !== undefined) return driven(stage, found, options);
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
    order: inTurn(playOrder(plan, all, options.readsFirst ? rank : undefined)),
    runs: 1,
    assignment: new Map(),
    isLenient: false,
  };
  for (let left = script.order.length; left >= 0; left--) {
    const { played, assignment } = searchRun(stage, script, tries);
    if (played.failure === undefined) return driven(stage, played, options);
    const failed = played.failure.node;
    if (failed < 0) return { ok: false, why: "no parameters were found that the plan takes" };
    script = { ...script, assignment, order: script.order.filter(({ node }) => node.index !== failed) };
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

function meets(
  { program: { labels } }: Guard,
  { argument, label, isControl }: DriveGoal,
  { verdict, occurrence }: { readonly verdict: Verdict; readonly occurrence: Label },
): boolean {
  if (verdict.decision !== "allow") return false;
  if (argument !== undefined && !Object.hasOwn(verdict.args, argument)) return false;
  if (label === undefined) return true;
  const carries = (sources: readonly string[]): boolean =>
    sources.some((source) => source === label || (label === "untrusted" && !labels.isTrusted(source)));
  if (isControl) return carries(labels.toValue(occurrence).sources);
  const names = argument === undefined ? Object.keys(verdict.labels) : [argument];
  return names.some((name) => carries(verdict.labels[name]?.sources ?? []));
}

/** Searches on where the goal is called, but not as wanted: one thing after the other is changed. */
function change(stage: Stage, script: Script, tries: Tries): Played | undefined {
  const removing = stage.guard.program.plan.nodes.filter(({ removes }) => removes !== undefined);
  const flips = [
    ...removing.map(({ index }) => ({ key: `r${index}`, size: 2 })),
    ...script.order.flatMap(({ node }) => dimensionsOf(stage, node.index)),
  ];
  for (const { key, size } of flips.slice(0, flipsMax)) {
    for (let at = 1; at < size && tries.left > 0; at++) {
      const found = searchRun(stage, { ...script, assignment: new Map(script.assignment).set(key, at) }, tries).played;
      if (found.isDone) return found;
    }
  }
  return undefined;
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
