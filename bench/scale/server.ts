/**
 * One process of the scale benchmark: an application behind the middleware, over a store that others share. Arguments: kind of the store, its place.
 * `POST /open?n=` opens sessions; `POST /drive?ms=&sessions=` calls in process, without HTTP; `GET /usage` says what was used; `POST /hold?n=&calls=` keeps sessions.
 */
import { Hono } from "hono";
import { listen } from "../../src/cli/server/runtime.ts";
import { readJson } from "../../src/json/read.ts";
import type { Json } from "../../src/json/value.ts";
import { createFirewall, sluice } from "../../src/surfaces/hono.ts";
import { body } from "../hono/app.ts";
import { answer, freezeOffice } from "./plan.ts";
import { openScaleStore } from "./stores.ts";

const [kind = "", place = ""] = process.argv.slice(2);
const store = await openScaleStore(kind, place);
const plan = freezeOffice();
const firewall = createFirewall({ plans: [plan], store });
const read = readJson(body);
const args: Json = read.ok ? read.value : null;

async function open(count: number): Promise<readonly string[]> {
  const tokens: string[] = [];
  for (let i = 0; i < count; i++) {
    const opened = await firewall.open({ plan: plan.digest, principal: "bench", params: { recipient: "bob@example.com" } });
    if (!opened.ok) throw new Error(opened.error.code);
    tokens.push(opened.value.token);
  }
  return tokens;
}

async function callOnce(token: string): Promise<void> {
  const settled = await firewall.call(token, { tool: "office/send", args }, async () => ({ value: answer }));
  if (!settled.ok) throw new Error(settled.verdict.code);
}

/** Calls one after another in each session, all sessions at once. */
async function drive(tokens: readonly string[], ms: number): Promise<{ readonly calls: number; readonly cpu: number }> {
  const end = performance.now() + ms;
  const before = process.cpuUsage();
  let calls = 0;
  const one = async (token: string): Promise<void> => {
    while (performance.now() < end) {
      await callOnce(token);
      calls += 1;
    }
  };
  await Promise.all(tokens.map(one));
  const used = process.cpuUsage(before);
  return { calls, cpu: used.user + used.system };
}

const app = new Hono();
app.post("/open", async (c) => c.json(await open(Number(c.req.query("n")))));
app.post("/drive", async (c) => c.json(await drive(await open(Number(c.req.query("sessions"))), Number(c.req.query("ms")))));
app.post("/hold", async (c) => {
  const tokens = await open(Number(c.req.query("n")));
  for (let i = 0; i < Number(c.req.query("calls")); i++) for (const token of tokens) await callOnce(token);
  return c.json(tokens.length);
});
app.get("/usage", (c) => {
  if (c.req.query("swept") !== undefined) globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  const { heapUsed, rss } = process.memoryUsage();
  return c.json({ cpu: user + system, heapUsed, rss });
});
app.use("/tools/:tool", sluice({ enforcer: firewall }));
app.post("/tools/send", (c) => c.json(answer));
const server = await listen({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 });
process.stdout.write(`${JSON.stringify({ port: server.port })}\n`);
process.stdin.resume().on("end", () => process.exit(0));
