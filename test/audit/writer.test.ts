import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { createCheckpointSigner } from "../../src/audit/checkpoint.ts";
import { openJsonlAuditLog } from "../../src/audit/jsonl.ts";
import type { AuditLog } from "../../src/audit/log.ts";
import { giveUpAuditLog } from "../../src/audit/marker.ts";
import { readRecord } from "../../src/audit/record.ts";
import { openSqliteAuditLog } from "../../src/audit/sqlite/open.ts";
import { createSubjects } from "../../src/audit/subjects.ts";
import { type AuditWriter, createAuditWriter } from "../../src/audit/writer.ts";
import { auditLeaseMs } from "../../src/limits.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import type { Store } from "../../src/stores/store.ts";
import { openSqliteStore } from "../../src/stores/sqlite/open.ts";
import { systemRandom } from "../../src/surfaces/random.ts";
import { type Audited, look, makeAudited, makeKey, master, must, traffic } from "./fixture.ts";

/** Cursors of all lines that the journal of a store has now. */
async function cursorsOf(store: Store): Promise<readonly string[]> {
  return must(await store.journal({ limit: 100_000 })).map(({ cursor }) => cursor);
}

/** Cursors that the records of a log name, in order, without the store's id. */
async function chained(log: AuditLog): Promise<readonly string[]> {
  const texts = must(await log.read(0, 1_000_000));
  return texts.flatMap((text) => readRecord(text)?.cursor?.split(":").slice(1).join(":") ?? []);
}

/** Another writer of the same store and log, as a process that starts has it. */
function writerOf(
  { signer, clock }: Pick<Audited, "signer" | "clock">,
  { store, log }: { readonly store: Store; readonly log: AuditLog },
): AuditWriter {
  const subjects = createSubjects(log, master, systemRandom);
  return createAuditWriter({ store, log, subjects, signer, clock: () => clock.now, random: systemRandom });
}

/** A thing whose methods end the process at a call: before it does anything, or after it has done it and before anybody hears of it. */
function mortal<T extends object>(thing: T, count: { left: number }, isDone: () => boolean): T {
  return new Proxy(thing, {
    get: (target, name) => {
      const method = Reflect.get(target, name) as unknown;
      if (typeof method !== "function") return method;
      return async (...args: readonly unknown[]) => {
        count.left -= 1;
        if (count.left < 0 && !(count.left === -1 && isDone())) throw new Error("dead");
        const answer = (await Reflect.apply(method, target, args)) as unknown;
        if (count.left < 0) throw new Error("dead");
        return answer;
      };
    },
  });
}

describe("a writer that dies", () => {
  it.each(["before a call of store or log does anything", "after it has done it"])(
    "%s, at every step, loses nothing and tells nothing twice",
    async (when) => {
      let steps = 0;
      for (let at = 0; ; at++) {
        const audited = await makeAudited();
        await traffic(audited);
        const lines = await cursorsOf(audited.store);
        const count = { left: at };
        const isDone = (): boolean => when !== "before a call of store or log does anything";
        const world = { store: mortal(audited.store, count, isDone), log: mortal(audited.log, count, isDone) };
        const dying = writerOf(audited, world);
        const isOver = await dying.drain().then(
          async (done) => done.ok && (await dying.checkpoint()).ok,
          () => false,
        );
        audited.clock.now += auditLeaseMs + 1;
        const found = await audited.verify();
        expect([at, found.faults]).toEqual([at, []]);
        expect([at, await chained(audited.log)]).toEqual([at, lines]);
        const kinds = must(await audited.log.read(0, 1_000)).map((text) => readRecord(text)?.kind);
        expect(kinds.filter((kind) => kind === "plan-loaded" || kind === "begin")).toEqual(["begin", "plan-loaded"]);
        expect(await cursorsOf(audited.store)).toEqual([]);
        steps = at;
        if (isOver) break;
      }
      expect(steps).toBeGreaterThan(15);
    },
    60_000,
  );

  it("is followed by others that die too, whenever, with traffic in between", async () => {
    const life = fc.record({ dies: fc.option(fc.nat(60)), isDone: fc.boolean(), isBusy: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(life, { minLength: 1, maxLength: 6 }), async (lives) => {
        const audited = await makeAudited();
        const lines: string[] = [];
        for (const { dies, isDone, isBusy } of lives) {
          if (isBusy) {
            await traffic(audited);
            for (const cursor of await cursorsOf(audited.store)) if (!lines.includes(cursor)) lines.push(cursor);
          }
          const count = { left: dies ?? 100_000 };
          const world = { store: mortal(audited.store, count, () => isDone), log: mortal(audited.log, count, () => isDone) };
          await writerOf(audited, world)
            .drain()
            .catch(() => undefined);
          audited.clock.now += auditLeaseMs + 1;
        }
        expect((await audited.verify()).faults).toEqual([]);
        expect(await chained(audited.log)).toEqual(lines);
      }),
      { numRuns: 40 },
    );
  }, 60_000);
});

