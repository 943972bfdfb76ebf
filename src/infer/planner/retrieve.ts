/**
 * The candidates that the planner looks at: of a catalogue of any size the few tools that the task, or a clause of it, is near to.
 * Never judges: what it leaves out is never proposed, so it leaves out as little as the planner's time allows.
 */
import type { Pieces } from "../pieces.ts";
import type { TensorRunner } from "../runtime/tensor.ts";
import type { DraftTool } from "../tools.ts";
import { retrievalFeeds, vectorsOf } from "./feeds.ts";
import { retrievalTask } from "./texts.ts";
import type { ToolVectors } from "./vectors.ts";

/** A tool that may be meant. */
export interface Candidate {
  readonly tool: DraftTool;
  /** Nearness to each span of the task, -1 to 1: the whole first, then its clauses. */
  readonly nearness: readonly number[];
}

/** Bounds of the number of candidates. Each one costs some 30 sub-words of the planner's time, and may be taken for the right one. */
export const candidateLimits = {
  /** Of catalogues of so many tools every one is a candidate. */
  all: 6,
  min: 4,
  max: 14,
} as const;

/**
 * How much less near than the nearest tool a candidate may be, and the nearest tool of one clause. Chosen by recall against number on
 * catalogues that the retriever was not trained on: a tenth less loses 2 to 5 % of the right tools, a tenth more only adds wrong ones.
 */
const scoreMargin = 0.33;
const clauseMargin = 0.45;

/** What retrieval works with. */
export interface RetrievalSource {
  readonly pieces: Pieces;
  readonly retriever: () => Promise<TensorRunner>;
  readonly vectors: ToolVectors;
}

/** The candidates of a task, nearest first, since a pack takes them in order while there is room; of a small catalogue all. Rejects with `InferError`. */
export async function retrieve(
  task: string,
  tools: readonly DraftTool[],
  source: RetrievalSource,
): Promise<readonly Candidate[]> {
  const scores = await nearnessOf(task, tools, source);
  const candidates = tools.length <= candidateLimits.all ? ranked(bestOf(scores)) : chooseCandidates(scores);
  return candidates.flatMap((at) => {
    const tool = tools[at];
    return tool === undefined ? [] : [{ tool, nearness: scores.map((span) => span[at] ?? -1) }];
  });
}

/** Of each span of a task (the whole first, then its clauses) the nearness of every tool, -1 to 1. Rejects with `InferError`. */
export async function nearnessOf(
  task: string,
  tools: readonly DraftTool[],
  source: RetrievalSource,
): Promise<readonly (readonly number[])[]> {
  const vectors = await source.vectors(tools);
  const row = retrievalTask(task, { pieces: source.pieces });
  const runner = await source.retriever();
  const wanted = vectorsOf(await runner.run(retrievalFeeds(row)), row);
  return wanted.map((vector) => vectors.map((other) => dot(vector, other)));
}

/**
 * Candidates by nearness (places of tools), nearest first. `scores`: as {@link nearnessOf} gives them. The nearest tool of each clause is one, and
 * what is nearly as near as the nearest of all: how many they are depends on how clear the task is. Tools of one service need no place of their
 * own here: what a task may mean of them is near to it.
 */
export function chooseCandidates(scores: readonly (readonly number[])[]): readonly number[] {
  const best = bestOf(scores);
  const order = ranked(best);
  const nearest = best[order[0] ?? 0] ?? -1;
  const chosen = new Set<number>();
  for (const span of scores) {
    const top = topOf(span);
    if (top !== undefined && (span[top] ?? -1) >= nearest - clauseMargin) chosen.add(top);
  }
  for (const [rank, at] of order.entries()) {
    if (chosen.size >= candidateLimits.max) break;
    if (rank < candidateLimits.min || (best[at] ?? -1) >= nearest - scoreMargin) chosen.add(at);
  }
  return order.filter((at) => chosen.has(at));
}

/** Of each tool its nearness to the span that it is nearest to. */
function bestOf(scores: readonly (readonly number[])[]): readonly number[] {
  return (scores[0] ?? []).map((_, at) => scores.reduce((top, span) => Math.max(top, span[at] ?? -1), -1));
}

/** Places by falling number; of equals the first first. */
function ranked(numbers: readonly number[]): readonly number[] {
  return numbers.map((_, at) => at).sort((one, other) => (numbers[other] ?? 0) - (numbers[one] ?? 0) || one - other);
}

function topOf(numbers: readonly number[]): number | undefined {
  if (numbers.length === 0) return undefined;
  return numbers.reduce((top, number, at) => (number > (numbers[top] ?? 0) ? at : top), 0);
}

function dot(one: Float32Array, other: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < one.length; at++) sum += (one[at] ?? 0) * (other[at] ?? 0);
  return sum;
}
