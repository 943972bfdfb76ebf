/**
 * Values and templates that were made to break out, by kind. Written from public knowledge of injection techniques.
 * Never a value that some kind may accept: each row must fail closed.
 */
import { describe, expect, test } from "vitest";
import type { Json } from "../../../src/json/value.ts";
import { compileTemplate, type TemplateKind } from "../../../src/lang/template/template.ts";

/** One template and the values that must be refused in its hole `x`. */
interface Row {
  readonly kind: TemplateKind;
  readonly text: string;
  readonly values: readonly Json[];
}

const rows: readonly Row[] = [
  {
    kind: "sql",
    text: "SELECT * FROM t WHERE a = {x}",
    values: [
      ...[
        "\\' OR 1=1 --",
        "a\\",
        "\u0000'; DROP TABLE t",
        "a\nb",
        "a\rb",
        "\u001a",
        "\u02bc OR 1=1",
        "\uff07 OR 1=1",
        "\u2032; DROP TABLE t",
        "\uff3c'",
        "\u00a5' OR",
        "\u202e' OR",
      ],
      ...["a\u200bb", "\ud800", ["a", "b"], { a: 1 }, [], 1e21, 1e-7, "\u0001", "\u0001\u0002", "\u00010\u0002", "\u2028"],
    ],
  },
  {
    kind: "sql",
    text: "SELECT * FROM t WHERE a IN ({x})",
    values: [[], [null], [["a"]], [{}], ["\\"], Array.from({ length: 1_001 }, () => 1), ["a", "b\u0000"]],
  },
  {
    kind: "url",
    text: "https://api.example/files/{x}/raw",
    values: [
      ...[
        "",
        ".",
        "..",
        "...",
        "../x",
        "..\\x",
        "a/b",
        "/",
        "\\",
        "a\\b",
        "%2e%2e",
        "%2f",
        "..%2f",
        "%252e",
        "a\u0000b",
        "a\r\nHost: b",
        "\n",
        ". ",
        " .",
        "..;",
        "..;x=1",
      ],
      ...[
        "\uff0e\uff0e",
        "\u2025",
        "\u2024\u2024",
        "\uff0f",
        "\u2215etc",
        "\u2044",
        "\u29f8",
        "a\u202eb",
        "a\u200bb",
        "\ufeff",
        "\ud800",
        null,
        [],
        ["a"],
        { a: 1 },
        "%00",
        ";",
        "\uff1a",
        "\u2028",
      ],
    ],
  },
  { kind: "url", text: "https://api.example/{x}{x}", values: [".", ""] },
  { kind: "url", text: "https://api.example/.{x}", values: [".", "", ". "] },
  {
    kind: "url",
    text: "https://api.example/s?q={x}",
    values: ["\u0000", "a\rb", "\u001b[0m", "\u202ea", "a\u2066b", "\ud800", null, ["a"], "\u0085", "\u2029"],
  },
  {
    kind: "url",
    text: "https://{x}/data",
    values: [
      ...[
        "",
        "localhost",
        "evil",
        "127.0.0.1",
        "127.1",
        "0x7f.1",
        "2130706433",
        "017700000001",
        "[::1]",
        "::1",
        "a.example@evil.example",
        "user:pw@evil.example",
        "evil.example:8080",
      ],
      ...[
        "evil.example/",
        "evil.example?",
        "evil.example#",
        "evil.example\\",
        "evil..example",
        ".evil.example",
        "evil.example.",
        "-a.example",
        "a-.example",
        "EVIL.example",
        "xn--e1awd7f.com",
      ],
      ...[
        "\u0435vil.com",
        "evil\u3002com",
        "evil\uff0ecom",
        "ev%69l.com",
        "evil.com%00",
        "evil com",
        "evil\tcom",
        `${"a".repeat(64)}.com`,
        "1.2.3.0x4",
        "a_b.example",
        "evil\u00ad.com",
      ],
    ],
  },
  {
    kind: "url",
    text: "https://{x}.example/",
    values: ["a.b", "", "-a", "A", "xn--a", "a@b", "a/b", "a#b", "a:b", "a\\b", "\u0430", "a%2eb", "a b"],
  },
  {
    kind: "path",
    text: "/srv/data/{x}/report.txt",
    values: [
      ...[
        "",
        ".",
        "..",
        "../..",
        "a/b",
        "/etc/passwd",
        "~",
        "~root",
        "a\\b",
        "..\\..",
        "C:",
        "C:\\x",
        "a:stream",
        "a\u0000",
        "a\nb",
        "a\u001bb",
        "a.",
        "a ",
        " a",
        "...",
        ". .",
      ],
      ...[
        "\uff0e\uff0e",
        "\u2025",
        "a\uff0fb",
        "a\u2215b",
        "a\u2044b",
        "\u29f5",
        "a\u202eb",
        "\u200b",
        "\u3002\u3002",
        "\ufe52",
        "\ud800",
        null,
        ["a"],
        "\u2028",
        "\uff1a",
        "\u2236",
      ],
    ],
  },
  {
    kind: "path",
    text: "out/{x}",
    values: [
      "../x",
      "a/../../x",
      "a//b",
      "/a",
      "a/",
      "./a",
      "a/./b",
      "~/x",
      "a/~\u0000",
      "a\\..\\b",
      "..",
      "a/..",
      "a/b./c",
      "a/\u2025/b",
    ],
  },
  { kind: "path", text: "{x}", values: ["-rf", "-", "--help", "/", "~", "~a/b", "\\\\server\\share", "c:/x", ""] },
  { kind: "path", text: "a/{x}{x}", values: [".", ""] },
  {
    kind: "argv",
    text: "git log {x}",
    values: [
      "-p",
      "--output=/etc/passwd",
      "-",
      "--",
      "",
      "-\u0000",
      "a\u0000b",
      "a\u001bb",
      "a\rb",
      "\u202ea",
      "\ud800",
      null,
      ["a", "b"],
      { a: 1 },
      -5,
    ],
  },
  { kind: "argv", text: "rm {x}tmp", values: ["-rf ", "--no-preserve-root=", "-"] },
  {
    kind: "header",
    text: "Bearer {x}",
    values: [
      "a\r\nX: y",
      "a\nb",
      "a\rb",
      "\u0000",
      "a b",
      "a,b",
      "a;b",
      'a"b',
      "a\\b",
      "",
      " a",
      "\u00e9",
      "\u0100",
      "\uff0c",
      "a\tb",
      "\u007f",
      "\u010d\u010a",
      "\u560a",
      null,
      ["a"],
      "\ud800",
    ],
  },
  { kind: "header", text: 'form-data; name="{x}"', values: ["a\r\n", "\n", "\u0000", "\u00e9", "", " a ", "\t"] },
  { kind: "header", text: "{x}", values: ["a\r\nSet-Cookie: b", "\n", "a\u0000", "\u00fc", "", " ", "a "] },
  {
    kind: "text",
    text: "Hello {x}",
    values: [
      "\u0000",
      "\u0007",
      "\u001b[2J",
      "a\rb",
      "\u202e",
      "\u2066",
      "\u200b",
      "\u00ad",
      "\ufeff",
      "\udb40\udc41",
      "\u0085",
      "\ud800",
      "\u2028",
      null,
      ["a"],
      { a: 1 },
      "\u3164",
    ],
  },
];

const values = rows.flatMap((row) =>
  row.values.map((value) => ({
    kind: row.kind,
    text: row.text,
    value,
    shown: JSON.stringify(value)?.slice(0, 40) ?? "undefined",
  })),
);

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

describe("hostile values", () => {
  test("are at least 150", () => {
    expect(values.length).toBeGreaterThanOrEqual(150);
  });

  test.each(values)("$kind `$text` refuses $shown", ({ kind, text, value }) => {
    const template = compileTemplate(kind, text);
    expect(template.ok).toBe(true);
    const filled = template.ok ? template.value.fill({ x: value }) : template;
    expect(filled).toMatchObject({ ok: false });
    // No message may carry the value: a model could read it.
    if (!filled.ok && typeof value === "string" && value.length > 3) expect(filled.error.message).not.toContain(value);
  });
});

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
