/**
 * A plan as a graph that can be looked at: its nodes, and which must be settled before which. Large plans are collapsed.
 * Pure. Draws nothing, and leaves no node out: a node that has no box of its own is in the box of a group.
 */
import type { Plan } from "../../plan/plan.ts";
import { readsOf } from "../../plan/walk-reads.ts";

/** A node of the plan. */
export interface PlanStep {
  readonly name: string;
  /** Qualified, or as the draft says it; absent: a computation (`let`). */
  readonly tool?: string;
  /** Names of the nodes that come before it, sorted. */
  readonly before: readonly string[];
  /** Those of them of which it reads a result; the others only have to be settled. */
  readonly reads: readonly string[];
}

/** A box: one node, or several that stand for each other in the picture. */
export interface StepGroup {
  readonly id: string;
  /** In order of their names; one: no group. */
  readonly steps: readonly PlanStep[];
  /** Of a group: what its nodes have in common. */
  readonly title?: string;
}

/** An edge between two boxes. */
export interface StepEdge {
  readonly from: string;
  readonly to: string;
  /** Whether a result goes along it. */
  readonly isData: boolean;
}

/** What is drawn of a plan. */
export interface Drawing {
  /** Every node, in the plan's order. */
  readonly steps: readonly PlanStep[];
  readonly groups: readonly StepGroup[];
  readonly edges: readonly StepEdge[];
  /** Whether some boxes are groups. */
  readonly isCollapsed: boolean;
  /** Whether edges that follow from others are left out. */
  readonly isReduced: boolean;
}

/** Boxes of one picture: more can be neither read nor laid out in a moment. */
const boxesMax = 120;
/** Edges of one picture, and steps from rank to rank that all of them take together: what a layout costs. */
const edgesMax = 400;
const spansMax = 400;

/** The nodes of a plan with what comes before them. Names of nodes that are not there are left out. */
export function stepsOf(plan: Plan): readonly PlanStep[] {
  const nodes = new Set(Object.keys(plan.nodes));
  const names = { nodes, params: new Set(Object.keys(plan.params ?? {})) };
  return Object.entries(plan.nodes).map(([name, node]) => {
    const reads = readsOf(name, node, names).filter(({ node: other }) => nodes.has(other) && other !== name);
    return {
      name,
      ...(node.tool === undefined ? {} : { tool: node.tool }),
      before: unique(reads.map((read) => read.node)),
      reads: unique(reads.filter(({ by }) => by !== "after").map((read) => read.node)),
    };
  });
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort();
}

/**
 * What is drawn of a plan: each node a box; of too many, nodes with the same tool at the same depth share one; then all of one depth; then
 * several depths. A group never closes a circle, since its nodes lie next to each other in the order.
 */
export function drawingOf(plan: Plan): Drawing {
  const steps = stepsOf(plan);
  const depths = depthsOf(steps);
  const levels = 1 + Math.max(0, ...depths.values());
  const perBand = Math.ceil(levels / boxesMax);
  const depthOf = ({ name }: PlanStep): number => depths.get(name) ?? 0;
  const keys: readonly ((step: PlanStep) => string)[] = [
    ({ name }) => `n ${name}`,
    (step) => `t ${depthOf(step)} ${step.tool ?? ""}`,
    (step) => `d ${depthOf(step)}`,
    (step) => `b ${Math.floor(depthOf(step) / perBand)}`,
  ];
  let drawing: Drawing | undefined;
  for (const key of keys) {
    drawing = grouped(steps, key, depths);
    if (drawing !== undefined) break;
  }
  // Only a draft whose nodes wait for each other in circles comes here.
  return drawing ?? { steps, groups: boxesOf(steps, keys.at(-1) ?? (() => "")), edges: [], isCollapsed: true, isReduced: true };
}

function push<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const known = lists.get(key);
  if (known === undefined) lists.set(key, [item]);
  else known.push(item);
}

/** Groups by a key; `undefined`: still too much for one picture. */
function grouped(
  steps: readonly PlanStep[],
  key: (step: PlanStep) => string,
  depths: ReadonlyMap<string, number>,
): Drawing | undefined {
  const groups = boxesOf(steps, key);
  if (groups.length > boxesMax) return undefined;
  const boxOf = new Map(groups.flatMap(({ id, steps: all }) => all.map(({ name }): [string, string] => [name, id])));
  const all = edgesBetween(steps, boxOf);
  const ranks = ranksOf(groups, depths);
  const isLight = isCheap(all, ranks);
  const edges = isLight
    ? all
    : reduced(
        all,
        [...ranks].sort((a, b) => a[1] - b[1]).map(([id]) => id),
      );
  if (!isLight && !isCheap(edges, ranks)) return undefined;
  return { steps, groups, edges, isCollapsed: groups.length < steps.length, isReduced: !isLight };
}

