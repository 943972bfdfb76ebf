import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { atMost, lowerBound, upperBound } from "../../../src/infer/adapt/binomial.ts";
import {
  calibrate,
  identityCalibration,
  logit,
  onCurve,
  proposalConfidence,
  sigmoid,
} from "../../../src/infer/adapt/calibration.ts";
import { fitCalibration, fitCurve, fitScale, fitShape, type JudgedProposal } from "../../../src/infer/adapt/fit.ts";
import { calibrationError, chooseThreshold } from "../../../src/infer/adapt/threshold.ts";

/** Van der Corput's sequence: evenly spread, the same everywhere. */
function spread(index: number, base: number): number {
  let [value, share] = [0, 1 / base];
  for (let left = index; left > 0; left = Math.floor(left / base)) {
    value += (left % base) * share;
    share /= base;
  }
  return value;
}

/** Proposals of a planner whose log-odds are twice too large. */
function proposals(count: number, over: Partial<JudgedProposal> = {}): readonly JudgedProposal[] {
  return Array.from({ length: count }, (_, index) => {
    const truth = spread(index + 1, 2);
    const isRight = spread(index + 1, 3) < truth;
    const probability = sigmoid(2 * logit(truth));
    return { group: "made up", decisions: [{ kind: "tools", probability, isRight }], none: 0.1, hasTool: true, isRight, ...over };
  });
}

describe("the bounds of Clopper and Pearson", () => {
  it("are the known ones", () => {
    // One-sided 95 %: no hit in 59 tries is the rule of three; the others are from R's binom.test.
    expect(upperBound(0, 59, 0.95)).toBeCloseTo(1 - 0.05 ** (1 / 59), 9);
    expect(upperBound(2, 100, 0.975)).toBeCloseTo(0.0703839, 6);
    expect(lowerBound(98, 100, 0.975)).toBeCloseTo(1 - 0.0703839, 6);
    expect(upperBound(5, 5, 0.95)).toBe(1);
    expect(upperBound(0, 0, 0.95)).toBe(1);
  });

  it("leave at the bound just the wanted chance of seeing so few", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), fc.double({ min: 0, max: 0.9, noNaN: true }), (tried, share) => {
        const hits = Math.floor(tried * share);
        expect(atMost(hits, tried, upperBound(hits, tried, 0.95))).toBeCloseTo(0.05, 6);
      }),
    );
  });
});

