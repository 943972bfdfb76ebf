/**
 * A planner that asks no model: the plan that people approved for the likest tasks, with its arguments read from the new task.
 * Pure. It never uses a plan whose tools have changed, and never invents: what the task does not say was in every approved plan, or is left out.
 */
import { canonicalJson } from "../../json/canonical.ts";
import { type Json, type JsonObject, jsonEqual } from "../../json/value.ts";
import type { Abstention, Evidence, Planner, ProposedArgument, ProposedCall, Proposal } from "../proposal.ts";
import type { DraftTool } from "../tools.ts";
import type { ValueContext } from "../values/mention.ts";
import type { Range, Reading } from "./reading.ts";
import { type Fill, type Filled, fillFrame } from "./fill.ts";
import { termsOf } from "./frames.ts";
import type { Frame, Library } from "./library.ts";
import type { Memory } from "./memory.ts";
import { type Ranked, rankFrames } from "./rank.ts";
import { readingOf } from "./reading.ts";
import { confidenceOf, doubtsOf } from "./weigh.ts";

/** How a memory plans. */
export interface MemoryPlannerOptions {
  readonly memory: Memory;
  /** The definition of a tool now. Without it, what a planner sees of a tool decides whether it has changed. */
  readonly definitionOf?: (name: string) => JsonObject | undefined;
  /** Confidence from which on a proposal is kept. Default {@link memoryThreshold}. */
  readonly threshold?: number;
}

/** Confidence from which on a proposal of the memory is kept. */
export const memoryThreshold = 0.9;

/** Kinds of plans that are filled and compared. */
const filledMax = 3;

/** The planner of a memory. */
export function createMemoryPlanner(options: MemoryPlannerOptions): Planner {
  return {
    propose: (task, tools, context) => Promise.resolve(propose(task, { tools, context, options })),
  };
}

interface Best {
  readonly ranked: Ranked;
  readonly fill: Fill;
  readonly confidence: number;
}

function propose(
  task: string,
  {
    tools,
    context,
    options,
  }: { readonly tools: readonly DraftTool[]; readonly context: ValueContext; readonly options: MemoryPlannerOptions },
): Proposal {
  const library = options.memory.library();
  const reading = readingOf(task);
  const offered = new Map(tools.map((tool) => [tool.name, tool]));
  const ranked = rankFrames(library, termsOf(reading.masked));
  const usable = ranked.filter(({ frame }) => isUnchanged(frame, { offered, options }));
  if (usable.length === 0) return nothing(ranked.length === 0 ? empty : stale(ranked));
  const [best] = usable
    .slice(0, filledMax)
    .map((one, at) => weigh(one, { reading, library, context, rival: usable[at === 0 ? 1 : 0] }))
    .toSorted((one, other) => other.confidence - one.confidence);
  if (best === undefined) return nothing(empty);
  const threshold = options.threshold ?? memoryThreshold;
  // A likelier kind of plan that may not be used: the next best one is another task's.
  const isDisplaced = ranked[0] !== usable[0];
  const confidence = isDisplaced ? Math.min(best.confidence, threshold / 2) : best.confidence;
  const candidates = usable.slice(0, filledMax).map(({ frame }) => ({
    tool: frame.tools.map(({ name }) => name).join(", "),
    confidence: frame === best.ranked.frame ? confidence : 0,
  }));
  const abstentions: readonly Abstention[] =
    confidence >= threshold ? [] : [isDisplaced ? stale(ranked) : { ...unsure, candidates }];
  return {
    calls: callsOf(best, { reading, offered }),
    confidence,
    abstentions,
    origin: { planner: "memory", from: parentOf(best).digest },
  };
}

function weigh(
  ranked: Ranked,
  {
    reading,
    library,
    context,
    rival,
  }: {
    readonly reading: Reading;
    readonly library: Library;
    readonly context: ValueContext;
    readonly rival: Ranked | undefined;
  },
): Best {
  const fill = fillFrame(ranked.frame, { reading, library, context });
  return { ranked, fill, confidence: confidenceOf(doubtsOf(fill, { reading, library, ranked, rival })) };
}

