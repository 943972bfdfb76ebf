/** SQL: facts of each parser, how they are judged, and what happens without a parser. */
import { beforeAll, describe, expect, it } from "vitest";
import { compileSql, type SqlFacts, type SqlParser } from "../../src/constraints/sql.ts";
import { createGuard } from "../../src/engine.ts";
import { createGuard as createHostGuard } from "../../src/guard.ts";
import { createNodeSqlParser } from "../../src/sql/node-sql-parser.ts";
import { createPostgresParser } from "../../src/sql/postgres.ts";
import { createFirewall } from "../../src/surfaces/hono.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import { freeze } from "../attacks/world.ts";

let postgres: SqlParser;
let sqlite: SqlParser;
let mysql: SqlParser;
beforeAll(async () => {
  [postgres, sqlite, mysql] = await Promise.all([
    createPostgresParser(),
    createNodeSqlParser("sqlite"),
    createNodeSqlParser("mysql"),
  ]);
});

function facts(parser: SqlParser, text: string): SqlFacts {
  const read = parser.read(text);
  if (!read.ok) throw new Error(read.error.message);
  return read.value;
}

const columnsOf = ({ columns }: SqlFacts): readonly string[] =>
  [...new Set(columns.map(({ tables, name }) => `${tables.join("|")}.${name}`))].sort();

describe("PostgreSQL", () => {
  it.each<readonly [string, readonly string[]]>([
    ["SELECT 1", ["SELECT"]],
    ["VALUES (1)", ["VALUES"]],
    ["WITH x AS (DELETE FROM t RETURNING 1) SELECT 1", ["DELETE", "SELECT"]],
    ["EXPLAIN ANALYZE UPDATE t SET a = 1", ["EXPLAIN", "UPDATE"]],
    ["INSERT INTO t (a) VALUES (1)", ["INSERT"]],
    ["INSERT INTO t (a) VALUES (1) ON CONFLICT DO NOTHING", ["INSERT"]],
    ["INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO UPDATE SET a = 2", ["INSERT", "UPDATE"]],
    ["SELECT a INTO x FROM t", ["CREATE", "SELECT"]],
    ["SELECT a FROM t FOR SHARE", ["LOCK", "SELECT"]],
    [
      "MERGE INTO t USING s ON true WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (a) VALUES (1)",
      ["DELETE", "INSERT", "MERGE"],
    ],
    ["COPY t TO PROGRAM 'x'", ["COPY", "PROGRAM"]],
    ["REVOKE ALL ON t FROM x", ["REVOKE"]],
    ["CREATE TABLE x AS SELECT 1", ["CREATE", "SELECT"]],
    ["DO $$ BEGIN END $$", ["DO"]],
  ])("tells the kinds of %j", (text, kinds) => {
    expect([...facts(postgres, text).kinds].sort()).toEqual(kinds);
  });

  it.each<readonly [string, readonly string[]]>([
    ["SELECT 1 FROM a, b JOIN c ON true LEFT JOIN LATERAL (SELECT 1 FROM d) x ON true", ["a", "b", "c", "d"]],
    ["WITH a AS (SELECT 1 FROM a) SELECT 1 FROM a", ["a"]],
    ["WITH a AS (SELECT 1) SELECT 1 FROM a", []],
    ["WITH RECURSIVE a AS (SELECT 1 UNION SELECT 1 FROM a) SELECT 1 FROM a", []],
    ["SELECT 1 FROM (WITH a AS (SELECT 1) SELECT 1 FROM a) q, a", ["a"]],
    ["WITH a AS (SELECT 1) SELECT 1 FROM s.a", ["s.a"]],
    ["WITH a AS (SELECT 1) INSERT INTO a SELECT 1 FROM a", ["a"]],
    ["SELECT (SELECT 1 FROM b) FROM a WHERE EXISTS (TABLE c)", ["a", "b", "c"]],
    ['SELECT 1 FROM "A", a', ['"A"', "a"]],
    ["SELECT 1 FROM a TABLESAMPLE system (1)", ["a"]],
    ["DROP TABLE a", ["*"]],
    ["TRUNCATE a, b", ["a", "b"]],
  ])("tells the tables of %j", (text, tables) => {
    expect([...facts(postgres, text).tables].sort()).toEqual(tables);
  });

  it.each<readonly [string, readonly string[]]>([
    ["SELECT a FROM t", ["t.a"]],
    ["SELECT a FROM t, u", ["t|u.a"]],
    ["SELECT x.a FROM t x, u", ["t.a"]],
    ["SELECT t.a FROM t x", [".a"]],
    ["SELECT s.t.a FROM s.t", ["s.t.a"]],
    ["SELECT a FROM (SELECT b AS a FROM t) q", ["t.b"]],
    ["SELECT q.c FROM (SELECT b AS a FROM t) q", [".c", "t.b"]],
    ["SELECT a FROM (SELECT b FROM t) q(a)", ["t.b"]],
    ["SELECT a FROM t x(a)", ["t.*", "t.a"]],
    ["SELECT b AS a FROM t ORDER BY a", ["t.b"]],
    ["SELECT b AS a FROM t WHERE a = 1", ["t.a", "t.b"]],
    ["SELECT b AS a FROM t GROUP BY a", ["t.a", "t.b"]],
    ["SELECT 1 FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.a = t.b)", ["t.b", "u.a"]],
    ["SELECT 1 FROM t WHERE EXISTS (SELECT 1 FROM u WHERE a = 1)", ["u|t.a"]],
    ["SELECT count(*) FROM t", []],
    ["SELECT t FROM t", ["t.t"]],
    ["SELECT n FROM generate_series(1, 3) g(n)", []],
    ["SELECT a FROM t UNION SELECT b FROM u ORDER BY a", ["t.a", "u.b"]],
    ["UPDATE t SET a = b FROM u WHERE u.c = t.d RETURNING old.e", ["t.a", "t.d", "t.e", "t|u.b", "u.c"]],
    ["DELETE FROM t USING u WHERE t.a = u.b", ["t.a", "u.b"]],
  ])("tells the columns of %j", (text, columns) => {
    expect(columnsOf(facts(postgres, text))).toEqual(columns);
  });

  it("tells the functions, wherever they stand", () => {
    const text =
      "SELECT a(b(1)), count(*) FILTER (WHERE c(2)) OVER (ORDER BY d(3)) FROM e(4), t WHERE f(5) GROUP BY g(6) HAVING h(7) ORDER BY i(8) LIMIT s.j(9)";
    expect([...facts(postgres, text).functions].sort()).toEqual(["a", "b", "c", "count", "d", "e", "f", "g", "h", "i", "s.j"]);
    expect(facts(postgres, "CALL p(1)").functions).toEqual(["p"]);
  });

  it("goes on after a statement that it does not read, and after a deep one", () => {
    expect(postgres.read("SELEC 1").ok).toBe(false);
    expect(compileSql({ dialect: "postgres", statements: ["SELECT"] }).accepts(`SELECT ${"(".repeat(5_000)}1`, postgres)).toBe(
      false,
    );
    expect(
      compileSql({ dialect: "postgres", statements: ["SELECT"] }).accepts(`SELECT ${"NOT ".repeat(4_900)}true`, postgres),
    ).toBeTypeOf("boolean");
    expect(postgres.read("SELECT 1").ok).toBe(true);
  });
});

