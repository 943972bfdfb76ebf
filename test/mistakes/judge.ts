/**
 * What lint, policy lint and freezing say of a plan and a policy of the corpus, in one list.
 * Never leaves out an error; what only informs is left out.
 */
import { lintPolicy } from "../../src/policy/lint.ts";
import { parsePolicy } from "../../src/policy/schema.ts";
import { composePolicies } from "../../src/policy/compose.ts";
import type { Finding } from "../../src/plan/finding.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import { lintPlan } from "../../src/plan/lint.ts";
import type { Work } from "./corpus.ts";

/** Warnings and errors as `CODE pointer`, sorted, each once; a pointer into the policy comes after `policy:`. */
export function judge({ plan, catalogue, policy }: Work): readonly string[] {
  const found = new Set(namesOf(lintPlan(plan, catalogue), ""));
  const read = policy === undefined ? undefined : parsePolicy(policy);
  if (read?.ok === false) for (const name of namesOf(read.error, "policy:")) found.add(name);
  if (read?.ok === true) for (const name of namesOf(lintPolicy(read.value, catalogue), "policy:")) found.add(name);
  const frozen = freezePlan(plan, catalogue, read?.ok === true ? { policy: composePolicies([read.value]) } : {});
  if (!frozen.ok) for (const name of namesOf(frozen.error, "")) found.add(name);
  return [...found].sort();
}

function namesOf(findings: readonly Finding[], document: string): readonly string[] {
  return findings.filter(({ severity }) => severity !== "info").map(({ code, pointer }) => `${code} ${document}${pointer}`);
}
