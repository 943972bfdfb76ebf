/**
 * What the Redis store keeps, as text, and back: headers, entries, labels, records, cursors.
 * Pure. Never takes for granted that a text reads: what does not is asserted.
 */
import { canonicalJson } from "../../json/canonical.ts";
import type { JsonObject } from "../../json/value.ts";
import { assert } from "../../result.ts";
import { columnsOf, entryOf, jsonOf, orderKey, textOfOrderKey } from "../columns.ts";
import type { ContextLabel, Entry, SessionHeader, StoredRecord } from "../store.ts";

/** The text that a reply has at a place. */
export function textAt(reply: readonly unknown[], at: number): string {
  const value = reply[at];
  assert(typeof value === "string", "the reply has a text there");
  return value;
}

/** The list that a reply has at a place. */
export function listAt(reply: readonly unknown[], at: number): readonly unknown[] {
  const value = reply[at];
  assert(Array.isArray(value), "the reply has a list there");
  return value;
}

/** The number that a reply has at a place; some clients give integers as text. */
export function numberAt(reply: readonly unknown[], at: number): number {
  const value = Number(reply[at]);
  assert(Number.isSafeInteger(value), "the reply has an integer there");
  return value;
}

/** A header as one line; the script reads the first three words of it. */
export function headerText({ plan, principal, conversation, tokenDigest, openedAt, expiresAt }: SessionHeader): string {
  return [...[plan, principal, conversation, tokenDigest].map(orderKey), String(openedAt), String(expiresAt)].join(" ");
}

/** The header that {@link headerText} wrote. */
export function headerOf(id: string, text: string): SessionHeader {
  const words = text.split(" ");
  const [plan, principal, conversation, tokenDigest] = words.slice(0, 4).map(textOfOrderKey) as [string, string, string, string];
  const [openedAt, expiresAt] = words.slice(4).map(Number) as [number, number];
  assert(words.length === 6 && Number.isFinite(openedAt) && Number.isFinite(expiresAt), "a header has its six words");
  return { id, plan, principal, conversation, tokenDigest, openedAt, expiresAt };
}

/** An entry as three lines: no JSON text that we write has a line break. */
export function entryText(entry: Entry): string {
  return columnsOf(entry)
    .map((column) => column ?? "")
    .join("\n");
}

/** The entry that {@link entryText} wrote. */
export function entryOfText(text: unknown): Entry {
  assert(typeof text === "string", "an entry is kept as text");
  const [event, value = "", facts = "", ...rest] = text.split("\n");
  assert(rest.length === 0, "an entry has three lines");
  return entryOf({ event, value: value === "" ? null : value, facts: facts === "" ? null : facts });
}

const namesText = (names: readonly string[]): string => names.map((name) => `${orderKey(name)} `).join("");
const namesOf = (text: string): readonly string[] => text.split(" ").slice(0, -1).map(textOfOrderKey).sort();

/** A label as the scripts join it. */
export function labelText({ sources, readers, untrusted = [] }: ContextLabel): string {
  return `${namesText(sources)}\n${namesText(untrusted)}\n${readers === null ? "-" : `=${namesText(readers)}`}`;
}

/** The label in a text, if there is one. */
export function labelOf(text: unknown): ContextLabel | undefined {
  if (text === null || text === undefined) return undefined;
  assert(typeof text === "string", "a label is kept as text");
  const lines = text.split("\n");
  const [sources = "", untrusted = "", readers = ""] = lines;
  assert(lines.length === 3 && (readers === "-" || readers.startsWith("=")), "a label has three lines");
  return {
    sources: namesOf(sources),
    readers: readers === "-" ? null : namesOf(readers.slice(1)),
    ...(untrusted === "" ? {} : { untrusted: namesOf(untrusted) }),
  };
}

/** The value of a record. The script puts its version and a space before it. */
export function recordText(value: JsonObject): string {
  return canonicalJson(value);
}

/** The record in a text, if there is one: its version, a space, its value. */
export function recordOf(kind: string, id: string, text: unknown): StoredRecord | undefined {
  if (text === null || text === undefined) return undefined;
  assert(typeof text === "string", "a record is kept as text");
  const space = text.indexOf(" ");
  return { kind, id, version: Number(text.slice(0, space)), value: jsonOf(text.slice(space + 1)) as JsonObject };
}

/** A place in the journal: number of the line, from 1, and when it was written (microseconds by the server's clock). */
export interface Place {
  readonly number: string;
  readonly moment: string;
}

/** The place that a cursor names; `undefined` for what is no cursor. */
export function placeOf(cursor: string): Place | undefined {
  const [, number, moment] = /^([0-9]{1,15})-([0-9]{1,17})$/.exec(cursor) ?? [];
  return number === undefined || moment === undefined ? undefined : { number, moment };
}
