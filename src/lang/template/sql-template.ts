/**
 * Fills SQL: a hole is one literal in value position.
 * Pure. Never lets a value become more than one literal: after filling, all other tokens are those of the template.
 */

import type { Json } from "../../json/value.ts";
import { isArray } from "../../json/value.ts";
import { templateListMax } from "../../limits.ts";
import { ok, type Result } from "../../result.ts";
import { everyCode, isPlain, isQuoteLookalike } from "./characters.ts";
import {
  changed,
  type FillError,
  type Filler,
  fillMarks,
  holesOf,
  malformed,
  markedText,
  misplaced,
  type Part,
  refused,
  soleMark,
  type TemplateError,
  valueFor,
} from "./holes.ts";
import { readStatement, tablePositions } from "./sql.ts";
import { readTokens, type Token } from "./sql-tokens.ts";

/** Operators whose right side is a value. */
const valueMarks: ReadonlySet<string> = new Set(["=", "<", ">", "<=", ">=", "<>", "!=", "+", "-", "*", "/", "%", "||"]);
/** Words behind which a value may stand. */
const valueWords: ReadonlySet<string> = new Set(
  "SELECT DISTINCT WHERE AND OR NOT ON HAVING WHEN THEN ELSE CASE BETWEEN LIKE ILIKE ESCAPE LIMIT OFFSET VALUES DATE TIME TIMESTAMP INTERVAL FETCH FIRST NEXT".split(
    " ",
  ),
);
/** Words that may follow a value. A word that is not here could be an alias, or a type. */
const followingWords: ReadonlySet<string> = new Set(
  (
    "AND OR NOT IN IS LIKE ILIKE BETWEEN ESCAPE THEN ELSE END WHEN AS FROM WHERE GROUP ORDER HAVING LIMIT OFFSET UNION EXCEPT INTERSECT FETCH FOR ON JOIN INNER LEFT RIGHT " +
    "FULL CROSS ROW ROWS ONLY ASC DESC RETURNING COLLATE"
  ).split(" "),
);
/** Words behind which a parenthesis holds names, not values (`INSERT INTO t (…)`, `WITH t (…)`). */
const nameListWords: ReadonlySet<string> = new Set([
  "INTO",
  "WITH",
  "RECURSIVE",
  "AS",
  "TABLE",
  "UPDATE",
  "FROM",
  "JOIN",
  "INDEX",
  "VIEW",
  "REFERENCES",
]);
/** Words behind which a parenthesis is neither a call nor a list of values. */
const reservedWords: ReadonlySet<string> = new Set(
  "USING BY OVER FILTER CONFLICT KEY COLUMNS PARTITION WITHIN EXISTS UNIQUE PRIMARY CHECK UNION EXCEPT INTERSECT IS".split(" "),
);
const parenthesisWords: ReadonlySet<string> = new Set(
  "IN VALUES AND OR NOT WHERE ON HAVING WHEN THEN ELSE CASE SELECT BETWEEN LIKE ILIKE ANY ALL SOME LIMIT OFFSET".split(" "),
);

function upper(token: Token | undefined): string {
  return token?.kind === "word" ? token.text.toUpperCase() : "";
}

/** The parenthesis that encloses the token at `at`, or -1. */
function openOf(tokens: readonly Token[], at: number): number {
  let depth = 0;
  for (let i = at - 1; i >= 0; i--) {
    if (tokens[i]?.kind !== "mark") continue;
    if (tokens[i]?.text === ")") depth += 1;
    else if (tokens[i]?.text === "(" && depth-- === 0) return i;
  }
  return -1;
}

/** The last clause word at the depth of `at`, for a hole behind a comma. */
function clauseOf(tokens: readonly Token[], at: number): string {
  const clauses = [
    "WITH",
    "SELECT",
    "FROM",
    "WHERE",
    "GROUP",
    "ORDER",
    "HAVING",
    "SET",
    "VALUES",
    "RETURNING",
    "INTO",
    "USING",
    "LIMIT",
  ];
  let depth = 0;
  for (let i = at - 1; i >= 0; i--) {
    const text = tokens[i]?.kind === "mark" ? tokens[i]?.text : "";
    if (text === ")") depth += 1;
    else if (text === "(" && depth-- === 0) return "";
    else if (depth === 0 && clauses.includes(upper(tokens[i]))) return upper(tokens[i]);
  }
  return "";
}

/** Whether the parenthesis behind the name that ends at `at` is a call: not a list of columns of INTO, WITH and the like. */
function isCall(tokens: readonly Token[], at: number): boolean {
  let start = at;
  while (start >= 2 && tokens[start - 1]?.text === "." && tokens[start - 1]?.kind === "mark") start -= 2;
  const before = tokens[start - 1];
  if (before?.kind === "mark" && before.text === ",")
    return clauseOf(tokens, start) !== "WITH" && (clauseOf(tokens, start) !== "" || openOf(tokens, start) >= 0);
  return !nameListWords.has(upper(before));
}

/**
 * Whether what stands at `at` (a hole, or a parenthesis round it) stands where a value stands. Walks outwards through
 * parentheses: `IN (({x}, 1))`, `VALUES (1), ({x})`, `f(a, {x})`.
 */
