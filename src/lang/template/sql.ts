/**
 * What one SQL statement touches: its first word, its words, tables and functions, read without knowing the dialect.
 * Pure. Never under-reports: what might be a table or a function is listed, and what dialects read differently is refused.
 */

import { ok, type Result } from "../../result.ts";
import { readTokens, refuseSql, type SqlError, type Token } from "./sql-tokens.ts";

export type { SqlError } from "./sql-tokens.ts";

/** The reading of exactly one statement. */
export interface SqlReading {
  /** Always 1: stacked statements are refused. */
  readonly statements: 1;
  /** Upper case. */
  readonly firstWord: string;
  /** Every unquoted word in upper case, each once, in order of first occurrence. */
  readonly words: readonly string[];
  /** Those that write, lock or change the session ({@link sqlWritingWords}) and stand neither behind a dot nor as the name of a function. */
  readonly writes: readonly string[];
  /** Names behind FROM, JOIN, INTO, UPDATE and TABLE (table functions too), dotted as written; unquoted parts in lower case, quoted ones with their quotes. */
  readonly tables: readonly string[];
  /** Names followed by `(`, in the same form. */
  readonly functions: readonly string[];
}

/**
 * Words that write, lock, change the session or start another statement. T-SQL needs no semicolon between statements
 * (`SELECT 1 DROP TABLE t`), so a statement with one of them anywhere outside quotes is not a reader.
 */
export const sqlWritingWords: ReadonlySet<string> = new Set(
  (
    "INSERT UPDATE DELETE MERGE REPLACE UPSERT INTO OUTFILE DUMPFILE COPY UNLOAD CALL DO EXEC EXECUTE PREPARE DEALLOCATE SET RESET LOCK ATTACH DETACH PRAGMA " +
    "VACUUM REINDEX CREATE ALTER DROP TRUNCATE RENAME GRANT REVOKE DENY BEGIN COMMIT ROLLBACK SAVEPOINT DECLARE USE BACKUP RESTORE BULK OPENROWSET OPENQUERY " +
    "OPENDATASOURCE WAITFOR RECONFIGURE SHUTDOWN KILL DBCC XP_CMDSHELL LISTEN NOTIFY UNLISTEN"
  ).split(" "),
);

/** Words that may stand before `(` without being a function. Words that are a function in some dialect (LEFT, IF, VALUES as function) are not here. */
const openers: ReadonlySet<string> = new Set(
  (
    "SELECT FROM WHERE AND OR NOT IN EXISTS ANY ALL SOME ON USING AS WITH BY HAVING LIMIT OFFSET UNION EXCEPT INTERSECT CASE WHEN THEN ELSE VALUES BETWEEN " +
    "LIKE ILIKE IS DISTINCT JOIN LATERAL OVER FILTER MATERIALIZED RECURSIVE INTO TABLE SET RETURNING ONLY ESCAPE DEFAULT"
  ).split(" "),
);
const tableWords: ReadonlySet<string> = new Set(
  "FROM JOIN INTO UPDATE TABLE STRAIGHT_JOIN APPLY INSERT DELETE REPLACE MERGE TRUNCATE COPY VIEW DESCRIBE REFERENCES".split(" "),
);
/** Words between INSERT or DELETE and its INTO or FROM. */
const modifiers: ReadonlySet<string> = new Set(
  "OR IGNORE REPLACE ABORT FAIL ROLLBACK LOW_PRIORITY HIGH_PRIORITY DELAYED QUICK OVERWRITE".split(" "),
);
/** Words that end a list of tables. */
const clauseWords: ReadonlySet<string> = new Set(
  "WITH WHERE GROUP ORDER HAVING LIMIT OFFSET UNION EXCEPT INTERSECT WINDOW FETCH FOR SET VALUES SELECT RETURNING QUALIFY ON USING".split(
    " ",
  ),
);
/** Functions with a FROM of their own inside their parentheses (ISO 9075 §6.30 and kin). */
const fromFunctions: ReadonlySet<string> = new Set(["EXTRACT", "SUBSTRING", "TRIM", "OVERLAY", "POSITION"]);

function upper(token: Token | undefined): string {
  return token?.kind === "word" ? token.text.toUpperCase() : "";
}

function isMark(token: Token | undefined, text: string): boolean {
  return token?.kind === "mark" && token.text === text;
}

function isName(token: Token | undefined): boolean {
  return token?.kind === "word" || token?.kind === "quoted";
}

