/** No text of a value is shorter than the shortest one, and only the shortest proves that nothing was dropped. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readFast, readJson } from "../../src/json/read.ts";
import { shortestLength } from "../../src/json/shortest.ts";
import type { Json } from "../../src/json/value.ts";

/** Every number of at most five characters that JSON can write. */
function* lexemes(): Generator<string> {
  const marks = "0123456789-+.eE";
  const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
  const open = [""];
  for (let text = open.pop(); text !== undefined; text = open.pop()) {
    if (number.test(text)) yield text;
    if (text.length < 5) for (const mark of marks) open.push(text + mark);
  }
}

describe("the shortest text of a value", () => {
  it("is no longer than any way to write a number", () => {
    const wrong: string[] = [];
    let count = 0;
    for (const text of lexemes()) {
      count += 1;
      const shortest = shortestLength([Number(text)], 2);
      if (shortest > text.length + 2) wrong.push(text);
    }
    expect(count).toBeGreaterThan(50_000);
    expect(wrong).toEqual([]);
  });

  it("is what `JSON.stringify` writes of texts, names and plain integers", () => {
    const plain = fc.string({ unit: fc.constantFrom("a", "é", "😀", " ", "~") });
    const leaf = fc.oneof(plain, fc.integer({ min: -999, max: 999 }), fc.boolean(), fc.constant(null));
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie("value")), fc.dictionary(plain, tie("value"))),
    }));
    fc.assert(
      fc.property(fc.oneof(fc.array(value), fc.dictionary(plain, value)), (any) => {
        expect(shortestLength(any as Json, 64)).toBe(JSON.stringify(any).length);
      }),
    );
  });

  it("proves nothing of a text in which a key occurs twice, whatever it hides behind", () => {
    const spaces = ["", " "];
    const values = ["1", "10", "1000", "1e3", "123456789", "1234567890", "0.5", "-0", '""', '"a"', "null", "[]", "{}", '{"a":1}'];
    for (const first of values)
      for (const second of values)
        for (const space of spaces)
          for (const text of [`{"a":${first},"a":${second}${space}}`, `{"b":{"a":${first},"a":${second}},"c":1000${space}}`]) {
            expect(readFast(text, 8)).toBeUndefined();
            expect(readJson(text)).toMatchObject({ ok: false, error: { code: "JSON_DUPLICATE_KEY" } });
          }
  });

  it("is not told of what is too deep", () => {
    expect(shortestLength([[[]]], 3)).toBe(6);
    expect(shortestLength([[[]]], 2)).toBeLessThan(0);
    expect(shortestLength({ a: { b: {} } }, 2)).toBeLessThan(0);
  });
});
