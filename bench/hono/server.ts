/**
 * One application behind a port of the loopback interface, in a process of its own, on Node, Bun or Deno:
 * `node bench/hono/server.ts KIND STORE SESSIONS`
 * Prints its port and tokens as one line of JSON, and ends with its input. Never for anything but the benchmark.
 */
import process from "node:process";
import { createApp, type Kind } from "./app.ts";
import { type StoreKind, startPlace } from "./stores.ts";

/** What is used of Bun and of Deno. */
interface Servers {
  readonly Bun?: { serve(options: { hostname: string; port: number; fetch: Fetch }): { readonly port: number } };
  readonly Deno?: {
    serve(
      options: { hostname: string; port: number; onListen: () => void },
      fetch: Fetch,
    ): { readonly addr: { readonly port: number } };
  };
}

type Fetch = (request: Request) => Response | Promise<Response>;

const [kind, storeKind, sessions] = process.argv.slice(2);
const place = await startPlace(storeKind as StoreKind);
const app = await createApp(kind as Kind, await place.open(), Number(sessions));
const port = await listen(app.fetch);
console.log(JSON.stringify({ port, tokens: app.tokens }));
// The parent closes our input when it is done, however it ends.
process.stdin.resume().on("end", () => {
  void place.close().then(() => process.exit(0));
});

async function listen(fetch: Fetch): Promise<number> {
  const { Bun, Deno } = globalThis as Servers;
  const at = { hostname: "127.0.0.1", port: 0 };
  if (Bun !== undefined) return Bun.serve({ ...at, fetch }).port;
  if (Deno !== undefined) return Deno.serve({ ...at, onListen: () => undefined }, fetch).addr.port;
  const { serve } = await import("@hono/node-server");
  return new Promise((resolve) => {
    serve({ ...at, fetch }, (address) => resolve(address.port));
  });
}
