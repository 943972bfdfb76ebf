/**
 * Opens the audit log that a URL of PostgreSQL names, with the drivers of the store, which are loaded only then.
 * Never speaks to a server that the URL does not name, nor less protected than it says.
 */
import { openPostgres, type PostgresOpenOptions } from "../../stores/postgres/open.ts";
import type { AuditLog } from "../log.ts";

/** Opens (or, with `migrate`, makes) the log at a URL as of `openPostgresStore`; its schema is `sluice_audit` if the URL names none. Rejects with `ConfigError`. */
export function openPostgresAuditLog(url: string, options: PostgresOpenOptions = {}): Promise<AuditLog> {
  return openPostgres(url, options, async (db, schema) =>
    (await import("../postgres.ts")).createPostgresAuditLog(db, { ...schema, ...options }),
  );
}
