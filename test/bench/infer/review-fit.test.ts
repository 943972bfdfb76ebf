/**
 * The fit of the reviewer's weights: what it may find, and what a threshold promises.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitThreshold, fitWeights, type Labelled, scoreOf } from "../../../bench/infer/review-fit.ts";

/** One sign that tells the kinds apart, one that does not, one that tells them apart the other way round. */
const nodes: readonly Labelled[] = Array.from({ length: 60 }, (_, at) => {
  const isAdded = at % 2 === 0;
  return { set: at % 3 === 0 ? "a" : "b", isAdded, signs: [isAdded ? 1 : 0.2, (at % 5) / 5, isAdded ? 0.1 : 0.9] };
});

describe("weights", () => {
  it("tell added nodes from own ones", () => {
    const weights = fitWeights(nodes, [0, 0, 0]);
    for (const { signs, isAdded } of nodes) expect(scoreOf(signs, weights) > 0.5).toBe(isAdded);
  });

  it("never have a sign that is forbidden, whatever the nodes say", () => {
    const [, first, , third] = fitWeights(nodes, [-1, 1, 1]);
    expect(first).toBe(0);
    expect(third).toBe(0);
  });

  it("weigh every set the same, however many nodes it has", () => {
    const many = [...nodes, ...nodes.filter(({ set }) => set === "a"), ...nodes.filter(({ set }) => set === "a")];
    const [one, other] = [fitWeights(nodes, [0, 0, 0]), fitWeights(many, [0, 0, 0])];
    for (const [at, weight] of one.entries()) expect(other[at]).toBeCloseTo(weight, 2);
  });
});

describe("a threshold", () => {
  it("leaves at most the share of own nodes above it, the mean over the sets", () => {
    const node = fc.record({
      set: fc.constantFrom("a", "b", "c"),
      isAdded: fc.boolean(),
      signs: fc.tuple(fc.double({ min: 0, max: 1, noNaN: true })),
    });
    fc.assert(
      fc.property(
        fc.array(node, { minLength: 1, maxLength: 60 }),
        fc.double({ min: 0.01, max: 0.5, noNaN: true }),
        (list, share) => {
          const weights = [-1, 3];
          const threshold = fitThreshold(list, weights, { share });
          const own = list.filter(({ isAdded }) => !isAdded);
          const sets = [...new Set(own.map(({ set }) => set))];
          const shares = sets.map((set) => {
            const ofSet = own.filter((one) => one.set === set);
            return ofSet.filter(({ signs }) => scoreOf(signs, weights) > threshold).length / ofSet.length;
          });
          expect(shares.reduce((sum, one) => sum + one, 0) / Math.max(1, sets.length)).toBeLessThanOrEqual(share + 1e-9);
        },
      ),
      { numRuns: 200 },
    );
  });
});
