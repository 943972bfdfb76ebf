import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Calibration,
  calibrate,
  calibrationJson,
  type Decision,
  decisionKinds,
  identityCalibration,
  onCurve,
  proposalConfidence,
  readCalibration,
  scalesOf,
} from "../../../src/infer/adapt/calibration.ts";
import type { Json } from "../../../src/json/value.ts";

const decision: fc.Arbitrary<Decision> = fc.record({
  kind: fc.constantFrom(...decisionKinds),
  probability: fc.double({ min: 0, max: 1, noNaN: true }),
});
const skewed: Calibration = {
  ...identityCalibration,
  scales: scalesOf((kind) => ({ temperature: kind === "tools" ? 2 : 1.5, shift: kind === "absent" ? -1 : 0.25 })),
  others: 0.5,
  curve: [
    [0, 0],
    [0.4, 0.1],
    [1, 0.9],
  ],
};

describe("a calibration", () => {
  it("says the weakest decision where nothing was fitted", () => {
    fc.assert(
      fc.property(fc.array(decision, { minLength: 1, maxLength: 8 }), (decisions) => {
        const weakest = Math.min(...decisions.map(({ probability }) => probability));
        expect(proposalConfidence(decisions, identityCalibration)).toBeCloseTo(weakest, 5);
      }),
    );
  });

  it("keeps the order of decisions of one kind", () => {
    fc.assert(
      fc.property(decision, fc.double({ min: 0, max: 1, noNaN: true }), ({ kind, probability }, other) => {
        const [low, high] = [Math.min(probability, other), Math.max(probability, other)];
        expect(calibrate({ kind, probability: low }, skewed)).toBeLessThanOrEqual(calibrate({ kind, probability: high }, skewed));
      }),
    );
  });

  it("is never surer of more decisions, or of weaker ones", () => {
    fc.assert(
      fc.property(fc.array(decision, { maxLength: 6 }), decision, (decisions, more) => {
        const before = proposalConfidence(decisions, skewed);
        const after = proposalConfidence([...decisions, more], skewed);
        expect(after).toBeLessThanOrEqual(before + 1e-12);
        expect(after).toBeGreaterThanOrEqual(0);
        expect(before).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("is read back as it was written", () => {
    expect(readCalibration(calibrationJson(skewed))).toEqual({ ok: true, value: skewed });
    const assurance = { target: 0.05, level: 0.95, tried: 200, kept: 90, wrong: 1, bound: 0.049, isReached: true };
    expect(readCalibration(calibrationJson({ ...skewed, assurance }))).toEqual({ ok: true, value: { ...skewed, assurance } });
  });

  it("is linear between the points of its curve", () => {
    const heights = [0, 0.2, 0.4, 0.7, 1].map((score) => Math.round(onCurve(score, skewed.curve) * 1e9) / 1e9);
    expect(heights).toEqual([0, 0.05, 0.1, 0.5, 0.9]);
  });
});

describe("a calibration file", () => {
  const good = calibrationJson(skewed);
  const cases: readonly (readonly [string, Json, string])[] = [
    ["no object", [], ""],
    ["another version", { ...good, version: 2 }, "/version"],
    ["sets that are no names", { ...good, sets: [1] }, "/sets"],
    ["a scale too few", { ...good, scales: { tools: { temperature: 1, shift: 0 } } }, "/scales/none/temperature"],
    [
      "a temperature of 0",
      { ...good, scales: { ...skewed.scales, tools: { temperature: 0, shift: 0 } } as unknown as Json },
      "/scales/tools/temperature",
    ],
    [
      "a shift that is a text",
      { ...good, scales: { ...skewed.scales, tools: { temperature: 1, shift: "0" } } as unknown as Json },
      "/scales/tools/shift",
    ],
    [
      "a curve that falls",
      {
        ...good,
        curve: [
          [0, 0.5],
          [1, 0.4],
        ],
      },
      "/curve/1",
    ],
    [
      "a curve that turns back",
      {
        ...good,
        curve: [
          [0, 0],
          [0.5, 0.5],
          [0.5, 0.6],
          [1, 1],
        ],
      },
      "/curve/2",
    ],
    [
      "a curve that ends early",
      {
        ...good,
        curve: [
          [0, 0],
          [0.9, 1],
        ],
      },
      "/curve",
    ],
    ["a curve of one point", { ...good, curve: [[0, 0]] }, "/curve"],
    ["a threshold above 1", { ...good, threshold: 1.5 }, "/threshold"],
    ["no probability of none", { ...good, none: null }, "/none"],
    ["a weight below 0", { ...good, others: -1 }, "/others"],
    [
      "more kept than tried",
      { ...good, assurance: { target: 0.05, level: 0.95, tried: 1, kept: 2, wrong: 0, bound: 0.5, isReached: true } },
      "/assurance",
    ],
    [
      "an assurance that says neither",
      { ...good, assurance: { target: 0.05, level: 0.95, tried: 2, kept: 2, wrong: 0, bound: 0.5 } },
      "/assurance/isReached",
    ],
  ];

  it.each(cases)("with %s is refused at its place", (_, value, pointer) => {
    expect(readCalibration(value)).toMatchObject({ ok: false, error: { pointer } });
  });
});
