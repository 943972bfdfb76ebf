/**
 * Recordings as they are read again: traces whose lines say beside what was observed.
 * Pure. Leaves out the end of a last line that a crash cut off, and nothing else.
 */
import type { Code } from "../codes.ts";
import { readJsonLines } from "../json/lines.ts";
import { isArray, type Json, member } from "../json/value.ts";
import { err, ok, type Result } from "../result.ts";
import { readTrace, type Trace, type TraceError } from "../trace.ts";

/** What was observed of one call. */
export interface ObservedVerdict {
  /** Its place among the calls of the recording, from 0. */
  readonly i: number;
  readonly tool: string;
  /** `null`: there was no plan to compare with. */
  readonly verdict: "allow" | "deny" | null;
  readonly code: Code | null;
  readonly node: string | null;
  readonly argument?: string;
  readonly chain: readonly Json[];
}

/** One recording. */
export interface Recorded {
  readonly trace: Trace;
  /** In the order of the calls; empty for a trace that no observer wrote. */
  readonly verdicts: readonly ObservedVerdict[];
  /** Digests of the plans that the calls were compared with. */
  readonly plans: readonly string[];
  /** Whether the end of the last line is missing. */
  readonly isTorn: boolean;
}

/**
 * The text without a last line that has no end and cannot be read, if an observer wrote the text; `undefined`, if nothing is torn. Every line is
 * written whole and with its end, so that such a line is what a crash has left.
 */
export function withoutTornLine(text: string): string | undefined {
  if (text === "" || text.endsWith("\n")) return undefined;
  const end = text.lastIndexOf("\n") + 1;
  if (readJsonLines(text.slice(end)).ok) return undefined;
  const whole = text.slice(0, end);
  const first = readJsonLines(whole.slice(0, whole.indexOf("\n") + 1));
  const isRecorded = whole === "" ? isBeginning(text) : first.ok && member(first.value[0]?.value, "observed") !== undefined;
  return isRecorded ? whole : undefined;
}

/** Whether a text begins as the first line of a recording does: canonical JSON of a call, or of the task. */
function isBeginning(text: string): boolean {
  return ['{"args":{', '{"observed":{'].some((begin) => begin.startsWith(text.slice(0, begin.length)));
}

/** Reads a recording, or any trace. */
export function readRecorded(text: string): Result<Recorded, TraceError> {
  const whole = withoutTornLine(text);
  const trace = readTrace(whole ?? text);
  if (!trace.ok) return err(trace.error);
  const lines = readJsonLines(whole ?? text);
  const calls = lines.ok ? lines.value.map(({ value }) => value).filter((value) => member(value, "type") === "call") : [];
  const verdicts = calls.flatMap((call, i) => verdictOf(call, i));
  const plans = calls.map((call) => member(member(call, "observed"), "plan")).filter((plan) => typeof plan === "string");
  return ok({ trace: trace.value, verdicts, plans: [...new Set(plans)], isTorn: whole !== undefined });
}

function verdictOf(call: Json, i: number): readonly ObservedVerdict[] {
  const observed = member(call, "observed");
  if (observed === undefined) return [];
  const [verdict, code, node, argument] = ["verdict", "code", "node", "argument"].map((name) => textOf(member(observed, name)));
  const chain = member(observed, "chain");
  return [
    {
      i,
      tool: textOf(member(call, "tool")) ?? "",
      verdict: verdict === "allow" || verdict === "deny" ? verdict : null,
      // A code that was written by an older or newer version is shown as it is.
      code: (code ?? null) as Code | null,
      node: node ?? null,
      ...(argument === undefined ? {} : { argument }),
      chain: isArray(chain) ? chain : [],
    },
  ];
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}
