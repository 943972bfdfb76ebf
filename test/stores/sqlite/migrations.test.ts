/** Files of older versions: written by the code of then (`version-N.sql` are dumps of them), read by the code of today. */
import { spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, describe, expect, it } from "vitest";
import { readJson } from "../../../src/json/read.ts";
import { thawPlan } from "../../../src/plan/freeze.ts";
import type { FrozenPlan } from "../../../src/plan/plan.ts";
import { openSqliteStore } from "../../../src/stores/sqlite/open.ts";
import { prepareTables, type SqliteDatabase } from "../../../src/stores/sqlite/schema.ts";
import { createFirewall } from "../../../src/surfaces/hono.ts";

const folder = mkdtempSync(join(tmpdir(), "sluice-migrations-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

/** What the dump says of itself. */
interface Written {
  readonly ada: { readonly session: string; readonly token: string };
  readonly bob: { readonly session: string; readonly token: string };
  readonly plan: string;
  readonly versions: { readonly [session: string]: number };
}

function fixture(version: number): { readonly file: string; readonly written: Written } {
  const file = join(folder, `${files++}.db`);
  const sql = readFileSync(join(import.meta.dirname, `version-${version}.sql`), "utf8");
  const db = new DatabaseSync(file);
  db.exec("PRAGMA journal_mode=WAL");
  db.exec(sql);
  db.close();
  const [, said = ""] = /^-- (\{.*\})$/m.exec(sql) ?? [];
  return { file, written: JSON.parse(said) as Written };
}

/** All rows of all tables, and the tables. */
function dump(file: string): unknown {
  const db = new DatabaseSync(file, { readOnly: true });
  const objects = db.prepare("SELECT type, name, sql FROM sqlite_master ORDER BY name").all() as { type: string; name: string }[];
  const rows = objects.filter(({ type }) => type === "table").map(({ name }) => db.prepare(`SELECT * FROM ${name}`).all());
  db.close();
  return { objects, rows };
}

function versionOf(file: string): unknown {
  const db = new DatabaseSync(file, { readOnly: true });
  const row = db.prepare("SELECT max(version) AS version FROM sluice_schema").get() as { readonly version: number };
  db.close();
  return row.version;
}

async function planOf(store: ReturnType<typeof openSqliteStore>, digest: string): Promise<FrozenPlan> {
  const text = await store.loadDocument("plan", digest);
  const read = readJson((text.ok && text.value) || "");
  const thawed = read.ok ? thawPlan(read.value) : undefined;
  if (thawed?.ok !== true) throw new Error("the plan of the fixture is not there");
  return thawed.value;
}

describe.each([1, 2])("a file of version %i", (version) => {
  it("is taken over: its plan is there, its sessions go on where they were, and its budgets are as far spent", async () => {
    const { file, written } = fixture(version);
    const store = openSqliteStore(file);
    for (const [session, events] of Object.entries(written.versions))
      expect(await store.load(session, 0)).toMatchObject({ ok: true, value: { version: events } });
    expect(await store.listDocuments("plan")).toEqual({ ok: true, value: [written.plan] });
    expect(await store.listDocuments("catalogue")).toEqual({ ok: true, value: [] });
    const frozen = await planOf(store, written.plan);
    const enforcer = createFirewall({ plans: [frozen], store, clock: () => 1_700_000_001_000 });
    const ask = async (token: string, tool: string, args = {}): Promise<string> => {
      const checked = await enforcer.check(token, { tool: `shop/${tool}`, args });
      return checked.allow ? "allow" : checked.verdict.code;
    };
    const { ada, bob } = written;
    const context = await store.contextOf(ada.session);
    expect(context.ok && context.value?.sources).toContain("external_api");
    expect(await ask(ada.token, "order")).toBe("CALL_REPEATED");
    expect(await ask(ada.token, "send")).toBe("allow");
    expect(await ask(ada.token, "pay", { amount: 1 })).toBe("FLOW_CHOICE_UNTRUSTED");
    expect(await ask(bob.token, "order")).toBe("allow");
    // Ada has paid 60 of her 100 of this day, in another session.
    const again = await enforcer.open({ plan: written.plan, principal: "ada\u0000é", params: { symbol: "VTI" } });
    const token = again.ok ? again.value.token : "";
    expect(await ask(token, "pay", { amount: 41 })).toBe("CALL_BUDGET");
    expect(await ask(token, "pay", { amount: 40 })).toBe("allow");
    store.close();
    expect(versionOf(file)).toBe(3);
  });

  it("keeps what it held, to the byte, and is as one that was begun today", async () => {
    const { file } = fixture(version);
    const kept = (from: string, table: string): unknown => {
      const db = new DatabaseSync(from, { readOnly: true });
      const rows = db.prepare(`SELECT * FROM ${table}`).all();
      db.close();
      return rows;
    };
    const tables = ["sessions", "events", "conversations", "totals", "spent", ...(version > 1 ? ["records", "resources"] : [])];
    const before = tables.map((table) => kept(file, table));
    openSqliteStore(file).close();
    expect(tables.map((table) => kept(file, table))).toEqual(before);
    const fresh = join(folder, `${files++}.db`);
    openSqliteStore(fresh).close();
    const schema = (of: string): unknown =>
      (kept(of, "sqlite_master") as { name: string; sql: string | null }[])
        .map(({ name, sql }) => [name, sql?.replace(/\s+/g, " ")])
        .sort();
    expect(schema(file)).toEqual(schema(fresh));
    openSqliteStore(file).close();
    expect(tables.map((table) => kept(file, table))).toEqual(before);
  });

  it("is left as it was by a migration that fails, at whatever statement", () => {
    const { file } = fixture(version);
    const before = dump(file);
    let statements = 0;
    for (let failsAt = 0; ; failsAt++) {
      const db = new DatabaseSync(file);
      let count = 0;
      const failing: SqliteDatabase = {
        exec: (sql) => {
          // Step by step: a real failure may come between the statements of one text.
          for (const part of sql.split(/;\s*\n/)) {
            if (count++ === failsAt) throw new Error("disk full");
            db.exec(part);
          }
        },
        prepare: (sql) => db.prepare(sql) as unknown as ReturnType<SqliteDatabase["prepare"]>,
        close: () => db.close(),
      };
      let failed = false;
      try {
        prepareTables(failing, {});
      } catch {
        failed = true;
      }
      db.close();
      if (!failed) break;
      statements++;
      expect(dump(file)).toEqual(before);
    }
    expect(statements).toBeGreaterThan(7);
    expect(versionOf(file)).toBe(3);
  });

  it("is migrated once where several processes open it at the same time", async () => {
    const { file, written } = fixture(version);
    const script = `const { openSqliteStore } = await import(${JSON.stringify(join(import.meta.dirname, "../../../src/stores/sqlite/open.ts"))});
      const store = openSqliteStore(${JSON.stringify(file)}, { busyMs: 20000 });
      const loaded = await store.load(${JSON.stringify(written.ada.session)}, 0);
      store.close();
      if (!loaded.ok) process.exit(1);`;
    const codes = await Promise.all(
      Array.from(
        { length: 3 },
        () =>
          new Promise((resolve) => {
            spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: "ignore" }).on("close", resolve);
          }),
      ),
    );
    expect(codes).toEqual([0, 0, 0]);
    const db = new DatabaseSync(file, { readOnly: true });
    expect(db.prepare("SELECT count(*) AS n FROM sluice_schema WHERE version = 3").get()).toMatchObject({ n: 1 });
    db.close();
  });
});

it("a file of a newer version is refused, and not a byte of it changed", () => {
  const { file } = fixture(2);
  openSqliteStore(file).close();
  const db = new DatabaseSync(file);
  db.exec("INSERT INTO sluice_schema VALUES (4); PRAGMA wal_checkpoint(TRUNCATE)");
  db.close();
  const copy = `${file}.copy`;
  copyFileSync(file, copy);
  expect(() => openSqliteStore(file)).toThrow("the database has tables of version 4, this Sluice knows version 3");
  expect(dump(file)).toEqual(dump(copy));
});
