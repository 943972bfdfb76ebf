/**
 * What may stand in an argument, as the network's numbers and the typed reading of the task's words together say it: left out, words of the
 * task, a listed value, another call's result.
 * Pure. Words that are no value of the argument's type are no outcome, however likely.
 */
import type { Json } from "../../json/value.ts";
import { isArray } from "../../json/value.ts";
import { type FillPack, type Span, typeMatch } from "../pack.ts";
import type { Evidence } from "../proposal.ts";
import type { DraftOutput, DraftParam } from "../tools.ts";
import type { Mention, ValueContext } from "../values/mention.ts";
import { sameValue } from "../values/same-value.ts";
import { valueOf as valueOfWords } from "../values/value-of.ts";
import { wantedKinds } from "../values/wants.ts";
import type { FillLogits } from "./feeds.ts";
import { softmax, stated } from "./select.ts";

/** One thing that may stand in an argument. */
export interface Outcome {
  readonly kind: "absent" | "words" | "listed" | "result";
  /** 0 to 1, to compare outcomes of one argument with: all that speaks for this value together, wherever its words end. */
  readonly weight: number;
  /** 0 to 1: that it is exactly this. */
  readonly probability: number;
  /** Of words and listed values. */
  readonly value?: Json;
  /** First and last word. */
  readonly words?: readonly [first: number, last: number];
  readonly evidence?: Evidence;
  /** Its words are exactly one typed thing (a number, a date, an address …) of a kind that the argument asks for. */
  readonly isTyped?: true;
  /** The value is a list: one value for each row of the list of objects that the argument is a member of. */
  readonly isColumn?: true;
  /** Of a result: the call of the pack that gives it, and which part (absent: the whole). */
  readonly call?: number;
  readonly output?: DraftOutput;
}

/** Words of one value, at most. The training code has the same. */
const spanWordsMax = 48;
/** Places that are looked at for one argument, and ends for each: below these shares nothing is ever chosen, and reading values takes time. */
const startsMax = 6;
const endsMax = 3;
const startMin = 0.02;
const shareMin = 1e-5;
/** Elements of a list have at least this share of its likeliest element's. */
const elementMin = 0.4;

/** What reading needs. */
export interface ReadingOptions {
  readonly task: string;
  readonly context: ValueContext;
  /** The typed things that the task names. */
  readonly mentions: readonly Mention[];
  /** Of each call of the pack: the clause of the task (first word, and the one behind its last) that asks for it, where that is known. */
  readonly places?: readonly (Span | undefined)[];
}

/** The outcomes of one argument (row of the pack), in the order in which they are taken. Never empty: leaving out is always one. */
export function outcomesOf(
  pack: FillPack,
  logits: FillLogits,
  options: ReadingOptions & { readonly row: number },
): readonly Outcome[] {
  const { row } = options;
  const own = pack.params[row];
  if (own === undefined) return [{ kind: "absent", weight: 1, probability: 1 }];
  const place = options.places?.[own.call];
  const starts = pack.words.map((_, at) => (logits.start[row]?.[at] ?? 0) + (isWithin(at, place) ? placeLogit : 0));
  const values = pack.values.flatMap(({ param }, at) => (param === row ? [at] : []));
  const flows = pack.outputs.flatMap(({ call }, at) => (call === own.call ? [] : [at]));
  const shares = softmax([
    logits.absent[row] ?? 0,
    ...starts,
    ...values.map((at) => logits.value[at] ?? 0),
    ...flows.map((at) => (logits.flow[row]?.[at] ?? 0) + flowLogit(pack, at, { place, places: options.places ?? [] })),
  ]);
  const shareOfWord = shares.slice(1, 1 + starts.length);
  const shareOfValue = shares.slice(1 + starts.length, 1 + starts.length + values.length);
  const spoken = spans(pack, logits, { ...options, param: own.param, shares: shareOfWord });
  const listed = values.map((at, index): Outcome => {
    const share = shareOfValue[index] ?? 0;
    const value = pack.values[at]?.value ?? null;
    return { kind: "listed", weight: share, probability: share, value: own.param.type === "array" ? [value] : value };
  });
  const results = flows.flatMap((at, index) =>
    resultOf(pack, { at, param: own.param, share: shares[1 + starts.length + values.length + index] ?? 0 }),
  );
  const absent: Outcome = { kind: "absent", weight: shares[0] ?? 0, probability: shares[0] ?? 0 };
  const constants = own.param.type === "array" ? [...joined(spoken.found), ...joined(listed)] : [...spoken.found, ...listed];
  const distinct = merged(constants);
  const found = [...(isMember(own.param) ? columns(distinct) : []), ...distinct, ...results, absent];
  return found.map((outcome) => rescaled(outcome, 1 - spoken.refused)).sort((one, other) => standing(other) - standing(one));
}

