/**
 * The policy that was frozen with a plan.
 * Pure. Type only: `freezePlan` and `thawPlan` have read it, so that it has the form of a policy.
 */
import type { FrozenPlan } from "../plan/plan.ts";
import type { Policy } from "./policy.ts";

/** The composed policy of a plan that `freezePlan` or `thawPlan` returned; nothing, if it was frozen without one. */
export function policyOf(frozen: Pick<FrozenPlan, "policy">): Policy | undefined {
  return frozen.policy as Policy | undefined;
}
