/** Running totals say what a walk through the entries says. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addSince, createLedger, giveBack, type Reserved, reserve } from "../../src/decide/ledger.ts";

const amount = fc.oneof(fc.nat(50), fc.constantFrom(0.1, 0.2, 0.7, 1e15, 2 ** 53, 1e300));
const entry = fc.record({ at: fc.nat(30), amount, run: fc.nat(5) });
const entries = fc.oneof(
  fc.array(entry, { maxLength: 30 }),
  fc.array(entry, { maxLength: 30 }).map((all) => all.toSorted((a, b) => a.at - b.at)),
  fc.array(fc.record({ at: fc.nat(30), amount: fc.nat(50), run: fc.nat(5) })).map((all) => all.toSorted((a, b) => a.at - b.at)),
);

function walked(all: readonly Reserved[], since: number, sum: number): number {
  let total = sum;
  for (const each of all) if (each.at > since) total += each.amount;
  return total;
}

describe("a ledger", () => {
  it("adds up to the last bit what a walk through its entries adds up, whatever was given back", () => {
    const since = fc.oneof(fc.integer({ min: -1, max: 31 }), fc.constant(Number.NEGATIVE_INFINITY));
    const start = fc.constantFrom(0, 7, 0.3);
    fc.assert(
      fc.property(entries, since, start, fc.nat(5), (all, from, sum, run) => {
        const ledger = createLedger();
        for (const each of all) reserve(ledger, each);
        expect(addSince(ledger, from, sum)).toBe(walked(all, from, sum));
        giveBack(ledger, run);
        const left = all.filter((each) => each.run !== run);
        expect(addSince(ledger, from, sum)).toBe(walked(left, from, sum));
      }),
      { numRuns: 500 },
    );
  });
});
