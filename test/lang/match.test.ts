import fc from "fast-check";
import { expect, test } from "vitest";
import { type Json, jsonEqual } from "../../src/json/value.ts";
import { compileMatch, type Match } from "../../src/lang/match.ts";
import { keywordKinds } from "../../src/lang/match/keyword.ts";

function match(spec: Json): Match {
  const compiled = compileMatch(spec);
  if (!compiled.ok) throw new Error(`${JSON.stringify(spec)}: ${compiled.error.message}`);
  return compiled.value;
}

const scalar = fc.oneof(
  fc.constantFrom<Json>(null, true, false, 0, 1, 2, 1.5, "a", "b", "1", ""),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 70n }),
);
const json = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2 },
    scalar,
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("a", "b", "__proto__x", "c"), tie("value"), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value;

test("enum accepts exactly the values that are equal to one of its own, short or long", () => {
  fc.assert(
    fc.property(fc.array(json, { minLength: 1, maxLength: 14 }), json, (list, value) => {
      const compiled = match({ enum: list });
      expect(compiled.check(value) === undefined).toBe(list.some((one) => jsonEqual(one, value)));
      expect(match({ not: { enum: list } }).check(value) === undefined).toBe(!list.some((one) => jsonEqual(one, value)));
      const distinct = list.filter((one, i) => list.findIndex((other) => jsonEqual(one, other)) === i).length;
      expect(compiled.bits).toBeGreaterThanOrEqual(Math.log2(distinct) - 1e-9);
      expect(compiled.bits).toBeLessThan(Math.log2(distinct) + 0.011);
    }),
    { numRuns: 300 },
  );
});

test("uniqueItems agrees with comparing every pair", () => {
  fc.assert(
    fc.property(fc.array(json, { maxLength: 6 }), (list) => {
      const isUnique = list.every((one, i) => list.findIndex((other) => jsonEqual(one, other)) === i);
      expect(match({ type: "array", uniqueItems: true }).check(list) === undefined).toBe(isUnique);
    }),
    { numRuns: 300 },
  );
});

test("the bits of an integer range are its size, and the range is what it says", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -50, max: 50 }),
      fc.integer({ min: 0, max: 60 }),
      fc.boolean(),
      fc.boolean(),
      (low, span, openBelow, openAbove) => {
        const high = low + span;
        const compiled = match({
          type: "integer",
          [openBelow ? "exclusiveMinimum" : "minimum"]: low,
          [openAbove ? "exclusiveMaximum" : "maximum"]: high,
        });
        let count = 0;
        for (let value = low - 2; value <= high + 2; value++) {
          const isInside = (openBelow ? value > low : value >= low) && (openAbove ? value < high : value <= high);
          expect(compiled.check(value) === undefined).toBe(isInside);
          if (isInside) count++;
        }
        expect(compiled.bits).toBeGreaterThanOrEqual(Math.log2(Math.max(1, count)) - 1e-9);
      },
    ),
    { numRuns: 200 },
  );
});

const small = fc.letrec<{ spec: Json }>((tie) => ({
  spec: fc.oneof(
    { maxDepth: 2 },
    fc.constantFrom<Json>(
      { type: "boolean" },
      { type: "null" },
      { enum: [0, 1, "a"] },
      { type: "integer", minimum: 0, maximum: 2 },
      { pattern: "a|b" },
      { const: "b" },
    ),
    fc.tuple(tie("spec"), fc.integer({ min: 0, max: 2 })).map(([items, maxItems]) => ({ items, maxItems })),
    fc
      .tuple(tie("spec"), tie("spec"), fc.boolean())
      .map(([a, b, isRequired]) => ({ properties: { a, b }, required: isRequired ? ["a"] : [] })),
  ),
})).spec;

/** All values with two levels over a few scalars: enough that every constraint above accepts only values among them at depth one. */
const scalars: readonly Json[] = [null, true, false, 0, 1, 2, 3, "a", "b", "c"];
const lists: readonly Json[] = [[], ...scalars.map((a) => [a]), ...scalars.flatMap((a) => scalars.map((b) => [a, b]))];
const objects: readonly Json[] = [...scalars, undefined].flatMap((a) =>
  [...scalars, undefined].map((b) => ({ ...(a === undefined ? {} : { a }), ...(b === undefined ? {} : { b }) })),
);
const universe = [...scalars, ...lists, ...objects];

test("the bits of a constraint bound how many values of a small universe pass", () => {
  fc.assert(
    fc.property(small, (spec) => {
      const compiled = match(spec);
      const count = universe.filter((value) => compiled.check(value) === undefined).length;
      expect(compiled.bits).toBeDefined();
      expect(compiled.bits).toBeGreaterThanOrEqual(Math.log2(Math.max(1, count)) - 1e-9);
    }),
    { numRuns: 200 },
  );
});

test("a keyword implies its type, so no keyword is silently without effect", () => {
  const samples: Readonly<Record<string, Json>> = {
    minimum: 1,
    maximum: 1,
    exclusiveMinimum: 1,
    exclusiveMaximum: 1,
    multipleOf: 1,
    minLength: 0,
    maxLength: 9,
    pattern: ".*",
    format: "date",
    hosts: ["a.b"],
    domains: ["a.b"],
    under: ["a"],
    schemes: ["https"],
    items: { type: "null" },
    minItems: 0,
    maxItems: 9,
    uniqueItems: true,
    properties: {},
    additionalProperties: true,
  };
  const values: Readonly<Record<string, Json>> = { number: 1, string: "2026-01-01", array: [], object: {} };
  for (const [keyword, kind] of keywordKinds) {
    const sample = samples[keyword];
    if (kind === "any" || sample === undefined) continue;
    for (const [other, value] of Object.entries(values)) {
      if (other !== kind) expect(match({ [keyword]: sample }).check(value)).toEqual({ keyword: "type", pointer: "" });
    }
  }
  expect(Object.keys(samples).length).toBe([...keywordKinds.values()].filter((kind) => kind !== "any").length - 1);
});

