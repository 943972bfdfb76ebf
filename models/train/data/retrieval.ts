/**
 * Writes what the retriever is trained on: every tool as its row, every task of the training sets as its row with the tools it needs.
 * `node models/train/data/retrieval.ts --out FILE [--base FOLDER] [--seed S] [--synthetic N]`. Never reads held-out rows or development sets.
 */
import { createWriteStream, renameSync } from "node:fs";
import { finished } from "node:stream/promises";
import { parseArgs } from "node:util";
import { retrievalTask, retrievalTool } from "../../../src/infer/planner/texts.ts";
import type { Pieces } from "../../../src/infer/pieces.ts";
import type { ToolSet } from "./catalogues.ts";
import { type Corpus, openCorpus } from "./corpus.ts";
import { isHeldOut } from "./held-out.ts";
import { createRandom, type Random } from "./random.ts";
import { plansFolder } from "./rows.ts";
import { starterSet } from "./starter-set.ts";
import { openMaker } from "./synthetic/maker.ts";
import { openPieces } from "./vocabulary.ts";

/** Tools of all catalogues, by number. */
interface ToolIndex {
  readonly lines: string[];
  readonly numbers: Map<string, number>;
}

function addTools(index: ToolIndex, set: ToolSet, { name, pieces }: { readonly name: string; readonly pieces: Pieces }): void {
  for (const [called, tool] of set.tools) {
    const key = `${name}/${called}`;
    if (index.numbers.has(key)) continue;
    index.numbers.set(key, index.lines.length);
    index.lines.push(JSON.stringify({ key, ids: retrievalTool(tool, { pieces }).ids }));
  }
}

/** Tools and tasks as lines of JSON. Inline catalogues of one set are put together: candidates of one task are then negatives of the next. */
function retrievalLines(
  corpus: Corpus,
  { pieces, seed, synthetic }: { readonly pieces: Pieces; readonly seed: string; readonly synthetic: number },
): {
  readonly tools: readonly string[];
  readonly tasks: readonly string[];
} {
  const random = createRandom(`retrieval ${seed}`);
  const index: ToolIndex = { lines: [], numbers: new Map() };
  const tasks: string[] = [];
  for (const [src, rows] of corpus.rows) {
    for (const row of rows) {
      if (isHeldOut(row)) continue;
      const variants = corpus.variantsOf(row);
      const set = corpus.toolsOf(row, random.below(variants + 1));
      const catalogue = typeof row.catalogue === "string" ? set.name : src;
      if (!index.numbers.has(`${catalogue}/${[...set.tools.keys()][0] ?? ""}`) || typeof row.catalogue !== "string")
        addTools(index, set, { name: catalogue, pieces });
      const gold = [...new Set(row.nodes.map(({ tool }) => index.numbers.get(`${catalogue}/${tool}`)))];
      if (gold.length === 0 || gold.includes(undefined)) continue;
      const { ids, spans } = retrievalTask(row.task, { pieces });
      tasks.push(JSON.stringify({ src, ids, spans, gold, catalogue }));
    }
  }
  return { tools: index.lines, tasks: [...tasks, ...syntheticLines(corpus, { index, pieces, random, count: synthetic })] };
}

interface SyntheticOptions {
  readonly index: ToolIndex;
  readonly pieces: Pieces;
  readonly random: Random;
  readonly count: number;
}

/** Made-up tasks over the same tools; those over a variant of a tool count for the tool itself. */
function syntheticLines(corpus: Corpus, { index, pieces, random, count }: SyntheticOptions): readonly string[] {
  const starter = starterSet();
  addTools(index, starter, { name: starter.name, pieces });
  const make = openMaker(corpus, [starter]);
  const lines: string[] = [];
  for (let turn = 0; turn < count; turn++) {
    const example = make(random);
    if (example === undefined || example.calls.length === 0) continue;
    const catalogue = (example.tools.base ?? example.tools).name;
    const called = example.calls.map(({ tool }) => tool.name.slice(tool.name.indexOf("/") + 1));
    const gold = [...new Set(called.map((name) => index.numbers.get(`${catalogue}/${name}`)))];
    if (gold.includes(undefined)) continue;
    const { ids, spans } = retrievalTask(example.task, { pieces });
    lines.push(JSON.stringify({ src: "synthetic", ids, spans, gold, catalogue }));
  }
  return lines;
}

/** Runs the command. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      out: { type: "string" },
      base: { type: "string" },
      seed: { type: "string", default: "1" },
      synthetic: { type: "string", default: "20000" },
    },
  });
  if (values.out === undefined || values.base === undefined)
    throw new Error("usage: retrieval.ts --out FILE --base FOLDER [--seed S]");
  const { tools, tasks } = retrievalLines(openCorpus(plansFolder()), {
    pieces: openPieces(values.base),
    seed: values.seed,
    synthetic: Number(values.synthetic),
  });
  const part = `${values.out}.part`;
  const file = createWriteStream(part);
  file.write(`{"tools":[\n${tools.join(",\n")}\n],"tasks":[\n`);
  for (const [index, line] of tasks.entries()) file.write(index === 0 ? line : `,\n${line}`);
  file.end("\n]}\n");
  await finished(file);
  renameSync(part, values.out);
  process.stdout.write(`${tools.length} tools, ${tasks.length} tasks: ${values.out}\n`);
}

await main();