describe("SQLite and MySQL", () => {
  it("tell kinds, tables, columns and functions", () => {
    for (const parser of [sqlite, mysql]) {
      const read = facts(
        parser,
        "SELECT o.id, count(*), lower(u.name) FROM orders o JOIN users u ON u.id = o.uid WHERE total > 1",
      );
      expect(read.kinds).toEqual(["SELECT"]);
      expect(read.tables).toEqual(["orders", "users"]);
      expect([...read.functions].sort()).toEqual(["count", "lower"]);
      expect(columnsOf(read)).toEqual(["orders.id", "orders.uid", "orders|users.total", "users.id", "users.name"]);
      expect(facts(parser, "UPDATE t SET a = 1 WHERE b IN (SELECT c FROM u)").kinds).toEqual(["UPDATE", "SELECT"]);
      expect(columnsOf(facts(parser, "INSERT INTO t (a) VALUES (1)"))).toEqual(["t.a"]);
      expect(facts(parser, "INSERT INTO t (a) VALUES (1)").functions).toEqual([]);
    }
  });

  it("refuse what the gate refuses before the library is asked", () => {
    for (const text of [
      "SELECT 1 /*! , 2 */",
      "SELECT `a` FROM t",
      "SELECT 1; SELECT 2",
      "SELECT 'a\\'",
      "SELECT @a",
      "SELECT 1 # x",
    ]) {
      expect(sqlite.read(text).ok).toBe(false);
      expect(mysql.read(text).ok).toBe(false);
    }
    expect(mysql.read('SELECT "a" FROM t').ok).toBe(false);
  });
});

