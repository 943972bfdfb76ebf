/** Small plans for the compiler alone, without what linting says of them first. */
import { compilePlan } from "../../src/plan/compile.ts";
import type { CompiledNode, CompiledPlan } from "../../src/plan/compile/compiled.ts";
import type { FrozenPlan } from "../../src/plan/plan.ts";
import type { Loose } from "./market.ts";

/** A tool of the server `s` that reads, with changes of its facts and of its definition. */
export function toolOf(name: string, facts: Loose = {}, definition: Loose = {}): Loose {
  return { name, definition, facts: { effects: ["read"], roles: {}, inferred: [], ...facts } };
}

/** A frozen plan of these nodes; a node without `let` and `tool` calls `s/any`. */
export function frozenOf(
  nodes: Loose,
  { plan = {}, tools = {} }: { readonly plan?: Loose; readonly tools?: Loose } = {},
): FrozenPlan {
  const named = Object.entries(nodes).map(([name, node]) => [
    name,
    (node as Loose).let === undefined ? { tool: "s/any", ...(node as Loose) } : node,
  ]);
  return {
    kind: "sluice.frozen-plan",
    version: 1,
    digest: `sha256:${"0".repeat(64)}`,
    plan: { sluice: 1, name: "p", task: "t", nodes: Object.fromEntries(named), ...plan },
    tools: { "s/any": toolOf("s/any"), ...tools },
    servers: {},
    labels: {},
  } as Loose;
}

type Rest = Parameters<typeof frozenOf>[1];

/** The compiled plan of these nodes. */
export function compiled(nodes: Loose, rest?: Rest): CompiledPlan {
  const plan = compilePlan(frozenOf(nodes, rest));
  if (!plan.ok) throw new Error(JSON.stringify(plan.error));
  return plan.value;
}

/** The node of that name among these, compiled. */
export function compiledNode(name: string, nodes: Loose, rest?: Rest): CompiledNode {
  const node = compiled(nodes, rest).byName.get(name);
  if (node === undefined) throw new Error(`no node ${name}`);
  return node;
}

/** `CODE pointer: message` of what is said of these nodes; empty if they can be compiled. */
export function faultsOf(nodes: Loose, rest?: Rest): readonly string[] {
  const plan = compilePlan(frozenOf(nodes, rest));
  return plan.ok ? [] : plan.error.map(({ code, severity, pointer, message }) => `${severity} ${code} ${pointer}: ${message}`);
}
