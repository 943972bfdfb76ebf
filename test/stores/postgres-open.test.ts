/** How a PostgreSQL database is opened: its URL, its protection, its tables, and the rights that it takes. */
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, chownSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPostgresStore } from "../../src/stores/postgres/open.ts";
import { prepareSchema, type Step, steps, type Tables } from "../../src/stores/postgres/schema.ts";
import { readPostgresUrl } from "../../src/stores/postgres/url.ts";
import { grantsFor } from "../../src/stores/postgres.ts";
import { type Postgres, postgresProgram, startPostgres } from "../services/postgres.ts";
import { describeWith } from "../services/service.ts";
import { allowed, headerOf, opening } from "./session-fixture.ts";

describe("the URL of a PostgreSQL database", () => {
  it("says where it is, who asks, and where the tables are", () => {
    const url = "postgresql://ada%40x:p%2Fw@[::1]:5433/a%20b?schema=s1";
    const connection = { host: "::1", port: 5433, user: "ada@x", password: "p/w", database: "a b", ssl: false };
    expect(readPostgresUrl(url)).toEqual({ connection, schema: "s1" });
    expect(readPostgresUrl("postgres:///db?host=/run/postgresql")).toEqual({
      connection: { host: "/run/postgresql", database: "db", ssl: false },
    });
  });

  it("protects the way to another machine without being asked, and never by halves", () => {
    const tls = (query: string, host = "db.example") => readPostgresUrl(`postgres://${host}/d${query}`).connection.ssl;
    for (const host of ["localhost", "127.0.0.1", "[::1]"]) expect(tls("", host)).toBe(false);
    for (const host of ["db.example", "10.0.0.1", "localhost.evil.example"])
      expect(tls("", host)).toMatchObject({ rejectUnauthorized: true });
    expect(tls("?sslmode=disable")).toBe(false);
    expect(tls("?sslmode=require")).toMatchObject({ rejectUnauthorized: false });
    expect(tls(`?sslmode=require&sslrootcert=${import.meta.filename}`)).toMatchObject({ rejectUnauthorized: true });
    for (const mode of ["prefer", "allow", "Disable", ""])
      expect(() => tls(`?sslmode=${mode}`)).toThrow(/`sslmode` must be one of disable, require/);
  });

  it("is refused without a word of it where it does not read", () => {
    for (const url of [
      "",
      "mysql://ada:secret@h/d",
      "postgres://ada:secret@h:99999/d",
      "postgres://h/d?secret=1",
      "postgres://ada:sec%ret@h/d",
      "postgres://h/d?sslmode=verify-ca&sslrootcert=/secret",
    ]) {
      let message = "";
      try {
        readPostgresUrl(url);
      } catch (error) {
        message = String(error);
      }
      expect(message).toMatch(/^ConfigError: /);
      expect(message).not.toMatch(/secret|sec%ret/);
    }
  });
});

