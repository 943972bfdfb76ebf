/**
 * The plans that are learned from the benign runs of the tasks, as a kind of plans.
 * Never corrects what was learned; what a human has to agree to is counted, whether or not anybody would.
 */
import type { Suite } from "./data.ts";
import type { PlanKind, Planning } from "./kinds.ts";
import { learnTask } from "./measure.ts";
import { confirmationsOf } from "./plans/confirmations.ts";

/** A plan for each task, from the benign run of that same task and its prompt. */
export const learned: PlanKind = {
  name: "learned",
  plansOf: async (suite: Suite): Promise<ReadonlyMap<string, Planning>> =>
    new Map(
      suite.tasks.map((task): [string, Planning] => {
        const made = learnTask(suite, task);
        if (!("frozen" in made)) return [task.id, { missing: made.reason }];
        const { frozen } = made;
        const context = { catalogue: suite.catalogue, prompt: task.prompt, params: {} };
        return [task.id, { frozen, params: {}, confirmations: confirmationsOf(frozen, context) }];
      }),
    ),
};
