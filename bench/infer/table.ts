/**
 * The figures of an evaluation as Markdown.
 * Never leaves a planner's figure without the floors beside it where they were measured.
 */
import type { MachineFacts } from "../machine.ts";
import { markdown } from "../markdown.ts";
import type { FloorFigures } from "./floor.ts";
import type { LatencyRow } from "./latency.ts";
import type { Figures } from "./score.ts";

/** What was measured on one set. */
export interface SetReport {
  readonly name: string;
  /** Rows whose right plan names a tool that the catalogue does not have. */
  readonly skipped: number;
  readonly figures: Figures;
  /** With the right tools given. */
  readonly goldTools?: Pick<Figures, "argF1" | "edgeF1" | "planExact">;
  readonly lexical?: FloorFigures;
  readonly zeroShot?: FloorFigures;
  /** Faults by kind: how many, in how many rows. */
  readonly faults: Readonly<Record<string, { readonly faults: number; readonly rows: number }>>;
  /** Milliseconds of a draft. */
  readonly p50: number;
  readonly p95: number;
}

/** What one run measured. */
export interface Report {
  readonly machine: MachineFacts;
  /** Digest of the weights, or how the planner is called. */
  readonly planner: string;
  readonly split: string;
  /** Rows of each set at most; absent: all. */
  readonly limit?: number;
  readonly sets: readonly SetReport[];
  readonly latency?: readonly LatencyRow[];
  readonly load?: { readonly milliseconds: number; readonly firstDraftMilliseconds: number; readonly residentMiB: number };
  /** Drafts whose plan says the same as the proposal, of those that were looked at. */
  readonly plans?: { readonly same: number; readonly tried: number; readonly different: readonly string[] };
}

/** A share with two decimals, without the leading 0; what was not measured is a dash. */
function share(value: number | undefined): string {
  if (value === undefined) return "–";
  return value >= 0.995 ? "1.00" : value.toFixed(2).replace(/^0/, "");
}

function percent(value: number | undefined): string {
  return value === undefined ? "–" : `${(value * 100).toFixed(value > 0.995 && value < 1 ? 2 : 0)} %`;
}

/** All tables of a report. */
export function tables(report: Report): string {
  const parts = [
    `${report.planner}; ${report.split} sets${report.limit === undefined ? "" : `, at most ${report.limit} rows of each, chosen by a hash of their names`}.`,
    accuracyTable(report.sets),
    keptTable(report.sets),
    surestTable(report.sets),
    faultTable(report.sets),
  ];
  if (report.latency !== undefined) parts.push(latencyTable(report.latency));
  if (report.load !== undefined) {
    const { milliseconds, firstDraftMilliseconds, residentMiB } = report.load;
    parts.push(
      `Opening the models takes ${milliseconds.toFixed(0)} ms, the first draft ${firstDraftMilliseconds.toFixed(0)} ms (networks are loaded by it); then the process holds ${residentMiB.toFixed(0)} MiB.\n`,
    );
  }
  if (report.plans !== undefined)
    parts.push(
      `Of ${report.plans.tried} drafts, the plan of ${report.plans.same} says what the proposal says.\n${report.plans.different.map((line) => `- ${line}\n`).join("")}`,
    );
  return parts.join("\n");
}

function accuracyTable(sets: readonly SetReport[]): string {
  const heads = [
    "set",
    "rows",
    "tool F1 (zero-shot, BM25)",
    "exact tools (zero-shot, BM25)",
    "argument F1 (right tools given)",
    "edge F1 (right tools given)",
    "exact plan (right tools given)",
  ];
  return markdown(
    heads,
    sets.map(({ name, figures, skipped, goldTools, lexical, zeroShot }) => [
      name,
      `${figures.rows}${skipped === 0 ? "" : ` (and ${skipped} that name a tool that is not there)`}`,
      `${share(figures.toolF1)} (${share(zeroShot?.toolF1)}, ${share(lexical?.toolF1)})`,
      `${share(figures.toolsExact)} (${share(zeroShot?.toolsExact)}, ${share(lexical?.toolsExact)})`,
      `${share(figures.argF1)} (${share(goldTools?.argF1)})`,
      `${share(figures.edgeF1)} (${share(goldTools?.edgeF1)})`,
      `${share(figures.planExact)} (${share(goldTools?.planExact)})`,
    ]),
  );
}

function keptTable(sets: readonly SetReport[]): string {
  const heads = [
    "set",
    "kept",
    "of the tasks",
    "right among the kept",
    "calibration error",
    "no tool fits: withheld (said so)",
    "wrongly said that none fits",
    "p50, p95 here",
  ];
  return markdown(
    heads,
    sets.map(({ name, figures, p50, p95 }) => [
      name,
      `${figures.kept}`,
      percent(figures.coverage),
      percent(figures.keptRight),
      share(figures.calibrationError),
      figures.toolless === 0 ? "–" : `${percent(figures.withheld)} (${percent(figures.saidNone)}) of ${figures.toolless}`,
      percent(figures.falseNone),
      `${p50.toFixed(0)}, ${p95.toFixed(0)} ms`,
    ]),
  );
}

function surestTable(sets: readonly SetReport[]): string {
  const tenths = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100];
  return markdown(
    ["right among the surest", ...tenths.map((tenth) => `${tenth} %`)],
    sets.map(({ name, figures }) => [name, ...tenths.map((_, at) => share(figures.surest[at]))]),
  );
}

function faultTable(sets: readonly SetReport[]): string {
  const kinds = [...new Set(sets.flatMap(({ faults }) => Object.keys(faults)))];
  return markdown(
    ["faults (rows with one)", ...sets.map(({ name }) => name)],
    kinds.map((kind) => [
      kind,
      ...sets.map(({ faults }) => (faults[kind] === undefined ? "" : `${faults[kind].faults} (${faults[kind].rows})`)),
    ]),
  );
}

function latencyTable(rows: readonly LatencyRow[]): string {
  return markdown(
    ["tools", "threads", "tasks", "p50 ms", "p95 ms", "first draft on the catalogue, ms", "resident MiB"],
    rows.map(({ tools, threads, tasks, p50, p95, cold, residentMiB }) => [
      `${tools}`,
      `${threads}`,
      `${tasks}`,
      p50.toFixed(1),
      p95.toFixed(1),
      cold.toFixed(0),
      residentMiB.toFixed(0),
    ]),
  );
}
