/**
 * Folds the events of a session into its state. The only place where a state changes.
 * Pure but for the state it is given. No I/O, no clock; the time of an event is in the event.
 */
import type { CompiledNode } from "../plan/compile/compiled.ts";
import { assert } from "../result.ts";
import { bottom, join, type Label } from "../taint/label.ts";
import { countDenial } from "./breaker.ts";
import { judgeAsk } from "./continue.ts";
import { applyApproval, closeHold, keepHold } from "./hold.ts";
import { createLedger, giveBack, reserve } from "./ledger.ts";
import { type Made, readsOfAll, remake } from "./made.ts";
import type { Program } from "./program.ts";
import { inboundOf, paramLabelsOf } from "./received.ts";
import { shownLabel } from "./regions.ts";
import { keep, nothingTouched, writtenLabel } from "./resources.ts";
import { areRowsComputed, openScope, rowsOf } from "./rows.ts";
import type { NodeState, Run, SessionEvent, SessionState, Tally, Touched } from "./state.ts";

const noRegions: Run["regions"] = [];

type EventOf<T extends SessionEvent["type"]> = Extract<SessionEvent, { readonly type: T }>;

/** The state of a session after its `open` event. */
export function openState(program: Program, event: EventOf<"open">): SessionState {
  const earlier = program.labels.fromForeign(event.context);
  const inbound = (event.received ?? []).map((received) => inboundOf(program.labels, received));
  const context = inbound.reduce((label, each) => join(join(label, each.label), each.context), join(program.userInput, earlier));
  return {
    version: 1,
    session: event.session,
    plan: event.plan,
    principal: event.principal,
    conversation: event.conversation,
    key: event.key,
    openedAt: event.at,
    isClosed: false,
    params: event.params,
    agentParams: new Set(event.agentParams),
    inbound,
    paramLabels: paramLabelsOf(inbound),
    openContext: context,
    context,
    allowed: 0,
    denied: 0,
    streaks: new Map(),
    asks: [],
    amended: 0,
    spentEnvelope: new Map(),
    holds: new Map(),
    runs: [],
    inFlight: new Map(),
    nodes: new Map(),
    rowCache: new Map(),
    resources: new Map(),
    delivered: [],
  };
}

/**
 * Folds one event into the state. The events of a session, folded in order, always give the same state. `made` spares working out what the
 * check that made the event has just worked out.
 */
export function apply(program: Program, state: SessionState, event: SessionEvent, made?: Made): void {
  state.version += 1;
  switch (event.type) {
    case "open":
      assert(false, "a session is opened once");
      break;
    case "allow":
      applyAllow(program, state, event, made);
      break;
    case "deny":
      applyDeny(program, state, event, made);
      break;
    case "settle":
      applySettle(program, state, event);
      break;
    case "context":
      raise(state, program.labels.fromForeign(event.label), -1);
      break;
    case "approve":
      // Something has changed: who waited for it may ask again at once.
      state.streaks.clear();
      applyApproval(program, state, event);
      break;
    case "ask-amend":
      state.asks.push({ ...event.ask, at: event.at, status: "waiting", approvers: [] });
      break;
    case "judge-amend":
      judgeAsk(state, event);
      break;
    case "amend":
      assert(false, "a session goes on under another program by `continueUnder`");
      break;
    case "close":
      state.isClosed = true;
      break;
  }
}

/** Joins a label into the context, and remembers which run brought it. */
function raise(state: SessionState, label: Label, run: number): void {
  const context = join(state.context, label);
  if (context === state.context) return;
  state.context = context;
  if (run >= 0) state.delivered.push({ run, label });
}

function applyAllow(program: Program, state: SessionState, event: EventOf<"allow">, known: Made | undefined): void {
  assert(event.run === state.runs.length, "runs are numbered in the order of allowance");
  const node = program.plan.byName.get(event.node);
  assert(node !== undefined, "an allowed run names a node of the plan");
  const made = known ?? remakeAllow(program, state, { event, node });
  const { run: number, row, at, lease, amounts, writes } = event;
  const run: Run = {
    number,
    node: node.index,
    row,
    at,
    lease,
    origins: made.origins,
    amounts,
    touched: touchedIn(event),
    status: "flight",
    base: join(program.toolLabels[node.index] as Label, made.label),
    regions: noRegions,
    value: undefined,
    budgets: event.budgets,
    receipt: event.receipt,
    links: undefined,
  };
  const pinned = areRowsComputed(program, node) ? rowsOf(openScope(program, state, at), node) : undefined;
  const nodeState = nodeStateOf(state, node);
  nodeState.pinned ??= pinned;
  nodeState.flight.push(run);
  if (row !== undefined) rowTally(nodeState, row).flight.push(run);
  reserveAll(nodeState, node, event);
  if (writes !== undefined) keep(state, writes, writtenLabel(program, state, { node, touched: run.touched, made: made.label }));
  state.runs.push(run);
  state.inFlight.set(number, run);
  state.allowed += 1;
  closeHold(state, event.hold, "released");
  if (state.streaks.size > 0) state.streaks.clear();
  raise(state, made.reads, -1);
}

