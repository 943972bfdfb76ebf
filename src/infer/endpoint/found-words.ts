/**
 * Finds quoted words in a task, as a model copies them: other case, blanks and quotation marks, nothing else.
 * Pure. Never finds a part of a word.
 */
import type { Evidence } from "../proposal.ts";

/** A text with the places of its characters in the task. */
interface Folded {
  readonly text: string;
  /** UTF-16 offset in the original of each unit of `text`, and the end of the original. */
  readonly places: readonly number[];
}

const marks: { readonly [mark: string]: string } = {
  "\u2018": "'",
  "\u2019": "'",
  "\u201c": '"',
  "\u201d": '"',
  "\u2010": "-",
  "\u2011": "-",
  "\u2013": "-",
  "\u2014": "-",
};

function fold(original: string): Folded {
  let text = "";
  const places: number[] = [];
  for (let at = 0; at < original.length; at++) {
    const unit = original[at] as string;
    const isBlank = /\s/.test(unit);
    if (isBlank && (text === "" || text.endsWith(" "))) continue;
    const lower = unit.toLowerCase();
    text += isBlank ? " " : (marks[unit] ?? (lower.length === 1 ? lower : unit));
    places.push(at);
  }
  places.push(original.length);
  return { text, places };
}

const letter = /[\p{L}\p{N}]/u;

/** Finds words in one task. */
export type FindWords = (words: string, taken?: (found: Evidence) => boolean) => Evidence | undefined;

/** A finder of words in a task: their first place that is not taken, else their first place, else `undefined`. */
export function wordFinder(task: string): FindWords {
  const { text, places } = fold(task);
  return (words, taken = () => false) => {
    const wanted = fold(words).text.trimEnd();
    if (wanted === "") return undefined;
    let first: Evidence | undefined;
    for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
      if (!isWhole(text, at, { length: wanted.length })) continue;
      const last = places[at + wanted.length - 1] ?? 0;
      const found = { start: places[at] ?? 0, end: last + 1 };
      if (!taken(found)) return found;
      first ??= found;
    }
    return first;
  };
}

function isWhole(text: string, at: number, { length }: { readonly length: number }): boolean {
  const isCut = (left: string | undefined, right: string | undefined): boolean =>
    left !== undefined && right !== undefined && letter.test(left) && letter.test(right);
  return !isCut(text[at - 1], text[at]) && !isCut(text[at + length - 1], text[at + length]);
}
