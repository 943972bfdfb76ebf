/**
 * The recordings of an observing firewall, as the dashboard reads them: a few files at a time, and one report of all that were read.
 * Never shows more of a value than the recording has, and never leaves a recording out without counting it.
 */
import { canonicalJson } from "../../json/canonical.ts";
import type { Json } from "../../json/value.ts";
import { reportExamplesMax } from "../../limits.ts";
import { recordingBytesMax, recordingsMax, recordingsBytesMax } from "./bounds.ts";
import { readRecorded } from "../../observe/recorded.ts";
import { type DenialGroup, type ObserveReport, reportOf } from "../../observe/report.ts";
import type { Finding } from "../../plan/finding.ts";
import type { Result } from "../../result.ts";
import type { AuditFailure } from "../../audit/log.ts";
import { breathe } from "./paced.ts";
import { TaskFailure, type TaskWork } from "./tasks.ts";

/** A recording that is there. */
export interface RecordingFile {
  /** Its name, without a folder. */
  readonly name: string;
  readonly bytes: number;
}

/** Where recordings are, and who learns from them. No method rejects for reasons of the world. */
export interface Recordings {
  /** All of them, the newest first. */
  list(): Promise<Result<readonly RecordingFile[], AuditFailure>>;
  /** The text of one of those listed; `undefined`: it is gone, or cannot be read. */
  read(name: string): Promise<string | undefined>;
  /**
   * A draft plan from those that are named, learned elsewhere than in the process that decides calls. Errors: why there is none, in a line.
   * Absent: nobody learns here.
   */
  readonly learn?: (names: readonly string[], signal: AbortSignal) => Promise<Result<LearnedPlan, string>>;
}

/** A draft that was learned, and what a person must know of it. */
export interface LearnedPlan {
  readonly plan: Json;
  readonly findings: readonly Pick<Finding, "severity" | "code" | "message" | "pointer">[];
}

/** One recording, in a row. */
export interface ObservedRunRow {
  readonly name: string;
  readonly bytes: number;
  readonly task?: string;
  readonly calls: number;
  /** How many were compared with a plan, and how many of these would have been denied. */
  readonly compared: number;
  readonly denied: number;
}

/** What recordings say together. */
export interface ObservedAll {
  readonly report: ObserveReport;
  /** Those that were read, the newest first. */
  readonly runs: readonly ObservedRunRow[];
  /** Recordings that were not read: too large, too many, no traces. */
  readonly left: { readonly large: number; readonly older: number; readonly unread: number };
}

/** The first files that may be read together. */
function newestWithin(files: readonly RecordingFile[]): readonly RecordingFile[] {
  let total = 0;
  const end = files.findIndex(({ bytes }, i) => {
    total += bytes;
    return i >= recordingsMax || total > recordingsBytesMax;
  });
  return end < 0 ? files : files.slice(0, end);
}

/** Reads the newest recordings, a file at a time. Rejects with `TaskFailure`. */
export async function readObserved(recordings: Recordings, { signal, tell }: TaskWork): Promise<ObservedAll> {
  const files = await recordings.list();
  if (!files.ok) throw new TaskFailure("the folder of recordings cannot be read");
  const small = files.value.filter(({ bytes }) => bytes <= recordingBytesMax);
  const taken = newestWithin(small);
  const runs: ObservedRunRow[] = [];
  let report = reportOf([]);
  let unread = 0;
  for (const [i, { name, bytes }] of taken.entries()) {
    if (signal.aborted) break;
    tell({ done: i, total: taken.length });
    await breathe();
    const text = await recordings.read(name);
    const recorded = text === undefined ? undefined : readRecorded(text);
    if (recorded?.ok !== true) {
      unread += 1;
      continue;
    }
    const { trace, verdicts } = recorded.value;
    await breathe();
    report = joinReports(report, reportOf([{ name, recorded: recorded.value, verdicts }]));
    const task = trace.task;
    runs.push({
      name,
      bytes,
      ...(task === undefined || task === "" ? {} : { task }),
      calls: trace.events.filter(({ type }) => type === "call").length,
      compared: verdicts.filter(({ verdict }) => verdict !== null).length,
      denied: verdicts.filter(({ verdict }) => verdict === "deny").length,
    });
  }
  return { report, runs, left: { large: files.value.length - small.length, older: small.length - taken.length, unread } };
}

function sumOf<T extends { readonly [name in keyof T]: number }>(a: T, b: T): T {
  return Object.fromEntries(Object.keys(a).map((name) => [name, a[name as keyof T] + b[name as keyof T]])) as T;
}

/** The report of two sets of recordings that have none in common. */
export function joinReports(a: ObserveReport, b: ObserveReport): ObserveReport {
  const groups = new Map<string, DenialGroup>();
  for (const group of [...a.denials, ...b.denials]) {
    const key = canonicalJson([group.code, group.tool, group.node, group.argument]);
    const known = groups.get(key);
    groups.set(
      key,
      known === undefined
        ? group
        : {
            ...known,
            calls: known.calls + group.calls,
            runs: known.runs + group.runs,
            examples: [...known.examples, ...group.examples].slice(0, reportExamplesMax),
          },
    );
  }
  const tools = new Map<string, ObserveReport["tools"][number]>();
  for (const one of [...a.tools, ...b.tools]) {
    const known = tools.get(one.tool);
    tools.set(
      one.tool,
      known === undefined ? one : { tool: one.tool, calls: known.calls + one.calls, denied: known.denied + one.denied },
    );
  }
  const order = (first: string, second: string): number => (first < second ? -1 : 1);
  return {
    runs: sumOf(a.runs, b.runs),
    calls: sumOf(a.calls, b.calls),
    denials: [...groups.values()].sort(
      (x, y) => y.calls - x.calls || order(canonicalJson([x.code, x.tool]), canonicalJson([y.code, y.tool])),
    ),
    tools: [...tools.values()].sort((x, y) => y.denied - x.denied || y.calls - x.calls || order(x.tool, y.tool)),
  };
}
