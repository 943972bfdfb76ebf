/**
 * The labels of a fill pack: for each argument the outcomes that are right, or none where the example does not say.
 * Pure. The same rules for real and synthetic examples.
 */
import { type FillPack, type PackedCall, packFill } from "../../../src/infer/pack.ts";
import type { Pieces } from "../../../src/infer/pieces.ts";
import type { DraftParam } from "../../../src/infer/tools.ts";
import type { Mention } from "../../../src/infer/values/mention.ts";
import { mentionsOf } from "../../../src/infer/values/mentions.ts";
import { sameValue } from "../../../src/infer/values/same-value.ts";
import { wantedKinds } from "../../../src/infer/values/wants.ts";
import { isArray, type Json } from "../../../src/json/value.ts";
import type { Example, ExampleCall, GoldSource } from "./examples.ts";
import { isScalar } from "./examples.ts";
import { type Reading, rangesOf, readingOf, type WordRange } from "./spans.ts";

/** One right outcome: absent, a run of words (both ends inside), a listed value's row, an output's row. */
export type Outcome = readonly ["a"] | readonly ["s", number, number] | readonly ["v", number] | readonly ["f", number];

/** A pack with its labels. */
export interface LabelledFill {
  readonly pack: FillPack;
  readonly mentions: readonly Mention[];
  /** Of each argument's row; `null`: not known. */
  readonly labels: readonly (readonly Outcome[] | null)[];
  /** Arguments that the example gives a constant or a result for, and those of them with a label. */
  readonly given: number;
  readonly labelled: number;
}

/** A call to be packed: the gold call's number, or absent for a call that does not belong. */
export interface FillCall {
  readonly gold?: number;
  readonly call: ExampleCall;
}

/** Packs calls of an example and labels their arguments. `calls` in the order in which they are packed. */
export function labelledFill(
  example: Example,
  calls: readonly FillCall[],
  { pieces }: { readonly pieces: Pieces },
): LabelledFill {
  const packed = calls.map((one): PackedCall & { readonly of: FillCall } => ({ tool: one.call.tool, ordinal: 0, of: one }));
  const numbered = withOrdinals(example, packed);
  const pack = packFill(example.task, numbered, { pieces });
  const mentions = mentionsOf(example.task);
  const { task } = example;
  const context = example.now === undefined ? { task } : { task, now: example.now };
  const reading = readingOf(example.task, { words: pack.words, mentions, context });
  const places = new Map<number, number>();
  for (const [index, call] of pack.calls.entries()) {
    const gold = numbered.find((one) => one === call)?.of.gold;
    if (gold !== undefined) places.set(gold, index);
  }
  let given = 0;
  let labelled = 0;
  const labels = pack.params.map(({ call, param }, row) => {
    const owner = numbered.find((one) => one === pack.calls[call])?.of;
    if (owner?.gold === undefined) return null;
    const source = owner.call.args.get(param.path.join(".")) ?? { kind: "absent" };
    const outcomes = outcomesOf(source, { pack, row, param, reading, places });
    if (source.kind === "constant" || source.kind === "result") {
      given += 1;
      if (outcomes !== null) labelled += 1;
    }
    return outcomes;
  });
  return { pack, mentions, labels, given, labelled };
}

/** Calls of one tool are told apart by the order in which the task says their values; the array keeps its order otherwise. */
function withOrdinals<T extends PackedCall & { readonly of: FillCall }>(example: Example, calls: readonly T[]): readonly T[] {
  const byTool = new Map<string, T[]>();
  for (const call of calls) byTool.set(call.tool.name, [...(byTool.get(call.tool.name) ?? []), call]);
  const sorted = new Map<string, T[]>();
  for (const [name, same] of byTool) {
    if (same.length === 1) sorted.set(name, same);
    else {
      const placed = same.map((call) => ({ call, at: mentionedAt(example, call.of.call, same) }));
      // A call that nothing in the task tells apart keeps all in the order of the plan.
      const isTold = placed.every(({ at }) => at < nowhere);
      const inOrder = placed.toSorted(
        (one, other) => (isTold ? one.at - other.at : 0) || (one.call.of.gold ?? 0) - (other.call.of.gold ?? 0),
      );
      sorted.set(
        name,
        inOrder.map(({ call }) => call),
      );
    }
  }
  const next = new Map<string, number>();
  return calls.map(({ tool }) => {
    const ordinal = next.get(tool.name) ?? 0;
    next.set(tool.name, ordinal + 1);
    return { ...(sorted.get(tool.name)?.[ordinal] as T), ordinal };
  });
}

const nowhere = 1e9;

