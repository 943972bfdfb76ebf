/**
 * How near tools are to a task, by the retriever that was trained before: what packs to choose tools with say of each tool.
 * With the same code and the same int8 graph as at run time, so that the planner learns from the numbers that it will see.
 */
import { readFileSync } from "node:fs";
import type { Pieces } from "../../../src/infer/pieces.ts";
import { nearnessOf } from "../../../src/infer/planner/retrieve.ts";
import { createToolVectors } from "../../../src/infer/planner/vectors.ts";
import { nodeRuntime } from "../../../src/infer/runtime/onnx.ts";
import type { Nearness } from "./lines.ts";

/** Opens a retriever (an ONNX file that export.py wrote). Throws where the file cannot be read. */
export async function openNearness(path: string, pieces: Pieces): Promise<Nearness> {
  const runner = await nodeRuntime.load(readFileSync(path), { name: path, threads: 1 });
  const retriever = (): Promise<typeof runner> => Promise.resolve(runner);
  const source = { pieces, retriever, vectors: createToolVectors({ pieces, retriever, digest: path }) };
  return (task, tools) => nearnessOf(task, tools, source);
}