describeWith(postgresProgram, "a PostgreSQL database", () => {
  let server: Postgres;
  let admin: pg.Pool;
  let db: Kysely<Tables>;
  const keys = mkdtempSync(join(tmpdir(), "sluice-keys-"));

  beforeAll(async () => {
    const make = (name: string, host: string): void => {
      const args = [
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        `/CN=${host}`,
        "-addext",
        `subjectAltName=${host}`,
      ];
      execFileSync("openssl", [...args, "-keyout", join(keys, `${name}.key`), "-out", join(keys, `${name}.crt`)], {
        stdio: "ignore",
      });
    };
    make("server", "IP:127.0.0.1");
    make("other", "DNS:other.example");
    server = await startPostgres({
      settings: ["ssl = on", `ssl_cert_file = '${keys}/server.crt'`, `ssl_key_file = '${keys}/server.key'`],
      access: ["hostnossl all in_the_clear 127.0.0.1/32 reject", "host all all 127.0.0.1/32 trust"],
      prepare: (owner) => {
        chmodSync(keys, 0o755);
        chmodSync(join(keys, "server.key"), 0o600);
        if (owner.uid !== undefined && owner.gid !== undefined) chownSync(join(keys, "server.key"), owner.uid, owner.gid);
      },
    });
    admin = new pg.Pool({ connectionString: server.url, max: 2 });
    db = new Kysely({ dialect: new PostgresDialect({ pool: admin }) });
    await admin.query("CREATE ROLE in_the_clear LOGIN; GRANT CREATE ON DATABASE postgres TO in_the_clear");
  });
  afterAll(async () => {
    await admin?.end();
    await server?.stop();
    rmSync(keys, { recursive: true, force: true });
  });

  describe("on the way there", () => {
    const at = (query: string) => openPostgresStore(`${server.url.replace("postgres@", "in_the_clear@")}?schema=tls${query}`);

    it("is spoken to under TLS as the URL says, and proves who it is", async () => {
      for (const query of [
        "&sslmode=require",
        `&sslmode=verify-ca&sslrootcert=${keys}/server.crt`,
        `&sslmode=verify-full&sslrootcert=${keys}/server.crt`,
      ]) {
        const store = await at(query);
        expect((await store.list(1)).ok).toBe(true);
        await store.close();
      }
      for (const query of ["", "&sslmode=disable", "&sslmode=verify-full", `&sslmode=verify-ca&sslrootcert=${keys}/other.crt`])
        await expect(at(query)).rejects.toThrow(/cannot be used/);
      // The certificate is of 127.0.0.1, and that is not its name here.
      const named = `${server.url.replace("127.0.0.1", "localhost")}?schema=tls&sslrootcert=${keys}/server.crt&sslmode=`;
      await expect(openPostgresStore(`${named}verify-full`)).rejects.toThrow(/cannot be used/);
      await (await openPostgresStore(`${named}verify-ca`)).close();
    });
  });

  describe("the tables", () => {
    it("are made once by four processes that start together", async () => {
      const script = join(import.meta.dirname, "postgres-opener.ts");
      const ended = await Promise.all(
        Array.from({ length: 4 }, async () => {
          const child = spawn(process.execPath, [script, server.url, "together"]);
          let output = "";
          for (const stream of [child.stdout, child.stderr])
            stream.on("data", (chunk: Buffer) => {
              output += chunk.toString();
            });
          await new Promise((resolve) => child.on("close", resolve));
          return output;
        }),
      );
      expect(ended).toEqual(Array.from({ length: 4 }, () => "created"));
      const { rows } = await admin.query(
        "SELECT (SELECT count(*)::integer FROM together.sessions) AS sessions, version FROM together.state",
      );
      expect(rows).toEqual([{ sessions: 4, version: steps.length }]);
    });

    it("are brought from one version to the next, whole or not at all, and never back", async () => {
      const more: Step = (schema) => [
        `ALTER TABLE ${schema}.sessions ADD COLUMN more text`,
        `UPDATE ${schema}.sessions SET more = id`,
      ];
      const broken: Step = (schema) => [`ALTER TABLE ${schema}.sessions DROP COLUMN plan`, "SELECT 1 / 0"];
      const options = { schema: "stepwise" };
      const store = await openPostgresStore(server.url, options);
      await store.create(headerOf("s"), opening(headerOf("s")));
      await expect(prepareSchema(db, options, [...steps, broken])).rejects.toThrow();
      expect(await store.load("s", 0)).toMatchObject({ ok: true, value: { version: 1 } });
      await expect(prepareSchema(db, { ...options, migrate: false }, [...steps, more])).rejects.toThrow(
        `version ${steps.length}, this Sluice needs version ${steps.length + 1}`,
      );
      await Promise.all([1, 2, 3].map(() => prepareSchema(db, options, [...steps, more])));
      const { rows } = await admin.query("SELECT more, (SELECT version FROM stepwise.state) AS version FROM stepwise.sessions");
      expect(rows).toEqual([{ more: "s", version: steps.length + 1 }]);
      await expect(openPostgresStore(server.url, options)).rejects.toThrow(/tables of version 2, this Sluice knows version 1/);
      await store.close();
    });

    it("are not made where that is not wanted, and leave others' tables alone", async () => {
      await expect(openPostgresStore(server.url, { schema: "nowhere", migrate: false })).rejects.toThrow(/are of version 0/);
      await admin.query("CREATE SCHEMA shared; CREATE TABLE shared.sessions_of_others (a integer)");
      const store = await openPostgresStore(server.url, { schema: "shared" });
      await store.close();
      const { rows } = await admin.query("SELECT count(*)::integer AS tables FROM shared.sessions_of_others");
      expect(rows).toEqual([{ tables: 0 }]);
    });
  });

  describe("a role with nothing but its grants", () => {
    it("can do all that a store does, and nothing to the tables themselves", async () => {
      const options = { schema: "granted" };
      await (await openPostgresStore(server.url, options)).close();
      await admin.query("CREATE ROLE runs_sluice LOGIN");
      for (const grant of grantsFor("runs_sluice", options)) await admin.query(grant);
      const url = server.url.replace("postgres@", "runs_sluice@");
      const store = await openPostgresStore(url, { ...options, migrate: false, journal: true });
      const header = headerOf("s");
      const take = { counter: "c", run: 0, amount: 1, max: 1, at: 1 };
      const label = { sources: ["web"], readers: null };
      const record = { kind: "k", id: "a", version: 0, value: {} };
      const change = {
        entries: [allowed(0)],
        takes: [take, { ...take, counter: "w", windowMs: 9 }],
        context: label,
        resources: [{ key: "r", label }],
        records: [record],
      };
      const gives = [
        { counter: "c", run: 0, amount: 1 },
        { counter: "w", run: 0, amount: 1, windowMs: 9 },
      ];
      const answers = [
        await store.create(header, opening(header)),
        await store.commit("s", 1, change),
        await store.commit("s", 2, {
          entries: [{ event: { type: "close", at: 2 } }],
          gives,
          context: { sources: ["mail"], readers: [] },
          resources: [{ key: "r", label: { sources: ["mail"], readers: [] } }],
          records: [{ ...record, version: 1 }],
        }),
        await store.load("s", 0),
        await store.list(9),
        await store.contextOf("s"),
        await store.labelsOf({ keys: ["r"], prefixes: ["r"] }),
        await store.record("k", "a"),
        await store.records("k", { limit: 9 }),
        await store.writeRecord({ ...record, version: 2 }),
        await store.writeRecord({ ...record, id: "b" }),
        await store.forgetRecords("k", "b", 9),
        await store.saveDocument("plan", "sha256:a", "{}"),
        await store.loadDocument("plan", "sha256:a"),
        await store.listDocuments("plan"),
        await store.note({ a: 1 }),
        await store.journal({ limit: 9 }),
        await store.trimJournal("999"),
        await store.expire(9_999, 9),
      ];
      expect(answers.filter(({ ok }) => !ok)).toEqual([]);
      const role = new pg.Client(url);
      await role.connect();
      for (const statement of [
        "DROP TABLE granted.events",
        "UPDATE granted.events SET event = ''",
        "TRUNCATE granted.journal",
        "CREATE TABLE granted.mine ()",
        "DELETE FROM granted.counters",
        "DELETE FROM granted.state",
        "UPDATE granted.documents SET text = ''",
      ])
        await expect(role.query(statement)).rejects.toThrow(/permission denied|must be owner/);
      await role.end();
      await store.close();
      expect(() => grantsFor('ada"; DROP')).toThrow(/the role/);
    });
  });
});
