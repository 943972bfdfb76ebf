/** The exact hour, batch and page at which a sweep answers otherwise. */
import { describe, expect, it } from "vitest";
import { retentionBatchMax } from "../../src/limits.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import { due, readRetention, type Retention, retentionDefault, sweep } from "../../src/stores/retention.ts";
import type { Store } from "../../src/stores/store.ts";
import { timeKey } from "../../src/surfaces/enforce/waiting/pending.ts";
import { headerOf, opening } from "./session-fixture.ts";

const hour = 3_600_000;
const day = 24 * hour;
const down = { ok: false, error: { kind: "unavailable", detail: "down" } } as const;

describe("a retention policy", () => {
  it("keeps an hour at least and a hundred years at most", () => {
    const read = (text: unknown): unknown => {
      const policy = readRetention({ clients: text });
      return policy.ok ? policy.value.clients : policy.error;
    };
    expect(read("1h")).toBe(hour);
    expect(read("1d")).toBe(day);
    expect(read("24h")).toBe(day);
    expect(read("36500d")).toBe(36_500 * day);
    expect(read("876000h")).toBe(36_500 * day);
    const wrong = [{ pointer: "/clients", message: "how long after expiry: hours or days such as `12h` or `30d`, or `never`" }];
    for (const text of [
      "36501d",
      "876001h",
      "0d",
      "01h",
      "1",
      "h",
      "1m",
      " 1h",
      "1h ",
      "1h1h",
      "1.5h",
      "1000000h",
      "",
      "Never",
      1,
      null,
      ["1h"],
      undefined,
    ])
      expect(read(text), String(text)).toEqual(wrong);
  });

  it("is an object that names only what can be forgotten", () => {
    for (const value of [null, [], "30d", 7, undefined])
      expect(readRetention(value)).toEqual({
        ok: false,
        error: [{ pointer: "", message: 'an object is needed, such as { "sessions": "30d" }' }],
      });
    const message = "not known; there are sessions, approvals, receipts, clients";
    expect(readRetention({ "a~/b": "1d", x: "y" })).toEqual({
      ok: false,
      error: [
        { pointer: "/a~0~1b", message },
        { pointer: "/x", message },
      ],
    });
    expect(retentionDefault).toEqual({ sessions: 30 * day, approvals: 7 * day, receipts: day, clients: day });
  });
});

const never: Retention = { sessions: "never", approvals: "never", receipts: "never", clients: "never" };
const nothing = { sessions: 0, approvals: 0, receipts: 0, clients: 0, isDone: true };

async function records(store: Store, kind: string, count: number, from = 0): Promise<void> {
  for (let i = from; i < from + count; i++) await store.writeRecord({ kind, id: `${timeKey(i)}.x`, version: 0, value: {} });
}

async function countOf(store: Store, kind: string): Promise<number> {
  const found = await store.records(kind, { limit: 10_000 });
  return found.ok ? found.value.length : -1;
}

describe("a sweep", () => {
  it("forgets issued receipts as long after their time as sessions, counts them as nothing, and goes on where there are more", async () => {
    const store = createMemoryStore();
    await records(store, "issued-receipt", retentionBatchMax + 3);
    await store.writeRecord({ kind: "issued-receipt", id: `${timeKey(10 * day)}.x`, version: 0, value: {} });
    expect(await sweep(store, { ...retentionDefault, sessions: "never" }, { now: 40 * day })).toEqual({
      ok: true,
      value: nothing,
    });
    expect(await countOf(store, "issued-receipt")).toBe(retentionBatchMax + 4);
    const run = () => sweep(store, { ...never, sessions: 30 * day }, { now: 40 * day });
    expect(await run()).toEqual({ ok: true, value: { ...nothing, isDone: false } });
    expect(await countOf(store, "issued-receipt")).toBe(4);
    expect(await run()).toEqual({ ok: true, value: nothing });
    expect(await countOf(store, "issued-receipt")).toBe(1);
  });

  it("forgets nothing at a time that is none, and asks nothing of the store for what is kept for ever", async () => {
    const asked: string[] = [];
    const refuse = async (what: string) => {
      asked.push(what);
      return down;
    };
    const store = { expire: async () => refuse("expire"), forgetRecords: refuse };
    for (const now of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
      expect(await sweep(store, retentionDefault, { now })).toEqual({ ok: true, value: nothing });
    expect(await sweep(store, never, { now: 1e12 })).toEqual({ ok: true, value: nothing });
    expect(asked).toEqual([]);
    expect(await sweep(store, { ...never, sessions: day }, { now: 1e12 })).toEqual(down);
    expect(await sweep(store, { ...never, approvals: day }, { now: 1e12 })).toEqual(down);
    expect(asked).toEqual(["expire", "approval"]);
    const half = { expire: async () => ({ ok: true, value: 0 }) as const, forgetRecords: async () => down };
    expect(await sweep(half, { ...never, sessions: day }, { now: 1e12 })).toEqual(down);
  });

  it("does twenty batches of a kind unless it is told otherwise, a whole one being a sign of more", async () => {
    const batches: number[] = [];
    const endless = {
      expire: async () => ({ ok: true, value: retentionBatchMax }) as const,
      forgetRecords: async () => ({ ok: true, value: 0 }) as const,
    };
    expect(await sweep(endless, retentionDefault, { now: 1e12 })).toMatchObject({
      value: { sessions: 20 * retentionBatchMax, isDone: false },
    });
    const exact = {
      expire: async (_: number, limit: number) => ({ ok: true, value: batches.push(limit) === 1 ? limit : 0 }) as const,
      forgetRecords: endless.forgetRecords,
    };
    expect(await sweep(exact, retentionDefault, { now: 1e12, batches: 2 })).toMatchObject({
      value: { sessions: retentionBatchMax, isDone: true },
    });
    expect(batches).toEqual([retentionBatchMax, retentionBatchMax]);
  });

  it("is told beforehand what it would forget, over as many pages as there are", async () => {
    const ask = (store: Pick<Store, "list" | "records">, sessionsMax = 9) =>
      due(store, retentionDefault, { now: 40 * day, sessionsMax });
    for (const count of [0, 1, retentionBatchMax - 1, retentionBatchMax, 2 * retentionBatchMax, 2 * retentionBatchMax + 1]) {
      const store = createMemoryStore();
      await records(store, "receipt", count);
      await records(store, "receipt", 3, 39 * day);
      expect(await ask(store)).toEqual({ ok: true, value: { ...nothing, receipts: count } });
    }
    const store = createMemoryStore();
    for (const [id, expiresAt] of [
      ["a", 10 * day],
      ["b", 10 * day + 1],
    ] as const)
      await store.create(headerOf(id, { expiresAt }), opening(headerOf(id, { expiresAt })));
    expect(await ask(store, 3)).toEqual({ ok: true, value: { ...nothing, sessions: 1 } });
    expect(await ask(store, 2)).toEqual({ ok: true, value: { ...nothing, sessions: 1, isDone: false } });
    expect(await due(store, never, { now: 1e12, sessionsMax: 9 })).toEqual({ ok: true, value: nothing });
    expect(await ask({ ...store, list: async () => down })).toEqual(down);
    expect(await ask({ ...store, records: async () => down })).toEqual(down);
    expect(await due({ ...store, records: async () => down }, never, { now: 1e12, sessionsMax: 9 })).toMatchObject({ ok: true });
  });
});
