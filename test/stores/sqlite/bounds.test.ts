/** What a SQLite file is set to, and what is said of one that fails, is damaged, or is none. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, describe, expect, it } from "vitest";
import { AssertionError } from "../../../src/result.ts";
import { answersAtOnce } from "../../../src/stores/at-once.ts";
import { createMemoryStore } from "../../../src/stores/memory.ts";
import { createSqliteStore, type SqliteDatabase } from "../../../src/stores/sqlite.ts";
import { openSqliteStore, versionOfFile } from "../../../src/stores/sqlite/open.ts";
import { schemaVersion, switchToWal } from "../../../src/stores/sqlite/schema.ts";
import { guarded } from "../../../src/stores/sqlite/writer.ts";
import { allowed, headerOf, opening } from "../session-fixture.ts";

const folder = mkdtempSync(join(tmpdir(), "sluice-bounds-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a SQLite file", () => {
  const pragma = (db: DatabaseSync, name: string): unknown => Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0];

  it("waits for the disk as it is told, and for another process up to a minute", () => {
    const settings = (options: Parameters<typeof createSqliteStore>[1]): unknown => {
      const db = new DatabaseSync(join(folder, `${Math.random()}.db`));
      createSqliteStore(db, options);
      const seen = ["synchronous", "busy_timeout", "journal_mode"].map((name) => pragma(db, name));
      db.close();
      return seen;
    };
    expect(settings({})).toEqual([2, 2_000, "wal"]);
    expect(settings({ survives: "power", busyMs: 0 })).toEqual([2, 0, "wal"]);
    expect(settings({ survives: "process", busyMs: 60_000 })).toEqual([1, 60_000, "wal"]);
    for (const busyMs of [-1, 60_001, 0.5, Number.NaN, "1" as never])
      expect(() => settings({ busyMs })).toThrow("`busyMs` must be an integer from 0 to 60000");
  });

  it("has a version, or none where it is no file, none of SQLite or none of Sluice; looking makes nothing", () => {
    const [own, other, text] = ["own.db", "other.db", "text.db"].map((name) => join(folder, name)) as [string, string, string];
    openSqliteStore(own).close();
    expect(versionOfFile(own)).toBe(schemaVersion);
    expect(versionOfFile(join(folder, "none.db"))).toBe(undefined);
    expect(versionOfFile(join(folder, "none.db"))).toBe(undefined);
    const db = new DatabaseSync(other);
    db.exec("CREATE TABLE t (a)");
    expect(versionOfFile(other)).toBe(undefined);
    db.exec("CREATE TABLE sluice_schema (version INTEGER NOT NULL)");
    expect(versionOfFile(other)).toBe(undefined);
    db.close();
    writeFileSync(text, "x".repeat(5_000));
    expect(versionOfFile(text)).toBe(undefined);
  });

  it("is switched to its log by the fiftieth attempt, or not at all", () => {
    const busy = (failures: number) => {
      let attempts = 0;
      const db = {
        exec: () => {
          throw new Error("busy too");
        },
        prepare: () => ({ get: () => (attempts++ < failures ? fail() : {}) }),
      } as unknown as SqliteDatabase;
      return { db, attempts: () => attempts };
    };
    const fail = (): never => {
      throw new Error("busy");
    };
    const last = busy(49);
    switchToWal(last.db);
    expect(last.attempts()).toBe(50);
    const never = busy(99);
    expect(() => switchToWal(never.db)).toThrow(/^busy$/);
    expect(never.attempts()).toBe(50);
  });

  it("answers at once unless a host says when to write, and then writes when that is, or when it is closed", async () => {
    const jobs: (() => void)[] = [];
    const file = join(folder, "defer.db");
    const store = openSqliteStore(file, { defer: (job) => void jobs.push(job) });
    expect(answersAtOnce(store)).toBe(false);
    const own = openSqliteStore(":memory:");
    expect([answersAtOnce(own), answersAtOnce({ ...own }), answersAtOnce(createMemoryStore())]).toEqual([true, false, true]);
    const first = store.create(headerOf("s"), opening(headerOf("s")));
    const second = store.create(headerOf("t"), opening(headerOf("t")));
    expect(await store.load("s", 0)).toEqual({ ok: false, error: { kind: "unknown" } });
    expect(jobs).toHaveLength(1);
    jobs[0]?.();
    jobs[0]?.();
    expect([await first, await second]).toEqual([
      { ok: true, value: undefined },
      { ok: true, value: undefined },
    ]);
    const last = store.create(headerOf("u"), opening(headerOf("u")));
    expect(jobs).toHaveLength(2);
    store.close();
    expect(await last).toEqual({ ok: true, value: undefined });
    const again = openSqliteStore(file);
    expect(await again.load("u", 0)).toMatchObject({ ok: true });
    again.close();
  });

  it("tells of a failure the number that SQLite gave it and nothing else", () => {
    const told = (thrown: unknown): unknown =>
      guarded(() => {
        throw thrown;
      });
    const failed = (detail?: string) => ({
      ok: false,
      error: { kind: "unavailable", ...(detail === undefined ? {} : { detail }) },
    });
    expect(told(Object.assign(new Error("secret"), { errcode: 5 }))).toStrictEqual(failed("sqlite 5"));
    expect(told(new AssertionError("secret"))).toStrictEqual(failed("assertion"));
    for (const thrown of [new Error("secret"), { errcode: "secret" }, "secret", null, undefined, { code: 5 }])
      expect(told(thrown)).toStrictEqual(failed());
  });

  it("with a journal, a line, a record or a document that was damaged is unavailable, not left out", async () => {
    const refused = { ok: false, error: { kind: "unavailable", detail: "assertion" } };
    const db = new DatabaseSync(":memory:");
    const store = createSqliteStore(db, { journal: true });
    for (const id of ["s", "t"]) await store.create(headerOf(id), opening(headerOf(id)));
    await store.writeRecord({ kind: "k", id: "a", version: 0, value: {} });
    await store.commit("s", 1, { entries: [allowed(0)], resources: [{ key: "r", label: { sources: ["web"], readers: null } }] });
    db.exec(`DELETE FROM events WHERE session = '"t"'`);
    expect(await store.journal({ limit: 9 })).toEqual(refused);
    expect(await store.journal({ limit: 1 })).toMatchObject({ ok: true });
    db.exec("UPDATE records SET value = '{'; UPDATE resources SET label = ''; UPDATE sessions SET principal = '7'");
    expect(await store.record("k", "a")).toEqual(refused);
    expect(await store.records("k", { limit: 9 })).toEqual(refused);
    expect(await store.labelsOf({ keys: ["r"], prefixes: [] })).toEqual(refused);
    expect(await store.labelsOf({ keys: [], prefixes: ["r"] })).toEqual(refused);
    expect(await store.load("s", 0)).toEqual(refused);
    expect(await store.list(9)).toEqual(refused);
  });

  it("is not written where a label that is joined adds nothing", async () => {
    const db = new DatabaseSync(":memory:");
    const store = createSqliteStore(db);
    await store.create(headerOf("s"), opening(headerOf("s")));
    const label = { sources: ["web"], readers: ["ada"] };
    const change = { entries: [allowed(0)], context: label, resources: [{ key: "r", label }] };
    await store.commit("s", 1, change);
    db.exec(
      "CREATE TRIGGER a BEFORE UPDATE ON conversations BEGIN SELECT raise(ABORT, 'written'); END; CREATE TRIGGER b BEFORE UPDATE ON resources BEGIN SELECT raise(ABORT, 'written'); END",
    );
    expect(await store.commit("s", 2, change)).toEqual({ ok: true, value: 3 });
    expect((await store.commit("s", 3, { entries: [allowed(0)], context: { ...label, sources: ["mail"] } })).ok).toBe(false);
  });
});
