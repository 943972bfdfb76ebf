/**
 * The store in memory: the reference that every other store must agree with, and what tests and single processes use.
 * Never awaits inside a change, so that one is whole before another begins. It forgets everything when the process ends.
 */
import { assert, err, ok } from "../result.ts";
import { answeringAtOnce } from "./at-once.ts";
import { createJournal, type Journal } from "./memory-journal.ts";
import {
  type ContextLabel,
  type Entry,
  isSoundChange,
  isSoundWrite,
  joinRecorded,
  type JournalOption,
  noJournal,
  type RecordWrite,
  type Reserved,
  type ResourceQuery,
  revocationKind,
  revokedPart,
  type SessionHeader,
  type StoredRecord,
  type Store,
  type Take,
} from "./store.ts";
import { addTo, fits, noTotal, type Total } from "./total.ts";

interface Kept {
  readonly header: SessionHeader;
  readonly entries: Entry[];
  isClosed: boolean;
}

interface Spent {
  readonly session: string;
  readonly run: number;
  readonly at: number;
  readonly amount: number;
}

/** Counters: sums for ever, and entries for those with a window. */
interface Counters {
  readonly totals: Map<string, Total>;
  readonly windows: Map<string, readonly Spent[]>;
}

/** Records by kind and id. */
type Records = Map<string, Map<string, StoredRecord>>;

/** Makes a store in memory. Nothing is shared between two stores. */
export function createMemoryStore(options: JournalOption = {}): Store {
  const sessions = new Map<string, Kept>();
  const contexts = new Map<string, ContextLabel>();
  const resources = new Map<string, ContextLabel>();
  const journal = options.journal === true ? createJournal() : undefined;
  const records: Records = new Map();
  const counters: Counters = { totals: new Map(), windows: new Map() };
  return answeringAtOnce({
    create: async (header, opening) => {
      if (sessions.has(header.id)) return err({ kind: "exists" });
      sessions.set(header.id, { header, entries: [opening], isClosed: false });
      journal?.add({ session: header.id, number: 0, entry: opening });
      return ok(undefined);
    },
    load: async (session, since) => {
      const kept = sessions.get(session);
      if (kept === undefined) return err({ kind: "unknown" });
      const { header, entries } = kept;
      const context = contexts.get(header.conversation);
      const revocations = records.get(revocationKind);
      const revoked = revocations === undefined ? undefined : revokedPart(header, (id) => revocations.get(id)?.value);
      return ok({
        header,
        version: entries.length,
        entries: entries.slice(since),
        ...(context === undefined ? {} : { context }),
        ...(revoked === undefined ? {} : { revoked }),
      });
    },
    commit: async (session, version, change) => {
      assert(isSoundChange(change), "a change has events, and finite amounts");
      const kept = sessions.get(session);
      if (kept === undefined) return err({ kind: "unknown" });
      if (kept.entries.length !== version) return err({ kind: "conflict" });
      if (change.records !== undefined && !areWritable(records, change.records)) return err({ kind: "conflict" });
      const refused = change.takes === undefined ? undefined : takeAll(counters, session, change.takes);
      if (refused !== undefined) return err({ kind: "budget", counter: refused });
      for (const reserved of change.gives ?? []) give(counters, session, reserved);
      if (change.context !== undefined) {
        const { conversation } = kept.header;
        contexts.set(conversation, joinRecorded(contexts.get(conversation), change.context));
      }
      for (const write of change.records ?? []) writeRecord(records, write);
      for (const { key, label } of change.resources ?? []) resources.set(key, joinRecorded(resources.get(key), label));
      for (const entry of change.entries) {
        const number = kept.entries.push(entry) - 1;
        journal?.add({ session, number, entry });
        if (entry.event.type === "close") kept.isClosed = true;
      }
      return ok(kept.entries.length);
    },
    contextOf: async (conversation) => ok(contexts.get(conversation)),
    list: async (limit) => {
      const newest = [...sessions.values()].sort(
        (a, b) => b.header.openedAt - a.header.openedAt || (a.header.id < b.header.id ? -1 : 1),
      );
      return ok(newest.slice(0, limit).map(({ header, entries, isClosed }) => ({ header, version: entries.length, isClosed })));
    },
    expire: async (before, limit) => {
      const isGone = ({ header }: Kept): boolean => header.expiresAt <= before && journal?.has(header.id) !== true;
      const gone = [...sessions.values()].filter(isGone).slice(0, limit);
      for (const { header } of gone) sessions.delete(header.id);
      return ok(gone.length);
    },
    ...documentMethods(),
    ...recordMethods(records),
    labelsOf: async (query) => ok(labelsIn(resources, query)),
    ...journalMethods(journal),
  });
}

