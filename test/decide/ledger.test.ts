/** Running totals say what a walk through the entries says, and spare the walk. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addSince, createLedger, giveBack, type Ledger, type Reserved, reserve } from "../../src/decide/ledger.ts";

const amount = fc.oneof(fc.nat(50), fc.constantFrom(0.1, 0.2, 0.7, 1e15, 2 ** 53 - 3, 2 ** 53, 1e300));
const whole = fc.oneof(fc.nat(50), fc.constantFrom(2 ** 52, 2 ** 53 - 3));
const ofAmount = (one: fc.Arbitrary<number>): fc.Arbitrary<Reserved[]> =>
  fc.array(fc.record({ at: fc.nat(12), amount: one, run: fc.nat(5) }), { maxLength: 12 });
const inOrder = (all: readonly Reserved[]): Reserved[] => all.toSorted((a, b) => a.at - b.at);
const entries = fc.oneof(
  ofAmount(amount),
  ofAmount(whole),
  ofAmount(amount).map(inOrder),
  ofAmount(whole).map(inOrder),
  ofAmount(fc.nat(50)).map(inOrder),
);

function walked(all: readonly Reserved[], since: number, sum: number): number {
  let total = sum;
  for (const each of all) if (each.at > since) total += each.amount;
  return total;
}

function ledgerOf(all: readonly Reserved[]): Ledger {
  const ledger = createLedger();
  for (const each of all) reserve(ledger, each);
  return ledger;
}

/** How many entries are looked at to add up what came after `since`. */
function looksOf(ledger: Ledger, since: number, sum = 0): number {
  let looks = 0;
  const entries = new Proxy(ledger.entries, {
    get(target, name) {
      if (typeof name === "string" && /^\d+$/.test(name)) looks += 1;
      return Reflect.get(target, name);
    },
  });
  addSince({ ...ledger, entries }, since, sum);
  return looks;
}

describe("a ledger", () => {
  it("adds up to the last bit what a walk through its entries adds up, whatever was given back", () => {
    const since = fc.oneof(fc.integer({ min: -1, max: 13 }), fc.constant(Number.NEGATIVE_INFINITY));
    const start = fc.constantFrom(0, 7, 0.3, 2 ** 53 - 1);
    fc.assert(
      fc.property(entries, since, start, fc.nat(5), (all, from, sum, run) => {
        const ledger = ledgerOf(all);
        expect(addSince(ledger, from, sum)).toBe(walked(all, from, sum));
        giveBack(ledger, run);
        const left = all.filter((each) => each.run !== run);
        expect(addSince(ledger, from, sum)).toBe(walked(left, from, sum));
      }),
      { numRuns: 300 },
    );
  });

  const many = (of: (i: number) => number): Reserved[] =>
    Array.from({ length: 1_000 }, (_, i) => ({ at: i >> 1, amount: of(i), run: i }));

  it("looks at few entries for a window over integers, also after something was given back, and for all of them whatever they are", () => {
    const ledger = ledgerOf(many(() => 3));
    expect(looksOf(ledger, 250)).toBeLessThan(20);
    expect(looksOf(ledger, -1, 7)).toBeLessThan(20);
    giveBack(ledger, 4);
    expect(ledger.entries).toHaveLength(999);
    expect(looksOf(ledger, 250)).toBeLessThan(20);
    expect(looksOf(ledgerOf(many(() => 0.1)), -1)).toBeLessThan(20);
  });

  it("looks at those of the window alone where amounts are no integers, and looks again at few where these were given back", () => {
    expect(looksOf(ledgerOf(many(() => 0.1)), 489)).toBeLessThan(40);
    const ledger = ledgerOf(many((i) => (i === 0 ? 0.1 : 3)));
    expect(looksOf(ledger, 250)).toBeGreaterThan(400);
    giveBack(ledger, 0);
    expect(looksOf(ledger, 250)).toBeLessThan(20);
  });

  it("looks at few entries again once what was out of order is given back", () => {
    const ledger = ledgerOf([{ at: 1_000, amount: 3, run: -1 }, ...many(() => 3)]);
    expect(looksOf(ledger, 250)).toBeGreaterThan(900);
    giveBack(ledger, -1);
    expect(looksOf(ledger, 250)).toBeLessThan(20);
  });
});
