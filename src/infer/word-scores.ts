/**
 * How much texts share with a task by their words alone, rare words first (BM25, Robertson and Zaragoza 2009).
 * Pure. No model, no list of words: what it finds near may mean something else.
 */
import { identifierWords } from "./pieces.ts";

const [saturation, lengthWeight] = [1.2, 0.75];

/** Words in lower case without the commonest endings, so that "flights" finds `flight`; identifiers are taken apart. */
export function stemsOf(text: string): readonly string[] {
  const words = identifierWords(text).match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.map(stemOf);
}

/** A word in lower case without its commonest ending. */
function stemOf(word: string): string {
  if (word.length <= 3) return word;
  const bare = word.replace(/(?:ies|ied)$/, "y").replace(/(?<=[a-z]{3})(?:ing|ed|es|s)$/, "");
  return bare.length > 3 ? bare.replace(/e$/, "") : bare;
}

/** Texts that tasks are held against. */
export interface WordScores {
  /** The score of each text for the words of a task, 0 or more. */
  scores(task: string): readonly number[];
  /** How rare a stem is among the texts: above 0, the rarer the more. */
  rarity(stem: string): number;
}

/** Prepares texts, each a list of stems. */
export function createWordScores(texts: readonly (readonly string[])[]): WordScores {
  const counts = texts.map((stems) => {
    const found = new Map<string, number>();
    for (const stem of stems) found.set(stem, (found.get(stem) ?? 0) + 1);
    return found;
  });
  const holders = new Map<string, number>();
  for (const found of counts) for (const stem of found.keys()) holders.set(stem, (holders.get(stem) ?? 0) + 1);
  const average = Math.max(1, texts.reduce((sum, stems) => sum + stems.length, 0) / Math.max(1, texts.length));
  const rarity = (stem: string): number => {
    const held = holders.get(stem) ?? 0;
    return Math.log(1 + (texts.length - held + 0.5) / (held + 0.5));
  };
  return {
    rarity,
    scores: (task) => {
      const wanted = [...new Set(stemsOf(task))].filter((stem) => holders.has(stem)).map((stem) => [stem, rarity(stem)] as const);
      return counts.map((found, at) => {
        const length = 1 - lengthWeight + (lengthWeight * (texts[at]?.length ?? 0)) / average;
        return wanted.reduce((sum, [stem, rare]) => {
          const times = found.get(stem) ?? 0;
          return sum + (rare * times * (saturation + 1)) / (times + saturation * length);
        }, 0);
      });
    },
  };
}
