/**
 * The top of every label space: data of which nobody knows anything.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createLabelSpace, everyLabel, topValue } from "../../src/taint/label.ts";

const names = ["mail", "hr", "unknown", "user_input", "other"];
const flows = [
  { id: "a", deny: ["mail"], to: "*" },
  { id: "b", deny: ["untrusted"], to: "*" },
  { id: "c", deny: ["hr"], to: "*" },
];
const space = createLabelSpace({ mail: { integrity: "untrusted" }, hr: { integrity: "trusted", readers: ["ann"] } }, [
  ...flows,
  ...Array.from({ length: 40 }, (_, i) => ({ id: `more-${i}`, deny: [`name-${i}`], to: "*" })),
]);
const label = fc
  .record({
    sources: fc.uniqueArray(fc.constantFrom(...names)),
    readers: fc.option(fc.uniqueArray(fc.constantFrom("ann", "bob"))),
  })
  .map((value) => space.fromForeign(value));
const top = space.fromForeign(topValue);

describe("the top", () => {
  it("is above every label, stays so with anything joined to it, and is below nothing else", () => {
    fc.assert(
      fc.property(label, (other) => {
        expect(space.flowsTo(other, top)).toBe(true);
        expect(space.flowsTo(space.join(other, top), top)).toBe(true);
        expect(space.flowsTo(top, space.join(top, other))).toBe(true);
        expect(space.flowsTo(top, other)).toBe(false);
      }),
      { numRuns: 200 },
    );
  });

  it("is not what `unknown` is: in a space that has not met it, `unknown` is above itself alone, and is declassified like any", () => {
    const own = createLabelSpace({ hr: { integrity: "trusted", readers: ["ann"] } }, []);
    expect(own.flowsTo(own.of(["hr"]), own.of(["unknown"]))).toBe(false);
    expect(own.isRestrictionOf(own.of(["hr", "unknown"]), ["hr"])).toBe(true);
  });

  it("is denied by every flow rule, those beyond the bits included", () => {
    for (let rule = 0; rule < 43; rule++) expect(space.isDenied(top, rule)).toBe(true);
    expect(top.isUntrusted).toBe(true);
    const lax = createLabelSpace({}, [{ id: "none", deny: [], to: "*" }]);
    expect(lax.isDenied(lax.fromForeign(topValue), 0)).toBe(false);
  });

  it("is removed by nothing, and nobody's declassification gives it readers", () => {
    const both = space.join(space.of(["hr"]), top);
    expect(space.toValue(space.remove(both, [everyLabel, "hr"])).sources).toEqual([everyLabel]);
    expect(space.isRestrictionOf(both, ["hr", everyLabel])).toBe(false);
  });

  it("is the same in every space, also where somebody declares a label of that name", () => {
    const other = createLabelSpace({ "*": { integrity: "trusted" } }, flows);
    const moved = other.fromForeign(space.toForeign(top));
    expect(moved).toMatchObject({ isUntrusted: true, readers: [] });
    expect(other.isTrusted(everyLabel)).toBe(false);
    for (const rule of flows.keys()) expect(other.isDenied(moved, rule)).toBe(true);
  });
});
