/**
 * Where a task says a value: weak labels through the normaliser. A run of words is right if the run time would read the gold value from it.
 * Pure. Never labels words that {@link valueOf} reads otherwise, save those that people marked.
 */
import type { DraftParam } from "../../../src/infer/tools.ts";
import type { TaskWord } from "../../../src/infer/pieces.ts";
import type { Mention, MentionKind, ValueContext } from "../../../src/infer/values/mention.ts";
import { sameValue } from "../../../src/infer/values/same-value.ts";
import { valueOf as readValue } from "../../../src/infer/values/value-of.ts";
import { isArray, type Json } from "../../../src/json/value.ts";
import { isScalar } from "./examples.ts";

/** First and last word, both inside. */
export type WordRange = readonly [first: number, last: number];

/** A task as spans are looked for in it. */
export interface Reading {
  readonly task: string;
  readonly lower: string;
  readonly words: readonly TaskWord[];
  readonly mentions: readonly Mention[];
  readonly context: ValueContext;
  /** Word that begins, or ends, at an offset. */
  readonly starts: ReadonlyMap<number, number>;
  readonly ends: ReadonlyMap<number, number>;
}

/** What is looked for. */
export interface Wanted {
  readonly param: DraftParam;
  readonly value: Json;
  /** Words that people marked. */
  readonly span?: string;
  /** Kinds of mentions that the argument takes. */
  readonly kinds: readonly MentionKind[];
}

/** Words of a run, runs of one argument, runs of words that are tried where nothing typed fits. */
const runWordsMax = 24;
const rangesMax = 4;
const triedWordsMax = 5;

/** Prepares a task. */
export function readingOf(task: string, { words, mentions, context }: Pick<Reading, "words" | "mentions" | "context">): Reading {
  return {
    task,
    lower: task.toLowerCase(),
    words,
    mentions,
    context,
    starts: new Map(words.map(({ start }, index) => [start, index])),
    ends: new Map(words.map(({ end }, index) => [end, index])),
  };
}

/** Runs of words that say a value, the best first; empty where the task does not say it. A list may be several runs, one an item. */
export function rangesOf(reading: Reading, wanted: Wanted): readonly WordRange[] {
  const { value, span } = wanted;
  if (isArray(value)) return listRanges(reading, { ...wanted, value });
  if (!isScalar(value)) return [];
  const marked = span === undefined ? [] : literalRanges(reading, span);
  const read = (range: WordRange): boolean => reads(reading, range, wanted);
  const found = [
    ...literalRanges(reading, String(value)).filter((range) => marked.length === 0 || overlaps(range, marked)),
    ...mentionRanges(reading, wanted.kinds).filter((range) => marked.length === 0 || overlaps(range, marked)),
  ].filter(read);
  const known = distinct([...marked.filter(read), ...found]);
  if (known.length > 0) return ranked(reading, known, wanted).slice(0, rangesMax);
  // People marked words that the normaliser cannot read: the place is right all the same.
  if (marked.length > 0) return ranked(reading, marked, wanted).slice(0, 1);
  return isWorthTrying(wanted) ? ranked(reading, triedRanges(reading, read), wanted).slice(0, rangesMax) : [];
}

/** Whether two runs share a word with one of a list. */
function overlaps(range: WordRange, others: readonly WordRange[]): boolean {
  return others.some(([first, last]) => range[0] <= last && first <= range[1]);
}

function distinct(ranges: readonly WordRange[]): WordRange[] {
  return [...new Map(ranges.map((range) => [range.join(" "), range])).values()];
}

function textOf(reading: Reading, [first, last]: WordRange): string {
  return reading.task.slice(reading.words[first]?.start ?? 0, reading.words[last]?.end ?? 0);
}

/** Whether the normaliser reads the value, or what it reads from the value's own text ("ten" is 10), from a run of words. */
function reads(reading: Reading, range: WordRange, { param, value }: Wanted): boolean {
  const text = textOf(reading, range);
  const read = readValue(text, param, reading.context);
  if (read === undefined) return false;
  if (sameValue(read, value)) return true;
  if (typeof value !== "string") return false;
  const own = readValue(value, param, reading.context);
  if (own !== undefined && sameValue(read, own)) return true;
  // A set that does not say its day: the year of the gold date tells which "October 12th" is meant.
  const year = reading.context.now === undefined ? /^(\d{4})-\d\d-\d\d/.exec(value)?.[1] : undefined;
  const dated = year === undefined ? undefined : readValue(text, param, { ...reading.context, now: `${year}-01-01` });
  return dated !== undefined && sameValue(dated, value);
}

