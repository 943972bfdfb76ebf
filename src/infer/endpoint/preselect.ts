/**
 * Which tools of a large catalogue a model is shown: those whose words the task has.
 * Pure. A stand-in for a retriever: what is not shown cannot be proposed, so it shows as many as there is room for.
 */
import type { DraftTool } from "../tools.ts";
import { createWordScores, stemsOf } from "../word-scores.ts";

/** Chooses at most `count` of the tools for a task, in any order. */
export type Preselect = (
  task: string,
  tools: readonly DraftTool[],
  count: number,
) => readonly DraftTool[] | Promise<readonly DraftTool[]>;

/** The tools whose names, descriptions and arguments share most with the task, in the order of the catalogue. */
export function preselectByWords(task: string, tools: readonly DraftTool[], count: number): readonly DraftTool[] {
  if (tools.length <= count) return tools;
  const texts = tools.map(({ words, description, params }) =>
    // A word of the name counts as two of the description.
    stemsOf(`${words} ${words} ${description} ${params.map((param) => param.words).join(" ")}`),
  );
  const scores = createWordScores(texts).scores(task);
  const order = [...tools.keys()].toSorted((one, other) => (scores[other] ?? 0) - (scores[one] ?? 0) || one - other);
  const kept = new Set(order.slice(0, count));
  return tools.filter((_, at) => kept.has(at));
}
