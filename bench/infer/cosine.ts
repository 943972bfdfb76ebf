/**
 * The zero-shot floor: tools ranked by the cosine between their texts and the task or its clauses, by an encoder that nobody has trained.
 * Never fills arguments; the encoder's folder is given.
 */
import { createToolVectors } from "../../src/infer/planner/vectors.ts";
import { retrievalFeeds, vectorsOf } from "../../src/infer/planner/feeds.ts";
import { retrievalTask } from "../../src/infer/planner/texts.ts";
import { openModels } from "../../src/infer/runtime/models.ts";
import type { Ranked } from "./floor.ts";
import type { EvalRow } from "./rows.ts";

/** Ranks the tools of a row's catalogue by the retriever of a folder of models. Throws where the folder cannot be used. */
export async function openCosine(folder: string): Promise<(row: EvalRow) => Promise<readonly Ranked[]>> {
  const models = await openModels({ models: folder });
  if (!models.ok) throw new Error(`${folder}: ${models.error.message}`);
  const { pieces, retriever, digest } = models.value;
  const vectors = createToolVectors({ pieces, retriever, digest });
  return async ({ task, tools }) => {
    const known = await vectors(tools);
    const row = retrievalTask(task, { pieces });
    const runner = await retriever();
    const spans = vectorsOf(await runner.run(retrievalFeeds(row)), row);
    return tools
      .map((tool, at) => ({ tool, score: Math.max(...spans.map((span) => dot(span, known[at] ?? new Float32Array()))) }))
      .toSorted((one, other) => other.score - one.score);
  };
}

function dot(one: Float32Array, other: Float32Array): number {
  return one.reduce((sum, value, at) => sum + value * (other[at] ?? 0), 0);
}
