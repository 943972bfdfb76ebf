/**
 * SQL statements against what a node allows: by words that every dialect reads alike or, where the plan names a dialect, by facts from its own parser.
 * Pure. Never parses a dialect itself: that is what a {@link SqlParser} is given for, and without one nothing passes.
 */
import { isPartOf, readSql, type SqlReading } from "../lang/template/sql.ts";
import { parsedSqlCharsMax, parsedSqlDepthMax } from "../limits.ts";
import { err, type Result } from "../result.ts";

/** The dialects for which a parser may be given. */
export type SqlDialect = "postgres" | "sqlite" | "mysql";

/** What a node allows. Names are compared without regard to case, as unquoted names are. */
export interface SqlSpec {
  readonly dialect?: SqlDialect;
  readonly statements: readonly string[];
  readonly tables?: readonly string[];
  /** Columns by table, or as `table.column`. Asks for a dialect. */
  readonly columns?: { readonly [table: string]: readonly string[] } | readonly string[];
  /** Absent: none. */
  readonly functions?: readonly string[];
}

/** A column that a statement names. */
export interface SqlColumn {
  /** The tables that it may belong to; none if that cannot be told. */
  readonly tables: readonly string[];
  /** `*` stands for all. */
  readonly name: string;
}

/** What exactly one statement does, as its dialect's parser sees it. Unquoted names in lower case. */
export interface SqlFacts {
  /** Upper case: the statement itself and every one inside it (common table expressions, EXPLAIN). */
  readonly kinds: readonly string[];
  /** Tables and views, dotted as written; `*` if it touches what is not listed. */
  readonly tables: readonly string[];
  readonly columns: readonly SqlColumn[];
  readonly functions: readonly string[];
}

/** Why a statement was not read. Never holds the text, nor a parser's own words. */
export interface SqlRefusal {
  readonly code: "SQL_REFUSED";
  readonly message: string;
}

/** The port to a parser of one dialect: synchronous, total and deterministic. */
export interface SqlParser {
  readonly dialect: SqlDialect;
  /** Facts of exactly one statement; anything that it does not understand is an error. */
  read(text: string): Result<SqlFacts, SqlRefusal>;
}

/** A statement that was not read. */
export function refuseStatement(message: string): { readonly ok: false; readonly error: SqlRefusal } {
  return err({ code: "SQL_REFUSED", message });
}

/** A compiled constraint on SQL. */
export interface SqlRule {
  readonly dialect: SqlDialect | undefined;
  /** Whether a text is one statement within the rule. `parser` is that of the rule's dialect. */
  accepts(text: string, parser: SqlParser | undefined): boolean;
}

/** Compiles what a node allows. */
export function compileSql(spec: SqlSpec): SqlRule {
  const statements = new Set(spec.statements.map((each) => each.toUpperCase()));
  const tables = spec.tables && new Set(spec.tables.map(nameOf));
  const functions = new Set((spec.functions ?? []).map(nameOf));
  const columns = columnsOf(spec.columns);
  const has = (names: ReadonlySet<string> | undefined, found: readonly string[]): boolean =>
    names === undefined || found.every((name) => names.has(nameOf(name)));
  const byWords = (reading: SqlReading): boolean =>
    statements.has(reading.firstWord) &&
    reading.writes.every((word) => isPartOf(word, statements)) &&
    has(tables, reading.tables) &&
    has(functions, reading.functions);
  const byFacts = (facts: SqlFacts): boolean =>
    facts.kinds.length > 0 &&
    facts.kinds.every((kind) => statements.has(kind)) &&
    (tables === undefined || facts.tables.every((name) => tables.has(name))) &&
    facts.functions.every((name) => functions.has(name)) &&
    (columns === undefined || facts.columns.every((column) => isColumnWithin(column, columns)));
  return {
    dialect: spec.dialect,
    accepts: (text, parser) => {
      if (spec.dialect === undefined) {
        const read = readSql(text);
        return columns === undefined && read.ok && byWords(read.value);
      }
      if (parser?.dialect !== spec.dialect || !isParsable(text)) return false;
      const facts = readFacts(parser, text);
      return facts !== undefined && byFacts(facts);
    },
  };
}

/** What a parser says, if it says anything: a library that throws or runs out of stack has not understood. */
function readFacts(parser: SqlParser, text: string): SqlFacts | undefined {
  try {
    const facts = parser.read(text);
    return facts.ok ? facts.value : undefined;
  } catch {
    return undefined;
  }
}

function isColumnWithin({ tables, name }: SqlColumn, columns: ReadonlyMap<string, ReadonlySet<string>>): boolean {
  return name !== "*" && tables.length > 0 && tables.every((table) => columns.get(table)?.has(name) === true);
}

/** A name as it is compared: unquoted parts in lower case, quoted ones as they stand, with their quotes. */
function nameOf(name: string): string {
  const parts = name.split(".");
  return parts.map((part) => (part.startsWith('"') ? part : part.toLowerCase())).join(".");
}

function columnsOf(spec: SqlSpec["columns"]): ReadonlyMap<string, ReadonlySet<string>> | undefined {
  if (spec === undefined) return undefined;
  const columns = new Map<string, Set<string>>();
  const add = (table: string, column: string): void => {
    const names = columns.get(table) ?? new Set<string>();
    columns.set(table, names.add(column));
  };
  if (isColumnList(spec)) {
    for (const entry of spec) {
      const name = nameOf(entry);
      const dot = name.lastIndexOf(".");
      add(name.slice(0, Math.max(0, dot)), name.slice(dot + 1));
    }
  } else {
    for (const table of Object.keys(spec)) for (const column of spec[table] ?? []) add(nameOf(table), nameOf(column));
  }
  return columns;
}

function isColumnList(spec: NonNullable<SqlSpec["columns"]>): spec is readonly string[] {
  return Array.isArray(spec);
}

/** Whether a text may be handed to a recursive parser: bounded, well-formed, no control character (NUL ends it for some) and not too deep. */
function isParsable(text: string): boolean {
  if (text.length === 0 || text.length > parsedSqlCharsMax || /\p{Surrogate}/u.test(text)) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (
      (code < 32 && code !== 9 && code !== 10 && code !== 13) ||
      (code >= 127 && code < 160) ||
      code === 0x2028 ||
      code === 0x2029
    )
      return false;
    if (code === 40 || code === 91) depth += 1;
    if (code === 41 || code === 93) depth -= 1;
    if (depth > parsedSqlDepthMax) return false;
  }
  return true;
}
