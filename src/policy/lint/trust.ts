/**
 * Rules that trust the wrong side, and rules that another one makes needless.
 * Pure. Looks at one policy alone.
 */
import { builtInLabels } from "../../plan/built-in-labels.ts";
import { globMatches } from "../../plan/compile.ts";
import type { Finding } from "../../plan/finding.ts";
import type { Policy, PolicyFlow } from "../policy.ts";
import { policyFinding, type PolicyRule } from "./finding.ts";

function isTrusted(policy: Policy, name: string): boolean {
  const own = Object.hasOwn(policy.labels ?? {}, name) ? policy.labels?.[name]?.integrity : undefined;
  const builtIn = Object.hasOwn(builtInLabels, name) ? builtInLabels[name]?.integrity : undefined;
  return (own ?? builtIn) === "trusted" && builtIn !== "untrusted";
}

function isConfidential(policy: Policy, name: string): boolean {
  const readers = Object.hasOwn(policy.labels ?? {}, name) ? policy.labels?.[name]?.readers : undefined;
  return readers !== undefined && readers !== "public";
}

/**
 * `POLICY_INVERTED`: a rule that denies what is trusted, and lets the untrusted pass: the test stands the wrong way round. Data whose
 * readers are restricted is denied for another reason.
 */
export const invertedFlows: PolicyRule = (policy) => [
  ...(policy.flows ?? []).flatMap(({ deny }, at): readonly Finding[] => {
    if (!deny.every((name) => name !== "untrusted" && isTrusted(policy, name) && !isConfidential(policy, name))) return [];
    const message = "the rule denies trusted data only, and lets untrusted data through: the other way round?";
    return [policyFinding("warning", "POLICY_INVERTED", { path: ["flows", at, "deny"], message })];
  }),
  ...(policy.sanitizers ?? []).flatMap(({ labels }, at): readonly Finding[] => {
    if (!labels.every((name) => name !== "untrusted" && isTrusted(policy, name))) return [];
    const message = "what is trusted needs no sanitizer: the labels that are to be removed are the untrusted ones";
    return [policyFinding("warning", "POLICY_INVERTED", { path: ["sanitizers", at, "labels"], message })];
  }),
];

/**
 * `POLICY_SELF_TRUST`: trust that rests on nobody's word but that of what is to be trusted: a built-in untrusted label declared trusted
 * (the stricter wins, so it changes nothing), an endorsement accepted to an untrusted label, a sink that is its own sanitizer.
 */
export const selfDeclaredTrust: PolicyRule = (policy) => {
  const labels = Object.entries(policy.labels ?? {}).flatMap(([name, { integrity }]): readonly Finding[] => {
    const builtIn = Object.hasOwn(builtInLabels, name) ? builtInLabels[name]?.integrity : undefined;
    if (integrity !== "trusted" || builtIn !== "untrusted") return [];
    const message = `\`${name}\` is untrusted, and a policy cannot trust it: give what deserves trust a label of its own`;
    return [policyFinding("error", "POLICY_SELF_TRUST", { path: ["labels", name, "integrity"], message })];
  });
  const accepted = (policy.flows ?? []).flatMap(({ accepts, deny }, at) =>
    (accepts ?? []).flatMap((name, i): readonly Finding[] => {
      if (isTrusted(policy, name) && !deny.includes(name)) return [];
      const message = `\`${name}\` is ${deny.includes(name) ? "denied by the same rule" : "untrusted"}: an endorsement to it endorses nothing`;
      return [policyFinding("error", "POLICY_SELF_TRUST", { path: ["flows", at, "accepts", i], message })];
    }),
  );
  const sanitizers = (policy.sanitizers ?? []).flatMap(({ to, through }, at): readonly Finding[] => {
    const [sinks, tools] = [listOf(to), listOf(through)];
    const own = tools.find((tool) => sinks.some((sink) => globMatches(sink, tool)));
    if (own === undefined || /^\*+(?:\/\*+)?$/.test(own)) return [];
    const message = `\`${own}\` is what the data must not reach unsanitized, and its own sanitizer`;
    return [policyFinding("warning", "POLICY_SELF_TRUST", { path: ["sanitizers", at, "through"], message })];
  });
  return [...labels, ...accepted, ...sanitizers];
};

/** `POLICY_SHADOWED`: a flow rule that another one contains: removing it would change nothing. */
export const shadowedRules: PolicyRule = (policy) => {
  const flows = policy.flows ?? [];
  return flows.flatMap((flow, at): readonly Finding[] => {
    const other = flows.findIndex((wider, i) => i !== at && contains(wider, flow) && (i < at || !contains(flow, wider)));
    if (other === -1) return [];
    const message = `the rule \`${flows[other]?.id}\` denies all that this one denies`;
    return [policyFinding("warning", "POLICY_SHADOWED", { path: ["flows", at], message })];
  });
};

function contains(wider: PolicyFlow, flow: PolicyFlow): boolean {
  const covers = (all: readonly string[] | undefined, some: readonly string[] | undefined): boolean =>
    all === undefined || (some?.every((each) => all.includes(each)) ?? false);
  // Without `roles` a rule covers every argument, and not the call itself.
  const coversRoles = wider.roles === undefined ? flow.roles?.includes("control") !== true : covers(wider.roles, flow.roles);
  return (
    flow.deny.every((name) => wider.deny.includes(name)) &&
    listOf(flow.to).every((glob) => listOf(wider.to).some((other) => globMatches(other, glob))) &&
    covers(wider.args, flow.args) &&
    coversRoles &&
    (wider.accepts ?? []).every((name) => flow.accepts?.includes(name) ?? false) &&
    (wider.approve === undefined || flow.approve !== undefined)
  );
}

function listOf(value: string | readonly string[]): readonly string[] {
  return typeof value === "string" ? [value] : value;
}
