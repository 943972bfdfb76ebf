import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { callCount, exchanges, setDistribution } from "../../../src/infer/planner/select.ts";

/** Every set by itself: what the polynomials sum up. */
function bySets(tool: readonly number[], cardinality: readonly number[]) {
  const all: { tools: number[]; weight: number }[] = [];
  for (let mask = 0; mask < 1 << tool.length; mask++) {
    const tools = tool.flatMap((_, at) => ((mask >> at) & 1 ? [at] : []));
    if (tools.length >= cardinality.length) continue;
    all.push({ tools, weight: Math.exp(tools.reduce((sum, at) => sum + (tool[at] ?? 0), cardinality[tools.length] ?? 0)) });
  }
  const total = all.reduce((sum, { weight }) => sum + weight, 0);
  const sets = all
    .map(({ tools, weight }) => ({ tools, probability: weight / total }))
    .sort((one, other) => other.probability - one.probability);
  const marginals = tool.map((_, at) => sets.reduce((sum, set) => sum + (set.tools.includes(at) ? set.probability : 0), 0));
  return { sets, marginals };
}

const logit = fc.double({ min: -9, max: 9, noNaN: true });

describe("the distribution over sets of tools", () => {
  it("is the one that counting every set by itself gives", () => {
    fc.assert(
      fc.property(fc.array(logit, { maxLength: 8 }), fc.array(logit, { minLength: 2, maxLength: 9 }), (tool, cardinality) => {
        const got = setDistribution({ tool: Float32Array.from(tool), cardinality: Float32Array.from(cardinality) });
        const { sets, marginals } = bySets([...Float32Array.from(tool)], [...Float32Array.from(cardinality)]);
        const some = sets.filter(({ tools }) => tools.length > 0);
        expect(got.none).toBeCloseTo(sets.find(({ tools }) => tools.length === 0)?.probability ?? 0, 6);
        expect(got.best.probability).toBeCloseTo(sets[0]?.probability ?? 0, 6);
        expect(got.bestSome?.probability ?? 0).toBeCloseTo(some[0]?.probability ?? 0, 6);
        expect(got.second?.probability ?? 0).toBeCloseTo(some[1]?.probability ?? 0, 6);
        for (const [at, marginal] of marginals.entries()) expect(got.marginals[at]).toBeCloseTo(marginal, 6);
      }),
      { numRuns: 200 },
    );
  });

  it("takes a set whose probability and expected F1 together are as good as those of every other set", () => {
    fc.assert(
      fc.property(
        fc.array(logit, { minLength: 1, maxLength: 7 }),
        fc.array(logit, { minLength: 2, maxLength: 8 }),
        (tool, cardinality) => {
          const got = setDistribution({ tool: Float32Array.from(tool), cardinality: Float32Array.from(cardinality) });
          const { sets } = bySets([...Float32Array.from(tool)], [...Float32Array.from(cardinality)]);
          const worth = (tools: readonly number[], probability: number): number =>
            sets.reduce((sum, set) => {
              const common = set.tools.filter((at) => tools.includes(at)).length;
              return sum + (set.probability * 2 * common) / (tools.length + set.tools.length);
            }, probability);
          const most = Math.max(
            ...sets.filter(({ tools }) => tools.length > 0).map(({ tools, probability }) => worth(tools, probability)),
          );
          expect(worth(got.closest?.tools ?? [], got.closest?.probability ?? 0)).toBeCloseTo(most, 2);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("takes one of two twins, and most of many tools that are each likely", () => {
    const twins = setDistribution({ tool: Float32Array.of(5, 5, -4), cardinality: Float32Array.of(0, 12, 0, 0) });
    expect(twins.closest?.tools).toEqual([0]);
    const many = setDistribution({ tool: Float32Array.of(0.4, 0.4, 0.4, 0.4, 0.4, 0.4), cardinality: new Float32Array(7) });
    expect(many.closest?.tools.length).toBeGreaterThanOrEqual(5);
  });

  it("names the tools of the likeliest set, strongest first", () => {
    const got = setDistribution({ tool: Float32Array.of(-1, 4, 2), cardinality: Float32Array.of(0, 0, 3, 0) });
    expect(got.bestSome?.tools).toEqual([1, 2]);
    expect(got.best).toEqual(got.bestSome);
    expect(got.second?.tools).toEqual([1, 0]);
  });

  it("is empty where no tool is better than one", () => {
    const got = setDistribution({ tool: Float32Array.of(-3, -4), cardinality: Float32Array.of(2, 0, 0) });
    expect(got.best.tools).toEqual([]);
    expect(got.none).toBeGreaterThan(0.9);
    expect(got.bestSome?.tools).toEqual([0]);
  });

  it("keeps its digits with logits of hundreds", () => {
    const got = setDistribution({ tool: Float32Array.of(700, 690, -700), cardinality: Float32Array.of(0, 0, 0, 0) });
    expect(got.bestSome?.tools).toEqual([0, 1]);
    expect(got.marginals.every(Number.isFinite)).toBe(true);
    expect(got.marginals[2]).toBeLessThan(1e-6);
  });

  it("knows no set of more tools than it was trained to count", () => {
    const got = setDistribution({ tool: new Float32Array(12).fill(9), cardinality: new Float32Array(9) });
    expect(got.bestSome?.tools).toHaveLength(8);
  });

  it("has nothing to say of no tools but that none fits", () => {
    const got = setDistribution({ tool: new Float32Array(), cardinality: new Float32Array(9) });
    expect(got.none).toBe(1);
    expect(got.bestSome).toBeUndefined();
  });
});

describe("other tools in the place of one", () => {
  it("are those outside of the set, as likely as their logits say", () => {
    const found = exchanges({ tool: Float32Array.of(3, 2, 1, 0) }, { tools: [0, 2], at: 0 });
    expect(found.map(({ tool }) => tool)).toEqual([1, 3]);
    const total = Math.exp(3) + Math.exp(2) + Math.exp(0);
    expect(found[0]?.probability).toBeCloseTo(Math.exp(2) / total, 6);
  });
});

describe("the number of calls", () => {
  it("is the likeliest of one to four", () => {
    expect(callCount(Float32Array.of(0, 2, 1, -1)).count).toBe(2);
    expect(callCount(Float32Array.of(0, 0, 0, 0))).toEqual({ count: 1, probability: 0.25 });
  });
});
