/**
 * The local model as a `Planner`: candidates → a set of tools → where each argument comes from → a proposal that says how sure it is.
 * Never proposes what its tools' schemas refuse, and never answers from the network.
 */
import { type Calibration, calibrate, proposalConfidence } from "../adapt/calibration.ts";
import { packSelect, type SelectPack } from "../pack.ts";
import { taskWords } from "../pieces.ts";
import type { Abstention, Planner, PlannerDecision, Proposal, ProposedCall } from "../proposal.ts";
import { type ModelOptions, type Models, openModels } from "../runtime/models.ts";
import type { DraftTool } from "../tools.ts";
import type { ValueContext } from "../values/mention.ts";
import { abstentionsOf } from "./abstain.ts";
import { type CalledTool, fillCalls } from "./calls.ts";
import { type SelectLogits, selectFeeds, selectLogits } from "./feeds.ts";
import { toolFeatures } from "./nearness.ts";
import { retrieve } from "./retrieve.ts";
import { callCount, exchanges, type SetDistribution, setDistribution, stated } from "./select.ts";
import { clauseSpans } from "./texts.ts";
import { createToolVectors, type ToolVectors, type VectorCache } from "./vectors.ts";

/** What a model planner is made of. */
export interface ModelPlannerOptions extends ModelOptions {
  /** Models that are open already; closing them is then their owner's. */
  readonly opened?: Models;
  /** In place of the calibration that the models bring: one that was fitted to a catalogue. */
  readonly calibration?: Calibration;
  /** Where vectors of tools are kept beyond the process. */
  readonly vectors?: VectorCache;
}

/** A planner that holds a model. */
export interface ModelPlanner extends Planner {
  /** Loads everything and makes the vectors of these tools, so that the first proposal is as fast as the others. Rejects with `InferError`. */
  prepare(tools: readonly DraftTool[]): Promise<void>;
  /** Frees the model, unless it was given opened. */
  close(): Promise<void>;
}

/**
 * Sub-words of the pack that tools are chosen with: more than in training, since a task that is near to many tools asks for many, and a tool
 * without room is never proposed. Positions start anew at each tool, so a longer pack has no place that the network has not seen.
 */
const selectPiecesMax = 512;
/** Calls of one proposal, at most. */
const callsMax = 16;
/** Other tools for the same words that are named, and the least likely one that is. */
const alternativesMax = 3;
const alternativeMin = 0.02;

/**
 * The local model as a planner. Nothing is loaded before the first proposal.
 *
 * @example
 * const planner = createModelPlanner({ models: "models" });
 * const proposal = await planner.propose("Book a table for two at 7 pm", tools, { now: "2026-11-20T09:00:00" });
 */
export function createModelPlanner(options: ModelPlannerOptions = {}): ModelPlanner {
  let ready: Promise<Ready> | undefined;
  const start = (): Promise<Ready> => {
    ready ??= makeReady(options).catch((error: unknown) => {
      ready = undefined;
      throw error;
    });
    return ready;
  };
  return {
    async propose(task, tools, context) {
      return propose(await start(), { task, tools, context });
    },
    async prepare(tools) {
      const { models, vectors } = await start();
      await Promise.all([models.planner(), vectors(tools)]);
    },
    async close() {
      const opened = await ready?.catch(() => undefined);
      ready = undefined;
      if (options.opened === undefined) await opened?.models.close();
    },
  };
}

/** A model with what is kept beside it. */
interface Ready {
  readonly models: Models;
  readonly vectors: ToolVectors;
  readonly calibration: Calibration;
}

async function makeReady(options: ModelPlannerOptions): Promise<Ready> {
  let models = options.opened;
  if (models === undefined) {
    const opened = await openModels(options);
    if (!opened.ok) throw opened.error;
    models = opened.value;
  }
  const { pieces, digest, retriever } = models;
  const vectors = createToolVectors({
    pieces,
    digest,
    retriever,
    ...(options.vectors === undefined ? {} : { cache: options.vectors }),
  });
  return { models, vectors, calibration: options.calibration ?? models.calibration };
}

interface Question {
  readonly task: string;
  readonly tools: readonly DraftTool[];
  readonly context: ValueContext;
}

