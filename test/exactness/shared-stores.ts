/**
 * The stores that several processes can share, started for a test: a line for each.
 * Never a store that outlives its test.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteStore } from "../../src/stores/sqlite/open.ts";
import { postgresProgram, startPostgres } from "../services/postgres.ts";
import { redisProgram, startRedis } from "../services/redis.ts";
import type { Provided } from "../services/service.ts";
import { type Kind, openStore } from "./stores.ts";

/** A store that runs and is empty. */
export interface Running {
  /** What a process needs to open it. */
  readonly place: string;
  stop(): Promise<void>;
}

/** A kind of store, and how one is started. */
export interface SharedStore {
  readonly kind: Kind;
  /** What it needs of the machine. */
  readonly provided: Provided;
  start(): Promise<Running>;
}

/** One line for each. */
export const sharedStores: readonly SharedStore[] = [
  { kind: "sqlite", provided: { path: "" }, start: startSqlite },
  { kind: "redis", provided: redisProgram, start: startRedisStore },
  { kind: "postgres", provided: postgresProgram, start: startPostgresStore },
];

async function startSqlite(): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-exactness-"));
  const place = join(folder, "shared.db");
  openSqliteStore(place).close();
  return { place, stop: async () => rmSync(folder, { recursive: true, force: true }) };
}

/** It is the gateways that die here, and not the server: it need not wait for the disk. */
async function startRedisStore(): Promise<Running> {
  const server = await startRedis({ settings: { appendfsync: "everysec" } });
  return { place: `${server.url}?durability=everysec`, stop: () => server.remove() };
}

async function startPostgresStore(): Promise<Running> {
  const server = await startPostgres();
  await (await openStore("postgres", server.url)).close();
  return { place: server.url, stop: () => server.stop() };
}
