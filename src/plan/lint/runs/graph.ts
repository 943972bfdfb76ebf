/**
 * Rules about the order of nodes: circles, results that nobody uses, parameters that nobody reads.
 * Pure. Knows no labels.
 */
import type { Finding } from "../../finding.ts";
import { type Graph, topologicalOrder } from "../../graph.ts";
import { paramsOf } from "../../walk-reads.ts";
import { findingAt, type LintRule, type LintSubject } from "../subject.ts";

/** Names shown of a circle. A longer one is not read to the end. */
const witnessMax = 12;

/** The nodes that each node reads, `let` nodes included. */
export function graphOf(subject: LintSubject): Graph {
  return new Map(Array.from(subject.reads, ([name, reads]) => [name, [...new Set(reads.map((read) => read.node))]]));
}

/** `PLAN_CYCLE`, with a shortest circle as witness. */
export const acyclic: LintRule = (subject) => {
  const order = topologicalOrder(graphOf(subject));
  if (order.ok) return [];
  const shown = order.cycle.slice(0, witnessMax).map((name) => `\`${name}\``);
  const circle = [...shown, order.cycle.length > witnessMax ? "…" : shown[0]].join(" before ");
  const message = order.cycle.length === 1 ? `${shown[0]} refers to itself` : `the nodes wait for each other: ${circle}`;
  return [findingAt(["nodes", order.cycle[0] ?? ""], { code: "PLAN_CYCLE", severity: "error", message })];
};

/** `LINT_UNUSED_RESULT` (info): a tool that only reads, and no node reads its result. `LINT_UNUSED_LET` (warning): likewise a computation. */
export const unusedResults: LintRule = (subject) => {
  const used = new Set<string>();
  for (const [name, reads] of subject.reads) for (const { node } of reads) if (node !== name) used.add(node);
  const tools = new Map(subject.toolNodes.map((toolNode) => [toolNode.name, toolNode.tool]));
  return subject.nodes.flatMap(({ name, node }): Finding[] => {
    if (used.has(name)) return [];
    if (node.let !== undefined) {
      const message = `no node reads the value of \`${name}\``;
      return [findingAt(["nodes", name], { code: "LINT_UNUSED_LET", severity: "warning", message })];
    }
    const effects = tools.get(name)?.facts.effects ?? [];
    if (effects.some((effect) => effect !== "read" && effect !== "network")) return [];
    const message = `no node refers to the result of \`${name}\`: only the agent reads it`;
    return [findingAt(["nodes", name], { code: "LINT_UNUSED_RESULT", severity: "info", message })];
  });
};

/** `LINT_UNUSED_PARAM`: a parameter that no rule and no expression reads. */
export const unusedParams: LintRule = (subject) => {
  if (subject.names.params.size === 0) return [];
  const used = new Set<string>();
  for (const { name, node } of subject.nodes) for (const param of paramsOf(name, node, subject.names)) used.add(param);
  return [...subject.names.params]
    .filter((name) => !used.has(name))
    .sort()
    .map((name) =>
      findingAt(["params", name], {
        code: "LINT_UNUSED_PARAM",
        severity: "warning",
        message: `nothing reads the parameter \`${name}\``,
      }),
    );
};
