/**
 * How often the deterministic reading of values gives the gold value of an argument from the words that say it: by set, and by what an
 * argument asks for. A table to read; nothing is trained on it.
 * Never prints tasks of the development sets: they are counted only.
 *
 * node models/train/data/values-report.ts [--rows 400] [--errors KIND]
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";
import { taskWords } from "../../../src/infer/pieces.ts";
import type { DraftParam } from "../../../src/infer/tools.ts";
import { askOf } from "../../../src/infer/values/asks.ts";
import type { ValueContext } from "../../../src/infer/values/mention.ts";
import { mentionsOf } from "../../../src/infer/values/mentions.ts";
import { sameValue } from "../../../src/infer/values/same-value.ts";
// biome-ignore lint/suspicious/noShadowRestrictedNames: it is what the planners call it
import { valueOf } from "../../../src/infer/values/value-of.ts";
import { wantedKinds } from "../../../src/infer/values/wants.ts";
import { readJson } from "../../../src/json/read.ts";
import { isArray, type Json, member } from "../../../src/json/value.ts";
import { readToolSet, type ToolSet, toolSet } from "./catalogues.ts";
import { exampleOf } from "./examples.ts";
import { plansFolder, rowOf } from "./rows.ts";
import { type Reading, rangesOf, readingOf } from "./spans.ts";

/** What becomes of one gold argument. */
type Fate = "listed" | "read" | "misread" | "unsaid";

interface Count {
  readonly fates: Record<Fate, number>;
  readonly hints: { asked: number; hit: number };
}

const { values } = parseArgs({
  options: { rows: { type: "string", default: "400" }, errors: { type: "string" }, set: { type: "string" } },
});
const rowsMax = Number(values.rows);
const folder = plansFolder();
const catalogues = new Map<string, ToolSet>();

function named(name: string): ToolSet {
  const known = catalogues.get(name) ?? readToolSet(join(folder, "catalogs", `${name}.json`), name);
  catalogues.set(name, known);
  return known;
}

function fateOf(reading: Reading, param: DraftParam, { value, span }: { readonly value: Json; readonly span?: string }): Fate {
  const items = isArray(value) ? value : [value];
  if (items.every((item) => param.listed.some((listed) => sameValue(listed, item)))) return "listed";
  const kinds = wantedKinds(param);
  const ranges = rangesOf(reading, { param, value, kinds, ...(span !== undefined && { span }) });
  const text = ([first, last]: readonly [number, number]): string =>
    reading.task.slice(reading.words[first]?.start ?? 0, reading.words[last]?.end ?? 0);
  const right = ranges.some((range) => {
    const read = valueOf(text(range), param, reading.context);
    return read !== undefined && sameValue(read, value);
  });
  if (right || (isArray(value) && ranges.length > 0)) return "read";
  if (span !== undefined || ranges.length > 0) return "misread";
  return "unsaid";
}

/** Whether the task's typed things have one of the kind that the argument wants, in the words of the gold value. */
function isHinted(reading: Reading, param: DraftParam, value: Json): boolean {
  const kinds = new Set(wantedKinds(param));
  return reading.mentions.some(({ kind, start, end }) => {
    if (!kinds.has(kind)) return false;
    const read = valueOf(reading.task.slice(start, end), param, reading.context);
    return read !== undefined && sameValue(read, value);
  });
}

function report(split: "train" | "dev"): void {
  for (const file of readdirSync(join(folder, split)).toSorted()) {
    const set = file.replace(/\.jsonl\.gz$/, "");
    if (values.set !== undefined && values.set !== set) continue;
    const lines = gunzipSync(readFileSync(join(folder, split, file)))
      .toString("utf8")
      .trim()
      .split("\n");
    const step = Math.max(1, Math.floor(lines.length / rowsMax));
    const counts = new Map<string, Count>();
    for (let at = 0; at < lines.length; at += step) countRow(lines[at] ?? "", { set, split, counts });
    show(`${split}/${set}`, counts);
  }
}

interface RowOptions {
  readonly set: string;
  readonly split: "train" | "dev";
  readonly counts: Map<string, Count>;
}

function countRow(line: string, { set, split, counts }: RowOptions): void {
  const read = readJson(line);
  // The name of a set of training decides only what day it is, and that is the same for the development set of that name.
  const row = read.ok ? rowOf(read.value, set as "sgd") : undefined;
  if (row === undefined || !row.hasArguments || !read.ok) return;
  const example = exampleOf(row, typeof row.catalogue === "string" ? named(row.catalogue) : toolSet(row.id, row.catalogue));
  if (example === undefined) return;
  const said = member(read.value, "now");
  const now = example.now ?? (typeof said === "string" ? said : undefined);
  const context: ValueContext = { task: row.task, ...(now !== undefined && { now }) };
  const words = taskWords(row.task, { pieces: () => [1], piecesMax: 400 });
  const reading = readingOf(row.task, { words, mentions: mentionsOf(row.task), context });
  for (const { tool, args } of example.calls) {
    for (const param of tool.params) {
      const source = args.get(param.path.join("."));
      if (source?.kind !== "constant") continue;
      const fate = fateOf(reading, param, source);
      count(counts, param, { fate, reading, value: source.value });
      const { kind } = askOf(param);
      if (split === "train" && values.errors === kind && (fate === "misread" || fate === "unsaid")) {
        const from = source.span === undefined ? row.task.slice(0, 300) : source.span;
        const got = source.span === undefined ? undefined : valueOf(source.span, param, context);
        process.stdout.write(
          `${fate} ${param.words} (${param.type}) ${JSON.stringify(source.value)} <- ${JSON.stringify(from)} ${JSON.stringify(got)} // ${param.description.slice(0, 90)}\n`,
        );
      }
    }
  }
}

interface Outcome {
  readonly fate: Fate;
  readonly reading: Reading;
  readonly value: Json;
}

function count(counts: Map<string, Count>, param: DraftParam, { fate, reading, value }: Outcome): void {
  const key = param.type === "array" ? `list of ${askOf(param).kind}` : param.isClosed ? "enum" : askOf(param).kind;
  for (const name of [key, "all"]) {
    const entry = counts.get(name) ?? { fates: { listed: 0, read: 0, misread: 0, unsaid: 0 }, hints: { asked: 0, hit: 0 } };
    counts.set(name, entry);
    entry.fates[fate] += 1;
    if (fate !== "read" || wantedKinds(param).length === 0) continue;
    entry.hints.asked += 1;
    entry.hints.hit += Number(isHinted(reading, param, value));
  }
}

function show(title: string, counts: ReadonlyMap<string, Count>): void {
  process.stdout.write(`\n${title}\n`);
  const rows = [...counts].toSorted(([, one], [, other]) => total(other) - total(one));
  for (const [name, { fates, hints }] of rows) {
    const sum = fates.listed + fates.read + fates.misread + fates.unsaid;
    const share = (part: number): string => `${((100 * part) / sum).toFixed(1)}%`.padStart(7);
    const hit = hints.asked === 0 ? "" : `  hinted ${hints.hit}/${hints.asked}`;
    process.stdout.write(
      `  ${name.padEnd(18)}${String(sum).padStart(6)}  reached${share(fates.listed + fates.read)}  misread${share(fates.misread)}  unsaid${share(fates.unsaid)}${hit}\n`,
    );
  }
}

function total({ fates }: Count): number {
  return fates.listed + fates.read + fates.misread + fates.unsaid;
}

report("train");
report("dev");
