import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readJson } from "../../src/json/read.ts";
import { commitAttemptsMax, denialsPerSessionMax } from "../../src/limits.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import { openSqliteStore } from "../../src/stores/sqlite/open.ts";
import type { Store } from "../../src/stores/store.ts";
import { createFirewall, type Enforcer } from "../../src/surfaces/hono.ts";
import { freeze, makeShop, shop as shopFrozen, shopPlan } from "./firewall-fixture.ts";

const stores: readonly (readonly [string, () => Store])[] = [
  ["memory", createMemoryStore],
  ["sqlite", () => openSqliteStore(":memory:")],
];

function count<T>(list: readonly T[]): ReadonlyMap<T, number> {
  const counts = new Map<T, number>();
  for (const each of list) counts.set(each, (counts.get(each) ?? 0) + 1);
  return counts;
}

describe.each(stores)("over a store in %s", (_, makeStore) => {
  it("a hundred calls at once of an operation that may run once have exactly one allow", async () => {
    const shop = makeShop({}, { store: makeStore() });
    const token = await shop.open();
    const replies = await Promise.all(Array.from({ length: 100 }, () => shop.call(token, "order")));
    expect(count(replies.map(({ status, code }) => code ?? status))).toEqual(
      new Map<unknown, number>([
        [200, 1],
        ["CALL_REPEATED", 99],
      ]),
    );
    expect(shop.seen).toHaveLength(1);
  });

  it("a hundred calls through four enforcement points have exactly one allow", async () => {
    const store = makeStore();
    const points = Array.from({ length: 4 }, () => makeShop({}, { store }));
    const token = (await points[0]?.open()) ?? "";
    const calls = Array.from({ length: 100 }, (_, i) => points[i % 4]?.call(token, "order"));
    const codes = count((await Promise.all(calls)).map((reply) => reply?.code ?? reply?.status));
    expect(codes.get(200)).toBe(1);
    expect([...codes.keys()].filter((code) => code !== 200 && code !== "CALL_REPEATED" && code !== "SESSION_CONFLICT")).toEqual(
      [],
    );
  });

  it("sessions that run at once do not mix", async () => {
    const shop = makeShop(
      {
        order: async (c) => {
          const { args } = c.get("sluice");
          for (let i = 0; i < Number(args.symbol.slice(1)) % 7; i++) await Promise.resolve();
          return c.json({ symbol: args.symbol });
        },
        secret: (c) => c.json({ key: `key of ${c.req.header("x-session")}` }),
      },
      { store: makeStore(), options: { forwardHeaders: ["x-session"] } },
    );
    const one = async (i: number): Promise<void> => {
      const symbol = `S${i}`;
      const opened = await shop.firewall.open({ plan: shopFrozen.digest, principal: `p${i}`, params: { symbol } });
      if (!opened.ok) throw new Error(opened.error.code);
      const { token, session } = opened.value;
      const init = { headers: { "x-session": session } };
      const [order, secret] = await Promise.all([shop.call(token, "order"), shop.call(token, "secret", {}, init)]);
      expect(order.body).toEqual({ symbol });
      expect(secret.status).toBe(200);
      expect((await shop.call(token, "send")).status).toBe(200);
      expect(shop.seen.filter(({ body }) => body === `{"key":"key of ${session}"}`)).toHaveLength(1);
      expect((await shop.call(token, "pay", { amount: 60 })).status).toBe(200);
      expect((await shop.call(token, "pay", { amount: 60 })).code).toBe("CALL_BUDGET");
    };
    await Promise.all(Array.from({ length: 40 }, (_, i) => one(i)));
  });

  it("sessions of one conversation share what the agent has seen", async () => {
    const shop = makeShop({}, { store: makeStore() });
    const conversation = "c";
    const [first, second] = [await shop.open({ conversation }), await shop.open({ conversation })];
    const stranger = await shop.open();
    expect((await shop.call(second, "say", { text: "x" })).status).toBe(200);
    await shop.call(first, "quotes");
    expect((await shop.call(second, "say", { text: "x" })).code).toBe("FLOW_SINK_DENIED");
    expect((await shop.call(stranger, "say", { text: "x" })).status).toBe(200);
    const late = await shop.open({ conversation });
    expect((await shop.call(late, "say", { text: "x" })).code).toBe("FLOW_SINK_DENIED");
    const loaded = await shop.store.load(second.split(".")[0] as string, 0);
    expect(loaded.ok && loaded.value.entries.map(({ event }) => event.type)).toEqual([
      "open",
      "allow",
      "settle",
      "context",
      "deny",
    ]);
  });

  it("a call that was sent before a result of another session came is not judged by it; the next one is", async () => {
    let release: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const shop = makeShop({ quotes: (c) => gate.then(() => c.json(1)) }, { store: makeStore() });
    const [first, second] = [await shop.open({ conversation: "c" }), await shop.open({ conversation: "c" })];
    const pending = shop.call(first, "quotes");
    expect((await shop.call(second, "say", { text: "x" })).status).toBe(200);
    release();
    await pending;
    expect((await shop.call(second, "say", { text: "x" })).code).toBe("FLOW_SINK_DENIED");
  });

  it("budgets of a principal and of a plan hold over sessions, slide, and get back what an idempotent failure took", async () => {
    let isDown = true;
    const shop = makeShop({ pay: (c) => c.json({}, isDown ? 503 : 200) }, { store: makeStore() });
    const [first, second, other] = [await shop.open(), await shop.open(), await shop.open({ principal: "bob" })];
    expect((await shop.call(first, "pay", { amount: 60 })).status).toBe(503);
    isDown = false;
    expect((await shop.call(first, "pay", { amount: 60 })).status).toBe(200);
    expect((await shop.call(second, "pay", { amount: 41 })).code).toBe("CALL_BUDGET");
    expect((await shop.call(second, "pay", { amount: 40 })).status).toBe(200);
    expect((await shop.call(other, "pay", { amount: 60 })).status).toBe(200);
    shop.time += 86_400_000;
    const next = await shop.open();
    expect((await shop.call(next, "pay", { amount: 60 })).status).toBe(200);
  });

  it("a budget of a hundred lets a hundred of three hundred calls at once through", async () => {
    const shop = makeShop({}, { store: makeStore() });
    const tokens = await Promise.all(Array.from({ length: 30 }, () => shop.open()));
    const calls = Array.from({ length: 300 }, (_, i) => shop.call(tokens[i % 30] as string, "pay", { amount: 1 }));
    expect(count((await Promise.all(calls)).map(({ code, status }) => code ?? status))).toEqual(
      new Map<unknown, number>([
        [200, 100],
        ["CALL_BUDGET", 200],
      ]),
    );
  });
});

