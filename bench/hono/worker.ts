/**
 * The applications in one isolate of workerd, over a store in memory: the first part of the path says which; `/KIND/open` opens its sessions.
 * Never for anything but the benchmark.
 */
import { createMemoryStore } from "../../src/stores/memory.ts";
import { type App, createApp, type Kind } from "./app.ts";

const apps = new Map<string, App>();

export default {
  async fetch(request: Request, env: { readonly KIND: Kind }): Promise<Response> {
    const app = apps.get(env.KIND);
    if (app !== undefined) return app.fetch(request);
    // Not before the first request: an isolate has no randomness until then.
    const made = await createApp(env.KIND, createMemoryStore(), 16);
    apps.set(env.KIND, made);
    return Response.json(made.tokens);
  },
};
