/**
 * Reads JSONPath (RFC 9535, Appendix A) into a tree. Our own reader, since `jsonpath-rfc9535` 1.3.0 reads `a && b && c` as
 * `a && (b || c)`, which in a firewall selects what the author excluded.
 * Never evaluates anything. Pure. No I/O, no clock.
 */
import { pathDepthMax } from "../../limits.ts";
import { type LangError, langError } from "../error.ts";

/** A query: from the root `$` or the current node `@`. */
export interface Query {
  readonly root: "$" | "@";
  readonly segments: readonly Segment[];
}

/** A child or descendant segment (RFC 9535 §2.5). */
export interface Segment {
  readonly descendant: boolean;
  readonly selectors: readonly Selector[];
}

/** A selector (RFC 9535 §2.3). */
export type Selector =
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "index"; readonly index: number }
  | { readonly kind: "slice"; readonly start: number | undefined; readonly end: number | undefined; readonly step: number }
  | { readonly kind: "wildcard" }
  | { readonly kind: "filter"; readonly filter: Filter };

/** A logical expression of a filter (RFC 9535 §2.3.5). */
export type Filter =
  | { readonly kind: "or" | "and"; readonly parts: readonly Filter[] }
  | { readonly kind: "not"; readonly part: Filter }
  | { readonly kind: "exists"; readonly query: Query }
  | { readonly kind: "compare"; readonly operator: CompareOperator; readonly left: Comparable; readonly right: Comparable };

/** Comparison operators of RFC 9535 §2.3.5.1. */
export type CompareOperator = "==" | "!=" | "<=" | ">=" | "<" | ">";

/** An operand of a comparison; `query` under `value` is singular. Functions of RFC 9535 §2.4 but for `match` and `search`. */
export type Comparable =
  | { readonly kind: "literal"; readonly value: null | boolean | number | bigint | string }
  | { readonly kind: "singular"; readonly query: Query }
  | { readonly kind: "length"; readonly of: Comparable }
  | { readonly kind: "count" | "value"; readonly query: Query };

/** Whether a query is singular: names and indexes only (RFC 9535 §2.3.5.1). */
export function isSingular(query: Query): boolean {
  return query.segments.every(({ descendant, selectors }) => {
    const kind = selectors.length === 1 ? selectors[0]?.kind : undefined;
    return !descendant && (kind === "name" || kind === "index");
  });
}

interface Reader {
  readonly text: string;
  at: number;
  depth: number;
}

/** Thrown inside this file only; {@link parseQuery} catches it. Carries a fault of ours, never a library's text. */
class PathFault extends Error {
  readonly fault: LangError;
  constructor(fault: LangError) {
    super(fault.code);
    this.fault = fault;
  }
}

/** Reads a whole query. Returns the tree, or what is wrong and where. */
export function parseQuery(text: string): { readonly query: Query } | { readonly fault: LangError } {
  const reader: Reader = { text, at: 0, depth: 0 };
  try {
    expect(reader, "$");
    const query = readSegments(reader, "$");
    if (reader.at < text.length) fail(reader, "expected a segment such as `.name` or `[0]`");
    return { query };
  } catch (error) {
    if (error instanceof PathFault) return { fault: error.fault };
    throw error;
  }
}

function fail(reader: Reader, message: string, at = reader.at): never {
  throw new PathFault(langError("LANG_PATH_SYNTAX", message, at));
}

function skipBlank(reader: Reader): void {
  while (reader.at < reader.text.length && " \t\n\r".includes(reader.text[reader.at] as string)) reader.at++;
}

function accept(reader: Reader, token: string): boolean {
  if (!reader.text.startsWith(token, reader.at)) return false;
  reader.at += token.length;
  return true;
}

function expect(reader: Reader, token: string): void {
  if (!accept(reader, token)) fail(reader, `expected \`${token}\``);
}

/** Runs `read` one level deeper, so that recursion is bounded by `pathDepthMax`. */
function nested<T>(reader: Reader, read: (reader: Reader) => T): T {
  if (++reader.depth > pathDepthMax)
    throw new PathFault(langError("LANG_PATH_LIMIT", `a path nests at most ${pathDepthMax} deep`, reader.at));
  const value = read(reader);
  reader.depth--;
  return value;
}

function readSegments(reader: Reader, root: Query["root"]): Query {
  const segments: Segment[] = [];
  for (;;) {
    const before = reader.at;
    skipBlank(reader);
    const descendant = accept(reader, "..");
    if (reader.text[reader.at] === "[") segments.push({ descendant, selectors: readBracket(reader) });
    else if (descendant || accept(reader, ".")) segments.push({ descendant, selectors: [readShorthand(reader)] });
    else {
      // Blanks belong to a segment only if one follows.
      reader.at = before;
      return { root, segments };
    }
  }
}

