/**
 * The stores of the scale benchmark: started, opened, weighed, and the floor that each stands on.
 * Never a store that answers before its disk does, unless its name says so.
 */
import { execFileSync } from "node:child_process";
import { closeSync, fsyncSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import pg from "pg";
import { createMemoryStore } from "../../src/stores/memory.ts";
import { openPostgresStore } from "../../src/stores/postgres/open.ts";
import { openRedisStore } from "../../src/stores/redis/open.ts";
import { openSqliteStore } from "../../src/stores/sqlite/open.ts";
import type { Store } from "../../src/stores/store.ts";
import { startPostgres } from "../../test/services/postgres.ts";
import { startRedis } from "../../test/services/redis.ts";

/** Kinds. `-fast`: survives the end of a process, and of the store's server within a second, but no power cut. */
export const scaleStores = ["memory", "sqlite", "sqlite-fast", "redis", "redis-fast", "postgres"] as const;
export type ScaleStore = (typeof scaleStores)[number];

/** Opens a store in a process that serves. */
export async function openScaleStore(kind: string, place: string): Promise<Store> {
  if (kind === "memory") return createMemoryStore();
  if (kind === "redis" || kind === "redis-fast")
    return openRedisStore(place, { durability: kind === "redis" ? "always" : "everysec" });
  if (kind === "postgres") return openPostgresStore(place, { poolMax: 8 });
  return openSqliteStore(place, { survives: kind === "sqlite" ? "power" : "process", busyMs: 10_000 });
}

/** A store that runs. */
export interface RunningStore {
  readonly place: string;
  /** What the floor is. */
  readonly floorName: string;
  /** Does the smallest thing that the store can do, once. */
  readonly floor: () => Promise<void>;
  /** Processor time of the store's own processes so far, microseconds; 0 where it lives in ours. */
  cpu(): Promise<number>;
  /** Bytes that it holds: on disk, or in memory where it lives there. */
  bytes(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts one. */
export async function startScaleStore(kind: ScaleStore): Promise<RunningStore> {
  if (kind === "redis" || kind === "redis-fast") return redis(kind === "redis" ? "always" : "everysec");
  if (kind === "postgres") return postgres();
  const folder = mkdtempSync(join(tmpdir(), "sluice-scale-"));
  const remove = async (): Promise<void> => rmSync(folder, { recursive: true, force: true });
  const none = { cpu: async () => 0, stop: remove };
  if (kind === "memory")
    return { ...none, place: "", floorName: "a promise", floor: async () => undefined, bytes: async () => 0 };
  const place = join(folder, "scale.db");
  openSqliteStore(place).close();
  const handle = openSync(join(folder, "floor"), "a");
  const page = Buffer.alloc(4_096, 1);
  return {
    place,
    floorName: kind === "sqlite" ? "write and fsync of 4 KiB" : "write of 4 KiB",
    floor: async () => {
      writeSync(handle, page);
      if (kind === "sqlite") fsyncSync(handle);
    },
    cpu: async () => 0,
    bytes: async () => {
      const db = new DatabaseSync(place);
      db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      db.close();
      return statSync(place).size;
    },
    stop: async () => {
      closeSync(handle);
      await remove();
    },
  };
}

async function redis(appendfsync: "always" | "everysec"): Promise<RunningStore> {
  const service = await startRedis({ settings: { appendfsync } });
  const info = async (section: string, name: string): Promise<number> =>
    Number(new RegExp(`^${name}:([\\d.]+)`, "m").exec(await service.client.info(section))?.[1] ?? Number.NaN);
  return {
    place: service.url,
    floorName: "PING",
    floor: async () => void (await service.client.ping()),
    cpu: async () => ((await info("cpu", "used_cpu_user")) + (await info("cpu", "used_cpu_sys"))) * 1e6,
    bytes: () => info("memory", "used_memory"),
    stop: () => service.remove(),
  };
}

async function postgres(): Promise<RunningStore> {
  const service = await startPostgres({ settings: ["fsync = on"] });
  const client = new pg.Pool({ connectionString: service.url, max: 8 });
  const postmaster = Number(readFileSync(join(service.folder, "data", "postmaster.pid"), "utf8").split("\n")[0]);
  return {
    place: service.url,
    floorName: "SELECT 1",
    floor: async () => void (await client.query("SELECT 1")),
    cpu: async () => cpuOfFamily(postmaster),
    bytes: async () => {
      await client.query("CHECKPOINT");
      const { rows } = await client.query<{ readonly bytes: string }>("SELECT pg_database_size(current_database()) AS bytes");
      return Number(rows[0]?.bytes);
    },
    stop: async () => {
      await client.end();
      await service.stop();
    },
  };
}

/** Processor time of a process, of its children, and of those that have ended (Linux: proc(5)), microseconds. */
function cpuOfFamily(parent: number): number {
  const tick = 1e6 / Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));
  let ticks = 0;
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const fields = readFileSync(`/proc/${name}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
      const [user = 0, system = 0, ended = 0, endedSystem = 0] = fields.slice(11, 15).map(Number);
      if (Number(name) === parent) ticks += user + system + ended + endedSystem;
      else if (Number(fields[1]) === parent) ticks += user + system;
    } catch {
      // It has just ended.
    }
  }
  return ticks * tick;
}
