/**
 * Plans learned from other runs with the same tools, and what they make of the run that was left out.
 * Never learns from the run that it judges.
 */
import type { Trace } from "../../src/trace.ts";
import { crossValidate, type CrossValidation } from "../../src/learn/learn.ts";
import type { Row, RowSet } from "./rows.ts";

/** Runs with the same tools. */
export interface Group {
  readonly tools: string;
  readonly rows: readonly Row[];
}

/** Fewer runs leave one to learn from. */
const rowsMin = 3;
/** Runs of a group that take part. */
const rowsMax = 8;

/** The groups of a set that are large enough, the first runs of each. */
export function groupsOf({ rows }: RowSet): readonly Group[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const tools = [...new Set(row.calls.map(({ tool }) => tool))].sort().join(", ");
    groups.set(tools, [...(groups.get(tools) ?? []), row]);
  }
  return [...groups].filter(([, own]) => own.length >= rowsMin).map(([tools, own]) => ({ tools, rows: own.slice(0, rowsMax) }));
}

/** What leaving each run out in turn found, summed over the groups of a set. */
export interface GroupReport {
  readonly set: string;
  readonly groups: number;
  readonly runs: number;
  readonly allowedRuns: number;
  /** Held-out runs that were given a parameter which their task does not say, from their own calls. */
  readonly hostRuns: number;
  /** The first denial of each run that was denied, by code. */
  readonly codes: { readonly [code: string]: number };
  readonly attacks: { readonly [outcome in keyof CrossValidation["attacks"]["fresh"]]: number };
  /** Group, run, place and reason of each first denial, and of what made no plan. */
  readonly denied: readonly string[];
  /** Attacks that came through for no reason that the plan gives. */
  readonly open: readonly string[];
}

/** Leaves out each run of each group in turn; `tick` is called after each group. */
export function measureGroups(set: RowSet, tick: () => void): GroupReport {
  const codes: Record<string, number> = {};
  const denied: string[] = [];
  const open: string[] = [];
  const attacks = { denied: 0, content: 0, choice: 0, read: 0, optional: 0, planned: 0, open: 0 };
  const sum = { groups: 0, runs: 0, allowedRuns: 0, hostRuns: 0 };
  for (const { rows, tools } of groupsOf(set)) {
    const traces: readonly Trace[] = rows.map(({ trace }) => trace);
    const found = crossValidate(traces, set.catalogue);
    tick();
    sum.groups += 1;
    sum.runs += rows.length;
    if (!found.ok) {
      denied.push(`${tools}: ${found.error[0]?.code}`);
      continue;
    }
    sum.allowedRuns += found.value.allowedRuns;
    sum.hostRuns += found.value.hostParams.length;
    for (const { finding } of found.value.failures) denied.push(`${tools}: ${finding.code}`);
    for (const { trace, code, call, node, argument, isLater } of found.value.falseDenials) {
      if (isLater === true) continue;
      codes[code] = (codes[code] ?? 0) + 1;
      denied.push(
        `${tools}: ${rows[trace]?.id} call ${call}: ${code} ${node ?? ""}${argument === undefined ? "" : `.${argument}`}`,
      );
    }
    for (const counts of Object.values(found.value.attacks))
      for (const [outcome, count] of Object.entries(counts)) attacks[outcome as keyof typeof attacks] += count;
    for (const { trace, call, kind, outcome, argument } of found.value.passed)
      if (outcome === "open") open.push(`${rows[trace]?.id} call ${call} ${argument ?? ""} (${kind})`);
  }
  return { set: set.name, ...sum, codes, attacks, denied, open };
}
