/**
 * The law of every template: a filled text has the structure of the template, and the values come back out of it unchanged.
 * The readers here are independent of the ones under test (`URL` of the platform, a plain SQL splitter). Never trusts a fill.
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "../../../src/json/value.ts";
import { readTokens } from "../../../src/lang/template/sql-tokens.ts";
import { compileTemplate, type Template, type TemplateKind } from "../../../src/lang/template/template.ts";

function compiled(kind: TemplateKind, text: string): Template {
  const template = compileTemplate(kind, text);
  if (!template.ok) throw new Error(template.error.message);
  return template.value;
}

function fill(template: Template, values: Record<string, Json>): Json | undefined {
  const filled = template.fill(values);
  return filled.ok ? filled.value : undefined;
}

/** Any text, and texts made of what grammars are sensitive to. */
const hostile = fc
  .array(
    fc.constantFrom(
      ..."'\"\\/.;,=&?#%:@-_~ {}()[]<>|$`\n\r\t\0ab1".split(""),
      "..",
      "--",
      "/*",
      "%2e",
      "%2F",
      "''",
      "\u0001",
      "\u0002",
      "\u202e",
      "é",
      "\uff0f",
      "\ud83d\ude00",
      "\ud800",
    ),
    { maxLength: 8 },
  )
  .map((pieces) => pieces.join(""));
const value = fc.oneof(hostile, fc.string({ maxLength: 12 }), fc.string({ unit: "binary", maxLength: 8 }), fc.domain());
const scalar = fc.oneof(value, fc.double(), fc.integer(), fc.bigInt(), fc.boolean(), fc.constant(null));
const runs = { numRuns: 500 };

