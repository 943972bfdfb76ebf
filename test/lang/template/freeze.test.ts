/**
 * Templates that must be refused at freeze, each with what is wrong about it.
 * Never a template that some kind may accept.
 */
import { describe, expect, test } from "vitest";
import { compileTemplate, type TemplateKind } from "../../../src/lang/template/template.ts";

/** Templates that no kind may accept, each with what is wrong about it. */
const templates: readonly (readonly [TemplateKind, string])[] = [
  ...[
    "SELECT * FROM {x}",
    "SELECT * FROM a, {x}",
    "SELECT * FROM a JOIN {x} ON 1 = 1",
    "SELECT {x} FROM t ORDER BY {x}",
    "SELECT a FROM t ORDER BY a, {x}",
    "SELECT a FROM t GROUP BY {x}",
    "SELECT '{x}'",
    'SELECT "{x}"',
    "SELECT a{x} FROM t",
    "SELECT a FROM t WHERE a {x} b",
    "SELECT a AS {x} FROM t",
    "SELECT 1 {x}",
    "SELECT a FROM t WHERE b = {x} {x}",
    "SELECT a FROM t WHERE {x}(1)",
    "INSERT INTO t (a, {x}) VALUES (1)",
    "INSERT INTO t ({x}) VALUES (1)",
    "INSERT INTO {x} VALUES (1)",
    "UPDATE {x} SET a = 1",
    "UPDATE t SET {x} = 1",
    "WITH c({x}) AS (SELECT 1) SELECT 1",
    "WITH a AS (SELECT 1), c({x}) AS (SELECT 1) SELECT 1",
    "SELECT a FROM t JOIN u USING ({x})",
    "{x}",
    "{x} a FROM t",
    "SELECT 1; SELECT {x}",
    "SELECT 1 -- {x}",
    "SELECT /* {x} */ 1",
    "SELECT $${x}$$",
    "SELECT E'a' || {x}",
    "SELECT `a` = {x}",
    "SELECT [a] = {x}",
    "SELECT a FROM t WHERE b = 'a' 'b' AND c = {x}",
    "SELECT a FROM t WHERE b = 'x\\' AND c = {x}",
    "SELECT @a = {x}",
    "SELECT 1{x}",
    "SELECT a FROM t WHERE (b = {x}",
    "SELECT x'{x}'",
    "SELECT {x}.a FROM t",
    "SELECT a FROM t WHERE b = {x}'c'",
    "SELECT a # {x}",
  ].map((text) => ["sql", text] as const),
  ...[
    "{x}://a.example/",
    "https://{x}@a.example/",
    "https://a.example:{x}/",
    "https://a{x}.example/",
    "https://a.example{x}/",
    "https://a.example{x}",
    "https://a.example/?{x}=1",
    "https://a.example/?a=1&{x}",
    "//a.example/{x}",
    "/files/{x}",
    "ftp://a.example/{x}",
    "javascript:{x}",
    "https://a.example/a//{x}",
    "https://a.example/../{x}",
    "https://a.example/%2e%2e/{x}",
    "https://a.example?q={x}",
    "https://a.example#{x}",
    "https://user:pw@a.example/{x}",
    "https://api.{x}/",
    "https://127.1/{x}",
    "https://[::1]/{x}",
    "https://xn--a.example/{x}",
    "https://a.example/%{x}",
    "https://a.example/%4{x}",
    "https://a.example/\\{x}",
    "https://a.example/a b/{x}",
    "HTTPS://a.example/{x}",
    "https://A.example/{x}",
    "https://a.example:0/{x}",
    "https:///{x}",
    "https://a.example/..;/{x}",
  ].map((text) => ["url", text] as const),
  ...["/srv/../{x}", "/srv//{x}", "~/{x}", "a\\{x}", "C:/{x}", "./{x}", "/srv/{x}/.", "", "/srv/\u2025/{x}", "{x}/"].map(
    (text) => ["path", text] as const,
  ),
  ...[
    "{x}",
    "{x} -a",
    "sh -c {x}",
    "/bin/bash -c 'echo {x}'",
    "sudo sh -c {x}",
    "env A=1 prog {x}",
    "xargs {x}",
    "find . -exec {x}",
    "python -c {x}",
    "node -e {x}",
    "python {x}",
    "tar -{x}",
    "head -n{x}",
    "git log | grep {x}",
    "echo {x} > f",
    "echo $({x})",
    "echo `{x}`",
    "a && b {x}",
    "git log 'x {x}",
    "",
    "ssh host {x}",
    "eval {x}",
    "psql -c {x}",
    "perl -e {x}",
    "powershell {x}",
    "cmd.exe /c {x}",
    "ls *{x}",
    "awk {x} f",
  ].map((text) => ["argv", text] as const),
  ...["Bearer\n{x}", " {x}", '"{x}', "a\\{x}", "\u00e9{x}", "a {x} ", "a\t{x}"].map((text) => ["header", text] as const),
  ...["\u202e{x}", "\u0000{x}", "{x", "x}", "{}", "{1x}", "{a b}", "{a{b}}", "{__proto__\u200b}", "\ud800{x}"].map(
    (text) => ["text", text] as const,
  ),
];

describe("hostile templates", () => {
  test.each(templates)("%s refuses `%s` at freeze", (kind, text) => {
    const template = compileTemplate(kind, text);
    expect(template.ok).toBe(false);
  });

  test("a name of the prototype is not a value", () => {
    const template = compileTemplate("text", "{constructor}");
    expect(template.ok && template.value.fill({})).toMatchObject({
      ok: false,
      error: { code: "TEMPLATE_VALUE_MISSING", hole: "constructor" },
    });
  });

  test("too long a template and too many holes are refused", () => {
    expect(compileTemplate("text", "a".repeat(64 * 1024 + 1))).toMatchObject({ ok: false });
    expect(compileTemplate("text", "{x}".repeat(65))).toMatchObject({ ok: false });
  });

  test("a deep nest of parentheses is read without recursion", () => {
    const text = `SELECT ${"(".repeat(30_000)}{x}${")".repeat(30_000)}`;
    expect(compileTemplate("sql", text)).toMatchObject({ ok: true });
  });
});
