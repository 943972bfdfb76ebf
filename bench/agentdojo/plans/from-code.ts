/**
 * Plans from code: `code/SUITE/TASK.py`, a program as a planning model would write it, imported by `src/intent`.
 * Never repairs what was imported: a program that is refused is missing, with the code of the refusal.
 */
import { existsSync, readFileSync } from "node:fs";
import { type Catalogue, readCatalogue } from "../../../src/catalogue/catalogue.ts";
import { importText } from "../../../src/intent/import.ts";
import type { Json } from "../../../src/json/value.ts";
import { freezePlan } from "../../../src/plan/freeze.ts";
import type { Suite, UserTask } from "../data.ts";
import type { PlanKind, Planning } from "../kinds.ts";
import { answersFor, scriptFor } from "./answers.ts";
import { confirmationsOf } from "./confirmations.ts";
import { modelTool, withoutModel } from "./model-answers.ts";
import { plansFolder, reviewedCatalogue } from "./reviewed.ts";

/** The plans that were imported from programs. */
export const fromCode: PlanKind = {
  name: "from code",
  plansOf: async (suite: Suite): Promise<ReadonlyMap<string, Planning>> => {
    if (!existsSync(new URL(`catalogue/${suite.name}.yaml`, plansFolder))) return new Map();
    const catalogue = reviewedCatalogue(suite);
    const planned = new Map<string, Planning>();
    for (const task of suite.tasks) planned.set(task.id, await planOf(suite, task, catalogue));
    return planned;
  },
};

/** The catalogue that programs are imported with: the model can be asked. */
function withModelTool({ tools, labels }: Catalogue): Catalogue {
  const listed = [...Array.from(tools.values(), ({ definition }) => definition), modelTool];
  const read = readCatalogue({ labels, tools: listed } as unknown as Json);
  if (!read.ok) throw new Error(read.error[0]?.message);
  return read.value;
}

async function planOf(suite: Suite, task: UserTask, catalogue: Catalogue): Promise<Planning> {
  const file = new URL(`code/${suite.name}/${task.id}.py`, plansFolder);
  if (!existsSync(file)) return { missing: "not written" };
  const options = { from: "python", name: task.id.replaceAll("_", "-"), task: task.prompt } as const;
  const imported = await importText(readFileSync(file, "utf8"), withModelTool(catalogue), options);
  if (!imported.ok) return { missing: `${imported.error.code}: ${imported.error.message}` };
  const draft = imported.value.plan;
  const plan = withoutModel(draft, catalogue);
  if ("computed" in plan) return { missing: `the program computes with an answer of the model (\`${plan.computed}\`)` };
  const frozen = freezePlan(plan, catalogue);
  if (!frozen.ok) return { missing: `${frozen.error[0]?.code} ${frozen.error[0]?.pointer}: ${frozen.error[0]?.message}` };
  const params = answersFor("code", suite.name, task);
  const confirmations = confirmationsOf(frozen.value, { catalogue, prompt: task.prompt, params });
  const script = scriptFor("code", suite, task);
  return { frozen: frozen.value, params, confirmations, catalogue, ...(script === undefined ? {} : { script }) };
}
