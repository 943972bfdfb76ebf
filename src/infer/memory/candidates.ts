/**
 * The words of a task that an argument may be read from, with what is known of them.
 * Pure. Proposes readings and chooses none.
 */
import type { Json } from "../../json/value.ts";
import type { DraftParam } from "../tools.ts";
import type { ValueContext } from "../values/mention.ts";
import { valueOf as readValue } from "../values/value-of.ts";
import { wantedKinds } from "../values/wants.ts";
import { contextAt, type Range, type Reading, textOf } from "./reading.ts";
import type { Surfaces } from "./surfaces.ts";
import { isInsideName, type MemoryWord, surfaceOfWords } from "./words.ts";

/** Words that an argument may be read from. */
export interface Candidate extends Range {
  /** The kind of mention, `listed`, `known`, `name` or `words`. */
  readonly kind: string;
  readonly value: Json;
  /** Whether approved plans had these very words: for this argument, for one of its family, with several values, or not. */
  readonly known: "own" | "family" | "disputed" | "no";
}

/** An argument as it is asked for: its name over all tools, and what it takes. */
export interface AskedParam {
  /** Tool and path. */
  readonly id: string;
  readonly param: DraftParam;
  /** What stood before and after its words in approved plans. */
  readonly anchors: Anchors;
}

/** Words that an argument's words came after and before. */
export interface Anchors {
  readonly before: ReadonlySet<string>;
  readonly after: ReadonlySet<string>;
}

const listedWordsMax = 3;
const nameWordsMax = 6;
/** Small words inside of names. */
const joints: ReadonlySet<string> = new Set([
  "of",
  "the",
  "and",
  "&",
  "'",
  "’",
  "-",
  ".",
  "s",
  "de",
  "la",
  "at",
  "in",
  "for",
  "a",
  "on",
]);

/** What candidates are looked for with. */
export interface CandidateSearch {
  readonly surfaces: Surfaces;
  readonly context: ValueContext;
  /** Number of the plan whose own words do not count as known; -1 for a new task. */
  readonly self: number;
}

/** All words that an argument may be read from, in order. */
export function candidatesOf(reading: Reading, asked: AskedParam, search: CandidateSearch): readonly Candidate[] {
  const found = new Map<string, Candidate>();
  const add = (candidate: Candidate) => {
    const key = `${candidate.from} ${candidate.to}`;
    if (!found.has(key)) found.set(key, candidate);
  };
  for (const candidate of knownCandidates(reading, asked, search)) add(candidate);
  const kinds = wantedKinds(asked.param);
  const isFree = kinds.length === 0 && !asked.param.isClosed;
  for (const { kind, from, to, text } of reading.mentions) {
    if (!kinds.includes(kind) && !(kind === "quoted" && isFree)) continue;
    const value = readValue(text, asked.param, search.context);
    if (value !== undefined) add({ from, to, kind, value, known: "no" });
  }
  if (asked.param.listed.length > 0 && asked.param.type !== "boolean")
    for (const candidate of listedCandidates(reading, asked, search)) add(candidate);
  if (isFree)
    for (const [kind, ranges] of [
      ["name", nameRanges(reading.words)],
      ["words", anchoredRanges(reading, asked.anchors)],
    ] as const)
      for (const range of ranges) {
        const value = readValue(textOf(reading, range), asked.param, search.context);
        if (value !== undefined) add({ ...range, kind, value, known: "no" });
      }
  return [...found.values()].toSorted((one, other) => one.from - other.from || one.to - other.to);
}

/** Runs of words that approved plans have read before; of one that is part of another the longer. */
function knownCandidates(reading: Reading, { id }: AskedParam, { surfaces, self }: CandidateSearch): readonly Candidate[] {
  const { words } = reading;
  const found: Candidate[] = [];
  for (let from = 0; from < words.length; from++) {
    if (words[from]?.isMark !== false) continue;
    for (let to = Math.min(words.length, from + surfaces.wordsMax * 2); to > from; to--) {
      if (words[to - 1]?.isMark !== false) continue;
      const known = surfaces.find(id, surfaceOfWords(words, from, to), self);
      if (known === undefined || words[from]?.line !== words[to - 1]?.line) continue;
      const last = found.at(-1);
      const isPart = isInsideName(words, { from, to });
      // Part of a name that is not known is another name, unless this argument has had it just so.
      if (isPart && !known.isOwn) break;
      if (last === undefined || last.to < to)
        found.push({
          from,
          to,
          kind: isPart ? "known part" : "known",
          value: known.value,
          known: known.isDisputed ? "disputed" : known.isOwn ? "own" : "family",
        });
      break;
    }
  }
  return found;
}

function listedCandidates(reading: Reading, { param }: AskedParam, { context }: CandidateSearch): readonly Candidate[] {
  const { words } = reading;
  const found: Candidate[] = [];
  for (let from = 0; from < words.length; from++) {
    if (words[from]?.isMark !== false) continue;
    for (let to = Math.min(words.length, from + listedWordsMax); to > from; to--) {
      if (words[to - 1]?.isMark !== false || words[from]?.line !== words[to - 1]?.line) continue;
      const value = readValue(textOf(reading, { from, to }), param, context);
      if (value === undefined || !param.listed.includes(value)) continue;
      const last = found.at(-1);
      if (last === undefined || last.to < to) found.push({ from, to, kind: "listed", value, known: "no" });
      break;
    }
  }
  return found;
}

/** Runs of capitalised words, with small words inside. */
function nameRanges(words: readonly MemoryWord[]): readonly Range[] {
  const ranges: Range[] = [];
  for (let from = 0; from < words.length; from++) {
    const first = words[from];
    if (first === undefined || !first.isCapital || first.key === "i") continue;
    let to = from + 1;
    for (let at = to; at < Math.min(words.length, from + nameWordsMax * 2); at++) {
      const word = words[at];
      if (word === undefined || word.line !== first.line) break;
      if (word.isCapital || /^\d/.test(word.text)) to = at + 1;
      else if (!joints.has(word.key)) break;
    }
    ranges.push({ from, to });
    // Without what may be no part of it: the first word of a sentence, and what follows a joint.
    for (let at = from + 1; at < to; at++) if (words[at]?.isCapital === false) ranges.push({ from, to: at });
    if (first.isFirst && to > from + 1) continue;
    from = to - 1;
  }
  return ranges;
}

const endMarks = /^[.,;:?!()]$/;

/** Runs of words from behind an anchor to the end of the line, the next mark, or an anchor behind. */
function anchoredRanges(reading: Reading, { before, after }: Anchors): readonly Range[] {
  const { words } = reading;
  const ranges: Range[] = [];
  for (let from = 0; from < words.length; from++) {
    const first = words[from];
    if (first === undefined || first.isMark) continue;
    const one = contextAt(reading, from - 1, first.line);
    if (!before.has(one) && !before.has(`${one} ${contextAt(reading, from - 2, first.line)}`)) continue;
    for (let to = from + 1; to <= Math.min(words.length, from + nameWordsMax); to++) {
      const next = words[to];
      const isEnd = next === undefined || next.line !== first.line || endMarks.test(next.key);
      if (isEnd || after.has(contextAt(reading, to, first.line))) ranges.push({ from, to });
      if (isEnd) break;
    }
  }
  return ranges;
}
