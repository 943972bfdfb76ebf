/**
 * Recording one call, and its result when it comes: compared, redacted, and kept as lines of a trace.
 * Never throws and never rejects: what cannot be recorded is counted.
 */
import { canonicalJson } from "../../json/canonical.ts";
import { strictCopy } from "../../json/strict.ts";
import { isObject, type Json, type JsonObject } from "../../json/value.ts";
import { observeSinkMs, traceEventsMax } from "../../limits.ts";
import type { Observing } from "../../observe/mode.ts";
import type { Clock, Logger } from "../../ports.ts";
import { isErrorResult } from "../../trace.ts";
import type { Run } from "./runs.ts";
import type { TraceSink } from "./sink.ts";

/** Why a call or its result was not recorded. */
export type Unobserved = "backlog" | "body" | "fault" | "full" | "malformed" | "result" | "sink" | "store" | "tool";

/** A call that went ahead. One of its methods is called, once; what comes later is ignored. */
export interface ObservedCall {
  /** What the tool answered: any JSON; `{"error": …}` alone is a failed call. */
  result(value: Json): void;
  /** There is no result that could be recorded. */
  lost(reason: Unobserved): void;
}

/** What was observed, counted. */
export interface ObserveCounts {
  /** Calls that went ahead unchecked. */
  readonly calls: number;
  /** Of these: recorded. */
  readonly recorded: number;
  /** Of these: compared with a plan. */
  readonly compared: number;
  /** Of these: what the plan would have denied. */
  readonly wouldDeny: number;
  /** Calls and results that are not in the recordings, by reason. */
  readonly unobserved: { readonly [reason in Unobserved]?: number };
}

/** Counts what is observed. */
interface Tally {
  missed(reason: Unobserved, isCall?: boolean): void;
  called(): void;
  recorded(verdict: "allow" | "deny" | null): void;
  counts(): ObserveCounts;
}

/** Makes a tally of nothing yet. */
export function createTally(): Tally {
  let [calls, recorded, compared, wouldDeny] = [0, 0, 0, 0];
  const unobserved: { [reason in Unobserved]?: number } = {};
  return {
    missed: (reason, isCall = false) => {
      if (isCall) calls++;
      unobserved[reason] = (unobserved[reason] ?? 0) + 1;
    },
    called: () => void calls++,
    recorded: (verdict) => {
      recorded++;
      if (verdict !== null) compared++;
      if (verdict === "deny") wouldDeny++;
    },
    counts: () => ({ calls, recorded, compared, wouldDeny, unobserved: { ...unobserved } }),
  };
}

/** What records. */
export interface Recorder {
  readonly sink: TraceSink;
  readonly tally: Tally;
  readonly logger: Logger | undefined;
  readonly clock: Clock;
  readonly period: Observing;
}

/** Where a call belongs, and when its jobs are run. */
export interface Watch {
  readonly isOn: boolean;
  readonly add: (job: () => Promise<void>, weight?: number) => boolean;
  readonly runOf: () => Promise<Run | undefined>;
}

/** Records a call, and its result when it comes. */
export function watchCall(recorder: Recorder, call: { readonly tool: string; readonly args: Json }, watch: Watch): ObservedCall {
  const { tally } = recorder;
  if (!watch.isOn) return { result: () => undefined, lost: () => undefined };
  const { tool } = call;
  const args = strictCopy(call.args);
  if (!isObject(args) || typeof tool !== "string" || tool === "") {
    tally.missed("malformed", true);
    return { result: () => undefined, lost: () => undefined };
  }
  tally.called();
  let made: Made | undefined;
  let isOpen = watch.add(async () => {
    const run = await watch.runOf();
    if (run !== undefined) made = await recordCall(recorder, run, { tool, args });
  }, weightOf(args));
  if (!isOpen) tally.missed("backlog");
  const once = (job: () => Promise<void>, weight = 0): void => {
    if (isOpen && !watch.add(job, weight)) tally.missed("backlog");
    isOpen = false;
  };
  return {
    result: (value) => {
      const copy = strictCopy(value);
      once(
        async () => {
          if (copy === undefined) tally.missed("result");
          else if (made !== undefined) await recordResult(recorder, made, { tool, value: copy });
        },
        weightOf(copy ?? null),
      );
    },
    lost: (reason) => once(async () => tally.missed(reason)),
  };
}

