/**
 * Measures one set, the sizes of catalogues, and what loading costs.
 * Never prints; never keeps a draft that it has not compared.
 */
import type { Calibration } from "../../src/infer/adapt/calibration.ts";
import type { Models } from "../../src/infer/runtime/models.ts";
import { bm25 } from "./bm25.ts";
import { openCosine } from "./cosine.ts";
import { draftRows, judgedOf, type Prediction, shownOutline } from "./drafting.ts";
import { faultKinds, faultsOf } from "./errors.ts";
import { type FloorFigures, floorFigures, type Ranked } from "./floor.ts";
import { catalogueSizes, type LatencyRow, measureLatency, quantile } from "./latency.ts";
import { openWeights, plannerOf, proposeWithRightTools, type OpenOptions } from "./planners.ts";
import { comparePlans } from "./plans.ts";
import { type EvalRow, readRowSets } from "./rows.ts";
import { figuresOf } from "./score.ts";
import type { Report, SetReport } from "./table.ts";

/** What sets are measured with. */
export interface MeasureOptions {
  readonly opened: Models;
  readonly calibration?: Calibration;
  /** Folder of untrained models, for the zero-shot floor. */
  readonly base?: string;
  /** Leaves out the right tools given and the floors. */
  readonly isQuick: boolean;
  /** Drafts of each set whose plan is compared with the proposal. */
  readonly plans: number;
  readonly say: (text: string) => void;
}

/** A set as it is measured. */
export interface MeasuredSet {
  readonly report: SetReport;
  readonly predictions: readonly Prediction[];
  readonly plans: NonNullable<Report["plans"]>;
}

/** Drafts and scores a set. */
export async function measureSet(
  set: { readonly name: string; readonly rows: readonly EvalRow[]; readonly skipped: number },
  options: MeasureOptions,
): Promise<MeasuredSet> {
  const { name, rows, skipped } = set;
  const { opened, say, isQuick } = options;
  const planner = plannerOf(opened, options);
  const predictions = await draftRows(rows, planner, (done) => say(`${name}: ${done} of ${rows.length}`));
  const times = predictions.map(({ milliseconds }) => milliseconds);
  const plans = await comparePlans(rows.slice(0, options.plans), planner);
  const goldTools = isQuick ? undefined : await withRightTools(rows, { opened, say, name });
  const lexical = isQuick ? undefined : await lexicalFloor(rows);
  const zeroShot = isQuick || options.base === undefined ? undefined : await zeroShotFloor(rows, options.base, say);
  const report: SetReport = {
    name,
    skipped,
    figures: figuresOf(predictions.map(judgedOf)),
    ...(goldTools === undefined ? {} : { goldTools }),
    ...(lexical === undefined ? {} : { lexical }),
    ...(zeroShot === undefined ? {} : { zeroShot }),
    faults: faultCounts(predictions),
    p50: quantile(times, 0.5),
    p95: quantile(times, 0.95),
  };
  return { report, predictions, plans };
}

async function withRightTools(
  rows: readonly EvalRow[],
  { opened, say, name }: { readonly opened: Models; readonly say: MeasureOptions["say"]; readonly name: string },
): Promise<SetReport["goldTools"]> {
  const judged = [];
  for (const [done, row] of rows.entries()) {
    if (row.gold.calls.length === 0) continue;
    say(`${name}, right tools given: ${done} of ${rows.length}`);
    judged.push(judgedOf({ row, proposal: await proposeWithRightTools(row, opened), milliseconds: 0 }));
  }
  const { argF1, edgeF1, planExact } = figuresOf(judged);
  return { planExact, ...(argF1 === undefined ? {} : { argF1 }), ...(edgeF1 === undefined ? {} : { edgeF1 }) };
}

