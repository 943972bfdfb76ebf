/**
 * Holds a plan to a policy: the plan as it is enforced under it, or every finding that refuses it.
 * Pure. Whatever a policy cannot be satisfied by is refused; the policy that was frozen with a plan always counts.
 */
import type { Json } from "../json/value.ts";
import type { Catalogue } from "../catalogue/catalogue.ts";
import { endorsedBitsMax } from "../limits.ts";
import { checkPolicy } from "../policy/check.ts";
import { composePolicies } from "../policy/compose.ts";
import type { Policy } from "../policy/policy.ts";
import { parsePolicy } from "../policy/schema.ts";
import { tighten } from "../policy/tighten.ts";
import { err, ok, type Result } from "../result.ts";
import type { Finding } from "./finding.ts";
import { catalogueOf } from "./freeze-resolve.ts";
import { frozenFindings, lintPlan, subjectOf, type WorstCaseFlow, worstCaseFlows } from "./lint.ts";
import type { FrozenPlan, Plan } from "./plan.ts";

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
  const both = bothOf(frozen, policy);
  if (!both.ok) return both;
  if (both.value === undefined) return ok(frozen);
  const { tightened, findings } = underPolicy(frozen, both.value);
  const errors = findings.filter(({ severity }) => severity === "error");
  return errors.length > 0 ? err(errors) : ok(tightened);
}

/**
 * The same frozen plan with a further policy beside the one that it was frozen with: whoever enforces it enforces both. Its digest stays,
 * so that it is no file any more that could be thawed. Errors: as `holdTo`.
 */
export function withPolicy(frozen: FrozenPlan, policy: Policy | undefined): Result<FrozenPlan, readonly Finding[]> {
  if (policy === undefined) return ok(frozen);
  const held = holdTo(frozen, policy);
  if (!held.ok) return held;
  const both = bothOf(frozen, policy);
  return both.ok ? ok({ ...frozen, ...(both.value && { policy: both.value }) }) : both;
}

/** The frozen policy and the given one as one; nothing, if there is neither. */
function bothOf(frozen: FrozenPlan, policy: Policy | undefined): Result<Policy | undefined, readonly Finding[]> {
  const policies: Policy[] = [];
  // A frozen plan need not come from a file that was thawed, nor the other from one that was read.
  for (const value of [frozen.policy, policy]) {
    if (value === undefined) continue;
    const parsed = parsePolicy(value as unknown as Json);
    if (!parsed.ok) return parsed;
    policies.push(parsed.value);
  }
  const [first, ...others] = policies;
  return ok(first === undefined ? undefined : composePolicies([first, ...others]));
}

/** Everything there is to say about a plan and about a policy on it, as `lintPlan` and `worstCaseFlows` say it without one. */
export function lintUnderPolicy(
  plan: Plan,
  catalogue: Catalogue | undefined,
  policy: Policy,
): { readonly findings: readonly Finding[]; readonly flows: readonly WorstCaseFlow[] } {
  const composed = composePolicies([policy]);
  const labels = composed.labels ?? {};
  const own = lintPlan(plan, catalogue, { labels });
  // The tightened plan of a plan that cannot be frozen says nothing more.
  if (own.some(({ severity }) => severity === "error")) return { findings: own, flows: worstCaseFlows(plan, catalogue) };
  const { tightened, findings } = underPolicy(subjectOf(plan, catalogue, { labels }).frozen, composed);
  const { unknown: _, ...declared } = tightened.plan.labels ?? {};
  const flows = new Map((tightened.plan.flows ?? []).map((flow) => [flow.id, flow]));
  const shown: Plan = { ...plan, labels: declared, flows: [...flows.values()] };
  return {
    findings: [...findings, ...own].sort((a, b) => weight[a.severity] - weight[b.severity]),
    flows: worstCaseFlows(shown, catalogueOf(tightened)),
  };
}

const weight: { readonly [S in Finding["severity"]]: number } = { error: 0, warning: 1, info: 2 };
