/**
 * Holds a found run to the engine: the last call must be allowed, and its argument must carry the label there.
 * Pure. Trusts nothing that a driver says about its run.
 */
import { type LabelledCall, replayLabelled } from "../explain/labelled-replay.ts";
import type { SqlParser } from "../constraints/sql.ts";
import type { JsonObject } from "../json/value.ts";
import type { FrozenPlan } from "../plan/plan.ts";
import { type ReplayedCall, replayTrace } from "../replay.ts";
import type { LabelValue } from "../taint/label.ts";
import { withoutApprovals } from "../simulate/approvals.ts";
import type { TraceEvent } from "../trace.ts";
import { mark, withoutProbes } from "./variants.ts";

/** A run that shows a flow, up to the call that carries it. */
export interface Confirmed {
  readonly trace: readonly TraceEvent[];
  readonly params: JsonObject;
  /** Labels of the argument, as the engine gave them. */
  readonly labels: readonly string[];
  readonly needsApproval: boolean;
}

interface Run {
  readonly trace: readonly TraceEvent[];
  readonly params: JsonObject;
  readonly node: string;
  readonly argument: string;
  readonly label: string;
}

/** The run cut after the call that carries the label, if the engine says so; `undefined` otherwise. */
export function confirm(
  plans: { readonly original: FrozenPlan; readonly labelled: FrozenPlan; readonly sql: readonly SqlParser[] },
  run: Run,
): Confirmed | undefined {
  return confirmIn(plans, run, false) ?? confirmIn({ ...plans, labelled: withoutApprovals(plans.labelled) }, run, true);
}

function confirmIn(
  plans: { readonly original: FrozenPlan; readonly labelled: FrozenPlan; readonly sql: readonly SqlParser[] },
  run: Run,
  isApproved: boolean,
): Confirmed | undefined {
  const options = { params: run.params, sql: plans.sql };
  const labelled = replayLabelled(plans.labelled, { events: run.trace }, options);
  if (!labelled.ok) return undefined;
  const labelAt = (call: LabelledCall): LabelValue | undefined => call.labels[run.argument];
  const at = labelled.value.find(
    (call) => call.verdict === "allow" && call.node === run.node && labelAt(call)?.sources.includes(run.label) === true,
  );
  if (at === undefined) return undefined;
  const trace = withoutProbes(cutAfter(run.trace, at.i));
  const labels = (labelAt(at)?.sources ?? []).filter((name) => name !== mark);
  const replayed = replayTrace(plans.original, { events: trace }, options);
  const calls = replayed.ok ? replayed.value : [];
  if (!isApproved && calls.at(-1)?.verdict === "allow" && calls.at(-1)?.node === run.node) {
    // A call on the way that waits for a human is not needed then.
    const shorter = calls.every(({ verdict }) => verdict === "allow") ? undefined : withoutDenied(trace, calls);
    const again = shorter === undefined ? undefined : confirmIn(plans, { ...run, trace: shorter }, false);
    return again ?? { trace, params: run.params, labels, needsApproval: false };
  }
  // What comes after a call that waits is denied for want of its result.
  const isHeld = calls.find(({ verdict }) => verdict === "deny")?.code === "CALL_NEEDS_APPROVAL";
  return isApproved && isHeld ? { trace, params: run.params, labels, needsApproval: true } : undefined;
}

function withoutDenied(trace: readonly TraceEvent[], calls: readonly ReplayedCall[]): readonly TraceEvent[] {
  const ids = trace.flatMap((event) => (event.type === "call" ? [event.id] : []));
  const denied = new Set(ids.filter((_, i) => calls[i]?.verdict === "deny"));
  return trace.filter(({ id }) => !denied.has(id));
}

function cutAfter(trace: readonly TraceEvent[], call: number): readonly TraceEvent[] {
  let seen = -1;
  const end = trace.findIndex((event) => event.type === "call" && ++seen === call);
  return trace.slice(0, end + 1);
}
