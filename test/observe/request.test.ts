import fc from "fast-check";
import { HTTPException } from "hono/http-exception";
import { describe, expect, it, vi } from "vitest";
import { readTrace } from "../../src/trace.ts";
import { replayTrace } from "../../src/replay.ts";
import { member } from "../../src/json/value.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import { createMemoryTraceSink } from "../../src/surfaces/hono.ts";
import { shop } from "../surfaces/firewall-fixture.ts";
import { before, observedOf, until, watchShop } from "./fixture.ts";

const day = 86_400_000;

describe("a request that is observed", () => {
  it("reaches the handler with the bytes, method, address and headers that came, whatever they are", async () => {
    const watched = watchShop({
      handler: (c) => c.body(new Uint8Array([1, 2, 255]), 201, { "x-own": "a", "content-type": "image/png" }),
    });
    const header = fc.constantFrom(
      "application/json",
      "application/json; charset=utf-16",
      "text/plain",
      "multipart/form-data; boundary=x",
    );
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.json().map((text) => new TextEncoder().encode(text)),
      fc
        .constantFrom('{"symbol":"VTI","amount":5}', '{"a":1,"a":2}', '{"amount":5', "{}")
        .map((text) => new TextEncoder().encode(text)),
    );
    const property = fc.asyncProperty(
      fc.constantFrom("POST", "PUT", "DELETE", "PATCH"),
      fc.constantFrom("order", "nowhere", "order?amount=9", "a%20b"),
      header,
      body,
      async (method, path, type, bytes) => {
        const headers = { "content-type": type, "x-any": "1", cookie: "a=b", authorization: "Bearer abc" };
        const url = `http://localhost/tools/${path}`;
        const sent = new Request(url, { method, headers, body: bytes as Uint8Array<ArrayBuffer> });
        const response = await watched.app.request(sent);
        const seen = watched.seen.at(-1);
        expect([seen?.method, seen?.url]).toEqual([method, url]);
        expect(seen?.bytes).toEqual(new Uint8Array(bytes));
        expect(seen?.headers).toEqual([...new Headers(headers)]);
        expect([response.status, response.headers.get("x-own"), response.headers.get("content-type")]).toEqual([
          201,
          "a",
          "image/png",
        ]);
        expect(new Uint8Array(await response.arrayBuffer())).toEqual(new Uint8Array([1, 2, 255]));
        expect(response.headers.get("sluice-mode")).toBe("observe");
      },
    );
    await fc.assert(property, { numRuns: 150 });
    const { calls, unobserved } = watched.firewall.observer?.status() ?? { calls: 0, unobserved: {} };
    expect(calls).toBe(watched.seen.length);
    expect(unobserved.fault).toBeUndefined();
  });

  it("is answered as the handler answers: errors, exceptions, streams, nothing", async () => {
    const answers: Readonly<Record<string, () => Response>> = {
      missing: () => Response.json({ error: "no such order" }, { status: 404 }),
      empty: () => new Response(null, { status: 204 }),
      moved: () => new Response(null, { status: 302, headers: { location: "https://a.example/" } }),
      text: () => new Response("plain words", { headers: { "content-type": "text/plain", "set-cookie": "a=b" } }),
      broken: () => {
        throw new HTTPException(418, { message: "a teapot" });
      },
    };
    const watched = watchShop({ handler: (c) => (answers[c.req.param("tool") ?? ""] as () => Response)() });
    const found: Record<string, unknown> = {};
    for (const tool of Object.keys(answers)) {
      const response = await watched.call(tool, {});
      found[tool] = [
        response.status,
        response.headers.get("location") ?? response.headers.get("set-cookie"),
        await response.text(),
      ];
    }
    expect(found).toEqual({
      missing: [404, null, '{"error":"no such order"}'],
      empty: [204, null, ""],
      moved: [302, "https://a.example/", ""],
      text: [200, "a=b", "plain words"],
      broken: [418, null, "a teapot"],
    });
    const [lines = []] = await watched.recorded();
    expect(lines.filter((line) => member(line, "type") === "result").map((line) => member(line, "value"))).toEqual([
      { error: "no such order" },
      null,
      { error: "status 302" },
      "plain words",
      { error: "a teapot" },
    ]);
  });

  it("gives a handler that takes its arguments from the firewall those of the agent, and no verdict", async () => {
    let found: unknown;
    const watched = watchShop({
      handler: (c) => {
        found = (c as unknown as { get(name: string): unknown }).get("sluice");
        return c.json(1);
      },
    });
    await watched.call("order", { symbol: "EVIL", amount: 900 });
    expect(found).toEqual({ args: { symbol: "EVIL", amount: 900 }, verdict: undefined });
  });

  it("passes a result on as it streams, before it has ended", async () => {
    let go: (() => void) | undefined;
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    const encoder = new TextEncoder();
    const stream = new ReadableStream<Uint8Array>({
      start: async (controller) => {
        controller.enqueue(encoder.encode("first "));
        await gate;
        controller.enqueue(encoder.encode("second"));
        controller.close();
      },
    });
    const watched = watchShop({ handler: () => new Response(stream, { headers: { "content-type": "text/event-stream" } }) });
    const response = await watched.call("feed", {});
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toBe("first ");
    go?.();
    expect(new TextDecoder().decode((await reader.read()).value)).toBe("second");
    expect((await reader.read()).done).toBe(true);
    const [lines = []] = await watched.recorded();
    expect(member(lines[1], "value")).toBe("first second");
  });
});

