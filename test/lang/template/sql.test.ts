/**
 * The SQL gate: what a statement touches is listed, and what dialects read differently is refused.
 * Never tests against one dialect.
 */
import { describe, expect, test } from "vitest";
import { isReadingSql, readSql, type SqlReading } from "../../../src/lang/template/sql.ts";

function read(text: string): SqlReading {
  const reading = readSql(text);
  if (!reading.ok) throw new Error(reading.error.message);
  return reading.value;
}

describe("readSql", () => {
  test.each([
    "SELECT 1; DROP TABLE t",
    "SELECT 1;; SELECT 2",
    "SELECT 1 -- x",
    "SELECT 1 /* x */",
    "SELECT /*!50000 1 */",
    "SELECT 1 # x",
    "SELECT $$a$$",
    "SELECT $t$a$t$",
    "SELECT $1",
    "SELECT E'\\''",
    "SELECT e'a'",
    "SELECT U&'a'",
    "SELECT N'a'",
    "SELECT x'41'",
    "SELECT b'1'",
    "SELECT _utf8'a'",
    "SELECT q'[a]'",
    "SELECT 'a\\'",
    "SELECT `a`",
    "SELECT [a]",
    "SELECT 1\u0000; DROP TABLE t",
    "SELECT 'a\u0000'",
    "SELECT\u00a01",
    "SELECT \u2018a\u2019",
    "SELECT 'a",
    'SELECT "a',
    "SELECT 'a' 'b'",
    "SELECT 'a'\n'b'",
    "SELECT @a := 1",
    "SELECT @@version",
    "SELECT :a",
    "SELECT ?",
    "SELECT a & b",
    "SELECT a ^ b",
    "SELECT ~a",
    "SELECT !a",
    "SELECT 0x41",
    "SELECT 1a",
    "SELECT 1..2",
    "SELECT {d '2026-01-01'}",
    "SELECT (1",
    "SELECT 1)",
    "",
    ";",
    "(SELECT 1)",
    "'a'",
    "1",
    "SELECT a \ud800",
    "SELECT 'a'b",
    'SELECT "a"b',
    "SELECT a\u200b",
    "SELECT 'a\nb'",
    "SELECT 1 \\; DROP TABLE t",
    "SELECT a--b",
    "SELECT a-- 1",
    "SELECT */ 1",
    "SELECT a # b",
    "SELECT a | b",
  ])("refuses %j", (text) => {
    expect(readSql(text)).toMatchObject({ ok: false, error: { code: "SQL_REFUSED" } });
  });

  test.each<readonly [string, readonly string[], readonly string[]]>([
    ["SELECT a FROM t", ["t"], []],
    ["SELECT count(*) FROM T t1, s.U AS u JOIN v ON f(t1.a, u.b) = 1, w", ["t", "s.u", "v", "w"], ["count", "f"]],
    ["SELECT a FROM (SELECT b FROM x WHERE c IN (SELECT d FROM y)) z", ["x", "y"], []],
    ["SELECT a FROM (b JOIN c ON b.i = c.i), d", ["b", "c", "d"], []],
    ["WITH s AS (SELECT * FROM s) SELECT * FROM s", ["s"], []],
    ["WITH s AS (SELECT 1), r(n) AS (SELECT * FROM s) SELECT * FROM r, q", ["q"], ["r"]],
    ["WITH RECURSIVE r AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT * FROM r", [], []],
    ["SELECT * FROM (WITH s AS (SELECT 1) SELECT 1) a, s", ["s"], []],
    ["SELECT * FROM dblink('x') AS d(a int)", ["dblink"], ["dblink", "d"]],
    ["SELECT pg_catalog.pg_read_file('/etc/passwd')", [], ["pg_catalog.pg_read_file"]],
    ["SELECT \"pg_read_file\" ('x')", [], ['"pg_read_file"']],
    ['SELECT * FROM "Users" JOIN "a"."b" ON 1 = 1', ['"Users"', '"a"."b"'], []],
    ["SELECT extract(year FROM d), a IS DISTINCT FROM b FROM t", ["t"], ["extract"]],
    ["SELECT * FROM a CROSS JOIN LATERAL (SELECT * FROM b) c", ["a", "b"], []],
    ["SELECT * INTO x FROM y", ["x", "y"], []],
    ["INSERT INTO t (a, b) SELECT c, d FROM u", ["t", "u"], ["t"]],
    ["SELECT * FROM users (NOLOCK)", ["users"], ["users"]],
    ["INSERT t VALUES (1)", ["t"], []],
    ["INSERT OR REPLACE INTO t VALUES (1)", ["t"], []],
    ["DELETE t WHERE a = 1", ["t"], []],
    ["DELETE FROM a USING b WHERE a.x = b.x", ["a", "b"], []],
    ["UPDATE a SET x = 1 FROM b WHERE a.x = b.x", ["a", "b"], []],
    ["MERGE INTO a USING b ON a.x = b.x WHEN MATCHED THEN DELETE", ["a", "b"], []],
    ["TRUNCATE t", ["t"], []],
    ["TABLE t", ["t"], []],
    ["SELECT a FROM t WHERE b = ANY (SELECT c FROM d) AND exists (SELECT 1 FROM e)", ["t", "d", "e"], []],
    ["SELECT a FROM t UNION SELECT b FROM u ORDER BY a, b LIMIT 5", ["t", "u"], []],
    ["SELECT 'FROM x', \"FROM y\" FROM t", ["t"], []],
  ])("lists the tables and functions of %j", (text, tables, functions) => {
    expect(read(text).tables).toEqual(tables);
    expect(read(text).functions).toEqual(functions);
  });

  test.each([
    "INSERT INTO t VALUES (1)",
    "WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d",
    "SELECT * INTO x FROM t",
    "SELECT 1 DROP TABLE t",
    "SELECT a FROM t FOR UPDATE",
    "EXPLAIN SELECT 1",
    "PRAGMA table_info(t)",
    "ATTACH 'x' AS y",
    "COPY t TO PROGRAM 'x'",
    "SELECT a INTO OUTFILE 'x' FROM t",
    "CALL p()",
    "EXEC p",
    "DO 'x'",
    "SET a = 1",
    "VACUUM",
    "LOCK TABLE t",
    "TRUNCATE t",
    "GRANT ALL ON t TO u",
    "SELECT 1 EXEC p",
    "VALUES (1) UPDATE t SET a = 1",
    "MERGE INTO a USING b ON 1 = 1 WHEN MATCHED THEN DELETE",
    "REPLACE INTO t VALUES (1)",
    "TABLE t",
    "SHOW TABLES",
    "USE db",
    "BEGIN",
  ])("does not take %j for a reader", (text) => {
    const reading = readSql(text);
    expect(reading.ok && isReadingSql(reading.value)).toBe(false);
  });

  test.each([
    "SELECT a FROM t;",
    "VALUES (1), (2)",
    "WITH a AS (SELECT 1) SELECT * FROM a",
    "select \"update\" from t where a = 'drop table t'",
    "SELECT security, comment, share FROM holdings",
  ])("takes %j for a reader", (text) => {
    expect(isReadingSql(read(text))).toBe(true);
  });
});
