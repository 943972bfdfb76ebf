/**
 * The stores of the soak: how each is started, what can go wrong with it, and how it is opened past the weather for the audit.
 * Never a fault that a store is not said to survive: each waits for the disk before it answers.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { openPostgresStore } from "../../src/stores/postgres/open.ts";
import { openRedisStore } from "../../src/stores/redis/open.ts";
import { openSqliteStore } from "../../src/stores/sqlite/open.ts";
import type { OpenStore } from "../../src/stores/store.ts";
import { startPostgres } from "../../test/services/postgres.ts";
import { startRedis } from "../../test/services/redis.ts";
import { startProxy, type TcpProxy } from "./proxy.ts";

/** A store of these kinds can be soaked. */
export const soakStores = ["sqlite", "redis", "postgres"] as const;

/** Opens a store with its journal, for a gateway or for the audit. */
export async function openSoakStore(kind: string, place: string): Promise<OpenStore> {
  if (kind === "redis") return openRedisStore(place, { journal: true, timeoutMs: 2_000 });
  if (kind === "postgres") return openPostgresStore(place, { journal: true, poolMax: 4, statementMs: 2_000 });
  if (kind === "sqlite") return openSqliteStore(place, { journal: true });
  throw new Error(`there is no store of kind ${kind}: one of ${soakStores.join(", ")}`);
}

/** Something that goes wrong, until it is over. */
export type Fault = (random: () => number) => Promise<void>;

/** A store that runs. */
export interface SoakStore {
  /** Where gateways find it: behind the weather. */
  readonly place: string;
  /** Where the audit finds it. */
  readonly direct: string;
  readonly faults: { readonly [name: string]: Fault };
  stop(): Promise<void>;
}

/** Starts one. */
export async function startSoakStore(kind: string): Promise<SoakStore> {
  if (kind === "redis") return redis();
  if (kind === "postgres") return postgres();
  return sqlite();
}

async function sqlite(): Promise<SoakStore> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-soak-"));
  const place = join(folder, "soak.db");
  openSqliteStore(place, { journal: true }).close();
  const held = async (begin: string, random: () => number): Promise<void> => {
    const db = new DatabaseSync(place);
    try {
      db.exec("PRAGMA busy_timeout=5000");
      db.exec(begin);
      await pause(200 + 3_500 * random());
      db.exec("ROLLBACK");
    } catch {
      // The file was never free: that is weather, too.
    } finally {
      db.close();
    }
  };
  return {
    place,
    direct: place,
    faults: { "file held by a writer": (random) => held("BEGIN IMMEDIATE", random) },
    stop: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** What a line between a gateway and a server does. */
function lineFaults(proxy: TcpProxy): { readonly [name: string]: Fault } {
  const spell =
    (weather: Parameters<TcpProxy["weather"]>[0], ms: number): Fault =>
    async (random) => {
      proxy.weather(weather);
      await pause(ms * (0.2 + random()));
      // Of a line on which bytes were lost nothing more may be read.
      if (weather === "answers-lost") proxy.cut();
      proxy.weather("fair");
    };
  return {
    "connections cut": async () => void proxy.cut(),
    "line frozen": spell("frozen", 2_500),
    "line slow": spell("slow", 2_500),
    "answers lost": spell("answers-lost", 600),
  };
}

async function redis(): Promise<SoakStore> {
  const service = await startRedis();
  const proxy = await startProxy(service.port);
  const { faults, url } = { faults: lineFaults(proxy), url: (port: number) => `redis://127.0.0.1:${port}/0` };
  return {
    place: url(proxy.port),
    direct: url(service.port),
    faults: {
      ...faults,
      "server killed and restarted": async (random) => {
        await service.kill();
        await pause(1_500 * random());
        await service.restart();
      },
      "server stopped for a while": async (random) => {
        service.pause();
        await pause(3_500 * random());
        service.resume();
      },
    },
    stop: async () => {
      await proxy.close();
      await service.remove();
    },
  };
}

async function postgres(): Promise<SoakStore> {
  const service = await startPostgres({ settings: ["fsync = on"] });
  const proxy = await startProxy(service.port);
  const url = (port: number): string => `postgres://postgres@127.0.0.1:${port}/postgres`;
  return {
    place: url(proxy.port),
    direct: url(service.port),
    faults: {
      ...lineFaults(proxy),
      "server killed and restarted": async (random) => {
        await service.kill();
        await pause(1_500 * random());
        await service.restart();
      },
      "server restarted": async () => service.restart(),
    },
    stop: async () => {
      await proxy.close();
      await service.stop();
    },
  };
}
