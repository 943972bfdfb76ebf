/**
 * The vocabulary that packs are built with while weights are trained: the base model's tokenizer, with what it has split kept.
 * Never loads anything but the folder it is given.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";
import { readJson } from "../../../src/json/read.ts";
import type { Pieces } from "../../../src/infer/pieces.ts";

/** Runs between blanks that are kept: those of a few catalogues and some thousand tasks. */
const keptMax = 400_000;

/** The sub-words of a base model's folder (`tokenizer.json`, `tokenizer_config.json`). Throws where one of the files cannot be read. */
export function openPieces(folder: string): Pieces {
  const tokenizer = new Tokenizer(object(join(folder, "tokenizer.json")), object(join(folder, "tokenizer_config.json")));
  const kept = new Map<string, readonly number[]>();
  const run = (text: string): readonly number[] => {
    const known = kept.get(text);
    if (known !== undefined) return known;
    const ids = tokenizer.encode(text, { add_special_tokens: false }).ids;
    if (kept.size >= keptMax) kept.clear();
    kept.set(text, ids);
    return ids;
  };
  // BERT's splitter never joins what blanks part, so that runs can be kept one by one.
  return (text) => {
    const runs = text.split(/\s+/).filter((part) => part !== "");
    return runs.length === 1 ? run(runs[0] ?? "") : runs.flatMap(run);
  };
}

function object(path: string): object {
  const read = readJson(readFileSync(path, "utf8"));
  if (!read.ok || typeof read.value !== "object" || read.value === null) throw new Error(`${path}: not a JSON object`);
  return read.value;
}
