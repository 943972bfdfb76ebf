/**
 * The precise JSON reader (RFC 8259, I-JSON RFC 7493): reads every text by itself and says where a refused one is wrong.
 * Pure. Never calls the engine's `JSON.parse`, whose keys are wrong on some engines (nodejs/node#63785).
 */
import { type Result, ok } from "../result.ts";
import { pointerOf } from "./pointer.ts";
import { type ReadCode, type ReadError, isPaired, refuse } from "./read-error.ts";
import type { Json } from "./value.ts";

interface Fault {
  readonly code: ReadCode;
  readonly offset: number;
  readonly expected?: string;
}

/** Where the reader is. `path` names the value being read, for the pointer of an error. */
interface Cursor {
  readonly text: string;
  readonly depthMax: number;
  readonly path: (string | number)[];
  at: number;
  fault: Fault | undefined;
}

/**
 * Reads one JSON text by the same rules as `readJson`, whose slow half it is: size and BOM must be checked before.
 * Errors: `JSON_SYNTAX`, `JSON_DUPLICATE_KEY`, `JSON_LONE_SURROGATE`, `JSON_TOO_DEEP`, `JSON_NUMBER_RANGE`; the first in the text wins.
 */
export function readExactly(text: string, depthMax: number): Result<Json, ReadError> {
  const cursor: Cursor = { text, depthMax, path: [], at: 0, fault: undefined };
  const value = readValue(cursor);
  if (value !== undefined) {
    skipSpace(cursor);
    if (cursor.at < text.length) fail(cursor, { code: "JSON_SYNTAX", offset: cursor.at, expected: "the end of the text" });
  }
  if (cursor.fault !== undefined) {
    return refuse(cursor.fault.code, text, { ...cursor.fault, pointer: pointerOf(cursor.path) });
  }
  return ok(value as Json);
}

/** Notes the first fault. The path stays as it is, so that it names the place. */
function fail(cursor: Cursor, fault: Fault): undefined {
  cursor.fault ??= fault;
  return undefined;
}

function failSyntax(cursor: Cursor, expected: string): undefined {
  return fail(cursor, { code: "JSON_SYNTAX", offset: cursor.at, expected });
}

/** Skips the white space of RFC 8259 §2 and returns the unit behind it (NaN at the end). */
function skipSpace(cursor: Cursor): number {
  for (;;) {
    const unit = cursor.text.charCodeAt(cursor.at);
    if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return unit;
    cursor.at++;
  }
}

/** Reads a value; `undefined` means that `cursor.fault` is set. Recursion is bounded by `depthMax`. */
function readValue(cursor: Cursor): Json | undefined {
  switch (skipSpace(cursor)) {
    case 0x22:
      return readString(cursor);
    case 0x7b:
    case 0x5b:
      return readNested(cursor);
    case 0x74:
      return readWord(cursor, "true", true);
    case 0x66:
      return readWord(cursor, "false", false);
    case 0x6e:
      return readWord(cursor, "null", null);
    default:
      return readNumber(cursor);
  }
}

function readWord(cursor: Cursor, word: string, value: Json): Json | undefined {
  if (!cursor.text.startsWith(word, cursor.at)) return failSyntax(cursor, "a value");
  cursor.at += word.length;
  return value;
}

/** Counts a level of nesting by the path: every open array or object has one step in it. */
function readNested(cursor: Cursor): Json | undefined {
  if (cursor.path.length >= cursor.depthMax) return fail(cursor, { code: "JSON_TOO_DEEP", offset: cursor.at });
  return cursor.text.charCodeAt(cursor.at) === 0x7b ? readObject(cursor) : readArray(cursor);
}

function readArray(cursor: Cursor): Json | undefined {
  const array: Json[] = [];
  cursor.at++;
  if (skipSpace(cursor) === 0x5d) {
    cursor.at++;
    return array;
  }
  for (;;) {
    cursor.path.push(array.length);
    const value = readValue(cursor);
    if (value === undefined) return undefined;
    cursor.path.pop();
    array.push(value);
    const next = skipSpace(cursor);
    if (next !== 0x2c && next !== 0x5d) return failSyntax(cursor, "`,` or `]`");
    cursor.at++;
    if (next === 0x5d) return array;
  }
}

function readObject(cursor: Cursor): Json | undefined {
  const object: Record<string, Json> = {};
  cursor.at++;
  if (skipSpace(cursor) === 0x7d) {
    cursor.at++;
    return object;
  }
  for (;;) {
    const key = readKey(cursor, object);
    if (key === undefined) return undefined;
    cursor.path.push(key);
    const value = readValue(cursor);
    if (value === undefined) return undefined;
    cursor.path.pop();
    setMember(object, key, value);
    const next = skipSpace(cursor);
    if (next !== 0x2c && next !== 0x7d) return failSyntax(cursor, "`,` or `}`");
    cursor.at++;
    if (next === 0x7d) return object;
  }
}

/** Reads a key and its colon, and refuses a key that the object has already (compared after unescaping). */
function readKey(cursor: Cursor, object: Readonly<Record<string, Json>>): string | undefined {
  if (skipSpace(cursor) !== 0x22) return failSyntax(cursor, "a key in double quotes");
  const offset = cursor.at;
  const key = readString(cursor);
  if (key === undefined) return undefined;
  if (Object.hasOwn(object, key)) {
    cursor.path.push(key);
    return fail(cursor, { code: "JSON_DUPLICATE_KEY", offset });
  }
  if (skipSpace(cursor) !== 0x3a) return failSyntax(cursor, "`:`");
  cursor.at++;
  return key;
}

