/**
 * Kinds of running text: names, quotations and lines.
 * Pure. Never crosses a line end.
 */

import {
  type Attempt,
  codeAt,
  isBlank,
  isDigit,
  isInvisible,
  isLetter,
  isLineEnd,
  isUpperLetter,
  isWordCode,
  type Scanner,
  skipWhile,
  textOf,
  type Window,
} from "./window.ts";

/** Words of one name, and particles between two of its words. */
const nameWordsMax = 6;
const particlesMax = 3;

const particles: ReadonlySet<string> = new Set([
  "van",
  "von",
  "der",
  "den",
  "de",
  "del",
  "della",
  "di",
  "da",
  "dos",
  "la",
  "le",
  "bin",
  "ibn",
  "al",
  "zu",
  "ten",
  "ter",
  "y",
  "&",
]);

/** The end of the capitalised word at `index`, or -1. A dot belongs to an initial (`J.`) or a title (`Dr.`). */
function readNameWord(window: Window, index: number): number {
  if (!isUpperLetter(codeAt(window, index))) return -1;
  let at = index;
  while (at < window.high) {
    const code = codeAt(window, at);
    const isInner = (code === 45 || code === 39 || code === 0x2019) && isLetter(codeAt(window, at + 1));
    if (!isLetter(code) && !isInner) break;
    at += 1;
  }
  const isShort =
    at - index <= 4 && codeAt(window, at) === 46 && isBlank(codeAt(window, at + 1)) && isUpperLetter(codeAt(window, at + 2));
  const isTitle = isShort && (at - index === 1 || ["Dr", "Mr", "Mrs", "Ms", "Prof", "St"].includes(textOf(window, index, at)));
  if (isTitle) return at + 1;
  const next = codeAt(window, at);
  const isCode = isDigit(next) || next === 95 || (next === 45 && isDigit(codeAt(window, at + 1)));
  return isCode ? -1 : at;
}

/** The end of the name's next word after `end`, over up to three particles, or -1. */
function readNextWord(window: Window, end: number): number {
  let at = end;
  for (let count = 0; count <= particlesMax; count++) {
    if (codeAt(window, at) !== 32) return -1;
    const word = readNameWord(window, at + 1);
    if (word >= 0) return word;
    let stop = at + 1;
    while (stop - at <= 6 && (isLetter(codeAt(window, stop)) || codeAt(window, stop) === 38)) stop += 1;
    if (!particles.has(textOf(window, at + 1, stop))) return -1;
    at = stop;
  }
  return -1;
}

/** A capitalised word or a sequence of them (`Emma Johnson`, `Ludwig van Beethoven`, `J. R. Smith`), without a possessive `'s`. */
export const scanName: Scanner = (window, index): Attempt => {
  if (!isLetter(codeAt(window, index))) return index + 1;
  const before = codeAt(window, index - 1);
  const isJoined = (before === 45 || before === 46 || before === 47) && isWordCode(codeAt(window, index - 2));
  const isGlued = isJoined || isWordCode(before) || before === 64 || before === 35 || isInvisible(before);
  let end = isGlued ? -1 : readNameWord(window, index);
  if (end < 0) return skipWhile(window, index + 1, isWordCode);
  for (let words = 1; words < nameWordsMax; words++) {
    const next = readNextWord(window, end);
    if (next < 0) break;
    end = next;
  }
  const resume = end;
  while (end - index > 2 && ["'s", "\u2019s"].includes(textOf(window, end - 2, end))) end -= 2;
  const isBroken = isInvisible(codeAt(window, end)) || codeAt(window, end) === 64;
  return isBroken || end === index ? Math.max(resume, index + 1) : { value: textOf(window, index, end), start: index, end };
};

const closers: ReadonlyMap<number, number> = new Map([
  [34, 34],
  [39, 39],
  [0x201c, 0x201d],
  [0x2018, 0x2019],
  [0x201e, 0x201c],
  [0xab, 0xbb],
]);

/** Whether the quote at `at` closes one: for `'` and `’` it must not be an apostrophe inside a word. */
function isClosing(window: Window, at: number, close: number): boolean {
  if (codeAt(window, at) !== close) return false;
  return (close !== 39 && close !== 0x2019) || !isWordCode(codeAt(window, at + 1));
}

/** Text in `'…'`, `"…"`, `“…”`, `‘…’`, `„…“` or `«…»` on one line. The value is what stands between. */
export const scanQuoted: Scanner = (window, index): Attempt => {
  const close = closers.get(codeAt(window, index));
  if (close === undefined) return index + 1;
  const isApostrophe = (close === 39 || close === 0x2019) && isWordCode(codeAt(window, index - 1));
  if (isApostrophe || isBlank(codeAt(window, index + 1)) || (window.counter.unclosed.get(close) ?? 0) > index) return index + 1;
  let at = index + 1;
  while (at < window.high && !isLineEnd(codeAt(window, at)) && !isClosing(window, at, close)) at += 1;
  if (!isClosing(window, at, close)) {
    window.counter.unclosed.set(close, at);
    return index + 1;
  }
  return at === index + 1 ? at + 1 : { value: textOf(window, index + 1, at), start: index, end: at + 1 };
};

/** A line that is not blank, without the blanks around it. Behind an anchor this is the rest of its line. */
export const scanLine: Scanner = (window, index): Attempt => {
  const isOutside = (code: number): boolean => isBlank(code) || isLineEnd(code);
  if (isOutside(codeAt(window, index))) return skipWhile(window, index + 1, isOutside);
  const stop = skipWhile(window, index, (code) => !isLineEnd(code));
  let end = stop;
  while (end > index && isBlank(codeAt(window, end - 1))) end -= 1;
  return { value: textOf(window, index, end), start: index, end };
};