function nameText(token: Token): string {
  return token.kind === "word" ? token.text.toLowerCase() : token.text;
}

/** The dotted name at `at` and the index behind it. */
function readName(tokens: readonly Token[], at: number): { readonly name: string; readonly next: number } | undefined {
  const first = tokens[at];
  if (first === undefined || !isName(first)) return undefined;
  let name = nameText(first);
  let next = at + 1;
  for (let part = tokens[next + 1]; isMark(tokens[next], ".") && part !== undefined && isName(part); part = tokens[next + 1]) {
    name += `.${nameText(part)}`;
    next += 2;
  }
  return { name, next };
}

/** A level of parentheses: whether its items are tables now, and the function it belongs to. */
interface Level {
  readonly isTableList: boolean;
  readonly opener: string;
}

/** Whether the word at `at` stands between INSERT or DELETE and the INTO or FROM that names the table, or is `LATERAL (`. */
function isModifier(tokens: readonly Token[], at: number): boolean {
  if (upper(tokens[at]) === "LATERAL" && isMark(tokens[at + 1], "(")) return true;
  let end = at;
  while (end - at <= modifiers.size && modifiers.has(upper(tokens[end]))) end += 1;
  return end > at && ["INTO", "FROM"].includes(upper(tokens[end]));
}

/** Whether the word at `at` makes what follows it a table. */
function namesTable(tokens: readonly Token[], at: number, opener: string): boolean {
  const word = upper(tokens[at]);
  const isCall = isMark(tokens[at + 1], "(");
  // `USING` names a table in DELETE and MERGE, columns in a join; REPLACE, INSERT and TRUNCATE are functions too.
  if (word === "USING") return !isCall;
  if (word === "FROM") {
    const isDistinctFrom = upper(tokens[at - 1]) === "DISTINCT" && ["IS", "NOT"].includes(upper(tokens[at - 2]));
    return !isDistinctFrom && !fromFunctions.has(opener);
  }
  if (["REPLACE", "INSERT", "TRUNCATE", "DELETE", "MERGE", "UPDATE"].includes(word)) return !isCall;
  return tableWords.has(word);
}

/** Where a table is expected: token indexes, in order. A hole there is refused, a name there is a table. */
export function tablePositions(tokens: readonly Token[]): readonly number[] {
  const positions: number[] = [];
  const outer: Level[] = [];
  let level: Level = { isTableList: false, opener: "" };
  let isExpected = false;
  for (const [at, token] of tokens.entries()) {
    if (isMark(token, "(")) {
      // `FROM (a JOIN b)` continues the list inside; `FROM (SELECT …)` is ended by SELECT.
      outer.push(level);
      level = { isTableList: isExpected, opener: upper(tokens[at - 1]) };
      continue;
    }
    if (isMark(token, ")")) {
      level = outer.pop() ?? level;
      isExpected = false;
      continue;
    }
    const word = upper(token);
    if (isExpected && isModifier(tokens, at)) continue;
    if (isExpected && !clauseWords.has(word) && !tableWords.has(word)) positions.push(at);
    isExpected = namesTable(tokens, at, level.opener) || (isMark(token, ",") && level.isTableList);
    if (isExpected) level = { ...level, isTableList: true };
    else if (clauseWords.has(word) && word !== "ON" && word !== "USING") level = { ...level, isTableList: false };
  }
  return positions;
}

/** The stretch of each common table expression of a leading WITH: its name and the index behind its definition. */
function definitions(tokens: readonly Token[]): readonly { readonly name: string; readonly from: number }[] {
  if (upper(tokens[0]) !== "WITH") return [];
  const isRecursive = upper(tokens[1]) === "RECURSIVE";
  const found: { name: string; from: number }[] = [];
  let at = isRecursive ? 2 : 1;
  for (let name = tokens[at]; name !== undefined && isName(name); name = tokens[at]) {
    const start = at;
    let depth = 0;
    let isBody = false;
    // Up to the parenthesis that closes the body: the first one opened behind AS.
    for (at += 1; at < tokens.length; at++) {
      if (depth === 0 && upper(tokens[at]) === "AS") isBody = true;
      if (isMark(tokens[at], "(")) depth += 1;
      if (!isMark(tokens[at], ")")) continue;
      depth -= 1;
      if (depth === 0 && isBody) break;
    }
    found.push({ name: nameText(name), from: isRecursive ? start : at });
    if (!isMark(tokens[at + 1], ",")) break;
    at += 2;
  }
  return found;
}

