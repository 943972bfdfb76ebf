import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Miniflare } from "miniflare";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { sessionObjectName } from "../../src/stores/cloudflare/names.ts";
import type { Change, Store } from "../../src/stores/store.ts";
import { allowed, headerOf, opening } from "../stores/session-fixture.ts";
import { bundled, rowsOf, startWorker, workerName } from "./host.ts";
import { remoteStore } from "./remote-store.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const folder = mkdtempSync(join(tmpdir(), "sluice-worker-"));
let script: string;
let worker: Miniflare;
let url: URL;
beforeAll(async () => {
  script = await bundled("test/workers/store-entry.ts");
  worker = await startWorker(script, { folder });
  url = await worker.ready;
});
afterAll(async () => {
  await worker.dispose();
  rmSync(folder, { recursive: true, force: true });
});

let tenants = 0;
const tenantOf = (): string => `p${tenants++}`;

const crash = (step: string, times = 1): Promise<unknown> =>
  fetch(new URL("/crash", url), { method: "POST", body: `${step}*${times}` });

const label = { sources: ["web"], readers: null };

/** A change that takes all that a counter may hold. */
function spend(run: number): Change {
  return { entries: [allowed(run)], takes: [{ counter: "c", run, amount: 1, max: 1, at: 1_000 }] };
}

/** A change that touches everything which a session shares with others. */
function wide(run: number): Change {
  return {
    ...spend(run),
    context: label,
    records: [{ kind: "k", id: "a", version: 0, value: { run } }],
    resources: [{ key: "r", label }],
  };
}

/** What of a wide change is there: each part by itself. */
async function parts(store: Store, session: string): Promise<readonly boolean[]> {
  const loaded = await store.load(session, 0);
  const context = await store.contextOf(session);
  const record = await store.record("k", "a");
  const resource = await store.labelsOf({ keys: ["r"], prefixes: [] });
  // A take of nothing fits where the counter holds nothing.
  await store.create(headerOf("probe"), opening(headerOf("probe")));
  const probe = await store.commit("probe", 1, {
    entries: [allowed(9)],
    takes: [{ counter: "c", run: 9, amount: 0, max: 0, at: 1 }],
  });
  if (!loaded.ok || !context.ok || !record.ok || !resource.ok) throw new Error(JSON.stringify([loaded, context, record]));
  return [
    loaded.value.version === 2,
    context.value !== undefined,
    record.value !== undefined,
    resource.value !== undefined,
    !probe.ok,
  ];
}

async function opened(store: Store, ...ids: readonly string[]): Promise<void> {
  for (const id of ids) expect(await store.create(headerOf(id), opening(headerOf(id)))).toEqual({ ok: true, value: undefined });
}

describe("a crash between two steps of a commit", () => {
  const steps = ["stage", "ask", "before apply", "after apply", "finish", "answer", "list"];
  for (const step of steps)
    it(`(${step}) leaves all of the change or nothing, and the session goes on`, async () => {
      const store = remoteStore(url, tenantOf(), { journal: true });
      await opened(store, "s");
      await crash(step);
      const told = await store.commit("s", 1, wide(0));
      await crash("", 0);
      const there = await parts(store, "s");
      expect(new Set(there).size, there.join()).toBe(1);
      // A crash of the shared object is not seen: it is asked again. One of the session's own leaves the caller without an answer.
      if (told.ok || step.endsWith("apply")) expect([told.ok, there[0]]).toEqual([true, true]);
      else expect(told).toMatchObject({ error: { kind: "unavailable" } });
      const version = there[0] === true ? 2 : 1;
      expect(await store.commit("s", version, { entries: [allowed(1)] })).toEqual({ ok: true, value: version + 1 });
      const lines = await store.journal({ limit: 99 });
      const ofSession = lines.ok ? lines.value.filter(({ session }) => session === "s").map(({ number }) => number) : [];
      expect(ofSession).toEqual(Array.from({ length: version + 1 }, (_, i) => i));
    });

  it("is made good by the object itself, where nobody asks", async () => {
    const tenant = tenantOf();
    const store = remoteStore(url, tenant);
    await opened(store, "s");
    await crash("finish");
    expect((await store.commit("s", 1, wide(0))).ok).toBe(false);
    await crash("", 0);
    const name = sessionObjectName(tenant, "s");
    const rows = () => rowsOf(worker, name, "SELECT version, pending FROM session");
    await expect.poll(rows, { timeout: 30_000 }).toEqual([{ version: 2, pending: null }]);
  });

  it("of the shared object, again and again, is a store that cannot be reached, and nothing is taken twice", async () => {
    const store = remoteStore(url, tenantOf());
    await opened(store, "s", "t");
    await crash("after apply", 3);
    expect(await store.commit("s", 1, wide(0))).toMatchObject({ error: { kind: "unavailable" } });
    expect(await store.load("s", 0)).toMatchObject({ ok: true, value: { version: 2, context: label } });
    const two = { entries: [allowed(0)], takes: [{ counter: "c", run: 0, amount: 1, max: 2, at: 1 }] };
    expect(await store.commit("t", 1, two)).toEqual({ ok: true, value: 2 });
    expect(await store.commit("t", 2, two)).toMatchObject({ error: { kind: "budget" } });
  });

  it("before the shared object has refused leaves a refusal, also when the budget is free by then", async () => {
    const store = remoteStore(url, tenantOf());
    await opened(store, "s", "t");
    await store.commit("t", 1, spend(0));
    // The shared object has decided, and its answers are lost until it is asked again.
    await crash("after apply", 3);
    expect(await store.commit("s", 1, wide(0))).toMatchObject({ error: { kind: "unavailable" } });
    await store.commit("t", 2, { entries: [allowed(1)], gives: [{ counter: "c", run: 0, amount: 1 }] });
    expect(await store.load("s", 0)).toMatchObject({ ok: true, value: { version: 1 } });
    expect(await store.record("k", "a")).toEqual({ ok: true, value: undefined });
    expect(await store.commit("s", 1, wide(0))).toEqual({ ok: true, value: 2 });
  });
});

