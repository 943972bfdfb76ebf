/**
 * The plans that are learned from the benign runs of the tasks, as a kind of plans.
 * Never corrects what was learned; what a human has to agree to is counted, whether or not anybody would.
 */
import type { Suite } from "./data.ts";
import type { PlanKind, Planning } from "./kinds.ts";
import { learnTask } from "./measure.ts";

/** A plan for each task, from the benign run of that same task and its prompt. Every warning is one thing that a human agrees to. */
export const learned: PlanKind = {
  name: "learned",
  plansOf: async (suite: Suite): Promise<ReadonlyMap<string, Planning>> =>
    new Map(
      suite.tasks.map((task): [string, Planning] => {
        const made = learnTask(suite, task);
        if (!("frozen" in made)) return [task.id, { missing: made.reason }];
        const warnings = made.findings.filter(({ severity }) => severity === "warning");
        const places = new Set(warnings.map(({ code, pointer }) => `${code} ${pointer}`));
        return [task.id, { frozen: made.frozen, params: {}, confirmations: [...places] }];
      }),
    ),
};