/** What a value holds of the memory, roughly in UTF-16 units. */
function weightOf(value: Json): number {
  let weight = 0;
  const open: Json[] = [value];
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    weight += typeof part === "string" ? part.length + 16 : 16;
    if (typeof part !== "object" || part === null) continue;
    for (const [key, inner] of Object.entries(part)) {
      weight += key.length;
      open.push(inner as Json);
    }
  }
  return weight;
}

/** A call that was compared, and whether its line was kept: the result of one that was not has no place in the recording. */
interface Made {
  readonly run: Run;
  readonly id: string;
  readonly isKept: boolean;
}

async function recordCall(
  recorder: Recorder,
  run: Run,
  { tool, args }: { readonly tool: string; readonly args: JsonObject },
): Promise<Made> {
  const id = String(run.calls++);
  // Two lines are kept free: this call's, and its result's. A run that is full is no longer followed, so that no agent fills the memory.
  const isFull = run.lines + 2 > traceEventsMax;
  const would = isFull ? undefined : run.replayer?.call(id, { tool, args });
  const { verdict = null, code = null, node = null, chain = [] } = would ?? {};
  // The name of an argument that no plan has is the agent's own word.
  const argument = code !== "ARG_UNEXPECTED" && would?.argument !== undefined ? { argument: would.argument } : {};
  const facts = { verdict, code, node, ...argument, chain: chain as unknown as Json };
  if (isFull) recorder.tally.missed("full");
  const kept = run.redactor.args(tool, args);
  const name = run.redactor.tool(tool);
  const line = { type: "call", id, tool: name, args: kept };
  const isKept = !isFull && (await append(recorder, run, line, { plan: run.plan, ...facts }));
  if (isKept) recorder.tally.recorded(verdict);
  if (isKept && verdict === "deny")
    say(recorder.logger, "info", "would-deny", { trace: run.trace, call: id, tool: name, ...facts });
  return { run, id, isKept };
}

async function recordResult(
  recorder: Recorder,
  { run, id, isKept }: Made,
  { tool, value }: { readonly tool: string; readonly value: Json },
): Promise<void> {
  run.replayer?.result(id, value);
  if (!isKept) return;
  const isError = isErrorResult(value);
  const inner = isError ? (value as { readonly error: Json }).error : value;
  const kept = run.redactor.result(tool, inner);
  await append(recorder, run, { type: "result", id, value: isError ? { error: kept } : kept });
}

/** Adds a line to the recording, with what holds of it beside the format of traces. */
export async function append(recorder: Recorder, run: Run, line: JsonObject, facts: JsonObject = {}): Promise<boolean> {
  const { sink, tally, logger, clock, period } = recorder;
  const kept = run.tail.then(async () => {
    const first = run.lines === 0 ? { reason: period.reason, until: period.until } : {};
    const observed = { mode: "observe", at: new Date(clock()).toISOString(), ...first, ...facts };
    await within(observeSinkMs, Promise.resolve(sink.append(run.trace, canonicalJson({ ...line, observed }))));
    run.lines++;
  });
  // One line of a trace after the other, whichever call it is of.
  run.tail = kept.catch(() => undefined);
  try {
    await kept;
    return true;
  } catch {
    tally.missed("sink");
    say(logger, "error", "observe-unobserved", { why: "sink", trace: run.trace });
    return false;
  }
}

/** A promise that is given up after so many milliseconds: a sink that hangs must not hold up what comes after. */
function within(ms: number, promise: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new RangeError("the sink does not answer")), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Tells the operator; a logger that fails changes nothing. */
export function say(
  logger: Logger | undefined,
  level: "info" | "error",
  event: string,
  facts: Readonly<Record<string, unknown>>,
): void {
  try {
    logger?.[level](event, facts);
  } catch {
    // Nobody is left to be told.
  }
}