function isItem(tokens: readonly Token[], hole: number): boolean {
  let at = hole;
  while (at > 0) {
    const before = tokens[at - 1];
    const isParenthesis = at !== hole;
    if (before === undefined) return false;
    if (before.kind === "quoted") return isParenthesis && isCall(tokens, at - 1);
    if (before.kind === "word") {
      if (!isParenthesis) return valueWords.has(upper(before));
      return parenthesisWords.has(upper(before)) || (!reservedWords.has(upper(before)) && isCall(tokens, at - 1));
    }
    if (before.kind !== "mark") return false;
    if (before.text === "(") {
      at -= 1;
      continue;
    }
    if (before.text !== ",") return valueMarks.has(before.text);
    const clause = clauseOf(tokens, at);
    if (clause !== "") return clause === "SELECT" || (clause === "VALUES" && isParenthesis);
    at = openOf(tokens, at);
  }
  return false;
}

/** Whether the hole at `at` is a value and what follows it leaves it one. */
function isValuePosition(tokens: readonly Token[], at: number): boolean {
  const after = tokens[at + 1];
  if (after === undefined || followingWords.has(upper(after))) return isItem(tokens, at);
  return after.kind === "mark" && (valueMarks.has(after.text) || [")", ",", "::"].includes(after.text)) && isItem(tokens, at);
}

/** Whether the hole is all of an `IN ( … )`: then it takes a list. */
function isListPosition(tokens: readonly Token[], at: number): boolean {
  return tokens[at - 1]?.text === "(" && upper(tokens[at - 2]) === "IN" && tokens[at + 1]?.text === ")";
}

/** One scalar as a literal of standard SQL (ISO 9075 §5.3), or why it is none. */
function literal(value: Json): { readonly text: string } | { readonly problem: string } {
  if (typeof value === "string") {
    const isSafe = isPlain(value) && everyCode(value, (code) => code !== 92 && !isQuoteLookalike(code));
    return isSafe
      ? { text: `'${value.replaceAll("'", "''")}'` }
      : { problem: "a text must not hold a backslash, a control or invisible character or a look-alike of a quote" };
  }
  if (value === null) return { text: "NULL" };
  if (typeof value === "boolean") return { text: value ? "TRUE" : "FALSE" };
  // A blank before a minus: `x -{n}` must not become a comment, nor `x %{n}` the PostgreSQL operator `%-`.
  if (typeof value === "bigint") return { text: value < 0n ? ` ${value}` : value.toString() };
  if (typeof value !== "number" || !Number.isFinite(value))
    return { problem: "the value must be a text, a number, a boolean or null" };
  const text = String(value + 0);
  return text.includes("e")
    ? { problem: "the number needs an exponent, which dialects read as another type" }
    : { text: value < 0 ? ` ${text}` : text };
}

function encode(value: Json, isList: boolean): { readonly text: string } | { readonly problem: string } {
  if (!isArray(value)) return literal(value);
  if (!isList) return { problem: "a list fits only a hole that is all of `IN (…)`" };
  if (value.length === 0 || value.length > templateListMax)
    return { problem: `a list must have 1 to ${templateListMax} elements` };
  const texts: string[] = [];
  for (const element of value) {
    // `NOT IN (…, NULL)` is never true: a null in the list would change what the statement means.
    const encoded =
      element === null || isArray(element) ? { problem: "a list must hold texts, numbers and booleans" } : literal(element);
    if ("problem" in encoded) return encoded;
    texts.push(encoded.text);
  }
  return { text: texts.join(", ") };
}

/** Whether the filled tokens are the template's, each hole replaced by exactly the tokens of its literal. */
function isSameTree(template: readonly Token[], filled: string, encoded: readonly string[]): boolean {
  const expected: Pick<Token, "kind" | "text">[] = [];
  for (const token of template) {
    const read = token.kind === "hole" ? readTokens(encoded[soleMark(token.text)] ?? "", false) : undefined;
    if (read === undefined) expected.push(token);
    else if (!read.ok) return false;
    else expected.push(...read.value);
  }
  const actual = readStatement(filled, false);
  if (!actual.ok || actual.value.length !== expected.length) return false;
  return actual.value.every((token, at) => token.kind === expected[at]?.kind && token.text === expected[at]?.text);
}

/** A template of kind `sql`, for any dialect that reads standard strings. Wildcards of LIKE in a value keep their meaning. */
export function compileSql(parts: readonly Part[]): Result<Filler, TemplateError> {
  const marked = markedText(parts);
  const read = readStatement(marked, true);
  if (!read.ok) return malformed(Math.min(read.error.offset, marked.length), read.error.message);
  const tokens = read.value;
  const holes = holesOf(parts);
  const tables = new Set(tablePositions(tokens));
  const isList: boolean[] = [];
  for (const [at, token] of tokens.entries()) {
    if (token.kind !== "hole") continue;
    const index = isList.length;
    if (tables.has(at) || !isValuePosition(tokens, at))
      return misplaced(
        holes[index]?.offset ?? 0,
        "a hole must stand where a value stands: behind an operator, in `IN (…)`, in `VALUES (…)`, as an argument",
      );
    isList.push(isListPosition(tokens, at));
  }
  return ok({
    fill: (values): Result<string, FillError> => {
      const encoded: string[] = [];
      for (const [index, { hole }] of holes.entries()) {
        const value = valueFor(values, hole);
        if (!value.ok) return value;
        const result = encode(value.value, isList[index] ?? false);
        if ("problem" in result) return refused(hole, result.problem);
        encoded.push(result.text);
      }
      const filled = fillMarks(marked, encoded);
      return isSameTree(tokens, filled, encoded) ? ok(filled) : changed();
    },
  });
}
