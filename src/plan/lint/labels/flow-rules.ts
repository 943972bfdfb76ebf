/**
 * Rules about flow rules and downgrades that do not do what they say: they deny nothing, the wrong thing, or are lifted in the same plan.
 * Pure. Judges what is written; what flows is for the analysis.
 */
import { roleOf } from "../../../catalogue/roles.ts";
import type { Finding } from "../../finding.ts";
import type { FlowRule } from "../../plan.ts";
import { optionsOf, rulesOf } from "../../walk.ts";
import { bitsOf } from "../bits.ts";
import { ownLabels } from "../../built-in-labels.ts";
import { findingAt, isUntrusted, type LintRule, type LintSubject } from "../subject.ts";
import { matchesArgument, matchesTool, worstCaseOf } from "../flows/worst-case.ts";

/** `LINT_FLOW_NO_LABEL`: a flow rule over labels that nothing in the plan carries. */
export const carriedLabels: LintRule = (subject) => {
  const carried = new Set(["unknown", "untrusted", "user_input", ...subject.toolNodes.flatMap(ownLabels)]);
  return (subject.plan.flows ?? []).flatMap((rule, i): readonly Finding[] => {
    if (rule.deny.some((label) => carried.has(label))) return [];
    const there = [...carried].filter((label) => subject.labels.has(label) && label !== "unknown" && label !== "user_input");
    const hint =
      there.length === 0
        ? ""
        : `; there is ${there
            .slice(0, 6)
            .map((label) => `\`${label}\``)
            .join(", ")}`;
    const message = `no tool of the plan carries a label that the flow rule \`${rule.id}\` denies${hint}`;
    return [findingAt(["flows", i, "deny"], { code: "LINT_FLOW_NO_LABEL", severity: "warning", message })];
  });
};

/**
 * `LINT_FLOW_INVERTED`: a flow rule that denies only what is trusted, where untrusted data reaches the same argument and nobody outside reads
 * what is sent, so that it can hardly be about secrecy.
 */
export const invertedRules: LintRule = (subject) => {
  const rules = subject.plan.flows ?? [];
  const suspects = rules
    .map((rule, i) => ({ rule, i }))
    .filter(({ rule }) => rule.deny.every((label) => isPlainTrusted(subject, label)));
  if (suspects.length === 0) return [];
  const { flows } = worstCaseOf(subject);
  return suspects.flatMap(({ rule, i }): readonly Finding[] => {
    const flow = flows.find(({ concern, to, argument, role }) => {
      const tool = subject.frozen.tools[to];
      if (concern !== "untrusted" || tool === undefined || !matchesTool(rule, tool) || !matchesArgument(rule, argument, role))
        return false;
      const { audience, effects } = tool.facts;
      return audience === undefined && !effects.includes("network") && !effects.includes("message");
    });
    if (flow === undefined) return [];
    const message = `the flow rule \`${rule.id}\` denies trusted data, and untrusted data may come to \`${flow.argument}\` of \`${flow.to}\`: is the test the wrong way round?`;
    return [findingAt(["flows", i, "deny"], { code: "LINT_FLOW_INVERTED", severity: "warning", message })];
  });
};

function isPlainTrusted(subject: LintSubject, label: string): boolean {
  return label !== "untrusted" && !isUntrusted(subject, label) && subject.labels.get(label)?.readers === undefined;
}

/** `LINT_FLOW_ENDORSED`: an argument whose own endorsement lifts a flow rule of the same plan. */
export const liftedRules: LintRule = (subject) => {
  const rules = subject.plan.flows ?? [];
  if (rules.length === 0) return [];
  return subject.toolNodes.flatMap(({ name, node, tool }) =>
    rulesOf(name, node).flatMap(({ arg, path, place, rule }): readonly Finding[] => {
      const { endorse } = optionsOf(rule);
      if (endorse === undefined) return [];
      const from = typeof endorse.from === "string" ? [endorse.from] : endorse.from;
      const lifted = rules.find(
        (flow) => matchesTool(flow, tool) && matchesArgument(flow, arg, roleOf(tool, place)) && isAbout(subject, flow, from),
      );
      if (lifted === undefined) return [];
      const message = `the endorsement lifts the plan's own flow rule \`${lifted.id}\` for this argument`;
      return [findingAt([...path, "endorse"], { code: "LINT_FLOW_ENDORSED", severity: "warning", message })];
    }),
  );
};

function isAbout(subject: LintSubject, flow: FlowRule, labels: readonly string[]): boolean {
  return labels.some((label) => flow.deny.includes(label) || (flow.deny.includes("untrusted") && isUntrusted(subject, label)));
}

/** `LINT_DECLASSIFY_UNBOUNDED`: a value that cannot be counted is opened to everyone. */
export const boundedDeclassifications: LintRule = (subject) =>
  subject.toolNodes.flatMap(({ name, node }) =>
    rulesOf(name, node).flatMap(({ path, rule }): readonly Finding[] => {
      const { declassify } = optionsOf(rule);
      const isPublic = declassify?.to === "public" || (Array.isArray(declassify?.to) && declassify.to.includes("public"));
      if (declassify === undefined || !isPublic || bitsOf(rule) !== undefined) return [];
      const message =
        "any text that stands there is opened to everyone; `match` (`enum`, a finite `pattern`, a range of integers) would bound it";
      return [findingAt([...path, "declassify"], { code: "LINT_DECLASSIFY_UNBOUNDED", severity: "warning", message })];
    }),
  );