const host = fc.constantFrom(
  "api.example.com",
  "example.com",
  "a.b.example.org",
  "example.org",
  "evil.com",
  "127.0.0.1",
  "127.1",
  "0x7f.1",
  "2130706433",
  "10.0.0.1",
  "[::1]",
  "xn--e1afmkfd.example.org",
  "exa\u00admple.com",
  "ｅxample.com",
  "localhost",
  "API.EXAMPLE.COM",
  "",
);
const glue = fc.constantFrom(
  "",
  "/",
  "//",
  "\\",
  "@",
  ":",
  ":443",
  ":80",
  "?",
  "#",
  ".",
  "%2e",
  "%00",
  "\t",
  "\n",
  " ",
  "user@",
  "user:pass@",
  "http://",
  "https://",
  "HTTP://",
  "ftp://",
  "javascript:",
  "\u3002",
);
const hostList = ["api.example.com", "10.0.0.1", "*.example.org"];

test("whatever the list accepts, a browser would send to a host of the list", () => {
  const compiled = match({ hosts: hostList });
  let accepted = 0;
  fc.assert(
    fc.property(fc.array(fc.oneof(host, glue), { minLength: 1, maxLength: 6 }), fc.boolean(), (parts, withScheme) => {
      const text = `${withScheme ? "https://" : ""}${parts.join("")}`;
      if (compiled.check(text) !== undefined) return;
      accepted++;
      const url = new URL(/^https?:/i.test(text) ? text : `https://${text}`);
      expect(["api.example.com", "10.0.0.1"].includes(url.hostname) || url.hostname.endsWith(".example.org")).toBe(true);
      expect([url.username, url.password]).toEqual(["", ""]);
    }),
    { numRuns: 2_000 },
  );
  expect(accepted).toBeGreaterThan(20);
});

test("a failure says which rule and where in the value, and holds nothing of the value", () => {
  const compiled = match({ properties: { "a/b": { items: { properties: { n: { maximum: 5 } } } } } });
  expect(compiled.check({ "a/b": [{ n: 1 }, { n: 9 }] })).toEqual({ keyword: "maximum", pointer: "/a~1b/1/n" });
  expect(compiled.check({ s3cr3t: 1 })).toEqual({ keyword: "additionalProperties", pointer: "" });
});

test("an error of a constraint points at the keyword", () => {
  const compiled = compileMatch({ properties: { a: { items: { pattern: "(?=x)" } } } });
  expect(!compiled.ok && compiled.error.pointer).toBe("/properties/a/items/pattern");
  const hosts = compileMatch({ hosts: ["a.b", "*.*"] });
  expect(!hosts.ok && hosts.error.pointer).toBe("/hosts/1");
});

test("names of the prototype are neither keywords nor formats nor members", () => {
  for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
    const spec = JSON.parse(`{"${name}":1}`) as Json;
    expect(compileMatch(spec)).toMatchObject({ ok: false, error: { code: "LANG_MATCH_KEYWORD" } });
    expect(compileMatch({ format: name })).toMatchObject({ ok: false, error: { code: "LANG_MATCH_VALUE" } });
    expect(match({ properties: { a: { type: "null" } } }).check(spec)).toEqual({ keyword: "additionalProperties", pointer: "" });
    const named = match({ properties: JSON.parse(`{"${name}":{"const":1}}`) as Json, required: [name] });
    expect(named.check(spec)).toBeUndefined();
    expect(named.check({})).toEqual({ keyword: "required", pointer: `/${name}` });
  }
});

test("no constraint makes the compiler or a check throw", () => {
  const keyword = fc.constantFrom(...keywordKinds.keys(), "constructor");
  const value = fc.oneof(
    json,
    fc.constantFrom<Json>("string", "integer", "array", "object", -1, 1e308, 5e-324, ["a"], { type: "string" }, "(", "[a-z]*"),
  );
  fc.assert(
    fc.property(fc.dictionary(keyword, value, { maxKeys: 4, noNullPrototype: true }), json, (spec, input) => {
      const compiled = compileMatch(spec);
      if (compiled.ok) compiled.value.check(input);
      else expect(compiled.error.code).toMatch(/^LANG_MATCH_/);
    }),
    { numRuns: 1_000 },
  );
});

test("integers beyond 2^53 are compared by all their digits", () => {
  expect(match({ maximum: 9007199254740991 }).check(9007199254740993n)).toEqual({ keyword: "maximum", pointer: "" });
  expect(match({ type: "integer" }).check(9007199254740993n)).toBeUndefined();
  expect(match({ multipleOf: 3 }).check(9007199254740993n)).toBeUndefined();
  expect(match({ multipleOf: 2 }).check(9007199254740993n)).toEqual({ keyword: "multipleOf", pointer: "" });
  expect(compileMatch({ maximum: 9007199254740993n })).toMatchObject({ ok: false });
  expect(match({ minimum: 0, maximum: 2 ** 60 }).bits).toBeUndefined();
  expect(match({ type: "integer", minimum: 1, maximum: 2 ** 60 }).bits).toBe(60);
});
