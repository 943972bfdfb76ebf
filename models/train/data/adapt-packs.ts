/**
 * Labelled packs of the tasks that `sluice adapt` made or found for one catalogue.
 * `node models/train/data/adapt-packs.ts --base FOLDER --retriever FILE --catalogue FILE --tasks FILE --out FILE`. Never reads a data set.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Pieces } from "../../../src/infer/pieces.ts";
import { readJson } from "../../../src/json/read.ts";
import { isArray, type Json } from "../../../src/json/value.ts";
import { readToolSet, type ToolSet } from "./catalogues.ts";
import { exampleOf } from "./examples.ts";
import { fillLine, type Nearness, selectLine } from "./lines.ts";
import { openNearness } from "./nearness.ts";
import { createRandom } from "./random.ts";
import { rowOf } from "./rows.ts";
import { openPieces } from "./vocabulary.ts";

/** Ways in which each task's candidates are drawn. */
const draws = 4;

/** The packs of tasks (`{id, task, tools: [names], plan}` a line) over a catalogue. Throws with the number of a line that is none. */
export async function adaptLines(
  lines: readonly string[],
  { tools, pieces, nearness }: { readonly tools: ToolSet; readonly pieces: Pieces; readonly nearness: Nearness },
): Promise<readonly string[]> {
  const random = createRandom(`adapt ${lines.length}`);
  const made: string[] = [];
  for (const [index, line] of lines.entries()) {
    if (line.trim() === "") continue;
    const read = readJson(line);
    // As a row of a set whose arguments have labels and whose times are relative to nothing.
    const row = read.ok ? rowOf(read.value, "sealtools") : undefined;
    if (row === undefined) throw new Error(`line ${index + 1}: not a task with a plan`);
    const example = exampleOf(row, { ...tools, tools: offered(tools, row.catalogue) });
    if (example === undefined) throw new Error(`line ${index + 1}: its plan has a tool that the catalogue lacks`);
    for (let turn = 0; turn < draws; turn++) {
      const options = { pieces, nearness, random, neighbours: new Map() };
      for (const each of [await selectLine(example, options), fillLine(example, options)])
        if (each !== undefined) made.push(each.text);
    }
  }
  return made;
}

function offered({ tools }: ToolSet, names: Json): ToolSet["tools"] {
  const wanted = new Set(isArray(names) ? names : []);
  return new Map([...tools].filter(([name]) => wanted.has(name)));
}

/** Runs the command. */
async function main(): Promise<void> {
  const options = {
    base: { type: "string" },
    retriever: { type: "string" },
    catalogue: { type: "string" },
    tasks: { type: "string" },
    out: { type: "string" },
  } as const;
  const { base, retriever, catalogue, tasks, out } = parseArgs({ options }).values;
  if (base === undefined || retriever === undefined || catalogue === undefined || tasks === undefined || out === undefined)
    throw new Error("usage: adapt-packs.ts --base FOLDER --retriever FILE --catalogue FILE --tasks FILE --out FILE");
  const pieces = openPieces(base);
  const lines = await adaptLines(readFileSync(tasks, "utf8").split("\n"), {
    tools: readToolSet(catalogue, "adapt"),
    pieces,
    nearness: await openNearness(retriever, pieces),
  });
  writeFileSync(out, `${lines.join("\n")}\n`);
}

if (import.meta.main) await main();
