/**
 * Opens an audit log in a SQLite file with the driver that Node (22.13 or newer), Bun and Deno share.
 * Never loaded by anything but a command or a host that wants a file.
 */
import { DatabaseSync } from "node:sqlite";
import type { AuditLog } from "../log.ts";
import { createSqliteAuditLog } from "../sqlite.ts";

/** Opens (or makes) the log in the file at `path`; `:memory:` for none. Throws `ConfigError`, or what the driver throws. */
export function openSqliteAuditLog(path: string): AuditLog {
  const db = new DatabaseSync(path);
  try {
    return createSqliteAuditLog(db);
  } catch (error) {
    db.close();
    throw error;
  }
}
