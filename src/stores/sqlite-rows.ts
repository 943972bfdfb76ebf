/**
 * Rows of the SQLite store: what its columns hold, as text, and back.
 * Pure. Never takes for granted that a text reads: what does not is asserted.
 */
import { canonicalJson } from "../json/canonical.ts";
import { readJson } from "../json/read.ts";
import type { Json, JsonObject } from "../json/value.ts";
import { assert } from "../result.ts";
import type { ContextLabel, Entry, SessionHeader } from "./store.ts";

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
