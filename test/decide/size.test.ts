import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isLargerThan } from "../../src/decide/size.ts";
import { canonicalJson } from "../../src/json/canonical.ts";
import { strictCopy } from "../../src/json/strict.ts";
import type { Json } from "../../src/json/value.ts";

const json = fc.jsonValue({ maxDepth: 4 }).filter((value) => strictCopy(value) !== undefined) as fc.Arbitrary<Json>;

describe("isLargerThan", () => {
  it("agrees with the bytes of the canonical text, to the byte", () => {
    fc.assert(
      fc.property(fc.oneof(json, fc.string({ unit: "binary" })), (value) => {
        fc.pre(strictCopy(value) !== undefined);
        const bytes = Buffer.byteLength(canonicalJson(value));
        expect(isLargerThan(value, bytes)).toBe(false);
        expect(isLargerThan(value, bytes - 1)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it("is not misled by one long text or one long integer", () => {
    expect(isLargerThan("a".repeat(1_000), 500)).toBe(true);
    expect(isLargerThan(["a".repeat(1_000)], 500)).toBe(true);
    expect(isLargerThan(10n ** 30n, 20)).toBe(true);
    expect(isLargerThan(10n ** 30n, 31)).toBe(false);
  });

  it("takes what is nested too deep for larger than any bound", () => {
    let value: Json = 1;
    for (let i = 0; i < 100_000; i++) value = [value];
    expect(isLargerThan(value, Number.MAX_SAFE_INTEGER)).toBe(true);
  });

  it("agrees with them for every character that is escaped and every border of UTF-8's lengths", () => {
    const codes = [...Array(0x82).keys(), 0x7fe, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xfffd, 0xffff, 0x1_0000, 0x10_ffff];
    for (const code of codes) {
      const text = String.fromCodePoint(code);
      for (const value of [text, { [text]: [text] }]) {
        const bytes = Buffer.byteLength(canonicalJson(value));
        expect(isLargerThan(value, bytes)).toBe(false);
        expect(isLargerThan(value, bytes - 1)).toBe(true);
      }
    }
  });

  it("takes sixty-four levels of lists and objects, and no more, for a size", () => {
    const nested = (levels: number, wrap: (value: Json) => Json): Json => {
      let value: Json = 1;
      for (let i = 0; i < levels; i++) value = wrap(value);
      return value;
    };
    for (const wrap of [(value: Json): Json => [value], (value: Json): Json => ({ a: value })]) {
      expect(isLargerThan(nested(64, wrap), 100_000)).toBe(false);
      expect(isLargerThan(nested(65, wrap), 100_000)).toBe(true);
    }
  });

  it("counts to the byte only what a look does not settle, and looks at nothing where there is no bound", () => {
    let looks = 0;
    const counted = new Proxy(["short", 1, true, null, "\u0001"] as Json[], {
      get(target, name) {
        if (name === "0") looks += 1;
        return Reflect.get(target, name);
      },
    });
    expect(isLargerThan(counted, 1_000)).toBe(false);
    expect(looks).toBe(1);
    // At most 6 bytes for each character, 25 for a number, 5 for a truth: up to this bound it is counted.
    expect(isLargerThan(counted, 20)).toBe(true);
    expect(looks).toBe(3);
    expect(isLargerThan(counted, Number.POSITIVE_INFINITY)).toBe(false);
    expect(looks).toBe(3);
  });
});
