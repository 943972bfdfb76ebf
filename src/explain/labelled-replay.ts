/**
 * A replay that keeps what an operator asks about each call: its final arguments, their labels, and the runs that they came from.
 * Pure; never executes anything, and never disagrees with `replayTrace`, which decides.
 */
import { createGuard, type Guard, type Session } from "../engine.ts";
import type { Verdict } from "../decide/verdict.ts";
import type { JsonObject } from "../json/value.ts";
import { isErrorResult, type Trace, type TraceCall } from "../trace.ts";
import type { Finding } from "../plan/finding.ts";
import type { FrozenPlan } from "../plan/plan.ts";
import { qualifiedName } from "../plan/tool-name.ts";
import { type ReplayedCall, type ReplayOptions, replayTrace } from "../replay.ts";
import { err, ok, type Result } from "../result.ts";
import type { LabelValue } from "../taint/label.ts";

/** A run that a value came from. */
export interface ValueOrigin {
  readonly argument: string;
  /** Number of the run. */
  readonly run: number;
  readonly node: string;
  readonly tool: string;
}

/** A replayed call with what is known of its arguments. */
export interface LabelledCall extends ReplayedCall {
  /** Qualified where the plan knows the tool. */
  readonly tool: string;
  readonly sent: JsonObject;
  /** The arguments that would have been forwarded; absent for a denied call. */
  readonly final?: JsonObject;
  /** Labels by argument; of a data-flow denial those of its argument. */
  readonly labels: { readonly [argument: string]: LabelValue };
  readonly origins: readonly ValueOrigin[];
  /** The number of the run, if the call was allowed. */
  readonly run?: number;
  /** Id of the flow rule that denied it. */
  readonly rule?: string;
  /** Context label of the conversation before the call. */
  readonly context: LabelValue;
}

/** Replays a trace as {@link replayTrace} does; its errors. */
export function replayLabelled(
  frozen: FrozenPlan,
  trace: Trace,
  options: ReplayOptions = {},
): Result<readonly LabelledCall[], readonly Finding[]> {
  const replayed = replayTrace(frozen, trace, options);
  if (!replayed.ok) return replayed;
  const guard = createGuard(frozen, { clock: () => 0, ...(options.sql === undefined ? {} : { sql: options.sql }) });
  if (!guard.ok) return guard;
  const params = options.params === undefined ? {} : { params: options.params };
  const opened = guard.value.session({ id: "replay", key: "0".repeat(32), ...params });
  if (!opened.ok) return err([{ ...opened.error, severity: "error" }]);
  const session = opened.value;
  const runs = new Map<string, number>();
  const calls: LabelledCall[] = [];
  for (const event of trace.events) {
    if (event.type === "result") {
      const run = runs.get(event.id);
      if (run !== undefined) session.record(run, isErrorResult(event.value) ? { error: event.value } : { value: event.value });
      continue;
    }
    const call = replayed.value[calls.length] as ReplayedCall;
    const context = session.context();
    const tool = qualifiedTool(frozen, event.tool);
    const verdict = recheck(guard.value, session, { ...event, tool }, call);
    if (verdict.decision === "allow") runs.set(event.id, verdict.run);
    calls.push({ ...call, tool, sent: event.args, context, ...detailsOf(guard.value, session, verdict) });
  }
  return ok(calls);
}

/** The plan's tool of that name, or the only one with that bare name. */
export function qualifiedTool(frozen: FrozenPlan, name: string): string {
  return qualifiedName(name, Object.keys(frozen.tools));
}

/**
 * The verdict of a call whose outcome is known. A literal that repeats hidden data counts as omitted: where the call was allowed, the
 * hidden arguments were equal to what the plan fills in, so leaving them out gives the same call.
 */
function recheck(guard: Guard, session: Session, call: TraceCall, outcome: ReplayedCall): Verdict {
  const { tool } = call;
  const bare = withoutHidden(guard, call, outcome.node);
  if (bare === call.args || outcome.verdict === "allow") return session.check({ tool, args: bare });
  // Some of the hidden arguments may have been right and others not; what fits the outcome better is explained.
  const scratch = guard.resume(session.events).check({ tool, args: bare });
  const isSame = scratch.decision === "deny" && scratch.code === outcome.code;
  return session.check({ tool, args: isSame ? bare : call.args });
}

function withoutHidden({ program }: Guard, call: TraceCall, name: string | null): JsonObject {
  const node = name === null ? undefined : program.plan.byName.get(name);
  const ofNode = (node?.args ?? []).filter(
    ({ name: arg, rule }) => rule.isHidden && rule.isFilled && Object.hasOwn(call.args, arg),
  );
  const hidden = new Set(ofNode.map((arg) => arg.name));
  return hidden.size === 0 ? call.args : Object.fromEntries(Object.entries(call.args).filter(([key]) => !hidden.has(key)));
}

function detailsOf(
  guard: Guard,
  session: Session,
  verdict: Verdict,
): Pick<LabelledCall, "labels" | "origins" | "final" | "rule" | "run"> {
  if (verdict.decision === "deny") {
    const { argument, labels, rule } = verdict.facts;
    const named = argument === undefined || labels === undefined ? {} : { [argument]: labels };
    return { labels: named, origins: [], ...(rule === undefined ? {} : { rule }) };
  }
  const event = session.events.at(-1);
  const origins = event?.type === "allow" ? (session.state.runs[event.run]?.origins ?? []) : [];
  return {
    labels: verdict.labels,
    final: verdict.args,
    run: verdict.run,
    origins: origins.flatMap(({ arg, run }) => {
      const node = guard.program.plan.nodes[session.state.runs[run]?.node ?? -1];
      return node === undefined ? [] : [{ argument: arg, run, node: node.name, tool: node.tool?.name ?? "" }];
    }),
  };
}
