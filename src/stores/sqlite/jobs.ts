/**
 * What each change does to the tables of the SQLite store, inside a transaction that is not its own.
 * Never leaves out a check before the failure that it answers; whoever runs a job undoes it then.
 */
import { canonicalJson } from "../../json/canonical.ts";
import type { Json, JsonObject } from "../../json/value.ts";
import { assert, err, ok, type Result } from "../../result.ts";
import { columnsOf, orderKey } from "../columns.ts";
import { key, labelOf, type SessionColumns } from "./rows.ts";
import type { Statements } from "./statements.ts";
import type { Job } from "./writer.ts";
import {
  badCursor,
  type Change,
  type ContextLabel,
  type DocumentKind,
  type Entry,
  isSoundChange,
  isSoundWrite,
  joinRecorded,
  numberOfCursor,
  type RecordWrite,
  type Reserved,
  type SessionHeader,
  type StoreFailure,
  type Take,
} from "../store.ts";
import { addTo, fits, noTotal, type Total } from "../total.ts";

/** What is kept besides. */
export interface Keeps {
  /** Whether events become lines of the journal. */
  readonly journal: boolean;
}

/** Creates a session. */
export function createJob(header: SessionHeader, opening: Entry, { journal }: Keeps): Job<undefined> {
  const { plan, tokenDigest, openedAt, expiresAt } = header;
  const [id, principal, conversation] = [key(header.id), key(header.principal), key(header.conversation)];
  const columns = columnsOf(opening);
  return (db) => {
    const { changes } = db.insertSession.run(id, plan, principal, conversation, tokenDigest, openedAt, expiresAt);
    if (Number(changes) === 0) return err({ kind: "exists" });
    db.insertEvent.run(id, 0, ...columns);
    if (journal) db.insertLine.run(id, 0, null);
    return ok(undefined);
  };
}

/** Commits a change. */
export function commitJob(session: string, version: number, change: Change & Keeps): Job<number> {
  assert(isSoundChange(change), "a change has events, and finite amounts");
  const id = key(session);
  const rows = change.entries.map(columnsOf);
  const shared = sharedJob(id, change);
  const closes = change.entries.some(({ event }) => event.type === "close") ? 1 : 0;
  const next = version + rows.length;
  return (db) => {
    if (Number(db.advance.run(next, closes, id, version).changes) === 0)
      return err({ kind: db.session.get(id) === undefined ? "unknown" : "conflict" });
    const done = shared(db, () => (db.session.get(id) as SessionColumns).conversation);
    if (!done.ok) return done;
    rows.forEach((columns, i) => {
      db.insertEvent.run(id, version + i, ...columns);
      if (change.journal) db.insertLine.run(id, version + i, null);
    });
    return ok(next);
  };
}

/** What a change does beside its session (given as its column); the column of its conversation is asked for only if its label rises. */
export function sharedJob(
  id: string,
  { takes = [], gives = [], records = [], resources = [], context }: Omit<Change, "entries">,
): (db: Statements, conversation: () => string) => Result<undefined, StoreFailure> {
  const writes = records.map(recordJob);
  return (db, conversation) => {
    // Before the budgets, as every store does: who meets a conflict looks again, and a budget's no is for good.
    for (const write of writes) {
      const written = write(db);
      if (!written.ok) return written;
    }
    for (const reserved of takes) if (!take(db, id, reserved)) return err({ kind: "budget", counter: reserved.counter });
    for (const reserved of gives) give(db, id, reserved);
    for (const { key: name, label } of resources) raiseResource(db, orderKey(name), label);
    if (context !== undefined) raise(db, conversation(), context);
    return ok(undefined);
  };
}

/** Joins a label into that of a conversation (given as its column). */
function raise(db: Statements, conversation: string, label: ContextLabel): void {
  const before = labelOf(db.label.get(conversation));
  const after = joinRecorded(before, label);
  if (after !== before) db.setLabel.run(conversation, canonicalJson(after as unknown as Json));
}

/** Joins a label into that of a resource (given as its column). */
function raiseResource(db: Statements, name: string, label: ContextLabel): void {
  const before = labelOf(db.resource.get(name));
  const after = joinRecorded(before, label);
  if (after !== before) db.setResource.run(name, canonicalJson(after as unknown as Json));
}

/** Writes a record. */
export function recordJob({ kind, id, version, value }: RecordWrite): Job<number> {
  assert(isSoundWrite({ kind, id, version, value }), "a record has a version");
  const [kindKey, idKey, text] = [orderKey(kind), orderKey(id), canonicalJson(value)];
  return (db) => {
    const { changes } =
      version === 0 ? db.insertRecord.run(kindKey, idKey, text) : db.updateRecord.run(text, kindKey, idKey, version);
    return Number(changes) === 0 ? err({ kind: "conflict" }) : ok(version + 1);
  };
}

function take(db: Statements, session: string, { counter, run, amount, windowMs, max, at }: Take): boolean {
  if (windowMs === undefined) {
    const total = (db.total.get(counter) as Total | undefined) ?? noTotal;
    if (!fits(total, { amount, max })) return false;
    const { sum, lost } = addTo(total, amount);
    db.setTotal.run(counter, sum, lost);
    return true;
  }
  const inside = (db.inside.all(counter, at - windowMs) as { readonly amount: number }[]).reduce(
    (total, row) => addTo(total, row.amount),
    noTotal,
  );
  if (!fits(inside, { amount, max })) return false;
  // Twice the window: another process whose clock is behind may still count what has left our window.
  db.pruneSpent.run(counter, at - 2 * windowMs);
  db.insertSpent.run(counter, at, session, run, amount);
  return true;
}

function give(db: Statements, session: string, { counter, run, amount, windowMs }: Reserved): void {
  if (windowMs !== undefined) {
    db.deleteSpent.run(counter, session, run);
    return;
  }
  const total = db.total.get(counter) as Total | undefined;
  if (total === undefined) return;
  const { sum, lost } = addTo(total, -amount);
  db.setTotal.run(counter, sum, lost);
}

/** Forgets sessions that have expired and of which the journal has no line. */
export function expireJob(before: number, limit: number): Job<number> {
  return (db) => {
    const gone = db.expired.all(before, limit) as { readonly id: string }[];
    for (const { id } of gone) {
      db.deleteEvents.run(id);
      db.deleteSession.run(id);
    }
    return ok(gone.length);
  };
}

/** Forgets records whose ids come before one. */
export function forgetJob(kind: string, before: string, limit: number): Job<number> {
  const [kindKey, beforeKey] = [orderKey(kind), orderKey(before)];
  return (db) => ok(Number(db.forgetRecords.run(kindKey, kindKey, beforeKey, limit).changes));
}

/** Keeps a text. */
export function documentJob(kind: DocumentKind, digest: string, text: string): Job<undefined> {
  return (db) => {
    db.insertDocument.run(kind, digest, text);
    return ok(undefined);
  };
}

/** Adds a note to the journal. */
export function noteJob(facts: JsonObject): Job<undefined> {
  const text = canonicalJson(facts);
  return (db) => {
    db.insertLine.run(null, null, text);
    return ok(undefined);
  };
}

/** Forgets lines of the journal. */
export function trimJob(upTo: string): Job<undefined> {
  const last = numberOfCursor(upTo);
  return (db) => {
    if (last === undefined) return err(badCursor);
    db.trimLines.run(last);
    return ok(undefined);
  };
}
