/** The audit log in PostgreSQL against a real server, which this file starts. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { Kysely, PostgresDialect, sql } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AuditLog } from "../../src/audit/log.ts";
import { auditGrantsFor, createPostgresAuditLog } from "../../src/audit/postgres.ts";
import { openPostgresAuditLog } from "../../src/audit/postgres/open.ts";
import { ConfigError } from "../../src/result.ts";
import { type Postgres, postgresProgram, startPostgres } from "../services/postgres.ts";
import { describeWith } from "../services/service.ts";
import { look, makeAudited, must, traffic } from "./fixture.ts";
import { auditLogContract, recordOf } from "./log-contract.ts";

describeWith(postgresProgram, "an audit log in PostgreSQL", () => {
  let server: Postgres;
  let db: Kysely<unknown>;
  let count = 0;

  beforeAll(async () => {
    server = await startPostgres();
    const pool = new pg.Pool({ connectionString: server.url, max: 4 });
    pool.on("connect", (client) => client.on("error", () => undefined));
    pool.on("error", () => undefined);
    db = new Kysely({ dialect: new PostgresDialect({ pool }) });
  });
  afterAll(async () => {
    await db?.destroy();
    await server?.stop();
  });

  const run = async (statement: string) => (await sql.raw<Record<string, unknown>>(statement).execute(db)).rows;
  const tables = "records, openings, checkpoints, plans, subjects";

  /** A log in the schema `sluice_audit`, emptied, with connections of its own. */
  async function opened(): Promise<AuditLog> {
    return openPostgresAuditLog(server.url, { poolMax: 2 });
  }

  auditLogContract(
    async () => {
      await (await opened()).close();
      await run(`SET search_path = sluice_audit; TRUNCATE ${tables}; SET search_path = DEFAULT`);
      return { open: opened, remove: async () => undefined };
    },
    { runs: 30 },
  );

  /** A log in a schema of its own. */
  async function fresh(): Promise<{ readonly log: AuditLog; readonly schema: string }> {
    const schema = `audit${count++}`;
    return { schema, log: await openPostgresAuditLog(server.url, { schema, poolMax: 2 }) };
  }

  it("verifies, and still does after a person is erased", async () => {
    const { log } = await fresh();
    const audited = await makeAudited({ log });
    await traffic(audited);
    expect((await audited.verify()).faults).toEqual([]);
    const ada = must(await audited.subjects.find("ada@example.org"));
    must(await audited.store.note({ type: "erase", subject: ada?.id ?? "", at: audited.clock.now }));
    const found = await audited.verify();
    expect(found).toMatchObject({ isValid: true });
    expect(found.values.erased).toBeGreaterThan(0);
    expect(await look(audited)).toMatchObject({ isValid: true });
    await log.close();
  });

  /** Files of the database, but its log of changes, that have a text. */
  async function filesWith(text: string): Promise<readonly string[]> {
    await run("CHECKPOINT");
    const found: string[] = [];
    const walk = (folder: string): void => {
      for (const name of readdirSync(folder)) {
        const path = join(folder, name);
        if (statSync(path).isDirectory()) {
          if (name !== "pg_wal") walk(path);
        } else if (readFileSync(path).includes(text)) found.push(path);
      }
    };
    walk(join(server.folder, "data"));
    return found;
  }

  it("leaves nothing of a key in the files of tables, indexes and statistics, where deleting the row would", async () => {
    const { log, schema } = await fresh();
    for (const n of [1, 2, 3]) {
      const key = { subject: `subject-${schema}-${n}`, index: `index-${schema}-${n}`, sealed: `sealed-${schema}-${n}` };
      must(await log.addKey(key));
    }
    await run(`ANALYZE ${schema}.subjects`);
    expect(await filesWith(`sealed-${schema}-2`)).not.toEqual([]);
    // What a statement alone does.
    await run(`DELETE FROM ${schema}.subjects WHERE subject = 'subject-${schema}-1'`);
    expect(await filesWith(`sealed-${schema}-1`)).not.toEqual([]);
    must(await log.deleteKey(`subject-${schema}-2`));
    await run("ANALYZE");
    for (const text of ["sealed", "subject", "index"])
      for (const n of [1, 2]) expect(await filesWith(`${text}-${schema}-${n}`)).toEqual([]);
    expect(must(await log.key({ index: `index-${schema}-3` }))?.sealed).toBe(`sealed-${schema}-3`);
    await log.close();
  });

  it("never answers that a key is not there while another is deleted", async () => {
    const { log, schema } = await fresh();
    const others = Array.from({ length: 30 }, (_, n) => ({ subject: `s${n}`, index: `i${n}`, sealed: "x" }));
    for (const key of [...others, { subject: "kept", index: "kept", sealed: "x" }]) must(await log.addKey(key));
    const reader = await openPostgresAuditLog(server.url, { schema, poolMax: 4 });
    let isOver = false;
    const reading = Array.from({ length: 4 }, async () => {
      let reads = 0;
      for (; !isOver; reads++) expect(must(await reader.key({ index: "kept" }))?.subject).toBe("kept");
      return reads;
    });
    for (const { subject } of others) must(await log.deleteKey(subject));
    isOver = true;
    for (const reads of await Promise.all(reading)) expect(reads).toBeGreaterThan(5);
    await reader.close();
    await log.close();
  });

  describe("with a role of its own", () => {
    it("can be written by one that may change no record", async () => {
      const { log: made, schema } = await fresh();
      await made.close();
      await run("CREATE ROLE auditor LOGIN");
      for (const statement of auditGrantsFor("auditor", { schema })) await run(statement);
      const url = server.url.replace("postgres@", "auditor@");
      const log = await openPostgresAuditLog(url, { schema, migrate: false });
      must(await log.append({ first: 0, records: [recordOf(0)], openings: [{ seq: 0, name: "event", sealed: "x" }] }));
      must(await log.addKey({ subject: "s", index: "i", sealed: "x" }));
      must(await log.deleteKey("s"));
      must(await log.addCheckpoint("jws"));
      must(await log.savePlan("d", "{}"));
      expect(must(await log.find({ limit: 5 })).records).toHaveLength(1);
      const own = new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: url, max: 1 }) }) });
      for (const change of ["UPDATE", "DELETE"])
        for (const table of ["records", "openings", "checkpoints", "plans"]) {
          const statement =
            change === "DELETE"
              ? `DELETE FROM ${schema}.${table}`
              : `UPDATE ${schema}.${table} SET ${table === "checkpoints" ? "jws" : "text"} = ''`;
          if (change === "UPDATE" && table === "openings") continue;
          await expect(sql.raw(statement).execute(own)).rejects.toMatchObject({ code: "42501" });
        }
      await own.destroy();
      await log.close();
    });

    it("is refused where nothing is made yet and nothing may be", async () => {
      await expect(openPostgresAuditLog(server.url, { schema: "none_here", migrate: false })).rejects.toThrow(ConfigError);
      expect(await run("SELECT 1 FROM pg_namespace WHERE nspname = 'none_here'")).toEqual([]);
    });
  });

  it("calls nothing that somebody else has put before the system's own functions", async () => {
    const raise = "LANGUAGE plpgsql AS $$ BEGIN RAISE 'called'; END $$";
    await run(`CREATE FUNCTION public.json_array_elements(json) RETURNS SETOF json ${raise}`);
    await run(`CREATE FUNCTION public.strpos(text, text) RETURNS integer ${raise}`);
    await run("ALTER ROLE postgres SET search_path = public, pg_catalog");
    try {
      const { log } = await fresh();
      must(await log.append({ first: 0, records: [recordOf(0)], openings: [] }));
      expect(must(await log.find({ text: "config", limit: 2 })).records).toHaveLength(1);
      await log.close();
    } finally {
      await run("ALTER ROLE postgres RESET search_path");
    }
  });

  it("says that it is unavailable when the server is gone, by a word of ours, and goes on when it is back", async () => {
    const { log } = await fresh();
    must(await log.append({ first: 0, records: [recordOf(0)], openings: [] }));
    await server.kill();
    for (const failed of [await log.head(), await log.find({ limit: 1 }), await log.key({ index: "a" })]) {
      expect(failed).toMatchObject({ ok: false, error: { kind: "unavailable" } });
      expect(JSON.stringify(failed)).toMatch(/"detail":"postgres( [A-Z0-9_]+)?"/);
    }
    await server.restart();
    await expect.poll(async () => (await log.head()).ok, { timeout: 20_000 }).toBe(true);
    must(await log.append({ first: 1, records: [recordOf(1)], openings: [] }));
    await log.close();
  }, 60_000);

  it("takes a connection that a host has made", async () => {
    const own = new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: server.url, max: 1 }) }) });
    const log = await createPostgresAuditLog(own, { schema: "of_a_host" });
    expect(must(await log.head())).toEqual({ size: 0 });
    await log.close();
    await expect(createPostgresAuditLog(db, { schema: "Bad Name" })).rejects.toThrow(ConfigError);
  });
});
