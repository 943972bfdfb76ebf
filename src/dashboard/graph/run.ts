/**
 * What a session did with each node of its plan, from its folded state: what is drawn on the plan's picture.
 * Pure. Asks the engine's own functions whether a node is settled or may run; never decides a call and never shows a value.
 */
import { isHoldOpen } from "../../decide/hold.ts";
import type { Program } from "../../decide/program.ts";
import { areSettled, isClosed, isInOrder, isSettled, liveCount, openScope, type Scope } from "../../decide/rows.ts";
import type { SessionEvent, SessionState } from "../../decide/state.ts";
import type { CompiledNode } from "../../plan/compile/compiled.ts";
import type { NodeState } from "./marks.ts";
import type { NodeRun, RunOnPlan } from "./plan-graph.ts";

/** A session, folded. */
export interface RunOf {
  readonly program: Program;
  readonly state: SessionState;
  readonly events: readonly SessionEvent[];
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Where an event (by its number) is looked at: an address of ours. */
  readonly hrefOf?: (event: number) => string;
}

/** What the last verdict about a node was. */
interface Last {
  readonly kind: "allow" | "deny";
  readonly event: number;
  readonly denied: number;
}

/** The run of a session on its plan as it stands. Cost grows with nodes and events, not with their product. */
export function runOnPlan({ program, state, events, now, hrefOf }: RunOf): RunOnPlan {
  const last = lastOf(events);
  const held = new Set([...state.holds.values()].filter((hold) => isHoldOpen(hold, now)).map(({ node }) => node));
  // What guards read may be large: each node may take the steps of one check, and what one has worked out the next ones know.
  const memo = new Map<number, boolean>();
  const nodes = program.plan.nodes.map((node): [string, NodeRun] => {
    const scope: Scope = { ...openScope(program, state, now), memo };
    const tally = state.nodes.get(node.index);
    const verdict = last.get(node.name);
    const counts = {
      ok: tally?.ok.length ?? 0,
      failed: (tally?.errors ?? 0) + lapsed(state, node, now),
      flight: tally === undefined ? 0 : liveCount(tally, now),
      denied: verdict?.denied ?? 0,
    };
    const isHeld = held.has(node.name);
    const found = stateOf(scope, node, { ...counts, isHeld, isLastDenied: verdict?.kind === "deny" });
    const isShown = verdict?.kind === "deny" && (found === "denied" || found === "held");
    return [node.name, { state: found, ...counts, ...(isShown && hrefOf !== undefined ? { href: hrefOf(verdict.event) } : {}) }];
  });
  return { nodes: new Map(nodes) };
}

function lastOf(events: readonly SessionEvent[]): ReadonlyMap<string, Last> {
  const last = new Map<string, Last>();
  events.forEach((event, number) => {
    if (event.type !== "allow" && event.type !== "deny") return;
    if (event.node === undefined) return;
    const denied = last.get(event.node)?.denied ?? 0;
    // A call that waits for a person is not turned down.
    const isDenied = event.type === "deny" && event.code !== "CALL_NEEDS_APPROVAL";
    last.set(event.node, { kind: event.type, event: number, denied: denied + (isDenied ? 1 : 0) });
  });
  return last;
}

/** Runs whose time is over without a result: they count as failed. */
function lapsed(state: SessionState, node: CompiledNode, now: number): number {
  const flight = state.nodes.get(node.index)?.flight ?? [];
  let count = 0;
  for (const run of flight) if (run.lease <= now) count += 1;
  return count;
}

type Counted = Pick<NodeRun, "ok" | "failed" | "flight"> & { readonly isHeld: boolean; readonly isLastDenied: boolean };

function stateOf(scope: Scope, node: CompiledNode, { ok, failed, flight, isHeld, isLastDenied }: Counted): NodeState {
  const { state } = scope;
  if (isHeld && !state.isClosed) return "held";
  if (flight > 0) return "flight";
  if (isLastDenied) return "denied";
  try {
    if (node.let !== undefined) return areSettled(scope, node.predecessors) ? "settled" : "waiting";
    if (ok > 0) return isSettled(scope, node) || state.isClosed ? "settled" : "ready";
    if (failed > 0) return "failed";
    if (isClosed(scope, node)) return "skipped";
    if (node.when !== undefined && isSettled(scope, node)) return "skipped";
    return isInOrder(scope, node) && !state.isClosed ? "ready" : "waiting";
  } catch {
    // An expression over results that cannot be worked out: the engine denies such a call, and this picture says nothing of it.
    return "waiting";
  }
}
