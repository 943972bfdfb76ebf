/**
 * A shop whose firewall observes, with what it recorded.
 */
import { type Context, Hono } from "hono";
import { readJson } from "../../src/json/read.ts";
import { type Json, member } from "../../src/json/value.ts";
import type { FrozenPlan } from "../../src/plan/plan.ts";
import type { Logger } from "../../src/ports.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import type { Store } from "../../src/stores/store.ts";
import { createFirewall, createMemoryTraceSink, type Enforcer, sluice, type TraceSink } from "../../src/surfaces/hono.ts";
import type { ObserveOptions } from "../../src/surfaces/observe.ts";
import type { MemoryTraceSink } from "../../src/surfaces/observe/sink.ts";
import { shop } from "../surfaces/firewall-fixture.ts";

/** The end of observing in the tests. */
export const until = "2026-12-01T00:00:00Z";
/** A time before it. */
export const before = Date.UTC(2026, 10, 20);

/** What a handler saw. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly bytes: Uint8Array;
}

/** A shop that is watched. */
export interface WatchedShop {
  readonly app: Hono;
  readonly firewall: Enforcer;
  readonly sink: MemoryTraceSink;
  readonly seen: SeenRequest[];
  /** Events of the log with their facts. */
  readonly log: { readonly level: string; readonly event: string; readonly facts: Json }[];
  time: number;
  open(): Promise<string>;
  call(tool: string, args: unknown, headers?: Readonly<Record<string, string>>): Promise<Response>;
  /** The recorded lines, trace by trace, as values. */
  recorded(): Promise<readonly (readonly Json[])[]>;
  /** The recorded lines as one text for each trace. */
  texts(): Promise<readonly string[]>;
}

/** Makes a shop that is watched. */
export function watchShop(
  options: {
    readonly handler?: (c: Context) => Response | Promise<Response>;
    readonly plans?: readonly FrozenPlan[];
    readonly observe?: Partial<ObserveOptions>;
    readonly store?: Store;
    readonly sink?: TraceSink;
    readonly observedRun?: (c: Context) => string | undefined;
  } = {},
): WatchedShop {
  const sink = createMemoryTraceSink();
  const log: WatchedShop["log"] = [];
  const note =
    (level: string): Logger["info"] =>
    (event, facts) =>
      void log.push({ level, event, facts: facts as unknown as Json });
  const { plans = [shop], handler = (c) => c.json({ ok: true }), observe, observedRun } = options;
  const store = options.store ?? createMemoryStore();
  const clock = { time: before };
  const made: WatchedShop = {
    app: new Hono(),
    sink,
    seen: [],
    log,
    get time() {
      return clock.time;
    },
    set time(ms) {
      clock.time = ms;
    },
    firewall: createFirewall({
      plans,
      store,
      clock: () => clock.time,
      logger: { info: note("info"), error: note("error") },
      mode: { observe: { reason: "the first week", until, sink: options.sink ?? sink, ...observe } },
    }),
    open: async () => {
      const opened = await made.firewall.open({ plan: plans[0]?.digest ?? "", principal: "ada" });
      if (!opened.ok) throw new Error(opened.error.code);
      return opened.value.token;
    },
    call: async (tool, args, headers = {}) =>
      made.app.request(`/tools/${tool}`, {
        method: "POST",
        body: typeof args === "string" ? args : JSON.stringify(args),
        headers: { "content-type": "application/json", ...headers },
      }),
    recorded: async () => (await made.texts()).map((text) => text.trim().split("\n").map(valueOfLine)),
    texts: async () => {
      await made.firewall.observer?.flush();
      return [...sink.traces.values()].map((lines) => lines.map((line) => `${line}\n`).join(""));
    },
  };
  made.app.use("/tools/:tool", sluice({ enforcer: made.firewall, ...(observedRun === undefined ? {} : { observedRun }) }));
  made.app.all("/tools/:tool", async (c) => {
    const { method, url, headers } = c.req.raw;
    made.seen.push({ method, url, headers: [...headers], bytes: new Uint8Array(await c.req.arrayBuffer()) });
    return handler(c);
  });
  return made;
}

function valueOfLine(line: string): Json {
  const read = readJson(line);
  if (!read.ok) throw new Error(read.error.message);
  return read.value;
}

/** Members of the `observed` of a line. */
export function observedOf(line: Json | undefined): Readonly<Record<string, Json>> {
  return member(line, "observed") as Readonly<Record<string, Json>>;
}
