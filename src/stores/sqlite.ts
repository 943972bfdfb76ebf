/**
 * The store in one SQLite file, for one machine: several processes may share it. The driver is passed in.
 * Never writes outside a transaction, and answers only after it is committed. A driver's error text is never kept or shown.
 */
import { canonicalJson } from "../json/canonical.ts";
import type { Json } from "../json/value.ts";
import { assert, AssertionError, err, ok, type Result } from "../result.ts";
import {
  columnsOf,
  entryOf,
  headerOf,
  key,
  labelOf,
  orderKey,
  orderKeyEnd,
  recordOf,
  type SessionColumns,
} from "./sqlite-rows.ts";
import { prepareTables, type SqliteDatabase, type SqliteSettings, type SqliteStatement } from "./sqlite-schema.ts";
import {
  type Change,
  type ContextLabel,
  type Entry,
  isSoundChange,
  isSoundWrite,
  joinRecorded,
  type RecordPage,
  type RecordWrite,
  type Reserved,
  type ResourceQuery,
  revocationKind,
  revokedPart,
  type SessionHeader,
  type Store,
  type StoredRecord,
  type StoredSession,
  type StoreFailure,
  type Take,
} from "./store.ts";
import { addTo, fits, noTotal, type Total } from "./total.ts";

export type { SqliteDatabase, SqliteSettings, SqliteStatement, SqliteValue } from "./sqlite-schema.ts";

/** Options of the SQLite store. */
export interface SqliteStoreOptions extends SqliteSettings {
  /**
   * Runs a job soon: commits made until then share one transaction. Default: `setImmediate` where a commit waits for the disk, so that
   * many share the wait; else `queueMicrotask`.
   */
  readonly defer?: (job: () => void) => void;
}

/** A store and its end. */
export interface SqliteStore extends Store {
  /** Finishes what waits and closes the file. Nothing can be asked of the store afterwards. */
  close(): void;
}

const sql = {
  insertSession:
    "INSERT OR IGNORE INTO sessions (id, plan, principal, conversation, token, opened, expires, version) VALUES (?, ?, ?, ?, ?, ?, ?, 1)",
  session: "SELECT s.*, c.label FROM sessions s LEFT JOIN conversations c ON c.id = s.conversation WHERE s.id = ?",
  events: "SELECT event, value, facts FROM events WHERE session = ? AND number >= ? AND number < ? ORDER BY number",
  advance: "UPDATE sessions SET version = ?, closed = max(closed, ?) WHERE id = ? AND version = ?",
  insertEvent: "INSERT INTO events (session, number, event, value, facts) VALUES (?, ?, ?, ?, ?)",
  label: "SELECT label FROM conversations WHERE id = ?",
  setLabel: "INSERT INTO conversations VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET label = excluded.label",
  total: "SELECT sum, lost FROM totals WHERE counter = ?",
  setTotal: "INSERT INTO totals VALUES (?, ?, ?) ON CONFLICT (counter) DO UPDATE SET sum = excluded.sum, lost = excluded.lost",
  inside: "SELECT amount FROM spent WHERE counter = ? AND at > ?",
  insertSpent: "INSERT INTO spent VALUES (?, ?, ?, ?, ?)",
  pruneSpent: "DELETE FROM spent WHERE counter = ? AND at <= ?",
  deleteSpent: "DELETE FROM spent WHERE counter = ? AND session = ? AND run = ?",
  list: "SELECT * FROM sessions ORDER BY opened DESC, id LIMIT ?",
  expired: "SELECT id FROM sessions WHERE expires <= ? ORDER BY expires LIMIT ?",
  deleteEvents: "DELETE FROM events WHERE session = ?",
  deleteSession: "DELETE FROM sessions WHERE id = ?",
  insertPlan: "INSERT OR IGNORE INTO plans VALUES (?, ?)",
  plan: "SELECT text FROM plans WHERE digest = ?",
  plans: "SELECT digest FROM plans ORDER BY digest",
  record: "SELECT * FROM records WHERE kind = ? AND id = ?",
  records: "SELECT * FROM records WHERE kind = ? AND id >= ? AND id < ? AND ifnull(id > ?, 1) ORDER BY id LIMIT ?",
  insertRecord: "INSERT OR IGNORE INTO records VALUES (?, ?, 1, ?)",
  updateRecord: "UPDATE records SET version = version + 1, value = ? WHERE kind = ? AND id = ? AND version = ?",
  resource: "SELECT label FROM resources WHERE key = ?",
  resources: "SELECT label FROM resources WHERE key >= ? AND key < ?",
  setResource: "INSERT INTO resources VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET label = excluded.label",
  begin: "BEGIN IMMEDIATE",
  commit: "COMMIT",
  rollback: "ROLLBACK",
  save: "SAVEPOINT change",
  release: "RELEASE change",
  undo: "ROLLBACK TO change",
} as const;

