/**
 * An audit log in one SQLite file of its own. The driver is passed in.
 * Never changes a record; what is deleted of a person is overwritten in the file (`secure_delete`). A driver's text is never kept or shown.
 */
import { ConfigError, err, ok } from "../result.ts";
import { type SqliteDatabase, switchToWal } from "../stores/sqlite/schema.ts";
import { queryNames } from "./find.ts";
import type { Answer, AuditFailure, AuditLog, SealedOpening, SubjectKey } from "./log.ts";
import { findInRows } from "./sql-find.ts";

/** Version of the tables. */
const version = 2;

/** Marks the file as one of ours (`PRAGMA application_id`): "SlAu". */
const applicationId = 0x536c4175;

/**
 * What a record is found by is worked out of its text, so that nothing beside the text says what a record is. In canonical JSON `at` comes
 * first. Where the text is none, there is nothing to find.
 */
const found = [
  ["kind", "$.kind"],
  ...queryNames.map((name) => [name, name === "by" ? "$.facts.by" : `$.${name}`] as const),
] as const;

const tables = `
CREATE TABLE records (
  seq INTEGER PRIMARY KEY, text TEXT NOT NULL, at REAL AS (CAST(substr(text, 7, 40) AS REAL)) VIRTUAL,
  ${found.map(([name, path]) => `"${name}" TEXT AS (CASE WHEN json_valid(text) THEN text ->> '${path}' END) VIRTUAL`).join(", ")}
) STRICT;
${found.map(([name]) => `CREATE INDEX records_${name} ON records ("${name}") WHERE "${name}" IS NOT NULL;`).join("\n")}
CREATE TABLE openings (
  seq INTEGER NOT NULL, name TEXT NOT NULL, sealed TEXT NOT NULL, PRIMARY KEY (seq, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE checkpoints (number INTEGER PRIMARY KEY AUTOINCREMENT, jws TEXT NOT NULL) STRICT;
CREATE TABLE plans (digest TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE subjects (subject TEXT PRIMARY KEY, name_index TEXT NOT NULL UNIQUE, sealed TEXT NOT NULL) STRICT, WITHOUT ROWID;
PRAGMA application_id = ${applicationId};
PRAGMA user_version = ${version};
`;

/** Makes a log of an open database. Throws `ConfigError`: it is another file; or what the driver throws. */
export function createSqliteAuditLog(db: SqliteDatabase): AuditLog {
  prepareTables(db);
  const last = db.prepare("SELECT seq, text FROM records ORDER BY seq DESC LIMIT 1");
  const insert = db.prepare("INSERT INTO records (seq, text) VALUES (?, ?)");
  const insertOpening = db.prepare("INSERT INTO openings (seq, name, sealed) VALUES (?, ?, ?)");
  const page = db.prepare("SELECT text FROM records WHERE seq >= ? ORDER BY seq LIMIT ?");
  const openings = db.prepare("SELECT seq, name, sealed FROM openings WHERE seq >= ? AND seq < ? ORDER BY seq, name");
  const lastRow = (): { readonly seq: number; readonly text: string } | undefined =>
    last.get() as { readonly seq: number; readonly text: string } | undefined;
  const whole = (job: () => AuditFailure | undefined): Awaited<Answer<undefined>> => {
    db.exec("BEGIN IMMEDIATE");
    try {
      const failed = job();
      db.exec(failed === undefined ? "COMMIT" : "ROLLBACK");
      return failed === undefined ? ok(undefined) : err(failed);
    } catch (error) {
      db.exec("ROLLBACK");
      throw error;
    }
  };
  return {
    head: guarded(() => {
      const row = lastRow();
      return ok(row === undefined ? { size: 0 } : { size: row.seq + 1, last: row.text });
    }),
    append: guarded(({ first, records, openings: kept }) =>
      whole(() => {
        if ((lastRow()?.seq ?? -1) + 1 !== first) return { kind: "conflict" };
        for (const [i, text] of records.entries()) insert.run(first + i, text);
        for (const { seq, name, sealed } of kept) insertOpening.run(seq, name, sealed);
        return undefined;
      }),
    ),
    read: guarded((from, limit) => ok((page.all(from, limit) as { readonly text: string }[]).map(({ text }) => text))),
    find: guarded((query) => ok(findInRows(db, query))),
    openings: guarded((from, until) => ok(openings.all(from, until) as SealedOpening[])),
    addCheckpoint: guarded((jws) => {
      db.prepare("INSERT INTO checkpoints (jws) VALUES (?)").run(jws);
      return ok(undefined);
    }),
    checkpoints: guarded(() =>
      ok((db.prepare("SELECT jws FROM checkpoints ORDER BY number").all() as { readonly jws: string }[]).map(({ jws }) => jws)),
    ),
    savePlan: guarded((digest, text) => {
      db.prepare("INSERT OR IGNORE INTO plans (digest, text) VALUES (?, ?)").run(digest, text);
      return ok(undefined);
    }),
    loadPlan: guarded((digest) =>
      ok((db.prepare("SELECT text FROM plans WHERE digest = ?").get(digest) as { readonly text: string } | undefined)?.text),
    ),
    ...keysIn(db),
    close: async () => db.close(),
  };
}

