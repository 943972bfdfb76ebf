/**
 * Fits `models/calibration.json`: `node models/train/calibrate.ts --predictions DIR [--models DIR] [--target 0.05]`
 * where DIR is what `node bench/infer/run.ts --split held --out DIR` wrote. Never reads a development set.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { calibrationJson, decisionKinds } from "../../src/infer/adapt/calibration.ts";
import { fitCalibration, type JudgedDecision, type JudgedProposal } from "../../src/infer/adapt/fit.ts";
import { readJsonLines } from "../../src/json/lines.ts";
import { readJson } from "../../src/json/read.ts";
import { isArray, isObject, type Json, type JsonObject, member } from "../../src/json/value.ts";

const { values: options } = parseArgs({
  options: {
    predictions: { type: "string" },
    models: { type: "string", default: "models" },
    target: { type: "string", default: "0.05" },
  },
});

function judgedOf(line: Json, place: string): JudgedProposal {
  const judged = member(line, "judged");
  const [group, hasTool, isRight, none] = ["group", "hasTool", "isRight", "none"].map((name) => member(judged, name));
  const decisions = member(judged, "decisions");
  if (typeof group !== "string" || typeof hasTool !== "boolean" || typeof isRight !== "boolean" || !isArray(decisions))
    throw new Error(`${place}: no prediction`);
  const partial = member(judged, "isPartial") === true ? ({ isPartial: true } as const) : {};
  const read = { group, hasTool, isRight, decisions: decisions.map((decision) => decisionOf(decision, place)), ...partial };
  return typeof none === "number" ? { ...read, none } : read;
}

function decisionOf(value: Json, place: string): JudgedDecision {
  const { kind, probability, isRight } = isObject(value) ? value : {};
  const known = decisionKinds.find((one) => one === kind);
  if (known === undefined || typeof probability !== "number" || !(isRight === undefined || typeof isRight === "boolean"))
    throw new Error(`${place}: no decision`);
  return isRight === undefined ? { kind: known, probability } : { kind: known, probability, isRight };
}

function readPredictions(folder: string): readonly JudgedProposal[] {
  const files = readdirSync(folder).filter((name) => /^predictions-.*\.jsonl$/.test(name));
  if (files.length === 0) throw new Error(`${folder}: no predictions-*.jsonl in it`);
  return files.sort().flatMap((name) => {
    const read = readJsonLines(readFileSync(join(folder, name), "utf8"));
    if (!read.ok) throw new Error(`${name}:${read.error.line}: ${read.error.message}`);
    const lines = read.value.map(({ value }) => value);
    // A development row would make every figure on its set a lie.
    const foreign = lines.find((line) => member(line, "split") !== "held");
    if (foreign !== undefined) throw new Error(`${name}: holds rows that are not held out of the training sets`);
    return lines.map((line, at) => judgedOf(line, `${basename(name)}:${at + 1}`));
  });
}

/** The manifest names every file by its digest: the new one too. */
function updateManifest(folder: string, bytes: Uint8Array): void {
  const path = join(folder, "manifest.json");
  const read = readJson(readFileSync(path, "utf8"));
  const files = read.ok ? member(read.value, "files") : undefined;
  if (!read.ok || !isObject(read.value) || !isObject(files)) throw new Error(`${path}: no manifest`);
  const entry: JsonObject = { sha256: createHash("sha256").update(bytes).digest("hex"), bytes: bytes.length };
  writeFileSync(path, `${JSON.stringify({ ...read.value, files: { ...files, "calibration.json": entry } }, null, 1)}\n`);
}

if (options.predictions === undefined) throw new Error("--predictions DIR is needed");
const proposals = readPredictions(options.predictions);
const sets = [...new Set(proposals.map(({ group }) => group))].sort();
const calibration = fitCalibration(proposals, { sets, target: Number(options.target) });
const bytes = Buffer.from(`${JSON.stringify(calibrationJson(calibration), null, 1)}\n`);
writeFileSync(join(options.models, "calibration.json"), bytes);
updateManifest(options.models, bytes);

const { assurance, threshold, none, others, scales } = calibration;
process.stdout.write(`${proposals.length} proposals of ${sets.join(", ")}\n`);
for (const kind of decisionKinds)
  process.stdout.write(
    `  ${kind.padEnd(8)} temperature ${scales[kind].temperature.toFixed(2)}, shift ${scales[kind].shift.toFixed(2)}\n`,
  );
process.stdout.write(
  `  no tool fits from ${none.toFixed(3)}; other decisions count ${others}; kept from ${threshold.toFixed(3)}\n`,
);
process.stdout.write(
  assurance?.isReached === true
    ? `  at most ${(assurance.bound * 100).toFixed(1)} % of the kept are wrong (${assurance.wrong} of ${assurance.kept} of ${assurance.tried} were)\n`
    : `  no threshold reaches the target: the best has ${assurance?.wrong} wrong of ${assurance?.kept}, at most ${((assurance?.bound ?? 1) * 100).toFixed(1)} %\n`,
);
