/**
 * The tables of the SQLite store, their version, and the settings of a connection.
 * Never changes a file that a newer Sluice has written.
 */
import { ConfigError } from "../result.ts";

/** What the store needs of a driver; `DatabaseSync` of `node:sqlite` has it on Node, Bun and Deno. */
export interface SqliteDatabase {
  exec(sql: string): void;
  prepare(sql: string): SqliteStatement;
  close(): void;
}

/** A value of a column. */
export type SqliteValue = string | number | null;

/** A prepared statement. */
export interface SqliteStatement {
  run(...values: SqliteValue[]): { readonly changes: number | bigint };
  get(...values: SqliteValue[]): unknown;
  all(...values: SqliteValue[]): unknown[];
}

/** Version of the tables. A change of the tables is a new version and a step in {@link prepareTables}. */
const schemaVersion = 2;

/**
 * Texts that come from outside (`id`, `principal`, …) are kept as JSON strings: one driver cuts a text at U+0000 when it reads it, and
 * two names must never become one. Names that are kept in order (`records`, `resources`) are written by `orderKey`. Numbers are INTEGER or REAL as they come (STRICT would refuse a fractional millisecond).
 */
const tables = `
CREATE TABLE IF NOT EXISTS sluice_schema (version INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS sessions (
  id TEXT PRIMARY KEY, plan TEXT NOT NULL, principal TEXT NOT NULL, conversation TEXT NOT NULL, token TEXT NOT NULL,
  opened NUMERIC NOT NULL, expires NUMERIC NOT NULL, closed INTEGER NOT NULL DEFAULT 0, version INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS sessions_opened ON sessions (opened);
CREATE INDEX IF NOT EXISTS sessions_expires ON sessions (expires);
CREATE TABLE IF NOT EXISTS events (
  session TEXT NOT NULL, number INTEGER NOT NULL, event TEXT NOT NULL, value TEXT, facts TEXT, UNIQUE (session, number)
);
CREATE TABLE IF NOT EXISTS conversations (id TEXT PRIMARY KEY, label TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS totals (counter TEXT PRIMARY KEY, sum REAL NOT NULL, lost REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS spent (
  counter TEXT NOT NULL, at NUMERIC NOT NULL, session TEXT NOT NULL, run INTEGER NOT NULL, amount REAL NOT NULL,
  PRIMARY KEY (counter, at, session, run)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS plans (digest TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS records (
  kind TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS resources (key TEXT PRIMARY KEY, label TEXT NOT NULL) WITHOUT ROWID;
`;

/** How a connection is used. */
export interface SqliteSettings {
  /**
   * `power` (default; `synchronous=FULL`): a commit is on the disk before it is acted on; a crash of process, system or power loses nothing
   * that was answered. `process` (`synchronous=NORMAL`): as safe when the process dies, ten times faster; when the system or its power
   * fails, the last commits may be gone, so that a call or a budget may be granted again. Neither ever leaves a torn file.
   */
  readonly survives?: "power" | "process";
  /** Milliseconds to wait for another process that writes; then the commit fails with `unavailable`. Default 2,000. */
  readonly busyMs?: number;
}

/** Sets up a connection and makes the tables. Throws `ConfigError`, or what the driver throws. */
export function prepareTables(db: SqliteDatabase, settings: SqliteSettings): void {
  const { survives = "power", busyMs = 2_000 } = settings;
  if (!Number.isInteger(busyMs) || busyMs < 0 || busyMs > 60_000)
    throw new ConfigError("`busyMs` must be an integer from 0 to 60000");
  db.exec(`PRAGMA busy_timeout=${busyMs}`);
  switchToWal(db);
  db.exec(`PRAGMA synchronous=${survives === "power" ? "FULL" : "NORMAL"}`);
  db.exec("BEGIN IMMEDIATE");
  try {
    db.exec(tables);
    const row = db.prepare("SELECT max(version) AS version FROM sluice_schema").get() as { readonly version: number | null };
    // Version 2 has records and resources, which are new tables: a file of version 1 has become one of version 2 by now.
    if (row.version === null || row.version === 1) db.prepare("INSERT INTO sluice_schema VALUES (?)").run(schemaVersion);
    else if (row.version !== schemaVersion)
      throw new ConfigError(`the database has tables of version ${row.version}, this Sluice knows version ${schemaVersion}`);
    db.exec("COMMIT");
  } catch (error) {
    db.exec("ROLLBACK");
    throw error;
  }
}

/** Write-ahead logging: readers do not wait for a writer. SQLite does not wait by itself when two processes switch at the same time. */
function switchToWal(db: SqliteDatabase): void {
  const attemptsMax = 50;
  for (let attempt = 1; ; attempt++) {
    try {
      db.prepare("PRAGMA journal_mode=WAL").get();
      return;
    } catch (error) {
      if (attempt === attemptsMax) throw error;
      // Waits for whoever writes, by the busy timeout.
      try {
        db.exec("BEGIN IMMEDIATE; COMMIT");
      } catch {
        // The next attempt says what is wrong.
      }
    }
  }
}