type Statements = { readonly [N in keyof typeof sql]: SqliteStatement };

/** What a change does to the file, its texts already written out. Returns its answer, or the failure that leaves the file as it was. */
type Job = (db: Statements) => Result<unknown, StoreFailure>;

/**
 * Makes a store of an open database. Throws `ConfigError`, or what the driver throws, if the file cannot be used.
 * @example const store = createSqliteStore(new DatabaseSync("sluice.db"));
 */
export function createSqliteStore(db: SqliteDatabase, options: SqliteStoreOptions = {}): SqliteStore {
  prepareTables(db, options);
  const statements = Object.fromEntries(
    Object.entries(sql).map(([name, text]) => [name, db.prepare(text)]),
  ) as unknown as Statements;
  const writer = createWriter(statements, options.defer ?? (options.survives === "process" ? queueMicrotask : setImmediate));
  const read = async <T>(query: () => Result<T, StoreFailure>): Promise<Result<T, StoreFailure>> => guarded(query);
  return {
    create: async (header, opening) => writer.write(createJob(header, opening)),
    commit: async (session, version, change) => writer.write(commitJob(session, version, change)),
    load: (session, since) => read(() => load(statements, session, since)),
    contextOf: (conversation) => read(() => ok(labelOf(statements.label.get(key(conversation))))),
    list: (limit) =>
      read(() =>
        ok(
          (statements.list.all(limit) as SessionColumns[]).map((row) => ({
            header: headerOf(row),
            version: row.version,
            isClosed: row.closed === 1,
          })),
        ),
      ),
    expire: async (before, limit) => writer.write(expireJob(before, limit)),
    savePlan: async (digest, text) => writer.write(savePlanJob(digest, text)),
    loadPlan: (digest) => read(() => ok((statements.plan.get(digest) as { readonly text: string } | undefined)?.text)),
    listPlans: () => read(() => ok((statements.plans.all() as { readonly digest: string }[]).map((row) => row.digest))),
    record: (kind, id) => read(() => ok(recordIn(statements, kind, id))),
    records: (kind, page) => read(() => ok(recordsIn(statements, kind, page))),
    writeRecord: async (write) => writer.write(recordJob(write)),
    labelsOf: (query) => read(() => ok(labelsIn(statements, query))),
    close: () => {
      writer.flush();
      db.close();
    },
  };
}

/** Runs a query; whatever the driver throws is `unavailable`. */
function guarded<T>(query: () => Result<T, StoreFailure>): Result<T, StoreFailure> {
  try {
    return query();
  } catch (error) {
    return err({ kind: "unavailable", ...detailOf(error) });
  }
}

/** A number of SQLite, never its text: texts of a driver may quote data. */
function detailOf(error: unknown): { readonly detail?: string } {
  if (error instanceof AssertionError) return { detail: "assertion" };
  const code = typeof error === "object" && error !== null && "errcode" in error ? error.errcode : undefined;
  return typeof code === "number" ? { detail: `sqlite ${code}` } : {};
}

interface Writer {
  write<T>(job: (db: Statements) => Result<T, StoreFailure>): Promise<Result<T, StoreFailure>>;
  /** Writes what waits, now. */
  flush(): void;
}

/**
 * Changes that come in together are written in one transaction, in order: one wait for the disk for all of them. Each still happens wholly
 * or not at all, and is answered only after the commit. If the transaction fails, none happened and all are told so.
 */
function createWriter(statements: Statements, defer: (job: () => void) => void): Writer {
  let waiting: { readonly job: Job; readonly answer: (result: Result<unknown, StoreFailure>) => void }[] = [];
  const flush = (): void => {
    const batch = waiting;
    waiting = [];
    if (batch.length === 0) return;
    const results = guarded(() =>
      ok(
        inTransaction(
          statements,
          batch.map(({ job }) => job),
        ),
      ),
    );
    batch.forEach(({ answer }, i) => {
      answer(results.ok ? (results.value[i] as Result<unknown, StoreFailure>) : results);
    });
  };
  return {
    flush,
    write: <T>(job: (db: Statements) => Result<T, StoreFailure>) =>
      new Promise<Result<T, StoreFailure>>((resolve) => {
        waiting.push({ job, answer: resolve as (result: Result<unknown, StoreFailure>) => void });
        if (waiting.length === 1) defer(flush);
      }),
  };
}

function inTransaction(db: Statements, jobs: readonly Job[]): readonly Result<unknown, StoreFailure>[] {
  db.begin.run();
  try {
    const [only] = jobs;
    if (jobs.length === 1 && only !== undefined) {
      const result = only(db);
      (result.ok ? db.commit : db.rollback).run();
      return [result];
    }
    const results = jobs.map((job) => {
      db.save.run();
      const result = job(db);
      if (!result.ok) db.undo.run();
      db.release.run();
      return result;
    });
    db.commit.run();
    return results;
  } catch (error) {
    db.rollback.run();
    throw error;
  }
}