function readShorthand(reader: Reader): Selector {
  if (accept(reader, "*")) return { kind: "wildcard" };
  const start = reader.at;
  while (reader.at < reader.text.length) {
    const point = reader.text.codePointAt(reader.at) as number;
    const isDigit = point >= 0x30 && point <= 0x39;
    if (!isNameFirst(point) && !(isDigit && reader.at > start)) break;
    reader.at += point > 0xffff ? 2 : 1;
  }
  if (reader.at === start) fail(reader, "expected a member name, or `*`; write other names as `['name']`");
  return { kind: "name", name: reader.text.slice(start, reader.at) };
}

function isNameFirst(point: number): boolean {
  return (
    (point >= 0x41 && point <= 0x5a) ||
    (point >= 0x61 && point <= 0x7a) ||
    point === 0x5f ||
    (point >= 0x80 && !isSurrogate(point))
  );
}

function isSurrogate(point: number): boolean {
  return point >= 0xd800 && point <= 0xdfff;
}

function readBracket(reader: Reader): readonly Selector[] {
  expect(reader, "[");
  const selectors: Selector[] = [];
  do {
    skipBlank(reader);
    selectors.push(nested(reader, readSelector));
    skipBlank(reader);
  } while (accept(reader, ","));
  expect(reader, "]");
  return selectors;
}

function readSelector(reader: Reader): Selector {
  const char = reader.text[reader.at];
  if (char === "'" || char === '"') return { kind: "name", name: readString(reader) };
  if (accept(reader, "*")) return { kind: "wildcard" };
  if (accept(reader, "?")) {
    skipBlank(reader);
    return { kind: "filter", filter: readOr(reader) };
  }
  const start = readInteger(reader);
  const afterStart = reader.at;
  skipBlank(reader);
  if (!accept(reader, ":")) {
    reader.at = afterStart;
    if (start === undefined) fail(reader, "expected a quoted name, an index, a slice, `*` or `?`");
    return { kind: "index", index: start };
  }
  skipBlank(reader);
  const end = readInteger(reader);
  const afterEnd = reader.at;
  skipBlank(reader);
  if (!accept(reader, ":")) {
    reader.at = afterEnd;
    return { kind: "slice", start, end, step: 1 };
  }
  const afterColon = reader.at;
  skipBlank(reader);
  const step = readInteger(reader);
  if (step === undefined) reader.at = afterColon;
  return { kind: "slice", start, end, step: step ?? 1 };
}

/** `int` of RFC 9535 §2.3.3.1: no leading zeros, no `-0`, within ±(2^53 - 1). */
function readInteger(reader: Reader): number | undefined {
  const start = reader.at;
  accept(reader, "-");
  const digits = readDigits(reader);
  if (digits === "") {
    if (reader.at > start) fail(reader, "expected digits after `-`", start);
    return undefined;
  }
  const value = Number(reader.text.slice(start, reader.at));
  const isPlain = digits === "0" ? reader.at === start + 1 : digits[0] !== "0";
  if (!isPlain) fail(reader, "an index has no leading zeros and is not `-0`", start);
  if (!Number.isSafeInteger(value)) fail(reader, "an index lies within 2^53 - 1 of zero", start);
  return value;
}

function readDigits(reader: Reader): string {
  const start = reader.at;
  while (reader.at < reader.text.length && reader.text[reader.at]! >= "0" && reader.text[reader.at]! <= "9") reader.at++;
  return reader.text.slice(start, reader.at);
}