describe("two writers at once", () => {
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });
  const folder = (): string => {
    const made = mkdtempSync(join(tmpdir(), "sluice-writer-"));
    folders.push(made);
    return made;
  };

  it("take turns: while one writes, the other does nothing and is not told that anything is wrong", async () => {
    const audited = await makeAudited();
    const other = writerOf(audited, audited);
    await traffic(audited);
    expect(must(await audited.writer.drain())).toBeGreaterThan(5);
    await traffic(audited);
    expect(must(await other.drain())).toBe(0);
    await audited.writer.release();
    expect(must(await other.drain())).toBeGreaterThan(5);
    expect(must(await audited.writer.drain())).toBe(0);
  });

  it.each([true, false])(
    "tell everything once, in order, also when each takes the other for gone (%s)",
    async (jumps) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.constantFrom("a", "b", "both", "traffic"), { minLength: 4, maxLength: 14 }),
          async (steps) => {
            const path = join(folder(), "audit.db");
            const audited = await makeAudited({ log: openSqliteAuditLog(path) });
            const second = openSqliteAuditLog(path);
            const [a, b] = [audited.writer, writerOf(audited, { store: audited.store, log: second })];
            const lines: string[] = [];
            for (const step of [...steps, "traffic"]) {
              if (step === "traffic") {
                await traffic(audited);
                for (const cursor of await cursorsOf(audited.store)) if (!lines.includes(cursor)) lines.push(cursor);
              } else {
                const drains = [...(step === "b" ? [] : [a.drain()]), ...(step === "a" ? [] : [b.drain()])];
                // The clock jumps while they are at it: the one that began second takes the first for dead.
                if (jumps) audited.clock.now += auditLeaseMs + 1;
                for (const done of await Promise.all(drains)) if (!done.ok) expect(done.error.kind).toBe("conflict");
              }
            }
            audited.clock.now += auditLeaseMs + 1;
            await a.drain();
            expect((await audited.verify()).faults).toEqual([]);
            expect(await chained(audited.log)).toEqual(lines);
            await second.close();
          },
        ),
        { numRuns: 15 },
      );
    },
    60_000,
  );

  it("of two stores cannot both write one log for one journal each without one seeing the other", async () => {
    const audited = await makeAudited();
    const store = createMemoryStore({ journal: true });
    const other = await makeAudited({ store, log: audited.log });
    await traffic(audited);
    await traffic(other);
    const lines = [await cursorsOf(audited.store), await cursorsOf(store)];
    must(await audited.writer.drain());
    const also = writerOf(audited, { store, log: audited.log });
    must(await also.drain());
    await traffic(audited);
    const more = await cursorsOf(audited.store);
    // It does not know yet that the log has grown.
    expect(await audited.writer.drain()).toMatchObject({ ok: false, error: { kind: "conflict" } });
    must(await audited.writer.drain());
    expect(await chained(audited.log)).toEqual([...(lines[0] ?? []), ...(lines[1] ?? []), ...more]);
    expect((await look(audited)).faults).toEqual([]);
  });

  it("looks for its own last line once, when the log was continued from another store", async () => {
    const audited = await makeAudited();
    const other = await makeAudited({ store: createMemoryStore({ journal: true }), log: audited.log });
    await traffic(audited);
    must(await audited.writer.drain());
    await traffic(other);
    must(await writerOf(audited, other).drain());
    let searches = 0;
    const counting: AuditLog = {
      ...audited.log,
      find: (query) => {
        if (query.text?.startsWith('"cursor"') === true) searches += 1;
        return audited.log.find(query);
      },
    };
    audited.clock.now += auditLeaseMs + 1;
    const again = writerOf(audited, { store: audited.store, log: counting });
    for (let drains = 0; drains < 4; drains++) must(await again.drain());
    await traffic(audited);
    must(await again.drain());
    expect(searches).toBe(1);
    expect((await look(audited)).faults).toEqual([]);
  });
});