async function propose(ready: Ready, question: Question): Promise<Proposal> {
  const { models, vectors, calibration } = ready;
  const { task, tools } = question;
  const origin = { planner: "model", from: models.digest } as const;
  const nothing = (abstention: Abstention): Proposal => ({
    calls: [],
    confidence: 0,
    decisions: [{ kind: "none", probability: 1 }],
    abstentions: [abstention],
    origin,
  });
  if (!/[\p{L}\p{N}]/u.test(task))
    return nothing({ code: "INFER_OUT_OF_SCOPE", message: "the task has no words: say what is to be done", candidates: [] });
  if (tools.length === 0)
    return nothing({
      code: "INFER_NO_TOOL",
      message: "the catalogue has no tools: give one that can do the task",
      candidates: [],
    });
  const candidates = await retrieve(task, tools, { pieces: models.pieces, retriever: models.retriever, vectors });
  const pack = packSelect(
    task,
    candidates.map(({ tool }) => tool),
    { pieces: models.pieces, piecesMax: selectPiecesMax },
  );
  const planner = await models.planner();
  const nearness = new Map(candidates.map((candidate) => [candidate.tool, candidate.nearness] as const));
  const features = toolFeatures(pack.tools.map((tool) => nearness.get(tool) ?? []));
  const logits = selectLogits(await planner.run(selectFeeds(pack, features)), pack);
  const sets = setDistribution(logits);
  const { called, counts } = calledTools(pack, { logits, sets });
  const context = { task, aliases: models.aliases, ...question.context };
  const filled = await fillCalls(called, {
    task,
    context,
    pieces: models.pieces,
    planner,
    calibration,
    clauses: { spans: clauseSpans(pack.words, task), nearness },
  });
  const decisions: readonly PlannerDecision[] = [
    { kind: "none", probability: sets.none },
    { kind: "tools", probability: sets.closest?.probability ?? 0 },
    ...counts.flatMap(({ index, probability }) => {
      const call = filled.places[index];
      return call === undefined ? [] : [{ kind: "count", probability, call } as const];
    }),
    ...filled.decisions,
  ];
  const confidence = stated(
    proposalConfidence(
      decisions.filter(({ kind }) => kind !== "none"),
      calibration,
    ),
  );
  const calls = filled.calls.map((call, at) =>
    withAlternatives(call, { pack, logits, sets, calibration, place: filled.rows[at] ?? 0 }),
  );
  const isCut = isCutShort(task, pack);
  return {
    calls,
    confidence,
    decisions,
    abstentions: abstentionsOf({ pack, sets, decisions, confidence, calibration, isCut }),
    origin,
  };
}

interface Called {
  readonly called: readonly CalledTool[];
  /** Of each chosen tool: its first call (index of `called`) and how likely the number of its calls is. */
  readonly counts: readonly { readonly index: number; readonly probability: number }[];
}

/** The calls of the set that is closest to what the task may ask for. */
function calledTools(
  pack: SelectPack,
  { logits, sets }: { readonly logits: SelectLogits; readonly sets: SetDistribution },
): Called {
  const called: CalledTool[] = [];
  const counts: { readonly index: number; readonly probability: number }[] = [];
  for (const row of sets.closest?.tools ?? []) {
    const tool = pack.tools[row];
    const count = logits.count[row];
    if (tool === undefined || count === undefined) continue;
    const times = callCount(count);
    if (called.length + times.count > callsMax) continue;
    counts.push({ index: called.length, probability: times.probability });
    for (let ordinal = 0; ordinal < times.count; ordinal++) called.push({ tool, ordinal, row });
  }
  return { called, counts };
}

interface AlternativeOptions {
  readonly pack: SelectPack;
  readonly logits: SelectLogits;
  readonly sets: SetDistribution;
  readonly calibration: Calibration;
  /** Row of the call's tool in the pack. */
  readonly place: number;
}

/** How sure a call is, and which other tools there are for it. */
function withAlternatives(call: ProposedCall, { pack, logits, sets, calibration, place }: AlternativeOptions): ProposedCall {
  const others = exchanges(logits, { tools: sets.closest?.tools ?? [], at: place });
  const alternatives = others.slice(0, alternativesMax).flatMap(({ tool: row, probability }) => {
    const tool = pack.tools[row];
    return tool === undefined || probability < alternativeMin ? [] : [{ tool, confidence: probability }];
  });
  const confidence = stated(calibrate({ kind: "tools", probability: sets.marginals[place] ?? 0 }, calibration));
  return { ...call, confidence, alternatives };
}

/** Whether words of the task found no room in the pack. */
function isCutShort(task: string, { words }: SelectPack): boolean {
  const read = words.at(-1)?.end ?? 0;
  return taskWords(task.slice(read), { pieces: () => [0], piecesMax: 1 }).length > 0;
}
