/**
 * Writes shards of labelled packs for the trainer.
 * `node models/train/data/packs.ts --out DIR --base FOLDER --shards N [--first I] [--rows 2000] [--seed S] --retriever FILE.onnx [--neighbours FILE] [--mix-select …]
 * [--mix-fill …] [--kinds select,fill]`. A shard depends on its number and the seed only; those that exist are kept, so that a run resumes.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Pieces } from "../../../src/infer/pieces.ts";
import { readJson } from "../../../src/json/read.ts";
import { isArray, isObject } from "../../../src/json/value.ts";
import type { Neighbours } from "./candidates.ts";
import { openCorpus } from "./corpus.ts";
import { fillLine, type Line, type Nearness, selectLine } from "./lines.ts";
import { defaultMix, type Draw, type Kind, type Mix, openDraw, readMix } from "./mix.ts";
import { openNearness } from "./nearness.ts";
import { createRandom } from "./random.ts";
import { plansFolder } from "./rows.ts";
import { starterSet } from "./starter-set.ts";
import { openMaker } from "./synthetic/maker.ts";
import { openPieces } from "./vocabulary.ts";

/** What every shard of a run is made with. */
export interface ShardOptions {
  readonly draw: Draw;
  readonly pieces: Pieces;
  readonly nearness: Nearness;
  readonly neighbours: Neighbours;
  readonly rows: number;
  readonly seed: string;
  readonly kinds: readonly Kind[];
  readonly mix: Readonly<Record<Kind, Mix>>;
}

/** Tries for one row before its source is drawn anew. */
const triesMax = 4;

/** The lines of a shard, and what it holds: rows and labelled arguments by kind and source. */
export async function shardOf(
  number: number,
  options: ShardOptions,
): Promise<{ readonly lines: readonly string[]; readonly report: string }> {
  const { draw, pieces, nearness, neighbours, rows, kinds, mix } = options;
  const random = createRandom(`shard ${options.seed} ${number}`);
  const counts = new Map<string, { rows: number; given: number; labelled: number }>();
  const lines: string[] = [];
  while (lines.length < rows) {
    const kind = kinds[lines.length % kinds.length] ?? "select";
    const source = random.weighted(Object.entries(mix[kind]));
    const made = await tryLine(kind, { source, draw, pieces, nearness, neighbours, random });
    if (made === undefined) continue;
    const { line, src } = made;
    const key = `${kind} ${src}`;
    const count = counts.get(key) ?? { rows: 0, given: 0, labelled: 0 };
    counts.set(key, { rows: count.rows + 1, given: count.given + line.given, labelled: count.labelled + line.labelled });
    lines.push(line.text);
  }
  const parts = [...counts].sort().map(([key, { rows: made, given, labelled }]) => {
    const share = given === 0 ? "" : ` (${Math.round((100 * labelled) / given)} % of ${given} labelled)`;
    return `${key} ${made}${share}`;
  });
  return { lines, report: parts.join(", ") };
}

async function tryLine(
  kind: Kind,
  options: { readonly source: string; readonly draw: Draw } & Parameters<typeof selectLine>[1],
): Promise<{ readonly line: Line; readonly src: string } | undefined> {
  const { source, draw, ...rest } = options;
  for (let turn = 0; turn < triesMax; turn++) {
    const example = draw.example(source, rest.random);
    if (example === undefined) continue;
    const extra = rest.random.chance(0.15) ? draw.strangers(rest.random) : [];
    const line = await (kind === "select" ? selectLine : fillLine)(example, { ...rest, extra });
    if (line !== undefined) return { line, src: example.src };
  }
  return undefined;
}

/** Reads `{"catalogue/tool": ["catalogue/tool", …]}`, the nearest first. Throws where the file is another. */
export function readNeighbours(path: string): Neighbours {
  const read = readJson(readFileSync(path, "utf8"));
  if (!read.ok || !isObject(read.value)) throw new Error(`${path}: not an object of lists of tools`);
  const entries = Object.entries(read.value).map(([key, list]) => {
    if (!isArray(list)) throw new Error(`${path}: ${key} is not a list of tools`);
    return [key, list.filter((near) => typeof near === "string")] as const;
  });
  return new Map(entries);
}

/** Writes the shards that are missing. `report` is called for each. */
export async function writeShards(
  options: ShardOptions & { readonly out: string; readonly first: number; readonly shards: number },
  report: (line: string) => void,
): Promise<void> {
  mkdirSync(options.out, { recursive: true });
  for (let number = options.first; number < options.first + options.shards; number++) {
    const path = join(options.out, `packs-${String(number).padStart(5, "0")}.jsonl`);
    if (existsSync(path)) continue;
    const { lines, report: counts } = await shardOf(number, options);
    writeFileSync(`${path}.part`, `${lines.join("\n")}\n`);
    renameSync(`${path}.part`, path);
    report(`${path}: ${counts}`);
  }
}

/** Runs the command. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      out: { type: "string" },
      base: { type: "string" },
      shards: { type: "string", default: "1" },
      first: { type: "string", default: "0" },
      rows: { type: "string", default: "2000" },
      seed: { type: "string", default: "1" },
      retriever: { type: "string" },
      neighbours: { type: "string" },
      "mix-select": { type: "string" },
      "mix-fill": { type: "string" },
      kinds: { type: "string", default: "select,fill" },
    },
  });
  const { out, base, retriever } = values;
  if (out === undefined || base === undefined || retriever === undefined)
    throw new Error("usage: packs.ts --out DIR --base FOLDER --retriever FILE --shards N [--rows N] [--seed S]");
  const kinds = values.kinds.split(",").filter((kind): kind is Kind => kind === "select" || kind === "fill");
  if (kinds.length === 0) throw new Error("--kinds: select, fill or both");
  const corpus = openCorpus(plansFolder());
  const pieces = openPieces(base);
  const options = {
    out,
    first: Number(values.first),
    shards: Number(values.shards),
    rows: Number(values.rows),
    seed: values.seed,
    kinds,
    mix: {
      select: values["mix-select"] === undefined ? defaultMix.select : readMix(values["mix-select"], defaultMix.select),
      fill: values["mix-fill"] === undefined ? defaultMix.fill : readMix(values["mix-fill"], defaultMix.fill),
    },
    pieces,
    nearness: await openNearness(retriever, pieces),
    neighbours: values.neighbours === undefined ? new Map() : readNeighbours(values.neighbours),
    draw: openDraw(corpus, openMaker(corpus, [starterSet()])),
  };
  await writeShards(options, (line) => process.stdout.write(`${line}\n`));
}

if (import.meta.main) await main();
