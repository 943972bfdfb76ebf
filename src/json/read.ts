/**
 * The one strict JSON reader for all text from outside (RFC 8259, I-JSON RFC 7493): bodies, frames, plans, traces.
 * Pure. Never lets the engine decide: `JSON.parse` is used only where its answer is provably the one of `readExactly`.
 */
import { jsonDepthMax, textBytesMax } from "../limits.ts";
import { type Result, ok } from "../result.ts";
import { readExactly } from "./exact.ts";
import { type ReadError, isLongerThan, isWellFormed, refuse } from "./read-error.ts";
import { shortestLength } from "./shortest.ts";
import { validUtf8Length } from "./utf8.ts";
import type { Json } from "./value.ts";

export type { ReadError } from "./read-error.ts";

/** Bounds of one text. They can only be lower than the limits of the core. */
export interface ReadOptions {
  /** Bytes of the text in UTF-8, at most (and by default) `textBytesMax`. */
  readonly maxBytes?: number;
  /** Arrays and objects inside one another, at most (and by default) `jsonDepthMax`. */
  readonly maxDepth?: number;
}

/**
 * Reads one JSON text. No duplicate keys at any depth (compared after unescaping), no lone surrogates, no byte order mark, no
 * number beyond a double; `__proto__` is an ordinary own key; integers beyond 2^53 - 1 are `bigint`; -0 is 0.
 * Errors: every `JSON_*` code but `JSON_INVALID_UTF8`.
 *
 * @example
 * const body = readJson(await request.text(), { maxBytes: 1_000_000 });
 * if (!body.ok) return problem(body.error.code, body.error.line, body.error.column);
 */
export function readJson(text: string, options: ReadOptions = {}): Result<Json, ReadError> {
  const bytesMax = Math.min(options.maxBytes ?? textBytesMax, textBytesMax);
  if (isLongerThan(text, bytesMax)) return refuse("JSON_TOO_LARGE", text, { offset: 0, pointer: "" });
  if (text.charCodeAt(0) === 0xfeff) return refuse("JSON_BOM", text, { offset: 0, pointer: "" });
  const depthMax = Math.min(options.maxDepth ?? jsonDepthMax, jsonDepthMax);
  const fast = readFast(text, depthMax);
  return fast === undefined ? readExactly(text, depthMax) : ok(fast);
}

/** The one piece of the Encoding standard that is used here; every runtime has it, the core's library of types has not. */
declare const TextDecoder: new (
  label: "utf-8",
  options: { readonly fatal: boolean; readonly ignoreBOM: boolean },
) => { decode(bytes: Uint8Array): string };

const createDecoder = (): { decode(bytes: Uint8Array): string } => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** One for all texts: without `stream` a decoder begins anew each time (Encoding Standard, `decode`). One that has thrown is not used again. */
let decoder = createDecoder();

/**
 * Reads one JSON text from its UTF-8 bytes, by the rules of {@link readJson}.
 * Errors: every `JSON_*` code. `JSON_INVALID_UTF8` points at the first ill-formed sequence; its offset counts the UTF-16 units before it.
 */
export function readJsonBytes(bytes: Uint8Array, options: ReadOptions = {}): Result<Json, ReadError> {
  const bytesMax = Math.min(options.maxBytes ?? textBytesMax, textBytesMax);
  if (bytes.length > bytesMax) return refuse("JSON_TOO_LARGE", "", { offset: 0, pointer: "" });
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    decoder = createDecoder();
    const before = decoder.decode(bytes.subarray(0, validUtf8Length(bytes)));
    return refuse("JSON_INVALID_UTF8", before, { offset: before.length, pointer: "" });
  }
  return readJson(text, options);
}

/**
 * The value of `text` if `JSON.parse` is provably right about it, else `undefined` (which says nothing about the text).
 *
 * It is right if the text has no escaped key (nodejs/node#63785), only well-formed strings, only numbers within ±(2^53 - 1) and not -0, is not
 * too deep, and no key occurs twice. Of the last there are two proofs: a text without escapes that is no longer than it must be for its value
 * (`shortest.ts`); or the value has as many strings and keys as the text has string tokens (a duplicate key drops at least its own token, and
 * nothing adds one).
 * Exported for the test that compares both readers.
 */
