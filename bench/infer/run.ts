/**
 * Drafts of task → plan sets against the right plans. `node bench/infer/run.ts [--sets A,B] [--limit N] [--quick] [--errors N] [--write] …`
 * Prints what the planner proposed, and never trains, tunes or calibrates on what it measures.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Calibration, readCalibration } from "../../src/infer/adapt/calibration.ts";
import { readJson } from "../../src/json/read.ts";
import { dataFolder } from "../agentdojo/data.ts";
import { machineFacts } from "../machine.ts";
import { curveSvg, type Line } from "./curve.ts";
import { judgedOf, type Prediction } from "./drafting.ts";
import { developmentSets, type EvalRow, readRowSets } from "./rows.ts";
import { errorText, type MeasureOptions, measureLoad, measureSet, measureSizes } from "./measure.ts";
import { openWeights } from "./planners.ts";
import { predictionLine } from "./predictions.ts";
import { curveOf } from "./score.ts";
import { type Report, type SetReport, tables } from "./table.ts";
import { toollessRows, toollessSet } from "./toolless.ts";

const { values: options } = parseArgs({
  options: {
    sets: { type: "string", default: "" },
    split: { type: "string", default: "dev" },
    limit: { type: "string" },
    models: { type: "string" },
    base: { type: "string" },
    calibration: { type: "string" },
    threads: { type: "string", default: "1" },
    out: { type: "string" },
    errors: { type: "string", default: "0" },
    plans: { type: "string", default: "0" },
    quick: { type: "boolean", default: false },
    latency: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});

function say(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}

function calibrationOf(path: string | undefined): Calibration | undefined {
  if (path === undefined) return undefined;
  const value = readJson(readFileSync(path, "utf8"));
  const read = value.ok ? readCalibration(value.value) : undefined;
  if (!read?.ok) throw new Error(`${path}: ${read === undefined ? "no JSON" : `${read.error.pointer}: ${read.error.message}`}`);
  return read.value;
}

interface Measured {
  readonly report: SetReport;
  readonly predictions: readonly Prediction[];
}

async function measureAll(
  folder: string,
  limit: number,
): Promise<{ readonly report: Report; readonly sets: readonly Measured[] }> {
  const machine = machineFacts();
  const split = options.split === "held" ? "held" : "dev";
  const names = options.sets.split(",").filter((name) => name !== "");
  const rowSets = new Map(readRowSets(folder, { split, sets: names.filter((name) => name !== toollessSet), limit }));
  if (names.length === 0 || names.includes(toollessSet)) {
    const rows = toollessRows(
      [...rowSets.values()].map((set) => set.rows),
      Math.min(limit, 300),
    );
    rowSets.set(toollessSet, { rows, skipped: 0 });
  }
  const calibration = calibrationOf(options.calibration);
  const threads = Number(options.threads);
  const source = { threads, ...(options.models === undefined ? {} : { models: options.models }) };
  const opened = await openWeights(source);
  const measuring: MeasureOptions = {
    opened,
    ...(calibration === undefined ? {} : { calibration }),
    ...(options.base === undefined ? {} : { base: options.base }),
    isQuick: options.quick,
    plans: Number(options.plans),
    say,
  };
  const sets: Measured[] = [];
  const plans = { same: 0, tried: 0, different: [] as string[] };
  for (const [name, { rows, skipped }] of rowSets) {
    const measured = await measureSet({ name, rows, skipped }, measuring);
    plans.same += measured.plans.same;
    plans.tried += measured.plans.tried;
    plans.different.push(...measured.plans.different);
    sets.push(measured);
  }
  await opened.close();
  const rows: readonly EvalRow[] = [...rowSets.values()].flatMap((set) => set.rows.slice(0, 40));
  const isTimed = options.latency || options.write;
  const report: Report = {
    machine,
    planner: `weights ${opened.digest.slice(0, 12)}`,
    split: split === "dev" ? "development" : "held-out training",
    ...(Number.isFinite(limit) ? { limit } : {}),
    sets: sets.map((set) => set.report),
    ...(isTimed ? { latency: await measureSizes(rows, source, { folder, say }), load: await measureLoad(rows, source) } : {}),
    ...(plans.tried > 0 ? { plans } : {}),
  };
  return { report, sets };
}

function curves(sets: readonly Measured[]): string {
  const lines = sets.map(({ report: { name, figures }, predictions }): Line => {
    const points = curveOf(predictions.map(judgedOf));
    const kept = figures.keptRight === undefined ? {} : { kept: { coverage: figures.coverage, accuracy: figures.keptRight } };
    return { name, points, ...kept };
  });
  return curveSvg("Accuracy of the drafts that are kept against the share of the tasks that they are", lines);
}

/** Puts the tables under the heading "Results" of the README, and report and curve among the results. */
function writeResults(report: Report, svg: string): void {
  const place = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
  writeFileSync(place("../results/infer.json"), `${jsonOf(report)}\n`);
  writeFileSync(place("../results/infer-coverage.svg"), svg);
  const [method = ""] = readFileSync(place("README.md"), "utf8").split("\n## Results\n");
  const { processor, cores, memoryGiB, platform, runtime, load } = report.machine;
  const facts = `${processor}, ${cores} cores, ${memoryGiB} GiB, ${platform}, ${runtime}, load ${load} when it began`;
  const text = `## Results\n\nWritten by \`node bench/infer/run.ts --write\`. ${facts}.\n\n${tables(report)}\n![Accuracy of kept drafts against coverage](../results/infer-coverage.svg)\n`;
  writeFileSync(place("README.md"), `${method}\n${text}`);
}

function jsonOf(report: Report): string {
  const short = (_: string, value: unknown): unknown => (typeof value === "number" ? Math.round(value * 1e4) / 1e4 : value);
  return JSON.stringify(report, short, 1);
}

async function main(): Promise<void> {
  const folder = dataFolder("plans");
  if (folder === undefined) {
    if (options.json) process.stdout.write(`${JSON.stringify({ skipped: true })}\n`);
    return;
  }
  if (!["dev", "held"].includes(options.split)) throw new Error("--split is dev or held");
  if (options.write && options.split !== "dev") throw new Error("--write is for development rows: leave out --split");
  const limit = options.limit === undefined ? (options.quick ? 150 : Number.POSITIVE_INFINITY) : Number(options.limit);
  if (!(limit > 0)) throw new Error(`--limit is a number of rows; sets: ${developmentSets.join(", ")}`);
  const { report, sets } = await measureAll(folder, limit);
  say("");
  process.stdout.write(options.json ? `${jsonOf(report)}\n` : tables(report));
  for (const { report: set, predictions } of sets) process.stdout.write(errorText(set.name, predictions, Number(options.errors)));
  const svg = curves(sets);
  if (options.write) writeResults(report, svg);
  if (options.out === undefined) return;
  mkdirSync(options.out, { recursive: true });
  writeFileSync(join(options.out, "report.json"), `${jsonOf(report)}\n`);
  writeFileSync(join(options.out, "coverage.svg"), svg);
  for (const { report: set, predictions } of sets)
    writeFileSync(
      join(options.out, `predictions-${set.name}.jsonl`),
      predictions.map((one) => predictionLine({ ...one, split: options.split })).join(""),
    );
}

await main();
