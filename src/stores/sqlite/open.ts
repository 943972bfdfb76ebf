/**
 * Opens a SQLite file with the driver that Node (22.13 or newer), Bun and Deno share.
 * Never loaded by anything but a command or a host that wants a file.
 */
import { DatabaseSync } from "node:sqlite";
import { createSqliteStore, type SqliteStore, type SqliteStoreOptions } from "../sqlite.ts";

/** Opens (or makes) the store in the file at `path`; `:memory:` for none. Throws `ConfigError`, or what the driver throws. */
export function openSqliteStore(path: string, options: SqliteStoreOptions = {}): SqliteStore {
  const db = new DatabaseSync(path);
  try {
    return createSqliteStore(db, options);
  } catch (error) {
    db.close();
    throw error;
  }
}

/** The version of the tables of a file; `undefined`: there is no file, or it is none of Sluice. Changes nothing. */
export function versionOfFile(path: string): number | undefined {
  try {
    const db = new DatabaseSync(path, { readOnly: true });
    try {
      const row = db.prepare("SELECT max(version) AS version FROM sluice_schema").get() as { readonly version: number | null };
      return row.version ?? undefined;
    } finally {
      db.close();
    }
  } catch {
    return undefined;
  }
}
