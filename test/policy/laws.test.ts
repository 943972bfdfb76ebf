/**
 * Laws of policies on generated policies, plans and traces: composition is a meet, and a tightened plan allows no more than the plan.
 */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createGuard, type Session } from "../../src/engine.ts";
import { canonicalJson } from "../../src/json/canonical.ts";
import type { Json } from "../../src/json/value.ts";
import type { FrozenPlan } from "../../src/plan/plan.ts";
import { checkPolicy } from "../../src/policy/check.ts";
import { composePolicies } from "../../src/policy/compose.ts";
import type { Policy } from "../../src/policy/policy.ts";
import { parsePolicy } from "../../src/policy/schema.ts";
import { tighten } from "../../src/policy/tighten.ts";
import { type Dice, diceOf } from "../spec/dice.ts";
import { generatePlan, startsAt } from "../spec/generate-plan.ts";
import { generateStep } from "../spec/generate-trace.ts";
import { check, open, settle } from "../spec/interpreter.ts";
import { generatePolicy } from "./generate-policy.ts";

const entropy = (length: number): fc.Arbitrary<number[]> =>
  fc.noBias(fc.array(fc.nat(0xffff), { minLength: length, maxLength: length, size: "max" }));
const text = (policy: Policy): string => canonicalJson(policy as unknown as Json);

describe("composing policies", () => {
  it("does not depend on their order, grouping or number", () => {
    fc.assert(
      fc.property(entropy(300), (numbers) => {
        const dice = diceOf(numbers);
        const [a, b, c] = [generatePolicy(dice), generatePolicy(dice), generatePolicy(dice)] as const;
        const all = text(composePolicies([a, b, c]));
        expect(text(composePolicies([c, a, b]))).toBe(all);
        expect(text(composePolicies([b, c, a]))).toBe(all);
        expect(text(composePolicies([composePolicies([a, b]), c]))).toBe(all);
        expect(text(composePolicies([a, composePolicies([b, c])]))).toBe(all);
        expect(text(composePolicies([a, b, c, a, b]))).toBe(all);
        expect(text(composePolicies([composePolicies([a, b, c])]))).toBe(all);
      }),
      { numRuns: 300 },
    );
  });

  it("gives something that can be read as a policy again", () => {
    fc.assert(
      fc.property(entropy(200), (numbers) => {
        const dice = diceOf(numbers);
        const composed = composePolicies([generatePolicy(dice), generatePolicy(dice)]);
        expect(parsePolicy(composed as unknown as Json)).toMatchObject({ ok: true });
      }),
      { numRuns: 200 },
    );
  });
});

const key = "00112233445566778899aabbccddeeff";

/** Counts of what was compared, so that agreement means something. */
interface Counts {
  allowed: number;
  denied: number;
}

/**
 * Runs a generated trace against the stricter plan, and whatever it allows against the looser one. Which node takes a call that fits
 * several, and which row comes first, may differ where the stricter plan takes less: the node is named, and the trace ends at another row.
 * It ends too where a result is a failure for one of them alone.
 */
function findWider(
  dice: Dice,
  plans: { readonly strict: FrozenPlan; readonly loose: FrozenPlan },
  counts: Counts,
): string | undefined {
  let now = startsAt;
  const { params, agentParams } = sessionOf;
  const openOn = (frozen: FrozenPlan): Session | undefined => {
    const guard = createGuard(frozen, { clock: () => now });
    const session = guard.ok ? guard.value.session({ id: "s-1", key, params, agentParams }) : guard;
    return session.ok ? session.value : undefined;
  };
  const [strict, loose] = [openOn(plans.strict), openOn(plans.loose)];
  if (strict === undefined || loose === undefined) return undefined;
  const spec = open(plans.strict, { params, agentParams, session: "s-1", handleKey: key, at: startsAt });
  for (let i = 0; i < 16; i++) {
    const step = generateStep(dice, spec, now);
    if (step.kind === "settle") {
      const { run, at, ...result } = step.result;
      now = at;
      settle(spec, step.result);
      const [one, other] = [strict.record(run, result), loose.record(run, result)];
      // A result that only the stricter plan finds too large is a failed run there, which may be tried again.
      if (one.ok && other.ok && one.code !== other.code) return undefined;
      continue;
    }
    now = step.call.at;
    check(spec, step.call);
    const { tool, args, node } = step.call;
    const verdict = strict.check({ tool, args, ...(node === undefined ? {} : { node }) });
    if (verdict.decision === "deny") {
      counts.denied++;
      continue;
    }
    counts.allowed++;
    const { sluice_node: _, ...plain } = args as { readonly [name: string]: Json };
    const other = loose.check({ tool, args: plain, node: verdict.node });
    if (other.decision === "deny") return `${other.code} ${canonicalJson({ tool, args, node: verdict.node })}`;
    if (other.row !== verdict.row) return undefined;
    if (canonicalJson(other.args) !== canonicalJson(verdict.args)) return "other arguments";
  }
  return undefined;
}

let sessionOf: { readonly params: { readonly [name: string]: Json }; readonly agentParams: readonly string[] };

/** A raised role that would take an argument out of a constraint's sight, a disputed one, and a declassification against the policy are refused before anything runs. */
function isRefused(frozen: FrozenPlan, policy: Policy, tightened: FrozenPlan): boolean {
  return checkPolicy(frozen, policy, tightened).some(
    ({ code }) => code.startsWith("POLICY_ROLE_") || code === "POLICY_DECLASSIFY",
  );
}

describe("a tightened plan", () => {
  it("allows nothing that the plan denies", () => {
    const counts = { allowed: 0, denied: 0 };
    fc.assert(
      fc.property(entropy(1_800), (numbers) => {
        const dice = diceOf(numbers);
        const policy = composePolicies([generatePolicy(dice)]);
        const { frozen, params, agentParams } = generatePlan(dice, new Set());
        sessionOf = { params, agentParams };
        const tightened = tighten(frozen, policy);
        if (isRefused(frozen, policy, tightened)) return;
        expect(findWider(dice, { strict: tightened, loose: frozen }, counts)).toBe(undefined);
      }),
      { numRuns: Number(process.env.SLUICE_FUZZ_RUNS ?? 300), endOnFailure: true },
    );
    expect(counts.allowed).toBeGreaterThan(100);
    expect(counts.denied).toBeGreaterThan(300);
  });

  it("allows no more under two policies than under one of them", () => {
    const counts = { allowed: 0, denied: 0 };
    fc.assert(
      fc.property(entropy(1_900), (numbers) => {
        const dice = diceOf(numbers);
        const [one, other] = [generatePolicy(dice), generatePolicy(dice)];
        const both = composePolicies([one, other]);
        const { frozen, params, agentParams } = generatePlan(dice, new Set());
        sessionOf = { params, agentParams };
        const [strict, loose] = [tighten(frozen, both), tighten(frozen, composePolicies([one]))];
        if (isRefused(frozen, both, strict)) return;
        expect(findWider(dice, { strict, loose }, counts)).toBe(undefined);
      }),
      { numRuns: Number(process.env.SLUICE_FUZZ_RUNS ?? 300), endOnFailure: true },
    );
    expect(counts.allowed).toBeGreaterThan(60);
  });
});
