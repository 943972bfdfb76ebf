/**
 * Whether the plan that `draftPlan` makes says what the planner proposed: the figures are of proposals, a user gets plans.
 * Never judges whether either is right.
 */
import type { Catalogue } from "../../src/catalogue/catalogue.ts";
import { draftPlan } from "../../src/infer/draft.ts";
import { compareOutlines, type Outline, outlineOf } from "../../src/infer/adapt/outline.ts";
import type { Planner } from "../../src/infer/proposal.ts";
import type { Json } from "../../src/json/value.ts";
import type { ArgRule, Plan } from "../../src/plan/plan.ts";
import { classify, partsOf } from "../../src/plan/walk.ts";
import { type PlanNames, readsOf } from "../../src/plan/walk-reads.ts";
import { contextOf } from "./drafting.ts";
import type { EvalRow } from "./rows.ts";
import type { Report } from "./table.ts";

/** Drafts plans of rows and compares each with the proposal that it was made of. */
export async function comparePlans(rows: readonly EvalRow[], planner: Planner): Promise<NonNullable<Report["plans"]>> {
  const different: string[] = [];
  let tried = 0;
  for (const row of rows) {
    const { now, zone } = contextOf(row);
    const proposal = await planner.propose(row.task, row.tools, contextOf(row));
    if (proposal.calls.length === 0) continue;
    const catalogue = row.catalogue();
    const drafted = await draftPlan(row.task, catalogue, {
      planners: [planner],
      ...(now === undefined ? {} : { now }),
      ...(zone === undefined ? {} : { zone }),
    });
    tried += 1;
    const plan = drafted.ok ? drafted.value.plan : null;
    const said = plan === null ? undefined : outlineOfPlan(plan, catalogue);
    const isSame = said !== undefined && compareOutlines(said, { ...outlineOf(proposal), hasArgs: true }).isExact;
    if (isSame) continue;
    const findings = drafted.ok ? drafted.value.findings.filter(({ severity }) => severity === "error") : [];
    const why = drafted.ok
      ? (findings[0]?.code ?? (plan === null ? (drafted.value.reasons.at(-1)?.message ?? "no plan") : "another plan"))
      : drafted.error.code;
    different.push(`${row.id}: ${why}`);
  }
  return { tried, same: tried - different.length, different };
}

/** What a plan says: constants of its nodes, and which results its nodes read. */
function outlineOfPlan(plan: Plan, catalogue: Catalogue): Outline {
  const names: PlanNames = { nodes: new Set(Object.keys(plan.nodes)), params: new Set(Object.keys(plan.params ?? {})) };
  const toolOf = (node: string): string | undefined => {
    const tool = plan.nodes[node]?.tool;
    const found = tool === undefined ? undefined : catalogue.resolve(tool);
    return found?.ok ? found.value.name : undefined;
  };
  const edges = new Map<string, readonly [string, string]>();
  const calls = Object.entries(plan.nodes).flatMap(([name, node]) => {
    const tool = toolOf(name);
    if (tool === undefined) return [];
    for (const { node: other, by } of readsOf(name, node, names)) {
      const from = by === "after" ? undefined : toolOf(other);
      if (from !== undefined) edges.set(JSON.stringify([from, tool]), [from, tool]);
    }
    const args = Object.entries(node.args ?? {}).flatMap(([argument, rule]) => {
      const value = constantOf(rule);
      return value === undefined ? [] : [[argument, value] as const];
    });
    return [{ tool, args: Object.fromEntries(args) }];
  });
  return { calls, edges: [...edges.values()] };
}

/** The constant parts of a rule; `undefined` where it has none. */
function constantOf(rule: ArgRule): Json | undefined {
  const classed = classify(rule);
  if (classed.kind === "const") return classed.rule.const;
  const parts = partsOf(rule).flatMap(({ name, rule: part }) => {
    const value = constantOf(part);
    return value === undefined ? [] : [[String(name), value] as const];
  });
  if (parts.length === 0 || (classed.kind !== "list" && classed.kind !== "object")) return undefined;
  return classed.kind === "list" ? parts.map(([, value]) => value) : Object.fromEntries(parts);
}
