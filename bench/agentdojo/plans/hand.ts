/**
 * Hand-made plans, one for each user task: `hand/SUITE/TASK.yaml`, frozen against the reviewed catalogue.
 * Never repairs a plan: one that cannot be frozen is missing, with the reason.
 */
import { existsSync } from "node:fs";
import { freezePlan } from "../../../src/plan/freeze.ts";
import { parsePlan } from "../../../src/plan/schema.ts";
import type { Catalogue } from "../../../src/catalogue/catalogue.ts";
import type { Suite, UserTask } from "../data.ts";
import type { PlanKind, Planning } from "../kinds.ts";
import { answersFor, scriptFor } from "./answers.ts";
import { confirmationsOf } from "./confirmations.ts";
import { plansFolder, readYamlFile, reviewedCatalogue } from "./reviewed.ts";

/** The plans that were written by hand. */
export const handMade: PlanKind = {
  name: "hand-made",
  plansOf: async (suite: Suite): Promise<ReadonlyMap<string, Planning>> => {
    if (!existsSync(new URL(`catalogue/${suite.name}.yaml`, plansFolder))) return new Map();
    const catalogue = reviewedCatalogue(suite);
    return new Map(suite.tasks.map((task) => [task.id, planOf(suite, task, catalogue)]));
  },
};

function planOf(suite: Suite, task: UserTask, catalogue: Catalogue): Planning {
  const path = `hand/${suite.name}/${task.id}.yaml`;
  if (!existsSync(new URL(path, plansFolder))) return { missing: "not written" };
  const plan = parsePlan(readYamlFile(path));
  if (!plan.ok) return { missing: `${plan.error[0]?.code} ${plan.error[0]?.pointer}` };
  const frozen = freezePlan(plan.value, catalogue);
  if (!frozen.ok) return { missing: `${frozen.error[0]?.code} ${frozen.error[0]?.pointer}` };
  const params = answersFor("hand", suite.name, task);
  const script = scriptFor("hand", suite, task);
  const context = { catalogue, prompt: task.prompt, params };
  return {
    frozen: frozen.value,
    params,
    confirmations: confirmationsOf(frozen.value, context),
    catalogue,
    ...(script === undefined ? {} : { script }),
    ...(plan.value.envelope === undefined ? {} : { isAmended: true }),
  };
}
