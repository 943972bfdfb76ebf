/**
 * Which waiting an earlier wait already says.
 * Pure. Never leaves out a wait that a loop without rows would not keep.
 */
import type { PlanNode } from "../../plan/plan.ts";
import { readsOf } from "../../plan/walk-reads.ts";
import type { IntentStep } from "../intent.ts";

/** Those of `waits` that neither the data of the step nor another wait implies. */
export function needlessWaits(steps: readonly IntentStep[], step: IntentStep, waits: readonly string[]): readonly string[] {
  if (waits.length === 0) return waits;
  const byName = new Map(steps.map((each) => [each.name, each] as const));
  const reached = new Set<string>();
  const open = [...readNames(step, byName), ...waits];
  const seeds = new Set(readNames(step, byName));
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const next = byName.get(name);
    if (next === undefined) continue;
    for (const before of settledBy(next, byName)) {
      if (reached.has(before)) continue;
      reached.add(before);
      open.push(before);
    }
  }
  return waits.filter((name) => !reached.has(name) && !seeds.has(name));
}

/** What is settled whenever a step is: for a loop, which may have no row, only what its rows come from. */
function settledBy(step: IntentStep, byName: ReadonlyMap<string, IntentStep>): readonly string[] {
  if (step.each === undefined) return [...readNames(step, byName), ...(step.after ?? [])];
  const bare: IntentStep = { name: step.name, tool: step.tool ?? "", each: step.each, place: step.place };
  return readNames(bare, byName);
}

const known = new WeakMap<IntentStep, readonly string[]>();

/** The nodes that a step reads; a `let` stands for what it reads. */
function readNames(step: IntentStep, byName: ReadonlyMap<string, IntentStep>): readonly string[] {
  const before = known.get(step);
  if (before !== undefined) return before;
  const { positional = [], args = {}, name, place: _place, after: _after, ...rest } = step;
  const all = { ...args, ...Object.fromEntries(positional.map((rule, i) => [`positional ${i}`, rule] as const)) };
  const node: PlanNode = { ...rest, args: all };
  const direct = new Set(readsOf(name, node, { nodes: new Set(byName.keys()), params: new Set() }).map((read) => read.node));
  // A set: computations that read each other twice, one after the other, would double the list each time.
  const names = new Set(direct);
  for (const read of direct) {
    const other = byName.get(read);
    if (other?.let !== undefined) for (const name of readNames(other, byName)) names.add(name);
  }
  const list = [...names];
  known.set(step, list);
  return list;
}