describe("a session", () => {
  it("is closed to a foreign secret, after its time, after its end, and without its plan", async () => {
    const shop = makeShop();
    const [token, other] = [await shop.open(), await shop.open()];
    const [id = ""] = token.split(".");
    const foreign = `${id}.${other.split(".")[1]}`;
    expect((await shop.call(foreign, "order")).code).toBe("AUTH_DENIED");
    expect(await shop.firewall.close(id)).toEqual({ ok: true, value: undefined });
    expect(await shop.firewall.close(id)).toEqual({ ok: false, error: "SESSION_CLOSED" });
    expect((await shop.call(token, "order")).code).toBe("SESSION_CLOSED");
    shop.time += 86_400_001;
    expect((await shop.call(other, "order")).code).toBe("SESSION_EXPIRED");
    const elsewhere = makeShop({}, { store: shop.store, plan: freeze({ ...shopPlan, name: "else" }), own: { unloaded: "deny" } });
    expect((await elsewhere.call(other, "order")).code).toBe("PLAN_UNKNOWN");
    expect(shop.seen).toEqual([]);
  });

  it("that was forgotten is unknown, and its late result is refused", async () => {
    const shop = makeShop();
    const token = await shop.open();
    const checked = await shop.firewall.check(token, { tool: "order", args: {} });
    await shop.store.expire(Number.POSITIVE_INFINITY, 10);
    if (!checked.allow) throw new Error(checked.verdict.code);
    expect(await shop.firewall.settle(checked.permit, { value: 1 })).toMatchObject({
      ok: false,
      verdict: { code: "SESSION_UNKNOWN" },
    });
    expect((await shop.call(token, "say", { text: "x" })).code).toBe("SESSION_UNKNOWN");
  });

  it("takes the result of a call once, and of no call that it did not allow", async () => {
    const shop = makeShop();
    const token = await shop.open();
    const checked = await shop.firewall.check(token, { tool: "shop/order", args: {} });
    if (!checked.allow) throw new Error(checked.verdict.code);
    const { permit } = checked;
    const answers = await Promise.all([1, 2, 3].map((value) => shop.firewall.settle(permit, { value })));
    expect(answers.map((answer) => (answer.ok ? answer.delivered : answer.verdict.code))).toEqual([
      1,
      "RUN_SETTLED",
      "RUN_SETTLED",
    ]);
    expect(await shop.firewall.settle({ ...permit, run: 7 }, { value: 1 })).toMatchObject({
      ok: false,
      verdict: { code: "RUN_UNKNOWN" },
    });
  });

  it("records no more denials than a bound, and denies all the same", async () => {
    const shop = makeShop();
    const token = await shop.open();
    for (let i = 0; i < denialsPerSessionMax; i++) await shop.firewall.check(token, { tool: "x", args: {} });
    const loaded = await shop.store.load(token.split(".")[0] as string, 0);
    expect(loaded.ok && loaded.value.version).toBe(denialsPerSessionMax + 1);
    expect(await shop.firewall.check(token, { tool: "order", args: {} })).toMatchObject({
      allow: false,
      verdict: { code: "CALL_LIMIT" },
    });
    const after = await shop.store.load(token.split(".")[0] as string, 0);
    expect(after.ok && after.value.version).toBe(denialsPerSessionMax + 1);
  }, 60_000);

  it("keeps of a tool's name that no plan has no more than a name's length", async () => {
    const shop = makeShop();
    const token = await shop.open();
    await shop.firewall.check(token, { tool: `a/${"x".repeat(100_000)}`, args: {} });
    const loaded = await shop.store.load(token.split(".")[0] as string, 1);
    const event = loaded.ok ? loaded.value.entries[0]?.event : undefined;
    expect(event?.type === "deny" && event.tool.length).toBeLessThan(300);
  });

  it("does not tell by a shared budget what is hidden", async () => {
    const pay = { ...(shopPlan.nodes.pay as object), args: { amount: { from: "secret$.amount" } } };
    const frozen = freeze({ ...shopPlan, nodes: { secret: shopPlan.nodes.secret ?? {}, pay } });
    const shop = makeShop({ secret: (c) => c.json({ amount: 101 }) }, { plan: frozen });
    const token = await shop.open();
    await shop.call(token, "secret");
    expect((await shop.call(token, "pay")).code).toBe("HIDDEN");
  });
});

