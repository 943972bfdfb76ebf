/**
 * The enforcement point in operation: plans and policies that change while it runs, clocks that differ, more work than it takes on, its end.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { freezePlan } from "../../src/plan/freeze.ts";
import { readCatalogue } from "../../src/catalogue/catalogue.ts";
import type { FrozenPlan, Plan } from "../../src/plan/plan.ts";
import { parsePolicy } from "../../src/policy/schema.ts";
import type { Policy } from "../../src/policy/policy.ts";
import type { Json } from "../../src/json/value.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import type { Store } from "../../src/stores/store.ts";
import { createMeter } from "../../src/surfaces/enforce/load/gcra.ts";
import type { Checked } from "../../src/surfaces/enforce.ts";
import { createFirewall, type Firewall, type OwnEnforcement } from "../../src/surfaces/hono.ts";

const catalogue = readCatalogue({
  labels: { shop: { integrity: "trusted" } },
  tools: ["read", "buy"].map((name) => ({
    name: `shop/${name}`,
    inputSchema: { type: "object", properties: { n: { type: "integer" } } },
    sluice: { effects: [name === "read" ? "read" : "money"], labels: ["shop"], roles: { n: "content" } },
  })),
});

function freeze(plan: Partial<Plan> = {}): FrozenPlan {
  const draft = {
    sluice: 1,
    name: "shop",
    nodes: {
      read: { tool: "shop/read", args: {}, times: 50 },
      buy: { tool: "shop/buy", args: { n: 1 }, times: 50 },
    },
    ...plan,
  } as unknown as Plan;
  if (!catalogue.ok) throw new Error("the catalogue cannot be read");
  const frozen = freezePlan(draft, catalogue.value);
  if (!frozen.ok) throw new Error(JSON.stringify(frozen.error));
  return frozen.value;
}

function policyOf(members: { readonly [name: string]: Json }): Policy {
  const read = parsePolicy({ sluicePolicy: 1, name: "today", ...members });
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
}

const shop = freeze();

interface Process {
  readonly firewall: Firewall;
  time: number;
}

function start(store: Store, options: Partial<OwnEnforcement> = {}): Process {
  const made: Process = { time: 1_000_000, firewall: undefined as never };
  return Object.assign(made, { firewall: createFirewall({ plans: [shop], store, clock: () => made.time, ...options }) });
}

async function open({ firewall }: Process, plan = shop, principal = "ada"): Promise<string> {
  const opened = await firewall.open({ plan: plan.digest, principal });
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  return opened.value.token;
}

function codeOf(checked: Checked): string {
  return checked.allow ? "allow" : checked.verdict.code;
}

const read = { tool: "shop/read", args: {} };
const buy = { tool: "shop/buy", args: {} };

describe("a reload", () => {
  it("holds sessions that run to a stricter policy from their next call on", async () => {
    const one = start(createMemoryStore());
    const token = await open(one);
    expect(codeOf(await one.firewall.check(token, buy))).toBe("allow");
    one.firewall.prepare({ plans: [shop], policy: policyOf({ approve: { tools: ["shop/buy"] } }) }).commit();
    expect(codeOf(await one.firewall.check(token, buy))).toBe("CALL_NEEDS_APPROVAL");
    expect(codeOf(await one.firewall.check(token, read))).toBe("allow");
  });

  it("settles a call that was in flight, under the plan that the session has", async () => {
    const one = start(createMemoryStore());
    const token = await open(one);
    const checked = await one.firewall.check(token, read);
    one.firewall.prepare({ plans: [freeze({ name: "other" })] }).commit();
    expect(checked.allow && (await one.firewall.settle(checked.permit, { value: 7 })).ok).toBe(true);
  });

  it("changes nothing if one of its plans cannot be enforced under its policy", async () => {
    const one = start(createMemoryStore());
    const token = await open(one);
    const strict = policyOf({ forbid: [{ id: "no-money", effects: ["money"] }] });
    expect(() => one.firewall.prepare({ plans: [freeze({ name: "new" }), shop], policy: strict })).toThrow(/cannot be enforced/);
    expect([...one.firewall.guards.values()].map(({ digest }) => digest)).toEqual([shop.digest]);
    expect(codeOf(await one.firewall.check(token, buy))).toBe("allow");
  });

  it("lets sessions of a plan that is gone end, opens no new one, and denies them all where it is told to", async () => {
    for (const unloaded of ["serve", "deny"] as const) {
      const one = start(createMemoryStore(), { unloaded });
      const token = await open(one);
      one.firewall.prepare({ plans: [freeze({ name: "other" })] }).commit();
      expect(codeOf(await one.firewall.check(token, buy))).toBe(unloaded === "serve" ? "allow" : "PLAN_UNKNOWN");
      expect(await one.firewall.open({ plan: shop.digest, principal: "ada" })).toEqual({
        ok: false,
        error: { code: "PLAN_UNKNOWN", pointer: "/plan" },
      });
    }
  });

  it("holds the plans that are only in the store to the policy of today, and denies those that break it", async () => {
    const one = start(createMemoryStore());
    const token = await open(one);
    const other = freeze({ name: "other", nodes: { read: { tool: "shop/read", args: {} } } } as unknown as Partial<Plan>);
    one.firewall.prepare({ plans: [other] }).commit();
    expect(codeOf(await one.firewall.check(token, buy))).toBe("allow");
    one.firewall.prepare({ plans: [other], policy: policyOf({ forbid: [{ id: "no-money", effects: ["money"] }] }) }).commit();
    expect(codeOf(await one.firewall.check(token, buy))).toBe("PLAN_UNKNOWN");
  });
});

describe("a plan that another process has loaded", () => {
  it("is taken from the store once, however many sessions ask for it at the same time", async () => {
    const store = createMemoryStore();
    let loads = 0;
    const counting: Store = {
      ...store,
      loadDocument: (...asked) => {
        loads += 1;
        return store.loadDocument(...asked);
      },
    };
    const [one, two] = [start(store), start(counting, { plans: [freeze({ name: "other" })] })];
    const tokens = await Promise.all(Array.from({ length: 10 }, () => open(one)));
    const codes = await Promise.all(tokens.map(async (token) => codeOf(await two.firewall.check(token, read))));
    expect([...new Set(codes)]).toEqual(["allow"]);
    expect(loads).toBe(1);
  });

  it("is asked for again after the store could not be reached", async () => {
    const store = createMemoryStore();
    let isDown = true;
    const broken: Store = {
      ...store,
      loadDocument: async (...asked) => (isDown ? { ok: false, error: { kind: "unavailable" } } : store.loadDocument(...asked)),
    };
    const [one, two] = [start(store), start(broken, { plans: [freeze({ name: "other" })] })];
    const token = await open(one);
    expect(codeOf(await two.firewall.check(token, read))).toBe("STORE_UNAVAILABLE");
    isDown = false;
    expect(codeOf(await two.firewall.check(token, read))).toBe("allow");
  });

  it("is not taken for another whose text stands under its digest", async () => {
    const store = createMemoryStore();
    const forged: Store = {
      ...store,
      loadDocument: async () => ({ ok: true, value: JSON.stringify({ kind: "sluice.frozen-plan" }) }),
    };
    const token = await open(start(store));
    const two = start(forged, { plans: [freeze({ name: "other" })] });
    expect(codeOf(await two.firewall.check(token, read))).toBe("PLAN_UNKNOWN");
  });

  it("is refused where the surface cannot serve it", async () => {
    const store = createMemoryStore();
    const token = await open(start(store));
    const other = freeze({ name: "other" });
    const two = start(store, {
      plans: [other],
      accepts: ({ digest }) => (digest === other.digest ? undefined : "no such server"),
    });
    expect(codeOf(await two.firewall.check(token, read))).toBe("PLAN_UNKNOWN");
  });
});

describe("clocks that differ", () => {
  const rated = freeze({
    nodes: { read: { tool: "shop/read", args: {}, times: 50, constraints: { rate: { calls: 2, per: "minute" } } } },
  } as unknown as Partial<Plan>);

  it("give back no rate to a process whose clock is behind or jumps back", async () => {
    const store = createMemoryStore();
    const [ahead, behind] = [start(store, { plans: [rated] }), start(store, { plans: [rated] })];
    ahead.time += 50_000;
    const token = await open(behind, rated);
    expect(codeOf(await ahead.firewall.check(token, read))).toBe("allow");
    expect(codeOf(await behind.firewall.check(token, read))).toBe("allow");
    expect(codeOf(await behind.firewall.check(token, read))).toBe("CALL_RATE");
    // As the one that is behind sees it a minute is over; as the session has seen it, it is not.
    behind.time += 55_000;
    behind.time -= 10_000;
    expect(codeOf(await behind.firewall.check(token, read))).toBe("CALL_RATE");
  });

  it("end a session for good once one process has recorded an event after its end", async () => {
    const store = createMemoryStore();
    const short = freeze({ limits: { seconds: 10 } } as unknown as Partial<Plan>);
    const [ahead, behind] = [start(store, { plans: [short] }), start(store, { plans: [short] })];
    const token = await open(behind, short);
    ahead.time += 10_000;
    expect(codeOf(await ahead.firewall.check(token, read))).toBe("allow");
    behind.time += 1;
    expect(codeOf(await behind.firewall.check(token, read))).toBe("allow");
    ahead.time += 1;
    expect(codeOf(await ahead.firewall.check(token, read))).toBe("SESSION_EXPIRED");
  });

  it("make the windows of shared budgets longer by what they may differ, so that none forgets too early", async () => {
    const budgeted = freeze({
      nodes: {
        buy: {
          tool: "shop/buy",
          args: { n: 1 },
          times: 50,
          constraints: { budget: { sum: "n", max: 1, per: "minute", scope: "plan" } },
        },
      },
    } as unknown as Partial<Plan>);
    for (const [clockSkewSeconds, code] of [
      [0, "allow"],
      [5, "CALL_BUDGET"],
    ] as const) {
      const store = createMemoryStore();
      const options = { plans: [budgeted], clockSkewSeconds };
      const [one, ahead] = [start(store, options), start(store, options)];
      expect(codeOf(await one.firewall.check(await open(one, budgeted), buy))).toBe("allow");
      // 57 seconds later, by a clock that is 4 seconds ahead.
      ahead.time += 61_000;
      expect(codeOf(await ahead.firewall.check(await open(ahead, budgeted), buy))).toBe(code);
    }
  });

  it("end a session earlier by what they may differ", async () => {
    const one = start(createMemoryStore(), { clockSkewSeconds: 5, sessionSeconds: 60 });
    const token = await open(one);
    one.time += 55_000;
    expect(codeOf(await one.firewall.check(token, read))).toBe("allow");
    one.time += 1;
    expect(codeOf(await one.firewall.check(token, read))).toBe("SESSION_EXPIRED");
  });

  it("record no event before the one before it, whatever the clocks say", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.boolean(), fc.integer({ min: -100_000, max: 100_000 })), { maxLength: 8 }),
        async (steps) => {
          const store = createMemoryStore();
          const processes = [start(store), start(store)] as const;
          const token = await open(processes[0]);
          for (const [isFirst, by] of steps) {
            const one = processes[isFirst ? 0 : 1];
            one.time += by;
            const checked = await one.firewall.check(token, read);
            if (checked.allow) await one.firewall.settle(checked.permit, { value: 1 });
          }
          const [session = ""] = token.split(".");
          const loaded = await store.load(session, 0);
          const times = loaded.ok ? loaded.value.entries.map(({ event }) => event.at) : [];
          expect(times).toEqual([...times].sort((a, b) => a - b));
          expect(times.length).toBeGreaterThan(steps.length);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("more work than is taken on", () => {
  it("is refused before the store is asked, with the code and when to come again", async () => {
    const store = createMemoryStore();
    let loads = 0;
    const counting: Store = {
      ...store,
      load: (...asked) => {
        loads += 1;
        return store.load(...asked);
      },
    };
    const one = start(counting, { limits: { principalPerMinute: 60, principalBurst: 2 } });
    const token = await open(one);
    // The first is of a session that is not known here yet.
    for (let i = 0; i < 3; i++) expect(codeOf(await one.firewall.check(token, read))).toBe("allow");
    const before = loads;
    const refused = await one.firewall.check(token, read);
    expect(refused.verdict).toMatchObject({ code: "RATE_LIMITED", remedies: [{ kind: "wait", seconds: 1 }] });
    expect(loads).toBe(before);
    const other = await open(one, shop, "bea");
    for (let i = 0; i < 2; i++) expect(codeOf(await one.firewall.check(other, read))).toBe("allow");
    one.time += 1_000;
    expect(codeOf(await one.firewall.check(token, read))).toBe("allow");
  });

  it("at once is refused for one session and for all, and counts no more when it is done", async () => {
    const one = start(createMemoryStore(), { limits: { checks: 3, sessionChecks: 2 } });
    const [token, other] = [await open(one), await open(one)];
    const calls = [token, token, token, other, other].map((each) => one.firewall.check(each, read));
    expect((await Promise.all(calls)).map(codeOf)).toEqual(["allow", "allow", "OVERLOADED", "allow", "OVERLOADED"]);
    expect(codeOf(await one.firewall.check(token, read))).toBe("allow");
  });

  it("of sessions that are not known here is limited for all of them together, and spares those that are", async () => {
    const one = start(createMemoryStore(), { limits: { unknownPerMinute: 6 } });
    const token = await open(one);
    expect(codeOf(await one.firewall.check(token, read))).toBe("allow");
    const [session = ""] = token.split(".");
    const foreign = `${session}.${(await open(one)).split(".")[1]}`;
    expect(codeOf(await one.firewall.check(foreign, read))).toBe("RATE_LIMITED");
    expect(codeOf(await one.firewall.check(token, read))).toBe("allow");
  });
});

describe("a meter", () => {
  it("never lets more through in any window than the rate and its burst, whatever the clock does forward", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 600 }),
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 60 }),
        (perMinute, burst, gaps) => {
          const meter = createMeter({ perMinute, burst }, 10);
          let now = 0;
          const taken: number[] = [];
          for (const gap of gaps) {
            now += gap;
            const wait = meter.take("a", now);
            if (wait === 0) taken.push(now);
            else expect(wait).toBeGreaterThan(0);
          }
          for (const [i, from] of taken.entries())
            for (const [j, to] of taken.entries())
              if (j >= i) expect(j - i + 1).toBeLessThanOrEqual(burst + ((to - from) * perMinute) / 60_000 + 1e-6);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("lets one through after the wait that it says, and locks nobody out when the clock jumps back", () => {
    const meter = createMeter({ perMinute: 6, burst: 1 }, 10);
    expect(meter.take("a", 100_000)).toBe(0);
    const wait = meter.take("a", 100_000);
    expect(wait).toBe(10_000);
    expect(meter.take("a", 109_999)).toBe(1);
    expect(meter.take("a", 0)).toBeLessThanOrEqual(10_000);
    expect(meter.take("a", 10_000)).toBe(0);
  });
});

describe("a process that is about to end", () => {
  it("takes no new call and no new session, and settles those in flight", async () => {
    const one = start(createMemoryStore());
    const token = await open(one);
    const checked = await one.firewall.check(token, read);
    expect(one.firewall.work.outstanding).toBe(1);
    one.firewall.work.drain();
    expect(codeOf(await one.firewall.check(token, read))).toBe("SHUTTING_DOWN");
    expect(await one.firewall.open({ plan: shop.digest, principal: "ada" })).toMatchObject({ error: { code: "SHUTTING_DOWN" } });
    expect(checked.allow && (await one.firewall.settle(checked.permit, { value: 1 })).ok).toBe(true);
    expect(one.firewall.work.outstanding).toBe(0);
  });
});