describe("what is recorded", () => {
  it("is a trace with the reason, the end, the mode on every line, and the verdict on every call", async () => {
    const watched = watchShop();
    await (await watched.call("order", { symbol: "VTI", amount: 5 })).text();
    await (await watched.call("order", { symbol: "VTI", amount: 6 })).text();
    const [lines = []] = await watched.recorded();
    expect(
      lines.map((line) => [member(line, "type"), observedOf(line).mode, observedOf(line).verdict, observedOf(line).code]),
    ).toEqual([
      ["call", "observe", "allow", null],
      ["result", "observe", undefined, undefined],
      ["call", "observe", "deny", "CALL_REPEATED"],
      ["result", "observe", undefined, undefined],
    ]);
    expect(observedOf(lines[0])).toMatchObject({ reason: "the first week", until, plan: shop.digest, node: "order" });
    expect(watched.firewall.observer?.status()).toEqual({
      mode: "observe",
      reason: "the first week",
      until,
      calls: 2,
      recorded: 2,
      compared: 2,
      wouldDeny: 1,
      unobserved: {},
    });
    expect(watched.log.map(({ event }) => event)).toEqual(["observe-mode", "would-deny"]);
    expect(watched.log[1]?.facts).toMatchObject({ code: "CALL_REPEATED", node: "order", tool: "order" });
  });

  it("has the verdicts that a replay of it gives, for any calls with any results", async () => {
    const step = fc.record({
      tool: fc.constantFrom("quotes", "feed", "order", "secret", "send", "say", "pay", "nowhere"),
      args: fc.oneof(
        fc.constantFrom<object>(
          {},
          { symbols: ["VTI", "BND"] },
          { symbol: "VTI", amount: 5 },
          { key: "k1" },
          { text: "hello" },
          { amount: 7 },
        ),
        fc.record({ amount: fc.integer({ min: -3, max: 80 }) }),
      ),
      answer: fc.constantFrom<unknown>({ key: "k1" }, { key: "k2" }, "words", null, 7, { error: "down" }),
      status: fc.constantFrom(200, 200, 200, 500),
    });
    const property = fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      let at = 0;
      const watched = watchShop({
        handler: () => Response.json(steps[at]?.answer ?? null, { status: steps[at]?.status ?? 200 }),
      });
      for (const { tool, args } of steps) {
        await (await watched.call(tool, args)).text();
        at++;
      }
      const [text = ""] = await watched.texts();
      const trace = readTrace(text);
      if (!trace.ok) throw new Error(trace.error.message);
      const replayed = replayTrace(shop, trace.value);
      if (!replayed.ok) throw new Error("replay");
      const lines = (await watched.recorded())[0]?.filter((line) => member(line, "type") === "call") ?? [];
      const observed = lines.map((line) => ({
        verdict: observedOf(line).verdict,
        code: observedOf(line).code,
        node: observedOf(line).node,
      }));
      expect(observed).toEqual(replayed.value.map(({ verdict, code, node }) => ({ verdict, code, node })));
      expect(observed.length).toBe(steps.length);
    });
    await fc.assert(property, { numRuns: 150 });
  });

  it("keeps runs apart by the host's token, by a name that the host gives, and by a pause", async () => {
    const watched = watchShop({ observedRun: (c) => c.req.header("x-run") });
    const token = await watched.open();
    await watched.call("order", { symbol: "VTI", amount: 5 }, { "sluice-session": token });
    await watched.call("order", { symbol: "VTI", amount: 5 }, { authorization: `Bearer ${token}` });
    await watched.call("order", { symbol: "VTI", amount: 5 }, { "x-run": "a" });
    await watched.call("order", { symbol: "VTI", amount: 5 }, { "x-run": "b" });
    await watched.call("order", { symbol: "VTI", amount: 5 });
    await watched.recorded();
    watched.time += 301_000;
    await watched.call("order", { symbol: "VTI", amount: 5 });
    // A token that opens nothing names nobody's run.
    const forged = `${token.split(".")[0]}.${"0".repeat(64)}`;
    await watched.call("order", { symbol: "VTI", amount: 5 }, { "sluice-session": forged });
    const runs = (await watched.recorded()).map((lines) => lines.filter((line) => member(line, "type") === "call").length);
    expect(runs).toEqual([2, 1, 1, 1, 2]);
  });

  it("does not spend, hold or change anything of the session that the host opened", async () => {
    const watched = watchShop();
    const token = await watched.open();
    const session = token.split(".")[0] as string;
    const load = async (): Promise<unknown> => watched.firewall.store.load(session, 0);
    const start = await load();
    for (let i = 0; i < 12; i++) await watched.call("pay", { amount: 60 }, { "sluice-session": token });
    await watched.recorded();
    expect(await load()).toEqual(start);
    expect((await watched.firewall.check(token, { tool: "pay", args: { amount: 60 } })).allow).toBe(true);
  });
});

