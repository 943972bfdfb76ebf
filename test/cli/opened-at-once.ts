/** One of several threads that open the same new place at the same moment. `workerData`: the barrier, how many meet there, what is opened, and where. */
import { parentPort, workerData } from "node:worker_threads";
import { auditKeys, openAuditLog } from "../../src/cli/audit/log.ts";
import { openStore } from "../../src/cli/read/store-url.ts";

const { barrier, parties, place, kind } = workerData as {
  readonly barrier: Int32Array;
  readonly parties: number;
  readonly place: string;
  readonly kind: "log" | "keys" | "store";
};
const openings = {
  log: async () => void (await (await openAuditLog(place, { makes: true, place: "--audit" })).close()),
  keys: async () => (await auditKeys(place, { makes: true }))?.master[0]?.id,
  store: async () => void (await (await openStore(place)).close()),
};
if (Atomics.add(barrier, 0, 1) === parties - 1) Atomics.notify(barrier, 0);
for (let here = Atomics.load(barrier, 0); here < parties; here = Atomics.load(barrier, 0)) Atomics.wait(barrier, 0, here);
parentPort?.postMessage(await openings[kind]().catch((error: unknown) => `failed: ${String(error)}`));
