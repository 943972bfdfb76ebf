/**
 * What a commit changes beside the events of a session: the label of its conversation and the budgets that sessions share.
 * Pure. Never changes the state of a session.
 */
import { budgetName } from "../../../decide/constraints.ts";
import type { Decision } from "../../../decide/decide.ts";
import { apply } from "../../../decide/fold.ts";
import type { Run, SessionEvent, SessionState } from "../../../decide/state.ts";
import { canonicalJson } from "../../../json/canonical.ts";
import type { CompiledBudget, CompiledNode } from "../../../plan/compile/compiled.ts";
import { assert } from "../../../result.ts";
import type { ContextLabel, Reserved, Take } from "../../../stores/store.ts";
import type { Live } from "../session/live.ts";

/** Labels as the engine works with them. */
type Label = Decision["made"]["reads"];

/** The label to join into a session's context, or `undefined` if the context has it all. */
export function labelToJoin(live: Live, label: ContextLabel): ContextLabel | undefined {
  const { labels } = live.guard.program;
  return labels.flowsTo(labels.fromForeign(label), live.state.context) ? undefined : label;
}

/** The context label, as other plans are told, after a verdict or a settled run; `undefined` if it stays what it is. */
export function contextAfter(live: Live, cause: { readonly reads: Label } | SessionState): ContextLabel | undefined {
  const { program } = live.guard;
  const { context } = live.state;
  const after = "reads" in cause ? program.labels.join(context, cause.reads) : cause.context;
  return after === context ? undefined : program.labels.toForeign(after);
}

/**
 * Whether a settle event may change more than its run: the context label, or that of a resource. It cannot where nothing was brought along, all that
 * the result can carry is in the context already, and the run wrote nothing.
 */
export function isRaising(live: Live, event: SessionEvent & { readonly type: "settle" }): boolean {
  const { state, guard } = live;
  const run = state.runs[event.run];
  if (run === undefined || event.claims !== undefined || event.brought !== undefined || event.received !== undefined) return true;
  return run.touched.writes !== undefined || !guard.program.labels.flowsTo(run.base, state.context);
}

/**
 * Folds a settle event into a state of its own, which shares nothing that the event changes. So the label that is committed is the
 * engine's own, and the state itself is not touched before the commit.
 */
export function afterSettle(live: Live, event: SessionEvent & { readonly type: "settle" }): SessionState {
  const run = live.state.runs[event.run];
  assert(run !== undefined, "only a run that was allowed is settled");
  const runs: Run[] = [];
  runs[event.run] = { ...run };
  const aside: SessionState = {
    ...live.state,
    runs,
    nodes: new Map(),
    inFlight: new Map(),
    rowCache: new Map(),
    resources: new Map(),
    delivered: [],
  };
  apply(live.guard.program, aside, event);
  return aside;
}

/** Name of the counter of a shared budget: one for each plan, and under scope `principal` for each principal too. */
function counterName(live: Live, budget: CompiledBudget): string {
  const { plan, principal } = live.header;
  // A policy's budget of a principal counts over all plans.
  const within = budget.isShared ? [] : [plan];
  return canonicalJson(budget.scope === "principal" ? ["principal", ...within, budget.id, principal] : ["plan", plan, budget.id]);
}

/** The window of a counter that processes share: longer by as much as their clocks may differ, so that none of them forgets too early. */
function windowOf(budget: CompiledBudget, skewMs: number): { readonly windowMs?: number } {
  return Number.isFinite(budget.windowMs) ? { windowMs: budget.windowMs + skewMs } : {};
}

/** What an allow takes from shared budgets. */
export function takesOf(live: Live, decision: Decision & { readonly allow: true }, skewMs: number): readonly Take[] {
  const { run, fit, event } = decision;
  return fit.shared.map(({ budget, amount }) => ({
    counter: counterName(live, budget),
    run,
    amount,
    max: budget.max,
    at: event.at,
    ...windowOf(budget, skewMs),
  }));
}

/**
 * What a settle event gives back to shared budgets: all that the run took, if it failed and its node may be tried again. By the names that were
 * recorded: under an amended plan or another policy a budget may have another place, and gets nothing that was not taken from it.
 */
export function givesOf(live: Live, event: SessionEvent & { readonly type: "settle" }, skewMs: number): readonly Reserved[] {
  const run = live.state.runs[event.run];
  const node = live.guard.program.plan.nodes[run?.node ?? -1] as CompiledNode | undefined;
  if (event.ok || run === undefined || node === undefined || !node.isIdempotent) return [];
  return node.constraints.budgets.flatMap((budget) => {
    const amount = run.amounts?.[run.budgets?.indexOf(budgetName(budget)) ?? -1];
    return amount === undefined || budget.scope === undefined || budget.scope === "session"
      ? []
      : [{ counter: counterName(live, budget), run: event.run, amount, ...windowOf(budget, skewMs) }];
  });
}