async function lexicalFloor(rows: readonly EvalRow[]): Promise<FloorFigures | undefined> {
  const rankers = new Map<EvalRow["tools"], (task: string) => readonly Ranked[]>();
  return floorFigures(rows, ({ task, tools }) => {
    const rank = rankers.get(tools) ?? bm25(tools);
    rankers.set(tools, rank);
    return rank(task);
  });
}

async function zeroShotFloor(
  rows: readonly EvalRow[],
  base: string,
  say: MeasureOptions["say"],
): Promise<FloorFigures | undefined> {
  const rank = await openCosine(base);
  const ranked = new Map<EvalRow, readonly Ranked[]>();
  for (const [done, row] of rows.entries()) {
    say(`${row.set}, zero-shot: ${done} of ${rows.length}`);
    ranked.set(row, await rank(row));
  }
  return floorFigures(rows, (row) => ranked.get(row) ?? []);
}

function faultCounts(predictions: readonly Prediction[]): SetReport["faults"] {
  const counts: Record<string, { faults: number; rows: number }> = {};
  for (const kind of faultKinds) {
    for (const prediction of predictions) {
      const found = faultsOf(shownOutline(judgedOf(prediction)), prediction.row).filter((fault) => fault.kind === kind).length;
      if (found === 0) continue;
      const count = counts[kind] ?? { faults: 0, rows: 0 };
      counts[kind] = { faults: count.faults + found, rows: count.rows + 1 };
    }
  }
  return counts;
}

/** Examples of wrong drafts, spread over the set, for a person to read. */
export function errorText(name: string, predictions: readonly Prediction[], count: number): string {
  const wrong = predictions
    .map((prediction) => ({ prediction, faults: faultsOf(shownOutline(judgedOf(prediction)), prediction.row) }))
    .filter(({ faults }) => faults.length > 0);
  const step = Math.max(1, Math.floor(wrong.length / Math.max(1, count)));
  const shown = wrong.filter((_, at) => at % step === 0).slice(0, count);
  return shown
    .map(({ prediction: { row, proposal }, faults }) => {
      const reasons = proposal.abstentions.map(({ code }) => code).join(", ");
      const head = `\n${name} ${row.id}, confidence ${proposal.confidence.toFixed(2)}${reasons === "" ? "" : `, ${reasons}`}\n  ${JSON.stringify(row.task.slice(0, 700))}\n`;
      return `${head}${faults.map(({ kind, what }) => `    ${kind}: ${what}\n`).join("")}`;
    })
    .join("");
}

/** Times by the size of the catalogue, on one and two threads. */
export async function measureSizes(
  rows: readonly EvalRow[],
  source: OpenOptions,
  { folder, say }: { readonly folder: string; readonly say: MeasureOptions["say"] },
): Promise<readonly LatencyRow[]> {
  const others = [...readRowSets(folder, { split: "held", sets: ["traject", "sealtools"], limit: 1 }).values()].flatMap((set) =>
    set.rows.flatMap(({ tools }) => tools),
  );
  const [first] = rows;
  const found: LatencyRow[] = [];
  for (const threads of [1, 2]) {
    for (const size of catalogueSizes) {
      say(`${size} tools, ${threads} threads`);
      const opened = await openWeights({ ...source, threads });
      const own = rows.filter(({ tools }) => tools === first?.tools);
      const row = await measureLatency(own, plannerOf(opened, {}), { others, size, threads });
      if (row !== undefined) found.push(row);
      await opened.close();
    }
  }
  return found;
}

/** What opening and the first draft cost. */
export async function measureLoad(rows: readonly EvalRow[], source: OpenOptions): Promise<NonNullable<Report["load"]>> {
  const start = performance.now();
  const opened = await openWeights(source);
  const milliseconds = performance.now() - start;
  const begun = performance.now();
  await draftRows(rows.slice(0, 1), plannerOf(opened, {}), () => {});
  const firstDraftMilliseconds = performance.now() - begun;
  await opened.close();
  return { milliseconds, firstDraftMilliseconds, residentMiB: process.memoryUsage.rss() / 2 ** 20 };
}
