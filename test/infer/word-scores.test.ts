/**
 * Words in common: what counts as the same word, and that rare words count more.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createWordScores, stemsOf } from "../../src/infer/word-scores.ts";

describe("stems", () => {
  it.each([
    ["flights", "flight"],
    ["booking", "booked"],
    ["ListFiles", "list file"],
    ["cancelled", "cancelling"],
    ["companies", "company"],
    ["schedule", "scheduling"],
  ])("of %j and %j are the same", (one, other) => expect(stemsOf(one)).toEqual(stemsOf(other)));

  it.each([
    ["bus", "bu"],
    ["ring", "r"],
    ["price", "pricey"],
  ])("of %j and %j are not", (one, other) => expect(stemsOf(one)).not.toEqual(stemsOf(other)));
});

describe("scores of words", () => {
  const scores = createWordScores(["pay a bill", "send a bill", "send a letter", "send a parcel"].map(stemsOf));

  it("are higher for a rare word than for a common one, and 0 for none", () => {
    const [pay = 0, send = 0] = scores.scores("please pay or send");
    expect(pay).toBeGreaterThan(send);
    expect(scores.scores("nothing of it")).toEqual([0, 0, 0, 0]);
    expect(scores.rarity("pay")).toBeGreaterThan(scores.rarity("send"));
  });

  it("never fall where the task has more words", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("pay", "send", "bill", "letter", "x")), fc.string(), (words, more) => {
        const before = scores.scores(words.join(" "));
        for (const [at, score] of scores.scores(`${words.join(" ")} ${more}`).entries())
          expect(score).toBeGreaterThanOrEqual(before[at] ?? 0);
      }),
      { numRuns: 200 },
    );
  });
});