describe("a scale", () => {
  it("undoes what made a planner too sure", () => {
    const points = Array.from({ length: 4000 }, (_, index) => {
      const truth = spread(index + 1, 2);
      return { at: 2 * logit(truth) + 1, isRight: spread(index + 1, 3) < truth, weight: 1 };
    });
    const { temperature, shift } = fitScale(points, { temperature: 1, shift: 0 });
    expect(temperature).toBeCloseTo(2, 1);
    expect(shift).toBeCloseTo(-0.5, 1);
  });

  it("stays at the prior where nothing was seen, and near it where all was right", () => {
    expect(fitScale([], { temperature: 2, shift: 0.5 })).toEqual({ temperature: 2, shift: 0.5 });
    const { temperature, shift } = fitScale([{ at: 3, isRight: true, weight: 1 }], { temperature: 1, shift: 0 });
    expect(temperature).toBeCloseTo(1, 1);
    expect(shift).toBeCloseTo(0, 1);
  });

  it("is finite whatever was seen", () => {
    const point = fc.record({
      at: fc.double({ min: -14, max: 14, noNaN: true }),
      isRight: fc.boolean(),
      weight: fc.double({ min: 0, max: 50, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(point, { maxLength: 60 }), (points) => {
        const { temperature, shift } = fitScale(points, { temperature: 1, shift: 0 });
        expect(temperature).toBeGreaterThanOrEqual(0.1 - 1e-9);
        expect(temperature).toBeLessThanOrEqual(10 + 1e-9);
        expect(Math.abs(shift)).toBeLessThanOrEqual(20);
      }),
    );
  });
});

describe("a curve", () => {
  it("rises from 0 to 1 and lies near the outcomes", () => {
    const scored = Array.from({ length: 2000 }, (_, index) => {
      const score = spread(index + 1, 2);
      return { score, isRight: spread(index + 1, 3) < score * score, weight: 1 };
    });
    const curve = fitCurve(scored);
    for (const score of [0.2, 0.5, 0.8]) expect(Math.abs(onCurve(score, curve) - score * score)).toBeLessThan(0.06);
  });

  it("is one that files may hold, whatever the outcomes", () => {
    const outcome = fc.record({
      score: fc.double({ min: 0, max: 1, noNaN: true }),
      isRight: fc.boolean(),
      weight: fc.constant(1),
    });
    fc.assert(
      fc.property(fc.array(outcome, { maxLength: 120 }), (scored) => {
        const curve = fitCurve(scored);
        expect(curve[0]).toEqual([0, 0]);
        expect(curve.at(-1)?.[0]).toBe(1);
        for (const [index, [score, probability]] of curve.entries()) {
          const before = curve[index - 1];
          if (before === undefined) continue;
          expect(score).toBeGreaterThan(before[0]);
          expect(probability).toBeGreaterThanOrEqual(before[1]);
          expect(probability).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});

describe("a threshold", () => {
  const ranked = (right: number, wrong: number, then: number) =>
    [...Array(right).fill(true), ...Array(wrong).fill(false), ...Array(then).fill(true)].map((isRight, index) => ({
      confidence: 1 - index / 1000,
      isRight: isRight as boolean,
    }));

  it("keeps as many as the bound allows, and no more", () => {
    const { threshold, assurance } = chooseThreshold(ranked(200, 100, 0), { target: 0.05, level: 0.95 });
    expect(assurance.isReached).toBe(true);
    expect(assurance.bound).toBeLessThanOrEqual(0.05);
    expect(upperBound(assurance.wrong, assurance.kept, 0.95)).toBe(assurance.bound);
    expect(assurance.kept).toBeGreaterThanOrEqual(190);
    expect(ranked(200, 100, 0).filter(({ confidence }) => confidence >= threshold)).toHaveLength(assurance.kept);
  });

  it("says so where no number of proposals carries the promise", () => {
    expect(chooseThreshold(ranked(40, 0, 0), { target: 0.05, level: 0.95 }).assurance).toMatchObject({
      isReached: false,
      kept: 40,
      wrong: 0,
    });
    expect(chooseThreshold(ranked(0, 50, 0), { target: 0.05, level: 0.95 }).assurance.isReached).toBe(false);
    expect(chooseThreshold([], { target: 0.05, level: 0.95 })).toMatchObject({ threshold: 1, assurance: { isReached: false } });
  });

  it("never parts proposals of one confidence", () => {
    const tied = [...ranked(100, 0, 0).map(({ isRight }) => ({ confidence: 0.9, isRight })), { confidence: 0.9, isRight: false }];
    expect(chooseThreshold(tied, { target: 0.05, level: 0.95 }).assurance).toMatchObject({ kept: 101, wrong: 1 });
  });
});

describe("steps of a threshold", () => {
  it("are found where many proposals share few confidences", () => {
    const outcomes = Array.from({ length: 400 }, (_, at) => ({
      confidence: at < 297 ? 0.9 - (at % 3) / 10 : 0.3,
      isRight: at < 297,
    }));
    const found = chooseThreshold(
      outcomes.toSorted((one, other) => other.confidence - one.confidence),
      { target: 0.05, level: 0.95 },
    );
    expect(found).toMatchObject({ assurance: { kept: 297, wrong: 0, isReached: true } });
    expect(found.threshold).toBeCloseTo(0.5);
  });
});

describe("a fitted calibration", () => {
  it("makes confidences honest that were not", () => {
    const seen = proposals(2000);
    const fitted = fitShape(seen, { sets: ["made up"] });
    const error = (calibration: typeof fitted): number =>
      calibrationError(
        seen.map(({ decisions, isRight }) => ({ confidence: proposalConfidence(decisions, calibration), isRight })),
      );
    expect(error(identityCalibration)).toBeGreaterThan(0.08);
    expect(error(fitted)).toBeLessThan(0.03);
  });

  it("promises with what the shape was not fitted on, and the promise holds on other proposals", () => {
    const all = proposals(6000);
    const fitted = fitCalibration(all.slice(0, 4000), { sets: ["made up"], target: 0.1 });
    expect(fitted.assurance).toMatchObject({ isReached: true, target: 0.1 });
    const kept = all.slice(4000).filter(({ decisions }) => proposalConfidence(decisions, fitted) >= fitted.threshold);
    expect(kept.length).toBeGreaterThan(50);
    expect(kept.filter(({ isRight }) => !isRight).length / kept.length).toBeLessThanOrEqual(0.12);
  });

  it("turns away few tasks that have a tool in any group, and many that have none", () => {
    const having = proposals(400).map((one, index) => ({
      ...one,
      none: 0.4 * spread(index + 1, 5),
      group: index % 2 === 0 ? "a" : "b",
    }));
    const lacking = proposals(200, { hasTool: false, isRight: false }).map((one, index) => ({
      ...one,
      none: 0.3 + 0.7 * spread(index + 1, 5),
      group: "a",
    }));
    const fitted = fitCalibration([...having, ...lacking], { sets: [] });
    const turned = (rows: readonly JudgedProposal[]): number =>
      rows.filter(({ none = 0 }) => calibrate({ kind: "none", probability: none }, fitted) >= fitted.none).length / rows.length;
    expect(turned(having)).toBeLessThanOrEqual(0.07);
    expect(turned(lacking)).toBeGreaterThan(0.8);
  });

  it("is the same for the same proposals", () => {
    expect(fitCalibration(proposals(500), { sets: ["x"] })).toEqual(fitCalibration(proposals(500), { sets: ["x"] }));
  });
});
