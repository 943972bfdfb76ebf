/**
 * Opens the PostgreSQL store that a URL names, with the driver `pg`, which is loaded only then.
 * Never gives a connection back to be used again that did not answer.
 */
import type { PostgresPool, PostgresPoolClient } from "kysely";
import type { Pool, PoolClient, PoolConfig } from "pg";
import { ConfigError } from "../../result.ts";
import type { PostgresStoreOptions } from "../postgres.ts";
import { readPostgresUrl } from "./url.ts";
import type { OpenStore } from "../store.ts";

/** How a URL is opened. */
export interface PostgresOpenOptions extends PostgresStoreOptions {
  /** Connections at most. Default 8. */
  readonly poolMax?: number;
  /** Milliseconds that one statement may take. Default 5,000. */
  readonly statementMs?: number;
  /** Milliseconds that connecting may take, and waiting for a free connection. Default 3,000. */
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
  const { connection, schema } = readPostgresUrl(url);
  const { pg, kysely, createPostgresStore } = await drivers();
  const pool = new pg.Pool({ ...connection, ...poolConfig(options) });
  // A connection that breaks while nobody uses it is replaced by the next; unheard, its error would end the process.
  pool.on("error", () => undefined);
  const db = new kysely.Kysely({ dialect: new kysely.PostgresDialect({ pool: careful(pool) }) });
  try {
    return await createPostgresStore(db, { ...(schema === undefined ? {} : { schema }), ...options });
  } catch (error) {
    await db.destroy();
    throw error;
  }
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

/** The packages that only this store needs. */
async function drivers(): Promise<{
  readonly pg: Pick<typeof import("pg"), "Pool">;
  readonly kysely: typeof import("kysely");
  readonly createPostgresStore: typeof import("../postgres.ts").createPostgresStore;
}> {
  const packages = await Promise.all([import("pg"), import("kysely")]).catch(() => undefined);
  if (packages === undefined)
    throw new ConfigError("a store in PostgreSQL needs the packages `pg` and `kysely`: npm install pg kysely");
  const [{ default: pg }, kysely] = packages;
  return { pg, kysely, createPostgresStore: (await import("../postgres.ts")).createPostgresStore };
}

/**
 * A pool that throws away a connection on which a query failed without a word of the server: it was lost, or did not answer in time and may
 * yet answer the next query with this one's rows.
 */
function careful(pool: Pool): PostgresPool {
  const clients = new WeakMap<PoolClient, PostgresPoolClient>();
  return {
    connect: async () => {
      const client = await pool.connect();
      const known = clients.get(client) ?? carefulClient(client);
      clients.set(client, known);
      return known;
    },
    end: () => pool.end(),
    options: pool.options,
  };
}

function carefulClient(client: PoolClient): PostgresPoolClient {
  let isLost = false;
  // A connection that breaks under a query says so twice: to the query, and to nobody, which would end the process.
  client.on("error", () => {
    isLost = true;
  });
  const query = async (text: string, values: unknown[]): Promise<unknown> => {
    try {
      return await client.query(text, values);
    } catch (error) {
      isLost ||= !isSpoken(error);
      throw error;
    }
  };
  return { query: query as never, release: (destroy) => client.release(destroy === true || isLost) };
}

/** Whether the server itself refused, and goes on with the connection: its errors have a severity, and class 57P and 08 end it. */
function isSpoken(error: unknown): boolean {
  if (typeof error !== "object" || error === null || !("severity" in error) || !("code" in error)) return false;
  return typeof error.code === "string" && !/^(?:57P|08)/.test(error.code);
}
