/**
 * Labelled packs of the tasks that `sluice adapt` made or found for one catalogue.
 * `node models/train/data/adapt-packs.ts --base FOLDER --catalogue FILE --tasks FILE --out FILE`. Never reads a data set.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Pieces } from "../../../src/infer/pieces.ts";
import { readJson } from "../../../src/json/read.ts";
import { isArray, type Json } from "../../../src/json/value.ts";
import { readToolSet, type ToolSet } from "./catalogues.ts";
import { exampleOf } from "./examples.ts";
import { fillLine, selectLine } from "./lines.ts";
import { createRandom } from "./random.ts";
import { rowOf } from "./rows.ts";
import { openPieces } from "./vocabulary.ts";

/** Ways in which each task's candidates are drawn. */
const draws = 4;

/** The packs of tasks (`{id, task, tools: [names], plan}` a line) over a catalogue. Throws with the number of a line that is none. */
export function adaptLines(
  lines: readonly string[],
  { tools, pieces }: { readonly tools: ToolSet; readonly pieces: Pieces },
): readonly string[] {
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
      const options = { pieces, random, neighbours: new Map() };
      for (const each of [selectLine(example, options), fillLine(example, options)]) if (each !== undefined) made.push(each.text);
    }
  }
  return made;
}

function offered({ tools }: ToolSet, names: Json): ToolSet["tools"] {
  const wanted = new Set(isArray(names) ? names : []);
  return new Map([...tools].filter(([name]) => wanted.has(name)));
}

/** Runs the command. */
function main(): void {
  const options = {
    base: { type: "string" },
    catalogue: { type: "string" },
    tasks: { type: "string" },
    out: { type: "string" },
  } as const;
  const { base, catalogue, tasks, out } = parseArgs({ options }).values;
  if (base === undefined || catalogue === undefined || tasks === undefined || out === undefined)
    throw new Error("usage: adapt-packs.ts --base FOLDER --catalogue FILE --tasks FILE --out FILE");
  const lines = adaptLines(readFileSync(tasks, "utf8").split("\n"), {
    tools: readToolSet(catalogue, "adapt"),
    pieces: openPieces(base),
  });
  writeFileSync(out, `${lines.join("\n")}\n`);
}

if (import.meta.main) main();