function isWithin(word: number, place: Span | undefined): boolean {
  return place !== undefined && word >= place[0] && word < place[1];
}

/**
 * Added to the logits of words in the clause that asks for a call, of results that this clause names, and of results of calls that are asked for
 * later. Chosen on rows held out of training; tasks of one clause are read without them.
 */
const placeLogit = 1.5;
const namedLogit = 2;
const laterLogit = -2;

function flowLogit(
  pack: FillPack,
  at: number,
  { place, places }: { readonly place: Span | undefined; readonly places: readonly (Span | undefined)[] },
): number {
  const from = pack.outputs[at];
  if (from === undefined || place === undefined) return 0;
  const producer = places[from.call];
  const later = producer !== undefined && producer[0] > place[0] ? laterLogit : 0;
  const said = ` ${pack.words
    .slice(place[0], place[1])
    .map(({ text }) => text.toLowerCase())
    .join(" ")} `;
  const isNamed = from.output !== undefined && said.includes(` ${from.output.words} `);
  return later + (isNamed ? namedLogit : 0);
}

/**
 * A value is taken before nothing if it has two fifths of the weight of both: a wrong value and a missing one cost the same, and of values that
 * are nearly as likely as none more are right than wrong (rows held out of training).
 */
function standing({ kind, weight }: Outcome): number {
  return kind === "absent" ? weight / 1.5 : weight;
}

/** What remains likely once impossible words are out. */
function rescaled(outcome: Outcome, total: number): Outcome {
  const share = total <= 0 ? 1 : total;
  return { ...outcome, weight: stated(outcome.weight / share), probability: stated(outcome.probability / share) };
}

function resultOf(
  pack: FillPack,
  { at, param, share }: { readonly at: number; readonly param: DraftParam; readonly share: number },
): readonly Outcome[] {
  const from = pack.outputs[at];
  if (from === undefined) return [];
  const base = { kind: "result", weight: share, probability: share, call: from.call } as const;
  if (from.output === undefined) return [base];
  return typeMatch(param, from.output) < 0 ? [] : [{ ...base, output: from.output }];
}

interface SpanOptions extends ReadingOptions {
  readonly row: number;
  readonly param: DraftParam;
  /** Of each word: the share of its being the first one. */
  readonly shares: readonly number[];
}

/** The likeliest spans that can be read as values, and the share of the places where none can. */
function spans(
  pack: FillPack,
  logits: FillLogits,
  options: SpanOptions,
): { readonly found: readonly Outcome[]; readonly refused: number } {
  const { shares, row, task, context, param, mentions } = options;
  const found: Outcome[] = [];
  let refused = 0;
  const kinds = new Set(wantedKinds(param));
  const isTyped = ({ start, end }: Evidence): boolean =>
    mentions.some((mention) => kinds.has(mention.kind) && mention.start === start && mention.end === end);
  const starts = shares
    .map((share, first) => ({ share, first }))
    .filter(({ share }) => share > shareMin)
    .sort((one, other) => other.share - one.share || one.first - other.first)
    .slice(0, startsMax);
  for (const { share, first } of starts) {
    // A share of what is still possible: the likeliest place may be one where nothing can be read.
    if (share < startMin * (1 - refused)) break;
    const span = readSpan(pack, {
      ends: endShares(logits, { row, first, words: pack.words.length }),
      first,
      task,
      context,
      param,
    });
    if (span === undefined) refused += share;
    else
      found.push({
        kind: "words",
        weight: share,
        probability: share * span.share,
        value: span.value,
        words: span.words,
        evidence: span.evidence,
        ...(isTyped(span.evidence) ? { isTyped: true as const } : {}),
      });
  }
  return { found, refused };
}

/** Of each word from the first one on: the share of its being the last. */
function endShares(
  logits: FillLogits,
  { row, first, words }: { readonly row: number; readonly first: number; readonly words: number },
): readonly number[] {
  const last = Math.min(words, first + spanWordsMax);
  const ends: number[] = [];
  for (let at = first; at < last; at++) ends.push((logits.end[row]?.[at] ?? 0) + (logits.pair[first]?.[at] ?? 0));
  return softmax(ends);
}

interface ReadSpanOptions extends Omit<ReadingOptions, "mentions" | "places"> {
  readonly ends: readonly number[];
  readonly first: number;
  readonly param: DraftParam;
}

interface ReadSpan {
  readonly share: number;
  readonly value: Json;
  readonly words: readonly [number, number];
  readonly evidence: Evidence;
}

