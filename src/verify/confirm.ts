/**
 * Holds a found run to the engine: the last call must be allowed, and its argument must carry the label there.
 * Pure. Trusts nothing that a driver says about its run.
 */
import { replayLabelled } from "../explain/labelled-replay.ts";
import type { SqlParser } from "../constraints/sql.ts";
import type { JsonObject } from "../json/value.ts";
import type { FrozenPlan } from "../plan/plan.ts";
import { type ReplayedCall, replayTrace } from "../replay.ts";
import { withoutApprovals } from "../simulate/approvals.ts";
import type { TraceEvent } from "../trace.ts";
import { type Occurrence, occurrencesOf } from "./occurrence.ts";
import { mark } from "./variants.ts";

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
  /** Absent: the label is that of the call's occurrence. */
  readonly argument: string | undefined;
  readonly label: string;
}

/** The run's plan as it was given, and with what is followed in it. */
interface Plans {
  readonly original: FrozenPlan;
  readonly labelled: FrozenPlan;
  readonly sql: readonly SqlParser[];
}

/** The run cut after the call that carries the label, if the engine says so; `undefined` otherwise. */
export function confirm(plans: Plans, run: Run): Confirmed | undefined {
  return confirmIn(plans, run, false) ?? confirmIn({ ...plans, labelled: withoutApprovals(plans.labelled) }, run, true);
}

function confirmIn(plans: Plans, run: Run, isApproved: boolean): Confirmed | undefined {
  const options = { params: run.params, sql: plans.sql };
  const at = (run.argument === undefined ? occurrencesOf(plans.labelled, run, plans.sql) : arrivals(plans, run)).find(
    ({ sources }) => sources.includes(run.label),
  );
  if (at === undefined) return undefined;
  const trace = cutAfter(run.trace, at.i);
  const labels = at.sources.filter((name) => name !== mark);
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

/** The labels of the run's argument in each of its node's allowed calls. */
function arrivals({ labelled, sql }: Plans, { trace, params, node, argument = "" }: Run): readonly Occurrence[] {
  const calls = replayLabelled(labelled, { events: trace }, { params, sql });
  const own = calls.ok ? calls.value.filter((call) => call.verdict === "allow" && call.node === node) : [];
  return own.map(({ i, labels }) => ({ i, sources: labels[argument]?.sources ?? [] }));
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