export function readFast(text: string, depthMax: number): Json | undefined {
  if (!isWellFormed(text) || isPolluted()) return undefined;
  const escapeAt = text.indexOf("\\");
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
  if (escapeAt < 0 && typeof value === "object" && value !== null && shortestLength(value, depthMax) === text.length)
    return value;
  const strings = countStrings(text, escapeAt);
  if (strings < 0) return undefined;
  if (typeof value === "number") return isPlainNumber(value) ? value : undefined;
  // Escapes can write a lone surrogate even though the text is well-formed.
  if (escapeAt >= 0 && text.includes("\\u") && !hasWellFormedStrings(value, depthMax)) return undefined;
  if (typeof value !== "object" || value === null) return value;
  return countTokens(value, depthMax) === strings ? value : undefined;
}

const plain: object = {};

/** Whether somebody gave enumerable members to every object: they would be counted as members of the text. */
function isPolluted(): boolean {
  for (const _ in plain) return true;
  return false;
}

/** Counts the string tokens of a JSON text, or -1 if a key has an escape or a string has no end. `escapeAt`: the first backslash, or -1. */
function countStrings(text: string, escapeAt: number): number {
  const { length } = text;
  const hasEscapes = escapeAt >= 0;
  let nextEscape = escapeAt;
  let strings = 0;
  for (let i = 0; i < length; i++) {
    if (text.charCodeAt(i) !== 0x22) continue;
    strings++;
    let end = text.indexOf('"', i + 1);
    if (hasEscapes) {
      while (end >= 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
      if (isKey(text, end)) {
        // The next backslash is looked for once, not once for each key: the whole stays linear.
        if (nextEscape >= 0 && nextEscape < i) nextEscape = text.indexOf("\\", i);
        if (nextEscape >= 0 && nextEscape < end) return -1;
      }
    }
    if (end < 0) return -1;
    i = end;
  }
  return strings;
}

/** Whether the quote at `at` is part of an escape: an odd number of backslashes stands before it. */
function isEscaped(text: string, at: number): boolean {
  let start = at;
  while (text.charCodeAt(start - 1) === 0x5c) start--;
  return ((at - start) & 1) === 1;
}

/** Whether a colon follows the string that ends at `end`. */
function isKey(text: string, end: number): boolean {
  for (let i = end + 1; ; i++) {
    const unit = text.charCodeAt(i);
    if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return unit === 0x3a;
  }
}

/** So far below zero that no number of strings in a text of `textBytesMax` bytes can lift a sum above it. */
const unprovable = -0x20000000;

/**
 * Counts the keys and strings in a value, or returns something negative if it is too deep or holds a number that the engine may have
 * rounded or that is -0. Written for speed: it runs on every text, and a call per leaf would double its time.
 */
function countTokens(value: Json, depthLeft: number): number {
  if (depthLeft <= 0) return unprovable;
  let count = 0;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const element: Json = value[i];
      if (typeof element === "string") count++;
      else if (typeof element === "number") {
        if (!isPlainNumber(element)) return unprovable;
      } else if (typeof element === "object" && element !== null) count += countTokens(element, depthLeft - 1);
    }
    return count;
  }
  for (const key in value as Readonly<Record<string, Json>>) {
    const element = (value as Readonly<Record<string, Json>>)[key];
    count++;
    if (typeof element === "string") count++;
    else if (typeof element === "number") {
      if (!isPlainNumber(element)) return unprovable;
    } else if (typeof element === "object" && element !== null) count += countTokens(element, depthLeft - 1);
  }
  return count;
}

/** Whether a double needs no second look: not beyond 2^53 - 1 (it may stand for other digits, or be infinite) and not -0. */
function isPlainNumber(value: number): boolean {
  return value <= Number.MAX_SAFE_INTEGER && value >= -Number.MAX_SAFE_INTEGER && !Object.is(value, -0);
}

/** Whether all strings that are values are well-formed (keys are, if they have no escape). `false` too if the value is too deep. */
function hasWellFormedStrings(value: Json, depthLeft: number): boolean {
  if (typeof value === "string") return isWellFormed(value);
  if (typeof value !== "object" || value === null) return true;
  if (depthLeft <= 0) return false;
  for (const element of Object.values(value)) if (!hasWellFormedStrings(element, depthLeft - 1)) return false;
  return true;
}
