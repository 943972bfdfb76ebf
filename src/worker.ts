/**
 * The entry of a Cloudflare Worker: `wrangler.jsonc` names it, and a Worker of one's own is made of the same parts.
 * Nothing but exports.
 */
import { createWorker, type SluiceWorker } from "./worker/create-worker.ts";

export { SluiceSession, SluiceShared } from "./stores/cloudflare.ts";
export { createWorker, type SluiceWorker, type WorkerOptions } from "./worker/create-worker.ts";
export type { WorkerEnv } from "./worker/settings.ts";

/** The Worker with its settings alone. */
const worker: SluiceWorker = createWorker();
export default worker;
