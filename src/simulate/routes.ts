/**
 * Ways on which a node may be reached: which nodes are called before it, in which order, and whether it is called itself before.
 * Pure. A way that the plan does not allow costs a try and nothing else.
 */
import type { CompiledNode, CompiledPlan } from "../plan/compile/compiled.ts";
import { nodesAfter, nodesBefore, playOrder } from "./order.ts";
import type { Script, Stage, Visit } from "./play.ts";

/** What a way is looked for to. */
export interface Wanted {
  readonly label?: string;
}

/** A way to a goal. */
export type Route = Pick<Script, "order" | "runs">;

/** Other nodes that one drive tries to run first, for their labels. */
const detoursMax = 24;

/** Nodes one after the other, each with all its calls. */
export function inTurn(nodes: readonly CompiledNode[]): readonly Visit[] {
  return nodes.map((node) => ({ node }));
}

/**
 * Ways to the goal, the shortest first: what it needs; all that comes before it; others first, for their labels; the goal once before, and
 * then what comes after it, or its own failure; everything twice.
 */
export function* routes({ guard }: Stage, goal: CompiledNode, { label }: Wanted): Generator<Route> {
  const { plan, labels } = guard.program;
  const last = (node: CompiledNode): number => (node === goal ? 1 : 0);
  const needed = nodesBefore(plan, [goal], "needed");
  const all = nodesBefore(plan, [goal], "all");
  yield { order: inTurn(playOrder(plan, needed, last)), runs: 1 };
  if (all.size > needed.size) yield { order: inTurn(playOrder(plan, all, last)), runs: 1 };
  if (label === undefined) return;
  const bears = ({ labels: own }: CompiledNode): number =>
    own.some((name) => name === label || (label === "untrusted" && !labels.isTrusted(name))) ? 1 : 0;
  const late = nodesAfter(plan, goal);
  const tools = plan.nodes.filter(({ index, tool }) => tool !== undefined && index !== goal.index);
  const others = tools.filter(({ index }) => !late.has(index));
  const detours = [...others].sort((a, b) => bears(b) - bears(a)).slice(0, detoursMax);
  for (const detour of detours)
    for (const base of [needed, all]) {
      const wanted = new Set([...base, ...nodesBefore(plan, [detour], "needed")]);
      if (wanted.size > base.size) yield { order: inTurn(playOrder(plan, wanted, last)), runs: 1 };
    }
  const after = tools.filter(({ index }) => late.has(index)).sort((a, b) => bears(b) - bears(a));
  yield* secondRoutes(plan, goal, { before: playOrder(plan, needed, last), after: after.slice(0, detoursMax) });
  const every = new Set(others.map(({ index }) => index).concat(goal.index));
  yield { order: inTurn(playOrder(plan, every, last)), runs: 1 };
  yield { order: inTurn(playOrder(plan, every, last)), runs: 2 };
}

/** Ways on which the goal is called, then something that its call made possible, then the goal again: another row, another run, another try. */
function* secondRoutes(
  plan: CompiledPlan,
  goal: CompiledNode,
  { before, after }: { readonly before: readonly CompiledNode[]; readonly after: readonly CompiledNode[] },
): Generator<Route> {
  const way = inTurn(before.filter((node) => node !== goal));
  if (goal.isIdempotent) yield { order: [...way, { node: goal, calls: 1, fails: true }, { node: goal }], runs: 1 };
  if (goal.each === undefined && goal.max <= 1) return;
  const again: Visit = { node: goal, again: true };
  yield { order: [...way, { node: goal, calls: 1 }, again], runs: 1 };
  for (const detour of after) {
    const wanted = new Set([...before.map(({ index }) => index), ...nodesBefore(plan, [detour], "needed")]);
    const order = playOrder(plan, wanted);
    const visits = order.map((node): Visit => (node === goal ? { node, calls: 1 } : { node }));
    yield { order: [...visits, again], runs: 1 };
  }
}