function boxesOf(steps: readonly PlanStep[], key: (step: PlanStep) => string): readonly StepGroup[] {
  const members = new Map<string, PlanStep[]>();
  for (const step of steps) push(members, key(step), step);
  return [...members].map(([id, all]) => groupOf(id, all));
}

/** The rank of each box: the places of the depths that there are, without gaps. */
function ranksOf(groups: readonly StepGroup[], depths: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const depthOf = ({ steps }: StepGroup): number => Math.min(...steps.map(({ name }) => depths.get(name) ?? 0));
  const found = [...new Set(groups.map(depthOf))].sort((a, b) => a - b);
  const places = new Map(found.map((depth, place) => [depth, place]));
  return new Map(groups.map((group) => [group.id, places.get(depthOf(group)) ?? 0]));
}

function groupOf(id: string, steps: readonly PlanStep[]): StepGroup {
  const [first] = steps;
  if (steps.length === 1 && first !== undefined) return { id: `n ${first.name}`, steps };
  const tools = new Set(steps.map(({ tool }) => tool ?? "computed"));
  const [tool] = tools;
  const sorted = [...steps].sort((a, b) => (a.name < b.name ? -1 : 1));
  return { id, steps: sorted, title: tools.size === 1 && tool !== undefined ? tool : `${tools.size} tools` };
}

function edgesBetween(steps: readonly PlanStep[], boxOf: ReadonlyMap<string, string>): readonly StepEdge[] {
  const edges = new Map<string, StepEdge>();
  for (const { name, before, reads } of steps) {
    const to = boxOf.get(name) ?? "";
    const data = new Set(reads);
    for (const other of before) {
      const from = boxOf.get(other) ?? "";
      if (from === to) continue;
      const key = JSON.stringify([from, to]);
      edges.set(key, { from, to, isData: data.has(other) || edges.get(key)?.isData === true });
    }
  }
  return [...edges.values()];
}

function isCheap(edges: readonly StepEdge[], depths: ReadonlyMap<string, number>): boolean {
  const spans = edges.reduce((sum, { from, to }) => sum + Math.abs((depths.get(to) ?? 0) - (depths.get(from) ?? 0)), 0);
  return edges.length <= edgesMax && spans <= spansMax;
}

/** Edges that do not follow from others (transitive reduction): what must be settled before what, in the fewest lines. */
function reduced(edges: readonly StepEdge[], order: readonly string[]): readonly StepEdge[] {
  const place = new Map(order.map((id, at) => [id, at]));
  const before = new Map<string, StepEdge[]>();
  for (const edge of edges) push(before, edge.to, edge);
  const reach = new Map<string, Set<string>>();
  const kept: StepEdge[] = [];
  for (const id of order) {
    const seen = new Set<string>();
    // Nearest first: what it reaches need not be drawn from here.
    const nearest = [...(before.get(id) ?? [])].sort((a, b) => (place.get(b.from) ?? 0) - (place.get(a.from) ?? 0));
    for (const edge of nearest) {
      if (!seen.has(edge.from)) kept.push(edge);
      seen.add(edge.from);
      for (const far of reach.get(edge.from) ?? []) seen.add(far);
    }
    reach.set(id, seen);
  }
  return kept;
}

/** For each node, how many others stand before it at least, one after the other. A circle, which only a draft can have, ends where it closes. */
export function depthsOf(steps: readonly PlanStep[]): ReadonlyMap<string, number> {
  const after = new Map<string, string[]>();
  const open = new Map<string, number>();
  for (const { name, before } of steps) {
    open.set(name, before.length);
    for (const other of before) push(after, other, name);
  }
  const depths = new Map(steps.map(({ name }) => [name, 0]));
  const ready = steps.filter(({ before }) => before.length === 0).map(({ name }) => name);
  for (let at = 0; at < ready.length; at++) {
    const name = ready[at] as string;
    for (const next of after.get(name) ?? []) {
      depths.set(next, Math.max(depths.get(next) ?? 0, (depths.get(name) ?? 0) + 1));
      const left = (open.get(next) ?? 0) - 1;
      open.set(next, left);
      if (left === 0) ready.push(next);
    }
  }
  return depths;
}
