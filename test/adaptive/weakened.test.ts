/**
 * The attack sees: of a plan in which every rule stands alone, whatever is taken away lets a changed run through, and the oracle says so by itself.
 */
import { describe, expect, it } from "vitest";
import { runPlan } from "../../bench/adaptive/plan-run.ts";
import { type Noticed, runWeakened } from "../../bench/adaptive/weakened.ts";
import { type RuleKind, ruleKinds } from "../../bench/adaptive/weakenings.ts";
import { readDesk } from "./desk.ts";

/** Weakenings that nothing can show: the budget allows two payments, however many runs there are; and the readers of the note are its audience. */
const covered = ["desk, pay: times", "desk, audience of post/send"];
/** What the oracle leaves to the interpreter: conditions in CEL, and bounds of bytes. */
const unjudged: readonly RuleKind[] = ["require", "limit", "value filled in"];

describe("a plan in which every rule stands alone", () => {
  it("is not broken as it is", () => {
    const run = runPlan(readDesk(), { valuesMax: 1, runsMax: 10, seed: 5 });
    if (typeof run === "string") throw new Error(run);
    expect([run.denied, run.violations, run.differences]).toEqual([[], [], []]);
  }, 120_000);

  it("is broken without any one of them, and the oracle says so", () => {
    const into = new Map<RuleKind, Noticed>();
    runWeakened(readDesk(), { valuesMax: 6, runsMax: 10, seed: 1 }, into);
    expect([...into.keys()].sort()).toEqual([...ruleKinds].sort());
    expect([...into.values()].flatMap(({ unseen }) => unseen).sort()).toEqual([...covered].sort());
    for (const [kind, { through, judged }] of into) {
      expect(through, kind).toBeGreaterThan(0);
      if (!unjudged.includes(kind)) expect(judged, kind).toBe(through);
    }
  }, 120_000);
});
