/**
 * What the strict readers say about a text they refuse: a stable code, a place, and one constant line.
 * Pure. Never carries a library's or an engine's message, nor a value of the text other than the keys in the pointer.
 */
import { type Result, err } from "../result.ts";

/** Why a text was refused. `JSON_*` from the JSON reader, `YAML_*` from the YAML reader. */
export type ReadCode =
  | "JSON_SYNTAX"
  | "JSON_DUPLICATE_KEY"
  | "JSON_LONE_SURROGATE"
  | "JSON_INVALID_UTF8"
  | "JSON_BOM"
  | "JSON_TOO_DEEP"
  | "JSON_TOO_LARGE"
  | "JSON_NUMBER_RANGE"
  | "YAML_SYNTAX"
  | "YAML_DUPLICATE_KEY"
  | "YAML_LONE_SURROGATE"
  | "YAML_BOM"
  | "YAML_TOO_DEEP"
  | "YAML_TOO_LARGE"
  | "YAML_NUMBER_RANGE"
  | "YAML_ALIAS"
  | "YAML_TAG"
  | "YAML_MERGE_KEY"
  | "YAML_KEY"
  | "YAML_EMPTY"
  | "YAML_MULTIPLE_DOCUMENTS";

/** A refusal of a text, with its place. */
export interface ReadError {
  readonly code: ReadCode;
  /** Line of the place, from 1. Lines end with `\n`, `\r\n` or `\r`. */
  readonly line: number;
  /** Column of the place, from 1, in UTF-16 units. */
  readonly column: number;
  /** Offset of the place in the text, from 0, in UTF-16 units. */
  readonly offset: number;
  /** The innermost value that was open there, as a JSON pointer (RFC 6901). Holds keys of the text: show it through `showPointer`. */
  readonly pointer: string;
  /** One line: what is wrong and what would be right. Built from constants only. */
  readonly message: string;
}

const messages: { readonly [C in ReadCode]: string } = {
  JSON_SYNTAX: "not JSON (RFC 8259)",
  JSON_DUPLICATE_KEY: "the key occurs twice in one object: keep one of them",
  JSON_LONE_SURROGATE: "half of a surrogate pair: strings must be well-formed Unicode (RFC 7493)",
  JSON_INVALID_UTF8: "the bytes are not UTF-8: encode the text as UTF-8",
  JSON_BOM: "the text begins with a byte order mark: remove it",
  JSON_TOO_DEEP: "arrays and objects are nested too deeply",
  JSON_TOO_LARGE: "the text is too long",
  JSON_NUMBER_RANGE: "the number is beyond the range of a double: write it as a string",
  YAML_SYNTAX: "not YAML 1.2",
  YAML_DUPLICATE_KEY: "the key occurs twice in one mapping: keep one of them",
  YAML_LONE_SURROGATE: "half of a surrogate pair: text must be well-formed Unicode",
  YAML_BOM: "the text begins with a byte order mark: remove it",
  YAML_TOO_DEEP: "sequences and mappings are nested too deeply",
  YAML_TOO_LARGE: "the text is too long",
  YAML_NUMBER_RANGE: "the number is not finite or beyond the range of a double: write it as a string",
  YAML_ALIAS: "anchors and aliases are not allowed: write the value out",
  YAML_TAG: "tags are not allowed: remove it",
  YAML_MERGE_KEY: "merge keys are not allowed: write the members out",
  YAML_KEY: "a key must be one non-empty scalar: quote it",
  YAML_EMPTY: "the document is empty: a value is required",
  YAML_MULTIPLE_DOCUMENTS: "more than one document: keep one",
};

/** Where a refusal points to, and what was expected there (a constant). */
export interface ReadPlace {
  /** Offset in UTF-16 units, from 0. */
  readonly offset: number;
  /** JSON pointer of the innermost open value. */
  readonly pointer: string;
  /** A constant phrase: what would be right there. */
  readonly expected?: string | undefined;
}

/** A refusal of `text` at `place`, as a failed result. Counts lines, so it costs time linear in the offset. */
export function refuse(code: ReadCode, text: string, place: ReadPlace): Result<never, ReadError> {
  const offset = Math.max(0, Math.min(place.offset, text.length));
  const { line, column } = position(text, offset);
  const message = place.expected === undefined ? messages[code] : `${messages[code]}: expected ${place.expected}`;
  return err({ code, line, column, offset, pointer: place.pointer, message });
}

/** Line and column (both from 1, column in UTF-16 units) of an offset. */
function position(text: string, offset: number): { readonly line: number; readonly column: number } {
  let line = 1;
  let start = 0;
  for (let i = 0; i < offset; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 0x0a || (unit === 0x0d && text.charCodeAt(i + 1) !== 0x0a)) {
      line++;
      start = i + 1;
    }
  }
  return { line, column: offset - start + 1 };
}

/** Whether the UTF-8 form of `text` is longer than `bytes`. Half a surrogate pair counts as three bytes. */
export function isLongerThan(text: string, bytes: number): boolean {
  if (text.length > bytes) return true;
  if (text.length * 3 <= bytes) return false;
  let size = text.length;
  for (let i = 0; i < text.length && size <= bytes; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    // A pair is four bytes for its two units, so each half adds one; a lone half adds two, as U+FFFD would.
    size += unit < 0x800 ? 1 : unit >= 0xd800 && unit <= 0xdfff ? (isPaired(text, i) ? 1 : 2) : 2;
  }
  return size > bytes;
}

/** Whether the surrogate at `at` has its other half beside it. */
export function isPaired(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  const other = text.charCodeAt(unit < 0xdc00 ? at + 1 : at - 1);
  return unit < 0xdc00 ? other >= 0xdc00 && other <= 0xdfff : other >= 0xd800 && other <= 0xdbff;
}

/** Offset of the first half of a surrogate pair that stands alone in `text`, or -1. */
export function loneSurrogateAt(text: string): number {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0xd800 || unit > 0xdfff) continue;
    if (unit >= 0xdc00 || !isPaired(text, i)) return i;
    i++;
  }
  return -1;
}

/** Part of ES2024, in every runtime that Sluice supports, but not in the library of types that the core compiles with. */
type WellFormed = string & { isWellFormed(): boolean };

/** Whether no half of a surrogate pair stands alone in `text`. */
export function isWellFormed(text: string): boolean {
  return (text as WellFormed).isWellFormed();
}
