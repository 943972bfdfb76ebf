/**
 * Folds the events of a session into its state. The only place where a state changes.
 * Pure but for the state it is given. No I/O, no clock; the time of an event is in the event.
 */
import type { CompiledNode } from "../plan/compile/compiled.ts";
import { assert } from "../result.ts";
import { bottom, join, type Label } from "../taint/label.ts";
import type { Program } from "./program.ts";
import { labelOfRead, shownLabel } from "./regions.ts";
import type { NodeState, RecordedLabel, Run, SessionEvent, SessionState, Tally } from "./state.ts";

type EventOf<T extends SessionEvent["type"]> = Extract<SessionEvent, { readonly type: T }>;

/** The state of a session after its `open` event. */
export function openState(program: Program, event: EventOf<"open">): SessionState {
  const earlier = program.labels.fromForeign(event.context);
  const context = join(program.userInput, earlier);
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
    openContext: context,
    context,
    allowed: 0,
    denied: 0,
    runs: [],
    inFlight: new Map(),
    nodes: new Map(),
    rowCache: new Map(),
    delivered: [],
  };
}

/** Folds one event into the state. The events of a session, folded in order, always give the same state. */
export function apply(program: Program, state: SessionState, event: SessionEvent): void {
  state.version += 1;
  switch (event.type) {
    case "open":
      assert(false, "a session is opened once");
      break;
    case "allow":
      applyAllow(program, state, event);
      break;
    case "deny":
      state.denied += 1;
      if (event.reads !== undefined) raise(state, program.labels.fromValue(event.reads), -1);
      break;
    case "settle":
      applySettle(program, state, event);
      break;
    case "context":
      raise(state, program.labels.fromForeign(event.label), -1);
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

/** The label that a recorded one stood for, given the context as it stood then. */
function recorded(program: Program, state: SessionState, label: RecordedLabel): Label {
  const own = program.labels.fromValue(label);
  return label.context === true ? join(own, state.context) : own;
}

function applyAllow(program: Program, state: SessionState, event: EventOf<"allow">): void {
  assert(event.run === state.runs.length, "runs are numbered in the order of allowance");
  const node = program.plan.byName.get(event.node);
  assert(node !== undefined, "an allowed run names a node of the plan");
  const base = join(program.toolLabels[node.index] as Label, recorded(program, state, event.label));
  const { run: number, row, at, lease, origins, amounts } = event;
  const run: Run = {
    number,
    node: node.index,
    row,
    at,
    lease,
    origins,
    amounts,
    status: "flight",
    base,
    regions: [],
    value: undefined,
  };
  const nodeState = nodeStateOf(state, node);
  nodeState.flight.push(run);
  if (row !== undefined) rowTally(nodeState, row).flight.push(run);
  node.constraints.budgets.forEach((budget, i) => {
    const amount = amounts?.[i] ?? 0;
    const list = nodeState.spent.get(budget.id) ?? [];
    list.push({ at, amount, run: number });
    nodeState.spent.set(budget.id, list);
  });
  if (node.constraints.rate !== undefined) nodeState.starts.push(at);
  state.runs.push(run);
  state.inFlight.set(number, run);
  state.allowed += 1;
  if (event.reads !== undefined) raise(state, program.labels.fromValue(event.reads), -1);
}

function applySettle(program: Program, state: SessionState, event: EventOf<"settle">): void {
  const run = state.runs[event.run];
  assert(run !== undefined && run.status === "flight", "only a run in flight is settled");
  const node = program.plan.nodes[run.node] as CompiledNode;
  const nodeState = nodeStateOf(state, node);
  if (event.claims !== undefined) run.base = join(run.base, program.labels.of(event.claims));
  run.status = event.ok ? "ok" : "error";
  state.inFlight.delete(run.number);
  for (const tally of [nodeState, ...(run.row === undefined ? [] : [rowTally(nodeState, run.row)])]) settleIn(tally, run);
  if (!event.ok) nodeState.failures = join(nodeState.failures, run.base);
  if (event.ok) {
    run.value = event.value;
    if (node.removes !== undefined && event.valid) {
      const label = program.labels.remove(run.base, node.removes.labels);
      run.regions = node.removes.regions.map((prefix) => ({ prefix, label }));
    }
  } else if (node.isIdempotent) {
    for (const [id, list] of nodeState.spent)
      nodeState.spent.set(
        id,
        list.filter((entry) => entry.run !== run.number),
      );
  }
  raise(state, event.ok ? shownLabel(node, run) : node.show === "none" ? bottom : run.base, run.number);
}

function settleIn(tally: Tally, run: Run): void {
  tally.flight = tally.flight.filter((other) => other !== run);
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
    nodeState = { ...emptyTally(), rows: new Map(), failures: bottom, spent: new Map(), starts: [] };
    state.nodes.set(node.index, nodeState);
  }
  return nodeState;
}

/** Label of what the verdict reads of a node see now; see "Verdict reads" in `src/README.md`. */
export function verdictReads(state: SessionState, node: CompiledNode): { readonly label: Label; readonly isHidden: boolean } {
  let label = bottom;
  let isHidden = false;
  for (const read of node.hiddenReads) {
    const from = state.nodes.get(read.node);
    if (from === undefined || (from.ok.length === 0 && from.errors === 0)) continue;
    isHidden = true;
    for (const run of from.ok) label = join(label, labelOfRead(run, read.prefix));
    label = join(label, from.failures);
  }
  return { label, isHidden };
}
