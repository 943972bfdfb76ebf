/**
 * Agents that copy, encode and choose by data: what a protected sink receives does not depend on data of the label, over the engine and through
 * the enforcement point. The laws, and what they do not say, are in `test/laws/README.md`.
 */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Counts, play, storyOf, storyText } from "./interference.ts";
import { enforcementAt, engineAt, type Place } from "./sessions.ts";
import type { FrozenPlan } from "../../../src/plan/plan.ts";

const entropy = fc.noBias(fc.array(fc.nat(0xffff), { minLength: 900, maxLength: 900, size: "max" }));
const seed = Number(process.env.SLUICE_FUZZ_SEED ?? 11_201);

/** Plays stories until one breaks a law. */
async function hold(placeOf: (frozen: FrozenPlan) => Place, numRuns: number): Promise<Counts> {
  const counts: Counts = new Map();
  await fc.assert(
    fc.asyncProperty(entropy, async (numbers) => {
      const story = storyOf(numbers);
      if (story === undefined) return;
      const { frozen, protection } = story.setting;
      counts.set(protection, (counts.get(protection) ?? 0) + 1);
      const breach = await play(story, [placeOf(frozen), placeOf(frozen)], counts);
      if (breach !== undefined) throw new Error(`${breach.law}: ${JSON.stringify(breach.detail)}\n${storyText(story)}`);
    }),
    { seed, numRuns, endOnFailure: true },
  );
  if (process.env.SLUICE_FUZZ_STATISTICS !== undefined) console.log(Object.fromEntries([...counts].sort()));
  return counts;
}

describe(`agents that copy, encode and choose by data (seed ${seed})`, () => {
  const given = process.env.SLUICE_FUZZ_RUNS;
  it.each([
    ["the engine", engineAt, 250],
    ["the enforcement point", enforcementAt, 60],
  ] as const)(
    "bring no bit of it to where it must not go, by %s",
    async (_, placeOf, few) => {
      const numRuns = given === undefined ? few : Number(given);
      const counts = await hold(placeOf, numRuns);
      const least = { allowed: 8, denied: 8, "calls of the sink": 0.2, "sights that differ": 0.3, "worlds that differ": 0.2 };
      const rare = Object.entries(least).filter(([name, share]) => (counts.get(name) ?? 0) < share * numRuns);
      // Otherwise the laws would mean little.
      expect(rare).toEqual([]);
    },
    3_600_000,
  );
});
