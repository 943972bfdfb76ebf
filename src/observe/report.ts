/**
 * What would have been denied, over many recordings: counted by code, tool, node and argument, with examples.
 * Pure. Shows no value that a recording has not.
 */
import type { Code } from "../codes.ts";
import { canonicalJson } from "../json/canonical.ts";
import { type Json, type JsonObject, member } from "../json/value.ts";
import { reportExamplesMax } from "../limits.ts";
import type { TraceCall } from "../trace.ts";
import { standInsOf } from "./digest.ts";
import type { ObservedVerdict, Recorded } from "./recorded.ts";

/** A recording with the verdicts that are reported: those that were observed, or those of another plan. */
export interface ReportedRun {
  readonly name: string;
  readonly recorded: Recorded;
  readonly verdicts: readonly ObservedVerdict[];
}

/** One call that would have been denied. */
export interface DenialExample {
  /** Name of the recording. */
  readonly run: string;
  /** Its place among the calls of the recording, from 0. */
  readonly i: number;
  /** As it was recorded: the argument that did not fit, where it was one, else all of them. */
  readonly args: JsonObject;
  readonly chain: readonly Json[];
}

/** Denials that are alike. */
export interface DenialGroup {
  readonly code: Code;
  readonly tool: string;
  readonly node: string | null;
  readonly argument: string | null;
  readonly calls: number;
  /** Recordings in which it happened. */
  readonly runs: number;
  readonly examples: readonly DenialExample[];
}

/** What recordings say together. */
export interface ObserveReport {
  readonly runs: {
    readonly all: number;
    /** In which every call was compared with a plan. */
    readonly compared: number;
    /** Of these: in which every call would have been allowed. */
    readonly passing: number;
    /** The end of which was cut off. */
    readonly torn: number;
    /** With digests among their arguments, to which no constant of a plan is equal. */
    readonly digested: number;
  };
  readonly calls: { readonly all: number; readonly compared: number; readonly denied: number };
  /** The most frequent first. */
  readonly denials: readonly DenialGroup[];
  /** Every tool that was called. */
  readonly tools: readonly { readonly tool: string; readonly calls: number; readonly denied: number }[];
}

interface Found {
  readonly verdict: ObservedVerdict;
  readonly run: ReportedRun;
}

/** Makes the report of recordings. */
export function reportOf(runs: readonly ReportedRun[]): ObserveReport {
  const all: readonly Found[] = runs.flatMap((run) => run.verdicts.map((verdict) => ({ verdict, run })));
  const compared = runs.filter(({ verdicts }) => verdicts.length > 0 && verdicts.every(({ verdict }) => verdict !== null));
  const denied = all.filter(({ verdict }) => verdict.verdict === "deny");
  const calls = runs.flatMap(({ recorded }) => callsOf(recorded));
  const deniedTools = new Map<string, number>();
  for (const { verdict } of denied) deniedTools.set(verdict.tool, (deniedTools.get(verdict.tool) ?? 0) + 1);
  const called = new Map<string, number>();
  for (const { tool } of calls) called.set(tool, (called.get(tool) ?? 0) + 1);
  return {
    runs: {
      all: runs.length,
      compared: compared.length,
      passing: compared.filter(({ verdicts }) => verdicts.every(({ verdict }) => verdict === "allow")).length,
      torn: runs.filter(({ recorded }) => recorded.isTorn).length,
      digested: runs.filter(({ recorded }) => callsOf(recorded).some(({ args }) => standInsOf(canonicalJson(args)).length > 0))
        .length,
    },
    calls: {
      all: calls.length,
      compared: all.filter(({ verdict }) => verdict.verdict !== null).length,
      denied: denied.length,
    },
    denials: groupsOf(denied),
    tools: [...called]
      .map(([tool, count]) => ({ tool, calls: count, denied: deniedTools.get(tool) ?? 0 }))
      .sort((a, b) => b.denied - a.denied || b.calls - a.calls || (a.tool < b.tool ? -1 : 1)),
  };
}

function groupsOf(denied: readonly Found[]): readonly DenialGroup[] {
  const groups = new Map<string, Found[]>();
  for (const found of denied) {
    const { code, tool, node, argument = null } = found.verdict;
    const key = canonicalJson([code, tool, node, argument]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [found]);
    else group.push(found);
  }
  return [...groups.values()]
    .map((group) => groupOf(group))
    .sort((a, b) => b.calls - a.calls || (canonicalJson([a.code, a.tool]) < canonicalJson([b.code, b.tool]) ? -1 : 1));
}

function groupOf(group: readonly Found[]): DenialGroup {
  const { code, tool, node, argument = null } = (group[0] as Found).verdict;
  return {
    code: code ?? "INTERNAL",
    tool,
    node,
    argument,
    calls: group.length,
    runs: new Set(group.map(({ run }) => run.name)).size,
    examples: group.slice(0, reportExamplesMax).map(({ verdict, run }) => {
      const args = callsOf(run.recorded)[verdict.i]?.args ?? {};
      const place = argument?.split("/")[0] ?? "";
      const value = member(args, place);
      return { run: run.name, i: verdict.i, args: value === undefined ? args : { [place]: value }, chain: verdict.chain };
    }),
  };
}

function callsOf({ trace }: Recorded): readonly TraceCall[] {
  return trace.events.filter((event) => event.type === "call");
}
