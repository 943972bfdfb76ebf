/**
 * Puts steps in order of which one's call could pass for the other's: what Sluice fills in may be left out, so that a call of few arguments
 * fits every node of the tool that has these and more.
 * Pure. Never turns an order round that the steps have already.
 */
import { argumentDefault } from "../catalogue/catalogue.ts";
import { canonicalJson } from "../json/canonical.ts";
import { pointerOf } from "../json/pointer.ts";
import { type Json, jsonEqual } from "../json/value.ts";
import type { Finding } from "../plan/finding.ts";
import type { ArgRule, FrozenTool, PlanNode } from "../plan/plan.ts";
import { classify } from "../plan/walk.ts";
import { readsOf } from "../plan/walk-reads.ts";
import type { ResolvedStep } from "./draft.ts";

/** What the steps are looked at with. */
export interface OrderContext {
  /** By the name of the step. */
  readonly tools: ReadonlyMap<string, FrozenTool>;
  readonly params: ReadonlySet<string>;
}

/**
 * Lets the later of two such steps wait for the earlier (`IMPORT_ORDERED`). The other way round nothing is needed: the call of the earlier has
 * an argument that the later refuses.
 */
export function orderLookalikes(
  steps: readonly ResolvedStep[],
  { tools, params }: OrderContext,
): { readonly steps: readonly ResolvedStep[]; readonly findings: readonly Finding[] } {
  const groups = new Map<FrozenTool, { readonly step: ResolvedStep; readonly rules: ReadonlyMap<string, string> }[]>();
  const added = new Map<string, string[]>();
  const reads = readsOfSteps(steps, params);
  for (const step of steps) {
    const tool = tools.get(step.name);
    if (tool === undefined || step.each !== undefined) continue;
    const rules = sentRules(step, tool);
    const group = groups.get(tool) ?? [];
    for (const earlier of group) {
      if (!isWithin(earlier.rules, rules)) continue;
      const [first, later] = [earlier.step.name, step.name];
      if (waitsFor(reads, later, first) || waitsFor(reads, first, later)) continue;
      added.set(later, [...(added.get(later) ?? []), first]);
      reads.get(later)?.add(first);
    }
    groups.set(tool, [...group, { step, rules }]);
  }
  const ordered = steps.map((step) => {
    const more = added.get(step.name);
    return more === undefined ? step : { ...step, after: [...(step.after ?? []), ...more] };
  });
  return { steps: ordered, findings: Array.from(added, ([name, first]) => orderedAt(name, first)) };
}

function orderedAt(name: string, first: readonly string[]): Finding {
  const others = first
    .slice(0, 3)
    .map((other) => `\`${other}\``)
    .join(", ");
  const message = `what ${others} sends would fit this node too, so that it comes after`;
  return { code: "IMPORT_ORDERED", severity: "info", pointer: pointerOf(["nodes", name, "after"]), message };
}

/** The rules of the arguments that tell calls apart: `null` and the schema's default are as good as absent. */
export function sentRules({ args }: ResolvedStep, tool: FrozenTool): ReadonlyMap<string, string> {
  const told = Object.entries(args).filter(([name, rule]) => {
    const value = constantOf(rule);
    const fallback = argumentDefault(tool, name);
    return value !== null && (value === undefined || fallback === undefined || !jsonEqual(value, fallback));
  });
  return new Map(told.map(([name, rule]) => [name, canonicalJson(rule as Json)]));
}

function constantOf(rule: ArgRule): Json | undefined {
  const classed = classify(rule);
  return classed.kind === "const" ? classed.rule.const : undefined;
}

/** Whether a call of the one would fit the other's node: all of its arguments have the same rules there. */
export function isWithin(few: ReadonlyMap<string, string>, many: ReadonlyMap<string, string>): boolean {
  if (few.size > many.size) return false;
  for (const [name, rule] of few) if (many.get(name) !== rule) return false;
  return true;
}

/** Whether `later` waits for `first`, directly or through others. */
function waitsFor(reads: ReadonlyMap<string, ReadonlySet<string>>, later: string, first: string): boolean {
  const seen = new Set([later]);
  const open = [later];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === first) return true;
    for (const other of reads.get(next) ?? []) {
      if (!seen.has(other)) open.push(other);
      seen.add(other);
    }
  }
  return false;
}

/** The steps that each step waits for, by its rules or by `after`. */
function readsOfSteps(steps: readonly ResolvedStep[], params: ReadonlySet<string>): Map<string, Set<string>> {
  const nodes = new Set(steps.map(({ name }) => name));
  return new Map(
    steps.map((step) => [step.name, new Set(readsOf(step.name, nodeOf(step), { nodes, params }).map(({ node }) => node))]),
  );
}

/** A step as the node that it becomes. */
export function nodeOf({ name: _name, place: _place, positional: _positional, ...node }: ResolvedStep): PlanNode {
  return node;
}
