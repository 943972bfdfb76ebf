import fc from "fast-check";
import { expect, test } from "vitest";
import { countMultiples, isMultipleOf, roundDecimal } from "../../src/lang/decimal.ts";

test.each([
  [1.005, 2, 1.01],
  [2.675, 2, 2.68],
  [-1.005, 2, -1.01],
  [0.5, 0, 1],
  [-0.5, 0, -1],
  [-0.4, 0, 0],
  [1e21, 2, 1e21],
  [5e-324, 20, 0],
  [1.7976931348623157e308, 0, 1.7976931348623157e308],
])("%d rounded to %d places is %d", (value, places, rounded) => {
  expect(roundDecimal(value, places)).toEqual({ ok: true, value: rounded });
});

test("cents survive: rounding an amount of cents written as a double gives it back", () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e12, max: 1e12 }), (cents) => {
      expect(roundDecimal(cents / 100, 2)).toEqual({ ok: true, value: cents / 100 });
    }),
  );
});

test("rounding is monotone, idempotent and off by at most half a unit", () => {
  fc.assert(
    fc.property(
      fc.double({ min: -1e9, max: 1e9, noNaN: true }),
      fc.double({ min: -1e9, max: 1e9, noNaN: true }),
      fc.integer({ min: 0, max: 6 }),
      (a, b, places) => {
        const [x, y] = [roundDecimal(a, places), roundDecimal(b, places)];
        if (!x.ok || !y.ok) throw new Error("a finite number fails");
        if (a <= b) expect(x.value <= y.value).toBe(true);
        expect(roundDecimal(x.value, places)).toEqual(x);
        expect(Math.abs(Number(x.value) - a)).toBeLessThanOrEqual(0.5 * 10 ** -places * (1 + 1e-6) + Math.abs(a) * 1e-15);
      },
    ),
  );
});

test("places outside 0 to 20 and numbers that are not finite are refused", () => {
  for (const [value, places] of [
    [1, -1],
    [1, 21],
    [1, 0.5],
    [1, Number.NaN],
    [Number.NaN, 0],
    [Number.POSITIVE_INFINITY, 0],
  ] as const) {
    expect(roundDecimal(value, places)).toMatchObject({ ok: false, error: { code: "LANG_NUMBER_RANGE" } });
  }
});

test("integers beyond 2^53 keep their digits", () => {
  expect(roundDecimal(9007199254740993n, 2)).toEqual({ ok: true, value: 9007199254740993n });
  expect(isMultipleOf(9007199254740993n, 2)).toBe(false);
  expect(isMultipleOf(9007199254740993n, 3)).toBe(true);
});

test("multiples are counted in decimal, never too few", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -300, max: 300 }),
      fc.integer({ min: 0, max: 300 }),
      fc.integer({ min: 1, max: 50 }),
      (low, span, step) => {
        const [from, to, unit] = [low / 100, (low + span) / 100, step / 100];
        let count = 0n;
        for (let i = low; i <= low + span; i++) {
          const isMultiple = i % step === 0;
          expect(isMultipleOf(i / 100, unit)).toBe(isMultiple);
          if (isMultiple) count++;
        }
        const bound = countMultiples(from, to, unit);
        expect(bound >= count && bound <= count + 3n).toBe(true);
      },
    ),
    { numRuns: 200 },
  );
});
