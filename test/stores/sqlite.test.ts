import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, describe, expect, it } from "vitest";
import { createMemoryStore } from "../../src/stores/memory.ts";
import { createSqliteStore, type SqliteDatabase } from "../../src/stores/sqlite.ts";
import { openSqliteStore } from "../../src/stores/sqlite/open.ts";
import { allowed, headerOf, opening } from "./session-fixture.ts";
import { storeContract, storesAgree } from "./store-contract.ts";

const folder = mkdtempSync(join(tmpdir(), "sluice-sqlite-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const path = (): string => join(folder, `${files++}.db`);

storeContract("sqlite in memory", (options) => openSqliteStore(":memory:", options));
storeContract("sqlite in a file", (options) => openSqliteStore(path(), { survives: "process", ...options }));
storesAgree("sqlite answers as the store in memory does, whatever is asked", createMemoryStore, (options) =>
  openSqliteStore(":memory:", options),
);

/** A database whose statements fail when `fails` says so. */
function failing(db: DatabaseSync, fails: (sql: string) => boolean): SqliteDatabase {
  const guard = (sql: string): void => {
    if (fails(sql)) throw Object.assign(new Error("secret text of a driver"), { errcode: 13 });
  };
  return {
    exec: (sql) => db.exec(sql),
    close: () => db.close(),
    prepare: (sql) => {
      const statement = db.prepare(sql);
      return {
        run: (...values) => {
          guard(sql);
          return statement.run(...values);
        },
        get: (...values) => {
          guard(sql);
          return statement.get(...values);
        },
        all: (...values) => {
          guard(sql);
          return statement.all(...values);
        },
      };
    },
  };
}

describe("the SQLite store", () => {
  it("finds everything again after it was closed", async () => {
    const file = path();
    const first = openSqliteStore(file);
    await first.create(headerOf("s"), opening(headerOf("s")));
    await first.commit("s", 1, { entries: [allowed(0)], context: { sources: ["web"], readers: ["ada"] } });
    first.close();
    const second = openSqliteStore(file);
    expect(await second.load("s", 1)).toEqual({
      ok: true,
      value: { header: headerOf("s"), version: 2, entries: [allowed(0)], context: { sources: ["web"], readers: ["ada"] } },
    });
    second.close();
  });

  it("refuses a file of a newer version, and settings that it does not know", () => {
    const file = path();
    openSqliteStore(file).close();
    const db = new DatabaseSync(file);
    db.exec("INSERT INTO sluice_schema VALUES (99)");
    db.close();
    expect(() => openSqliteStore(file)).toThrow(/version 99/);
    expect(() => openSqliteStore(":memory:", { busyMs: -1 })).toThrow(/`busyMs`/);
  });

  it("leaves nothing of a change when any statement of it fails, and says so without the driver's text", async () => {
    const db = new DatabaseSync(":memory:");
    const steps = [
      "INSERT INTO events",
      "INSERT INTO conversations",
      "INSERT INTO totals",
      "INSERT INTO spent",
      "INSERT OR IGNORE INTO records",
      "INSERT INTO resources",
      "COMMIT",
      "BEGIN",
    ];
    let broken = "";
    const store = createSqliteStore(failing(db, (sql) => broken !== "" && sql.startsWith(broken)));
    await store.create(headerOf("s"), opening(headerOf("s")));
    const base = { run: 0, amount: 1, max: 1, at: 1 };
    const change = {
      entries: [allowed(0)],
      context: { sources: ["web"], readers: null },
      takes: [
        { ...base, counter: "c" },
        { ...base, counter: "w", windowMs: 10 },
      ],
      records: [{ kind: "k", id: "a", version: 0, value: {} }],
      resources: [{ key: "r", label: { sources: ["web"], readers: null } }],
    };
    for (broken of steps) {
      expect(await store.commit("s", 1, change)).toEqual({ ok: false, error: { kind: "unavailable", detail: "sqlite 13" } });
    }
    broken = "RELEASE";
    const refused = { ok: false, error: { kind: "unavailable", detail: "sqlite 13" } };
    expect(await Promise.all([store.commit("s", 1, change), store.commit("s", 1, change)])).toEqual([refused, refused]);
    broken = "SELECT s.*";
    expect(await store.load("s", 0)).toEqual({ ok: false, error: { kind: "unavailable", detail: "sqlite 13" } });
    broken = "";
    expect(await store.load("s", 0)).toMatchObject({ ok: true, value: { version: 1 } });
    expect(await store.contextOf("s")).toEqual({ ok: true, value: undefined });
    expect(await store.commit("s", 1, change)).toEqual({ ok: true, value: 2 });
  });

  it("answers only after the commit, and writes changes that come together in one transaction", async () => {
    const db = new DatabaseSync(":memory:");
    const log: string[] = [];
    const store = createSqliteStore(
      failing(db, (sql) => {
        if (sql === "COMMIT" || sql.startsWith("BEGIN")) log.push(sql);
        return false;
      }),
    );
    const ids = Array.from({ length: 10 }, (_, i) => `s${i}`);
    await Promise.all(ids.map((id) => store.create(headerOf(id), opening(headerOf(id))).then(() => log.push(id))));
    expect(log).toEqual(["BEGIN IMMEDIATE", "COMMIT", ...ids]);
  });

  it("lets a change that the tables refuse fail alone among those that come with it", async () => {
    const store = openSqliteStore(":memory:");
    for (const id of ["s", "t", "u"]) await store.create(headerOf(id), opening(headerOf(id)));
    const take = { counter: "w", run: 0, amount: 1, max: 9, at: 1, windowMs: 10 };
    // One key twice: a constraint, and so an error of the driver in the middle of the change.
    const takes = { s: [take], t: [take, take], u: [take] };
    const told = await Promise.all(
      Object.entries(takes).map(([id, each]) => store.commit(id, 1, { entries: [allowed(0)], takes: each })),
    );
    const done = { ok: true, value: 2 };
    expect(told).toEqual([done, { ok: false, error: { kind: "unavailable", detail: "sqlite 1555" } }, done]);
    expect(await store.load("t", 0)).toMatchObject({ value: { version: 1 } });
    const more = (max: number) => ({ entries: [allowed(1)], takes: [{ ...take, run: 1, max }] });
    expect(await store.commit("s", 2, more(2))).toEqual({ ok: false, error: { kind: "budget", counter: "w" } });
    expect(await store.commit("s", 2, more(3))).toEqual({ ok: true, value: 3 });
    store.close();
  });

  it("says that it is unavailable when what it holds was damaged, or events were taken away", async () => {
    const db = new DatabaseSync(":memory:");
    const store = createSqliteStore(db);
    for (const id of ["s", "t"]) {
      await store.create(headerOf(id), opening(headerOf(id)));
      await store.commit(id, 1, { entries: [allowed(0)] });
    }
    db.exec(`UPDATE events SET event = '{"type":"allow","type":"deny"}' WHERE session = '"s"' AND number = 1`);
    db.exec(`DELETE FROM events WHERE session = '"t"' AND number = 0`);
    for (const id of ["s", "t"]) {
      expect(await store.load(id, 0)).toEqual({ ok: false, error: { kind: "unavailable", detail: "assertion" } });
    }
  });

  it("gives up on a file that another connection keeps locked, within the time that it was given", async () => {
    const file = path();
    const store = openSqliteStore(file, { busyMs: 50 });
    await store.create(headerOf("s"), opening(headerOf("s")));
    const other = new DatabaseSync(file);
    other.exec("BEGIN IMMEDIATE");
    expect(await store.commit("s", 1, { entries: [allowed(0)] })).toEqual({
      ok: false,
      error: { kind: "unavailable", detail: "sqlite 5" },
    });
    other.exec("COMMIT");
    expect(await store.commit("s", 1, { entries: [allowed(0)] })).toEqual({ ok: true, value: 2 });
    other.close();
    store.close();
  });
});
