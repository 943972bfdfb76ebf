/**
 * The stores under the applications, and the servers that some of them need.
 * Never one that answers before its disk does, unless its name says so.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoryStore } from "../../src/stores/memory.ts";
import type { OpenStore, Store } from "../../src/stores/store.ts";

/**
 * Where sessions are kept. `sqlite`: survives a power cut (`synchronous=FULL`); `sqlite-process`: survives the end of the process (`NORMAL`);
 * `redis`: `appendfsync always`; `postgres`: `fsync` and `synchronous_commit`, as it comes.
 */
export type StoreKind = "memory" | "sqlite-process" | "sqlite" | "redis" | "postgres";

/** What stands behind the stores of one kind. */
export interface Place {
  /** Opens a store of an application's own. */
  open(): Promise<Store>;
  /** One round trip to the server that the store asks, where there is one. */
  readonly trip?: { readonly name: string; once(): Promise<void> };
  close(): Promise<void>;
}

/** Starts it. What it needs is loaded now, so that a runtime without it can serve from memory. */
export async function startPlace(kind: StoreKind): Promise<Place> {
  if (kind === "memory") return { open: async () => createMemoryStore(), close: async () => undefined };
  const opened: OpenStore[] = [];
  const keep = (store: OpenStore): Store => {
    opened.push(store);
    return store;
  };
  const closeAll = async (): Promise<void> => {
    for (const store of opened) await store.close();
  };
  if (kind === "redis" || kind === "postgres") {
    const { openScaleStore, startScaleStore } = await import("../scale/stores.ts");
    const service = await startScaleStore(kind);
    return {
      open: async () => keep((await openScaleStore(kind, service.place)) as OpenStore),
      trip: { name: service.floorName, once: service.floor },
      close: () => closeAll().then(() => service.stop()),
    };
  }
  const { openSqliteStore } = await import("../../src/stores/sqlite/open.ts");
  const folder = mkdtempSync(join(tmpdir(), "sluice-bench-"));
  const survives = kind === "sqlite" ? "power" : "process";
  return {
    open: async () => keep(openSqliteStore(join(folder, `${opened.length}.db`), { survives })),
    close: () => closeAll().then(() => rmSync(folder, { recursive: true })),
  };
}
