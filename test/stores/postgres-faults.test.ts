/** The PostgreSQL store when the server, the way to it, or its settings are not as they should be. */
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPostgresStore } from "../../src/stores/postgres.ts";
import { openPostgresStore, type PostgresOpenOptions } from "../../src/stores/postgres/open.ts";
import type { OpenStore } from "../../src/stores/store.ts";
import { type Postgres, postgresProgram, startPostgres } from "../services/postgres.ts";
import { describeWith } from "../services/service.ts";
import { allowed, headerOf, opening } from "./session-fixture.ts";

const unavailable = (detail: string) => ({ ok: false, error: { kind: "unavailable", detail } });

describeWith(postgresProgram, "the PostgreSQL store in trouble", () => {
  let server: Postgres;
  let admin: pg.Pool;
  const opened: OpenStore[] = [];

  beforeAll(async () => {
    server = await startPostgres();
    admin = new pg.Pool({ connectionString: server.url, max: 2 });
    admin.on("error", () => undefined);
  });
  afterAll(async () => {
    for (const store of opened) await store.close();
    await admin?.end();
    await server?.stop();
  });

  let schemas = 0;
  /** A store in a schema of its own. */
  async function open(options: PostgresOpenOptions = {}, url = server.url): Promise<OpenStore & { readonly schema: string }> {
    const schema = options.schema ?? `faults_${schemas++}`;
    const store = await openPostgresStore(url, { schema, ...options });
    opened.push(store);
    return { ...store, schema };
  }

  /** A database of its own, with this setting. */
  async function databaseWith(setting: string): Promise<string> {
    const name = `faults_db_${schemas++}`;
    await admin.query(
      `CREATE DATABASE ${name} TEMPLATE template0 ENCODING ${setting.startsWith("ENCODING") ? setting.slice(9) : "'UTF8'"}`,
    );
    if (!setting.startsWith("ENCODING")) await admin.query(`ALTER DATABASE ${name} SET ${setting}`);
    return server.url.replace(/postgres$/, name);
  }

  describe("a server that dies", () => {
    it("keeps every commit that it answered, refuses meanwhile, and is found again when it is back", async () => {
      const store = await open();
      const ids = ["a", "b", "c", "d"];
      for (const id of ids) await store.create(headerOf(id), opening(headerOf(id)));
      for (const how of ["kill", "restart"] as const) {
        const answered = new Map<string, number>();
        let isOver = false;
        const failures = new Set<string | undefined>();
        const writers = ids.map(async (id) => {
          while (!isOver) {
            const loaded = await store.load(id, 1e9);
            const written = loaded.ok ? await store.commit(id, loaded.value.version, taking()) : loaded;
            if (written.ok && typeof written.value === "number") answered.set(id, written.value);
            else if (!written.ok && written.error.kind === "unavailable") failures.add(written.error.detail);
          }
        });
        const enough = async (): Promise<void> => {
          while ([...answered.values()].length < ids.length) await new Promise((resolve) => setTimeout(resolve, 5));
        };
        await enough();
        await server[how]();
        if (how === "kill") {
          expect((await store.load("a", 0)).ok).toBe(false);
          await server.restart();
        }
        const before = new Map(answered);
        answered.clear();
        await enough();
        isOver = true;
        await Promise.all(writers);
        expect(failures.size).toBeGreaterThan(0);
        for (const detail of failures) expect(detail).toMatch(/^postgres(?: [0-9A-Z]{5}| E[A-Z]+)?$/);
        for (const [id, version] of before) expect((await loadedVersion(store, id)) >= version).toBe(true);
      }
      const { rows } = await admin.query(
        `SELECT (SELECT count(*) FROM ${store.schema}.events WHERE number > 0) AS events, (SELECT sum + lost FROM ${store.schema}.counters WHERE id = 'c') AS total,
          (SELECT sum(version) - 4 FROM ${store.schema}.sessions) AS versions, (SELECT sum(amount) FROM ${store.schema}.spent) AS spent`,
      );
      const [row] = rows as {
        readonly events: string;
        readonly total: number;
        readonly versions: string;
        readonly spent: number;
      }[];
      expect([row?.total, row?.spent, Number(row?.versions)]).toEqual([
        Number(row?.events),
        Number(row?.events),
        Number(row?.events),
      ]);
    });

    it("that cannot be reached at first is an error of the configuration, without the URL", async () => {
      const lost = "postgres://ada:secret@127.0.0.1:1/postgres";
      const error = await openPostgresStore(lost).catch((thrown: Error) => thrown);
      expect(error).toMatchObject({
        name: "ConfigError",
        message: expect.stringMatching(/cannot be used \(postgres ECONNREFUSED\)$/),
      });
    });

    it("ends a connection in the middle of a change, of which then nothing is left", async () => {
      const store = await open();
      await store.create(headerOf("s"), opening(headerOf("s")));
      const holder = await admin.connect();
      await holder.query(`BEGIN; SELECT 1 FROM ${store.schema}.sessions FOR UPDATE`);
      const waiting = store.commit("s", 1, taking());
      while ((await terminateWaiting()) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      expect(await waiting).toEqual(unavailable("postgres 57P01"));
      await holder.query("COMMIT");
      holder.release();
      expect(await store.load("s", 0)).toMatchObject({ ok: true, value: { version: 1 } });
      expect(await store.commit("s", 1, taking())).toEqual({ ok: true, value: 2 });
    });
  });

  async function terminateWaiting(): Promise<number> {
    const { rowCount } = await admin.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sluice' AND wait_event_type = 'Lock'",
    );
    return rowCount ?? 0;
  }

  describe("what the server refuses", () => {
    it("is said by its number: a transaction that may not write, too many connections", async () => {
      const store = await open();
      await admin.query(`CREATE ROLE reader LOGIN CONNECTION LIMIT 1; GRANT pg_read_all_data TO reader;
        GRANT USAGE ON SCHEMA ${store.schema} TO reader; ALTER ROLE reader SET default_transaction_read_only = on`);
      const url = server.url.replace("postgres@", "reader@");
      const reader = await open({ schema: store.schema, poolMax: 1 }, url);
      expect(await reader.create(headerOf("s"), opening(headerOf("s")))).toEqual(unavailable("postgres 25006"));
      const second = await openPostgresStore(url, { schema: store.schema }).catch((thrown: Error) => thrown);
      expect(String(second)).toMatch(/cannot be used \(postgres 53300\)/);
      await expect(open({}, url.replace("reader", "nobody"))).rejects.toThrow(/cannot be used \(postgres 28000\)/);
    });

    it("is the statement that takes too long, and the connection is free again", async () => {
      const store = await open({ statementMs: 100, lockMs: 10_000, poolMax: 1 });
      await store.create(headerOf("s"), opening(headerOf("s")));
      const holder = await admin.connect();
      await holder.query(`BEGIN; SELECT 1 FROM ${store.schema}.sessions FOR UPDATE`);
      expect(await store.commit("s", 1, taking())).toEqual(unavailable("postgres 57014"));
      await holder.query("COMMIT");
      holder.release();
      expect(await store.commit("s", 1, taking())).toEqual({ ok: true, value: 2 });
    });

    it("is no reason to give up while connections are only busy, and is one when they stay so", async () => {
      const store = await open({ connectMs: 100, statementMs: 1_500, lockMs: 5_000, poolMax: 2 });
      for (const id of ["s", "t"]) await store.create(headerOf(id), opening(headerOf(id)));
      const holder = await admin.connect();
      const holdFor = async (ms: number): Promise<void> => {
        await holder.query(`BEGIN; SELECT 1 FROM ${store.schema}.sessions FOR UPDATE`);
        await new Promise((resolve) => setTimeout(resolve, ms));
        await holder.query("COMMIT");
      };
      const [first, second, listed] = await Promise.all([
        holdFor(400).then(() => "held"),
        Promise.all(["s", "t"].map((id) => store.commit(id, 1, taking()))),
        new Promise((resolve) => setTimeout(resolve, 50)).then(() => store.list(9)),
      ]);
      expect([first, ...second.map(({ ok }) => ok), (listed as { readonly ok: boolean }).ok]).toEqual(["held", true, true, true]);
      const holding = holdFor(1_700);
      await new Promise((resolve) => setTimeout(resolve, 50));
      const waiting = [store.commit("s", 2, taking()), store.commit("t", 2, taking()), store.list(9), store.list(9)];
      const answers = await Promise.all(waiting);
      const details = answers.map((answer) => (answer.ok || answer.error.kind !== "unavailable" ? "ok" : answer.error.detail));
      expect(details.slice(0, 2)).toEqual(["postgres 57014", "postgres 57014"]);
      for (const detail of details.slice(2)) expect(["ok", "postgres EBUSY"]).toContain(detail);
      await holding;
      holder.release();
      expect(await store.commit("s", 2, taking())).toEqual({ ok: true, value: 3 });
    });

    it("is asked again where the server undid a transaction for another, four times at most", async () => {
      const store = await open();
      await store.create(headerOf("s"), opening(headerOf("s")));
      await admin.query(`CREATE SEQUENCE ${store.schema}.tries;
        CREATE FUNCTION ${store.schema}.fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          IF nextval('${store.schema}.tries') <= TG_ARGV[0]::integer THEN RAISE EXCEPTION USING ERRCODE = '40P01'; END IF; RETURN NEW; END $$;
        CREATE TRIGGER fails BEFORE INSERT ON ${store.schema}.events FOR EACH ROW EXECUTE FUNCTION ${store.schema}.fail(3)`);
      expect(await store.commit("s", 1, taking())).toEqual({ ok: true, value: 2 });
      await admin.query(`SELECT setval('${store.schema}.tries', 1, false); DROP TRIGGER fails ON ${store.schema}.events;
        CREATE TRIGGER fails BEFORE INSERT ON ${store.schema}.events FOR EACH ROW EXECUTE FUNCTION ${store.schema}.fail(4)`);
      expect(await store.commit("s", 2, taking())).toEqual(unavailable("postgres 40P01"));
      expect(await store.load("s", 0)).toMatchObject({ ok: true, value: { version: 2 } });
    });

    it("is a disk that is full, and nothing of the change is left", async () => {
      const store = await open();
      await store.create(headerOf("s"), opening(headerOf("s")));
      await admin.query(`CREATE FUNCTION ${store.schema}.full() RETURNS trigger LANGUAGE plpgsql AS
          $$ BEGIN RAISE EXCEPTION 'secret text' USING ERRCODE = '53100'; END $$;
        CREATE TRIGGER fails BEFORE INSERT ON ${store.schema}.events FOR EACH ROW EXECUTE FUNCTION ${store.schema}.full()`);
      expect(await store.commit("s", 1, taking())).toEqual(unavailable("postgres 53100"));
      const { rows } = await admin.query(`SELECT (SELECT count(*)::integer FROM ${store.schema}.counters) AS counters,
        (SELECT version FROM ${store.schema}.sessions) AS version, (SELECT count(*)::integer FROM ${store.schema}.conversations) AS labels`);
      expect(rows).toEqual([{ counters: 0, version: 1, labels: 0 }]);
    });
  });

  describe("settings", () => {
    it("that would lose what was answered are refused, unless that is wanted", async () => {
      const url = await databaseWith("synchronous_commit = off");
      await expect(open({}, url)).rejects.toThrow(/`synchronous_commit` off/);
      expect((await (await open({ survives: "process" }, url)).list(1)).ok).toBe(true);
    });

    it("are told by the server: another encoding, another isolation", async () => {
      await expect(open({}, await databaseWith("ENCODING 'SQL_ASCII'"))).rejects.toThrow(/encoding UTF8/);
      const url = await databaseWith("default_transaction_isolation = 'repeatable read'");
      const pool = new pg.Pool({ connectionString: url });
      await expect(createPostgresStore(new Kysely({ dialect: new PostgresDialect({ pool }) }))).rejects.toThrow(/isolation/);
      await pool.end();
      const store = await open({}, url);
      await store.create(headerOf("s"), opening(headerOf("s")));
      expect(await store.commit("s", 1, taking())).toEqual({ ok: true, value: 2 });
    });

    it("never let a change run where it would not see what it has locked", async () => {
      const pool = new pg.Pool({ connectionString: server.url });
      const store = await createPostgresStore(new Kysely({ dialect: new PostgresDialect({ pool }) }), {
        schema: `faults_${schemas++}`,
      });
      await store.create(headerOf("s"), opening(headerOf("s")));
      await admin.query("ALTER DATABASE postgres SET default_transaction_isolation = 'serializable'");
      const later = new pg.Pool({ connectionString: server.url });
      pool.connect = later.connect.bind(later) as never;
      expect(await store.commit("s", 1, taking())).toEqual(unavailable("isolation"));
      await admin.query("ALTER DATABASE postgres RESET default_transaction_isolation");
      await later.end();
      await store.close();
    });

    it("of ours are whole numbers in their bounds", async () => {
      for (const options of [
        { poolMax: 0 },
        { poolMax: 101 },
        { statementMs: 0.5 },
        { connectMs: -1 },
        { lockMs: 0 },
        { schema: "A" },
        { schema: "pg_x" },
      ])
        await expect(openPostgresStore(server.url, options)).rejects.toThrow(new RegExp(`\`${Object.keys(options)[0]}\``));
    });
  });
});

function taking() {
  const take = { counter: "c", run: 0, amount: 1, max: 1e9, at: 1 };
  const takes = [take, { ...take, counter: "w", windowMs: 1e9 }];
  return { entries: [allowed(0)], takes, context: { sources: ["web"], readers: null } };
}

async function loadedVersion(store: OpenStore, id: string): Promise<number> {
  const loaded = await store.load(id, 1e9);
  return loaded.ok ? loaded.value.version : -1;
}
