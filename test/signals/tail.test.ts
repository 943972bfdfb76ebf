/**
 * The probabilities behind signals, against other ways to compute them.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chiSquareQuantile, logGamma, normalTail, upperTail } from "../../src/signals/tail.ts";

/** One minus what is below: good where the tail is not small. */
function poissonTail(count: number, mean: number): number {
  let [term, below] = [Math.exp(-mean), 0];
  for (let k = 0; k < count; k++) {
    below += term;
    term *= mean / (k + 1);
  }
  return 1 - below;
}

describe("the upper tail of a count", () => {
  it("is Poisson's where the variance is the mean", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 60, noNaN: true }), fc.integer({ min: 1, max: 120 }), (mean, count) => {
        const expected = poissonTail(count, mean);
        fc.pre(count > mean && expected > 1e-6);
        const found = upperTail(count, { mean, variance: mean });
        expect(Math.abs(found / expected - 1)).toBeLessThan(1e-5);
      }),
      { numRuns: 300 },
    );
  });

  it("is a power where the variance is that of a geometric distribution", () => {
    for (const mean of [0.1, 2, 50]) {
      const failure = mean / (mean + 1);
      for (const count of [51, 80, 400]) {
        const found = upperTail(count, { mean, variance: mean + mean * mean });
        if (failure ** count > 1e-300) expect(found / failure ** count).toBeCloseTo(1, 8);
      }
    }
  });

  it("agrees with integers counted exactly for a size of two", () => {
    // P(X ≥ k) for size 2 is failure^k · (1 + k · success).
    const [mean, count] = [6, 40];
    const success = 2 / (2 + mean);
    const expected = (1 - success) ** count * (1 + count * success);
    expect(upperTail(count, { mean, variance: mean + (mean * mean) / 2 }) / expected).toBeCloseTo(1, 9);
  });

  it("falls with the count, grows with the variance, and is a probability", () => {
    const parts = { mean: fc.double({ min: 1e-6, max: 1e4, noNaN: true }), spread: fc.double({ min: 0, max: 1e3, noNaN: true }) };
    fc.assert(
      fc.property(parts.mean, parts.spread, fc.integer({ min: 1, max: 20_000 }), (mean, spread, more) => {
        const variance = mean * (1 + spread);
        const count = Math.ceil(mean) + more;
        const found = upperTail(count, { mean, variance });
        expect(found).toBeGreaterThanOrEqual(0);
        expect(found).toBeLessThanOrEqual(1);
        expect(upperTail(count + 1, { mean, variance })).toBeLessThanOrEqual(found * (1 + 1e-8));
        // Far beyond the wider one, wider is likelier; of rare counts it is not.
        if (mean >= 1 && count > mean + 4 * Math.sqrt(2 * variance))
          expect(upperTail(count, { mean, variance: 2 * variance })).toBeGreaterThanOrEqual(found);
      }),
      { numRuns: 300 },
    );
  });

  it("is never too small where it is cut off", () => {
    // Far too wide to be added up: half of it lies beyond.
    expect(upperTail(1_000_001, { mean: 1e6, variance: 1e14 })).toBeGreaterThan(0.2);
  });
});

describe("the other functions", () => {
  it("give the logarithm of factorials", () => {
    let sum = 0;
    for (let n = 1; n < 170; n++) {
      sum += Math.log(n);
      expect(logGamma(n + 1)).toBeCloseTo(sum, 9);
    }
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 12);
    expect(logGamma(1e-5)).toBeCloseTo(Math.log(1e5), 4);
  });

  it("give the tables' tails of the normal and quantiles of chi-square", () => {
    for (const [z, tail] of [
      [0, 0.5],
      [1, 0.158655254],
      [1.6448536, 0.05],
      [3.0902323, 0.001],
      [-2, 0.977249868],
    ] as const)
      expect(normalTail(z)).toBeCloseTo(tail, 7);
    expect(normalTail(6) / 9.8659e-10).toBeCloseTo(1, 3);
    for (const [freedom, quantile] of [
      [7, 2.167],
      [10, 3.94],
      [100, 77.929],
    ] as const)
      expect(Math.abs(chiSquareQuantile(freedom, -1.6448536) / quantile - 1)).toBeLessThan(0.01);
  });
});
