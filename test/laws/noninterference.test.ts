/**
 * Non-interference on generated plans: what a tool answered shows only where its label is.
 */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diceOf } from "../spec/dice.ts";
import { runBoth } from "./two-worlds.ts";

const seed = Number(process.env.SLUICE_FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
const entropy = fc.noBias(fc.array(fc.nat(0xffff), { minLength: 1500, maxLength: 1500, size: "max" }));
const differed = { arguments: 0, verdicts: 0, deliveries: 0 };

describe("non-interference", () => {
  it(`lets what a tool answered be seen only where its label is (seed ${seed})`, () => {
    fc.assert(
      fc.property(entropy, (numbers) => {
        const broken = runBoth(diceOf(numbers), differed);
        if (broken !== undefined) throw new Error(broken);
      }),
      { seed, numRuns: Number(process.env.SLUICE_FUZZ_RUNS ?? 300), endOnFailure: true },
    );
    if (process.env.SLUICE_FUZZ_STATISTICS !== undefined) console.log(differed);
    expect(differed.arguments).toBeGreaterThan(5);
    expect(differed.verdicts).toBeGreaterThan(5);
    expect(differed.deliveries).toBeGreaterThan(5);
  });
});
