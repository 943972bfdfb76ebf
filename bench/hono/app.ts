/**
 * The applications that are compared: a bare Hono application, the same that also keeps its sessions, and the same behind Sluice.
 * Never different in anything else: one handler, one body, one strict reader.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Hono } from "hono";
import { readCatalogue } from "../../src/catalogue/catalogue.ts";
import { readJsonBytes } from "../../src/json/read.ts";
import { isObject, type Json } from "../../src/json/value.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import type { FrozenPlan } from "../../src/plan/plan.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import { openSqliteStore } from "../../src/stores/sqlite/open.ts";
import type { Entry, Store } from "../../src/stores/store.ts";
import { createFirewall, sluice } from "../../src/surfaces/hono.ts";

/** `bare`: reads the body and answers. `keeping`: also commits an event before and after. `sluice`: also decides. */
export type Kind = "bare" | "keeping" | "sluice";
export const kinds: readonly Kind[] = ["bare", "keeping", "sluice"];

/** Where sessions are kept. `sqlite`: survives power failure; `sqlite-process`: survives the end of the process. */
export type StoreKind = "memory" | "sqlite" | "sqlite-process";
export const storeKinds: readonly StoreKind[] = ["memory", "sqlite-process", "sqlite"];

/** An application with open sessions. */
export interface App {
  readonly fetch: (request: Request) => Response | Promise<Response>;
  readonly tokens: readonly string[];
  readonly close: () => void;
}

/** The body of every request: 300 bytes. */
export const body = JSON.stringify({
  to: "bob@example.com",
  kind: "report",
  priority: "low",
  text: "The quarterly report is ready for review and the numbers are as expected. ".repeat(4).slice(0, 230),
});

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

function storeOf(kind: StoreKind): { readonly store: Store; readonly close: () => void } {
  if (kind === "memory") return { store: createMemoryStore(), close: () => undefined };
  const folder = mkdtempSync(join(tmpdir(), "sluice-bench-"));
  const store = openSqliteStore(join(folder, "bench.db"), { survives: kind === "sqlite" ? "power" : "process" });
  const close = (): void => {
    store.close();
    rmSync(folder, { recursive: true });
  };
  return { store, close };
}

async function strictBody(request: Request): Promise<Json> {
  const read = readJsonBytes(new Uint8Array(await request.arrayBuffer()));
  if (!read.ok) throw new Error(read.error.code);
  return read.value;
}

/** Makes one application with this many open sessions. */
export async function createApp(kind: Kind, storeKind: StoreKind, sessions: number): Promise<App> {
  const { store, close } = storeOf(storeKind);
  const frozen = plan();
  const firewall = createFirewall({ plans: [frozen], store });
  const opened = [];
  for (let i = 0; i < sessions; i++)
    opened.push(await firewall.open({ plan: frozen.digest, principal: "bench", params: { recipient: "bob@example.com" } }));
  const tokens = opened.map((each) => (each.ok ? each.value.token : ""));
  const ids = opened.map((each) => (each.ok ? each.value.session : ""));
  const app = new Hono();
  if (kind === "sluice") app.use("/tools/:tool", sluice({ enforcer: firewall }));
  if (kind === "sluice") app.post("/tools/send", (c) => c.json(answer));
  else {
    const keep = kind === "keeping" ? keeper(store, new Map(tokens.map((token, i) => [token, ids[i] ?? ""]))) : undefined;
    app.post("/tools/send", async (c) => {
      const args = await strictBody(c.req.raw);
      const settle = await keep?.(c.req.header("sluice-session") ?? "", args);
      await settle?.();
      return c.json(answer);
    });
  }
  return { fetch: app.fetch, tokens, close };
}

/** What an application that only keeps a log of its sessions would do: an event before the call and one after, with a compare-and-set. */
function keeper(store: Store, ids: ReadonlyMap<string, string>) {
  const versions = new Map<string, number>();
  let runs = 0;
  return async (token: string, args: Json) => {
    const id = ids.get(token);
    if (id === undefined || !isObject(args)) throw new Error("no session");
    const append = async (entry: Entry): Promise<void> => {
      const version = versions.get(id) ?? 1;
      const loaded = await store.load(id, version);
      if (!loaded.ok) throw new Error(loaded.error.kind);
      const committed = await store.commit(id, loaded.value.version, { entries: [entry] });
      if (!committed.ok) throw new Error(committed.error.kind);
      versions.set(id, committed.value);
    };
    const run = runs++;
    const at = Date.now();
    await append({ event: { type: "allow", at, run, node: "send", lease: at + 300_000 } });
    return () => append({ event: { type: "settle", at: Date.now(), run, ok: true, valid: false } });
  };
}

/** One request of a session. */
export function requestOf(token: string): Request {
  return new Request("http://localhost/tools/send", {
    method: "POST",
    headers: { "content-type": "application/json", "sluice-session": token },
    body,
  });
}