/** Every place where a text stands in the task between ends of words. */
function literalRanges(reading: Reading, text: string): WordRange[] {
  const sought = text.toLowerCase().replace(/_/g, " ").trim();
  const found: WordRange[] = [];
  if (sought === "") return found;
  for (const form of new Set([text.toLowerCase().trim(), sought])) {
    for (let at = reading.lower.indexOf(form); at >= 0; at = reading.lower.indexOf(form, at + 1)) {
      const first = reading.starts.get(at);
      const last = reading.ends.get(at + form.length);
      if (first !== undefined && last !== undefined && last - first < runWordsMax) found.push([first, last]);
    }
  }
  return found;
}

function mentionRanges(reading: Reading, kinds: readonly MentionKind[]): WordRange[] {
  const found: WordRange[] = [];
  for (const { kind, start, end } of reading.mentions) {
    if (kinds.length > 0 && !kinds.includes(kind)) continue;
    const first = reading.starts.get(start);
    const last = reading.ends.get(end);
    if (first !== undefined && last !== undefined) found.push([first, last]);
  }
  return found;
}

/** Whether words that differ from the value may still say it: numbers in words, names of codes, synonyms of listed values. */
function isWorthTrying({ param, kinds }: Wanted): boolean {
  return (
    kinds.length > 0 ||
    param.type !== "string" ||
    param.isClosed ||
    /\b(code|language|country|currency|state|unit)s?\b/.test(param.words)
  );
}

/** Short runs of words that are read as the value: only the shortest of those that contain one another. */
function triedRanges(reading: Reading, read: (range: WordRange) => boolean): WordRange[] {
  const found: WordRange[] = [];
  for (let length = 0; length < triedWordsMax; length++) {
    for (let first = 0; first + length < reading.words.length; first++) {
      const range: WordRange = [first, first + length];
      if (!isEdge(reading.words[first]) || !isEdge(reading.words[first + length])) continue;
      if (!overlaps(range, found) && read(range)) found.push(range);
    }
  }
  return found;
}

/** Words that no value begins or ends with. */
const glue = new Set(
  "the a an of to in on at and or is are for with by i you it me my we please can could would , . ? ! : ;".split(" "),
);

function isEdge(word: TaskWord | undefined): boolean {
  return word !== undefined && !glue.has(word.text.toLowerCase());
}

/** The run from the first item of a list to its last, if the list can be read from it; else one run an item; none if an item is missing. */
function listRanges(reading: Reading, wanted: Wanted & { readonly value: readonly Json[] }): readonly WordRange[] {
  const { value, span, param } = wanted;
  if (value.length === 0) return [];
  const whole = (range: WordRange): boolean => range[1] - range[0] < runWordsMax * 2 && reads(reading, range, wanted);
  if (span !== undefined) {
    const marked = literalRanges(reading, span).filter(whole);
    if (marked.length > 0) return marked.slice(0, rangesMax);
  }
  const item: DraftParam = { ...param, type: param.itemType };
  const items = value.map((part) => (isScalar(part) ? rangesOf(reading, { ...wanted, param: item, value: part }) : []));
  if (items.some((ranges) => ranges.length === 0)) return [];
  const firsts = items.map((ranges): WordRange => ranges[0] ?? [0, 0]);
  const range: WordRange = [Math.min(...firsts.map(([first]) => first)), Math.max(...firsts.map(([, last]) => last))];
  return whole(range) ? [range] : firsts.slice(0, 8);
}

/** Runs near words of the argument's name first, then in the order of the task. */
function ranked(reading: Reading, ranges: readonly WordRange[], { param, span }: Wanted): readonly WordRange[] {
  if (ranges.length < 2 || span !== undefined) return ranges;
  const names = new Set(param.words.split(" ").filter((word) => word.length > 2));
  const scored = ranges.map((range) => ({ range, score: nearness(reading, range, names) }));
  const best = Math.max(...scored.map(({ score }) => score));
  return scored
    .filter(({ score }) => best === 0 || score > best / 2)
    .toSorted((one, other) => other.score - one.score)
    .map(({ range }) => range);
}

const window = 5;

function nearness(reading: Reading, [first, last]: WordRange, names: ReadonlySet<string>): number {
  let score = 0;
  for (let step = 1; step <= window; step++) {
    for (const at of [first - step, last + step]) {
      const said = reading.words[at]?.text.toLowerCase() ?? "";
      if (names.has(said) || names.has(said.replace(/s$/, ""))) score += 1 / step;
    }
  }
  return score;
}