/** The likeliest end whose words are a value; ends that give the same value speak for it together. */
function readSpan(pack: FillPack, { ends, first, task, context, param }: ReadSpanOptions): ReadSpan | undefined {
  const order = ends
    .map((share, index) => ({ share, last: first + index }))
    .sort((one, other) => other.share - one.share || one.last - other.last)
    .slice(0, endsMax);
  let best: ReadSpan | undefined;
  let refused = 0;
  for (const { share, last } of order) {
    if (best !== undefined && share < startMin) break;
    const [from, to] = [pack.words[first], pack.words[last]];
    if (from === undefined || to === undefined) continue;
    const evidence = { start: from.start, end: to.end };
    const value = valueOfWords(task.slice(evidence.start, evidence.end), param, context);
    if (value === undefined) refused += share;
    else if (best === undefined) best = { share, value, words: [first, last], evidence };
    else if (sameValue(best.value, value)) best = { ...best, share: best.share + share };
  }
  return best === undefined ? undefined : { ...best, share: Math.min(1, best.share / Math.max(best.share, 1 - refused)) };
}

/** One outcome for each value: what is said twice, or is said and listed, speaks for one thing. */
function merged(outcomes: readonly Outcome[]): readonly Outcome[] {
  const found: Outcome[] = [];
  for (const outcome of outcomes.toSorted((one, other) => other.weight - one.weight)) {
    const at = found.findIndex((other) => sameValue(other.value ?? null, outcome.value ?? null));
    const same = found[at];
    if (same === undefined) found.push(outcome);
    else found[at] = both(same, outcome);
  }
  return found;
}

function both(one: Outcome, other: Outcome): Outcome {
  return {
    ...one,
    weight: Math.min(1, one.weight + other.weight),
    probability: Math.min(1, one.probability + other.probability),
    ...(one.kind === "words" || other.words === undefined || other.evidence === undefined
      ? {}
      : { words: other.words, evidence: other.evidence }),
  };
}

/** Whether an argument is a member of the objects of one list. */
function isMember({ path, type }: DraftParam): boolean {
  return type !== "array" && path.at(-1) !== "[]" && path.filter((name) => name === "[]").length === 1;
}

/** Values that are said at several places and are nearly as likely as the likeliest: one for each row, in the order of the task. */
function columns(outcomes: readonly Outcome[]): readonly Outcome[] {
  const [first, ...others] = outcomes.filter(({ words }) => words !== undefined);
  if (first === undefined || first !== outcomes[0]) return [];
  const parts = [first];
  for (const other of others) {
    if (other.weight >= elementMin * first.weight && parts.every(({ words }) => !overlap(words ?? [0, 0], other.words ?? [0, 0])))
      parts.push(other);
  }
  if (parts.length === 1) return [];
  const inOrder = parts.toSorted((one, other) => (one.words?.[0] ?? 0) - (other.words?.[0] ?? 0));
  const total = (of: "weight" | "probability"): number =>
    Math.min(
      1,
      parts.reduce((sum, part) => sum + part[of], 0),
    );
  const value = inOrder.map((part) => part.value ?? null);
  const evidence = { start: inOrder[0]?.evidence?.start ?? 0, end: inOrder.at(-1)?.evidence?.end ?? 0 };
  return [{ kind: first.kind, value, weight: total("weight"), probability: total("probability"), evidence, isColumn: true }];
}

/** Of outcomes that are lists: the likeliest, with the elements of those that are nearly as likely and stand elsewhere; then the others alone. */
function joined(outcomes: readonly Outcome[]): readonly Outcome[] {
  const [first, ...others] = outcomes.toSorted((one, other) => other.weight - one.weight);
  if (first === undefined) return [];
  const parts = [first];
  for (const other of others) {
    const isApart = parts.every(({ words }) => words === undefined || other.words === undefined || !overlap(words, other.words));
    if (other.weight >= elementMin * first.weight && isApart) parts.push(other);
  }
  if (parts.length === 1) return [first, ...others];
  const inOrder = parts.toSorted((one, other) => (one.words?.[0] ?? 0) - (other.words?.[0] ?? 0));
  const elements: Json[] = [];
  for (const { value } of inOrder) {
    for (const element of isArray(value) ? value : [])
      if (!elements.some((known) => sameValue(known, element))) elements.push(element);
  }
  const whole: Outcome = {
    ...first,
    value: elements,
    weight: Math.min(
      1,
      parts.reduce((sum, { weight }) => sum + weight, 0),
    ),
    probability: Math.min(
      1,
      parts.reduce((sum, { probability }) => sum + probability, 0),
    ),
  };
  return [whole, ...others.filter((other) => !parts.includes(other))];
}

function overlap([first, last]: readonly [number, number], [otherFirst, otherLast]: readonly [number, number]): boolean {
  return first <= otherLast && otherFirst <= last;
}
