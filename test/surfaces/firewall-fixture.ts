/**
 * A frozen plan, a firewall over a store, and an application with handlers behind it.
 */
import { type Context, Hono } from "hono";
import { readCatalogue } from "../../src/catalogue/catalogue.ts";
import type { Json } from "../../src/json/value.ts";
import { readJson } from "../../src/json/read.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import type { FrozenPlan, Plan } from "../../src/plan/plan.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import type { Store } from "../../src/stores/store.ts";
import { createFirewall, type Enforcer, type OwnEnforcement, type SluiceOptions, sluice } from "../../src/surfaces/hono.ts";

const text = { type: "string" };
const object = (properties: Record<string, Json>): Json => ({ type: "object", properties });

/** The tools of the tests, as MCP has them. */
export const tools: Json = {
  server: "shop",
  tools: [
    {
      name: "quotes",
      inputSchema: object({ symbols: { type: "array", items: text } }),
      sluice: { labels: ["external_api"], effects: ["read"] },
    },
    { name: "secret", inputSchema: object({}), sluice: { labels: ["vault"], effects: ["read"] } },
    {
      name: "order",
      inputSchema: object({ symbol: text, amount: { type: "number" } }),
      sluice: { labels: ["desk"], effects: ["money"] },
    },
    { name: "send", inputSchema: object({ key: text }), sluice: { labels: ["desk"], effects: ["write"] } },
    { name: "say", inputSchema: object({ text }), sluice: { labels: ["desk"], effects: ["write"] } },
    { name: "pay", inputSchema: object({ amount: { type: "number" } }), sluice: { labels: ["desk"], effects: ["money"] } },
    { name: "feed", inputSchema: object({}), sluice: { labels: ["external_api"], effects: ["read"] } },
  ],
};

const labels = {
  vault: { integrity: "trusted", readers: ["ada"] },
  desk: { integrity: "trusted" },
} as const;

/** Quotes, a hidden secret that goes by handle, a single order, free text, and payments on shared budgets. */
export const shopPlan: Plan = {
  sluice: 1,
  name: "shop",
  labels,
  params: { symbol: { type: "string", default: "VTI" } },
  nodes: {
    quotes: { tool: "quotes", args: { symbols: ["VTI", "BND"] }, times: { max: 200 }, optional: true },
    feed: { tool: "feed", optional: true, times: { max: 9 } },
    order: { tool: "order", args: { symbol: { param: "symbol" }, amount: 5 }, optional: true },
    secret: { tool: "secret", show: "none", optional: true, times: { max: 2 } },
    send: { tool: "send", args: { key: { from: "secret$.key" } }, optional: true },
    say: { tool: "say", args: { text: { write: { maxLength: 100, links: "none" } } }, optional: true, times: { max: 50 } },
    pay: {
      tool: "pay",
      args: { amount: { choose: { type: "number", minimum: 1, maximum: 60 } } },
      optional: true,
      times: { max: 500 },
      constraints: {
        idempotent: true,
        budget: [
          { sum: "amount", max: 100, scope: "principal", per: "day" },
          { max: 150, scope: "plan" },
        ],
      },
    },
  },
  flows: [{ id: "no-web-in-words", deny: ["external_api"], to: "shop/say" }],
};

/** Freezes a plan against the tests' tools. */
export function freeze(plan: Plan): FrozenPlan {
  const catalogue = readCatalogue(tools);
  if (!catalogue.ok) throw new Error(JSON.stringify(catalogue.error));
  const frozen = freezePlan(plan, catalogue.value);
  if (!frozen.ok) throw new Error(JSON.stringify(frozen.error, null, 1));
  return frozen.value;
}

/** The frozen shop. */
export const shop = freeze(shopPlan);

/** What a handler saw of a request. */
export interface Seen {
  readonly tool: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Answers of the handlers, by tool; what is not said answers `{"ok":true}`. */
export type Handlers = { readonly [tool: string]: (c: Context) => Response | Promise<Response> };

/** A firewall with an application behind it. */
export interface Shop {
  readonly app: Hono;
  readonly firewall: Enforcer;
  readonly store: Store;
  readonly seen: Seen[];
  time: number;
  /** Opens a session and returns its token. */
  open(options?: { readonly principal?: string; readonly conversation?: string }): Promise<string>;
  call(token: string, tool: string, args?: unknown, init?: RequestInit): Promise<Reply>;
}

/** A response, read. */
export interface Reply {
  readonly status: number;
  readonly body: Json;
  readonly text: string;
  readonly code: string | undefined;
  readonly headers: Headers;
}

/** Reads a response. */
export async function replyOf(response: Response): Promise<Reply> {
  const body = await response.text();
  const read = readJson(body);
  const value = read.ok ? read.value : body;
  const code = (value as { readonly code?: string } | null)?.code;
  const isProblem = response.headers.get("content-type") === "application/problem+json";
  return { status: response.status, body: value, text: body, code: isProblem ? code : undefined, headers: response.headers };
}

/** Makes a shop. */
export function makeShop(
  handlers: Handlers = {},
  over: {
    readonly store?: Store;
    readonly storeTimeoutMs?: number;
    readonly options?: Partial<SluiceOptions>;
    readonly plan?: FrozenPlan;
    readonly own?: Partial<OwnEnforcement>;
  } = {},
): Shop {
  const store = over.store ?? createMemoryStore();
  const plan = over.plan ?? shop;
  const patience = over.storeTimeoutMs === undefined ? {} : { storeTimeoutMs: over.storeTimeoutMs };
  const made: Shop = {
    app: new Hono(),
    store,
    seen: [],
    time: 1_000_000,
    firewall: createFirewall({ plans: [plan], store, clock: () => made.time, ...patience, ...over.own }),
    open: async ({ principal = "ada", conversation } = {}) => {
      const opened = await made.firewall.open({
        plan: plan.digest,
        principal,
        ...(conversation === undefined ? {} : { conversation }),
      });
      if (!opened.ok) throw new Error(JSON.stringify(opened.error));
      return opened.value.token;
    },
    call: async (token, tool, args = {}, init = {}) =>
      replyOf(
        await made.app.request(`/tools/${tool}`, {
          method: "POST",
          body: typeof args === "string" ? args : JSON.stringify(args),
          ...init,
          headers: { "content-type": "application/json", "sluice-session": token, ...(init.headers as Record<string, string>) },
        }),
      ),
  };
  made.app.use("/tools/:tool", sluice({ ...over.options, enforcer: made.firewall }));
  made.app.all("/tools/:tool", async (c) => {
    const tool = c.req.param("tool");
    const body = await c.req.text();
    made.seen.push({ tool, method: c.req.method, url: c.req.raw.url, headers: Object.fromEntries(c.req.raw.headers), body });
    return (await handlers[tool]?.(c)) ?? c.json({ ok: true });
  });
  return made;
}