describe("what fails beside", () => {
  it("changes nothing for the client: a sink that throws, rejects or never answers", async () => {
    const sinks = [
      {
        append: () => {
          throw new Error("full");
        },
      },
      { append: async () => Promise.reject(new Error("gone")) },
      { append: () => new Promise<void>(() => {}) },
    ];
    for (const [at, sink] of sinks.entries()) {
      const watched = watchShop({ sink });
      const response = await watched.call("order", { symbol: "VTI", amount: 5 });
      expect([response.status, await response.text()]).toEqual([200, '{"ok":true}']);
      if (at === 2) continue;
      await watched.firewall.observer?.flush();
      expect(watched.firewall.observer?.status()).toMatchObject({ calls: 1, recorded: 0, unobserved: { sink: 1 } });
      expect(watched.log.filter(({ level }) => level === "error").map(({ event }) => event)).toContain("observe-unobserved");
    }
  });

  it("changes nothing for the client: a store that is down", async () => {
    const store = createMemoryStore();
    let isDown = false;
    const watched = watchShop({
      store: { ...store, load: async (...args) => (isDown ? Promise.reject(new Error("down")) : store.load(...args)) },
    });
    const token = await watched.open();
    isDown = true;
    const response = await watched.call("order", { symbol: "VTI", amount: 900 }, { "sluice-session": token });
    expect([response.status, watched.seen.length]).toEqual([200, 1]);
    await watched.firewall.observer?.flush();
    expect(watched.firewall.observer?.status()).toMatchObject({ calls: 1, recorded: 0, unobserved: { store: 1 } });
    expect(watched.log.at(-1)).toMatchObject({ level: "error", event: "observe-unobserved", facts: { why: "store" } });
  });

  it("loses a line and nothing else: the verdicts go on as if it were there, and the recording stays a trace", async () => {
    const kept = createMemoryTraceSink();
    let count = 0;
    const sink = {
      append: (trace: string, line: string) => {
        if (count++ === 0) throw new Error("once");
        return kept.append(trace, line);
      },
    };
    const watched = watchShop({ sink, handler: (c) => c.json({ key: "k1" }) });
    await (await watched.call("secret", {})).text();
    await (await watched.call("send", { key: "k1" })).text();
    await watched.firewall.observer?.flush();
    const [lines = []] = [...kept.traces.values()];
    const trace = readTrace(lines.join("\n"));
    expect(trace.ok && trace.value.events.map(({ type, id }) => `${type} ${id}`)).toEqual(["call 1", "result 1"]);
    expect(lines[0]).toContain('"verdict":"allow"');
    expect(watched.firewall.observer?.status()).toMatchObject({ calls: 2, recorded: 1, wouldDeny: 0, unobserved: { sink: 1 } });
  });

  it("gives up a sink that hangs, so that what comes after is recorded", async () => {
    vi.useFakeTimers();
    try {
      const kept = createMemoryTraceSink();
      let count = 0;
      const sink = {
        append: (trace: string, line: string) => (count++ === 0 ? new Promise<void>(() => {}) : kept.append(trace, line)),
      };
      const watched = watchShop({ sink });
      const { observer } = watched.firewall;
      observer?.saw({}, { tool: "feed", args: {} }).result(null);
      observer?.saw({}, { tool: "feed", args: {} }).result(null);
      await vi.advanceTimersByTimeAsync(10_001);
      await observer?.flush();
      expect(observer?.status()).toMatchObject({ calls: 2, recorded: 1, unobserved: { sink: 1 } });
    } finally {
      vi.useRealTimers();
    }
  });

  it("is not what happens to calls that are made at once: all are recorded, each with its own result", async () => {
    const watched = watchShop({
      handler: async (c) => {
        const tool = c.req.param("tool") ?? "";
        if (tool === "feed") await new Promise((resolve) => setTimeout(resolve, 5));
        return c.json({ of: tool });
      },
    });
    const tools = ["feed", "quotes", "feed", "say", "quotes"];
    await Promise.all(tools.map(async (tool) => (await watched.call(tool, {})).text()));
    const [text = ""] = await watched.texts();
    const trace = readTrace(text);
    if (!trace.ok) throw new Error(trace.error.message);
    const calls = new Map(
      trace.value.events.flatMap((event) => (event.type === "call" ? [[event.id, event.tool] as const] : [])),
    );
    const results = trace.value.events.flatMap((event) =>
      event.type === "result" ? [[calls.get(event.id), member(event.value, "of")]] : [],
    );
    expect(results.length).toBe(tools.length);
    for (const [tool, of] of results) expect(of).toBe(tool);
  });

  it("is counted when too much waits, and the memory that waits is bounded", async () => {
    const watched = watchShop({ sink: { append: () => new Promise<void>(() => {}) } });
    const { observer } = watched.firewall;
    for (let i = 0; i < 10_050; i++) observer?.saw({}, { tool: "order", args: {} }).result(null);
    expect(observer?.status().unobserved.backlog).toBeGreaterThan(5_000);
  });
});

