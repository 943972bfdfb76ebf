/**
 * Order, reachability and cycles of a directed graph of names or indexes.
 * Pure; linear, without recursion. Knows nothing of plans, labels or policy.
 */

/** A graph as predecessors: each name with the names that come before it. Names that are no key of the map are ignored. */
export type Graph = ReadonlyMap<string, readonly string[]>;

/** Visits that the search for a *shortest* cycle may spend beyond the first cycle found. Small graphs stay far below. */
const cycleVisitsMax = 200_000;

/** An order in which every name stands after its predecessors, or the cycle that forbids it. */
export type Order =
  | { readonly ok: true; readonly order: readonly string[] }
  | { readonly ok: false; readonly cycle: readonly string[] };

/** The graph with every edge turned round. Names keep their order. Parallel edges stay parallel. */
export function reversed(graph: Graph): Graph {
  const turned = new Map<string, string[]>();
  for (const name of graph.keys()) turned.set(name, []);
  for (const [name, before] of graph) for (const other of before) turned.get(other)?.push(name);
  return turned;
}

/**
 * A topological order (Kahn), stable: the same map, in the same order of keys, gives the same order. On failure `cycle` is a
 * cycle `a, b, …` in which each name is a predecessor of the next and the last of the first; see {@link shortestCycle}.
 */
export function topologicalOrder(graph: Graph): Order {
  const order = peel(graph);
  if (order.length === graph.size) return { ok: true, order };
  return { ok: false, cycle: shortestCycle(graph) ?? [] };
}

/** Names in topological order, leaving out every name on a cycle and what comes after one. */
function peel(graph: Graph): string[] {
  const after = reversed(graph);
  const open = new Map<string, number>();
  const order: string[] = [];
  for (const [name, before] of graph) {
    const count = before.reduce((sum, other) => sum + (graph.has(other) ? 1 : 0), 0);
    open.set(name, count);
    if (count === 0) order.push(name);
  }
  for (let i = 0; i < order.length; i++) {
    for (const next of after.get(order[i] as string) ?? []) {
      const left = (open.get(next) ?? 0) - 1;
      open.set(next, left);
      if (left === 0) order.push(next);
    }
  }
  return order;
}

/**
 * A shortest cycle, in the direction of the edges (each name a predecessor of the next, the last of the first), or `undefined`.
 * It begins at its smallest name.
 * It is the shortest of all unless the graph is so large that looking on would cost more than `cycleVisitsMax` visits; then it
 * is the shortest found so far.
 */
export function shortestCycle(graph: Graph): readonly string[] | undefined {
  const settled = new Set(peel(graph));
  const core = new Map<string, readonly string[]>();
  for (const [name, before] of graph) {
    if (!settled.has(name))
      core.set(
        name,
        before.filter((other) => graph.has(other) && !settled.has(other)),
      );
  }
  let best = anyCycle(core);
  if (best === undefined) return undefined;
  let visits = 0;
  for (const start of [...best, ...core.keys()]) {
    if (best.length === 1 || visits > cycleVisitsMax) break;
    const found = cycleThrough(core, start, best.length);
    visits += found.visits;
    if (found.cycle !== undefined) best = found.cycle;
  }
  return fromSmallest(best);
}

/** The cycle begun at its smallest name (UTF-16 order), so that the same cycle is always shown in the same way. */
function fromSmallest(cycle: readonly string[]): readonly string[] {
  let at = 0;
  cycle.forEach((name, i) => {
    if (name < (cycle[at] as string)) at = i;
  });
  return [...cycle.slice(at), ...cycle.slice(0, at)];
}

/** Some cycle: every name of the core has a predecessor in the core, so going back must meet a name again. */
function anyCycle(core: Graph): readonly string[] | undefined {
  const seen = new Map<string, number>();
  const trail: string[] = [];
  let name = core.keys().next().value;
  while (name !== undefined && !seen.has(name)) {
    seen.set(name, trail.length);
    trail.push(name);
    name = core.get(name)?.[0];
  }
  return name === undefined ? undefined : trail.slice(seen.get(name)).reverse();
}

/** The shortest cycle through `start` that has fewer than `below` names (breadth first, backwards), and what the search cost. */
function cycleThrough(
  core: Graph,
  start: string,
  below: number,
): { readonly cycle?: readonly string[]; readonly visits: number } {
  const next = new Map<string, string | undefined>([[start, undefined]]);
  let layer = [start];
  let visits = 0;
  for (let length = 1; length < below && layer.length > 0; length++) {
    const farther: string[] = [];
    for (const name of layer) {
      for (const before of core.get(name) ?? []) {
        visits++;
        if (before === start) return { cycle: trailFrom(start, name, next), visits };
        if (next.has(before)) continue;
        next.set(before, name);
        farther.push(before);
      }
    }
    layer = farther;
  }
  return { visits };
}

/** From `start` forward: `first` is the farthest name found going back, so it follows `start` in the cycle. */
function trailFrom(start: string, first: string, next: ReadonlyMap<string, string | undefined>): readonly string[] {
  const cycle = [start];
  for (let name: string | undefined = first; name !== undefined && name !== start; name = next.get(name)) cycle.push(name);
  return cycle;
}

/** Every name that can be reached from `starts` by going from a name to its predecessors; includes the starts that exist. */
export function reachableBefore(graph: Graph, starts: Iterable<string>): ReadonlySet<string> {
  const seen = new Set<string>();
  for (const start of starts) if (graph.has(start)) seen.add(start);
  // A Set may grow while it is walked, so it is its own queue.
  for (const name of seen) for (const before of graph.get(name) ?? []) if (graph.has(before)) seen.add(before);
  return seen;
}

/** Indexes in topological order (Kahn 1962), given what each comes after; `undefined` if there is a circle. */
export function indexOrder(direct: readonly ReadonlySet<number>[]): readonly number[] | undefined {
  const after: number[][] = direct.map(() => []);
  const open = direct.map((set) => set.size);
  direct.forEach((set, index) => {
    for (const before of set) after[before]?.push(index);
  });
  const order = open.flatMap((count, index) => (count === 0 ? [index] : []));
  for (let at = 0; at < order.length; at++) {
    for (const next of after[order[at] as number] ?? []) {
      open[next] = (open[next] as number) - 1;
      if (open[next] === 0) order.push(next);
    }
  }
  return order.length === direct.length ? order : undefined;
}
