/** What a sweep forgets, and what nothing forgets. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { retentionBatchMax } from "../../src/limits.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import { due, readRetention, type Retention, retentionDefault, sweep } from "../../src/stores/retention.ts";
import { openSqliteStore } from "../../src/stores/sqlite/open.ts";
import type { Store } from "../../src/stores/store.ts";
import { timeKey } from "../../src/surfaces/enforce/waiting/pending.ts";
import { allowed, headerOf, opening } from "./session-fixture.ts";

const folder = mkdtempSync(join(tmpdir(), "sluice-retention-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const hour = 3_600_000;
const day = 24 * hour;

async function add(store: Store, ...expiries: readonly number[]): Promise<void> {
  for (const expiresAt of expiries) {
    const header = headerOf(`s${expiresAt}`, { expiresAt });
    expect((await store.create(header, opening(header))).ok).toBe(true);
    for (const kind of ["approval", "amendment", "receipt", "mcp-ended"])
      await store.writeRecord({ kind, id: `${timeKey(expiresAt)}.x`, version: 0, value: {} });
  }
}

async function left(store: Store, kind: string): Promise<readonly number[]> {
  const found = await store.records(kind, { limit: 10_000 });
  return found.ok ? found.value.map(({ id }) => Number(id.slice(0, 16))) : [];
}

describe("a retention policy", () => {
  it("is read as hours and days after expiry, and says what is wrong with each member", () => {
    expect(readRetention({})).toEqual({ ok: true, value: retentionDefault });
    expect(readRetention({ sessions: "90d", receipts: "1h", approvals: "never" })).toEqual({
      ok: true,
      value: { ...retentionDefault, sessions: 90 * day, receipts: hour, approvals: "never" },
    });
    const wrong = {
      sessions: 30,
      receipts: "0h",
      approvals: "30 days",
      clients: "-1d",
      labels: "1d",
      "a/b": "1d",
      __proto__x: 1,
    };
    const read = readRetention(wrong);
    expect(read.ok ? [] : read.error.map(({ pointer }) => pointer)).toEqual([
      "/sessions",
      "/receipts",
      "/approvals",
      "/clients",
      "/labels",
      "/a~1b",
      "/__proto__x",
    ]);
    for (const value of [null, [], "30d", 7]) expect(readRetention(value).ok).toBe(false);
    expect(readRetention({ sessions: "999999d" }).ok).toBe(false);
    expect(readRetention(JSON.parse('{"__proto__":"1d"}')).ok).toBe(false);
  });
});

describe.each([
  ["memory", () => createMemoryStore()],
  ["sqlite", () => openSqliteStore(join(folder, `${Math.trunc(performance.now() * 1e6)}.db`), { survives: "process" })],
] as const)("a sweep of a store in %s", (_name, make) => {
  it("forgets exactly what expired longer ago than the policy keeps, and counts it beforehand", async () => {
    const store = make();
    const now = 100 * day;
    const times = [1, 30, 69, 70, 71, 92, 94, 98, 99, 100, 101].map((days) => days * day);
    await add(store, ...times);
    const expected = { sessions: 4, approvals: 12, receipts: 8, clients: 8, isDone: true };
    expect(await due(store, retentionDefault, { now, sessionsMax: 100 })).toEqual({ ok: true, value: expected });
    expect(await sweep(store, retentionDefault, { now })).toEqual({ ok: true, value: expected });
    const rest = await store.list(99);
    expect(rest.ok && rest.value.map(({ header }) => header.expiresAt).sort((a, b) => a - b)).toEqual(
      times.filter((time) => time > 70 * day),
    );
    expect(await left(store, "receipt")).toEqual(times.filter((time) => time >= 99 * day));
    expect(await left(store, "amendment")).toEqual(times.filter((time) => time >= 93 * day));
    const nothing = { sessions: 0, approvals: 0, receipts: 0, clients: 0, isDone: true };
    expect(await due(store, retentionDefault, { now, sessionsMax: 100 })).toEqual({ ok: true, value: nothing });
    expect(await sweep(store, retentionDefault, { now })).toEqual({ ok: true, value: nothing });
  });

  it("leaves labels, counters, revocations, grants and plans, whatever their age", async () => {
    const store = make();
    await add(store, hour);
    const take = { counter: "c", run: 0, amount: 10, max: 10, at: 1 };
    const label = { sources: ["web"], readers: null };
    await store.commit(`s${hour}`, 1, {
      entries: [allowed(0)],
      takes: [take, { ...take, counter: "w", windowMs: 1e12 }],
      context: label,
      resources: [{ key: "r", label }],
      records: ["revocation", "grant", "hook-run", "model-call"].map((kind) => ({ kind, id: "0", version: 0, value: {} })),
    });
    await store.saveDocument("plan", "sha256:00", "{}");
    expect(await sweep(store, retentionDefault, { now: 1_000 * day })).toMatchObject({ ok: true, value: { sessions: 1 } });
    expect(await store.contextOf(`s${hour}`)).toEqual({ ok: true, value: label });
    expect(await store.labelsOf({ keys: ["r"], prefixes: [] })).toEqual({ ok: true, value: label });
    for (const kind of ["revocation", "grant", "hook-run", "model-call"])
      expect(await store.record(kind, "0")).toMatchObject({ ok: true, value: { version: 1 } });
    expect(await store.listDocuments("plan")).toEqual({ ok: true, value: ["sha256:00"] });
    const next = headerOf("next");
    await store.create(next, opening(next));
    for (const counter of ["c", "w"]) {
      const again = { ...take, counter, amount: 1, at: 2, ...(counter === "w" ? { windowMs: 1e12 } : {}) };
      expect(await store.commit("next", 1, { entries: [allowed(0)], takes: [again] })).toMatchObject({ error: { counter } });
    }
  });

  it("does so much at a time, and goes on where it was", async () => {
    const store = make();
    await Promise.all(
      Array.from({ length: 2 * retentionBatchMax + 1 }, (_, i) =>
        store.writeRecord({ kind: "receipt", id: `${timeKey(i)}.x`, version: 0, value: {} }),
      ),
    );
    const run = async () => sweep(store, retentionDefault, { now: 10 * day, batches: 1 });
    expect(await run()).toMatchObject({ ok: true, value: { receipts: retentionBatchMax, isDone: false } });
    expect((await left(store, "receipt"))[0]).toBe(retentionBatchMax);
    expect(await run()).toMatchObject({ ok: true, value: { receipts: retentionBatchMax, isDone: false } });
    expect(await run()).toMatchObject({ ok: true, value: { receipts: 1, isDone: true } });
  });

  it("never forgets what a policy keeps, for any policy and time", async () => {
    const keep = fc.oneof(
      fc.constant("never" as const),
      fc.integer({ min: 1, max: 90 }).map((days) => days * day),
    );
    const policy = fc.record({ sessions: keep, approvals: keep, receipts: keep, clients: keep });
    const times = fc.uniqueArray(fc.integer({ min: 1, max: 200 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(policy, times, fc.nat(200), async (retention: Retention, days, at) => {
        const store = make();
        const expiries = days.map((each) => each * day).sort((a, b) => a - b);
        await add(store, ...expiries);
        expect((await sweep(store, retention, { now: at * day })).ok).toBe(true);
        const kept = (time: number | "never", isStrict: boolean) =>
          expiries.filter((each) => time === "never" || (isStrict ? each > at * day - time : each >= at * day - time));
        const rows = await store.list(99);
        expect(rows.ok && rows.value.map(({ header }) => header.expiresAt).sort((a, b) => a - b)).toEqual(
          kept(retention.sessions, true),
        );
        expect(await left(store, "receipt")).toEqual(kept(retention.receipts, false));
        expect(await left(store, "approval")).toEqual(kept(retention.approvals, false));
        expect(await left(store, "mcp-ended")).toEqual(kept(retention.clients, false));
      }),
      { numRuns: 40 },
    );
  });

  it("stops at a failure of the store", async () => {
    const store = make();
    await add(store, hour);
    const failing = { ...store, forgetRecords: async () => ({ ok: false, error: { kind: "unavailable" } }) as const };
    expect(await sweep(failing, retentionDefault, { now: 100 * day })).toEqual({ ok: false, error: { kind: "unavailable" } });
    expect(await store.list(9)).toEqual({ ok: true, value: [] });
  });
});
