/**
 * Rules about where data comes from and where it ends: unlabelled tools, inferred facts, flow rules, untrusted targets.
 * Pure. Says what an approver has to know; forbids nothing.
 */
import { roleOf } from "../../../catalogue/roles.ts";
import type { Finding } from "../../finding.ts";
import { classify, rulesOf } from "../../walk.ts";
import { ownLabels } from "../../built-in-labels.ts";
import { findingAt, type LintRule, type LintSubject, type ToolNode } from "../subject.ts";
import { flowSentence } from "../approver/sentence.ts";
import { matchesArgument, matchesTool, worstCaseOf } from "./worst-case.ts";

/** The first node of each tool, in order of the nodes' names. */
function firstNodes(subject: LintSubject): readonly ToolNode[] {
  const first = new Map<string, ToolNode>();
  for (const toolNode of subject.toolNodes) if (!first.has(toolNode.tool.name)) first.set(toolNode.tool.name, toolNode);
  return [...first.values()];
}

/** `LINT_UNLABELLED`: a result without a label is `unknown`, which is untrusted and can never be endorsed. A warning if a node reads it. */
export const labelledSources: LintRule = (subject) => {
  const read = new Set<string>();
  for (const reads of subject.reads.values()) for (const { node, by } of reads) if (by !== "after") read.add(node);
  return subject.toolNodes
    .filter((toolNode) => ownLabels(toolNode).includes("unknown"))
    .map(({ name, tool }) =>
      findingAt(["nodes", name], {
        code: "LINT_UNLABELLED",
        severity: read.has(name) ? "warning" : "info",
        message: `what \`${tool.name}\` returns has no label, so it is \`unknown\`: declare \`labels\` in the catalogue or on the node`,
      }),
    );
};

/** `LINT_INFERRED` (info): what nobody declared about a tool and was inferred. */
export const inferredFacts: LintRule = (subject) =>
  firstNodes(subject).flatMap(({ name, node, tool, isDescribed }): Finding[] => {
    const { effects, inferred } = tool.facts;
    if (inferred.length === 0 && isDescribed) return [];
    const roles = Object.keys(node.args ?? {})
      .sort()
      .map((arg) => `\`${arg}\` is ${roleOf(tool, arg)}`);
    const parts = [
      inferred.includes("effects") ? `effects ${effects.map((effect) => `\`${effect}\``).join(", ") || "none"}` : "",
      inferred.some((member) => member.startsWith("roles")) ? roles.slice(0, 12).join(", ") : "",
    ].filter((part) => part !== "");
    if (parts.length === 0) return [];
    const message = `inferred about \`${tool.name}\`: ${parts.join("; ")}`;
    return [findingAt(["nodes", name, "tool"], { code: "LINT_INFERRED", severity: "info", message })];
  });

/** `LINT_FLOW_NO_TOOL` and `LINT_FLOW_NO_ARG`: a flow rule that no tool or no argument of the plan matches. */
export const usedFlows: LintRule = (subject) =>
  (subject.plan.flows ?? []).flatMap((rule, i): Finding[] => {
    const nodes = subject.toolNodes.filter(({ tool }) => matchesTool(rule, tool));
    if (nodes.length === 0) {
      const message = `the flow rule \`${rule.id}\` matches no tool of the plan`;
      return [findingAt(["flows", i, "to"], { code: "LINT_FLOW_NO_TOOL", severity: "warning", message })];
    }
    const isControl = rule.roles?.includes("control") === true;
    const isUsed = nodes.some(({ node, tool }) =>
      Object.keys(node.args ?? {}).some((arg) => matchesArgument(rule, arg, roleOf(tool, arg))),
    );
    if (isUsed || isControl || (rule.args === undefined && rule.roles === undefined)) return [];
    const message = `the flow rule \`${rule.id}\` matches no argument of its tools`;
    return [findingAt(["flows", i], { code: "LINT_FLOW_NO_ARG", severity: "warning", message })];
  });

/** `LINT_FLOW_DENIED`: an argument that a flow rule always denies, so that the node can never run. */
export const deniedFlows: LintRule = (subject) => {
  const seen = new Set<string>();
  return worstCaseOf(subject).denied.flatMap(({ node, argument, label, rule }): Finding[] => {
    const key = `${node} ${argument} ${rule.id}`;
    if (seen.has(key)) return [];
    seen.add(key);
    const message = `the flow rule \`${rule.id}\` denies this argument as long as it carries \`${label}\``;
    return [findingAt(["nodes", node, "args", argument], { code: "LINT_FLOW_DENIED", severity: "warning", message })];
  });
};

/** `LINT_UNTRUSTED_TARGET` (info, with a sentence for the approver): untrusted data in a target, command or credential. */
export const untrustedTargets: LintRule = (subject) => {
  const { flows, isCut } = worstCaseOf(subject);
  const findings = flows
    .filter(({ concern }) => concern === "untrusted")
    .filter((flow) => flow.from !== "conversation" && ["target", "command", "credential"].includes(flow.role))
    .map((flow): Finding => {
      const finding = { code: "LINT_UNTRUSTED_TARGET", severity: "info", message: flowSentence(flow) } as const;
      const path = ["nodes", flow.node, "args", flow.argument];
      return findingAt(path, flow.bits === undefined ? finding : { ...finding, bits: flow.bits });
    });
  const cut = findingAt(["nodes"], {
    code: "LINT_FLOWS_CUT",
    severity: "info",
    message: "the plan is too large to list every flow: the worst are listed",
  });
  return isCut ? [...findings, cut] : findings;
};

/** `LINT_CHOICE_DENIED`: a choice in a steering argument that will be denied once untrusted data has been shown before. */
export const deniedChoices: LintRule = (subject) =>
  subject.toolNodes.flatMap(({ name, node, tool }) => {
    const shown = (subject.reads.get(name) ?? []).filter((read) => isShownUntrusted(subject, read.node));
    if (shown.length === 0) return [];
    return rulesOf(name, node).flatMap(({ place, path, rule }): Finding[] => {
      const classed = classify(rule);
      if (classed.kind !== "choose" || classed.rule.endorse !== undefined || roleOf(tool, place) === "content") return [];
      const message = `the agent has read \`${shown[0]?.node}\`, which is untrusted, before it chooses this: the call will be denied; \`endorse\` it or hide the result with \`show\``;
      return [findingAt(path, { code: "LINT_CHOICE_DENIED", severity: "warning", message })];
    });
  });

function isShownUntrusted(subject: LintSubject, name: string): boolean {
  const node = subject.plan.nodes[name];
  const tool = node?.tool === undefined ? undefined : subject.frozen.tools[node.tool];
  if (node === undefined || tool === undefined || node.show === "none") return false;
  return ownLabels({ node, tool }).some((label) => subject.labels.get(label)?.integrity !== "trusted");
}
