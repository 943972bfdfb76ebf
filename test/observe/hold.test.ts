/**
 * What would hold a firewall that observes to its promise: that it ends, that it shows, that it changes and holds up nothing.
 */
import { Hono } from "hono";
import { describe, expect, it, vi } from "vitest";
import { createFirewallApp } from "../../src/surfaces/firewall-app.ts";
import { passTo } from "../../src/cli/observe/forward.ts";
import { callBytesMax, observeBacklogBytesMax } from "../../src/limits.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import { createFirewall, createMemoryTraceSink, createObserver, type OwnEnforcement } from "../../src/surfaces/hono.ts";
import { listen } from "../../src/cli/server/runtime.ts";
import { shop } from "../surfaces/firewall-fixture.ts";
import { before, until, watchShop } from "./fixture.ts";

const sink = createMemoryTraceSink();
const observe = { reason: "why", until, sink };
const end = Date.parse(until);

describe("observing that has ended", () => {
  it("does not begin again when the clock goes back", () => {
    let time = before;
    const { observer } = createFirewall({ plans: [shop], store: createMemoryStore(), clock: () => time, mode: { observe } });
    const seen: (boolean | undefined)[] = [];
    for (time of [before, end - 1, end, end - 1, before]) seen.push(observer?.isOn());
    expect(seen).toEqual([true, true, false, false, false]);
    expect(observer?.status().mode).toBe("enforce");
  });

  it("has ended where the clock says no time at all", async () => {
    const watched = watchShop({});
    watched.time = Number.NaN;
    expect(watched.firewall.observer?.isOn()).toBe(false);
    expect((await watched.call("order", { symbol: "EVIL" })).status).toBeGreaterThanOrEqual(400);
  });
});

describe("a mode that is only inherited", () => {
  const plain: OwnEnforcement = { plans: [shop], store: createMemoryStore(), clock: () => before };

  it("turns nothing on: not from a prototype of the options, of the mode, or of everything", () => {
    expect(() => createFirewall(Object.assign(Object.create({ mode: { observe } }), plain))).toThrow("`mode`");
    expect(() => createFirewall({ ...plain, mode: Object.create({ observe }) as { observe: typeof observe } })).toThrow("`mode`");
    expect(() => createFirewall({ ...plain, mode: { observe: Object.create(observe) as typeof observe } })).toThrow(
      "`mode.observe",
    );
    const everything = Object.prototype as unknown as { mode?: unknown };
    everything.mode = { observe };
    try {
      expect(() => createFirewall(plain)).toThrow("`mode`");
    } finally {
      delete everything.mode;
    }
  });
});

describe("the mode", () => {
  it("is said on every response of the server: of tools, pages, refusals, and where there is nothing", async () => {
    const { app } = createFirewallApp({
      plans: [shop],
      store: createMemoryStore(),
      admin: "admin-secret-0123456789",
      approvers: { ada: "ada-secret-0123456789" },
      forward: async () => Response.json(1),
      observing: {
        mode: { observe: { reason: "why", until: new Date(Date.now() + 86_400_000).toISOString(), sink } },
        pass: async (tool) => (tool.endsWith("fails") ? Promise.reject(new Error("x")) : Response.json(1)),
        runHeader: undefined,
      },
    });
    const quiet = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const paths = [
      "/",
      "/nothing",
      "/tools",
      "/tools/a",
      "/tools/a/b",
      "/tools/a/b/c",
      "/tools/a/fails",
      "/sluice",
      "/sluice/mode",
      "/sluice/approvals",
      "/sluice/nothing",
      "/sluice/sessions",
      "/amendments",
      "/amendments/x",
    ];
    const seen: string[] = [];
    for (const path of paths)
      for (const method of ["GET", "HEAD", "POST", "OPTIONS"]) {
        const response = await app.request(path, { method });
        if (response.headers.get("sluice-mode") !== "observe") seen.push(`${method} ${path} ${response.status}`);
      }
    expect(seen).toEqual([]);
    const failed = await app.request("/tools/a/fails", {
      method: "POST",
      body: "{}",
      headers: { "content-type": "application/json" },
    });
    expect([failed.status, await failed.json()]).toMatchObject([502, { code: "UPSTREAM_FAILED" }]);
    expect(quiet).not.toHaveBeenCalled();
    quiet.mockRestore();
  });
});

describe("a request that is larger than what is read of it", () => {
  it("goes ahead whole, and is counted", async () => {
    const watched = watchShop({});
    const body = `{"text":"${"x".repeat(callBytesMax + 1_000_000)}"}`;
    const response = await watched.call("order", body);
    expect(response.status).toBe(200);
    expect(watched.seen[0]?.bytes.length).toBe(body.length);
    expect(watched.firewall.observer?.status().unobserved).toEqual({ body: 1 });
  }, 10_000);

  it("is passed on as it comes, without being held in memory", async () => {
    let total = 0;
    let first: number | undefined;
    const upstream = await listen({
      fetch: async (request: Request) => {
        for await (const chunk of request.body ?? []) {
          first ??= sent;
          total += chunk.byteLength;
        }
        return Response.json({ total });
      },
      hostname: "127.0.0.1",
      port: 0,
    });
    let sent = 0;
    const chunk = new Uint8Array(1024 * 1024);
    const body = new ReadableStream({
      pull: (controller) => {
        if (sent >= 64) return controller.close();
        sent++;
        controller.enqueue(chunk);
      },
    });
    const request = new Request("http://a.example/tools/x", { method: "POST", body, duplex: "half" } as RequestInit);
    try {
      const response = await passTo(new URL(`http://127.0.0.1:${upstream.port}/`))("s/x", request);
      expect([await response.text(), first !== undefined && first < 64]).toEqual(['{"total":67108864}', true]);
    } finally {
      await upstream.close();
    }
  });
});

describe("what waits to be recorded", () => {
  it("is bounded in size, not only in number", async () => {
    const stuck = { append: () => new Promise<void>(() => undefined) };
    const observer = createObserver({ mode: { observe: { ...observe, sink: stuck } }, clock: () => before });
    const run = observer.run();
    const text = "x".repeat(1024 * 1024);
    for (let i = 0; i < 200; i++) run.call({ tool: "a/b", args: { text } }).result(text);
    const { unobserved, calls } = observer.status();
    expect(calls).toBe(200);
    expect(unobserved.backlog).toBeGreaterThan(200 - (2 * observeBacklogBytesMax) / text.length);
    const few = createObserver({ mode: { observe }, clock: () => before });
    const one = few.run();
    for (let i = 0; i < 70; i++) {
      one.call({ tool: "a/b", args: { text } }).result(text);
      await few.flush();
    }
    expect(few.status()).toMatchObject({ calls: 70, recorded: 70, unobserved: {} });
  });
});

describe("an application of its own", () => {
  it("is not held up by a handler's failure that is no error", async () => {
    const watched = watchShop({
      handler: () => {
        throw "words";
      },
    });
    const outer = new Hono();
    outer.route("/", watched.app);
    await expect(Promise.resolve(watched.call("order", {}))).rejects.toBe("words");
    await watched.firewall.observer?.flush();
    expect(watched.firewall.observer?.status()).toMatchObject({ calls: 1, recorded: 1 });
  });
});
