/** The PostgreSQL store against a real server, which this file starts. */
import { Kysely, PostgresDialect, sql } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, describe } from "vitest";
import { createMemoryStore } from "../../src/stores/memory.ts";
import { createPostgresStore, type PostgresStoreOptions } from "../../src/stores/postgres.ts";
import type { Tables } from "../../src/stores/postgres/schema.ts";
import type { JournalOption, Store } from "../../src/stores/store.ts";
import { findPostgres, type Postgres, startPostgres } from "../services/postgres.ts";
import { storeContract, storesAgree } from "./store-contract.ts";

const found = findPostgres();

describe.skipIf("reason" in found)(`postgres${"reason" in found ? ` (skipped: ${found.reason})` : ""}`, () => {
  let server: Postgres;
  let db: Kysely<Tables>;

  beforeAll(async () => {
    server = await startPostgres();
    db = new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: server.url, max: 8 }) }) });
  });
  afterAll(async () => {
    await db?.destroy();
    await server?.stop();
  });

  /** A store over the shared connections, with nothing in its tables. */
  async function emptied(options: PostgresStoreOptions & JournalOption = {}): Promise<Store> {
    const { close, ...store } = await createPostgresStore(db, options);
    const tables = "sessions, events, conversations, counters, spent, documents, records, resources, journal";
    await sql.raw(`SET search_path = sluice; TRUNCATE ${tables}; SET search_path = DEFAULT`).execute(db);
    return store;
  }

  storeContract("postgres", emptied);
  storesAgree("answers as the store in memory does, whatever is asked", async (options) => createMemoryStore(options), emptied, {
    numRuns: 60,
  });
});
