/**
 * The store in one SQLite file, for one machine: several processes may share it. The driver is passed in.
 * Never writes outside a transaction, and answers only after it is committed. A driver's error text is never kept or shown.
 */
import { err, ok, type Result } from "../result.ts";
import { answeringAtOnce } from "./at-once.ts";
import { commitJob, createJob, documentJob, expireJob, forgetJob, noteJob, recordJob, trimJob } from "./sqlite/jobs.ts";
import { documentIn, documentsIn, labelsIn, linesIn, listIn, load, recordIn, recordsIn } from "./sqlite/queries.ts";
import { key, labelOf } from "./sqlite/rows.ts";
import { prepareTables, type SqliteDatabase, type SqliteSettings } from "./sqlite/schema.ts";
import { prepareStatements } from "./sqlite/statements.ts";
import { createWriter, guarded } from "./sqlite/writer.ts";
import { type JournalOption, noJournal, type OpenStore, type StoreFailure } from "./store.ts";

export type { SqliteDatabase, SqliteSettings, SqliteStatement, SqliteValue } from "./sqlite/schema.ts";

/** Options of the SQLite store. */
export interface SqliteStoreOptions extends SqliteSettings, JournalOption {
  /**
   * Runs a job soon: commits made until then share one transaction. Default: `setImmediate` where a commit waits for the disk, so that
   * many share the wait; else `queueMicrotask`.
   */
  readonly defer?: (job: () => void) => void;
}

/** A store and its end. */
export interface SqliteStore extends OpenStore {
  /** Finishes what waits and closes the file. Nothing can be asked of the store afterwards. */
  close(): void;
}

/**
 * Makes a store of an open database. Throws `ConfigError`, or what the driver throws, if the file cannot be used.
 * @example const store = createSqliteStore(new DatabaseSync("sluice.db"));
 */
export function createSqliteStore(db: SqliteDatabase, options: SqliteStoreOptions = {}): SqliteStore {
  prepareTables(db, options);
  const statements = prepareStatements(db);
  const writer = createWriter(statements, options.defer ?? (options.survives === "process" ? queueMicrotask : setImmediate));
  const read = async <T>(query: () => Result<T, StoreFailure>): Promise<Result<T, StoreFailure>> => guarded(query);
  const journal = options.journal === true;
  const unkept = async (): Promise<{ readonly ok: false; readonly error: StoreFailure }> => err(noJournal);
  const store: SqliteStore = {
    create: async (header, opening) => writer.write(createJob(header, opening, { journal })),
    commit: async (session, version, change) => writer.write(commitJob(session, version, { ...change, journal })),
    load: (session, since) => read(() => load(statements, session, since)),
    contextOf: (conversation) => read(() => ok(labelOf(statements.label.get(key(conversation))))),
    list: (limit) => read(() => ok(listIn(statements, limit))),
    expire: async (before, limit) => writer.write(expireJob(before, limit)),
    saveDocument: async (kind, digest, text) => writer.write(documentJob(kind, digest, text)),
    loadDocument: (kind, digest) => read(() => ok(documentIn(statements, kind, digest))),
    listDocuments: (kind) => read(() => ok(documentsIn(statements, kind))),
    record: (kind, id) => read(() => ok(recordIn(statements, kind, id))),
    records: (kind, page) => read(() => ok(recordsIn(statements, kind, page))),
    writeRecord: async (write) => writer.write(recordJob(write)),
    forgetRecords: async (kind, before, limit) => writer.write(forgetJob(kind, before, limit)),
    labelsOf: (query) => read(() => ok(labelsIn(statements, query))),
    note: async (facts) => (journal ? writer.write(noteJob(facts)) : ok(undefined)),
    journal: journal ? (page) => read(() => linesIn(statements, page)) : unkept,
    trimJournal: journal ? async (upTo) => writer.write(trimJob(upTo)) : unkept,
    close: () => {
      writer.flush();
      db.close();
    },
  };
  // A host's own `defer` may be anything.
  return options.defer === undefined ? answeringAtOnce(store) : store;
}
