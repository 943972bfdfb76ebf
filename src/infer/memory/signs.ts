/**
 * What speaks for and against words as an argument's without any count: the argument's name beside them, a correction, where they end.
 * Pure. Signs of the English language and of schemas only; never of a catalogue.
 */
import { type Candidate, joints } from "./candidates.ts";
import type { Frame, FramePlace } from "./library.ts";
import type { Reading } from "./reading.ts";
import { stemOf } from "./words.ts";

/** Words beside a candidate that may name it: after it (`3 star hotel`) and before it (`album Thriller`). */
const namedAfter = 2;
const namedBefore = 2;
/** Words before a candidate that may say that it replaces another. */
const correctedBefore = 8;
/** Letters that the stems of a name and of a word must have in common (`beds`, `bedrooms`). */
const commonCharsMin = 3;

/** Words inside of names that stand outside of them elsewhere: more than these say no more. */
const foreignMax = 2;

/** Words of arguments' names that name nothing. */
const empty: ReadonlySet<string> = new Set(["of", "the", "a", "to", "in", "is", "number", "name", "count", "by", "for", "and"]);
const corrections: ReadonlySet<string> = new Set([
  "no",
  "actually",
  "instead",
  "change",
  "sorry",
  "rather",
  "wait",
  "make",
  "nope",
]);

/** Signs of a candidate: named, named another, a correction, words of others inside, a cut name; the last two, and the second, are never above 0. */
export function signsOf(
  place: FramePlace,
  {
    frame,
    reading,
    candidate,
    candidates,
  }: {
    readonly frame: Frame;
    readonly reading: Reading;
    readonly candidate: Candidate;
    readonly candidates: readonly Candidate[];
  },
): readonly number[] {
  const { words } = reading;
  const { from, to, kind } = candidate;
  const line = words[from]?.line;
  const beside: string[] = [];
  for (const at of besideOf(from, to)) {
    const word = words[at];
    if (word !== undefined && !word.isMark && word.line === line) beside.push(stemOf(word.key));
  }
  const own = nameStems(place);
  const others = frame.places.filter(({ call, place: key }) => call === place.call && key !== place.place).flatMap(nameStems);
  const isOwn = beside.some((word) => own.some((name) => isNear(word, name) && !others.includes(name)));
  const isOther = !isOwn && beside.some((word) => others.some((name) => isNear(word, name) && !own.includes(name)));
  const isSecond = candidates.some((other) => other.to <= from && other.kind === kind);
  let isCorrected = false;
  for (let at = Math.max(0, from - correctedBefore); isSecond && at < from; at++)
    if (words[at]?.line === line && corrections.has(words[at]?.key ?? "")) isCorrected = true;
  const isFree = kind === "name" || kind === "words";
  const isPlain = (at: number) => (frame.words.get(reading.masked[at] ?? "") ?? 0) > 0;
  let foreign = 0;
  for (let at = from; isFree && at < to; at++)
    if (words[at]?.isCapital === false && words[at]?.isMark === false && !joints.has(words[at]?.key ?? "") && isPlain(at))
      foreign++;
  const isCapital = words[from]?.isCapital === true;
  const before = words[from - 1];
  const after = words[to];
  const isCut =
    isFree &&
    isCapital &&
    ((before?.isCapital === true && before.line === line && !(before.isFirst && isPlain(from - 1))) ||
      (after?.isCapital === true && after.line === line));
  return [Number(isOwn), -Number(isOther), Number(isCorrected), -Math.min(foreign, foreignMax), -Number(isCut)];
}

function besideOf(from: number, to: number): readonly number[] {
  const places: number[] = [];
  for (let step = 0; step < namedAfter; step++) places.push(to + step);
  for (let step = 1; step <= namedBefore; step++) places.push(from - step);
  return places;
}

function nameStems({ asked }: FramePlace): readonly string[] {
  return asked.param.words
    .toLowerCase()
    .split(" ")
    .filter((word) => !empty.has(word))
    .map(stemOf);
}

/** Whether one of two stems begins with the other (`bed`, `bedroom`). */
function isNear(one: string, other: string): boolean {
  if (Math.min(one.length, other.length) < commonCharsMin) return one === other;
  return one.startsWith(other) || other.startsWith(one);
}
