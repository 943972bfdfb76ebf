/** What weather, histories and processes have found, one by one: settles that were lost or late, and states that a store has taken back. */
import { describe, expect, it } from "vitest";
import { createGuard } from "../../src/engine.ts";
import { settleWaitsMs } from "../../src/limits.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import { openSqliteStore } from "../../src/stores/sqlite/open.ts";
import type { Store } from "../../src/stores/store.ts";
import { createEnforcer, type Enforcer, type Permit } from "../../src/surfaces/enforce.ts";
import { systemRandom } from "../../src/surfaces/random.ts";
import { type Fault, faultyStore } from "./faulty-store.ts";
import { freezeLab } from "./plan.ts";

const plan = freezeLab();
const made = createGuard(plan, { clock: () => 0, leaseSeconds: 300 });
if (!made.ok) throw new Error("the plan of the test is sound");
const guards = new Map([[plan.digest, made.value]]);
const clock = (): number => 1_700_000_000_000;

function pointOver(store: Store, slept: number[] = []): Enforcer {
  const sleep = async (ms: number): Promise<void> => void slept.push(ms);
  return createEnforcer({ guards, store, clock, random: systemRandom, sleep });
}

async function open(point: Enforcer): Promise<{ readonly token: string; readonly session: string }> {
  const opened = await point.open({ plan: plan.digest, principal: "ada" });
  if (!opened.ok) throw new Error(opened.error.code);
  return opened.value;
}

async function allowed(point: Enforcer, token: string, tool: string): Promise<Permit> {
  const checked = await point.check(token, { tool, args: {} });
  if (!checked.allow) throw new Error(checked.verdict.code);
  return checked.permit;
}

async function codeOf(point: Enforcer, token: string, tool: string): Promise<string> {
  const checked = await point.check(token, { tool, args: {} });
  return checked.allow ? "allow" : checked.verdict.code;
}

/** A point whose commits end as they are told to, one after another. */
function shaky(store: Store, fates: Fault[], slept: number[] = []): Enforcer {
  const next = (method: string): Fault => (method === "commit" ? (fates.shift() ?? "none") : "none");
  return pointOver(faultyStore(store, { next, pause: async () => undefined }).store, slept);
}

async function settlesIn(store: Store, session: string): Promise<number> {
  const loaded = await store.load(session, 0);
  return loaded.ok ? loaded.value.entries.filter(({ event }) => event.type === "settle").length : -1;
}

describe("a result", () => {
  it("is settled by a process that knows the session from before its call was allowed", async () => {
    const store = createMemoryStore();
    const [here, there] = [pointOver(store), pointOver(store)];
    const { token } = await open(here);
    expect(await codeOf(there, token, "next")).toBe("ARG_UNRESOLVED");
    const permit = await allowed(here, token, "once");
    expect(await there.settle(permit, { value: { paid: 1 } })).toMatchObject({ ok: true });
  });

  it.each([
    ["was not taken at first", ["before", "throw"]],
    ["was taken, and the answer was lost", ["after"]],
    ["was taken after it was given up, and then asked for again", ["zombie", "after"]],
    ["was given up three times", ["before", "after", "zombie"]],
  ] as const)("that the store %s is delivered, and recorded once", async (_, fates) => {
    const store = createMemoryStore();
    const slept: number[] = [];
    const point = shaky(store, ["none", ...fates], slept);
    const { token, session } = await open(point);
    const permit = await allowed(point, token, "once");
    expect(await point.settle(permit, { value: { paid: 7 } })).toMatchObject({ ok: true, delivered: { paid: 7 } });
    expect(await settlesIn(store, session)).toBe(1);
    expect(slept).toEqual(settleWaitsMs.slice(0, slept.length));
    // What was delivered can be referred to, by every process.
    expect(await codeOf(pointOver(store), token, "next")).toBe("allow");
  });

  it("that the store does not take is refused after a while, and its call is spent", async () => {
    const store = createMemoryStore();
    const slept: number[] = [];
    const point = shaky(store, ["none", ...Array.from({ length: 9 }, () => "before" as const)], slept);
    const { token, session } = await open(point);
    const permit = await allowed(point, token, "once");
    expect(await point.settle(permit, { value: {} })).toMatchObject({ ok: false, verdict: { code: "STORE_UNAVAILABLE" } });
    expect(slept).toEqual(settleWaitsMs);
    expect(await settlesIn(store, session)).toBe(0);
    expect(await codeOf(pointOver(store), token, "once")).toBe("CALL_REPEATED");
  });

  it("of two processes is taken from one", async () => {
    const store = createMemoryStore();
    const [here, there] = [pointOver(store), pointOver(store)];
    const { token, session } = await open(here);
    const permit = await allowed(here, token, "once");
    await codeOf(there, token, "read");
    const both = await Promise.all([here.settle(permit, { value: { paid: 1 } }), there.settle(permit, { value: { paid: 2 } })]);
    expect(both.map((settled) => (settled.ok ? "ok" : settled.verdict.code)).sort()).toEqual(["RUN_SETTLED", "ok"]);
    expect(await settlesIn(store, session)).toBe(1);
  });
});

