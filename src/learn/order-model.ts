/**
 * The order of nodes that are learned from several runs: only what holds in all of them, and of what acts all of that.
 * Pure. Never makes a circle, and never orders two reads.
 */
import { isReader } from "./draft.ts";
import type { Model, NodeModel } from "./model.ts";
import { reaches } from "./order.ts";
import { isSeenAt } from "./steps.ts";

type Before = Map<NodeModel, Set<NodeModel>>;

/** The nodes that each must come after besides those that it refers to. `reads`: names of nodes, computed ones among them. */
export function edgesOf(
  model: Model,
  reads: ReadonlyMap<NodeModel, ReadonlySet<string>>,
): ReadonlyMap<NodeModel, readonly NodeModel[]> {
  const before: Before = new Map(model.nodes.map((node) => [node, readNodes(model, reads.get(node) ?? new Set())]));
  const edges = new Map<NodeModel, NodeModel[]>();
  const add = (node: NodeModel, other: NodeModel): void => {
    if (reaches(before, node, other) || reaches(before, other, node)) return;
    before.get(node)?.add(other);
    edges.set(node, [...(edges.get(node) ?? []), other]);
  };
  for (const node of model.nodes) {
    for (const other of node.isExact ? [] : model.nodes) {
      // The next node of the same tool that would take the same call waits until this one has had its runs.
      if (other.isExact && other !== node && other.tool === node.tool && isBefore(other, node)) add(node, other);
    }
  }
  for (const node of model.nodes) {
    if (isReader(node.tool) || node.isUnordered) continue;
    for (const other of [...model.nodes].sort(latestFirst)) {
      if (other !== node && isDoneBefore(other, node)) add(node, other);
    }
  }
  return new Map([...edges].map(([node, others]) => [node, others.sort((a, b) => (a.name < b.name ? -1 : 1))]));
}

/** Nodes with a tool that these names read, through computed ones. */
function readNodes(model: Model, names: ReadonlySet<string>): Set<NodeModel> {
  const lets = new Map([...model.draft.lets.values()].map((one) => [one.name, one]));
  const found = new Set<NodeModel>();
  const visit = (name: string): void => {
    lets.get(name)?.reads.forEach(visit);
    const node = model.nodes.find((one) => one.name === name);
    if (node !== undefined) found.add(node);
  };
  for (const name of names) visit(name);
  return found;
}

function latestFirst(a: NodeModel, b: NodeModel): number {
  return firstOf(b) - firstOf(a);
}

function firstOf(node: NodeModel): number {
  return Math.min(...[...node.calls.values()].flat().map((call) => call.first.index));
}

/** Whether in every run that has both all runs of `a` came before the first of `b`, and some run has both. */
export function isBefore(a: NodeModel, b: NodeModel): boolean {
  const shared = [...b.calls].filter(([place]) => a.calls.has(place));
  return (
    shared.length > 0 &&
    shared.every(([place, calls]) => {
      const first = Math.min(...calls.map((call) => call.first.index));
      return (a.calls.get(place) ?? []).every((call) => call.run.index < first);
    })
  );
}

/** Whether in every run that has both the results of `a` had come back when `b` was first called, of what acts all of them; and some run has both. */
function isDoneBefore(a: NodeModel, b: NodeModel): boolean {
  const shared = [...b.calls].filter(([place]) => a.calls.has(place));
  return (
    shared.length > 0 &&
    shared.every(([place, calls]) => {
      const [first] = calls.map((call) => call.first).sort((one, other) => one.index - other.index);
      const own = a.calls.get(place) ?? [];
      return own.flatMap((call) => (isReader(a.tool) ? [call.run] : call.steps)).every((step) => isSeenAt(step, first));
    })
  );
}