function tablesOf(tokens: readonly Token[]): readonly string[] {
  const defined = definitions(tokens);
  const tables = new Set<string>();
  for (const at of tablePositions(tokens)) {
    const read = readName(tokens, at);
    // A name with a parenthesis stays in: `INTO t (a)`, and T-SQL's `FROM t (NOLOCK)`, look like calls.
    if (read === undefined) continue;
    // A name defined by WITH is no table, but only behind its definition: inside it the real table is meant.
    if (!defined.some((definition) => definition.name === read.name && at > definition.from)) tables.add(read.name);
  }
  return [...tables];
}

function functionsOf(tokens: readonly Token[]): readonly string[] {
  const functions = new Set<string>();
  for (let at = 0; at < tokens.length; at++) {
    if (!isName(tokens[at]) || isMark(tokens[at - 1], ".")) continue;
    const read = readName(tokens, at);
    if (read === undefined || !isMark(tokens[read.next], "(")) continue;
    const isPlainWord = read.next === at + 1 && openers.has(upper(tokens[at]));
    if (!isPlainWord) functions.add(read.name);
  }
  return [...functions];
}

function isBalanced(tokens: readonly Token[]): boolean {
  let depth = 0;
  for (const token of tokens) {
    if (isMark(token, "(")) depth += 1;
    if (isMark(token, ")")) depth -= 1;
    if (depth < 0) return false;
  }
  return depth === 0;
}

/** Tokens of exactly one statement; a semicolon at its end is dropped. */
export function readStatement(text: string, hasHoles: boolean): Result<readonly Token[], SqlError> {
  const read = readTokens(text, hasHoles);
  if (!read.ok) return read;
  const tokens = isMark(read.value.at(-1), ";") ? read.value.slice(0, -1) : read.value;
  const stacked = tokens.find((token) => isMark(token, ";"));
  if (stacked !== undefined) return refuseSql(stacked.start, "only one statement is allowed");
  if (tokens[0] === undefined || upper(tokens[0]) === "") return refuseSql(0, "a statement must start with a word");
  if (!isBalanced(tokens)) return refuseSql(0, "the parentheses do not match");
  return ok(tokens);
}

/**
 * Reads one statement for the `sql` constraint. Refuses comments, `$tag$`, prefixed strings, backslashes, backticks, brackets,
 * control characters, non-ASCII outside quotes, unknown operators and stacked statements.
 */
export function readSql(text: string): Result<SqlReading, SqlError> {
  const read = readStatement(text, false);
  if (!read.ok) return read;
  const tokens = read.value;
  const words = [...new Set(tokens.map(upper).filter((word) => word !== ""))];
  const writes = words.filter((word) => sqlWritingWords.has(word) && tokens.some((_, at) => isWriting(tokens, at, word)));
  return ok({
    statements: 1,
    firstWord: upper(tokens[0]),
    words,
    writes,
    tables: tablesOf(tokens),
    functions: functionsOf(tokens),
  });
}

/** Whether the token at `at` is this word, and neither part of a dotted name nor a function's name, which is listed as such. */
function isWriting(tokens: readonly Token[], at: number, word: string): boolean {
  const isCall = isMark(tokens[at + 1], "(") && !openers.has(word);
  return upper(tokens[at]) === word && !isMark(tokens[at - 1], ".") && !isCall;
}

/** Writing words that belong to a statement of another first word. */
const companions: Readonly<Record<string, readonly string[]>> = {
  INTO: ["INSERT", "REPLACE", "MERGE", "UPSERT"],
  SET: ["UPDATE"],
  DO: ["INSERT"],
};

/** Whether a writing word is one of the statements (in upper case), or the part of one that cannot do anything by itself. */
export function isPartOf(word: string, statements: ReadonlySet<string>): boolean {
  return (
    statements.has(word) || (Object.hasOwn(companions, word) && companions[word]?.some((each) => statements.has(each)) === true)
  );
}

/** Whether a statement only reads, as far as its words say: it starts with SELECT, WITH or VALUES and holds no writing word. */
export function isReadingSql(reading: SqlReading): boolean {
  return ["SELECT", "WITH", "VALUES"].includes(reading.firstWord) && !reading.words.some((word) => sqlWritingWords.has(word));
}
