import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { dump } from "js-yaml";
import { describe, expect, test } from "vitest";
import { readJson } from "../../src/json/read.ts";
import { readYaml } from "../../src/json/yaml.ts";
import { dices, treeText, trees, treeValue } from "./json-texts.ts";

describe("values", () => {
  test.each<[string, unknown]>([
    ["a: 1\nb: [x, y]\nc: {d: ~}", { a: 1, b: ["x", "y"], c: { d: null } }],
    [
      "[no, on, off, yes, y, 1:30, 2026-01-01, 0b1, 1_000]",
      ["no", "on", "off", "yes", "y", "1:30", "2026-01-01", "0b1", "1_000"],
    ],
    ["[true, True, TRUE, false, null, Null, NULL, ~, tRue]", [true, true, true, false, null, null, null, null, "tRue"]],
    ["[010, +1, -1, 0o17, 0x1F, 1., .5, -1e3, -0, -0.0]", [10, 1, -1, 15, 31, 1, 0.5, -1000, 0, 0]],
    ["[\"1\", '2', !]", "YAML_TAG"],
    ['["1", \'2\', "null"]', ["1", "2", "null"]],
    ["9007199254740993", 9007199254740993n],
    [
      "[+9007199254740993, -9007199254740993, 0x20000000000001, 009007199254740993]",
      [9007199254740993n, -9007199254740993n, 9007199254740993n, 9007199254740993n],
    ],
    ["a: |\n  one\n  two\nb: >-\n  three\n  four\nc: >+\n  5\n\n", { a: "one\ntwo\n", b: "three four", c: "5\n\n" }],
    ["a: 1\n  2\n", { a: "1 2" }],
    ["a:\nb: ''", { a: null, b: "" }],
    ["1: a\n1.0: b\ntrue: c\n~: d", { "1": "a", "1.0": "b", true: "c", "~": "d" }],
    ['"<<": {a: 1}', { "<<": { a: 1 } }],
    ["---\na: 1\n...\n", { a: 1 }],
    ["%YAML 1.2\n---\na", "a"],
    ["# only a comment before\nx # and behind", "x"],
    ['"\\ud83d\\ude00 \\U0001F600"', "\u{1f600} \u{1f600}"],
    ["~", null],
  ])("reads %j", (text, value) => {
    const read = readYaml(text);
    expect(read.ok ? read.value : read.error.code).toStrictEqual(value);
  });

  test("__proto__ is an ordinary own key", () => {
    const read = readYaml("__proto__: {admin: true}\nb: 1");
    const value = read.ok ? (read.value as Record<string, unknown>) : {};
    expect(Object.keys(value)).toEqual(["__proto__", "b"]);
    expect(value.admin).toBeUndefined();
  });

  test("gives every JSON text the value that the JSON reader gives it, and refuses every duplicate key", () => {
    fc.assert(
      fc.property(trees, dices, (tree, dice) => {
        const text = treeText(tree, dice);
        const yaml = readYaml(text);
        if (treeValue(tree).hasDuplicate) expect(yaml.ok).toBe(false);
        else expect(isDeepStrictEqual(yaml, readJson(text))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test("gives back what a YAML writer wrote", () => {
    const values = fc.jsonValue({ noUnicodeString: false, maxDepth: 3 });
    fc.assert(
      fc.property(values, (value) => {
        const written = JSON.stringify(value);
        // -0 is 0 to every reader of Sluice.
        const read = readJson(written);
        fc.pre(read.ok && isDeepStrictEqual(read.value, value));
        fc.pre(!/"":|__proto__|\d{16}|e\+/.test(written));
        expect(isDeepStrictEqual(readYaml(dump(value)), { ok: true, value })).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

describe("refusals", () => {
  test.each<[string, string, number, number, string]>([
    ["", "YAML_EMPTY", 1, 1, ""],
    ["# nothing\n", "YAML_EMPTY", 2, 1, ""],
    ["---\n", "YAML_EMPTY", 2, 1, ""],
    ["a: 1\n---\nb: 2", "YAML_MULTIPLE_DOCUMENTS", 3, 1, ""],
    ["a: &x 1", "YAML_ALIAS", 1, 4, "/a"],
    ["a: {b: &x [1]}", "YAML_ALIAS", 1, 8, "/a/b"],
    ["- *x", "YAML_ALIAS", 1, 3, "/0"],
    ["*x : 1", "YAML_ALIAS", 1, 1, ""],
    ["&x a: 1", "YAML_ALIAS", 1, 1, ""],
    ["a: !!str 1", "YAML_TAG", 1, 4, "/a"],
    ["a:\n  !foo {b: 1}", "YAML_TAG", 2, 3, "/a"],
    ["!!binary aGk=", "YAML_TAG", 1, 1, ""],
    ["%TAG ! tag:x,2000:\n---\na", "YAML_TAG", 1, 1, ""],
    ["%YAML 1.1\n---\na: no", "YAML_SYNTAX", 1, 1, ""],
    ["a: 1\n<<: {b: 2}", "YAML_MERGE_KEY", 2, 1, ""],
    ["a: 1\nb: 2\na: 3", "YAML_DUPLICATE_KEY", 3, 1, "/a"],
    ["x:\n  - {a: 1, 'a': 2}", "YAML_DUPLICATE_KEY", 2, 12, "/x/0/a"],
    ['{"a":1,"\\u0061":2}', "YAML_DUPLICATE_KEY", 1, 8, "/a"],
    ['1: a\n"1": b', "YAML_DUPLICATE_KEY", 2, 1, "/1"],
    ["? [a]\n: b", "YAML_KEY", 1, 3, ""],
    ["{a: 1}: b", "YAML_KEY", 1, 1, ""],
    [": b", "YAML_KEY", 1, 1, ""],
    ["a: .inf", "YAML_NUMBER_RANGE", 1, 4, "/a"],
    ["[-.Inf]", "YAML_NUMBER_RANGE", 1, 2, "/0"],
    ["- .nan", "YAML_NUMBER_RANGE", 1, 3, "/0"],
    ["a: 1e400", "YAML_NUMBER_RANGE", 1, 4, "/a"],
    ["\ufeffa: 1", "YAML_BOM", 1, 1, ""],
    ["a: x\ud800", "YAML_LONE_SURROGATE", 1, 5, ""],
    ['a: "x\\ud800"', "YAML_LONE_SURROGATE", 1, 4, "/a"],
    ['"\\udc00": 1', "YAML_LONE_SURROGATE", 1, 1, ""],
    ["a: b: c", "YAML_SYNTAX", 1, 5, ""],
    ["a:\n\t- b", "YAML_SYNTAX", 2, 1, ""],
    ["a: \u0001", "YAML_SYNTAX", 1, 4, ""],
  ])("refuses %j with %s", (text, code, line, column, pointer) => {
    expect(readYaml(text)).toMatchObject({ ok: false, error: { code, line, column, pointer } });
  });

  test("shows nothing of the library's message or of the text", () => {
    const read = readYaml("secret: [tomato");
    expect(read.ok ? "" : read.error.message).toBe("not YAML 1.2");
  });

  test.each<[string, string]>([
    ["flow", `${"[".repeat(65)}${"]".repeat(65)}`],
    ["flow mappings", `${"{a: ".repeat(65)}1${"}".repeat(65)}`],
    ["block", `${"- ".repeat(65)}1`],
    ["flow never closed", "[".repeat(100_000)],
    ["block without end", "- ".repeat(50_000)],
    ["explicit keys", "? ".repeat(5_000)],
  ])("refuses what is nested too deeply: %s", (_, text) => {
    const read = readYaml(text);
    expect(read.ok ? "accepted" : read.error.code).toMatch(/^YAML_(?:TOO_DEEP|KEY)$/);
  });

  test("accepts the depth that the JSON reader accepts", () => {
    expect(readYaml(`${"- ".repeat(64)}1`).ok).toBe(true);
    expect(readYaml(`${"- ".repeat(3)}1`, { maxDepth: 2 })).toMatchObject({
      error: { code: "YAML_TOO_DEEP", column: 5, pointer: "/0/0" },
    });
  });

  test("bounds the bytes", () => {
    expect(readYaml("a: é", { maxBytes: 5 }).ok).toBe(true);
    expect(readYaml("a: é", { maxBytes: 4 })).toMatchObject({ error: { code: "YAML_TOO_LARGE" } });
  });
});