describe("a process that is killed in the middle of draining", () => {
  const program = fileURLToPath(new URL("writer-process.ts", import.meta.url));
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });

  it.each(["audit.db", "audit.jsonl"])(
    "is followed by another that goes on where it ended, in %s",
    async (name) => {
      const folder = mkdtempSync(join(tmpdir(), "sluice-killed-"));
      folders.push(folder);
      const [storePath, logPath] = [join(folder, "store.db"), join(folder, name)];
      const key = await makeKey();
      const store = openSqliteStore(storePath, { journal: true });
      for (let n = 0; n < 3_000; n++) must(await store.note({ type: "config", at: n, what: `note ${n}` }));
      const lines = await cursorsOf(store);
      let killed = 0;
      for (let life = 0; life < 4; life++) {
        const child = spawn(process.execPath, [program, storePath, logPath, JSON.stringify(key), String(life)], {
          stdio: ["ignore", "pipe", "inherit"],
        });
        const ended = new Promise<number | null>((resolve) => child.on("exit", (code) => resolve(code)));
        // It says when it begins to drain; so it is hit in the middle, and a little later each time.
        await Promise.race([new Promise((resolve) => child.stdout.once("data", resolve)), ended]);
        const timer = setTimeout(() => child.kill("SIGKILL"), 5 + life * 25);
        const code = await ended;
        clearTimeout(timer);
        if (code === 0) break;
        killed += 1;
      }
      expect(killed).toBeGreaterThan(1);
      const log = name.endsWith(".db") ? openSqliteAuditLog(logPath) : await openJsonlAuditLog(logPath);
      const signer = await createCheckpointSigner(key);
      const clock = { now: 100 * auditLeaseMs };
      must(await writerOf({ signer, clock }, { store, log }).drain());
      expect(await chained(log)).toEqual(lines);
      expect((await look({ log, signer })).faults).toEqual([]);
      await log.close();
      await store.close();
    },
    90_000,
  );
});

describe("a store that was brought back from a copy", () => {
  it("is not taken for what the log has: nothing is forgotten, and after it was given up the log has what happened since", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sluice-copy-"));
    try {
      const [file, copy] = [join(folder, "store.db"), join(folder, "copy.db")];
      const before = await openSqliteStore(file, { journal: true });
      const log = openSqliteAuditLog(join(folder, "audit.db"));
      const audited = await makeAudited({ store: before, log });
      await audited.open("ada@example.org");
      must(await audited.writer.drain());
      new DatabaseSync(file).prepare("VACUUM INTO ?").run(copy);
      await traffic(audited);
      must(await audited.writer.drain());
      await audited.writer.release();

      const store = await openSqliteStore(copy, { journal: true });
      audited.clock.now += 2 * auditLeaseMs;
      must(await store.note({ type: "config", at: audited.clock.now, what: "start" }));
      const lines = await cursorsOf(store);
      const size = must(await log.head()).size;
      const writer = writerOf(audited, { store, log });
      for (const _ of [1, 2]) expect(await writer.drain()).toMatchObject({ ok: false, error: { kind: "conflict" } });
      expect(await cursorsOf(store)).toEqual(lines);

      audited.clock.now += 2 * auditLeaseMs;
      must(await giveUpAuditLog(store, audited.clock.now));
      expect(must(await writerOf(audited, { store, log }).drain())).toBe(lines.length + 1);
      expect(must(await log.head()).size).toBe(size + lines.length + 1);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
