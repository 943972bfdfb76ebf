/** Examples of constraints: each is on the side that it is shown on, and those that a person would think of are found. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "../../../src/json/value.ts";
import { exampleOf, examplesOf } from "../../../src/lang/match/examples.ts";
import { compileMatch } from "../../../src/lang/match.ts";

const found: readonly (readonly [Json, number])[] = [
  [{ type: "string" }, 3],
  [{ type: "string", minLength: 30, maxLength: 40 }, 3],
  [{ type: "string", maxLength: 2 }, 2],
  [{ pattern: "[A-Z]{3}-\\d+" }, 10],
  [{ pattern: "(?i)abc|d" }, 2],
  [{ pattern: "^abc$" }, 1],
  [{ pattern: "(a|b)*c{2,4}", minLength: 6 }, 10],
  [{ pattern: "api.example.com" }, 5],
  [{ pattern: "https://[a-z]+\\.example\\.com/.*" }, 10],
  [{ pattern: "\\bword\\b" }, 1],
  [{ pattern: "[^a-z0-9]" }, 5],
  [{ pattern: "\\p{Greek}+" }, 5],
  [{ pattern: "a{100}" }, 1],
  [{ pattern: "(a*)*" }, 5],
  [{ pattern: "" }, 1],
  [{ enum: ["VTI", "BND"] }, 2],
  [{ const: { a: 1 } }, 1],
  [{ minimum: 1, maximum: 3, type: "integer" }, 3],
  [{ exclusiveMinimum: 0, exclusiveMaximum: 1 }, 1],
  [{ minimum: 0.5, multipleOf: 0.25 }, 5],
  [{ maximum: -7 }, 3],
  [{ format: "date" }, 3],
  [{ format: "date-time" }, 2],
  [{ format: "email" }, 3],
  [{ format: "uri" }, 3],
  [{ format: "iban" }, 3],
  [{ format: "ipv4" }, 3],
  [{ format: "ipv6" }, 2],
  [{ format: "uuid" }, 2],
  [{ format: "hostname" }, 2],
  [{ format: "url" }, 2],
  [{ format: "url", hosts: ["api.example.com"], schemes: ["https"] }, 1],
  [{ format: "path", under: ["/srv/data", "notes"] }, 2],
  [{ format: "email", domains: ["*.example.com"] }, 1],
  [{ format: "domain" }, 2],
  [{ hosts: ["api.example.com", "*.example.org"] }, 4],
  [{ items: { enum: ["a", "b"] }, minItems: 1, maxItems: 2, uniqueItems: true }, 2],
  [{ items: { pattern: "x+" }, maxItems: 3 }, 3],
  [{ properties: { to: { format: "email" }, n: { minimum: 0, maximum: 5 } }, required: ["to"] }, 3],
  [{ type: "boolean" }, 2],
  [{ type: "null" }, 1],
  [{ type: "string", not: { enum: ["text"] } }, 3],
];

describe("examples of a constraint", () => {
  test.each(found)("%j has values on both sides", (spec, least) => {
    const match = compileMatch(spec);
    if (!match.ok) throw new Error(match.error.message);
    const { matching, failing } = examplesOf(spec, { count: 10 });
    expect(matching.length).toBeGreaterThanOrEqual(least);
    for (const value of matching) expect([value, match.value.check(value)]).toEqual([value, undefined]);
    expect(failing.length).toBeGreaterThanOrEqual(5);
    for (const value of failing) expect(match.value.check(value)).toBeDefined();
    expect(exampleOf(spec)).toEqual(matching[0]);
  });

  test("an unescaped dot shows itself", () => {
    const texts = examplesOf({ pattern: "api.example.com" }, { count: 10 }).matching;
    expect(texts.some((text) => text !== "api.example.com")).toBe(true);
  });

  test("what does not compile, and a pattern that matches nothing, have no example", () => {
    expect(examplesOf({ pattern: "(?=a)" }, { count: 5 })).toEqual({ matching: [], failing: [] });
    expect(exampleOf({ unknown: 1 })).toBeUndefined();
    expect(exampleOf({ pattern: "[a-z]{5}", maxLength: 3 })).toBeUndefined();
    expect(exampleOf({ pattern: "a\\bb" })).toBeUndefined();
  });

  test("examples are the same every time, distinct and no more than asked for", () => {
    const spec = { pattern: "[a-f]{2,5}(-\\d)?" };
    const once = examplesOf(spec, { count: 20 });
    expect(once).toEqual(examplesOf(spec, { count: 20 }));
    expect(once.matching).toHaveLength(20);
    expect(new Set(once.matching).size).toBe(20);
  });

  test("a generated pattern of literals, classes, repeats and alternatives has an example", () => {
    const atom = fc.constantFrom("a", "[b-d]", "\\d", ".", "(?:x|yz)", "\\.", "[^q]", "é");
    const piece = fc.tuple(atom, fc.constantFrom("", "*", "+", "?", "{2}", "{1,3}")).map(([left, right]) => left + right);
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 6 }), (pieces) => {
        expect(exampleOf({ pattern: pieces.join("") })).toBeTypeOf("string");
      }),
      { numRuns: 200 },
    );
  });
});