describe("a filled template", () => {
  test("url: the platform's parser finds the same parts and decodes the values", () => {
    const template = compiled("url", "https://api.example:8443/u/{a}/f-{b}.txt?x=1&q={c}&z={d}{a}#s{e}");
    let filledOnce = 0;
    fc.assert(
      fc.property(value, value, value, value, value, (a, b, c, d, e) => {
        const filled = fill(template, { a, b, c, d, e });
        if (typeof filled !== "string") return;
        filledOnce += 1;
        const url = new URL(filled);
        expect(url.host).toBe("api.example:8443");
        expect(url.username + url.password).toBe("");
        expect(url.pathname.split("/").map(decodeURIComponent)).toEqual(["", "u", a, `f-${b}.txt`]);
        expect([...url.searchParams]).toEqual([
          ["x", "1"],
          ["q", c],
          ["z", d + a],
        ]);
        expect(decodeURIComponent(url.hash)).toBe(`#s${e}`);
        expect(url.href).toBe(filled.replaceAll("'", "%27"));
      }),
      { numRuns: 1_500 },
    );
    expect(filledOnce).toBeGreaterThan(10);
  });

  test("url: a host is exactly the value, to the platform's parser too", () => {
    const whole = compiled("url", "https://{h}/x");
    const label = compiled("url", "https://{h}.api.example/x");
    fc.assert(
      fc.property(value, (h) => {
        const first = fill(whole, { h });
        if (typeof first === "string") expect(new URL(first).hostname).toBe(h);
        const second = fill(label, { h });
        if (typeof second === "string") expect(new URL(second).hostname).toBe(`${h}.api.example`);
      }),
      runs,
    );
  });

  test("path: no value leaves its segment, and only the last one may have several", () => {
    const template = compiled("path", "/srv/{a}/x-{b}/{c}");
    fc.assert(
      fc.property(value, value, value, (a, b, c) => {
        const filled = fill(template, { a, b, c });
        if (typeof filled !== "string") return;
        const segments = filled.split("/");
        expect(segments.slice(0, 4)).toEqual(["", "srv", a, `x-${b}`]);
        expect(segments.slice(4).join("/")).toBe(c);
        expect(segments.slice(1).some((segment) => ["", ".", ".."].includes(segment))).toBe(false);
        expect(new URL(`file://${segments.map(encodeURIComponent).join("/")}`).pathname.split("/").length).toBe(segments.length);
      }),
      runs,
    );
  });

  test("argv: as many words as the template, each value whole in its word", () => {
    const template = compiled("argv", "git log --author={a} 'x {b}' -- {c}");
    fc.assert(
      fc.property(value, value, value, (a, b, c) => {
        const filled = fill(template, { a, b, c });
        if (filled !== undefined) expect(filled).toEqual(["git", "log", `--author=${a}`, `x ${b}`, "--", c]);
      }),
      runs,
    );
  });

  test("argv: no word made of a hole is an option unless `--` stands before it", () => {
    const template = compiled("argv", "grep {a} {b}");
    fc.assert(
      fc.property(value, value, (a, b) => {
        const filled = fill(template, { a, b });
        if (Array.isArray(filled)) expect(filled.slice(1).some((word) => String(word).startsWith("-"))).toBe(false);
      }),
      runs,
    );
  });

  test("header: one field of printable ASCII whose parameters are those of the template", () => {
    const template = compiled("header", 'form-data; name="{a}"; size={b}, {c}');
    fc.assert(
      fc.property(value, value, value, (a, b, c) => {
        const filled = fill(template, { a, b, c });
        if (typeof filled !== "string") return;
        expect(/^[\x20-\x7e]*$/.test(filled)).toBe(true);
        const match = /^form-data; name="((?:[^"\\]|\\.)*)"; size=([^ ,;"]*), ([^ ,;"]*)$/.exec(filled);
        expect(match?.slice(1).map((part, at) => (at === 0 ? part.replace(/\\(.)/g, "$1") : part))).toEqual([a, b, c]);
        expect(() => new Headers({ x: filled })).not.toThrow();
      }),
      runs,
    );
  });

  test("sql: the tokens outside the holes are those of the template, and each literal decodes to its value", () => {
    const template = compiled("sql", "SELECT a, {a} FROM t WHERE b -{b} > 0 AND c LIKE {c} AND d IN ({d}) LIMIT 5");
    fc.assert(
      fc.property(scalar, scalar, scalar, fc.oneof(scalar, fc.array(scalar, { maxLength: 3 })), (a, b, c, d) => {
        const filled = fill(template, { a, b, c, d });
        if (typeof filled !== "string") return;
        // Cut at quotes: even pieces are outside strings, since a doubled quote inside one opens it again at once.
        const outside = filled
          .split("'")
          .filter((_, at) => at % 2 === 0)
          .join("");
        expect(/--|\/\*|;|\\|\0/.test(outside)).toBe(false);
        const read = readTokens(filled, false);
        const tokens = read.ok ? read.value.map((token) => token.text) : [];
        const decoded = (text: string): string => (text.startsWith("'") ? text.slice(1, -1).replaceAll("''", "'") : text);
        const words = (input: Json): string[] => {
          if (typeof input === "string") return [input];
          if (input === null || typeof input === "boolean") return [String(input).toUpperCase()];
          const digits = String(typeof input === "number" ? input + 0 : input);
          return digits.startsWith("-") ? ["-", digits.slice(1)] : [digits];
        };
        const list = (Array.isArray(d) ? d : [d]).flatMap((each, at) => [...(at > 0 ? [","] : []), ...words(each)]);
        const expected = [
          "SELECT",
          "a",
          ",",
          ...words(a),
          "FROM",
          "t",
          "WHERE",
          "b",
          "-",
          ...words(b),
          ">",
          "0",
          "AND",
          "c",
          "LIKE",
          ...words(c),
          "AND",
          "d",
          "IN",
          "(",
          ...list,
          ")",
          "LIMIT",
          "5",
        ];
        expect(tokens.map(decoded)).toEqual(expected);
      }),
      { numRuns: 800 },
    );
  });

  test("text: the values as they are, nothing else", () => {
    const template = compiled("text", "Hi {a}, {{b}} = {b}.");
    fc.assert(
      fc.property(value, value, (a, b) => {
        const filled = fill(template, { a, b });
        if (filled !== undefined) expect(filled).toBe(`Hi ${a}, {b} = ${b}.`);
      }),
      runs,
    );
  });

  test.each<readonly [TemplateKind, string, Record<string, Json>, Json]>([
    [
      "sql",
      "SELECT * FROM t WHERE n = {x} AND m = {y}",
      { x: "O'Brien", y: null },
      "SELECT * FROM t WHERE n = 'O''Brien' AND m = NULL",
    ],
    [
      "sql",
      "SELECT * FROM t WHERE d >= DATE {x} AND k IN ({y})",
      { x: "2026-05-12", y: ["a", 2, true] },
      "SELECT * FROM t WHERE d >= DATE '2026-05-12' AND k IN ('a', 2, TRUE)",
    ],
    [
      "sql",
      "INSERT INTO t (a, b) VALUES ({x}, f(1, {y})), (2, {x})",
      { x: "é", y: -3 },
      "INSERT INTO t (a, b) VALUES ('é', f(1,  -3)), (2, 'é')",
    ],
    [
      "sql",
      "UPDATE t SET a = {x} WHERE id = {y}",
      { x: "v", y: 12345678901234567890n },
      "UPDATE t SET a = 'v' WHERE id = 12345678901234567890",
    ],
    ["url", "https://a.example/w/{x}", { x: "Zürich (old)" }, "https://a.example/w/Z%C3%BCrich%20%28old%29"],
    ["url", "https://a.example/s?q={x}&p={y}", { x: "a&b=c d+e", y: 2 }, "https://a.example/s?q=a%26b%3Dc%20d%2Be&p=2"],
    ["url", "https://a.example/", {}, "https://a.example/"],
    ["path", "/srv/{x}/{y}", { x: "Ann Lee", y: "2026/may.txt" }, "/srv/Ann Lee/2026/may.txt"],
    [
      "argv",
      'git commit -m "fix: {x}" --author={y}',
      { x: "a 'b' $c", y: "-x" },
      ["git", "commit", "-m", "fix: a 'b' $c", "--author=-x"],
    ],
    ["argv", "python report.py {x}", { x: "may" }, ["python", "report.py", "may"]],
    ["header", "Bearer {x}", { x: "eyJhbGciOi.J9-_~+/=" }, "Bearer eyJhbGciOi.J9-_~+/="],
    ["header", "{x}", { x: "a, b; c" }, "a, b; c"],
    ["text", "{x}\n{y}", { x: "line\n\tmore", y: 1.5 }, "line\n\tmore\n1.5"],
  ])("%s `%s` takes what people need", (kind, text, values, wanted) => {
    expect(compiled(kind, text).fill(values)).toEqual({ ok: true, value: wanted });
  });

  test("names its holes once, in order", () => {
    expect(compiled("text", "{b} {a} {b}").holes).toEqual(["b", "a"]);
  });
});
