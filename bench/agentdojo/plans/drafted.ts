/**
 * Plans that the local model drafts from the prompt and the reviewed catalogue, as they are.
 * Never repairs a draft: one from which the model abstains, or that cannot be frozen, is missing, with the reason.
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Catalogue } from "../../../src/catalogue/catalogue.ts";
import { draftPlan } from "../../../src/infer/draft.ts";
import { createModelPlanner } from "../../../src/infer/planner/planner.ts";
import type { Planner } from "../../../src/infer/proposal.ts";
import { freezePlan } from "../../../src/plan/freeze.ts";
import type { Suite, UserTask } from "../data.ts";
import type { PlanKind, Planning } from "../kinds.ts";
import { confirmationsOf } from "./confirmations.ts";
import { plansFolder, reviewedCatalogue } from "./reviewed.ts";

const models = fileURLToPath(new URL("../../../models", plansFolder));

/** The plans that the local model drafted. */
export const drafted: PlanKind = {
  name: "drafted",
  plansOf: async (suite: Suite): Promise<ReadonlyMap<string, Planning>> => {
    if (!existsSync(new URL(`catalogue/${suite.name}.yaml`, plansFolder))) return new Map();
    const catalogue = reviewedCatalogue(suite);
    const planner = createModelPlanner({ models });
    const planned = new Map<string, Planning>();
    for (const task of suite.tasks) planned.set(task.id, await planOf(task, catalogue, planner));
    await planner.close();
    return planned;
  },
};

async function planOf(task: UserTask, catalogue: Catalogue, planner: Planner): Promise<Planning> {
  const made = await draftPlan(task.prompt, catalogue, { planners: [planner], name: task.id.replaceAll("_", "-") });
  if (!made.ok) return { missing: `${made.error.code}: ${made.error.message}` };
  const { plan, abstained, reasons } = made.value;
  if (abstained || plan === null) return { missing: `abstained: ${[...new Set(reasons.map(({ code }) => code))].join(", ")}` };
  const frozen = freezePlan(plan, catalogue);
  if (!frozen.ok) return { missing: `${frozen.error[0]?.code} ${frozen.error[0]?.pointer}: ${frozen.error[0]?.message}` };
  const confirmations = confirmationsOf(frozen.value, { catalogue, prompt: task.prompt, params: {} });
  return { frozen: frozen.value, params: {}, confirmations, catalogue };
}
