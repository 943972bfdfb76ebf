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
import type { ResolvedStep } from "./resolved-step.ts";

/** What the steps are looked at with. */
export interface OrderContext {
  /** By the name of the step. */
  readonly tools: ReadonlyMap<string, FrozenTool>;
  readonly params: ReadonlySet<string>;
}

/**
 * Lets steps of which one could pass for another come one after the other, as they stand (`IMPORT_ORDERED`). Nothing is said of a step of more
 * arguments before one of fewer: its call has an argument that the other's node refuses.
 */
export function orderLookalikes(
  steps: readonly ResolvedStep[],
  { tools, params }: OrderContext,
): { readonly steps: readonly ResolvedStep[]; readonly findings: readonly Finding[] } {
  const comesBefore = orderOf(steps, params);
  // Where steps wait for ones that stand behind them, an edge from the first to the later could close a circle.
  if (steps.some((_step, at) => steps.some((_other, later) => later > at && comesBefore(later, at))))
    return { steps, findings: [] };
  const added = new Map<number, number>();
  for (const group of groupsOf(steps, tools)) {
    for (const chain of chainsOf(group, (first, later) => !comesBefore(first, later) && !comesBefore(later, first))) {
      for (const [at, later] of chain.entries()) {
        const first = chain[at - 1];
        if (first !== undefined && !comesBefore(first, later)) added.set(later, first);
      }
    }
  }
  const nameAt = (at: number | undefined): string => steps[at ?? -1]?.name ?? "";
  const ordered = steps.map((step, at) => {
    const first = added.get(at);
    return first === undefined ? step : { ...step, after: [...(step.after ?? []), nameAt(first)] };
  });
  return { steps: ordered, findings: Array.from(added, ([later, first]) => orderedAt(nameAt(later), nameAt(first))) };
}

/** A step by its place, and the rules that tell its calls apart. */
interface Member {
  readonly at: number;
  readonly rules: ReadonlyMap<string, string>;
}

/** Steps of one tool, in their order. Rows of a loop are told apart by their data. */
function groupsOf(steps: readonly ResolvedStep[], tools: OrderContext["tools"]): Iterable<readonly Member[]> {
  const groups = new Map<FrozenTool, Member[]>();
  for (const [at, step] of steps.entries()) {
    const tool = tools.get(step.name);
    if (tool === undefined || step.each !== undefined) continue;
    const member = { at, rules: sentRules(step, tool) };
    const group = groups.get(tool);
    if (group === undefined) groups.set(tool, [member]);
    else group.push(member);
  }
  return groups.values();
}

/** Places of steps that are connected by "the earlier could pass for the later, and nothing orders them", each list in order. */
function chainsOf(group: readonly Member[], isOpen: (first: number, later: number) => boolean): Iterable<readonly number[]> {
  const chainOf = new Map<number, number[]>();
  for (const [place, later] of group.entries()) {
    let own = [later.at];
    for (const earlier of group.slice(0, place)) {
      if (!isWithin(earlier.rules, later.rules) || !isOpen(earlier.at, later.at)) continue;
      const other = chainOf.get(earlier.at) ?? [earlier.at];
      if (other !== own) own = [...own, ...other];
      for (const at of own) chainOf.set(at, own);
    }
  }
  return [...new Set(chainOf.values())].map((chain) => [...chain].sort((a, b) => a - b));
}

/** Whether one step, by its place, comes before another, directly or through others. */
function orderOf(steps: readonly ResolvedStep[], params: ReadonlySet<string>): (first: number, later: number) => boolean {
  const places = new Map(steps.map(({ name }, at) => [name, at]));
  const nodes: ReadonlySet<string> = new Set(places.keys());
  const reads = steps.map((step) =>
    [...new Set(readsOf(step.name, nodeOf(step), { nodes, params }).map(({ node }) => node))].flatMap(
      (name) => places.get(name) ?? [],
    ),
  );
  const width = Math.ceil(steps.length / 32);
  const before: (Uint32Array | undefined)[] = [];
  const visit = (at: number): Uint32Array => {
    const known = before[at];
    if (known !== undefined) return known;
    const bits = new Uint32Array(width);
    // Set before its parts, so that a circle, which the linter reports, ends here.
    before[at] = bits;
    for (const other of reads[at] ?? []) {
      const theirs = visit(other);
      for (let word = 0; word < width; word++) bits[word] = (bits[word] ?? 0) | (theirs[word] ?? 0);
      bits[other >>> 5] = (bits[other >>> 5] ?? 0) | (1 << (other & 31));
    }
    return bits;
  };
  for (let at = 0; at < steps.length; at++) visit(at);
  return (first, later) => (((before[later]?.[first >>> 5] ?? 0) >>> (first & 31)) & 1) === 1;
}

function orderedAt(name: string, first: string): Finding {
  const message = `a call of \`${first}\` could pass for one of this node, or the other way round, so that this one comes after it`;
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

/** A step as the node that it becomes. */
export function nodeOf({ name: _name, place: _place, positional: _positional, ...node }: ResolvedStep): PlanNode {
  return node;
}
