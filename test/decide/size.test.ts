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

  it("takes what is nested too deep for larger than any bound", () => {
    let value: Json = 1;
    for (let i = 0; i < 100_000; i++) value = [value];
    expect(isLargerThan(value, Number.MAX_SAFE_INTEGER)).toBe(true);
  });
});
