/**
 * The tables inside a session's object: one row for the session, and its events as texts in parts.
 * Never reads an event, and never splits a text inside a character.
 */
import type { ObjectState } from "./bindings.ts";

/** The row of a session. */
export interface SessionState {
  /** The header as canonical JSON. */
  readonly header: string;
  readonly tenant: string;
  /** Number of events that are committed; those from here on are staged. */
  readonly version: number;
  readonly closed: number;
  /** Number of the last attempt that was made at the shared object. */
  readonly attempt: number;
  /** The change that the shared object decides on: a message, or `null`. */
  readonly pending: string | null;
  /** Numbers of the events that are not yet in the journal and belong there, as a JSON list. */
  readonly lines: string;
}

/** UTF-16 units of a part: at most 1.5 MB in UTF-8, below the 2 MB that a row may have. */
const partUnitsMax = 512 * 1024;

const tables = [
  "CREATE TABLE sluice_schema (version INTEGER NOT NULL)",
  "INSERT INTO sluice_schema VALUES (1)",
  "CREATE TABLE session (header TEXT NOT NULL, tenant TEXT NOT NULL, version INTEGER NOT NULL, closed INTEGER NOT NULL, attempt INTEGER NOT NULL, pending TEXT, lines TEXT NOT NULL)",
  "CREATE TABLE events (number INTEGER NOT NULL, part INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY (number, part)) WITHOUT ROWID",
];

/** The row, if the object holds a session. Leaves no trace in an object that holds none. */
export function readSession({ storage: { sql } }: ObjectState): SessionState | undefined {
  const [found] = sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'session'").toArray();
  if (found === undefined) return undefined;
  const [row] = sql.exec("SELECT * FROM session").toArray();
  return row as unknown as SessionState | undefined;
}

/** Makes the tables and the row. Call it in a transaction, in an object that holds no session. */
export function insertSession({ storage: { sql } }: ObjectState, row: Pick<SessionState, "header" | "tenant" | "lines">): void {
  for (const table of tables) sql.exec(table);
  sql.exec("INSERT INTO session VALUES (?, ?, 1, 0, 0, NULL, ?)", row.header, row.tenant, row.lines);
}

/** Writes events from number `from` on. */
export function insertEvents({ storage: { sql } }: ObjectState, from: number, texts: readonly string[]): void {
  texts.forEach((text, i) => {
    partsOf(text).forEach((part, at) => {
      sql.exec("INSERT INTO events VALUES (?, ?, ?)", from + i, at, part);
    });
  });
}

/** Drops the events that were staged. */
export function dropStaged({ storage: { sql } }: ObjectState, version: number): void {
  sql.exec("DELETE FROM events WHERE number >= ?", version);
}

/** The texts of the events number `from` to `to - 1`. */
export function eventTexts({ storage: { sql } }: ObjectState, from: number, to: number): readonly string[] {
  const texts: string[] = [];
  const rows = sql.exec("SELECT number, part, text FROM events WHERE number >= ? AND number < ? ORDER BY number, part", from, to);
  for (const { part, text } of rows.toArray() as { readonly part: number; readonly text: string }[]) {
    if (part === 0) texts.push(text);
    else texts.push(`${texts.pop() ?? ""}${text}`);
  }
  return texts;
}

/** A text in parts that a row can hold. */
export function partsOf(text: string): readonly string[] {
  const parts: string[] = [];
  let at = 0;
  do {
    let end = Math.min(text.length, at + partUnitsMax);
    const last = text.charCodeAt(end - 1);
    // A pair of surrogates is one character, and half of one is none.
    if (end < text.length && last >= 0xd800 && last <= 0xdbff) end--;
    parts.push(text.slice(at, end));
    at = end;
  } while (at < text.length);
  return parts;
}
