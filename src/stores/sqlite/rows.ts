/**
 * Rows of the SQLite store: what its columns hold, as text, and back.
 * Pure. Never takes for granted that a text reads: what does not is asserted.
 */
import { canonicalJson } from "../../json/canonical.ts";
import type { JsonObject } from "../../json/value.ts";
import { assert } from "../../result.ts";
import { entryOf, jsonOf, textOfOrderKey } from "../columns.ts";
import type { ContextLabel, JournalLine, SessionHeader, StoredRecord } from "../store.ts";

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
