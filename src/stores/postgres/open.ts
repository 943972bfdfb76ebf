/**
 * Opens the PostgreSQL store that a URL names, with the driver `pg`, which is loaded only then.
 * Never speaks to a server that the URL does not name, nor less protected than it says.
 */
import type { Kysely } from "kysely";
import type { PoolConfig } from "pg";
import { ConfigError } from "../../result.ts";
import type { PostgresStoreOptions } from "../postgres.ts";
import { careful, type PoolBounds } from "./pool.ts";
import { readPostgresUrl } from "./url.ts";
import type { OpenStore } from "../store.ts";

/** How a URL is opened. */
export interface PostgresOpenOptions extends PostgresStoreOptions {
  /** Connections at most. Default 8. */
  readonly poolMax?: number;
  /** Milliseconds that one statement may take, and that a caller waits for a free connection. Default 5,000. */
  readonly statementMs?: number;
  /** Milliseconds that connecting may take. Default 3,000. */
  readonly connectMs?: number;
  /**
   * Whether a pooler stands between that gives each transaction its own connection (PgBouncer's transaction mode): nothing of a session is
   * set then, so that the role's settings decide how long a statement may take. Default: no.
   */
  readonly isPooled?: boolean;
}

/**
 * Opens the store at `postgres://[user[:password]@]host[:port]/database[?sslmode=…&sslrootcert=…&sslcert=…&sslkey=…&schema=…]`; what the URL
 * leaves out is taken from `PGUSER`, `PGPASSWORD` and so on, as `pg` does. Makes or migrates the tables. Rejects with `ConfigError`.
 */
export async function openPostgresStore(url: string, options: PostgresOpenOptions = {}): Promise<OpenStore> {
  return openPostgres(url, options, async (db, schema) =>
    (await import("../postgres.ts")).createPostgresStore(db, { ...schema, ...options }),
  );
}

/**
 * Connects to the database of a URL, and makes something of it: `make` gets the schema, if the URL names one, and whose connection is ended if it
 * rejects. Rejects with `ConfigError`, or as `make` does.
 */
export async function openPostgres<T>(
  url: string,
  options: PostgresOpenOptions,
  make: (db: Kysely<unknown>, schema: { readonly schema?: string }) => Promise<T>,
): Promise<T> {
  const { connection, schema } = readPostgresUrl(url);
  const { pg, kysely } = await drivers();
  const pool = new pg.Pool({ ...connection, ...poolConfig(options) });
  // A connection that breaks while nobody uses it is replaced by the next; unheard, its error would end the process.
  pool.on("error", () => undefined);
  const db = new kysely.Kysely({ dialect: new kysely.PostgresDialect({ pool: careful(pool, boundsOf(options)) }) });
  try {
    return await make(db as Kysely<unknown>, schema === undefined ? {} : { schema });
  } catch (error) {
    await db.destroy();
    throw error;
  }
}

function boundsOf({ poolMax = 8, statementMs = 5_000 }: PostgresOpenOptions): PoolBounds {
  return { max: poolMax, waitMs: statementMs };
}

function poolConfig(options: PostgresOpenOptions): PoolConfig {
  const { poolMax = 8, statementMs = 5_000, connectMs = 3_000, lockMs = 2_000, isPooled = false } = options;
  const session = {
    application_name: "sluice",
    statement_timeout: statementMs,
    lock_timeout: lockMs,
    idle_in_transaction_session_timeout: 10_000,
    options: "-c default_transaction_isolation=read\\ committed",
  };
  return {
    max: whole("poolMax", poolMax, 100),
    connectionTimeoutMillis: whole("connectMs", connectMs, 60_000),
    // The server ends a statement before we end the connection, unless it does not hear us.
    query_timeout: whole("statementMs", statementMs, 600_000) + 1_000,
    keepAlive: true,
    ...(isPooled ? {} : session),
  };
}

function whole(name: string, value: number, max: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw new ConfigError(`\`${name}\` must be an integer from 1 to ${max}`);
}

/** The packages that only what is in PostgreSQL needs. */
async function drivers(): Promise<{
  readonly pg: Pick<typeof import("pg"), "Pool">;
  readonly kysely: typeof import("kysely");
}> {
  const packages = await Promise.all([import("pg"), import("kysely")]).catch(() => undefined);
  if (packages === undefined)
    throw new ConfigError("what is kept in PostgreSQL needs the packages `pg` and `kysely`: npm install pg kysely");
  const [{ default: pg }, kysely] = packages;
  return { pg, kysely };
}
