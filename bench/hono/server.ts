/**
 * One application behind a port of the loopback interface, in a process of its own: `node bench/hono/server.ts KIND STORE SESSIONS`
 * Prints its port and tokens as one line of JSON; `GET /cpu` says what processor time it has used. Never for anything but the benchmark.
 */
import { serve } from "@hono/node-server";
import { createApp, type Kind, type StoreKind } from "./app.ts";

const [kind, store, sessions] = process.argv.slice(2);
const app = await createApp(kind as Kind, store as StoreKind, Number(sessions));
const server = serve(
  {
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request) => (request.url.endsWith("/cpu") ? Response.json(process.cpuUsage()) : app.fetch(request)),
  },
  ({ port }) => console.log(JSON.stringify({ port, tokens: app.tokens })),
);
// The parent closes our input when it is done, however it ends.
process.stdin.resume().on("end", () => {
  server.close();
  app.close();
  process.exit(0);
});
