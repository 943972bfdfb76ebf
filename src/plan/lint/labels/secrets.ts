/**
 * Rules about secrets: passwords that everyone may read, that the agent is shown, or that stand in the plan itself.
 * Pure. Never repeats a value.
 */
import { roleOf } from "../../../catalogue/roles.ts";
import { wordsOf } from "../../../catalogue/words.ts";
import { compilePath } from "../../../lang/path.ts";
import type { Finding } from "../../finding.ts";
import type { PlanNode } from "../../plan.ts";
import { classify, rulesOf } from "../../walk.ts";
import type { NodeRead } from "../../walk-reads.ts";
import { ownLabels } from "../../built-in-labels.ts";
import { topologicalOrder } from "../../graph.ts";
import { graphOf } from "../runs/graph.ts";
import { findingAt, type LintRule, type LintSubject, type ToolNode } from "../subject.ts";

/** Last words of the names of tools that read secrets. */
const secretWords: ReadonlySet<string> = new Set(
  "secret secrets password passwords passphrase credential credentials apikey".split(" "),
);

/** `LINT_SECRET_READERS`: a tool that is called after a secret, and whose labels let everyone read what it returns. */
export const guardedSecrets: LintRule = (subject) =>
  subject.toolNodes.flatMap((toolNode): readonly Finding[] => {
    const { name, tool } = toolNode;
    if (!secretWords.has(wordsOf(tool.name).at(-1) ?? "") || tool.facts.effects.some((effect) => effect !== "read")) return [];
    const labels = ownLabels(toolNode);
    if (labels.some((label) => label === "unknown" || subject.labels.get(label)?.readers !== undefined)) return [];
    const message = `what \`${tool.name}\` returns may be sent to everyone: \`readers\` on its label would say who may see it`;
    return [findingAt(["nodes", name], { code: "LINT_SECRET_READERS", severity: "warning", message })];
  });

/** `LINT_SECRET_SHOWN`: the agent sees what another node needs as a credential, which Sluice would fill in. */
export const shownSecrets: LintRule = (subject) => {
  const found = new Map<string, Finding>();
  const hidden = hiddenNodes(subject);
  for (const { name, node, tool } of subject.toolNodes) {
    const credentials = new Set(
      rulesOf(name, node)
        .filter(({ place }) => roleOf(tool, place) === "credential")
        .map(({ arg }) => arg),
    );
    for (const read of subject.reads.get(name) ?? []) {
      if (read.by !== "arg" || !credentials.has(read.arg ?? "") || found.has(read.node)) continue;
      const source = subject.plan.nodes[read.node];
      if (source?.tool === undefined || !isShown(source, read, hidden)) continue;
      const message = `the agent is shown what \`${tool.name}\` needs as \`${read.arg}\`; with \`show: none\` Sluice fills it in unseen`;
      found.set(read.node, findingAt(["nodes", read.node], { code: "LINT_SECRET_SHOWN", severity: "warning", message }));
    }
  }
  return [...found.values()];
};

/** Whether a part of a result is shown: by the node's own `show`, or by default where it was given nothing hidden. */
function isShown(node: PlanNode, { node: name, prefix }: NodeRead, hidden: ReadonlySet<string>): boolean {
  const { show } = node;
  if (show === undefined || !isPaths(show)) return !hidden.has(name);
  return show.some((source) => {
    const path = compilePath(source);
    if (!path.ok) return false;
    const shown = path.value.prefix;
    return shown.slice(0, prefix.length).every((step, i) => step === prefix[i]);
  });
}

function isPaths(show: NonNullable<PlanNode["show"]>): show is readonly string[] {
  return typeof show !== "string";
}

/** Nodes that show less than all of their results. What is made of something hidden is hidden, however many nodes are between. */
function hiddenNodes(subject: LintSubject): ReadonlySet<string> {
  const hidden = new Set<string>();
  const order = topologicalOrder(graphOf(subject));
  // A circle is an error elsewhere.
  for (const name of order.ok ? order.order : []) {
    const show = subject.plan.nodes[name]?.show;
    const reads = (subject.reads.get(name) ?? []).filter(({ by }) => by === "arg" || by === "let");
    if (show === undefined ? reads.some(({ node }) => hidden.has(node)) : show !== "all") hidden.add(name);
  }
  return hidden;
}

/** `LINT_CREDENTIAL_CONST`: a credential that is written into the plan. */
export const writtenSecrets: LintRule = (subject) =>
  subject.toolNodes.flatMap(({ name, node, tool }) =>
    rulesOf(name, node).flatMap(({ path, place, rule }): readonly Finding[] => {
      const classed = classify(rule);
      if (classed.kind !== "const" || roleOf(tool, place) !== "credential") return [];
      if (typeof classed.rule.const !== "string" || classed.rule.const === "") return [];
      const message = `the credential \`${place}\` of \`${tool.name}\` stands in the plan, which many read; a parameter or a hidden result would not`;
      return [findingAt(path, { code: "LINT_CREDENTIAL_CONST", severity: "warning", message })];
    }),
  );

/** `LINT_HIDDEN_SHOWN`: a node is given hidden data that not everyone may read, and shows what comes of it. */
export const shownAgain: LintRule = (subject) =>
  subject.toolNodes.flatMap(({ name, node, tool }): readonly Finding[] => {
    if (node.show !== "all") return [];
    const hidden = (subject.reads.get(name) ?? []).find(({ by, node: from }) => by === "arg" && isHiddenSecret(subject, from));
    if (hidden === undefined) return [];
    const message = `\`${tool.name}\` is given data of \`${hidden.node}\` that is hidden and not for everyone, and \`show: all\` gives the agent whatever it makes of it`;
    return [findingAt(["nodes", name, "show"], { code: "LINT_HIDDEN_SHOWN", severity: "warning", message })];
  });

function isHiddenSecret(subject: LintSubject, name: string): boolean {
  const node = subject.plan.nodes[name];
  const tool = node?.tool === undefined ? undefined : subject.frozen.tools[node.tool];
  if (node === undefined || tool === undefined || node.show === undefined || node.show === "all") return false;
  const toolNode: ToolNode = { name, node, tool, isDescribed: true };
  return ownLabels(toolNode).some((label) => subject.labels.get(label)?.readers !== undefined);
}
