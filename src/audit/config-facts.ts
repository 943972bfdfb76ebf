/**
 * What a record of kind `config` says of what is in force: plans and policy by their digests.
 * Pure. Never has their text: plans are kept by the log, and a policy is given to who verifies.
 */
import { canonicalJson } from "../json/canonical.ts";
import type { Json, JsonObject } from "../json/value.ts";
import { domainDigest } from "../plan/digest.ts";
import type { FrozenPlan } from "../plan/plan.ts";
import type { Policy } from "../policy/policy.ts";

/** Plans and policy that were put in force. */
export function loadedFacts(plans: readonly FrozenPlan[], policy: Policy | undefined): JsonObject {
  return { plans: plans.map(({ digest }) => digest), policy: policyDigest(policy) };
}

/** Digest of a policy; `null`: there is none besides those of the plans. */
export function policyDigest(policy: Policy | undefined): string | null {
  return policy === undefined ? null : domainDigest("policy", canonicalJson(policy as unknown as Json));
}
