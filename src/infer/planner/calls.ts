/**
 * From chosen tools to proposed calls: packs them, asks the network, reads its outcomes, decides, and puts the calls in order.
 * Never asks the network about more than a pack holds: calls without room get a pack of their own.
 */
import { type Calibration, calibrate } from "../adapt/calibration.ts";
import { fillFeatures } from "../features.ts";
import { type FillPack, type PackedCall, packFill } from "../pack.ts";
import { type Pieces, taskWords } from "../pieces.ts";
import type { Evidence, PlannerDecision, ProposedArgument, ProposedCall, ProposedSource } from "../proposal.ts";
import type { TensorRunner } from "../runtime/tensor.ts";
import type { Mention, ValueContext } from "../values/mention.ts";
import { mentionsOf } from "../values/mentions.ts";
import { wantedKinds } from "../values/wants.ts";
import { fillFeeds, fillLogits } from "./feeds.ts";
import { type ChosenArgument, decodeFill, type OpenArgument } from "./fill.ts";
import { orderCalls } from "./order.ts";
import { type Outcome, outcomesOf } from "./outcomes.ts";
import { type Clauses, placesOf } from "./places.ts";
import { stated } from "./select.ts";

/** A call whose arguments are to be filled. */
export interface CalledTool extends PackedCall {
  /** Row of the tool in the pack that it was chosen from. */
  readonly row: number;
}

/** What filling works with. */
export interface FillOptions {
  readonly task: string;
  readonly context: ValueContext;
  readonly pieces: Pieces;
  readonly planner: TensorRunner;
  readonly calibration: Calibration;
  readonly clauses: Clauses;
}

/** Filled calls, in order. */
export interface FilledCalls {
  /** Confidence and alternatives of the tools are not in it yet. */
  readonly calls: readonly ProposedCall[];
  /** Of each call: the row of its tool. */
  readonly rows: readonly number[];
  /** Of each call that was given: its place in `calls`; none if it was dropped. */
  readonly places: readonly (number | undefined)[];
  readonly decisions: readonly PlannerDecision[];
}

/** Packs for the calls of one task: each holds at least one call, or it is dropped from the network's view. */
const packsMax = 8;
const argumentAlternativesMax = 3;
const argumentAlternativeMin = 0.05;
/** An argument for which the pack had no room: the network said nothing of it. */
const unknownProbability = 0.5;

/** Fills the arguments of calls. Rejects with `InferError`. */
export async function fillCalls(called: readonly CalledTool[], options: FillOptions): Promise<FilledCalls> {
  const open = await openArguments(called, options);
  const tools = called.map(({ tool }) => tool);
  const { args, dropped } = decodeFill(tools, open);
  const kept = [...called.keys()].filter((call) => !dropped.includes(call));
  const order = orderCalls(kept.map((call) => ({ call, args: args.filter((argument) => argument.call === call) })));
  const places = called.map((_, call) => {
    const at = order.indexOf(call);
    return at < 0 ? undefined : at;
  });
  const placed = args.map((argument) => ({ argument, place: places[argument.call] ?? 0 }));
  const calls = order.map((call, place): ProposedCall => {
    const own = placed.filter((one) => one.place === place).map(({ argument }) => argument);
    const given = own.flatMap((argument) => proposed(argument, { places, calibration: options.calibration }));
    const tool = tools[call] as CalledTool["tool"];
    return {
      tool,
      args: given,
      confidence: 0,
      evidence: evidenceOf(given, { task: options.task, words: tool.words }),
      alternatives: [],
    };
  });
  return {
    calls,
    rows: order.map((call) => called[call]?.row ?? 0),
    places,
    decisions: placed.map(({ argument, place }) => decisionOf(argument, place)),
  };
}

/** What may stand in each argument of all calls. */
async function openArguments(called: readonly CalledTool[], options: FillOptions): Promise<readonly OpenArgument[]> {
  const { task, pieces, planner, context, clauses } = options;
  const mentions = mentionsOf(task);
  const placed = placesOf(called, clauses);
  const open: OpenArgument[] = [];
  let waiting = [...called.keys()];
  for (let packs = 0; packs < packsMax && waiting.length > 0; packs++) {
    const pack = packFill(
      task,
      waiting.map((call) => called[call] as CalledTool),
      { pieces },
    );
    const packed = waiting.filter((call) => pack.calls.includes(called[call] as CalledTool));
    if (packed.length === 0) break;
    const logits = fillLogits(await planner.run(fillFeeds(pack, fillFeatures(pack, hints(mentions)))), pack);
    const places = packed.map((call) => placed[call]);
    for (const [row, { call, param }] of pack.params.entries()) {
      const outcomes = outcomesOf(pack, logits, { row, task, context, mentions, places }).map((outcome) =>
        renumbered(outcome, packed),
      );
      open.push({ call: packed[call] ?? 0, param, outcomes });
    }
    waiting = waiting.filter((call) => !packed.includes(call));
  }
  return [...open, ...unseen(called, open)];
}

