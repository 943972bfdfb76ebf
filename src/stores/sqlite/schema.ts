/**
 * The tables of the SQLite store, their version, and the settings of a connection.
 * Never changes a file that a newer Sluice has written.
 */
import { ConfigError } from "../../result.ts";

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

/**
 * What makes the tables of each version from those of the version before; the first makes them from nothing. A step that was released is
 * never changed: a change of the tables is a new step.
 *
 * Texts that come from outside (`id`, `principal`, …) are kept as JSON strings: one driver cuts a text at U+0000 when it reads it, and
 * two names must never become one. Names that are kept in order (`records`, `resources`) are written by `orderKey`. Numbers are INTEGER or
 * REAL as they come (STRICT would refuse a fractional millisecond).
 */
const steps: readonly string[] = [
  // 1: sessions, the labels and counters that they share, plans.
  `
CREATE TABLE sessions (
  id TEXT PRIMARY KEY, plan TEXT NOT NULL, principal TEXT NOT NULL, conversation TEXT NOT NULL, token TEXT NOT NULL,
  opened NUMERIC NOT NULL, expires NUMERIC NOT NULL, closed INTEGER NOT NULL DEFAULT 0, version INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX sessions_opened ON sessions (opened);
CREATE INDEX sessions_expires ON sessions (expires);
CREATE TABLE events (
  session TEXT NOT NULL, number INTEGER NOT NULL, event TEXT NOT NULL, value TEXT, facts TEXT, UNIQUE (session, number)
);
CREATE TABLE conversations (id TEXT PRIMARY KEY, label TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE totals (counter TEXT PRIMARY KEY, sum REAL NOT NULL, lost REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE spent (
  counter TEXT NOT NULL, at NUMERIC NOT NULL, session TEXT NOT NULL, run INTEGER NOT NULL, amount REAL NOT NULL,
  PRIMARY KEY (counter, at, session, run)
) WITHOUT ROWID;
CREATE TABLE plans (digest TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
`,
  // 2: records, and labels of resources.
  `
CREATE TABLE records (
  kind TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE TABLE resources (key TEXT PRIMARY KEY, label TEXT NOT NULL) WITHOUT ROWID;
`,
  // 3: catalogues beside plans, and the journal. A line of an event is only its place: the event stays where it is.
  `
CREATE TABLE documents (kind TEXT NOT NULL, digest TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (kind, digest)) WITHOUT ROWID;
INSERT INTO documents SELECT 'plan', digest, text FROM plans;
DROP TABLE plans;
CREATE TABLE journal (cursor INTEGER PRIMARY KEY AUTOINCREMENT, session TEXT, number INTEGER, note TEXT);
CREATE INDEX journal_session ON journal (session) WHERE session IS NOT NULL;
`,
];

/** Version of the tables that this Sluice reads and writes. */
export const schemaVersion = steps.length;

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

/** Sets up a connection, and brings the tables to the version of today. Throws `ConfigError`, or what the driver throws. */
export function prepareTables(db: SqliteDatabase, settings: SqliteSettings): void {
  const { survives = "power", busyMs = 2_000 } = settings;
  if (!Number.isInteger(busyMs) || busyMs < 0 || busyMs > 60_000)
    throw new ConfigError("`busyMs` must be an integer from 0 to 60000");
  db.exec(`PRAGMA busy_timeout=${busyMs}`);
  switchToWal(db);
  db.exec(`PRAGMA synchronous=${survives === "power" ? "FULL" : "NORMAL"}`);
  migrate(db);
}

/**
 * Takes all steps that the tables lack, in one transaction: whoever comes second finds them taken, and what fails leaves the file as it was.
 * Throws `ConfigError` for tables of a newer version.
 */
function migrate(db: SqliteDatabase): void {
  db.exec("BEGIN IMMEDIATE");
  try {
    takeSteps(db);
    db.exec("COMMIT");
  } catch (error) {
    try {
      db.exec("ROLLBACK");
    } catch {
      // A full disk has rolled it back already.
    }
    throw error;
  }
}

/** Takes all steps that the tables lack, in a transaction that is the caller's. Throws `ConfigError` for tables of a newer version. */
export function takeSteps(db: SqliteDatabase): void {
  const version = versionOf(db);
  if (version > schemaVersion)
    throw new ConfigError(`the database has tables of version ${version}, this Sluice knows version ${schemaVersion}`);
  if (version === schemaVersion) return;
  for (const step of steps.slice(version)) db.exec(step);
  db.prepare("INSERT INTO sluice_schema VALUES (?)").run(schemaVersion);
}

/** The version of the tables: 0 where there are none. Makes the table that says it. */
function versionOf(db: SqliteDatabase): number {
  db.exec("CREATE TABLE IF NOT EXISTS sluice_schema (version INTEGER NOT NULL)");
  const row = db.prepare("SELECT max(version) AS version FROM sluice_schema").get() as { readonly version: number | null };
  return row.version ?? 0;
}

/** Write-ahead logging: readers do not wait for a writer. SQLite does not wait by itself when two processes switch at the same time. */
export function switchToWal(db: SqliteDatabase): void {
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