function load(db: Statements, session: string, since: number): Result<StoredSession, StoreFailure> {
  const row = db.session.get(key(session)) as SessionColumns | undefined;
  if (row === undefined) return err({ kind: "unknown" });
  // Events are only ever added, so those below the version belong to the same moment as the row.
  const entries = since < row.version ? db.events.all(key(session), since, row.version).map(entryOf) : [];
  assert(entries.length === Math.max(0, row.version - since), "every event of a session is kept");
  const context = labelOf(row);
  const header = headerOf(row);
  // Read last: what is revoked by then is revoked, however old the row.
  const revoked = revokedPart(header, (id) => recordIn(db, revocationKind, id)?.value);
  return ok({
    header,
    version: row.version,
    entries,
    ...(context === undefined ? {} : { context }),
    ...(revoked === undefined ? {} : { revoked }),
  });
}

function createJob(header: SessionHeader, opening: Entry): (db: Statements) => Result<undefined, StoreFailure> {
  const { plan, tokenDigest, openedAt, expiresAt } = header;
  const [id, principal, conversation] = [key(header.id), key(header.principal), key(header.conversation)];
  const columns = columnsOf(opening);
  return (db) => {
    const { changes } = db.insertSession.run(id, plan, principal, conversation, tokenDigest, openedAt, expiresAt);
    if (Number(changes) === 0) return err({ kind: "exists" });
    db.insertEvent.run(id, 0, ...columns);
    return ok(undefined);
  };
}

function commitJob(session: string, version: number, change: Change): (db: Statements) => Result<number, StoreFailure> {
  assert(isSoundChange(change), "a change has events, and finite amounts");
  const id = key(session);
  const rows = change.entries.map(columnsOf);
  const records = (change.records ?? []).map(recordJob);
  const closes = change.entries.some(({ event }) => event.type === "close") ? 1 : 0;
  const next = version + rows.length;
  return (db) => {
    if (Number(db.advance.run(next, closes, id, version).changes) === 0)
      return err({ kind: db.session.get(id) === undefined ? "unknown" : "conflict" });
    for (const reserved of change.takes ?? [])
      if (!take(db, id, reserved)) return err({ kind: "budget", counter: reserved.counter });
    for (const reserved of change.gives ?? []) give(db, id, reserved);
    for (const write of records) {
      const written = write(db);
      if (!written.ok) return written;
    }
    for (const { key: name, label } of change.resources ?? []) raiseResource(db, orderKey(name), label);
    if (change.context !== undefined) raise(db, (db.session.get(id) as SessionColumns).conversation, change.context);
    rows.forEach((columns, i) => void db.insertEvent.run(id, version + i, ...columns));
    return ok(next);
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

function labelsIn(db: Statements, { keys, prefixes }: ResourceQuery): ContextLabel | undefined {
  const rows = [
    ...keys.map((name) => db.resource.get(orderKey(name))),
    ...prefixes.flatMap((prefix) => db.resources.all(orderKey(prefix), orderKeyEnd(orderKey(prefix)))),
  ];
  return rows.reduce((label: ContextLabel | undefined, row) => {
    const written = labelOf(row);
    return written === undefined ? label : joinRecorded(label, written);
  }, undefined);
}

function recordIn(db: Statements, kind: string, id: string): StoredRecord | undefined {
  const row = db.record.get(orderKey(kind), orderKey(id));
  return row === undefined || row === null ? undefined : recordOf(row);
}

function recordsIn(db: Statements, kind: string, { limit, after, prefix = "" }: RecordPage): readonly StoredRecord[] {
  const from = orderKey(prefix);
  const past = after === undefined ? null : orderKey(after);
  const first = past === null || past < from ? from : past;
  return db.records.all(orderKey(kind), first, orderKeyEnd(from), past, limit).map(recordOf);
}

function recordJob({ kind, id, version, value }: RecordWrite): (db: Statements) => Result<number, StoreFailure> {
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

function expireJob(before: number, limit: number): (db: Statements) => Result<number, StoreFailure> {
  return (db) => {
    const gone = db.expired.all(before, limit) as { readonly id: string }[];
    for (const { id } of gone) {
      db.deleteEvents.run(id);
      db.deleteSession.run(id);
    }
    return ok(gone.length);
  };
}

function savePlanJob(digest: string, text: string): (db: Statements) => Result<undefined, StoreFailure> {
  return (db) => {
    db.insertPlan.run(digest, text);
    return ok(undefined);
  };
}
