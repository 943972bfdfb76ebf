import canonicalize from "canonicalize";
import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson } from "../../src/json/canonical.ts";
import { readJson } from "../../src/json/read.ts";
import type { Json } from "../../src/json/value.ts";
import { trees, treeValue } from "./json-texts.ts";

test("agrees with the published implementation of RFC 8785", () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      const oracle = canonicalize(value);
      expect(canonicalJson(value as Json)).toBe(oracle);
    }),
    { numRuns: 150 },
  );
});

test("is the same after reading it back, whatever the value", () => {
  fc.assert(
    fc.property(trees, (tree) => {
      const text = canonicalJson(treeValue(tree).value);
      const read = readJson(text);
      expect(read.ok && canonicalJson(read.value)).toBe(text);
    }),
    { numRuns: 300 },
  );
});

test("does not depend on the order of members", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.integer()), (object) => {
      expect(canonicalJson(Object.fromEntries(Object.entries(object).reverse()))).toBe(canonicalJson(object));
    }),
    { numRuns: 100 },
  );
});

test("writes the example of RFC 8785 §3.2.2 as the RFC does", () => {
  const value = {
    // biome-ignore lint/correctness/noPrecisionLoss: the RFC's own number
    numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
    string: '\u20ac$\u000f\nA\'B"\\\\"/',
    literals: [null, true, false],
  };
  expect(canonicalJson(value)).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  );
});

test.each<[Json, string]>([
  [12345678901234567890n, "12345678901234567890"],
  [-0, "0"],
  [1e21, "1e+21"],
  [Object.assign(Object.create(null), { b: 1, a: 2 }), '{"a":2,"b":1}'],
])("writes %s as %s", (value, text) => {
  expect(canonicalJson(value)).toBe(text);
});

const holes = [1, 2, 3];
delete holes[1];
const nested = (depth: number): Json => (depth === 0 ? 1 : [nested(depth - 1)]);

test.each<[string, unknown]>([
  ["undefined", undefined],
  ["a member that is undefined", { a: undefined }],
  ["a hole", holes],
  ["NaN", NaN],
  ["an infinity", [Infinity]],
  ["a function", { f: () => 1 }],
  ["a symbol", Symbol("s")],
  ["a map", new Map()],
  ["a date", new Date(0)],
  [
    "an object with a class",
    new (class A {
      a = 1;
    })(),
  ],
  ["a lone surrogate", "\ud800"],
  ["a lone surrogate in a key", { "\udc00": 1 }],
  ["a value nested too deeply", nested(65)],
])("refuses %s as a bug of the caller", (_, value) => {
  expect(() => canonicalJson(value as Json)).toThrowError("a JSON");
});

test("writes a value nested as deeply as the reader allows", () => {
  expect(canonicalJson(nested(64))).toHaveLength(129);
});