describe("a store that always says that the session changed", () => {
  it("is asked a bounded number of times, and the call is denied", async () => {
    const inner = createMemoryStore();
    let commits = 0;
    const store: Store = {
      ...inner,
      commit: async () => {
        commits++;
        return { ok: false, error: { kind: "conflict" } };
      },
    };
    const shop = makeShop({}, { store });
    const token = await shop.open();
    expect((await shop.call(token, "order")).code).toBe("SESSION_CONFLICT");
    expect(commits).toBe(commitAttemptsMax);
    expect(shop.seen).toEqual([]);
  });
});

describe("an enforcement point that has just started", () => {
  it("answers every call as one that has seen all of the session", async () => {
    const call = fc.oneof(
      fc.constant(["order", {}] as const),
      fc.constant(["quotes", {}] as const),
      fc.constant(["secret", {}] as const),
      fc.constant(["send", {}] as const),
      fc.constant(["feed", { x: 1 }] as const),
      fc.constantFrom("a", "b").map((text) => ["say", { text }] as const),
      fc.integer({ min: 1, max: 60 }).map((amount) => ["pay", { amount }] as const),
    );
    const step = fc.record({ call, isOk: fc.boolean(), isFirst: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
        const both = [true, false].map((isFresh) => {
          const store = createMemoryStore();
          let counter = 0;
          const make = (): Enforcer =>
            createFirewall({
              plans: [shopFrozen],
              store,
              clock: () => 5,
              random: (bytes) => new Uint8Array(bytes).fill(++counter),
            });
          return { isFresh, make, point: make() };
        });
        const answers = [];
        for (const { isFresh, make, point } of both) {
          const tokens: string[] = [];
          for (let i = 0; i < 2; i++) {
            const opened = await point.open({ plan: shopFrozen.digest, principal: "ada", conversation: "c" });
            if (opened.ok) tokens.push(opened.value.token);
          }
          const given: unknown[] = [];
          for (const {
            call: [tool, args],
            isOk,
            isFirst,
          } of steps) {
            const token = tokens[isFirst ? 0 : 1] as string;
            const checked = await (isFresh ? make() : point).check(token, { tool, args });
            given.push(checked);
            if (checked.allow)
              given.push(
                await (isFresh ? make() : point).settle(checked.permit, isOk ? { value: { key: "k" } } : { error: "e" }),
              );
          }
          answers.push(given);
        }
        expect(answers[0]).toEqual(answers[1]);
      }),
      { numRuns: 100 },
    );
  });
});

describe("what is written for an agent", () => {
  it("is canonical JSON", async () => {
    const shop = makeShop();
    const reply = await shop.call("x", "order");
    expect(readJson(reply.text).ok).toBe(true);
  });
});