/** Where the task says what this call has and its namesakes have not: the mean place, `nowhere` if nowhere. */
function mentionedAt(example: Example, call: ExampleCall, namesakes: readonly { readonly of: FillCall }[]): number {
  const task = example.task.toLowerCase();
  const places: number[] = [];
  for (const [path, source] of call.args) {
    const said = saidBy(source);
    if (said === undefined) continue;
    if (namesakes.some(({ of }) => of.call !== call && saidBy(of.call.args.get(path)) === said)) continue;
    const at = source.kind === "constant" && source.at !== undefined ? source.at.start : task.indexOf(said);
    if (at >= 0) places.push(at);
  }
  return places.length === 0 ? nowhere : places.reduce((sum, at) => sum + at, 0) / places.length;
}

function saidBy(source: GoldSource | undefined): string | undefined {
  if (source?.kind !== "constant") return undefined;
  const value = isArray(source.value) ? source.value[0] : source.value;
  return source.span?.toLowerCase() ?? (value !== undefined && isScalar(value) ? String(value).toLowerCase() : undefined);
}

interface RowPlace {
  readonly pack: FillPack;
  readonly row: number;
  readonly param: DraftParam;
  readonly reading: Reading;
  /** Gold call → call of the pack. */
  readonly places: ReadonlyMap<number, number>;
}

function outcomesOf(source: GoldSource, place: RowPlace): readonly Outcome[] | null {
  switch (source.kind) {
    case "absent":
      return [["a"]];
    case "unknown":
      return null;
    case "result":
      return flowsOf(source, place);
    case "constant":
      return constantOf(source, place);
  }
}

/** The named part of the result if it is packed, else the whole. */
function flowsOf(source: GoldSource & { readonly kind: "result" }, { pack, places }: RowPlace): readonly Outcome[] | null {
  const producer = places.get(source.call);
  if (producer === undefined) return null;
  const wanted = source.path.join(".");
  const rows = [...pack.outputs.entries()].filter(([, { call }]) => call === producer);
  const named = rows.filter(
    ([, { output }]) => wanted !== "" && output?.path.filter((name) => name !== "[]").join(".") === wanted,
  );
  const chosen = named.length > 0 ? named : rows.filter(([, { output }]) => output === undefined);
  return chosen.length === 0 ? null : chosen.map(([row]) => ["f", row] as const);
}

function constantOf(source: GoldSource & { readonly kind: "constant" }, place: RowPlace): readonly Outcome[] | null {
  const { pack, row, param, reading } = place;
  const { value } = source;
  const listed = [...pack.values.entries()].filter(
    ([, { param: of, value: one }]) =>
      of === row && (isArray(value) ? value.some((part) => sameValue(part, one)) : sameValue(one, value)),
  );
  if (source.isOptional === true && isIdle(value) && !isNamed(reading, param)) return null;
  const chosen = listed.map(([index]): Outcome => ["v", index]);
  if (chosen.length > 0 && param.isClosed && (!isArray(value) || chosen.length === value.length)) return chosen;
  const placed = placedRange(source, reading);
  if (placed !== undefined) return [["s", ...placed], ...chosen];
  const kinds = wantedKinds(param);
  const ranges = rangesOf(reading, { param, value, kinds, ...(source.span === undefined ? {} : { span: source.span }) });
  const spans = ranges.map(([first, last]: WordRange): Outcome => ["s", first, last]);
  if (spans.length > 0 || chosen.length > 0) return [...spans, ...chosen];
  if (source.isOptional === true) return [["a"]];
  const isSaidOtherwise = reading.mentions.some(({ kind }) => kinds.includes(kind)) || sharesWords(value, reading.lower);
  return isSaidOtherwise ? null : [["a"]];
}

/** The words at the offsets that an example gives; `undefined` where they are cut off. */
function placedRange({ at }: GoldSource & { readonly kind: "constant" }, { starts, ends }: Reading): WordRange | undefined {
  const first = at === undefined ? undefined : starts.get(at.start);
  const last = at === undefined ? undefined : ends.get(at.end);
  return first === undefined || last === undefined ? undefined : [first, last];
}

/** Values that stand in tasks by chance: small numbers and yes or no. */
function isIdle(value: Json): boolean {
  return isScalar(value) && (String(value).length <= 2 || /^(true|false)$/i.test(String(value)));
}

function isNamed({ lower }: Reading, { words }: DraftParam): boolean {
  return words.split(" ").some((word) => word.length > 2 && lower.includes(word));
}

/** Whether the task has a word of the value, by its first letters: then it may say the value in other words. */
function sharesWords(value: Json, task: string): boolean {
  const words = JSON.stringify(value, (_, part) => (typeof part === "bigint" ? String(part) : part))
    .toLowerCase()
    .match(/[\p{L}\p{N}]{3,}/gu);
  return (words ?? []).some((word) => task.includes(word.slice(0, 4)));
}
