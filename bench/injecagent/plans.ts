/**
 * The kinds of plans that InjecAgent's tasks are run under: learned from the user's call alone, and drafted by the local model from the words.
 * Never shows a plan the poisoned result or an attacker's call, and never repairs a draft.
 */
import { fileURLToPath } from "node:url";
import type { Catalogue } from "../../src/catalogue/catalogue.ts";
import { draftPlan } from "../../src/infer/draft.ts";
import { createModelPlanner } from "../../src/infer/planner/planner.ts";
import { learnPlan } from "../../src/learn/learn.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import type { FrozenPlan } from "../../src/plan/plan.ts";
import { confirmationsOf } from "../agentdojo/plans/confirmations.ts";
import type { CaseCall } from "./data.ts";

/** A task of InjecAgent: thirty cases share each. */
export interface Task {
  readonly task: string;
  readonly call: CaseCall;
}

/** The plan of a task, with what a human decides when it is approved; or why there is none. */
export type Planned = { readonly frozen: FrozenPlan; readonly confirmations: number } | { readonly missing: string };

/** A kind of plans. */
export interface PlanKind {
  readonly name: "learned" | "drafted" | "drafted, unsure drafts kept";
  plansOf(tasks: readonly Task[], catalogue: Catalogue): Promise<ReadonlyMap<string, Planned>>;
}

/** Learned from one run of the user's call, whose result is empty. */
export const learned: PlanKind = {
  name: "learned",
  plansOf: async (tasks, catalogue) =>
    new Map(
      tasks.map(({ task, call }): [string, Planned] => {
        const events = [
          { type: "call" as const, id: "user", ...call },
          { type: "result" as const, id: "user", value: "" },
        ];
        const made = learnPlan([{ task, events }], catalogue);
        if (!made.ok) return [task, { missing: made.error[0]?.code ?? "not learned" }];
        const frozen = freezePlan(made.value.plan, catalogue);
        if (!frozen.ok) return [task, { missing: frozen.error[0]?.code ?? "not frozen" }];
        const warnings = made.value.findings.filter(({ severity }) => severity === "warning");
        return [
          task,
          { frozen: frozen.value, confirmations: new Set(warnings.map(({ code, pointer }) => `${code} ${pointer}`)).size },
        ];
      }),
    ),
};

/** Drafted by the local model from the task and all tools, as it is. */
export const drafted: PlanKind = {
  name: "drafted",
  plansOf: (tasks, catalogue) => draftAll(tasks, catalogue, { keepsUnsure: false }),
};

/** The same, with the drafts that the model itself is not sure of: each is one thing more that a human decides. */
export const unsure: PlanKind = {
  name: "drafted, unsure drafts kept",
  plansOf: (tasks, catalogue) => draftAll(tasks, catalogue, { keepsUnsure: true }),
};

async function draftAll(
  tasks: readonly Task[],
  catalogue: Catalogue,
  { keepsUnsure }: { readonly keepsUnsure: boolean },
): Promise<ReadonlyMap<string, Planned>> {
  const planner = createModelPlanner({ models: fileURLToPath(new URL("../../models", import.meta.url)) });
  const plans = new Map<string, Planned>();
  for (const [index, { task }] of tasks.entries()) {
    const made = await draftPlan(task, catalogue, { planners: [planner], name: `task-${index}` });
    if (!made.ok) {
      plans.set(task, { missing: made.error.code });
      continue;
    }
    const { plan, abstained, reasons } = made.value;
    if (plan === null || (abstained && !keepsUnsure)) {
      plans.set(task, { missing: reasons[0]?.code ?? "abstained" });
      continue;
    }
    const frozen = freezePlan(plan, catalogue);
    const asked = frozen.ok ? confirmationsOf(frozen.value, { catalogue, prompt: task, params: {} }).length : 0;
    const confirmations = asked + (abstained ? 1 : 0);
    plans.set(task, frozen.ok ? { frozen: frozen.value, confirmations } : { missing: frozen.error[0]?.code ?? "not frozen" });
  }
  await planner.close();
  return plans;
}