/** Reserves what an allowed call takes from the budgets and the rate of its node. */
function reserveAll(state: NodeState, { constraints, within }: CompiledNode, { at, run, amounts }: EventOf<"allow">): void {
  const { budgets, rate } = constraints;
  if (budgets.length > 0)
    for (const [i, budget] of budgets.entries()) {
      const amount = amounts?.[i] ?? 0;
      const spent = state.spent.get(budget.id) ?? createLedger();
      reserve(spent, { at, amount, run });
      state.spent.set(budget.id, spent);
    }
  if (rate !== undefined || (within.length > 0 && within.some((each) => each.rate !== undefined)))
    reserve(state.starts, { at, amount: 1, run });
}

/** The resources that an allowed call touches, as its event says. */
function touchedIn({ reads, writes }: EventOf<"allow">): Touched {
  if (reads === undefined && writes === undefined) return nothingTouched;
  return { ...(reads === undefined ? undefined : { reads }), ...(writes === undefined ? undefined : { writes }) };
}

/** Works out the labels of an allowed call again, from the state before it. */
function remakeAllow(
  program: Program,
  state: SessionState,
  { event, node }: { readonly event: EventOf<"allow">; readonly node: CompiledNode },
): Made {
  const scope = openScope(program, state, event.at);
  const candidates = event.isNamed === true ? [node] : (program.plan.byTool.get(node.tool?.name ?? "") ?? []);
  const made = remake(scope, node, event.row);
  const label = event.raised === undefined ? made.label : join(made.label, program.labels.fromValue(event.raised));
  return { ...made, label, reads: readsOfAll(state, candidates) };
}

function applyDeny(program: Program, state: SessionState, event: EventOf<"deny">, known: Made | undefined): void {
  state.denied += 1;
  if (event.hold !== undefined) keepHold(state, event.hold, event.at);
  closeHold(state, event.voids, "void");
  countDenial(program, state, event);
  if (event.isTried !== true) return;
  const ofTool = program.plan.byTool.get(event.tool) ?? [];
  raise(
    state,
    known?.reads ??
      readsOfAll(
        state,
        ofTool.filter((node) => event.named === undefined || node.name === event.named),
      ),
    -1,
  );
}

function applySettle(program: Program, state: SessionState, event: EventOf<"settle">): void {
  const run = state.runs[event.run];
  assert(run !== undefined && run.status === "flight", "only a run in flight is settled");
  const node = program.plan.nodes[run.node] as CompiledNode;
  const nodeState = nodeStateOf(state, node);
  if (event.claims !== undefined) run.base = join(run.base, program.labels.of(event.claims));
  if (event.brought !== undefined) run.base = join(run.base, program.labels.fromForeign(event.brought));
  const inbound = event.received === undefined ? undefined : inboundOf(program.labels, event.received);
  if (inbound !== undefined) {
    run.links = inbound.links;
    run.base = join(run.base, inbound.label);
    // Where the agent is told nothing, how the run ended is hidden too, and the other agent had a say in it.
    if (node.show === "none") run.base = join(run.base, inbound.context);
  }
  // What it read while it ran, it may have written.
  if (node.resources?.isCopying === true) keep(state, run.touched.writes, run.base);
  run.status = event.ok ? "ok" : "error";
  if (state.streaks.size > 0) state.streaks.clear();
  state.inFlight.delete(run.number);
  settleIn(nodeState, run);
  if (run.row !== undefined) settleIn(rowTally(nodeState, run.row), run);
  if (event.ok) {
    run.value = event.value;
    nodeState.successes = join(nodeState.successes, run.base);
    if (node.removes !== undefined && event.valid) {
      const label = program.labels.remove(run.base, node.removes.labels);
      run.regions = node.removes.regions.map((prefix) => ({ prefix, label }));
      nodeState.isUniform = false;
    }
  } else {
    nodeState.failures = join(nodeState.failures, run.base);
    if (node.isIdempotent) release(nodeState, run);
  }
  raise(state, event.ok ? shownLabel(node, run) : node.show === "none" ? bottom : run.base, run.number);
  if (inbound !== undefined && node.show !== "none") raise(state, inbound.context, run.number);
}

/** Gives back what a failed run of an idempotent node had reserved. */
function release(node: NodeState, run: Run): void {
  for (const spent of node.spent.values()) giveBack(spent, run.number);
}

function settleIn(tally: Tally, run: Run): void {
  const at = tally.flight.indexOf(run);
  if (at === 0) tally.flight.shift();
  // A tally that was begun aside (`afterSettle`) does not have it.
  else if (at > 0) tally.flight.splice(at, 1);
  if (run.status === "ok") tally.ok.push(run);
  else tally.errors += 1;
}

function emptyTally(): Tally {
  return { flight: [], ok: [], errors: 0 };
}

function rowTally(node: NodeState, row: string): Tally {
  let tally = node.rows.get(row);
  if (tally === undefined) {
    tally = emptyTally();
    node.rows.set(row, tally);
  }
  return tally;
}

function nodeStateOf(state: SessionState, node: CompiledNode): NodeState {
  let nodeState = state.nodes.get(node.index);
  if (nodeState === undefined) {
    nodeState = {
      ...emptyTally(),
      rows: new Map(),
      successes: bottom,
      failures: bottom,
      isUniform: true,
      pinned: undefined,
      spent: new Map(),
      starts: createLedger(),
    };
    state.nodes.set(node.index, nodeState);
  }
  return nodeState;
}
