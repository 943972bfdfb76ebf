import { expect, test } from "vitest";
import { readJsonLines } from "../../src/json/lines.ts";

test("reads one value per line, skips blank lines and keeps their numbers", () => {
  expect(readJsonLines('{"a":1}\n\n  \t\r\n[2]\r\n12345678901234567890')).toStrictEqual({
    ok: true,
    value: [
      { line: 1, value: { a: 1 } },
      { line: 4, value: [2] },
      { line: 5, value: 12345678901234567890n },
    ],
  });
});

test.each(["", "\n", "\n\n  \n"])("reads no value from %j", (text) => {
  expect(readJsonLines(text)).toStrictEqual({ ok: true, value: [] });
});

test("places an error in the whole text", () => {
  expect(readJsonLines('{"a":1}\n\n {"b":1,"b":2}\n{')).toMatchObject({
    error: { code: "JSON_DUPLICATE_KEY", line: 3, column: 9, offset: 17, pointer: "/b" },
  });
});

test.each([
  ["1 2", "JSON_SYNTAX", 3],
  ['{"a":\n1}', "JSON_SYNTAX", 6],
  ["\ufeff{}", "JSON_BOM", 1],
  ["1\u00a0", "JSON_SYNTAX", 2],
  ["\u2028", "JSON_SYNTAX", 1],
])("refuses %j, which is not one value per line", (text, code, column) => {
  expect(readJsonLines(text)).toMatchObject({ error: { code, line: 1, column } });
});

test("bounds each line, not the text", () => {
  expect(readJsonLines("[1]\n[2]\n[3]", { maxBytes: 3 }).ok).toBe(true);
  expect(readJsonLines("[1]\n[22]", { maxBytes: 3 })).toMatchObject({ error: { code: "JSON_TOO_LARGE", line: 2, column: 1 } });
});
