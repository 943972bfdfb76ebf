/**
 * Holds a plan to a policy: the plan as it is enforced under it, or every finding that refuses it.
 * Pure. Whatever a policy cannot be satisfied by is refused; the policy that was frozen with a plan always counts.
 */
import type { Json } from "../json/value.ts";
import { endorsedBitsMax } from "../limits.ts";
import { checkPolicy } from "../policy/check.ts";
import { composePolicies } from "../policy/compose.ts";
import type { Policy } from "../policy/policy.ts";
import { parsePolicy } from "../policy/schema.ts";
import { tighten } from "../policy/tighten.ts";
import { err, ok, type Result } from "../result.ts";
import type { Finding } from "./finding.ts";
import { catalogueOf } from "./freeze-resolve.ts";
import { frozenFindings, subjectOf } from "./lint.ts";
import type { FrozenPlan } from "./plan.ts";

/** A plan under a policy. */
export interface Held {
  /** What the engine runs: under the digest of the plan that was frozen. */
  readonly tightened: FrozenPlan;
  /** What the plan violates (errors), and what the policy does to it. */
  readonly findings: readonly Finding[];
}

/** Tightens a plan by a composed policy and checks it: against the policy, and by the rules that forbid freezing, as it is then. */
export function underPolicy(frozen: FrozenPlan, policy: Policy): Held {
  const tightened = tighten(frozen, policy);
  const findings = checkPolicy(frozen, policy, tightened);
  const options = { endorsedBitsMax: Math.min(policy.limits?.endorsedBits ?? endorsedBitsMax, endorsedBitsMax) };
  const subject = subjectOf(tightened.plan, catalogueOf(tightened), options);
  const known = new Set(findings.map(({ code, pointer }) => `${code} ${pointer}`));
  const errors = frozenFindings(subject).filter(
    ({ code, pointer, severity }) => severity === "error" && code !== "PLAN_LABEL_RESERVED" && !known.has(`${code} ${pointer}`),
  );
  return {
    tightened,
    findings: [...findings, ...errors.map((finding) => ({ ...finding, message: `under the policy: ${finding.message}` }))],
  };
}

/**
 * The plan that is enforced: as it is without a policy, else tightened by the frozen policy and the given one. Errors: every finding of
 * severity `error` (`POLICY_…`, and what forbids freezing the tightened plan).
 */
export function holdTo(frozen: FrozenPlan, policy: Policy | undefined): Result<FrozenPlan, readonly Finding[]> {
  const policies: Policy[] = [];
  // A frozen plan need not come from a file that was thawed, nor the other from one that was read.
  for (const value of [frozen.policy, policy]) {
    if (value === undefined) continue;
    const parsed = parsePolicy(value as unknown as Json);
    if (!parsed.ok) return parsed;
    policies.push(parsed.value);
  }
  const [first, ...others] = policies;
  if (first === undefined) return ok(frozen);
  const { tightened, findings } = underPolicy(frozen, composePolicies([first, ...others]));
  const errors = findings.filter(({ severity }) => severity === "error");
  return errors.length > 0 ? err(errors) : ok(tightened);
}
