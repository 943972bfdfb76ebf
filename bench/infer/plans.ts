/**
 * Whether the plan that `draftPlan` makes says what the planner proposed: the figures are of proposals, a user gets plans.
 * Never judges whether either is right.
 */
import type { Catalogue } from "../../src/catalogue/catalogue.ts";
import { draftPlan } from "../../src/infer/draft.ts";
import { exampleOf } from "../../src/infer/memory/approved.ts";
import { compareOutlines, outlineOf } from "../../src/infer/adapt/outline.ts";
import type { Planner } from "../../src/infer/proposal.ts";
import type { FrozenPlan, Plan } from "../../src/plan/plan.ts";
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
    const why = drafted.ok ? (findings[0]?.code ?? (plan === null ? "no plan" : "another plan")) : drafted.error.code;
    different.push(`${row.id}: ${why}`);
  }
  return { tried, same: tried - different.length, different };
}

/** What a plan says; `undefined` where it says more than a proposal can. */
function outlineOfPlan(plan: Plan, catalogue: Catalogue): ReturnType<typeof outlineOf> | undefined {
  // Only what an example is made of: nothing is frozen here.
  const frozen = { plan, tools: Object.fromEntries(catalogue.tools), digest: "" } as unknown as FrozenPlan;
  const example = exampleOf(frozen);
  return example.ok ? outlineOf(example.value) : undefined;
}
