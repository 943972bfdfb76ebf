/**
 * The order of a learned plan: what acts comes after what was read, and after what acted, before it was called.
 * Pure. Never orders two reads, since either may come first.
 */
import { canonicalJson } from "../json/canonical.ts";
import type { Json } from "../json/value.ts";
import { type Draft, isReader, type NodeDraft, toolNodesOf } from "./draft.ts";
import { isSeenAt } from "./steps.ts";

/** Adds the edges that references do not imply, without those that follow from others. */
export function orderNodes(draft: Draft): void {
  const { nodes } = draft;
  settlePartial(draft);
  const before = new Map<NodeDraft, Set<NodeDraft>>();
  for (const node of nodes) {
    const own = [...[...node.args.values()].flatMap((rule) => rule.reads), ...(node.each?.reads ?? [])];
    before.set(node, new Set(toolNodesOf(draft, own)));
  }
  separate(draft, before);
  for (const [place, node] of nodes.entries()) {
    if (isReader(node.tool)) continue;
    // The latest first: what it comes after itself needs no edge of its own.
    for (const other of nodes.slice(0, place).reverse()) {
      if (isDoneBefore(other, node)) addEdge(before, node, other);
    }
  }
}

/**
 * A call without an argument also fits a node that would fill it in. Two such nodes run one after the other, the first as often as seen,
 * so that at any time only one of them is open.
 */
function separate(draft: Draft, before: Map<NodeDraft, Set<NodeDraft>>): void {
  for (const [place, node] of draft.nodes.entries()) {
    for (const other of draft.nodes.slice(0, place)) {
      if (!areNested(node, other) || !comesFirst(other, node) || reaches(before, other, node)) continue;
      other.isExact = true;
      addEdge(before, node, other);
    }
  }
}

/** Whether one node has the arguments of the other and more, under the same rules where both have them. */
function areNested(a: NodeDraft, b: NodeDraft): boolean {
  if (a.tool !== b.tool || a.each !== undefined || b.each !== undefined) return false;
  const [few, many] = a.args.size < b.args.size ? [a, b] : [b, a];
  if (few.args.size === many.args.size) return false;
  return [...few.args].every(([arg, { rule }]) => {
    const other = many.args.get(arg);
    return other !== undefined && canonicalJson(rule as Json) === canonicalJson(other.rule as Json);
  });
}

/** Whether all runs of `a` came before the first of `b`. */
function comesFirst(a: NodeDraft, b: NodeDraft): boolean {
  return (
    Math.min(...b.steps.map((step) => step.index)) > Math.min(...a.steps.map((step) => step.index)) &&
    a.runs.every((run) => run.index < firstIndex(b))
  );
}

/** Whether the results of `a` had come back when `b` was first called: its first ones, or, of what acts, all. */
function isDoneBefore(a: NodeDraft, b: NodeDraft): boolean {
  const first = b.steps.find((step) => step.index === firstIndex(b));
  return (isReader(a.tool) ? a.runs : a.steps).every((step) => isSeenAt(step, first));
}

function firstIndex(node: NodeDraft): number {
  return Math.min(...node.steps.map((step) => step.index));
}

function addEdge(before: Map<NodeDraft, Set<NodeDraft>>, node: NodeDraft, other: NodeDraft): void {
  if (reaches(before, node, other)) return;
  node.after.add(other.name);
  before.get(node)?.add(other);
}

/** Whether a node comes after another, by what comes before each. */
export function reaches<Node>(before: ReadonlyMap<Node, ReadonlySet<Node>>, node: Node, wanted: Node): boolean {
  const open = [node];
  const seen = new Set<Node>();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const other of before.get(next) ?? []) {
      if (other === wanted) return true;
      if (!seen.has(other)) open.push(other);
      seen.add(other);
    }
  }
  return false;
}

/** A loop whose rows were not all run when something read it may be left incomplete. */
function settlePartial(draft: Draft): void {
  for (const node of draft.nodes) {
    if (node.each === undefined) continue;
    const last = Math.max(...node.runs.map((run) => run.index));
    const readers = draft.nodes.filter((other) => {
      const own = [...[...other.args.values()].flatMap((rule) => rule.reads), ...(other.each?.reads ?? [])];
      return other !== node && toolNodesOf(draft, own).includes(node);
    });
    if (readers.some((other) => firstIndex(other) < last)) node.isPartial = true;
  }
}