function keysIn(db: SqliteDatabase): Pick<AuditLog, "addKey" | "key" | "deleteKey"> {
  const columns = 'SELECT subject, name_index AS "index", sealed FROM subjects WHERE';
  return {
    addKey: guarded(({ subject, index, sealed }) => {
      const add = db.prepare("INSERT INTO subjects (subject, name_index, sealed) VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
      return Number(add.run(subject, index, sealed).changes) === 1 ? ok(undefined) : err({ kind: "conflict" });
    }),
    key: guarded((by) => {
      const [column, value] = "subject" in by ? ["subject", by.subject] : ["name_index", by.index];
      return ok(db.prepare(`${columns} ${column} = ?`).get(value ?? "") as SubjectKey | undefined);
    }),
    deleteKey: guarded((subject) => {
      db.prepare("DELETE FROM subjects WHERE subject = ?").run(subject);
      // The log of changes still has the page as it was.
      db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      return ok(undefined);
    }),
  };
}

function prepareTables(db: SqliteDatabase): void {
  db.exec("PRAGMA busy_timeout = 2000");
  // Before anything is changed: a file of somebody else stays as it is.
  const isEmpty = hasNoTables(db);
  switchToWal(db);
  db.exec("PRAGMA synchronous = FULL; PRAGMA secure_delete = ON");
  if (!isEmpty) return;
  db.exec("BEGIN IMMEDIATE");
  try {
    // Another process may have begun the same file meanwhile.
    if (hasNoTables(db)) db.exec(tables);
    db.exec("COMMIT");
  } catch (error) {
    db.exec("ROLLBACK");
    throw error;
  }
}

/** Throws `ConfigError` where there are tables that are not those of this version. */
function hasNoTables(db: SqliteDatabase): boolean {
  const numberOf = (query: string): number => Number(Object.values(db.prepare(query).get() as object)[0]);
  if (numberOf("SELECT count(*) FROM sqlite_schema") === 0) return true;
  if (numberOf("PRAGMA application_id") !== applicationId) throw new ConfigError("the file is no audit log of Sluice");
  if (numberOf("PRAGMA user_version") !== version) throw new ConfigError("the audit log is of another version of Sluice");
  return false;
}

/** Runs a query; whatever the driver throws is `unavailable`, with its number and never its text. */
function guarded<A extends readonly unknown[], T>(query: (...args: A) => Awaited<Answer<T>>): (...args: A) => Answer<T> {
  return async (...args) => {
    try {
      return query(...args);
    } catch (error) {
      const code = typeof error === "object" && error !== null && "errcode" in error ? error.errcode : undefined;
      return err({ kind: "unavailable", ...(typeof code === "number" ? { detail: `sqlite ${code}` } : {}) });
    }
  };
}
