/**
 * The semantic difference of two frozen plans: what the new one lets through that the old one does not, and the other way round.
 * Pure. No I/O, no clock. Says `same` or `narrower` only where every run that the new plan allows is allowed by the old one too.
 *
 * The claim, tested in `test/amend`: take any history of allowed calls and their outcomes under the new plan. If no change is `wider` or
 * `incomparable`, the old plan allows the same runs with the same final arguments, where the call names its node and row and sends what the old
 * plan leaves to the agent. (No agent names a row, and the first that fits is taken; but which one that is protects nothing.) What the agent is told, and which code a denial has, is not part of the claim.
 */
import type { Json } from "../json/value.ts";
import { examplesOf } from "../lang/match/examples.ts";
import { compilePlan } from "../plan/compile.ts";
import type { CompiledPlan } from "../plan/compile/compiled.ts";
import type { Finding } from "../plan/finding.ts";
import type { ArgRule, FrozenPlan, PlanNode } from "../plan/plan.ts";
import { classify, optionsOf, rulesOf } from "../plan/walk.ts";
import { ok, type Result } from "../result.ts";
import { combine, type Comparison, type PlanChange, type Relation, reportAt, type Side } from "./change.ts";
import { compareNodes } from "./nodes.ts";
import { comparePlanParts, doLabelsMatter } from "./plan-parts.ts";
import { constantOf } from "./rules.ts";

export { combine, type PlanChange, type Relation } from "./change.ts";

/** How one node compares. */
export interface NodeDiff {
  readonly node: string;
  readonly relation: Relation;
  /** By argument, for those that either plan mentions. */
  readonly args: { readonly [name: string]: Relation };
}

/** The difference of two plans. */
export interface PlanDiff {
  /** Digests. */
  readonly before: string;
  readonly after: string;
  /** Of all changes together. */
  readonly relation: Relation;
  readonly changes: readonly PlanChange[];
  /** Nodes of both plans, in ascending order of their names. */
  readonly nodes: readonly NodeDiff[];
}

/**
 * Compares two frozen plans. Errors: those of `compilePlan`, for a plan that cannot be enforced.
 *
 * @example
 * const diff = diffPlans(approved, proposed);
 * if (diff.ok && isWithin(diff.value)) …
 */
export function diffPlans(before: FrozenPlan, after: FrozenPlan): Result<PlanDiff, readonly Finding[]> {
  const old = compilePlan(before);
  if (!old.ok) return old;
  const next = compilePlan(after);
  if (!next.ok) return next;
  return ok(diffCompiled(old.value, next.value));
}

/**
 * Compares two compiled plans. `isAmending`: for a session that goes on under the new plan. Its labels outlive it in its conversation, in resources and
 * in later amendments, so a lower label is wider even where no denial of the old plan rests on one.
 */
export function diffCompiled(
  before: CompiledPlan,
  after: CompiledPlan,
  { isAmending = false }: { readonly isAmending?: boolean } = {},
): PlanDiff {
  const changes: PlanChange[] = [];
  const old: Side = { frozen: before.frozen, compiled: before };
  const next: Side = { frozen: after.frozen, compiled: after };
  const comparison: Comparison = {
    before: old,
    after: next,
    doLabelsMatter: isAmending || doLabelsMatter(old),
    isDeclassifying: isDeclassifying(before.frozen) || isDeclassifying(after.frozen),
    report: (change) => void changes.push(change),
  };
  comparePlanParts(comparison);
  const names = [...new Set([...before.byName.keys(), ...after.byName.keys()])].sort();
  for (const name of names) compareNode(comparison, name);
  return {
    before: before.frozen.digest,
    after: after.frozen.digest,
    relation: combine(changes.map(({ relation }) => relation)),
    changes,
    nodes: names.map((name) => nodeDiff(comparison, name, changes)),
  };
}

/** Whether the new plan lets through nothing that the old one does not. */
export function isWithin({ relation }: { readonly relation: Relation }): boolean {
  return relation === "same" || relation === "narrower";
}

function isDeclassifying({ plan }: FrozenPlan): boolean {
  return Object.entries(plan.nodes).some(([name, node]) =>
    rulesOf(name, node).some(({ rule }) => optionsOf(rule).declassify !== undefined),
  );
}

function compareNode(comparison: Comparison, name: string): void {
  const { before, after } = comparison;
  const [old, next] = [before.compiled.byName.get(name), after.compiled.byName.get(name)];
  const [from, to] = [specOf(before, name), specOf(after, name)];
  if (old !== undefined && next !== undefined && from !== undefined && to !== undefined)
    return void compareNodes(comparison, name, { before: { spec: from, node: old }, after: { spec: to, node: next } });
  if (from === undefined)
    return void reportAt(comparison, { node: name, before: undefined, after: ["nodes", name] }, addedNode(name, to));
  // SECURITY: its verdict reads no longer label denials of other nodes of the tool; a node that goes must not lower a label.
  const doesTell = (old?.hiddenReads.length ?? 0) > 0 && comparison.doLabelsMatter;
  reportAt(
    comparison,
    { node: name, before: ["nodes", name], after: undefined },
    { relation: doesTell ? "incomparable" : "narrower", sentence: "the node is gone" },
  );
}

function specOf({ frozen }: Side, name: string): PlanNode | undefined {
  return Object.hasOwn(frozen.plan.nodes, name) ? frozen.plan.nodes[name] : undefined;
}

function addedNode(name: string, spec: PlanNode | undefined): Pick<PlanChange, "relation" | "sentence" | "witness"> {
  // A computation runs nothing: what uses it is compared where it stands.
  if (spec?.tool === undefined) return { relation: "same", sentence: "a computation is new" };
  const values: Record<string, Json> = {};
  for (const [arg, rule] of Object.entries(spec.args ?? {})) {
    const value = exampleOfRule(rule);
    if (value !== undefined) values[arg] = value;
  }
  return {
    relation: "wider",
    sentence: `a call of \`${spec.tool}\` is new`,
    witness: { node: name, tool: spec.tool, args: values },
  };
}

/** A value that a rule lets through, where the plan alone says one. */
function exampleOfRule(rule: ArgRule): Json | undefined {
  const constant = constantOf(rule);
  if (constant !== undefined) return constant;
  const classed = classify(rule);
  return classed.kind === "choose" ? examplesOf(classed.rule.choose, { count: 1 }).matching[0] : undefined;
}

function nodeDiff({ before, after }: Comparison, node: string, changes: readonly PlanChange[]): NodeDiff {
  const own = changes.filter((change) => change.node === node);
  const args = new Set([...Object.keys(specOf(before, node)?.args ?? {}), ...Object.keys(specOf(after, node)?.args ?? {})]);
  const relations = [...args]
    .sort()
    .map((name) => [name, combine(own.filter((change) => change.argument === name).map(({ relation }) => relation))] as const);
  return { node, relation: combine(own.map(({ relation }) => relation)), args: Object.fromEntries(relations) };
}
