/**
 * The engine and the reference interpreter agree on sessions that are amended while they run.
 */
import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { FrozenPlan, LabelSpec } from "../../src/plan/plan.ts";
import { openPair } from "../spec/compare.ts";
import { diceOf, type Dice } from "../spec/dice.ts";
import { generatePlan, startsAt } from "../spec/generate-plan.ts";
import { generateStep } from "../spec/generate-trace.ts";
import { mutatePlan } from "./mutate.ts";

const entropy = fc.noBias(fc.array(fc.nat(0xffff), { minLength: 1500, maxLength: 1500, size: "max" }));
const runs = Number(process.env.SLUICE_FUZZ_RUNS ?? 200);
const given = process.env.SLUICE_FUZZ_SEED;
const seed = given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given);

/** Whether the child means something else by a label: what was read before then keeps the stricter of both, which has tests of its own. */
function isRelabelling(before: FrozenPlan, after: FrozenPlan): boolean {
  const labelsOf = ({ labels, plan }: FrozenPlan): { readonly [name: string]: LabelSpec } => ({ ...labels, ...plan.labels });
  const [old, next] = [labelsOf(before), labelsOf(after)];
  const names = new Set([...Object.keys(old), ...Object.keys(next)]);
  return [...names].some((name) => JSON.stringify(old[name]) !== JSON.stringify(next[name]));
}

/** Whether a failed run counted otherwise under the old plan: sums that were given back are not counted again. */
function isRetryingOtherwise(before: FrozenPlan, after: FrozenPlan): boolean {
  return Object.entries(after.plan.nodes).some(
    ([name, node]) => node.constraints?.idempotent !== before.plan.nodes[name]?.constraints?.idempotent,
  );
}

function tryOne(dice: Dice, tally: { amended: number; allowed: number }): void {
  const generated = generatePlan(dice, new Set());
  const plan = { ...generated.frozen.plan, envelope: [] };
  const frozen = dice.chance(80) ? { ...generated.frozen, plan } : generated.frozen;
  const pair = openPair({ ...generated, frozen });
  if (!("step" in pair)) return;
  const amendAt = 2 + dice.below(8);
  let now = startsAt;
  let isAmended = false;
  for (let i = 0; i < 24; i++) {
    if (i === amendAt) {
      const child = mutatePlan(dice, frozen);
      if (!isRelabelling(frozen, child) && !isRetryingOtherwise(frozen, child)) isAmended = pair.amend(child);
      if (isAmended) tally.amended += 1;
    }
    const step = generateStep(dice, pair.spec, now);
    now = step.kind === "call" ? step.call.at : step.kind === "settle" ? step.result.at : now;
    const said = pair.step(step);
    if (isAmended && said.outcome === "allow") tally.allowed += 1;
    if (said.spec !== said.engine)
      throw new Error(JSON.stringify({ isAmended, i, step, said, before: frozen.plan, after: pair.spec.frozen.plan }, null, 1));
  }
}

it("gives the same verdicts, arguments, labels and deliveries before and after an amendment", () => {
  const tally = { amended: 0, allowed: 0 };
  fc.assert(
    fc.property(entropy, (numbers) => tryOne(diceOf(numbers), tally)),
    { seed, numRuns: runs, endOnFailure: true },
  );
  if (process.env.SLUICE_FUZZ_STATISTICS !== undefined) console.log(tally);
  expect(tally.amended).toBeGreaterThan(runs / 8);
  expect(tally.allowed).toBeGreaterThan(runs / 8);
}, 240_000);
