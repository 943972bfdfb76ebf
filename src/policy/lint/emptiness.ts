/**
 * Rules of a policy that say nothing, or allow nothing: an empty list is never everything, and seldom what was meant.
 * Pure. Looks at one policy alone.
 */
import { isArray, isObject, type Json } from "../../json/value.ts";
import type { Finding } from "../../plan/finding.ts";
import { policyFinding, type PolicyRule } from "./finding.ts";

type Steps = readonly (string | number)[];

/** `POLICY_EMPTY_LIST`: an allow-list without an entry allows nothing at all. */
export const emptyLists: PolicyRule = (policy) => {
  const findings: Finding[] = [];
  const look = (value: Json | undefined, path: Steps, what: string): void => {
    if (isArray(value) && value.length === 0) {
      const message = `an empty list is nothing and not everything: ${what}`;
      findings.push(policyFinding("warning", "POLICY_EMPTY_LIST", { path, message }));
    } else if (isObject(value)) for (const key of Object.keys(value)) look(value[key], [...path, key], what);
  };
  for (const [at, { hold }] of (policy.constraints ?? []).entries())
    look(hold as unknown as Json, ["constraints", at, "hold"], "no value satisfies it, so that every call is denied");
  for (const [name, { readers }] of Object.entries(policy.labels ?? {}))
    look(readers as Json | undefined, ["labels", name, "readers"], "nobody may read such data");
  for (const kind of ["plans", "calls"] as const)
    look(policy.approval?.[kind]?.by as Json | undefined, ["approval", kind, "by"], "nobody can approve");
  for (const [at, { accepts }] of (policy.flows ?? []).entries())
    look(accepts as Json | undefined, ["flows", at, "accepts"], "no endorsement is accepted, as without the list");
  return findings;
};

/** `POLICY_VACUOUS`: a rule that holds nothing, and `POLICY_FORBIDS_ALL`: one that nothing can satisfy. */
export const vacuousRules: PolicyRule = (policy) => {
  const findings: Finding[] = [];
  const vacuous = (path: Steps, message: string): void => {
    findings.push(policyFinding("error", "POLICY_VACUOUS", { path, message }));
  };
  for (const [at, { hold }] of (policy.constraints ?? []).entries()) {
    const path = ["constraints", at, "hold"];
    if (Object.keys(hold).length === 0) vacuous(path, "the rule holds no constraint");
    for (const name of ["readOnly", "noExternalNetwork"] as const)
      if (hold[name] === false)
        vacuous([...path, name], `\`${name}: false\` takes nothing back that a plan promises: leave it out`);
  }
  for (const [at, { tools, effects, classes, roles }] of (policy.forbid ?? []).entries()) {
    if (classes !== undefined || roles !== undefined || effects !== undefined) continue;
    const globs = typeof tools === "string" ? [tools] : tools;
    if (globs !== undefined && !globs.some((glob) => /^\*+$/.test(glob))) continue;
    const message = "the rule forbids every tool, so that no plan can be frozen: name `tools`, `effects`, `classes` or `roles`";
    findings.push(policyFinding("error", "POLICY_FORBIDS_ALL", { path: ["forbid", at], message }));
  }
  for (const [glob, args] of Object.entries(policy.roles ?? {}))
    for (const [arg, role] of Object.entries(args))
      if (role === "content") vacuous(["roles", glob, arg], "`content` steers nothing: a policy only makes arguments steer");
  return findings;
};

/** `POLICY_LOOSENS`: what would allow more than the plan does is never taken over. */
export const loosening: PolicyRule = (policy) =>
  (policy.constraints ?? []).flatMap(({ hold }, at) =>
    hold.idempotent === undefined
      ? []
      : [
          policyFinding("error", "POLICY_LOOSENS", {
            path: ["constraints", at, "hold", "idempotent"],
            message: "`idempotent` lets failed runs be tried again: a policy cannot give that",
          }),
        ],
  );

/** `POLICY_APPROVAL_UNSATISFIABLE`: fewer people may approve than must. */
export const unsatisfiableApproval: PolicyRule = ({ approval, approvers }) =>
  (["plans", "calls"] as const).flatMap((kind) => {
    const quorum = approval?.[kind];
    if (quorum === undefined) return [];
    const keys = quorum.by.flatMap((person) => {
      const approver = Object.hasOwn(approvers ?? {}, person) ? approvers?.[person] : undefined;
      return approver !== undefined && "key" in approver ? [approver.key.x] : [];
    });
    const [able, needed] = [new Set(keys).size, quorum.people ?? 1];
    if (able >= needed) return [];
    const message = `${needed} must approve and ${able} can: nothing can be approved`;
    return [policyFinding("error", "POLICY_APPROVAL_UNSATISFIABLE", { path: ["approval", kind], message })];
  });
