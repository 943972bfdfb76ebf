/**
 * SQL as tokens that every dialect reads the same way; whatever dialects lex differently is refused.
 * Pure. Never repairs: an unknown character is an error.
 */

import { err, ok, type Result } from "../../result.ts";
import { isControl, isWellFormed } from "./characters.ts";

/** A token. `text` is what stands there; a `hole` token is the mark of a template's hole. */
export interface Token {
  readonly kind: "word" | "quoted" | "string" | "number" | "mark" | "hole";
  readonly text: string;
  readonly start: number;
}

/** Why a text was refused. `offset` counts UTF-16 units. */
export interface SqlError {
  readonly code: "SQL_REFUSED";
  readonly offset: number;
  readonly message: string;
}

/** UTF-16 units of one statement. */
export const sqlCharsMax = 1024 * 1024;

/** Marks of two characters first. `|`, `&`, `^`, `~`, `#`, `@`, `?`, `!` alone differ between dialects and are not in the list. */
const marks = ["<=", ">=", "<>", "!=", "||", "::", "=", "<", ">", "+", "-", "*", "/", "%", "(", ")", ",", ".", ";"];

/** A refusal with its place. */
export function refuseSql(offset: number, message: string): { readonly ok: false; readonly error: SqlError } {
  return err({ code: "SQL_REFUSED", offset, message });
}

function isWordStart(code: number): boolean {
  return (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95;
}

function isWordPart(code: number): boolean {
  return isWordStart(code) || (code >= 48 && code <= 57);
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** The end of the string or quoted name that opens at `at`, its quote doubled inside; -1 if it is not closed or holds what dialects escape. */
function quotedEnd(text: string, at: number): number {
  const quote = text.charCodeAt(at);
  for (let i = at + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 92 || isControl(code)) return -1;
    if (code !== quote) continue;
    if (text.charCodeAt(i + 1) !== quote) return i + 1;
    i += 1;
  }
  return -1;
}

/** The end of the number at `at`: digits, an optional fraction and exponent. */
function numberEnd(text: string, at: number): number {
  const skip = (from: number): number => {
    let end = from;
    while (isDigit(text.charCodeAt(end))) end += 1;
    return end;
  };
  let end = skip(at);
  if (text.charCodeAt(end) === 46 && isDigit(text.charCodeAt(end + 1))) end = skip(end + 1);
  const isExponent = (text.charCodeAt(end) | 32) === 101;
  if (isExponent) {
    const sign = text[end + 1] === "+" || text[end + 1] === "-" ? 1 : 0;
    const stop = skip(end + 1 + sign);
    if (stop > end + 1 + sign) end = stop;
  }
  return end;
}

/** Reads one token at `at`, or says what is refused there. */
function readToken(text: string, at: number, hasHoles: boolean): Result<Token, SqlError> {
  const code = text.charCodeAt(at);
  const token = (kind: Token["kind"], end: number): Result<Token, SqlError> => ok({ kind, text: text.slice(at, end), start: at });
  if (hasHoles && code === 1) return token("hole", text.indexOf("\u0002", at) + 1);
  if (isWordStart(code)) {
    let end = at + 1;
    while (isWordPart(text.charCodeAt(end))) end += 1;
    const after = text[end] ?? "";
    if (after === "'" || after === '"')
      return refuseSql(at, "a prefixed string (`E''`, `N''`, `U&''`, …) is read differently by dialects");
    if (after === "\u0001") return refuseSql(end, "a hole must not be glued to a word");
    return token("word", end);
  }
  if (isDigit(code)) {
    const end = numberEnd(text, at);
    if (isWordPart(text.charCodeAt(end)) || text[end] === "." || text[end] === "\u0001")
      return refuseSql(at, "a number must be decimal digits, with a fraction or exponent, not glued to a word");
    return token("number", end);
  }
  if (code === 39 || code === 34) {
    const end = quotedEnd(text, at);
    if (end < 0)
      return refuseSql(at, "a string must be closed and hold no backslash, control character or hole; a hole needs no quotes");
    if (isWordPart(text.charCodeAt(end)) || text[end] === "\u0001") return refuseSql(end, "a string must not be glued to a word");
    return token(code === 39 ? "string" : "quoted", end);
  }
  if (text.startsWith("--", at) || text.startsWith("/*", at) || text.startsWith("*/", at))
    return refuseSql(at, "comments are not allowed");
  const mark = marks.find((candidate) => text.startsWith(candidate, at));
  if (mark === undefined)
    return refuseSql(
      at,
      "a character that dialects read differently (comment, backtick, bracket, dollar, backslash, variable, …)",
    );
  return token("mark", at + mark.length);
}

/** All tokens of a text. With `hasHoles`, marks of holes are tokens of their own. */
export function readTokens(text: string, hasHoles: boolean): Result<readonly Token[], SqlError> {
  if (text.length > sqlCharsMax) return refuseSql(0, `a statement may have at most ${sqlCharsMax} characters`);
  if (!isWellFormed(text)) return refuseSql(0, "the text is not well-formed");
  const tokens: Token[] = [];
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at);
    if (code === 32 || code === 9 || code === 10 || code === 13) {
      at += 1;
      continue;
    }
    const token = readToken(text, at, hasHoles);
    if (!token.ok) return token;
    const before = tokens.at(-1);
    // `'a' 'b'` is one string to some dialects, an error or an alias to others.
    if (before?.kind === "string" && token.value.kind === "string")
      return refuseSql(at, "two strings must not follow each other");
    tokens.push(token.value);
    at += token.value.text.length;
  }
  return ok(tokens);
}
