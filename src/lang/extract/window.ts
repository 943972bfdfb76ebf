/**
 * The counted view of a text through which every extractor reads, and the character classes they share.
 * Pure. Never reads outside its bounds, and never uses the engine's Unicode tables where two engines could differ.
 */

import type { Json } from "../../json/value.ts";
import { isHidden } from "../template/characters.ts";

/** A part of a text, `[low, high)` in UTF-16 units. What lies outside reads as "no character", so that an anchor is a hard edge. */
export interface Window {
  readonly text: string;
  readonly low: number;
  readonly high: number;
  /** Characters read so far: what the linear-time tests measure. Shared by all windows of one search. */
  readonly counter: Counter;
}

/** What the windows of one search share. */
export interface Counter {
  steps: number;
  /** By closing quote: up to where none was found, so that many openers cost one look. */
  readonly unclosed: Map<number, number>;
}

/** One match: its normalised value and its span `[start, end)` in UTF-16 units. */
export interface Match {
  readonly value: Json;
  readonly start: number;
  readonly end: number;
}

/** Either a match that starts at or just before the index tried, or the next index worth trying (always greater). */
export type Attempt = Match | number;

/** Tries one kind at one index. It may look at a bounded number of characters beyond what it consumes or skips. */
export type Scanner = (window: Window, index: number) => Attempt;

/** The UTF-16 unit at `index`, or -1 outside the window. */
export function codeAt(window: Window, index: number): number {
  window.counter.steps += 1;
  return index >= window.low && index < window.high ? window.text.charCodeAt(index) : -1;
}

/** The text of `[start, end)`, counted by its length. */
export function textOf(window: Window, start: number, end: number): string {
  window.counter.steps += end - start;
  return window.text.slice(start, end);
}

/** The first index at or after `index` whose character is not in the class (or the end of the window). */
export function skipWhile(window: Window, index: number, isMember: (code: number) => boolean): number {
  let at = index;
  while (at < window.high && isMember(codeAt(window, at))) at += 1;
  return at;
}

/** Whether the ASCII or other literal `text` stands at `index`. */
export function standsAt(window: Window, index: number, text: string): boolean {
  window.counter.steps += text.length;
  return index >= window.low && index + text.length <= window.high && window.text.startsWith(text, index);
}

/** `0`–`9`. */
export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** `A`–`Z`. */
export function isAsciiUpper(code: number): boolean {
  return code >= 65 && code <= 90;
}

/** `A`–`Z` or `a`–`z`. */
export function isAsciiLetter(code: number): boolean {
  return isAsciiUpper(code) || (code >= 97 && code <= 122);
}

/** An ASCII letter or digit. */
export function isAlphanumeric(code: number): boolean {
  return isDigit(code) || isAsciiLetter(code);
}

/** A blank inside a line: space, tab, no-break space, narrow and thin space. */
export function isBlank(code: number): boolean {
  return code === 32 || code === 9 || code === 0xa0 || code === 0x202f || code === 0x2009;
}

/** A line end: LF, CR, LINE SEPARATOR, PARAGRAPH SEPARATOR. */
export function isLineEnd(code: number): boolean {
  return code === 10 || code === 13 || code === 0x2028 || code === 0x2029;
}

/** Ranges taken as letters beyond ASCII: Latin, combining marks, Greek, Cyrillic and the large scripts that have no case. */
const letterRanges: readonly (readonly [number, number])[] = [
  [0xc0, 0x2af],
  [0x300, 0x373],
  [0x376, 0x377],
  [0x37b, 0x37d],
  [0x386, 0x386],
  [0x388, 0x481],
  [0x48a, 0x556],
  [0x561, 0x587],
  [0x5d0, 0x5ea],
  [0x620, 0x65f],
  [0x671, 0x6d3],
  [0x900, 0xdff],
  [0xe01, 0xe3a],
  [0x10a0, 0x10ff],
  [0x1e00, 0x1fff],
  [0x3041, 0x3096],
  [0x30a1, 0x30fa],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xac00, 0xd7a3],
];

/** A letter, by a fixed table (not the engine's, whose version differs between runtimes). */
export function isLetter(code: number): boolean {
  if (code < 128) return isAsciiLetter(code);
  if (code === 0xd7 || code === 0xf7) return false;
  if (code === 0xaa || code === 0xb5 || code === 0xba) return true;
  return letterRanges.some(([from, to]) => code >= from && code <= to);
}

/** A letter that has a lower-case form. Only for scripts whose case mapping has been fixed since Unicode 5. */
export function isUpperLetter(code: number): boolean {
  if (code < 128) return isAsciiUpper(code);
  const hasCase =
    (code >= 0xc0 && code <= 0x17f) ||
    (code >= 0x386 && code <= 0x3ff) ||
    (code >= 0x400 && code <= 0x52f) ||
    (code >= 0x1e00 && code <= 0x1eff);
  if (!hasCase) return false;
  const letter = String.fromCharCode(code);
  return letter.toLowerCase() !== letter;
}

/** A letter, digit or underscore: what a value may not be glued to. */
export function isWordCode(code: number): boolean {
  return isDigit(code) || code === 95 || isLetter(code);
}

/** Zero-width, bidirectional and other invisible format characters: a value that holds or touches one is not found at all. */
export function isInvisible(code: number): boolean {
  return isHidden(code);
}
