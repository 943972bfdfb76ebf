/**
 * Rows of the shards that the trainer reads: one JSON text a line, a select pack or a fill pack with its labels.
 * Numbers only: no words of a task and no value ever stand in a shard.
 */
import { fillFeatures } from "../../../src/infer/features.ts";
import { packSelect } from "../../../src/infer/pack.ts";
import { toolFeatures } from "../../../src/infer/planner/nearness.ts";
import type { Pieces } from "../../../src/infer/pieces.ts";
import { wantedKinds } from "../../../src/infer/values/wants.ts";
import { type Candidates, candidatesOf, type Neighbours } from "./candidates.ts";
import type { Example } from "./examples.ts";
import { type FillCall, labelledFill } from "./labels.ts";
import type { Random } from "./random.ts";
import type { DraftTool } from "../../../src/infer/tools.ts";

/** Of each span of a task the nearness of every tool, as `nearnessOf` of the planner gives it. */
export type Nearness = (task: string, tools: readonly DraftTool[]) => Promise<readonly (readonly number[])[]>;

/** What rows are made with. */
export interface LineOptions {
  readonly pieces: Pieces;
  readonly nearness: Nearness;
  readonly random: Random;
  readonly neighbours: Neighbours;
  /** Tools of other catalogues that are sometimes offered too. */
  readonly extra?: readonly DraftTool[];
}

/** A line, and what the report counts. */
export interface Line {
  readonly text: string;
  readonly given: number;
  readonly labelled: number;
}

/** Calls of a fill pack, and the share of packs with a call that does not belong. */
const callsMax = 8;
const strangerShare = 0.1;

/** A select row; `undefined` where an example gives none. */
export async function selectLine(example: Example, options: LineOptions): Promise<Line | undefined> {
  const candidates = candidatesOf(example, options);
  return candidates === undefined ? undefined : await selectRow(example, candidates, options);
}

/** The row of given candidates. Those that are needed find room first; then all are shuffled. */
export async function selectRow(
  example: Example,
  { tools, counts }: Candidates,
  { pieces, random, nearness }: LineOptions,
): Promise<Line | undefined> {
  const fitting = packSelect(example.task, tools, { pieces }).tools;
  const pack = packSelect(example.task, random.shuffled(fitting), { pieces });
  if (pack.tools.length === 0 || pack.words.length === 0) return undefined;
  const scores = await nearness(example.task, pack.tools);
  const gold = [...pack.tools.entries()].filter(([, { name }]) => counts.has(name));
  const row = {
    k: "s",
    src: example.src,
    ids: pack.ids,
    pos: pack.positions,
    seg: pack.segments,
    w: pack.wordSpans,
    t: pack.toolSpans,
    tf: toolFeatures(pack.tools.map((_, at) => scores.map((span) => span[at] ?? -1))),
    y: gold.map(([index]) => index),
    n: gold.map(([, { name }]) => Math.min(4, counts.get(name) ?? 0)),
  };
  return { text: JSON.stringify(row), given: 0, labelled: 0 };
}

/** A fill row; `undefined` where nothing in it has a label. */
export function fillLine(
  example: Example,
  { pieces, random, neighbours, extra = [] }: Omit<LineOptions, "nearness">,
): Line | undefined {
  if (!example.hasArguments || example.calls.length === 0) return undefined;
  const first = random.below(Math.max(1, example.calls.length - callsMax + 1));
  const window = example.calls.map((call, gold): FillCall => ({ call, gold })).slice(first, first + callsMax);
  const calls = random.chance(0.5) ? window : random.shuffled(window);
  if (calls.length < callsMax && random.chance(strangerShare)) {
    const gold = new Set(example.calls.map(({ tool }) => tool.name));
    const near = candidatesOf(example, { random, neighbours, extra })?.tools.find(({ name }) => !gold.has(name));
    if (near !== undefined) calls.splice(random.below(calls.length + 1), 0, { call: { tool: near, args: new Map() } });
  }
  const { pack, mentions, labels, given, labelled } = labelledFill(example, calls, { pieces });
  if (pack.words.length === 0 || labels.every((label) => label === null)) return undefined;
  const features = fillFeatures(pack, { mentions, wants: wantedKinds });
  const row = {
    k: "f",
    src: example.src,
    ids: pack.ids,
    pos: pack.positions,
    seg: pack.segments,
    w: pack.wordSpans,
    c: pack.callSpans,
    p: pack.paramSpans.map(([start, end], index) => [start, end, pack.params[index]?.call ?? 0]),
    v: pack.valueSpans.map(([start, end], index) => [start, end, pack.values[index]?.param ?? 0]),
    o: pack.outputSpans.map(([start, end], index) => [start, end, pack.outputs[index]?.call ?? 0]),
    hs: features.startHints,
    he: features.endHints,
    m: features.matches.map(([param, output, name, type]) => [param, output, Math.round(name * 1000) / 1000, type]),
    vh: features.valueHits.map((hit) => Math.round(hit * 1000) / 1000),
    pf: features.params,
    y: labels,
  };
  return { text: JSON.stringify(row), given, labelled };
}
