/**
 * A gateway of the soak: the middleware over a shared store, the tools behind it in another process, the host's routes beside it.
 * Never keeps anything that the next process would need. Arguments: kind of the store, its place, address of the tools.
 */
import { Hono } from "hono";
import { listen } from "../../src/cli/server/runtime.ts";
import { createFirewall, hostRoutes, sluice, type SluiceVariables } from "../../src/surfaces/hono.ts";
import { approvers, adminSecret, leaseSeconds } from "./settings.ts";
import { freezeSoak } from "./plan.ts";
import { openSoakStore } from "./stores.ts";

const [kind = "", place = "", tools = ""] = process.argv.slice(2);
const store = await openSoakStore(kind, place);
const enforcer = createFirewall({ plans: [freezeSoak()], store, leaseSeconds, holdSeconds: 120, storeTimeoutMs: 3_000 });
const app = new Hono<{ Variables: SluiceVariables & { session: string } }>();
app.use("/tools/:tool", async (c, next) => {
  // The middleware shows no credential to a handler.
  c.set("session", (c.req.header("sluice-session") ?? "").split(".")[0] ?? "");
  await next();
});
app.use("/tools/:tool", sluice({ enforcer }));
app.post("/tools/:tool", async (c) => {
  const { verdict } = c.get("sluice");
  // The witness is told which run this is: it testifies about runs.
  const headers = {
    "content-type": "application/json",
    session: c.get("session"),
    run: String(verdict?.run ?? ""),
  };
  const body = await c.req.text();
  return fetch(`${tools}/lab/${c.req.param("tool")}`, { method: "POST", headers, body, signal: AbortSignal.timeout(10_000) });
});
app.route("/sluice", hostRoutes({ enforcer, credentials: { admin: adminSecret, approvers } }));
const server = await listen({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 });
process.stdout.write(`${JSON.stringify({ port: server.port })}\n`);
process.stdin.resume().on("end", () => process.exit(0));