describe("the end of observing", () => {
  it("enforces from that moment on, and says so", async () => {
    const watched = watchShop();
    const token = await watched.open();
    expect((await watched.call("order", { symbol: "EVIL" }, { "sluice-session": token })).status).toBe(200);
    watched.time = before + 11 * day - 1;
    expect((await watched.call("order", { symbol: "EVIL" })).headers.get("sluice-mode")).toBe("observe");
    watched.time = before + 11 * day;
    const fresh = await watched.open();
    const count = watched.seen.length;
    const denied = await watched.call("order", { symbol: "EVIL" }, { "sluice-session": fresh });
    expect([denied.status, denied.headers.get("sluice-mode"), watched.seen.length]).toEqual([403, "enforce", count]);
    const allowed = await watched.call("order", {}, { "sluice-session": fresh });
    expect([allowed.status, allowed.headers.get("sluice-mode")]).toEqual([200, "enforce"]);
    expect((await watched.call("order", {})).status).toBe(400);
    expect(watched.firewall.observer?.status().mode).toBe("enforce");
  });

  it("denies everything where there is no plan", async () => {
    const watched = watchShop({ plans: [] });
    expect((await watched.call("order", { symbol: "EVIL" })).status).toBe(200);
    const [lines = []] = await watched.recorded();
    expect(observedOf(lines[0])).toMatchObject({ verdict: null, plan: null });
    watched.time = before + 12 * day;
    expect((await watched.call("order", {})).status).toBe(400);
    const token = `s_${"0".repeat(32)}.${"0".repeat(64)}`;
    expect((await watched.call("order", {}, { "sluice-session": token })).status).toBe(404);
    expect(watched.seen.length).toBe(1);
  });
});
