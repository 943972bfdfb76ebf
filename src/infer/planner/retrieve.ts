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
  /** Nearness to the task or to one of its clauses, -1 to 1; absent where all tools are candidates. */
  readonly score?: number;
}

/** Bounds of the number of candidates. */
export const candidateLimits = {
  /** Catalogues of so many tools need no retrieval. */
  all: 12,
  min: 6,
  max: 12,
} as const;

/** Beyond the first few, a tool so much less near than the nearest one is no candidate. */
const scoreMargin = 0.35;

/** What retrieval works with. */
export interface RetrievalSource {
  readonly pieces: Pieces;
  readonly retriever: () => Promise<TensorRunner>;
  readonly vectors: ToolVectors;
}

/** The candidates of a task, likeliest first; all tools of a small catalogue, in their order. */
export async function retrieve(
  task: string,
  tools: readonly DraftTool[],
  source: RetrievalSource,
): Promise<readonly Candidate[]> {
  if (tools.length <= candidateLimits.all) return tools.map((tool) => ({ tool }));
  const vectors = await source.vectors(tools);
  const row = retrievalTask(task, { pieces: source.pieces });
  const runner = await source.retriever();
  const wanted = vectorsOf(await runner.run(retrievalFeeds(row)), row);
  const scores = wanted.map((vector) => vectors.map((other) => dot(vector, other)));
  return chooseCandidates(tools, scores);
}

/**
 * Candidates by nearness. `scores`: of each span of the task (the whole first, then its clauses) the nearness of every tool. The nearest of
 * every clause come first by turns, then tools of the same service as those, then whatever is nearest.
 */
export function chooseCandidates(tools: readonly DraftTool[], scores: readonly (readonly number[])[]): readonly Candidate[] {
  const best = tools.map((_, at) => scores.reduce((top, span) => Math.max(top, span[at] ?? -1), -1));
  const order = ranked(best);
  const chosen = new Set<number>();
  const add = (at: number | undefined): void => {
    if (at !== undefined && chosen.size < candidateLimits.max) chosen.add(at);
  };
  for (const span of scores) add(topOf(span));
  add(order[0]);
  add(order[1]);
  const services = new Set([...chosen].map((at) => serviceOf(tools[at]?.name ?? "")));
  const margin = (best[order[0] ?? 0] ?? 0) - scoreMargin;
  const siblings = order.filter((at) => services.has(serviceOf(tools[at]?.name ?? "")) && (best[at] ?? -1) >= margin);
  for (const at of siblings.slice(0, candidateLimits.max / 2)) add(at);
  for (const at of order) {
    const isNear = (best[at] ?? -1) >= margin;
    if (chosen.size >= candidateLimits.min && !isNear) break;
    add(at);
  }
  return ranked(best)
    .filter((at) => chosen.has(at))
    .flatMap((at) => {
      const tool = tools[at];
      return tool === undefined ? [] : [{ tool, score: best[at] ?? -1 }];
    });
}

/** Places by falling number; of equals the first first. */
function ranked(numbers: readonly number[]): readonly number[] {
  return numbers.map((_, at) => at).sort((one, other) => (numbers[other] ?? 0) - (numbers[one] ?? 0) || one - other);
}

function topOf(numbers: readonly number[]): number | undefined {
  if (numbers.length === 0) return undefined;
  return numbers.reduce((top, number, at) => (number > (numbers[top] ?? 0) ? at : top), 0);
}

/**
 * What tools of one service have in common: the server of `server/tool`, or in a catalogue without servers what stands before the last dot
 * (`Hotels_1.SearchHotel`).
 */
export function serviceOf(name: string): string {
  const [server = "", ...rest] = name.split("/");
  const own = rest.join("/");
  const dot = own.lastIndexOf(".");
  if (dot > 0) return `${server}/${own.slice(0, dot)}`;
  return server === "local" ? name : server;
}

function dot(one: Float32Array, other: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < one.length; at++) sum += (one[at] ?? 0) * (other[at] ?? 0);
  return sum;
}
