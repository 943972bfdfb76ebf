/**
 * Finding records in a table: the statements that ask for a page by the columns that a record is found by.
 * Never trusts the columns alone: each record that a statement gives is read and compared again, so that none is shown that does not fit.
 */
import { auditFindScanMax } from "../limits.ts";
import type { SqliteDatabase, SqliteValue } from "../stores/sqlite/schema.ts";
import { type AuditFound, type AuditQuery, foundIn, pageLimit, type queryNames, smallAscii } from "./find.ts";

/** What two databases say differently. */
export interface Dialect {
  /** Name of the table. */
  readonly table: string;
  /** The place of value `i`, from 1. */
  place(i: number): string;
  /** What a column has for a text: one of these. */
  readonly keysOf: (text: string) => readonly string[];
  /** Whether the text of a record contains the value at a place, which has no large ASCII letter. */
  contains(place: string): string;
}

/** A statement and its values. */
export interface FindStatement {
  readonly sql: string;
  readonly values: readonly SqliteValue[];
}

/** A row of a page. */
export interface FoundRow {
  readonly seq: number;
  readonly text: string;
}

type Column = (typeof queryNames)[number] | "kind";

/** What is asked of columns: first that of which most values are rare. */
function columnsOf(query: AuditQuery): readonly Column[] {
  const order = ["session", "by", "code", "node", "tool", "principal", "plan", "kind"] as const;
  return order.filter((column) => query[column] !== undefined);
}

/** Whether all that a column is asked for lies together in its index. */
function isOneIndex({ kind }: AuditQuery): (column: Column) => boolean {
  return (column) => column !== "kind" || kind?.length === 1;
}

/**
 * The statements of a query. `page` gives rows that may fit, the newest first, out of the newest {@link auditFindScanMax} of which one
 * column is what is asked; `floor` gives the number of the last of those, and no row if there are fewer.
 */
export function findStatements(
  query: AuditQuery,
  { table, place, keysOf, contains }: Dialect,
): Readonly<Record<"page" | "floor", FindStatement>> {
  const values: SqliteValue[] = [];
  const add = (value: SqliteValue): string => place(values.push(value));
  const asked = columnsOf(query);
  const leading = asked.slice(0, 1).filter(isOneIndex(query));
  const is = (column: Column): string => {
    const keys = column === "kind" ? (query.kind ?? []) : keysOf(query[column] ?? "");
    return `"${column}" IN (${keys.map(add).join(", ")})`;
  };
  // SECURITY: by one index, whose order is that of the numbers, until enough were looked at. Asked for two columns at once, a database looks
  // through all records for one that fits both; whoever reads a file does nothing else meanwhile.
  const inner = [...(query.before === undefined ? [] : [`seq < ${add(query.before)}`]), ...leading.map(is)];
  const others = asked.slice(leading.length);
  const from = `FROM ${table}${inner.length === 0 ? "" : ` WHERE ${inner.join(" AND ")}`} ORDER BY seq DESC`;
  const floor = { sql: `SELECT seq ${from} LIMIT 1 OFFSET ${auditFindScanMax - 1}`, values: [...values] };
  // A database may know other small letters than we do: only a part is asked for that has none of those.
  const [part = ""] = (smallAscii(query.text ?? "").match(/[ -~]+/g) ?? []).toSorted((a, b) => b.length - a.length);
  const outer = [
    ...others.map(is),
    ...(query.since === undefined ? [] : [`at >= ${add(query.since)}`]),
    ...(query.until === undefined ? [] : [`at < ${add(query.until)}`]),
    ...(part === "" ? [] : [contains(add(part))]),
  ];
  const candidates = `(SELECT seq, text, at${others.map((column) => `, "${column}"`).join("")} ${from} LIMIT ${auditFindScanMax}) AS candidates`;
  const which = outer.length === 0 ? "" : ` WHERE ${outer.join(" AND ")}`;
  return {
    page: { sql: `SELECT seq, text FROM ${candidates}${which} ORDER BY seq DESC LIMIT ${pageLimit(query)}`, values },
    floor,
  };
}

/** The page of a query. `rows`: what `page` gave; `floor`: the number that `floor` gave. */
export function pageOf(query: AuditQuery, rows: readonly FoundRow[], floor: number | undefined): AuditFound {
  const records = rows.flatMap(({ seq, text }) => foundIn(query, seq, text) ?? []);
  return { records, scannedTo: isFull(query, rows) ? (rows.at(-1)?.seq ?? 0) : (floor ?? 0) };
}

/** Whether rows are as many as a page may have, so that there may be more where they end. */
export function isFull(query: AuditQuery, rows: readonly FoundRow[]): boolean {
  return rows.length >= pageLimit(query);
}

/** The page of a query in SQLite. Throws what the driver throws. */
export function findInRows(db: SqliteDatabase, query: AuditQuery): AuditFound {
  if (query.kind?.length === 0) return { records: [], scannedTo: 0 };
  const { page, floor } = findStatements(query, {
    table: "records",
    place: () => "?",
    // Versions differ in what they make of U+0000 in JSON: some end the text there.
    keysOf: (text) => (text.includes("\0") ? [text, text.slice(0, text.indexOf("\0"))] : [text]),
    contains: (place) => `instr(lower(text), ${place}) > 0`,
  });
  const rows = db.prepare(page.sql).all(...page.values) as FoundRow[];
  const last = isFull(query, rows)
    ? undefined
    : (db.prepare(floor.sql).get(...floor.values) as { readonly seq: number } | undefined);
  return pageOf(query, rows, last?.seq);
}
