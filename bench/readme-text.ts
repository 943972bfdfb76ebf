/**
 * What READMEs say of the last runs: the section "Results" of `bench/README.md`, and the short table of the root's.
 * Only reads `results/`. Never measures, and never says a figure that is not there.
 */
import type { CheckRow as AuditCheckRow } from "./audit/checks.ts";
import type { LogRow } from "./audit/log.ts";
import { table as auditTable } from "./audit/table.ts";
import { type Row as CheckRow, table as checkTable } from "./check/table.ts";
import type { CostReport } from "./cost/rows.ts";
import { table as costTable } from "./cost/table.ts";
import { barsMet, barsTable, markdownTable } from "./figures-text.ts";
import { type Row as HonoRow, table as honoTable } from "./hono/table.ts";
import { lastRun, lastRunIfAny } from "./last-run.ts";
import type { MachineFacts } from "./machine.ts";
import { markdown } from "./markdown.ts";
import { figuresIn, type Report } from "./reports.ts";
import type { PeersReport } from "./peers/report.ts";
import { table as peersTable } from "./peers/table.ts";
import { type ScaleRow, table as scaleTable, type Weight } from "./scale/table.ts";
import { type SignalResults, table as signalTable } from "./signals/table.ts";
import { type SoakRow, soakTable } from "./soak/report.ts";
import type { StartReport } from "./start/report.ts";
import { table as startTable } from "./start/table.ts";
import type { Row as SurfaceRow } from "./surfaces/measure.ts";
import { table as surfaceTable } from "./surfaces/table.ts";

interface Results<Row> {
  readonly machine: MachineFacts;
  readonly rows: readonly Row[];
}

function factsOf({ processor, cores, memoryGiB, platform, runtime, load }: MachineFacts): string {
  return `${processor}, ${cores} cores, ${memoryGiB} GiB, ${platform}, ${runtime}, load ${load} when it began`;
}

/** The section "Results" of `bench/README.md`, with its heading. */
export function resultsSection(reports: readonly Report[]): string {
  return `## Results

Written by \`node bench/readme.ts\` out of \`results/*.json\`.

${overviewSection(reports)}
${middlewareSection()}
${surfacesSection()}${startSections()}${peersSection()}${scaleSections()}${auditSection()}${signalsSection()}${checksSection()}`;
}

/** Between the markers of the root's README: every bar with its outcome, in few columns, and the plot. */
export function barsSection(reports: readonly Report[]): string {
  const figures = figuresIn(reports);
  const { met, all } = barsMet(figures);
  const machine = reports.flatMap((report) =>
    "machine" in report && report.machine !== undefined ? [factsOf(report.machine)] : [],
  )[0];
  return `${met} of ${all} bars were met in the last run${machine === undefined ? "" : ` (${machine})`}. All figures: \`bench/README.md\`.

![One check, in multiples of JSON.parse of the same bytes: floors, Sluice, other engines](bench/results/overview.svg)

${barsTable(figures)}${peersTableInShort()}`;
}

function overviewSection(reports: readonly Report[]): string {
  const figures = figuresIn(reports);
  const { met, all } = barsMet(figures);
  const lines = reports.map((report) => {
    const said =
      "problem" in report ? report.problem : report.machine === undefined ? "out of the others" : factsOf(report.machine);
    return `- \`${report.bench}/\`: ${said}.`;
  });
  return `### All of it

What \`npm run bench\` prints. ${met} of ${all} bars met. A ratio is to what stands before it, of the same run; its p99 is p99 to p99.

![One check, in multiples of JSON.parse of the same bytes](results/overview.svg)

${lines.join("\n")}

${markdownTable(figures)}`;
}

function middlewareSection(): string {
  const hono = lastRun<Results<HonoRow>>("hono");
  return `### Middleware

${factsOf(hono.machine)}. Throughput as a ratio to the application that keeps its sessions, and to the bare one; added latency against the former.

${honoTable(hono.rows)}`;
}

function checksSection(): string {
  const check = lastRun<Results<CheckRow>>("check");
  return `### Checks

${factsOf(check.machine)}. ${checkTable(check.rows).replaceAll("\n### ", "\n#### ")}`;
}

/** The surfaces' section, once they have been measured on a machine that was at rest. */
function surfacesSection(): string {
  const surfaces = lastRunIfAny<Results<SurfaceRow>>("surfaces");
  if (surfaces === undefined) return "";
  const { machine, rows } = surfaces;
  return `### Surfaces\n\n${factsOf(machine)}. Ratios of medians, and in brackets of p99; noise is the direct path to itself.\n\n${surfaceTable(rows)}\n`;
}

/** What it takes to start, and what a million checks cost, once either was reckoned. */
function startSections(): string {
  const [start, cost] = [lastRunIfAny<StartReport>("start"), lastRunIfAny<CostReport>("cost")];
  const starts = start === undefined ? "" : `### Starts\n\n${factsOf(start.machine)}.\n\n${startTable(start)}\n`;
  return `${starts}${cost === undefined ? "" : `### Cost\n\n${costTable(cost)}\n`}`;
}

/** Other engines on the same calls: how many of their answers are right, and what they take. */
function peersSection(): string {
  const report = lastRunIfAny<PeersReport>("peers");
  return report === undefined ? "" : `### Peers\n\n${factsOf(report.machine)}.\n\n${peersTable(report)}\n`;
}

/** The same in four columns, for the root's README: no time of an engine without how many of its answers were right. */
function peersTableInShort(): string {
  const report = lastRunIfAny<PeersReport>("peers");
  if (report === undefined) return "";
  const { rows, calls } = report;
  const ratio = (value: number): string => `${value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString("en")}×`;
  const lines = rows.map(({ name, kind, right, times }) => {
    const answers = right === undefined ? (kind === "floor" ? "–" : "not run") : `${right}`;
    return [name, answers, times === undefined ? "–" : ratio(times.ratio), times === undefined ? "–" : ratio(times.ratioP99)];
  });
  return `
The same ${calls} calls through what you would pick instead, from bytes to verdict (\`node bench/peers/run.ts\`; p99 to p99 of \`JSON.parse\`). Most of
the others' right answers come from code that a host has to write around them; what that is, and what was not run and why, says \`bench/README.md\`.

${markdown(["engine", `right of ${calls}`, "p50 ÷ `JSON.parse`", "p99"], lines)}`;
}

/** What several processes do behind one store, and what came of the soaks, once they have been run. */
function scaleSections(): string {
  const scale = lastRun<Results<ScaleRow> & { readonly weights: readonly Weight[] }>("scale");
  const soaks = lastRun<Results<SoakRow>>("soak").rows;
  return `### Several processes

${factsOf(scale.machine)}.

${scaleTable(scale.rows, scale.weights)}
### Soak

${soakTable(soaks)}`;
}

/** What an audit log costs. */
function auditSection(): string {
  const { machine, ...result } = lastRun<{
    readonly machine: MachineFacts;
    readonly checks: readonly AuditCheckRow[];
    readonly log: readonly LogRow[];
  }>("audit");
  return `### Audit log\n\n${factsOf(machine)}. ${auditTable(result)}\n`;
}

/** What signals over made-up audit logs are worth. */
function signalsSection(): string {
  const { machine, ...results } = lastRun<SignalResults & { readonly machine: MachineFacts }>("signals");
  return `### Signals\n\n${factsOf(machine)}.\n\n${signalTable(results)}\n`;
}
