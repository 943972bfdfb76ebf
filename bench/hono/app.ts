/**
 * The applications that are compared: a bare Hono application, the same that also keeps its sessions, and the same behind Sluice.
 * Never different in anything else: one handler, one body, one strict reader.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { Hono, type MiddlewareHandler } from "hono";
import { readCatalogue } from "../../src/catalogue/catalogue.ts";
import { readJsonBytes } from "../../src/json/read.ts";
import { isObject, type Json } from "../../src/json/value.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import type { FrozenPlan } from "../../src/plan/plan.ts";
import type { Entry, Store } from "../../src/stores/store.ts";
import { createFirewall, sluice } from "../../src/surfaces/hono.ts";

/** `bare`: reads the body and answers. `keeping`: also commits an event before and after. `sluice`: also decides. */
export type Kind = "bare" | "keeping" | "sluice";
export const kinds: readonly Kind[] = ["bare", "keeping", "sluice"];

/** An application with open sessions. */
export interface App {
  readonly fetch: (request: Request) => Response | Promise<Response>;
  readonly tokens: readonly string[];
}

/** The body of every request: 287 bytes. With its head it fits into 512: Deno 2.9 closes a connection whose request does not come in its first read. */
export const body = JSON.stringify({
  to: "bob@example.com",
  kind: "report",
  priority: "low",
  text: "The quarterly report is ready for review and the numbers are as expected. ".repeat(4).slice(0, 220),
});

const bodyBytes = String(new TextEncoder().encode(body).byteLength);

const answer: Json = { status: "sent", id: 12345, note: "the message will be delivered within a minute" };

function plan(): FrozenPlan {
  const catalogue = readCatalogue({
    tools: [
      {
        name: "office/send",
        description: "sends",
        inputSchema: { type: "object" },
        sluice: {
          effects: ["write"],
          labels: ["user_input"],
          roles: { to: "target", kind: "content", priority: "content", text: "content" },
        },
      },
    ],
  });
  if (!catalogue.ok) throw new Error(JSON.stringify(catalogue.error));
  const args = {
    to: { param: "recipient" },
    kind: "report",
    priority: { choose: { enum: ["low", "high"] } },
    text: { write: { maxLength: 4_000 } },
  };
  const frozen = freezePlan(
    {
      sluice: 1,
      name: "office",
      params: { recipient: { type: "string" } },
      nodes: { send: { tool: "office/send", args, times: { min: 0, max: 1_000_000 } } },
      flows: [{ id: "no-web", deny: ["external_api"], to: "office/*" }],
    },
    catalogue.value,
  );
  if (!frozen.ok) throw new Error(JSON.stringify(frozen.error));
  return frozen.value;
}

async function strictBody(request: Request): Promise<Json> {
  const read = readJsonBytes(new Uint8Array(await request.arrayBuffer()));
  if (!read.ok) throw new Error(read.error.code);
  return read.value;
}

/** Makes one application over a store, with this many open sessions. On every runtime. */
export async function createApp(kind: Kind, store: Store, sessions: number): Promise<App> {
  const frozen = plan();
  const firewall = createFirewall({ plans: [frozen], store });
  const opened = [];
  for (let i = 0; i < sessions; i++)
    opened.push(await firewall.open({ plan: frozen.digest, principal: "bench", params: { recipient: "bob@example.com" } }));
  const tokens = opened.map((each) => (each.ok ? each.value.token : ""));
  const app = new Hono<{ Variables: { args: Json } }>();
  if (kind === "sluice") app.use("/tools/:tool", sluice({ enforcer: firewall }));
  else app.use("/tools/:tool", kind === "keeping" ? keeping(store, tokens) : reading);
  app.post("/tools/send", (c) => c.json(answer));
  return { fetch: (request) => app.fetch(request), tokens };
}

type Middleware = MiddlewareHandler<{ Variables: { args: Json } }>;

/** Reads the body and no more. */
const reading: Middleware = async (c, next) => {
  c.set("args", await strictBody(c.req.raw));
  await next();
};

/** A session as an application remembers it. */
interface Kept {
  readonly digest: Buffer;
  version: number;
  runs: number;
}

/**
 * What an application that keeps the same state would do, and no more: the credential is looked up by its digest, the session is loaded as the
 * store has it now, and the very events that Sluice writes are appended before and after the call, with a compare-and-set.
 */
function keeping(store: Store, tokens: readonly string[]): Middleware {
  const sessions = new Map<string, Kept>();
  for (const token of tokens) {
    const [id = "", secret = ""] = token.split(".");
    sessions.set(id, { digest: digestOf(secret), version: 1, runs: 0 });
  }
  const append = async (id: string, session: Kept, event: Entry["event"]): Promise<void> => {
    const committed = await store.commit(id, session.version, { entries: [{ event }] });
    if (!committed.ok) throw new Error(committed.error.kind);
    session.version = committed.value;
  };
  return async (c, next) => {
    const [id = "", secret = ""] = (c.req.header("sluice-session") ?? "").split(".");
    const session = sessions.get(id);
    if (session === undefined || !timingSafeEqual(digestOf(secret), session.digest)) return c.text("", 401);
    const args = await strictBody(c.req.raw);
    if (!isObject(args)) return c.text("", 400);
    const loaded = await store.load(id, session.version);
    if (!loaded.ok || loaded.value.revoked !== undefined) return c.text("", 403);
    session.version = loaded.value.version;
    const run = session.runs++;
    const at = Date.now();
    await append(id, session, { type: "allow", at, run, node: "send", lease: at + 300_000 });
    c.set("args", args);
    await next();
    await append(id, session, { type: "settle", at: Date.now(), run, ok: c.res.ok, valid: false });
    return;
  };
}

function digestOf(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}

/** One request of a session. */
export function requestOf(token: string): Request {
  return new Request("http://localhost/tools/send", {
    method: "POST",
    headers: { "content-type": "application/json", "content-length": bodyBytes, "sluice-session": token },
    body,
  });
}
