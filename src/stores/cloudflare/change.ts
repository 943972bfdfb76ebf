/**
 * What of a change leaves the session: the part that sessions share, as one text, and back.
 * Never reads a text as something that it was not written as.
 */
import { canonicalJson } from "../../json/canonical.ts";
import { readJson } from "../../json/read.ts";
import type { Json, JsonObject } from "../../json/value.ts";
import { assert } from "../../result.ts";
import { columnsOf } from "../columns.ts";
import type { Change, Entry } from "../store.ts";
import { readMessage, written } from "./wire.ts";

/** The part of a change that concerns more than its session. */
export type SharedChange = Omit<Change, "entries">;

/** The shared part as a text; `null`: the change has none, and its session alone can commit it. */
export function sharedText({ context, takes = [], gives = [], records = [], resources = [] }: Change): string | null {
  if (context === undefined && takes.length + gives.length + records.length + resources.length === 0) return null;
  // A record's value is a text of its own: with more around it, it might be nested too deeply to be read again.
  const values = records.map(({ value }) => canonicalJson(value));
  const rest = {
    ...(context === undefined ? {} : { context }),
    takes,
    gives,
    records: records.map(({ kind, id, version }) => ({ kind, id, version })),
    resources,
  };
  return written(strict(rest), values);
}

/** The shared part that {@link sharedText} wrote. */
export function readShared(text: string): SharedChange {
  const message = readMessage(text);
  assert(message !== undefined, "the store's own text reads as it was written");
  const { records = [], takes = [], gives = [], ...rest } = message.head as unknown as SharedChange;
  const counted = { takes: takes.map(withDoubles), gives: gives.map(withDoubles) };
  return { ...rest, ...counted, records: records.map((record, i) => ({ ...record, value: objectOf(message.texts[i] ?? "") })) };
}

/** Amounts were doubles when they were written; those beyond 2^53 are read as exact integers. */
function withDoubles<T extends object>(reserved: T): T {
  const members = Object.entries(reserved).map(([name, value]) => [name, typeof value === "bigint" ? Number(value) : value]);
  return Object.fromEntries(members) as T;
}

/** A record's value, as it travels. */
export function objectOf(text: string): JsonObject {
  const read = readJson(text);
  assert(read.ok, "the store's own text reads as it was written");
  return read.value as JsonObject;
}

/** Without the members that are `undefined`, which JSON has not. */
function strict(value: object): JsonObject {
  const entries = Object.entries(value as { readonly [key: string]: unknown }).filter(([, each]) => each !== undefined);
  return Object.fromEntries(entries.map(([key, each]) => [key, strictValue(each)]));
}

function strictValue(value: unknown): Json {
  if (Array.isArray(value)) return value.map(strictValue);
  return typeof value === "object" && value !== null ? strict(value) : (value as Json);
}

/** An entry as one text, that its session's object only carries. */
export function entryText(entry: Entry): string {
  return written({}, columnsOf(entry));
}

/** The columns of an entry that {@link entryText} wrote. */
export function entryColumns(text: string): {
  readonly event: string;
  readonly value: string | null;
  readonly facts: string | null;
} {
  const message = readMessage(text);
  assert(message !== undefined && message.texts.length === 3, "the store's own text reads as it was written");
  const [event, value, facts] = message.texts;
  return { event: event ?? "", value: value ?? null, facts: facts ?? null };
}