/** The tables of an object that are not the runtime's. */
const tables = "SELECT name FROM sqlite_master WHERE substr(name, 1, 4) <> '_cf_'";

describe("objects", () => {
  it("that were evicted come back as they were", async () => {
    const tenant = tenantOf();
    const store = remoteStore(url, tenant);
    await opened(store, "s");
    await store.commit("s", 1, wide(0));
    await worker.unsafeEvictDurableObject(workerName, "SluiceSession", { name: sessionObjectName(tenant, "s") });
    await worker.unsafeEvictDurableObject(workerName, "SluiceShared", { name: tenant });
    expect(await store.load("s", 1)).toMatchObject({ ok: true, value: { version: 2, entries: [allowed(0)], context: label } });
    expect(await store.commit("s", 2, spend(1))).toMatchObject({ error: { kind: "budget" } });
  });

  it("let 200 calls at once have a budget of one, over 20 sessions", async () => {
    const store = remoteStore(url, tenantOf());
    const ids = Array.from({ length: 20 }, (_, i) => `s${i}`);
    await opened(store, ...ids);
    const one = async (run: number): Promise<string> => {
      const id = ids[run % ids.length] as string;
      for (;;) {
        const loaded = await store.load(id, Number.MAX_SAFE_INTEGER);
        const take = { counter: "c", run, amount: 1, max: 1, at: 1 };
        const result = await store.commit(id, loaded.ok ? loaded.value.version : -1, { entries: [allowed(run)], takes: [take] });
        if (result.ok) return "ok";
        if (result.error.kind !== "conflict") return result.error.kind;
      }
    };
    const answers = await Promise.all(Array.from({ length: 200 }, (_, run) => one(run)));
    expect([answers.filter((each) => each === "ok").length, answers.filter((each) => each === "budget").length]).toEqual([
      1, 199,
    ]);
  });

  it("keep a result that is larger than a row may be, whole characters at the seams", async () => {
    const store = remoteStore(url, tenantOf());
    await opened(store, "s");
    for (const [run, value] of [
      "x".repeat(3_000_000),
      `${"x".repeat(524_286)}😀${"é".repeat(600_000)}`,
      "😀".repeat(600_000),
    ].entries()) {
      const entry = { event: { type: "settle" as const, at: 1, run, ok: true as const, value, valid: true } };
      expect(await store.commit("s", run + 1, { entries: [entry] })).toEqual({ ok: true, value: run + 2 });
      const loaded = await store.load("s", run + 1);
      const event = loaded.ok ? loaded.value.entries[0]?.event : undefined;
      expect(event?.type === "settle" && event.value === value).toBe(true);
    }
    const text = "é".repeat(2_000_000);
    await store.saveDocument("catalogue", "sha256:c", text);
    await store.saveDocument("catalogue", "sha256:c", "x".repeat(4_000_000));
    const kept = await store.loadDocument("catalogue", "sha256:c");
    expect(kept.ok && kept.value === text).toBe(true);
  });

  it("of sessions that nobody has created hold nothing", async () => {
    const tenant = tenantOf();
    const store = remoteStore(url, tenant);
    expect(await store.load("ghost", 0)).toMatchObject({ error: { kind: "unknown" } });
    expect(await store.commit("ghost", 1, wide(0))).toMatchObject({ error: { kind: "unknown" } });
    const name = sessionObjectName(tenant, "ghost");
    expect(await rowsOf(worker, name, tables)).toEqual([]);
  });

  it("of sessions that were forgotten hold nothing, and the same name begins anew", async () => {
    const tenant = tenantOf();
    const store = remoteStore(url, tenant);
    await opened(store, "s");
    await store.commit("s", 1, wide(0));
    expect(await store.expire(9_999, 9)).toEqual({ ok: true, value: 1 });
    expect(await rowsOf(worker, sessionObjectName(tenant, "s"), tables)).toEqual([]);
    await opened(store, "s");
    // The first attempt of the new session is not taken for that of the old one.
    expect(await store.commit("s", 1, spend(0))).toMatchObject({ error: { kind: "budget" } });
  });

  it("of two tenants share nothing", async () => {
    const [one, other] = [remoteStore(url, tenantOf(), { journal: true }), remoteStore(url, tenantOf(), { journal: true })];
    await opened(one, "s");
    await one.commit("s", 1, wide(0));
    await one.saveDocument("plan", "sha256:a", "{}");
    expect(await other.load("s", 0)).toMatchObject({ error: { kind: "unknown" } });
    expect(await other.list(9)).toEqual({ ok: true, value: [] });
    expect(await other.listDocuments("plan")).toEqual({ ok: true, value: [] });
    expect(await other.journal({ limit: 9 })).toEqual({ ok: true, value: [] });
    expect(await other.contextOf("s")).toEqual({ ok: true, value: undefined });
  });
});

