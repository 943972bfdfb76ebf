/**
 * Fits the two small tables of the memory on training rows: the weights of evidence in src/infer/memory/fill.ts and of doubts in weigh.ts.
 * `SLUICE_DATA=… node bench/infer/memory-fit.ts [--limit 800]` prints them. Never opens a development set.
 */
import { parseArgs } from "node:util";
import { exampleOf } from "../../src/infer/memory/approved.ts";
import { fillFrame, weights } from "../../src/infer/memory/fill.ts";
import { frameOf, termsOf } from "../../src/infer/memory/frames.ts";
import type { Frame, Library } from "../../src/infer/memory/library.ts";
import { createMemory } from "../../src/infer/memory/memory.ts";
import { createMemoryPlanner } from "../../src/infer/memory/planner.ts";
import { rankFrames } from "../../src/infer/memory/rank.ts";
import { readingOf } from "../../src/infer/memory/reading.ts";
import { doubtNames, doubtsOf, doubtTable } from "../../src/infer/memory/weigh.ts";
import { draftTool } from "../../src/infer/tools.ts";
import { sameValue } from "../../src/infer/values/same-value.ts";
import { approvedRow, faultOf, type MemoryRow, readMemorySet, sgdNow, splitRows } from "./memory-data.ts";

const { values: options } = parseArgs({ options: { limit: { type: "string", default: "800" } } });
const context = { now: sgdNow };
const set = readMemorySet("train", "sgd");
const tools = [...set.tools.values()].map(draftTool);

/** One choice for an argument: what speaks for each reading, which are right, and the odds against the argument. */
interface Choice {
  readonly readings: readonly { readonly evidence: readonly number[]; readonly isRight: boolean }[];
  readonly isAbsent: boolean;
  readonly odds: number;
}

function choicesOf(row: MemoryRow, frame: Frame, library: Library): readonly Choice[] {
  const { scored } = fillFrame(frame, { reading: readingOf(row.task), library, context });
  const choices: Choice[] = [];
  for (const place of frame.places) {
    if (place.read === 0) continue;
    const gold = row.calls[place.call]?.args.get(place.path[0] ?? "");
    const value = gold !== undefined && "const" in gold ? gold.const : undefined;
    const readings = scored
      .filter((one) => one.place === place)
      .map(({ evidence, candidate }) => ({ evidence, isRight: value !== undefined && sameValue(candidate.value, value) }));
    // What cannot be chosen teaches nothing.
    if (value !== undefined && !readings.some(({ isRight }) => isRight)) continue;
    const odds = Math.log((frame.members.length - place.given + 0.5) / (place.given + 0.5));
    choices.push({ readings, isAbsent: value === undefined, odds });
  }
  return choices;
}

/** Gradient of the logarithm of the probability of what is right, one softmax over readings and absence. */
function addGradient(gradient: number[], choice: Choice, at: readonly number[]): void {
  const size = at.length - 2;
  const absent = (at[size] ?? 0) + (at[size + 1] ?? 0) * choice.odds;
  const scores = choice.readings.map(({ evidence }) => evidence.reduce((sum, value, k) => sum + value * (at[k] ?? 0), 0));
  const most = Math.max(absent, ...scores);
  const none = Math.exp(absent - most);
  const some = scores.map((score) => Math.exp(score - most));
  const total = none + some.reduce((sum, one) => sum + one, 0);
  const right = choice.readings.reduce((sum, { isRight }, k) => sum + (isRight ? (some[k] ?? 0) : 0), 0);
  const pull = Number(choice.isAbsent) - none / total;
  gradient[size] = (gradient[size] ?? 0) + pull;
  gradient[size + 1] = (gradient[size + 1] ?? 0) + pull * choice.odds;
  for (const [k, { evidence, isRight }] of choice.readings.entries()) {
    const share = some[k] ?? 0;
    const force = (isRight && !choice.isAbsent ? share / right : 0) - share / total;
    for (const [j, value] of evidence.entries()) gradient[j] = (gradient[j] ?? 0) + force * value;
  }
}

