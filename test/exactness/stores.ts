/**
 * Opens the store that a process is told of: a line for each kind. No test framework here: child processes load it.
 * Never starts a server; see `shared-stores.ts`.
 */
import { openPostgresStore } from "../../src/stores/postgres/open.ts";
import { openRedisStore } from "../../src/stores/redis/open.ts";
import { openSqliteStore } from "../../src/stores/sqlite/open.ts";
import type { OpenStore } from "../../src/stores/store.ts";

/** Kinds of stores that processes can share. */
export type Kind = "sqlite" | "redis" | "postgres";

const openers: { readonly [K in Kind]: (place: string) => OpenStore | Promise<OpenStore> } = {
  sqlite: (place) => openSqliteStore(place, { survives: "process", busyMs: 20_000 }),
  redis: (place) => openRedisStore(place, { timeoutMs: 20_000 }),
  postgres: (place) => openPostgresStore(place, { poolMax: 4, lockMs: 20_000, statementMs: 20_000, connectMs: 20_000 }),
};

/** Opens a store of a kind at its place: a file, or a URL. */
export async function openStore(kind: string, place: string): Promise<OpenStore> {
  return openers[kind as Kind](place);
}
