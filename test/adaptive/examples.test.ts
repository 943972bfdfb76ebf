/**
 * A deterministic part of the adaptive attacker (`bench/adaptive`) over the examples of `plans/`: nothing is allowed that the plan does not promise, and engine and
 * reference interpreter agree throughout.
 */
import { describe, expect, it } from "vitest";
import { playBenign } from "../../bench/adaptive/benign.ts";
import type { Technique } from "../../bench/adaptive/mutant.ts";
import { runPlan } from "../../bench/adaptive/plan-run.ts";
import { races, withoutCompareAndSet } from "../../bench/adaptive/races.ts";
import { isTop, lostTop, presented } from "../../bench/adaptive/receipts.ts";
import { roundTrips, roundTripsOverSessions } from "../../bench/adaptive/resources.ts";
import { readSet } from "../../bench/adaptive/sets.ts";

const { plans } = readSet("plans", { count: 0, seed: 0 });
const benignRuns = plans.filter(({ name }) => name.endsWith("/benign")).map((plan) => [plan.name, plan] as const);
/** Events of a run that are attacked here: the longest has 22. */
const eventsMax = 14;

/** What a run must have tried for its silence to mean something. */
const tried: readonly Technique[] = ["look-alike", "encoded data", "another type", "call repeated", "all at once", "handle"];

describe("the examples", () => {
  it("pass unchanged, and changed are allowed nothing that their plans do not promise (threats 10, 15)", () => {
    const sorts = { denied: 0, harmless: 0, "own choice": 0, "free text": 0, announced: 0, violation: 0 };
    for (const [name, plan] of benignRuns) {
      const run = runPlan({ ...plan, events: plan.events.slice(0, eventsMax) }, { valuesMax: 1, runsMax: 8, seed: 3 });
      if (typeof run === "string") throw new Error(run);
      expect([name, run.denied, run.violations, run.differences]).toEqual([name, [], [], []]);
      for (const technique of tried) expect(run.counts.get(technique)?.tries, `${name}: ${technique}`).toBeGreaterThan(5);
      for (const counts of run.counts.values())
        for (const sort of Object.keys(sorts) as (keyof typeof sorts)[]) sorts[sort] += counts.sorts[sort];
    }
    expect(sorts.denied).toBeGreaterThan(1_500);
    // Not everything is denied: an attacker whose every try fails has not found the door.
    for (const sort of ["harmless", "free text", "announced"] as const) expect(sorts[sort], sort).toBeGreaterThan(5);
  }, 120_000);
});

describe.each(benignRuns)("the run %s", (_, plan) => {
  it("loses no race over one store (threat 8), and would over a store that forgets to compare versions", async () => {
    const benign = playBenign(plan);
    if (typeof benign === "string") throw new Error(benign);
    const raced = await races(benign);
    expect(raced.filter(({ violations, overspent }) => violations.length > 0 || overspent !== undefined)).toEqual([]);
    const lost = await races(benign, { makeStore: withoutCompareAndSet });
    expect(lost.filter(({ violations }) => violations.length > 0).length).toBeGreaterThan(2);
  }, 60_000);

  it("sends nothing on that a stranger wrote into a resource, and sends the user's own note", async () => {
    const benign = playBenign(plan);
    if (typeof benign === "string") throw new Error(benign);
    const trips = [...roundTrips(benign), ...(await roundTripsOverSessions(benign))];
    expect(trips.filter(({ isTainted }) => isTainted)).toHaveLength(24);
    expect(trips.filter(({ isTainted, isSent }) => isTainted === isSent)).toEqual([]);
    const undeclared = roundTrips(benign, { isDeclared: false }).filter(({ isTainted }) => isTainted);
    expect(undeclared.map(({ isSent }) => isSent)).toEqual(undeclared.map(() => true));
  }, 60_000);

  it("admits no receipt but the genuine one, and what comes with another keeps the top (threats 7, 15)", async () => {
    const receipts = await presented(plan.params, 3);
    expect(receipts.length).toBeGreaterThan(40);
    for (const { what, isGenuine, status, label } of receipts)
      expect([what, status === "admitted", isTop(label)]).toEqual([what, isGenuine, !isGenuine]);
    expect(lostTop(plan)).toBeUndefined();
  }, 60_000);
});