/** The processes of workerd that this process has started. */
function workerdProcesses(): readonly number[] {
  return readdirSync("/proc").flatMap((entry) => {
    try {
      const [, command, parent] = /^\d+ \((.*)\) \S (\d+)/.exec(readFileSync(`/proc/${entry}/stat`, "utf8")) ?? [];
      return command?.startsWith("workerd") === true && Number(parent) === process.pid ? [Number(entry)] : [];
    } catch {
      return [];
    }
  });
}

describe("workerd, killed under load and started again", () => {
  it("has of every change all or nothing, and every change that it has answered for", async () => {
    const tenant = tenantOf();
    const own = mkdtempSync(join(tmpdir(), "sluice-killed-"));
    const ids = Array.from({ length: 6 }, (_, i) => `s${i}`);
    const before = new Set(workerdProcesses());
    const answered = new Map(ids.map((id) => [id, 1]));
    try {
      for (let round = 0; round < 3; round++) {
        const running = await startWorker(script, { folder: own });
        const store = remoteStore(await running.ready, tenant);
        if (round === 0) await opened(store, ...ids);
        const writers = ids.map(async (id) => {
          for (let run = 0; ; run++) {
            const loaded = await store.load(id, Number.MAX_SAFE_INTEGER);
            if (!loaded.ok) return;
            const take = { counter: "c", run, amount: 1, max: 1_000_000, at: 1 };
            const result = await store.commit(id, loaded.value.version, { entries: [allowed(run)], takes: [take] });
            if (!result.ok) return;
            answered.set(id, result.value);
          }
        });
        await new Promise((resolve) => setTimeout(resolve, 300 + 250 * round));
        for (const pid of workerdProcesses()) if (!before.has(pid)) process.kill(pid, "SIGKILL");
        await Promise.all(writers);
        await running.dispose();
      }
      const running = await startWorker(script, { folder: own });
      const store = remoteStore(await running.ready, tenant);
      let events = 0;
      for (const id of ids) {
        const loaded = await store.load(id, 0);
        const version = loaded.ok ? loaded.value.version : 0;
        expect(version).toBeGreaterThanOrEqual(answered.get(id) ?? 0);
        events += version - 1;
      }
      expect(events).toBeGreaterThan(0);
      // The counter holds exactly one for each event: not more fits under a maximum of so many, and not less.
      await opened(store, "probe");
      const probe = (max: number) =>
        store.commit("probe", 1, { entries: [allowed(0)], takes: [{ counter: "c", run: 0, amount: 0, max, at: 1 }] });
      expect(await probe(events - 1)).toMatchObject({ error: { kind: "budget" } });
      expect(await probe(events)).toEqual({ ok: true, value: 2 });
      await running.dispose();
    } finally {
      rmSync(own, { recursive: true, force: true });
    }
  });
});