const escapes: ReadonlyMap<string, string> = new Map(
  Object.entries({ b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", "/": "/", "\\": "\\" }),
);

function readString(reader: Reader): string {
  const quote = reader.text[reader.at++] as string;
  let value = "";
  for (;;) {
    const point = reader.text.codePointAt(reader.at);
    if (point === undefined) fail(reader, `the quoted text does not end; expected ${quote}`);
    if (point < 0x20 || isSurrogate(point))
      fail(reader, "control characters and lone surrogates are written as escapes in quoted text");
    const char = String.fromCodePoint(point);
    reader.at += char.length;
    if (char === quote) return value;
    value += char === "\\" ? readEscape(reader, quote) : char;
  }
}

function readEscape(reader: Reader, quote: string): string {
  const char = reader.text[reader.at++] ?? "";
  if (char === quote) return quote;
  if (char !== "u") return escapes.get(char) ?? fail(reader, "unknown escape in quoted text", reader.at - 1);
  const unit = readHex(reader);
  if (!isSurrogate(unit)) return String.fromCharCode(unit);
  if (unit < 0xdc00 && accept(reader, "\\u")) {
    const low = readHex(reader);
    if (low >= 0xdc00 && low <= 0xdfff) return String.fromCharCode(unit, low);
  }
  return fail(reader, "a surrogate escape needs its other half");
}

function readHex(reader: Reader): number {
  const digits = reader.text.slice(reader.at, reader.at + 4);
  if (!/^[0-9A-Fa-f]{4}$/.test(digits)) fail(reader, "expected four hexadecimal digits");
  reader.at += 4;
  return Number.parseInt(digits, 16);
}

function readOr(reader: Reader): Filter {
  return readChain(reader, "or", "||", readAnd);
}

function readAnd(reader: Reader): Filter {
  return readChain(reader, "and", "&&", (inner) => nested(inner, readBasic));
}

function readChain(reader: Reader, kind: "or" | "and", token: string, read: (reader: Reader) => Filter): Filter {
  const first = read(reader);
  const parts = [first];
  for (;;) {
    const before = reader.at;
    skipBlank(reader);
    if (!accept(reader, token)) {
      reader.at = before;
      return parts.length === 1 ? first : { kind, parts };
    }
    skipBlank(reader);
    parts.push(read(reader));
  }
}

function readBasic(reader: Reader): Filter {
  const start = reader.at;
  if (accept(reader, "!")) {
    skipBlank(reader);
    return { kind: "not", part: reader.text[reader.at] === "(" ? readParenthesis(reader) : readTest(reader, start) };
  }
  if (reader.text[reader.at] === "(") return readParenthesis(reader);
  const isQuery = isQueryStart(reader);
  const left = isQuery ? undefined : readComparable(reader);
  const query = isQuery ? readQuery(reader) : undefined;
  const before = reader.at;
  skipBlank(reader);
  const operator = (["==", "!=", "<=", ">=", "<", ">"] as const).find((token) => accept(reader, token));
  if (operator === undefined) {
    reader.at = before;
    if (query === undefined) fail(reader, "a literal or a function must be compared, as in `@.a == 1`", start);
    return { kind: "exists", query };
  }
  skipBlank(reader);
  return { kind: "compare", operator, left: left ?? singular(reader, query as Query, start), right: readComparable(reader) };
}

function readParenthesis(reader: Reader): Filter {
  expect(reader, "(");
  skipBlank(reader);
  const filter = readOr(reader);
  skipBlank(reader);
  expect(reader, ")");
  return filter;
}

function readTest(reader: Reader, start: number): Filter {
  if (!isQueryStart(reader)) {
    readComparable(reader);
    fail(reader, "`!` takes a query or parentheses", start);
  }
  return { kind: "exists", query: readQuery(reader) };
}

function isQueryStart(reader: Reader): boolean {
  return reader.text[reader.at] === "$" || reader.text[reader.at] === "@";
}

function readQuery(reader: Reader): Query {
  return readSegments(reader, reader.text[reader.at++] as Query["root"]);
}

function singular(reader: Reader, query: Query, at: number): Comparable {
  if (!isSingular(query)) fail(reader, "a compared query has only names and indexes, so that it selects at most one value", at);
  return { kind: "singular", query };
}

function readComparable(reader: Reader): Comparable {
  const start = reader.at;
  const char = reader.text[start] ?? "";
  if (isQueryStart(reader)) return singular(reader, readQuery(reader), start);
  if (char === "'" || char === '"') return { kind: "literal", value: readString(reader) };
  if (char === "-" || (char >= "0" && char <= "9")) return { kind: "literal", value: readNumber(reader) };
  const word = /^[a-z][a-z0-9_]*/.exec(reader.text.slice(start, start + 64))?.[0];
  if (word === undefined) fail(reader, "expected a query, a literal or a function");
  reader.at += word.length;
  if (reader.text[reader.at] === "(") return nested(reader, () => readFunction(reader, word, start));
  if (word === "true") return { kind: "literal", value: true };
  if (word === "false") return { kind: "literal", value: false };
  if (word === "null") return { kind: "literal", value: null };
  return fail(reader, "expected a query, a literal or a function", start);
}

function readNumber(reader: Reader): number | bigint {
  const token = /^-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?/.exec(reader.text.slice(reader.at))?.[0];
  if (token === undefined) fail(reader, "expected a number");
  const value = Number(token);
  if (!Number.isFinite(value)) fail(reader, "the number is larger than a double");
  reader.at += token.length;
  // Digits beyond 2^53 - 1 are kept, as the strict reader keeps them in data.
  return /^-?[0-9]+$/.test(token) && !Number.isSafeInteger(value) ? BigInt(token) : value === 0 ? 0 : value;
}

function readFunction(reader: Reader, name: string, start: number): Comparable {
  if (name !== "length" && name !== "count" && name !== "value") {
    const message =
      name === "match" || name === "search"
        ? `\`${name}\` is not offered in a path; use \`where\` with \`re(text, "pattern")\``
        : "unknown function; a path has `length`, `count` and `value`";
    throw new PathFault(langError("LANG_PATH_FUNCTION", message, start));
  }
  expect(reader, "(");
  skipBlank(reader);
  const at = reader.at;
  let call: Comparable;
  if (name === "length") call = { kind: "length", of: readComparable(reader) };
  else if (isQueryStart(reader)) call = { kind: name, query: readQuery(reader) };
  else fail(reader, `\`${name}\` takes one query`, at);
  skipBlank(reader);
  expect(reader, ")");
  return call;
}
