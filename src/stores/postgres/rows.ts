/**
 * Rows of the PostgreSQL store, and what its functions are given.
 * Pure. Never takes for granted what a row holds: what does not read is asserted.
 */
import { canonicalJson } from "../../json/canonical.ts";
import type { JsonObject } from "../../json/value.ts";
import { assert } from "../../result.ts";
import { columnsOf, entryOf, jsonOf, orderKey, textOfOrderKey } from "../columns.ts";
import type { LabelColumns } from "./schema.ts";
import type { Change, ContextLabel, JournalLine, RecordWrite, Reserved, SessionHeader, StoredRecord, Take } from "../store.ts";

/** Columns that make a header. Times are decimal texts. */
export interface HeaderColumns {
  readonly id: string;
  readonly plan: string;
  readonly principal: string;
  readonly conversation: string;
  readonly token: string;
  readonly opened: string;
  readonly expires: string;
}

/** Columns of a line of the journal. */
export interface LineColumns {
  readonly cursor: string;
  readonly session: string | null;
  readonly number: number | null;
  readonly note: string | null;
  readonly event: string | null;
  readonly value: string | null;
  readonly facts: string | null;
}

/** The header that a row stands for. */
export function headerOf(row: HeaderColumns): SessionHeader {
  return {
    id: textOfOrderKey(row.id),
    plan: textOfOrderKey(row.plan),
    principal: textOfOrderKey(row.principal),
    conversation: textOfOrderKey(row.conversation),
    tokenDigest: textOfOrderKey(row.token),
    openedAt: Number(row.opened),
    expiresAt: Number(row.expires),
  };
}

/** The label in a row, if it has one. */
export function labelOf({ sources, readers, untrusted }: LabelColumns): ContextLabel | undefined {
  if (sources === null) return undefined;
  return {
    sources: sources.map(textOfOrderKey),
    readers: readers === null ? null : readers.map(textOfOrderKey),
    ...(untrusted === null ? {} : { untrusted: untrusted.map(textOfOrderKey) }),
  };
}

/** The record that a row stands for. */
export function recordOf(row: {
  readonly kind: string;
  readonly id: string;
  readonly version: string;
  readonly value: string;
}): StoredRecord {
  const { kind, id, version, value } = row;
  return { kind: textOfOrderKey(kind), id: textOfOrderKey(id), version: Number(version), value: jsonOf(value) as JsonObject };
}

/** The line of the journal that a row stands for. */
export function lineOf(row: LineColumns): JournalLine {
  const { cursor, session, number, note, event } = row;
  if (note !== null) return { cursor, note: jsonOf(note) as JsonObject };
  assert(session !== null && number !== null && event !== null, "the journal's events are kept");
  return { cursor, session: textOfOrderKey(session), number, entry: entryOf(row) };
}

/** A change as `commit_1` takes it: JSON whose names are order keys, and whose numbers are texts, since JSON knows no infinity. */
export function changeText(change: Change): string {
  const { entries, context, takes = [], gives = [], records = [], resources = [] } = change;
  const written = collapsed(records);
  const isSpending = takes.length > 0 || gives.length > 0;
  return JSON.stringify({
    entries: entries.map((entry) => {
      const [event, value, facts] = columnsOf(entry);
      return { e: event, ...(value === null ? {} : { v: value }), ...(facts === null ? {} : { f: facts }) };
    }),
    ...(entries.some(({ event }) => event.type === "close") ? { closes: true } : {}),
    ...(context === undefined ? {} : { context: labelText(context) }),
    ...(written === undefined ? { broken: true } : written.length === 0 ? {} : { records: written }),
    ...(isSpending ? { counters: countersOf(takes, gives) } : {}),
    ...(takes.length === 0 ? {} : { takes: takes.map(takeText) }),
    ...(gives.length === 0 ? {} : { gives: gives.map(giveText) }),
    ...(resources.length === 0
      ? {}
      : { resources: inOrder(resources.map(({ key, label }) => ({ k: orderKey(key), ...labelText(label) }))) }),
  });
}

function labelText({ sources, readers, untrusted }: ContextLabel): object {
  return {
    s: sources.map(orderKey),
    ...(readers === null ? {} : { r: readers.map(orderKey) }),
    ...(untrusted === undefined ? {} : { u: untrusted.map(orderKey) }),
  };
}

/** Sorted by name: locks are taken in one order everywhere. Stable, so that what has the same name stays in its order. */
function inOrder<T extends { readonly k: string }>(items: readonly T[]): readonly T[] {
  return [...items].sort((a, b) => (a.k < b.k ? -1 : a.k > b.k ? 1 : 0));
}

/** Counters to lock, in order of their names; `n`: to be made if there is none. */
function countersOf(takes: readonly Take[], gives: readonly Reserved[]): readonly object[] {
  const taken = new Set(takes.map(({ counter }) => counter));
  const names = [...new Set([...taken, ...gives.map(({ counter }) => counter)])];
  return inOrder(names.map((counter) => ({ k: orderKey(counter), ...(taken.has(counter) ? { n: 1 } : {}) }))).map(
    ({ k, ...rest }) => ({
      c: k,
      ...rest,
    }),
  );
}

/** `w`: where the window begins; `p`: what is older is forgotten. Twice the window: a process whose clock is behind may still count it. */
function takeText({ counter, run, amount, windowMs, max, at }: Take): object {
  const window = windowMs === undefined ? {} : { w: String(at - windowMs), p: String(at - 2 * windowMs), t: String(at) };
  return { c: orderKey(counter), r: String(run), a: String(amount), m: String(max), ...window };
}

function giveText({ counter, run, amount, windowMs }: Reserved): object {
  return { c: orderKey(counter), r: String(run), a: String(amount), ...(windowMs === undefined ? {} : { w: 1 }) };
}

/** One write for each record, in order of names; `undefined` if the writes contradict each other. */
function collapsed(writes: readonly RecordWrite[]): readonly object[] | undefined {
  const byName = new Map<string, { k: string; i: string; v: string; n: string; t: string }>();
  for (const { kind, id, version, value } of writes) {
    const [k, i] = [orderKey(kind), orderKey(id)];
    // A space is in no order key and sorts before all of them.
    const name = `${k} ${i}`;
    const before = byName.get(name);
    if (before !== undefined && before.n !== String(version)) return undefined;
    byName.set(name, { k, i, v: before?.v ?? String(version), n: String(version + 1), t: canonicalJson(value) });
  }
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, write]) => write);
}
