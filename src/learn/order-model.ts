/**
 * The order of nodes that are learned from several runs: only what holds in all of them.
 * Pure. Never makes a circle, and never orders two reads.
 */
import { roleOf } from "../catalogue/catalogue.ts";
import { canonicalJson } from "../json/canonical.ts";
import type { Json } from "../json/value.ts";
import type { PlanNode } from "../plan/plan.ts";
import { isReader } from "./draft.ts";
import type { Model, NodeModel } from "./model.ts";

type Before = Map<NodeModel, Set<NodeModel>>;
type ArgsOf = (node: NodeModel) => PlanNode["args"];

/** The nodes that each must come after besides those that it refers to. `reads`: names of nodes, computed ones among them. */
export function edgesOf(
  model: Model,
  reads: ReadonlyMap<NodeModel, ReadonlySet<string>>,
  argsOf: ArgsOf,
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
      if (other === node || !isBefore(other, node)) continue;
      if (isReader(other.tool) || shareTarget(node, other, argsOf)) add(node, other);
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

function reaches(before: Before, node: NodeModel, wanted: NodeModel): boolean {
  const open = [node];
  const seen = new Set<NodeModel>();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const other of before.get(next) ?? []) {
      if (other === wanted) return true;
      if (!seen.has(other)) open.push(other);
      seen.add(other);
    }
  }
  return false;
}

/** Whether two acting nodes act on the same thing: a target of one is written as a target of the other. */
function shareTarget(a: NodeModel, b: NodeModel, argsOf: ArgsOf): boolean {
  const targets = targetsOf(a, argsOf);
  return [...targetsOf(b, argsOf)].some((target) => targets.has(target));
}

function targetsOf(node: NodeModel, argsOf: ArgsOf): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [arg, rule] of Object.entries(argsOf(node) ?? {})) {
    const isPlain = typeof rule === "boolean" || typeof rule === "number";
    if (roleOf(node.tool, arg) === "target" && !isPlain) found.add(canonicalJson(rule as Json));
  }
  return found;
}
