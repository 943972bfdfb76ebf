/**
 * What the rules, guards and loops of a node read, by the names of nodes: two plans number their nodes differently.
 * Pure. Compares what was compiled, so that a name that means another thing is not taken for the same.
 */
import type { CompiledExpression, CompiledNode, CompiledPlan, CompiledRule, NodeRead } from "../plan/compile/compiled.ts";
import type { Side } from "./change.ts";

/** One read: what is read, and whether the set of runs that is read is the agent's choice, which raises its label. */
export interface NamedRead {
  readonly key: string;
  readonly isVariable: boolean;
}

/** The reads of a node's arguments, conditions, guard, loop and computation, in order. */
export function readsOfNode(side: Side, node: CompiledNode): { readonly [part: string]: readonly NamedRead[] } {
  const { compiled } = side;
  const code = (expression: CompiledExpression | undefined): readonly NamedRead[] => readsOfCode(compiled, expression);
  return {
    ...Object.fromEntries(node.args.map(({ name, rule }) => [`args/${name}`, readsOfRule(compiled, rule)])),
    require: node.require.flatMap(code),
    when: code(node.when),
    let: code(node.let),
    each:
      node.each === undefined
        ? []
        : [
            ...named(compiled, [node.each.read]),
            { key: `${node.each.kind}`, isVariable: false },
            ...(node.each.kind === "from" ? code(node.each.where) : []),
          ],
  };
}

/** Names of the nodes that must come before this one. */
export function predecessorsOf({ compiled }: Side, node: CompiledNode): ReadonlySet<string> {
  return new Set(node.predecessors.map((index) => nameOf(compiled, index)));
}

/** What a verdict on the node tells of hidden data; see "Verdict reads" in `src/README.md`. */
export function verdictReadsOf({ compiled }: Side, node: CompiledNode): ReadonlySet<string> {
  return new Set(named(compiled, node.hiddenReads).map(({ key }) => key));
}

function nameOf(compiled: CompiledPlan, index: number): string {
  return compiled.nodes[index]?.name ?? "";
}

function named(compiled: CompiledPlan, reads: readonly NodeRead[]): readonly NamedRead[] {
  return reads.map(({ node, prefix, steps, isHidden, isVariable }) => ({
    key: JSON.stringify([nameOf(compiled, node), prefix, steps, isHidden]),
    isVariable,
  }));
}

function readsOfCode(compiled: CompiledPlan, code: CompiledExpression | undefined): readonly NamedRead[] {
  if (code === undefined) return [];
  const binds = [...code.names, ...code.indexed].map(({ name, node }) => ({
    key: JSON.stringify([name, nameOf(compiled, node)]),
    isVariable: false,
  }));
  return [
    ...named(compiled, code.nodes),
    ...binds,
    { key: JSON.stringify([...code.params, code.item, code.args]), isVariable: false },
  ];
}

function readsOfRule(compiled: CompiledPlan, rule: CompiledRule): readonly NamedRead[] {
  switch (rule.kind) {
    case "from":
      return [...named(compiled, [rule.read]), ...readsOfCode(compiled, rule.where)];
    case "item":
      return named(compiled, [rule.read]);
    case "expr":
      return readsOfCode(compiled, rule.code);
    case "template":
      return rule.holes.flatMap((hole) => readsOfRule(compiled, hole.rule));
    case "object":
      return rule.members.flatMap((member) => readsOfRule(compiled, member.rule));
    case "list":
      return rule.elements.flatMap((element) => readsOfRule(compiled, element));
    default:
      return [];
  }
}
