import type { Miniflare } from "miniflare";
import { afterAll, beforeAll, vi } from "vitest";
import { createMemoryStore } from "../../src/stores/memory.ts";
import { storeContract, storesAgree } from "../stores/store-contract.ts";
import { bundled, startWorker } from "./host.ts";
import { remoteStore } from "./remote-store.ts";

// A request to workerd takes milliseconds, and some laws make thousands of them.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

let worker: Miniflare;
let url: URL;
beforeAll(async () => {
  worker = await startWorker(await bundled("test/workers/store-entry.ts"));
  url = await worker.ready;
});
afterAll(() => worker.dispose());

let tenants = 0;
const make = (options: { readonly journal?: boolean } = {}) => remoteStore(url, `t${tenants++}`, options);

storeContract("durable objects", make);
storesAgree("durable objects answer as the store in memory does", createMemoryStore, make, { numRuns: 15 });