describe("a rule", () => {
  it("judges only what the parser of its own dialect says", () => {
    const rule = compileSql({ dialect: "sqlite", statements: ["select"], tables: ["T"] });
    expect(rule.accepts("SELECT a FROM t", sqlite)).toBe(true);
    expect(rule.accepts("SELECT a FROM t", mysql)).toBe(false);
    expect(rule.accepts("SELECT a FROM t", undefined)).toBe(false);
  });

  it("takes a parser that throws for one that has not understood", () => {
    const broken: SqlParser = {
      dialect: "sqlite",
      read: () => {
        throw new RangeError("stack");
      },
    };
    expect(compileSql({ dialect: "sqlite", statements: ["SELECT"] }).accepts("SELECT 1", broken)).toBe(false);
  });

  it("without a dialect lists each writing word, but not the name of a function or a member", () => {
    const rule = compileSql({ statements: ["SELECT"], functions: ["replace"] });
    expect(rule.accepts("SELECT replace(a, 'x', 'y') FROM t", undefined)).toBe(true);
    expect(rule.accepts("SELECT t.set FROM t", undefined)).toBe(true);
    expect(rule.accepts("SELECT 1 DROP TABLE t", undefined)).toBe(false);
    expect(rule.accepts("SELECT a FROM t FOR UPDATE", undefined)).toBe(false);
    expect(compileSql({ statements: ["UPDATE"] }).accepts("UPDATE t SET a = 1", undefined)).toBe(true);
    expect(compileSql({ statements: ["INSERT"] }).accepts("INSERT INTO t SELECT 1", undefined)).toBe(true);
  });
});

describe("a guard for a plan that names a dialect", () => {
  const frozen = () => {
    const made = freeze({
      nodes: {
        q: {
          tool: "base/sql",
          args: { sql: { choose: {} } },
          constraints: { sql: { dialect: "postgres", statements: ["SELECT"], tables: ["t"] } },
        },
      },
    });
    if (!made.ok) throw new Error(JSON.stringify(made.error));
    return made.value;
  };

  it("does not start without its parser, and says which", () => {
    const guard = createGuard(frozen(), { clock: () => 0, sql: [sqlite] });
    expect(guard).toMatchObject({
      ok: false,
      error: [{ code: "SQL_PARSER_MISSING", severity: "error", pointer: "/nodes/q/constraints/sql/dialect" }],
    });
    expect(() => createHostGuard(frozen())).toThrow();
    expect(() => createFirewall({ plans: [frozen()], store: createMemoryStore() })).toThrow(/SQL_PARSER_MISSING/);
  });

  it("starts with it", () => {
    const session = createHostGuard(frozen(), { sql: [postgres] }).session();
    expect(session.check({ tool: "base/sql", args: { sql: "SELECT a FROM t" } }).decision).toBe("allow");
    expect(() => createFirewall({ plans: [frozen()], store: createMemoryStore(), sql: [postgres] })).not.toThrow();
  });

  it("cannot list columns without one, nor lists that name nothing", () => {
    const codes = (constraints: object, tool = "base/sql", arg = "sql"): readonly string[] => {
      const made = freeze({ nodes: { q: { tool, args: { [arg]: { choose: {} } }, constraints } } });
      return made.ok ? [] : made.error.map(({ code, pointer }) => `${code} ${pointer}`);
    };
    expect(codes({ sql: { statements: ["SELECT"], columns: ["t.a"] } })).toEqual([
      "PLAN_CONSTRAINT /nodes/q/constraints/sql/columns",
    ]);
    expect(codes({ sql: { dialect: "mysql", statements: ["SELECT"], columns: ["a"] } })).toEqual([
      "PLAN_CONSTRAINT /nodes/q/constraints/sql/columns/0",
    ]);
    expect(codes({ hosts: ["https://a.example"] }, "web/get", "url")).toEqual(["PLAN_CONSTRAINT /nodes/q/constraints/hosts/0"]);
    expect(codes({ paths: ["./a"] }, "box/put", "key")).toEqual(["PLAN_CONSTRAINT /nodes/q/constraints/paths/0"]);
    expect(codes({ emails: ["a"] }, "mail/send", "to")).toEqual(["PLAN_CONSTRAINT /nodes/q/constraints/emails/0"]);
    expect(codes({ argv: { programs: ["git", "bash"] } }, "shell/run", "argv")).toEqual([
      "PLAN_CONSTRAINT /nodes/q/constraints/argv/programs/1",
    ]);
  });
});