function documentMethods(): Pick<Store, "saveDocument" | "loadDocument" | "listDocuments"> {
  const documents = { plan: new Map<string, string>(), catalogue: new Map<string, string>() };
  return {
    saveDocument: async (kind, digest, text) => {
      if (!documents[kind].has(digest)) documents[kind].set(digest, text);
      return ok(undefined);
    },
    loadDocument: async (kind, digest) => ok(documents[kind].get(digest)),
    listDocuments: async (kind) => ok([...documents[kind].keys()].sort()),
  };
}

function journalMethods(journal: Journal | undefined): Pick<Store, "note" | "journal" | "trimJournal"> {
  return {
    note: async (note) => {
      journal?.add({ note });
      return ok(undefined);
    },
    journal: async ({ limit, after }) => (journal === undefined ? err(noJournal) : journal.page(limit, after)),
    trimJournal: async (upTo) => (journal === undefined ? err(noJournal) : journal.trim(upTo)),
  };
}

function labelsIn(resources: ReadonlyMap<string, ContextLabel>, { keys, prefixes }: ResourceQuery): ContextLabel | undefined {
  let label: ContextLabel | undefined;
  for (const [key, written] of resources)
    if (keys.includes(key) || prefixes.some((prefix) => key.startsWith(prefix))) label = joinRecorded(label, written);
  return label;
}

function recordMethods(records: Records): Pick<Store, "record" | "records" | "writeRecord" | "forgetRecords"> {
  return {
    record: async (kind, id) => ok(records.get(kind)?.get(id)),
    records: async (kind, { limit, after, prefix = "" }) => {
      const ofKind = records.get(kind) ?? new Map<string, StoredRecord>();
      // Chosen before they are sorted: a page is a few of many.
      const wanted: string[] = [];
      for (const id of ofKind.keys()) if (id.startsWith(prefix) && (after === undefined || id > after)) wanted.push(id);
      return ok(
        wanted
          .sort()
          .slice(0, limit)
          .map((id) => ofKind.get(id) as StoredRecord),
      );
    },
    writeRecord: async (write) => {
      assert(isSoundWrite(write), "a record has a version");
      if (!areWritable(records, [write])) return err({ kind: "conflict" });
      writeRecord(records, write);
      return ok(write.version + 1);
    },
    forgetRecords: async (kind, before, limit) => {
      const ofKind = records.get(kind);
      const gone = [...(ofKind?.keys() ?? [])]
        .sort()
        .filter((id) => id < before)
        .slice(0, limit);
      for (const id of gone) ofKind?.delete(id);
      return ok(gone.length);
    },
  };
}

/** Whether all records stand at the versions that the writes say, one write after another. */
function areWritable(records: Records, writes: readonly RecordWrite[]): boolean {
  const written = new Map<string, number>();
  return writes.every(({ kind, id, version }) => {
    const name = JSON.stringify([kind, id]);
    if ((written.get(name) ?? records.get(kind)?.get(id)?.version ?? 0) !== version) return false;
    written.set(name, version + 1);
    return true;
  });
}

function writeRecord(records: Records, { kind, id, version, value }: RecordWrite): void {
  const ofKind = records.get(kind) ?? new Map<string, StoredRecord>();
  ofKind.set(id, { kind, id, version: version + 1, value });
  records.set(kind, ofKind);
}

/** Takes all amounts, or none: the name of the first counter that refuses. */
function takeAll(counters: Counters, session: string, takes: readonly Take[]): string | undefined {
  const totals = new Map<string, Total>();
  const windows = new Map<string, readonly Spent[]>();
  for (const { counter, run, amount, windowMs, max, at } of takes) {
    if (windowMs === undefined) {
      const total = totals.get(counter) ?? counters.totals.get(counter) ?? noTotal;
      if (!fits(total, { amount, max })) return counter;
      totals.set(counter, addTo(total, amount));
    } else {
      const list = windows.get(counter) ?? counters.windows.get(counter) ?? [];
      const inside = list.reduce((total, each) => (each.at > at - windowMs ? addTo(total, each.amount) : total), noTotal);
      if (!fits(inside, { amount, max })) return counter;
      // Twice the window: another process whose clock is behind may still count what has left our window.
      windows.set(counter, [...list.filter((each) => each.at > at - 2 * windowMs), { session, run, at, amount }]);
    }
  }
  for (const [counter, total] of totals) counters.totals.set(counter, total);
  for (const [counter, list] of windows) counters.windows.set(counter, list);
  return undefined;
}

function give(counters: Counters, session: string, { counter, run, amount, windowMs }: Reserved): void {
  if (windowMs === undefined) {
    const total = counters.totals.get(counter);
    if (total !== undefined) counters.totals.set(counter, addTo(total, -amount));
  } else {
    const list = counters.windows.get(counter) ?? [];
    counters.windows.set(
      counter,
      list.filter((each) => each.session !== session || each.run !== run),
    );
  }
}
