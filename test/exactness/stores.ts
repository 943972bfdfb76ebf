/**
 * The stores that the exactness tests run against: a line for each. No test framework here: child processes load it too.
 * A store is started once, and opened by every process that uses it.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteStore } from "../../src/stores/sqlite/open.ts";
import type { Store } from "../../src/stores/store.ts";

/** A connection to a store. */
export type OpenStore = Store & { close(): Promise<void> | void };

/** Opens the store that a child process is told of. */
export async function openStore(kind: string, place: string): Promise<OpenStore> {
  if (kind === "sqlite") return openSqliteStore(place, { survives: "process", busyMs: 20_000 });
  throw new Error(`there is no store of kind ${kind}`);
}

/** A store that runs and is empty. */
export interface Running {
  /** What a process needs to open it. */
  readonly place: string;
  stop(): Promise<void>;
}

/** A store that several processes share. */
export interface SharedStore {
  readonly kind: string;
  /** Starts one; or says why it cannot be started here. */
  start(): Promise<Running | { readonly missing: string }>;
}

/** One line for each store that processes can share. */
export const sharedStores: readonly SharedStore[] = [{ kind: "sqlite", start: startSqlite }];

async function startSqlite(): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-exactness-"));
  const place = join(folder, "shared.db");
  openSqliteStore(place).close();
  return { place, stop: async () => rmSync(folder, { recursive: true, force: true }) };
}
