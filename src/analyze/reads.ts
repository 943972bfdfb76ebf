/**
 * Which nodes a compiled rule, expression or node reads, and the order in which nodes can be worked out.
 * Pure; linear. Knows no labels.
 */
import type { CompiledExpression, CompiledNode, CompiledPlan, CompiledRule, NodeRead } from "../plan/compile/compiled.ts";
import { indexOrder } from "../plan/graph.ts";
import { assert } from "../result.ts";

/** What a rule is made of, at any depth: reads of nodes, and whether the agent has a part in it. */
export interface RuleReads {
  readonly reads: readonly NodeRead[];
  /** Whether the rule takes something from the conversation: a choice, a text, a pick, or a read of a varying set of runs. */
  readonly isAgents: boolean;
  readonly params: boolean;
}

/** Everything that the value of a rule may depend on. `node` is the node that the rule stands in. */
export function readsOfRule(plan: CompiledPlan, node: CompiledNode, rule: CompiledRule): RuleReads {
  const reads: NodeRead[] = [];
  let isAgents = false;
  let params = false;
  const code = (expression: CompiledExpression): void => {
    reads.push(...expression.nodes);
    params ||= expression.params.length > 0;
    if (expression.item) row();
  };
  const row = (): void => {
    const { each } = node;
    if (each === undefined) return;
    reads.push(each.read);
    params ||= each.kind === "from" && (each.where?.params.length ?? 0) > 0;
  };
  const visit = (part: CompiledRule): void => {
    switch (part.kind) {
      case "param":
        params = true;
        break;
      case "from":
        reads.push(part.read);
        params ||= (part.where?.params.length ?? 0) > 0;
        isAgents ||= part.pick === "agent";
        break;
      case "item":
        reads.push(part.read);
        params ||= node.each?.kind === "from" && (node.each.where?.params.length ?? 0) > 0;
        isAgents ||= part.pick === "agent";
        break;
      case "expr":
        code(part.code);
        break;
      case "choose":
      case "write":
        isAgents = true;
        break;
      case "template":
        for (const hole of part.holes) visit(hole.rule);
        break;
      case "object":
        for (const member of part.members) visit(member.rule);
        break;
      case "list":
        part.elements.forEach(visit);
        break;
      case "const":
        break;
    }
  };
  visit(rule);
  isAgents ||= reads.some((read) => isVaryingRead(plan, read));
  return { reads, isAgents, params };
}

/** Whether a read joins the context: its own set of runs varies, or that of something that the `let` it reads reads. */
function isVaryingRead(plan: CompiledPlan, read: NodeRead): boolean {
  // A `let` that reads a varying set of runs varies itself (`settleHidden`), and so does every read of it.
  return read.isVariable || (plan.nodes[read.node]?.let?.nodes.some((inner) => inner.isVariable) ?? false);
}

/** Nodes that must be worked out before `node`, `let` nodes included. */
function needsOf(plan: CompiledPlan, node: CompiledNode): ReadonlySet<number> {
  const needs = new Set<number>(node.predecessors);
  const code = (expression: CompiledExpression | undefined): void => {
    for (const { node: other } of expression?.nodes ?? []) needs.add(other);
  };
  code(node.let);
  code(node.when);
  if (node.each !== undefined) needs.add(node.each.node);
  for (const condition of node.require) code(condition);
  for (const { rule } of node.args) for (const read of readsOfRule(plan, node, rule).reads) needs.add(read.node);
  needs.delete(node.index);
  return needs;
}

/** Indexes of all nodes, each after what it reads. */
export function nodeOrder(plan: CompiledPlan): readonly number[] {
  const order = indexOrder(plan.nodes.map((node) => needsOf(plan, node)));
  assert(order !== undefined, "a plan that was compiled has no circle");
  return order;
}
