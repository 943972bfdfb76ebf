/**
 * Which tools of a large catalogue a model is shown: those whose words the task has, rare words first (BM25, Robertson and Zaragoza 2009).
 * Pure. A stand-in for a retriever: what is not shown cannot be proposed, so it only orders, and never below the number that is wanted.
 */
import { identifierWords } from "../pieces.ts";
import type { DraftTool } from "../tools.ts";

/** Chooses at most `count` of the tools for a task, in any order. */
export type Preselect = (
  task: string,
  tools: readonly DraftTool[],
  count: number,
) => readonly DraftTool[] | Promise<readonly DraftTool[]>;

const [saturation, lengthWeight] = [1.2, 0.75];

/** The tools whose names, descriptions and arguments share most with the task, in the order of the catalogue. */
export function preselectByWords(task: string, tools: readonly DraftTool[], count: number): readonly DraftTool[] {
  if (tools.length <= count) return tools;
  const bags = tools.map(({ words, description, params }) =>
    // A word of the name counts as two of the description.
    stems(`${words} ${words} ${description} ${params.map((param) => param.words).join(" ")}`),
  );
  const wanted = new Set(stems(task));
  const holders = new Map<string, number>();
  for (const bag of bags) for (const word of new Set(bag)) holders.set(word, (holders.get(word) ?? 0) + 1);
  const average = Math.max(1, bags.reduce((sum, bag) => sum + bag.length, 0) / bags.length);
  const scores = bags.map((bag) => {
    const counts = new Map<string, number>();
    for (const word of bag) if (wanted.has(word)) counts.set(word, (counts.get(word) ?? 0) + 1);
    let score = 0;
    for (const [word, times] of counts) {
      const rarity = Math.log(1 + (tools.length - (holders.get(word) ?? 0) + 0.5) / ((holders.get(word) ?? 0) + 0.5));
      score +=
        (rarity * times * (saturation + 1)) / (times + saturation * (1 - lengthWeight + (lengthWeight * bag.length) / average));
    }
    return score;
  });
  const order = [...tools.keys()].toSorted((one, other) => (scores[other] ?? 0) - (scores[one] ?? 0) || one - other);
  const kept = new Set(order.slice(0, count));
  return tools.filter((_, at) => kept.has(at));
}

/** Words in lower case without the commonest endings, so that "flights" finds `flight`. */
function stems(text: string): readonly string[] {
  const words = identifierWords(text).match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.map((word) => (word.length > 4 ? word.replace(/(?:ing|ed|es|s)$/, "") : word));
}
