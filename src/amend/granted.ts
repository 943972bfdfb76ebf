/**
 * Which nodes of an amendment the envelope of the plan grants: what they say lies within an entry whose runs are not all spent.
 * Pure. A node that says anything beyond the shape of an entry is not granted.
 */
import type { CompiledPlan } from "../plan/compile/compiled.ts";
import { runsOfEntry } from "../plan/envelope.ts";
import type { ArgRule, EnvelopeEntry, PlanNode } from "../plan/plan.ts";
import { optionsOf } from "../plan/walk.ts";
import { combine, type Comparison, type PlanChange, type Side } from "./change.ts";
import { givenRule } from "./given.ts";
import { compareRules } from "./rules.ts";

/** Runs of an entry that a node takes. */
export interface Spending {
  readonly entry: number;
  readonly runs: number;
}

/** A node that an entry grants: as it will run, its approved constants kept. */
export interface Granted extends Spending {
  readonly node: PlanNode;
}

/** Members that a granted node may have; each of them only restricts it, or is compared with the entry. */
const members: ReadonlySet<string> = new Set(["tool", "description", "args", "times", "after", "optional"]);

/**
 * The first entry that grants a new node, given how many runs of each are left. `tool` is the qualified name of the node's tool.
 */
export function grantOf(
  plan: CompiledPlan,
  { tool, node }: { readonly tool: string; readonly node: PlanNode },
  left: readonly number[],
): Granted | undefined {
  const { max } = typeof node.times === "object" ? node.times : { max: node.times ?? 1 };
  if (!Object.keys(node).every((name) => members.has(name))) return undefined;
  for (const [entry, shape] of (plan.frozen.plan.envelope ?? []).entries()) {
    if (shape.tool !== tool || (left[entry] ?? 0) < max) continue;
    const args = argsWithin(plan, node.args ?? {}, shape);
    if (args !== undefined) return { entry, runs: max, node: { ...node, tool, args } };
  }
  return undefined;
}

/** Runs of each entry that are left, given how many were spent. */
export function runsLeft(plan: CompiledPlan, spentOf: (entry: number) => number): readonly number[] {
  return (plan.frozen.plan.envelope ?? []).map((entry, i) => runsOfEntry(entry) - spentOf(i));
}

function argsWithin(
  plan: CompiledPlan,
  args: { readonly [name: string]: ArgRule },
  { args: shape = {} }: EnvelopeEntry,
): { readonly [name: string]: ArgRule } | undefined {
  const isWhole = Object.entries(shape).every(([name, rule]) => Object.hasOwn(args, name) || optionsOf(rule).optional === true);
  if (!isWhole) return undefined;
  const within: Record<string, ArgRule> = {};
  for (const [name, rule] of Object.entries(args)) {
    const granted = Object.hasOwn(shape, name) ? shape[name] : undefined;
    if (granted === undefined) return undefined;
    // A constant of the entry was approved with the plan; any other is the agent's.
    const given = givenRule(rule, granted);
    if (!isRuleWithin(plan, granted, given)) return undefined;
    within[name] = given;
  }
  return within;
}

function isRuleWithin(plan: CompiledPlan, before: ArgRule, after: ArgRule): boolean {
  const changes: PlanChange[] = [];
  const side: Side = { frozen: plan.frozen, compiled: plan };
  const comparison: Comparison = {
    before: side,
    after: side,
    // Whatever labels mean elsewhere: what was granted is this class, with this label.
    doLabelsMatter: true,
    isDeclassifying: true,
    report: (change) => void changes.push(change),
  };
  compareRules(comparison, { before, after }, { before: [], after: [] });
  const relation = combine(changes.map((change) => change.relation));
  return relation === "same" || relation === "narrower";
}