describe("an allow whose answer was lost", () => {
  it("is a denial, is never carried out, and is spent", async () => {
    const store = createMemoryStore();
    const point = shaky(store, ["after"]);
    const { token } = await open(point);
    expect(await codeOf(point, token, "once")).toBe("STORE_UNAVAILABLE");
    for (const each of [point, pointOver(store)]) {
      expect(await codeOf(each, token, "once")).toBe("CALL_REPEATED");
      expect(await codeOf(each, token, "read")).toBe("allow");
    }
  });
});

/** A store that can be replaced by another one, as by a replica that takes over. */
function failover(first: Store): { readonly store: Store; switchTo(other: Store): void } {
  let current = first;
  const forward =
    (name: keyof Store) =>
    (...args: never[]) =>
      (current[name] as (...values: never[]) => unknown)(...args);
  const store = Object.fromEntries(
    (Object.keys(first) as (keyof Store)[]).map((name) => [name, forward(name)]),
  ) as unknown as Store;
  return {
    store,
    switchTo: (other) => {
      current = other;
    },
  };
}

describe("a store that has lost the last events to a failover", () => {
  it("is believed, and what took their place counts", async () => {
    const [master, replica] = [createMemoryStore(), createMemoryStore()];
    const { store, switchTo } = failover(master);
    const [here, there] = [pointOver(store), pointOver(store)];
    const { token, session } = await open(here);
    const loaded = await master.load(session, 0);
    if (!loaded.ok || loaded.value.entries[0] === undefined) throw new Error("the session is open");
    await replica.create(loaded.value.header, loaded.value.entries[0]);
    // Known here, and never replicated.
    expect(await codeOf(here, token, "next")).toBe("ARG_UNRESOLVED");
    switchTo(replica);
    // In its place, and as long.
    await allowed(there, token, "once");
    expect(await codeOf(here, token, "once")).toBe("CALL_REPEATED");
  });

  it.each([
    ["memory", createMemoryStore],
    ["sqlite", () => openSqliteStore(":memory:", { survives: "process" })],
  ] as const)("is the only one whose sessions are read again from the beginning (%s)", async (_, make) => {
    const inner = make();
    const since: number[] = [];
    const store: Store = {
      ...inner,
      load: (session, from) => {
        since.push(from);
        return inner.load(session, from);
      },
    };
    const point = pointOver(store);
    const { token } = await open(point);
    for (const tool of ["next", "once", "next", "read", "shared", "shared", "mine", "again", "no such tool"]) {
      const checked = await point.check(token, { tool, args: {} });
      if (checked.allow)
        await point.settle(
          checked.permit,
          tool === "again" ? { error: "x" } : { value: { paid: 1, "-0": -0, list: [0.1, null] } },
        );
    }
    await point.disclose(token, { sources: ["web"], readers: ["ada"] });
    await codeOf(point, token, "read");
    expect(since.filter((from) => from === 0)).toEqual([0]);
    expect(since.length).toBeGreaterThan(10);
  });
});

describe("a store that hangs", () => {
  it("is waited for once, not once for each call that queues, and is well again when it answers", async () => {
    const inner = createMemoryStore();
    const late: (() => void)[] = [];
    let isHung = false;
    const store: Store = {
      ...inner,
      load: async (session, since) => {
        if (isHung) await new Promise<void>((resolve) => late.push(resolve));
        return inner.load(session, since);
      },
    };
    const point = createEnforcer({ guards, store, clock, random: systemRandom, storeTimeoutMs: 2_000 });
    const { token } = await open(point);
    isHung = true;
    const started = process.hrtime.bigint();
    const codes = await Promise.all(Array.from({ length: 10 }, () => codeOf(point, token, "read")));
    expect(codes).toEqual(Array.from({ length: 10 }, () => "STORE_UNAVAILABLE"));
    // Ten times the time would be twenty seconds.
    expect(Number(process.hrtime.bigint() - started) / 1e6).toBeLessThan(10_000);
    isHung = false;
    for (const answer of late) answer();
    expect(await codeOf(point, token, "read")).toBe("allow");
  });
});
