/**
 * In which order the nodes of a plan are played: what comes before a node, and before what reads what strangers wrote.
 * Pure. Knows the plan only.
 */
import type { CompiledNode, CompiledPlan } from "../plan/compile/compiled.ts";

/** How much comes before a node. */
export type Extent = "needed" | "all";

/** The nodes that come before `goals`, and the goals; `needed` leaves out what the plan calls optional. */
export function nodesBefore(plan: CompiledPlan, goals: readonly CompiledNode[], extent: Extent): ReadonlySet<number> {
  const found = new Set(goals.map(({ index }) => index));
  for (const index of found) {
    const node = plan.nodes[index] as CompiledNode;
    for (const before of node.predecessors) {
      const other = plan.nodes[before] as CompiledNode;
      const isRow = node.each?.kind === "node" && node.each.node === before;
      if (extent === "all" || isRow || other.min > 0) found.add(before);
    }
  }
  return found;
}

/** Every node that comes after `start`, however far. */
export function nodesAfter(plan: CompiledPlan, start: CompiledNode): ReadonlySet<number> {
  const after = new Map<number, number[]>();
  for (const { index, predecessors } of plan.nodes)
    for (const before of predecessors) after.set(before, [...(after.get(before) ?? []), index]);
  const found = new Set<number>();
  const queue = [start.index];
  for (const index of queue)
    for (const next of after.get(index) ?? [])
      if (!found.has(next)) {
        found.add(next);
        queue.push(next);
      }
  return found;
}

/**
 * A topological order of some nodes (Kahn). Of those that are ready, first the ones in which the agent chooses something that steers (it may
 * no longer, once it has read what strangers wrote), then by `rank`, then by name.
 */
export function playOrder(
  plan: CompiledPlan,
  wanted: ReadonlySet<number>,
  rank: (node: CompiledNode) => number = () => 0,
): readonly CompiledNode[] {
  const after = new Map<number, number[]>();
  const open = new Map<number, number>();
  for (const index of wanted) {
    const before = (plan.nodes[index] as CompiledNode).predecessors.filter((other) => wanted.has(other));
    open.set(index, before.length);
    for (const other of before) after.set(other, [...(after.get(other) ?? []), index]);
  }
  const weight = (node: CompiledNode): number => rank(node) * 2 + (isSteered(node) ? 0 : 1);
  const ready = [...wanted].filter((index) => open.get(index) === 0);
  const order: CompiledNode[] = [];
  while (ready.length > 0) {
    let best = 0;
    for (let i = 1; i < ready.length; i++) if (isEarlier(plan, weight, { a: ready[i], b: ready[best] })) best = i;
    const [index] = ready.splice(best, 1);
    const node = plan.nodes[index as number] as CompiledNode;
    if (node.tool !== undefined) order.push(node);
    for (const next of after.get(node.index) ?? []) {
      const left = (open.get(next) ?? 0) - 1;
      open.set(next, left);
      if (left === 0) ready.push(next);
    }
  }
  return order;
}

function isEarlier(
  plan: CompiledPlan,
  weight: (node: CompiledNode) => number,
  { a, b }: { readonly a: number | undefined; readonly b: number | undefined },
): boolean {
  const [x, y] = [plan.nodes[a ?? 0] as CompiledNode, plan.nodes[b ?? 0] as CompiledNode];
  const difference = weight(x) - weight(y);
  return difference === 0 ? x.index < y.index : difference < 0;
}

/** Whether the agent chooses something in a role other than content. */
export function isSteered(node: CompiledNode): boolean {
  return node.args.some(({ rule, roles }) => !rule.isFilled && roles.some((role) => role !== "content"));
}
