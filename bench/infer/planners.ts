/**
 * The planners that are measured: the local model as it is used, and the same with the right tools given.
 * Never lets a measurement change what the model does.
 */
import { fillCalls } from "../../src/infer/planner/calls.ts";
import type { Calibration } from "../../src/infer/adapt/calibration.ts";
import { identityCalibration } from "../../src/infer/adapt/calibration.ts";
import { packLimits } from "../../src/infer/pack.ts";
import { taskWords } from "../../src/infer/pieces.ts";
import { createModelPlanner, type ModelPlanner } from "../../src/infer/planner/planner.ts";
import { nearnessOf } from "../../src/infer/planner/retrieve.ts";
import { clauseSpans } from "../../src/infer/planner/texts.ts";
import { createToolVectors, type ToolVectors } from "../../src/infer/planner/vectors.ts";
import { type Models, openModels } from "../../src/infer/runtime/models.ts";
import type { Proposal } from "../../src/infer/proposal.ts";
import { contextOf } from "./drafting.ts";
import type { EvalRow } from "./rows.ts";

/** Where weights are, and how they run. */
export interface OpenOptions {
  /** Folder; absent: as `createModelPlanner` finds them. */
  readonly models?: string;
  readonly threads: number;
  /** In place of the models' own. */
  readonly calibration?: Calibration;
}

/** Opens the models. Throws with the reason where they cannot be used. */
export async function openWeights({ models, threads }: OpenOptions): Promise<Models> {
  const opened = await openModels({ threads, ...(models === undefined ? {} : { models }) });
  if (!opened.ok) throw new Error(opened.error.message);
  return opened.value;
}

/** The planner over opened models. */
export function plannerOf(opened: Models, { calibration }: Pick<OpenOptions, "calibration">): ModelPlanner {
  return createModelPlanner({ opened, ...(calibration === undefined ? {} : { calibration }) });
}

/** Vectors of tools, kept for each opened folder. */
const vectorsOf = new WeakMap<Models, ToolVectors>();

/** What is proposed for a row where its right tools are given, each as often as is right. */
export async function proposeWithRightTools(row: EvalRow, opened: Models): Promise<Proposal> {
  const seen = new Map<string, number>();
  const called = row.gold.calls.flatMap(({ tool: name }) => {
    const ordinal = seen.get(name) ?? 0;
    seen.set(name, ordinal + 1);
    const tool = row.tools.find((one) => one.name === name);
    return tool === undefined ? [] : [{ tool, ordinal, row: 0 }];
  });
  const { pieces, retriever, digest } = opened;
  const vectors = vectorsOf.get(opened) ?? createToolVectors({ pieces, retriever, digest });
  vectorsOf.set(opened, vectors);
  const tools = [...new Set(called.map(({ tool }) => tool))];
  const scores = await nearnessOf(row.task, tools, { pieces, retriever, vectors });
  const nearness = new Map(tools.map((tool, at) => [tool, scores.map((span) => span[at] ?? -1)] as const));
  const words = taskWords(row.task, { pieces, piecesMax: packLimits.taskPieces });
  const { calls } = await fillCalls(called, {
    task: row.task,
    context: { task: row.task, ...contextOf(row), aliases: opened.aliases },
    pieces,
    planner: await opened.planner(),
    calibration: identityCalibration,
    clauses: { spans: clauseSpans(words, row.task), nearness },
  });
  return { calls, confidence: 0, abstentions: [], origin: { planner: "model", from: opened.digest } };
}