function hints(mentions: readonly Mention[]): {
  mentions: readonly Mention[];
  wants: (param: FillPack["params"][number]["param"]) => readonly Mention["kind"][];
} {
  return { mentions, wants: wantedKinds };
}

/** Calls of a pack have its own numbers. */
function renumbered(outcome: Outcome, packed: readonly number[]): Outcome {
  return outcome.call === undefined ? outcome : { ...outcome, call: packed[outcome.call] ?? 0 };
}

/** Needed arguments that found no room in any pack. */
function unseen(called: readonly CalledTool[], open: readonly OpenArgument[]): readonly OpenArgument[] {
  const nothing: readonly Outcome[] = [{ kind: "absent", weight: unknownProbability, probability: unknownProbability }];
  return called.flatMap(({ tool }, call) => {
    const seen = new Set(open.filter((argument) => argument.call === call).map(({ param }) => param));
    return tool.params
      .filter((param) => param.isRequired && !seen.has(param))
      .map((param) => ({ call, param, outcomes: nothing }));
  });
}

interface ProposedOptions {
  readonly places: readonly (number | undefined)[];
  readonly calibration: Calibration;
}

/** A chosen argument as it is proposed; nothing if it is left out. */
function proposed(argument: ChosenArgument, { places, calibration }: ProposedOptions): readonly ProposedArgument[] {
  const { outcome, outcomes, param, isAsked } = argument;
  if (outcome.kind === "absent" && !isAsked) return [];
  const sure = ({ kind, probability }: Outcome): number =>
    stated(calibrate({ kind: kind === "absent" && param.isRequired ? "ask" : kind, probability }, calibration));
  const alternatives = outcomes
    .filter(
      (other) =>
        other !== outcome && other.probability >= argumentAlternativeMin && (other.kind !== "absent" || param.isRequired),
    )
    .flatMap((other) => {
      const source = sourceOf(other, places);
      return source === undefined ? [] : [{ source, confidence: sure(other), ...evidence(other) }];
    })
    .slice(0, argumentAlternativesMax);
  const source = sourceOf(outcome, places) ?? { kind: "ask" };
  return [{ path: param.path, source, confidence: sure(outcome), ...evidence(outcome), alternatives }];
}

function evidence({ evidence: words }: Outcome): { readonly evidence?: Evidence } {
  return words === undefined ? {} : { evidence: words };
}

/** `undefined`: it comes from a call that was dropped. */
function sourceOf(outcome: Outcome, places: ProposedOptions["places"]): ProposedSource | undefined {
  if (outcome.kind === "absent") return { kind: "ask" };
  if (outcome.kind !== "result") return { kind: "constant", value: outcome.value ?? null };
  const call = places[outcome.call ?? -1];
  return call === undefined ? undefined : { kind: "result", call, path: outcome.output?.path ?? [] };
}

function decisionOf({ outcome, isAsked, param }: ChosenArgument, place: number): PlannerDecision {
  return { kind: isAsked ? "ask" : outcome.kind, probability: outcome.probability, call: place, path: param.path };
}

/** Words that say nothing of what a tool does. */
const commonLettersMax = 3;

/** The words of the task that a call rests on: those of its arguments, and those that the tool is named with. */
function evidenceOf(
  args: readonly ProposedArgument[],
  { task, words }: { readonly task: string; readonly words: string },
): readonly Evidence[] {
  const named = new Set(words.split(" ").filter((word) => word.length > commonLettersMax));
  const said = taskWords(task, { pieces: () => [0], piecesMax: 512 })
    .filter(({ text }) => named.has(text.toLowerCase()))
    .map(({ start, end }) => ({ start, end }));
  const all = [...args.flatMap((argument) => (argument.evidence === undefined ? [] : [argument.evidence])), ...said];
  const distinct = new Map(all.map((one) => [`${one.start} ${one.end}`, one]));
  return [...distinct.values()].sort((one, other) => one.start - other.start || one.end - other.end);
}
