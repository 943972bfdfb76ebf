/**
 * What to change in a draft that denies one of its own runs: the next rule of the argument, a weaker order, a node less.
 * Pure but for the model. Every change is towards what was literally seen, so that changing comes to an end.
 */
import { learnArgs } from "./build-model.ts";
import { isReader } from "./draft.ts";
import { jsonEqual } from "../json/value.ts";
import { leavesOf, type Model, type NodeModel } from "./model.ts";
import { steeringArgs } from "./nodes.ts";
import { isBefore } from "./order-model.ts";
import type { Run } from "./runs.ts";
import type { Written } from "./write-model.ts";

/** The first denial of one run, or what forbids freezing the draft. */
export interface Denial {
  /** Absent: the plan cannot be frozen. */
  readonly run: Run | undefined;
  readonly code: string;
  /** The place of the call in its trace. */
  readonly at: number | undefined;
  /** JSON pointer into the plan. */
  readonly pointer: string;
  readonly node: NodeModel | undefined;
  readonly arg: string | undefined;
  /** The node that the engine says came closest. */
  readonly closest?: NodeModel | undefined;
}

/** The node that the call at a place of a run belongs to; none, if it is not part of the plan. */
export function nodeOfStep(model: Model, run: Run, index: number): NodeModel | undefined {
  return model.nodes.find((node) => node.calls.get(run.place)?.some((call) => call.steps.some((step) => step.index === index)));
}

/** Changes the model so that it denies less; `false` if nothing is left to change. */
export function settle(model: Model, written: Written, denials: readonly Denial[]): boolean {
  const changed = new Set<NodeModel>();
  let isChanged = false;
  for (const denial of denials) {
    const node = denial.node ?? nodeAt(model, written, denial.pointer);
    if (node === undefined || changed.has(node)) continue;
    changed.add(node);
    isChanged = settleOne(model, written, { denial, node }) || isChanged;
  }
  return isChanged;
}

/** The node that a pointer leads to, or the first that reads the computed node there. */
function nodeAt(model: Model, written: Written, pointer: string): NodeModel | undefined {
  const [, , name = ""] = pointer.split("/");
  return (
    model.nodes.find((node) => node.name === name) ?? model.nodes.find((node) => written.reads.get(node)?.has(name) === true)
  );
}

interface Fault {
  readonly denial: Denial;
  readonly node: NodeModel;
}

function settleOne(model: Model, written: Written, { denial, node }: Fault): boolean {
  return (
    byCode(model, { denial, node }) ||
    advanceAll(node) ||
    unguard(node) ||
    loosen(model, node) ||
    unfold(model, node) ||
    advanceReads(model, written, node) ||
    takeRows(model, node)
  );
}

/** What the code says to change first. */
function byCode(model: Model, { denial, node }: Fault): boolean {
  const { code, arg, pointer } = denial;
  const [, , , part, name] = pointer.split("/");
  const argument = arg ?? (part === "args" ? name : undefined);
  if (part === "constraints" || code === "CALL_BUDGET" || code === "CALL_RATE") return unbind(node);
  if (part === "when" || code === "CALL_GUARD") return unguard(node);
  if (code === "CALL_AMBIGUOUS") return tellApart(model, node);
  if (code === "CALL_OUT_OF_ORDER") return loosen(model, node);
  if (code === "CALL_EACH" || code === "CALL_REPEATED") return unfold(model, node);
  if ((code === "ARG_CONSTRAINT" || code === "CALL_TOO_LARGE") && unbind(node)) return true;
  return argument !== undefined && advance(node, argument);
}

/** The last resort: the host gives what steers each call, in any order. */
function takeRows(model: Model, node: NodeModel): boolean {
  const [first] = [...node.calls.values()].flat();
  if (node.rows !== undefined || first === undefined) return false;
  const names = [...new Set([...node.calls.values()].flat().flatMap(steeringArgs))].sort();
  if (names.length === 0) return false;
  delete node.loop;
  node.rows = names;
  node.presence = { kind: "always" };
  node.isUnordered = true;
  learnArgs(model, node);
  return true;
}

/** The next rule of an argument (of its first part that has one). */
function advance(node: NodeModel, name: string): boolean {
  const tree = node.args.get(name);
  const leaf = tree && leavesOf(tree).find(({ chosen, options }) => chosen + 1 < options.length);
  if (leaf === undefined) return false;
  leaf.chosen++;
  return true;
}

function advanceAll(node: NodeModel): boolean {
  return [...node.args.keys()].some((name) => advance(node, name));
}

/** The next rule of what this node's denial may rest on: the nodes that it reads. */
function advanceReads(model: Model, written: Written, node: NodeModel): boolean {
  const reads = written.reads.get(node) ?? new Set();
  return model.nodes.some((other) => other !== node && reads.has(other.name) && advanceAll(other));
}

function unbind(node: NodeModel): boolean {
  if (node.isUnbounded) return false;
  node.isUnbounded = true;
  return true;
}

function unguard(node: NodeModel): boolean {
  if (node.presence.kind !== "guard") return false;
  node.presence = { kind: "optional" };
  return true;
}

/** Leaves the order to references; then takes the rules that refer to something from the arguments. */
function loosen(model: Model, node: NodeModel): boolean {
  const { loop } = node;
  // What reads a loop may come before its last row.
  const partial = model.nodes.find(
    (other) => other.loop !== undefined && !other.loop.isPartial && other !== node && !isBefore(other, node),
  );
  if (!node.isUnordered) {
    node.isUnordered = true;
    return true;
  }
  if (partial?.loop !== undefined) {
    partial.loop = { ...partial.loop, isPartial: true };
    return true;
  }
  return advanceAll(node) || (loop !== undefined && unfold(model, node));
}

/** A loop that its runs do not keep to becomes one node for each call again. */
function unfold(model: Model, node: NodeModel): boolean {
  if (node.loop === undefined) return false;
  delete node.loop;
  learnArgs(model, node);
  return true;
}

/** Two nodes that one call fits: one after the other where all runs say so, else one node. */
function tellApart(model: Model, node: NodeModel): boolean {
  const twins = model.nodes.filter((other) => other.tool === node.tool);
  const loose = twins.find((other) => !other.isExact && twins.some((next) => next !== other && isBefore(other, next)));
  if (loose !== undefined) {
    loose.isExact = true;
    return true;
  }
  const [first, second] = twins.filter((other) => other.loop === undefined);
  if (first === undefined || second === undefined) return advanceAll(node);
  for (const [place, calls] of second.calls) {
    const own = [...(first.calls.get(place) ?? []), ...calls];
    first.calls.set(
      place,
      own.sort((a, b) => a.first.index - b.first.index),
    );
  }
  const isInAll = model.runs.every((run) => first.calls.has(run.place));
  const rows = varyingIn(first);
  if (rows.length > 0) first.rows = rows;
  first.presence = isInAll || rows.length > 0 ? { kind: "always" } : { kind: "optional" };
  first.isExact = first.isExact && isReader(first.tool);
  for (const other of model.nodes) if (other.loop?.source === second) other.loop = { ...other.loop, source: first };
  model.nodes.splice(model.nodes.indexOf(second), 1);
  for (const other of model.nodes) learnArgs(model, other);
  return true;
}

/** Arguments that steer and are not the same in all calls of one run. */
function varyingIn({ calls }: NodeModel): readonly string[] {
  const names = [...calls.values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    return steeringArgs(first).filter((name) => own.some((call) => !jsonEqual(call.first.args[name], first.first.args[name])));
  });
  return [...new Set(names)].sort();
}
