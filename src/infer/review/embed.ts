/**
 * Vectors of texts by the local model's retriever, for the reviewer.
 * Never batches texts: what is quantised depends on its batch, and a review would depend on what else was reviewed.
 */
import type { Pieces } from "../pieces.ts";
import { piece } from "../pieces.ts";
import { retrievalFeeds, vectorsOf } from "../planner/feeds.ts";
import { retrievalLimits } from "../planner/texts.ts";
import type { TensorRunner } from "../runtime/tensor.ts";
import type { Embed } from "./clauses.ts";

/** Vectors that are kept, at 1.5 KB each. */
const keptMax = 16_384;

/** A function that makes vectors; the same text is encoded once. Rejects with an InferError where the model cannot be loaded. */
export function createEmbed({
  pieces,
  retriever,
}: {
  readonly pieces: Pieces;
  readonly retriever: () => Promise<TensorRunner>;
}): Embed {
  const kept = new Map<string, Float32Array>();
  return async (texts) => {
    const runner = await retriever();
    const found: Float32Array[] = [];
    for (const text of texts) {
      let vector = kept.get(text);
      if (vector === undefined) {
        const ids = [piece.start, ...pieces(text).slice(0, retrievalLimits.taskPieces), piece.end];
        const row = { ids, spans: [[0, ids.length] as const] };
        vector = (vectorsOf(await runner.run(retrievalFeeds(row)), row)[0] ?? new Float32Array()).slice();
        if (kept.size >= keptMax) kept.clear();
        kept.set(text, vector);
      }
      found.push(vector);
    }
    return found;
  };
}
