/**
 * The lexical baseline: tools ranked by BM25 (Robertson and Zaragoza 2009) of the task's words in their names and descriptions.
 * Pure. Fills no arguments.
 */
import { identifierWords } from "../../src/infer/pieces.ts";
import type { DraftTool } from "../../src/infer/tools.ts";
import type { Ranked } from "./floor.ts";

const [saturation, lengthWeight] = [1.2, 0.75];

/** Words of a text in lower case, plural `s` off; without those that every text has. */
function wordsOf(text: string): readonly string[] {
  const words = identifierWords(text).match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.map((word) => (word.length > 3 ? word.replace(/s$/, "") : word));
}

/** Ranks the tools of a catalogue for tasks; scores are shares of the best that the task's words could reach. */
export function bm25(tools: readonly DraftTool[]): (task: string) => readonly Ranked[] {
  const documents = tools.map((tool) => {
    const counts = new Map<string, number>();
    const words = wordsOf(`${tool.words} ${tool.description} ${tool.params.map((param) => param.words).join(" ")}`);
    for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
    return { tool, counts, length: words.length };
  });
  const mean = documents.reduce((sum, { length }) => sum + length, 0) / Math.max(1, documents.length);
  const holding = new Map<string, number>();
  for (const { counts } of documents) for (const word of counts.keys()) holding.set(word, (holding.get(word) ?? 0) + 1);
  const weightOf = (word: string): number => {
    const held = holding.get(word) ?? 0;
    return Math.log(1 + (documents.length - held + 0.5) / (held + 0.5));
  };
  return (task) => {
    const words = [...new Set(wordsOf(task))].filter((word) => holding.has(word));
    const most = words.reduce((sum, word) => sum + weightOf(word) * (saturation + 1), 0);
    return documents
      .map(({ tool, counts, length }) => {
        let score = 0;
        for (const word of words) {
          const count = counts.get(word) ?? 0;
          const norm = saturation * (1 - lengthWeight + (lengthWeight * length) / Math.max(1, mean));
          score += (weightOf(word) * count * (saturation + 1)) / (count + norm);
        }
        return { tool, score: most === 0 ? 0 : score / most };
      })
      .toSorted((one, other) => other.score - one.score);
  };
}