/** Sets an own member. SECURITY: assigning `__proto__` would set the prototype. */
export function setMember(object: Record<string, Json>, key: string, value: Json): void {
  if (key === "__proto__") Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  else object[key] = value;
}

/** RFC 8259 §7. The cursor is at the opening quote. */
function readString(cursor: Cursor): string | undefined {
  const { text } = cursor;
  let value = "";
  let start = ++cursor.at;
  for (;;) {
    const unit = text.charCodeAt(cursor.at);
    if (unit === 0x22) {
      value += text.slice(start, cursor.at++);
      return value;
    }
    if (unit === 0x5c) {
      value += text.slice(start, cursor.at);
      const part = readEscape(cursor);
      if (part === undefined) return undefined;
      value += part;
      start = cursor.at;
    } else if (unit >= 0xd800 && unit <= 0xdfff) {
      if (unit >= 0xdc00 || !isPaired(text, cursor.at)) return fail(cursor, { code: "JSON_LONE_SURROGATE", offset: cursor.at });
      cursor.at += 2;
    } else if (unit >= 0x20) cursor.at++;
    else return failSyntax(cursor, Number.isNaN(unit) ? "a closing quote" : "an escape instead of a control character");
  }
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["\\", "\\"],
  ["/", "/"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);

/** Reads one escape, or two that form a surrogate pair. The cursor is at the backslash. */
function readEscape(cursor: Cursor): string | undefined {
  const offset = cursor.at++;
  const short = escapes.get(cursor.text.charAt(cursor.at));
  if (short !== undefined) {
    cursor.at++;
    return short;
  }
  if (cursor.text.charAt(cursor.at) !== "u") return failSyntax(cursor, 'one of `"\\/bfnrtu` after `\\`');
  const unit = readHex(cursor);
  if (unit === undefined) return undefined;
  if (unit < 0xd800 || unit > 0xdfff) return String.fromCharCode(unit);
  // Only an escaped low half may follow an escaped high half: a raw one is alone in the text itself.
  if (unit >= 0xdc00 || !cursor.text.startsWith("\\u", cursor.at)) return fail(cursor, { code: "JSON_LONE_SURROGATE", offset });
  cursor.at++;
  const low = readHex(cursor);
  if (low === undefined) return undefined;
  if (low < 0xdc00 || low > 0xdfff) return fail(cursor, { code: "JSON_LONE_SURROGATE", offset });
  return String.fromCharCode(unit, low);
}

/** Reads `uXXXX`. The cursor is at the `u`. */
function readHex(cursor: Cursor): number | undefined {
  let unit = 0;
  cursor.at++;
  for (let i = 0; i < 4; i++) {
    const digit = "0123456789abcdef".indexOf(cursor.text.charAt(cursor.at).toLowerCase() || "-");
    if (digit < 0) return failSyntax(cursor, "a hexadecimal digit");
    unit = unit * 16 + digit;
    cursor.at++;
  }
  return unit;
}

/** RFC 8259 §6. */
function readNumber(cursor: Cursor): number | bigint | undefined {
  const { text } = cursor;
  const offset = cursor.at;
  if (text.charCodeAt(cursor.at) === 0x2d) cursor.at++;
  else if (!isDigit(text.charCodeAt(cursor.at))) return failSyntax(cursor, "a value");
  if (text.charCodeAt(cursor.at) === 0x30) cursor.at++;
  else if (!skipDigits(cursor)) return undefined;
  let isInteger = true;
  if (text.charCodeAt(cursor.at) === 0x2e) {
    isInteger = false;
    cursor.at++;
    if (!skipDigits(cursor)) return undefined;
  }
  const exponent = text.charCodeAt(cursor.at);
  if (exponent === 0x65 || exponent === 0x45) {
    isInteger = false;
    const sign = text.charCodeAt(++cursor.at);
    if (sign === 0x2b || sign === 0x2d) cursor.at++;
    if (!skipDigits(cursor)) return undefined;
  }
  const value = numberOf(text.slice(offset, cursor.at), isInteger);
  return value === undefined ? fail(cursor, { code: "JSON_NUMBER_RANGE", offset }) : value;
}

/**
 * The value of a decimal number: a `bigint` if it is an integer without fraction and exponent beyond 2^53 - 1, else a double
 * (never -0) in its stable form. `undefined` if the double is infinite: so `1e400` and four hundred digits are refused alike, and a
 * `bigint` always has a finite double beside it and at most 309 digits.
 */
export function numberOf(token: string, isInteger: boolean): number | bigint | undefined {
  const double = Number(token);
  if (!Number.isFinite(double)) return undefined;
  if (isInteger && !Number.isSafeInteger(double)) return BigInt(token);
  return stableNumber(double);
}

/** Doubles from here on are written with an exponent (ECMAScript `Number::toString`). */
const exponentFrom = 1e21;

/**
 * A finite double as it is after writing and reading: canonical JSON writes whole ones beyond 2^53 - 1 as digits (`1e16`, `2e15 * 8`), and
 * digits are read as a `bigint`. So a value is the same in the process that received it and in one that reads it from a store.
 */
export function stableNumber(double: number): number | bigint {
  const isDigits = Number.isInteger(double) && !Number.isSafeInteger(double) && Math.abs(double) < exponentFrom;
  return isDigits ? BigInt(String(double)) : double === 0 ? 0 : double;
}

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}

function skipDigits(cursor: Cursor): boolean {
  const start = cursor.at;
  while (isDigit(cursor.text.charCodeAt(cursor.at))) cursor.at++;
  if (cursor.at === start) failSyntax(cursor, "a digit");
  return cursor.at > start;
}