/** Gradient ascent with RMS-scaled steps; entries below `free` never fall under 0. */
function ascend(
  start: readonly number[],
  {
    free,
    rounds,
    gradientOf,
  }: { readonly free: number; readonly rounds: number; readonly gradientOf: (at: readonly number[]) => readonly number[] },
): readonly number[] {
  let at = start;
  const scale = start.map(() => 1e-6);
  for (let round = 0; round < rounds; round++) {
    const gradient = gradientOf(at);
    at = at.map((value, k) => {
      const slope = (gradient[k] ?? 0) - 0.0005 * value;
      scale[k] = (scale[k] ?? 0) * 0.95 + slope * slope * 0.05;
      const next = value + ((0.03 * slope) / Math.sqrt(scale[k] ?? 1)) * (1 - round / rounds);
      return k < free ? Math.max(0, next) : next;
    });
  }
  return at;
}

const choices: Choice[] = [];
const judged: { readonly doubts: readonly number[]; readonly isRight: boolean }[] = [];
for (const isOneOfAKind of [false, true]) {
  const rows = splitRows(set, { kind: "first_call", seed: "7", isOneOfAKind, limit: Number(options.limit) });
  const memory = createMemory({ plans: rows.approved.map((row) => ({ plan: approvedRow(row, set.tools), context })) });
  const planner = createMemoryPlanner({ memory });
  const library = memory.library();
  const frames = new Map(library.frames.map((frame) => [frame.name, frame]));
  for (const row of rows.asked) {
    const example = exampleOf(approvedRow(row, set.tools), context);
    const frame = example.ok ? frames.get(frameOf(example.value)) : undefined;
    if (frame !== undefined) choices.push(...choicesOf(row, frame, library));
    const reading = readingOf(row.task);
    const [best, rival] = rankFrames(library, termsOf(reading.masked));
    if (best === undefined) continue;
    const doubts = doubtsOf(fillFrame(best.frame, { reading, library, context }), { reading, library, ranked: best, rival });
    const proposal = await planner.propose(row.task, tools, context);
    // The doubts are those of the likeliest kind; where another one was proposed they say nothing about it.
    const names = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name).join(" ");
    if (names(proposal.calls.map(({ tool }) => tool)) !== names(best.frame.tools)) continue;
    judged.push({ doubts: doubtNames.map((name) => doubts[name]), isRight: faultOf(row, proposal) === undefined });
  }
}
const evidence = ascend([...weights.evidence, weights.absent, weights.odds], {
  free: weights.evidence.length,
  rounds: 400,
  gradientOf: (at) => {
    const gradient = at.map(() => 0);
    for (const choice of choices) addGradient(gradient, choice, at);
    return gradient.map((value) => value / choices.length);
  },
});
const doubts = ascend([...doubtTable.weights, doubtTable.sure], {
  free: doubtTable.weights.length,
  rounds: 800,
  gradientOf: (at) => {
    const gradient = at.map(() => 0);
    const size = at.length - 1;
    for (const one of judged) {
      const sum = one.doubts.reduce((left, value, k) => left - value * (at[k] ?? 0), at[size] ?? 0);
      const pull = Number(one.isRight) - 1 / (1 + Math.exp(-sum));
      for (const [k, value] of one.doubts.entries()) gradient[k] = (gradient[k] ?? 0) - pull * value;
      gradient[size] = (gradient[size] ?? 0) + pull;
    }
    return gradient.map((value) => value / judged.length);
  },
});
const shown = (list: readonly number[]) => list.map((value) => Number(value.toFixed(2)));
console.log(`${choices.length} arguments: evidence, absent, odds`, JSON.stringify(shown(evidence)));
console.log(`${judged.length} proposals: ${doubtNames.join(", ")}, sure`, JSON.stringify(shown(doubts)));
