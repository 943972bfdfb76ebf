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
