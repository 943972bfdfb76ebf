/**
 * Rows of the SQLite store: what its columns hold, as text, and back.
 * Pure. Never takes for granted that a text reads: what does not is asserted.
 */
import { canonicalJson } from "../json/canonical.ts";
import { readJson } from "../json/read.ts";
import type { Json, JsonObject } from "../json/value.ts";
import { assert } from "../result.ts";
import type { ContextLabel, Entry, JournalLine, SessionHeader, StoredRecord } from "./store.ts";

/** Columns of the table `sessions`. */
export interface SessionColumns {
  readonly id: string;
  readonly plan: string;
  readonly principal: string;
  readonly conversation: string;
  readonly token: string;
  readonly opened: number;
  readonly expires: number;
  readonly closed: number;
  readonly version: number;
}

/** A text from outside, as a column keeps it. */
export function key(text: string): string {
  return canonicalJson(text);
}

/**
 * A text from outside as a column keeps it in order: ASCII, injective, and sorted by SQLite as the UTF-16 units of the texts are, so that
 * what begins alike stays together. `!` and `~` begin what is written as four hexadecimal digits, below and above the rest.
 */
export function orderKey(text: string): string {
  return text.replace(/[^"-}]/g, (unit) => (unit < '"' ? "!" : "~") + unit.charCodeAt(0).toString(16).padStart(4, "0"));
}

/** The text that {@link orderKey} wrote. */
function textOfOrderKey(column: string): string {
  return column.replace(/[!~]([0-9a-f]{4})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}

/** Greater than every order key that begins with `prefix`, and not greater than the next: no order key has a unit above `~`. */
export function orderKeyEnd(prefix: string): string {
  return `${prefix}\u007f`;
}

/** The record that a row stands for. */
export function recordOf(row: unknown): StoredRecord {
  const { kind, id, version, value } = row as {
    readonly kind: string;
    readonly id: string;
    readonly version: number;
    readonly value: string;
  };
  return { kind: textOfOrderKey(kind), id: textOfOrderKey(id), version, value: jsonOf(value) as JsonObject };
}

function textOf(column: string): string {
  const text = jsonOf(column);
  assert(typeof text === "string", "the column holds a JSON string");
  return text;
}

function jsonOf(column: string): Json {
  const value = readJson(column);
  assert(value.ok, "the store's own text reads as it was written");
  return value.value;
}

/** The header that a row stands for. */
export function headerOf(row: SessionColumns): SessionHeader {
  const { plan, token, opened, expires } = row;
  return {
    id: textOf(row.id),
    plan,
    principal: textOf(row.principal),
    conversation: textOf(row.conversation),
    tokenDigest: token,
    openedAt: opened,
    expiresAt: expires,
  };
}

/** The label in a row, if it has one. */
export function labelOf(row: unknown): ContextLabel | undefined {
  const { label } = (row ?? {}) as { readonly label?: string | null };
  return typeof label === "string" ? (jsonOf(label) as unknown as ContextLabel) : undefined;
}

/** An entry as its columns. A result's value has a column of its own: with the event around it, it might be nested too deeply to be read again. */
export function columnsOf({ event, facts }: Entry): readonly [string, string | null, string | null] {
  const written = facts === undefined ? null : canonicalJson(facts);
  if (event.type !== "settle" || event.value === undefined) return [canonicalJson(event as unknown as Json), null, written];
  const { value, ...rest } = event;
  return [canonicalJson(rest as unknown as Json), canonicalJson(value), written];
}

/** The entry that a row stands for. */
export function entryOf(row: unknown): Entry {
  const { event, value, facts } = row as { readonly event: string; readonly value: string | null; readonly facts: string | null };
  const read = jsonOf(event) as JsonObject;
  const whole = (value === null ? read : { ...read, value: jsonOf(value) }) as unknown as Entry["event"];
  return facts === null ? { event: whole } : { event: whole, facts: jsonOf(facts) as JsonObject };
}

/** The line of the journal that a row stands for. */
export function lineOf(row: unknown): JournalLine {
  const { cursor, session, number, note, event } = row as {
    readonly cursor: number;
    readonly session: string | null;
    readonly number: number | null;
    readonly note: string | null;
    readonly event: string | null;
  };
  if (note !== null) return { cursor: String(cursor), note: jsonOf(note) as JsonObject };
  assert(session !== null && number !== null && event !== null, "the journal's events are kept");
  return { cursor: String(cursor), session: textOf(session), number, entry: entryOf(row) };
}