/** Whether every tool of a kind of plan is offered, with the definition that its plans were frozen with. */
function isUnchanged(
  frame: Frame,
  { offered, options }: { readonly offered: ReadonlyMap<string, DraftTool>; readonly options: MemoryPlannerOptions },
): boolean {
  return frame.tools.every((tool, at) => {
    const now = offered.get(tool.name);
    if (now === undefined) return false;
    const definition = options.definitionOf?.(tool.name);
    if (options.definitionOf !== undefined) return jsonEqual(definition, frame.definitions[at]);
    return canonicalJson(now as unknown as Json) === canonicalJson(tool as unknown as Json);
  });
}

/** The approved plan of the same shape whose task is nearest. */
function parentOf({ ranked, fill }: Best): { readonly digest: string } {
  const shape = new Set(fill.filled.filter(({ candidate }) => candidate !== undefined).map(({ place }) => place.place));
  const alike = ranked.frame.members.filter(
    ({ slots }) =>
      [...slots].filter(([, { range }]) => range !== undefined).every(([place]) => shape.has(place)) &&
      [...shape].every((place) => slots.has(place)),
  );
  const nearest = alike.includes(ranked.nearest) ? ranked.nearest : (alike[0] ?? ranked.nearest);
  return nearest.example;
}

function callsOf(
  { ranked, fill, confidence }: Best,
  { reading, offered }: { readonly reading: Reading; readonly offered: ReadonlyMap<string, DraftTool> },
): readonly ProposedCall[] {
  const { frame } = ranked;
  return frame.tools.map((tool, call) => {
    const filled = fill.filled.filter(({ place }) => place.call === call);
    const args: ProposedArgument[] = filled.flatMap((one) => argumentOf(one, { reading, confidence }));
    for (const flow of frame.flows)
      if (flow.call === call) args.push({ path: flow.path, source: flow.source, confidence, alternatives: [] });
    const evidence = args.flatMap(({ evidence: own }) => (own === undefined ? [] : [own]));
    return { tool: offered.get(tool.name) ?? tool, args, confidence, evidence, alternatives: [] };
  });
}

function argumentOf(
  { place, candidate, fixed, alternatives, margin }: Filled,
  { reading, confidence }: { readonly reading: Reading; readonly confidence: number },
): readonly ProposedArgument[] {
  const value = candidate?.value ?? fixed;
  if (value === undefined) return [];
  // An argument is at least as sure as the whole.
  const own = Math.max(confidence, 1 / (1 + Math.exp(-margin)));
  return [
    {
      path: place.path,
      source: { kind: "constant", value },
      confidence: own,
      ...(candidate !== undefined && { evidence: evidenceOf(reading, candidate) }),
      alternatives: alternatives.map((other) => ({
        source: { kind: "constant", value: other.value },
        confidence: (1 - own) / alternatives.length,
        evidence: evidenceOf(reading, other),
      })),
    },
  ];
}

function evidenceOf({ words }: Reading, { from, to }: Range): Evidence {
  return { start: words[from]?.start ?? 0, end: words[to - 1]?.end ?? 0 };
}

const empty: Abstention = { code: "INFER_OUT_OF_SCOPE", message: "no approved plan is in the memory", candidates: [] };

const unsure: Abstention = {
  code: "INFER_UNSURE",
  message: "no approved plan explains every word of the task",
  candidates: [],
};

function stale([first]: readonly Ranked[]): Abstention {
  const tools = first?.frame.tools.map(({ name }) => name).join(", ") ?? "";
  return {
    code: "INFER_OUT_OF_SCOPE",
    message: "the plan approved for a task like this uses tools that are gone or have changed: approve it anew",
    candidates: [{ tool: tools, confidence: 0 }],
  };
}

function nothing(abstention: Abstention): Proposal {
  return { calls: [], confidence: 0, abstentions: [abstention], origin: { planner: "memory" } };
}
