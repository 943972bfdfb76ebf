/**
 * Lints a policy by itself: the mistakes that made the policies of others let everything through (src/README.md, "Policies").
 * Pure. Judges no plan; what it calls an error is never what anybody means.
 */
import type { Catalogue } from "../catalogue/catalogue.ts";
import type { Finding } from "../plan/finding.ts";
import { emptyLists, loosening, unsatisfiableApproval, vacuousRules } from "./lint/emptiness.ts";
import { policyFinding, type PolicyRule } from "./lint/finding.ts";
import { notGlobs, wideGlobs } from "./lint/globs.ts";
import { againstCatalogue } from "./lint/tools.ts";
import { invertedFlows, selfDeclaredTrust, shadowedRules } from "./lint/trust.ts";
import type { Policy } from "./policy.ts";

const rules: readonly PolicyRule[] = [
  duplicates,
  emptyLists,
  vacuousRules,
  loosening,
  unsatisfiableApproval,
  sharedKeys,
  notGlobs,
  wideGlobs,
  invertedFlows,
  selfDeclaredTrust,
  shadowedRules,
];

/**
 * Everything there is to say about a policy as it is written, worst first. With a catalogue also what its globs, arguments and roles
 * come to there. The policy must have been read by `parsePolicy`.
 */
export function lintPolicy(policy: Policy, catalogue?: Catalogue): readonly Finding[] {
  const findings = rules.flatMap((rule) => rule(policy));
  const all = catalogue === undefined ? findings : [...findings, ...againstCatalogue(policy, catalogue)];
  return [...all].sort((a, b) => weight[a.severity] - weight[b.severity]);
}

const weight: { readonly [S in Finding["severity"]]: number } = { error: 0, warning: 1, info: 2 };

/** `POLICY_DUPLICATE`: two rules of one id, so that nobody knows which one a denial means. */
function duplicates(policy: Policy): readonly Finding[] {
  return (["flows", "sanitizers", "forbid", "constraints"] as const).flatMap((kind) => {
    const seen = new Set<string>();
    return (policy[kind] ?? []).flatMap(({ id }, at): readonly Finding[] => {
      const isKnown = seen.has(id);
      seen.add(id);
      const message = `another rule of \`${kind}\` is called \`${id}\` already`;
      return isKnown ? [policyFinding("error", "POLICY_DUPLICATE", { path: [kind, at, "id"], message })] : [];
    });
  });
}

/** `POLICY_APPROVER_KEY`: two names with one key would be one person who counts twice. */
function sharedKeys({ approvers }: Policy): readonly Finding[] {
  const holders = new Map<string, string>();
  return Object.entries(approvers ?? {}).flatMap(([person, approver]): readonly Finding[] => {
    if (!("key" in approver)) return [];
    const other = holders.get(approver.key.x);
    holders.set(approver.key.x, person);
    const message = `\`${other}\` has the same key: two names would be one person`;
    return other === undefined
      ? []
      : [policyFinding("error", "POLICY_APPROVER_KEY", { path: ["approvers", person, "key"], message })];
  });
}
