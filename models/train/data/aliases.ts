/**
 * Other names of values that people use ("philly" → "Philadelphia"), counted in the training dialogues, for the normaliser.
 * `node models/train/data/aliases.ts [--out models/aliases.json]`. Never reads held-out rows or development sets.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { sameValue } from "../../../src/infer/values/same-value.ts";
import { valueOf as readValue } from "../../../src/infer/values/value-of.ts";
import { wantedKinds } from "../../../src/infer/values/wants.ts";
import { openCorpus } from "./corpus.ts";
import { exampleOf } from "./examples.ts";
import { isHeldOut } from "./held-out.ts";
import { plansFolder, type Row } from "./rows.ts";
import type { Corpus } from "./corpus.ts";

/** Times that a name must be seen, share of them with one meaning, and the size of the file. */
const seenMin = 3;
const agreedMin = 0.9;
const bytesMax = 30 * 1024;

/** What names mean, the most used first: words of open text arguments that the normaliser does not read as the value that people meant. */
export function aliasesOf(corpus: Corpus, rows: readonly Row[]): readonly (readonly [name: string, value: string])[] {
  const meanings = new Map<string, Map<string, number>>();
  for (const row of rows) {
    const example = exampleOf(row, corpus.toolsOf(row, 0));
    for (const { tool, args } of example?.calls ?? []) {
      for (const param of tool.params) {
        const source = args.get(param.path.join("."));
        if (source?.kind !== "constant" || source.span === undefined || typeof source.value !== "string") continue;
        if (param.type !== "string" || param.isClosed || wantedKinds(param).length > 0) continue;
        const read = readValue(source.span, param, {});
        // What a place is called holds everywhere; other names only for arguments of this name.
        const spoken = source.span.toLowerCase().trim();
        const name = /\b(?:city|location|area|origin|destination|from|to)\b/.test(param.words)
          ? spoken
          : `${param.words}:${spoken}`;
        const value = read !== undefined && sameValue(read, source.value) ? "" : source.value;
        const counts = meanings.get(name) ?? new Map<string, number>();
        counts.set(value, (counts.get(value) ?? 0) + 1);
        meanings.set(name, counts);
      }
    }
  }
  const found: { name: string; value: string; count: number }[] = [];
  for (const [name, counts] of meanings) {
    const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
    const [value = "", count = 0] = [...counts].toSorted(([, one], [, other]) => other - one)[0] ?? [];
    if (value !== "" && count >= seenMin && count >= total * agreedMin && isName(name)) found.push({ name, value, count });
  }
  found.sort((one, other) => other.count - one.count || (one.name < other.name ? -1 : 1));
  return found.map(({ name, value }) => [name, value] as const);
}

/** Names, not turns of phrase: words that point somewhere else ("there", "my place") mean another thing in the next task. */
function isName(text: string): boolean {
  return (
    text.length >= 2 &&
    text.length <= 40 &&
    !/^(?:it|that|this|there|here|the|a|an|my|any|some|me|them|one|same|yes|no|ok)\b/.test(text)
  );
}

/** The file: the first names that fit into it, by name. */
export function aliasFile(aliases: readonly (readonly [string, string])[]): string {
  const kept: (readonly [string, string])[] = [];
  let bytes = 4;
  for (const entry of aliases) {
    bytes += Buffer.byteLength(`  ${JSON.stringify(entry[0])}: ${JSON.stringify(entry[1])},\n`);
    if (bytes > bytesMax) break;
    kept.push(entry);
  }
  kept.sort(([one], [other]) => (one < other ? -1 : 1));
  return `${JSON.stringify(Object.fromEntries(kept), null, 2)}\n`;
}

/** Runs the command. */
function main(): void {
  const { values } = parseArgs({ options: { out: { type: "string", default: "models/aliases.json" } } });
  const corpus = openCorpus(plansFolder(), ["sgd"]);
  const aliases = aliasesOf(
    corpus,
    (corpus.rows.get("sgd") ?? []).filter((row) => !isHeldOut(row)),
  );
  writeFileSync(values.out, aliasFile(aliases));
  process.stdout.write(`${aliases.length} names: ${values.out}\n`);
}

if (import.meta.main) main();
