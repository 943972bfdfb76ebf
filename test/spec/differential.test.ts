/**
 * The engine and the reference interpreter give the same verdicts, arguments, labels and deliveries on generated plans and traces.
 */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compare, type Statistics } from "./compare.ts";
import { diceOf } from "./dice.ts";

const runsOfTest = Number(process.env["SLUICE_FUZZ_RUNS"] ?? 300);
const entropy = fc.noBias(fc.array(fc.nat(0xffff), { minLength: 1500, maxLength: 1500, size: "max" }));

describe("the engine and the reference interpreter", () => {
  for (const seed of [20_260_101, Number(process.env["SLUICE_FUZZ_SEED"] ?? Math.floor(Math.random() * 2 ** 31))]) {
    it(`agree on every step of generated plans and traces (seed ${seed})`, () => {
      const statistics: Statistics = { counts: new Map() };
      fc.assert(
        fc.property(entropy, (numbers) => {
          const difference = compare(diceOf(numbers), statistics);
          if (difference !== undefined) throw new Error(JSON.stringify(difference, null, 1));
        }),
        { seed, numRuns: runsOfTest, endOnFailure: true },
      );
      if (process.env["SLUICE_FUZZ_STATISTICS"] !== undefined) console.log(Object.fromEntries([...statistics.counts].sort()));
      expect(statistics.counts.get("plans")).toBe(runsOfTest);
    });
  }
});
