/**
 * Which nodes have surely had all their runs once a node runs, so that what it shows comes too late for them.
 * Pure; without recursion. Errs on one side only: a node is called finished only where the meaning of a plan leaves no other way.
 */
import type { CompiledNode, CompiledPlan } from "../plan/compile/compiled.ts";

/** Visits that one analysis may spend on order; beyond it, everything may come before everything. */
const visitsMax = 3_000_000;

/** The order of runs, as far as the plan fixes it. */
export interface RunOrder {
  /**
   * Nodes for which nothing that any of `contributors` returns can come before any of their own runs; empty if that costs more than the
   * analysis may spend.
   */
  finishedBeforeAll(contributors: readonly number[]): ReadonlySet<number>;
  /** Whether a result of `contributor` may come before a run of `node`. */
  mayPrecede(contributor: number, node: number): boolean;
}

/** Works out the order of runs of a plan. `order`: nodes, each after what it reads. */
export function createRunOrder(plan: CompiledPlan, order: readonly number[]): RunOrder {
  const isFinal = finalNodes(plan, order);
  const level = new Array<number>(plan.nodes.length).fill(0);
  order.forEach((index, place) => {
    level[index] = place;
  });
  let left = visitsMax;
  const finishedBefore = (contributor: number, wanted: ReadonlySet<number> | undefined): ReadonlySet<number> => {
    const walk = walkBack(plan, contributor, { isFinal, wanted, visits: left });
    left -= walk.visits;
    return walk.finished;
  };
  return {
    finishedBeforeAll: (contributors) => {
      const sorted = [...contributors].sort((a, b) => (level[a] as number) - (level[b] as number));
      const first = sorted[0];
      if (first === undefined) return new Set();
      let common = finishedBefore(first, undefined);
      for (const next of sorted.slice(1)) {
        if (common.size === 0) break;
        common = finishedBefore(next, common);
      }
      return left < 0 ? new Set() : common;
    },
    mayPrecede: (contributor, node) =>
      !walkBack(plan, contributor, { isFinal, wanted: new Set([node]), visits: visitsMax }).finished.has(node),
  };
}

/** Whether the result of a single-run node can only come after its own check. */
function isSingle(node: CompiledNode): boolean {
  return node.each === undefined && node.max <= 1 && !node.isIdempotent;
}

/** Nodes that, once settled, never run again, whatever else runs. */
function finalNodes(plan: CompiledPlan, order: readonly number[]): readonly boolean[] {
  const isFinal = plan.nodes.map(() => false);
  const areFinal = (indexes: readonly number[]): boolean => indexes.every((index) => isFinal[index] === true);
  for (const index of order) {
    const node = plan.nodes[index] as CompiledNode;
    if (node.let !== undefined) isFinal[index] = areFinal(node.predecessors);
    else if (node.isOptional || node.min !== node.max) isFinal[index] = false;
    // A guard or a loop over what may still change may open again what looked settled.
    else isFinal[index] = node.each === undefined && node.when === undefined ? true : areFinal(node.predecessors);
  }
  return isFinal;
}

interface Walk {
  readonly isFinal: readonly boolean[];
  /** Stop as soon as all of these are found; absent: find all. */
  readonly wanted: ReadonlySet<number> | undefined;
  readonly visits: number;
}

/** From a node that has run back to all that must have settled before; each node is met as run, as settled or as both. */
function walkBack(
  plan: CompiledPlan,
  start: number,
  { isFinal, wanted, visits: budget }: Walk,
): { readonly finished: ReadonlySet<number>; readonly visits: number } {
  const finished = new Set<number>();
  const ran = new Set<number>([start]);
  const settled = new Set<number>();
  const queue: { readonly index: number; readonly hasRun: boolean }[] = [{ index: start, hasRun: true }];
  let visits = 0;
  const finish = (index: number): void => {
    if (wanted?.has(index) ?? true) finished.add(index);
  };
  const meet = (index: number, hasRun: boolean): void => {
    const met = hasRun ? ran : settled;
    if (met.has(index)) return;
    met.add(index);
    queue.push({ index, hasRun });
  };
  if (isSingle(plan.nodes[start] as CompiledNode)) finish(start);
  for (let at = 0; at < queue.length && visits <= budget; at++) {
    if (wanted !== undefined && finished.size === wanted.size) break;
    const { index, hasRun } = queue[at] as { index: number; hasRun: boolean };
    const node = plan.nodes[index] as CompiledNode;
    visits += 1 + node.predecessors.length;
    if (hasRun) {
      for (const before of node.predecessors) {
        const isLooped = node.each?.kind === "node" && node.each.node === before;
        meet(before, isLooped);
        if (!isLooped && plan.nodes[before]?.isOptional) finish(before);
      }
      continue;
    }
    if (isFinal[index]) finish(index);
    if (node.each !== undefined) {
      // Both ways to be settled ask that the loop's source is.
      const source = plan.nodes[node.each.node];
      for (const before of source?.let === undefined ? [node.each.node] : source.predecessors) meet(before, false);
    } else if (node.min >= 1 && node.when === undefined) meet(index, true);
    else if (node.min >= 1) for (const before of node.predecessors) meet(before, false);
  }
  return { finished: visits > budget ? new Set() : finished, visits };
}
