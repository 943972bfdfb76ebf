/**
 * The memory of approved plans: frozen plans with their tasks, from which drafts for like tasks are made.
 * Pure. It learns nothing: it holds what people approved, and grows with each approval. A plan that cannot be a pattern is kept out, with its reason.
 */
import type { FrozenPlan } from "../../plan/plan.ts";
import type { ValueContext } from "../values/mention.ts";
import { type Example, exampleOf } from "./approved.ts";
import { buildLibrary, type Library } from "./library.ts";

/** Plans that one memory holds. */
export const memoryPlansMax = 10_000;

/** An approved plan, and what the dates of its task were relative to. */
export interface Approved {
  readonly plan: FrozenPlan;
  readonly context?: Pick<ValueContext, "now" | "zone">;
}

/** A plan that is no pattern for new tasks, and why. */
export interface LeftOut {
  readonly digest: string;
  readonly reason: string;
}

/** What is given to {@link createMemory}. */
export interface MemoryOptions {
  /** Frozen plans, checked when they were frozen or read (`thawPlan`). */
  readonly plans?: readonly (FrozenPlan | Approved)[];
}

/** A memory of approved plans. */
export interface Memory {
  /** Adds an approved plan; one that is held already changes nothing. Whether it is a pattern for new tasks now. */
  remember(plan: FrozenPlan, context?: Approved["context"]): boolean;
  /** Digests of the plans that drafts can be made from, in ascending order. */
  digests(): readonly string[];
  readonly leftOut: readonly LeftOut[];
  /** The plans made ready to be compared with; made anew after each approval. */
  library(): Library;
}

/**
 * Makes a memory.
 *
 * @example
 * const memory = createMemory({ plans: approved });
 * const draft = await draftPlan(task, catalogue, { planners: [createMemoryPlanner({ memory })] });
 */
export function createMemory(options: MemoryOptions = {}): Memory {
  const examples = new Map<string, Example>();
  const leftOut: LeftOut[] = [];
  let library: Library | undefined;
  const remember: Memory["remember"] = (plan, context) => {
    if (examples.has(plan.digest)) return true;
    const example = examples.size < memoryPlansMax ? exampleOf(plan, context ?? {}) : undefined;
    if (example?.ok !== true) {
      if (!leftOut.some(({ digest }) => digest === plan.digest))
        leftOut.push({ digest: plan.digest, reason: example?.error ?? `more than ${memoryPlansMax} plans` });
      return false;
    }
    examples.set(plan.digest, example.value);
    library = undefined;
    return true;
  };
  for (const one of options.plans ?? []) {
    if ("digest" in one) remember(one);
    else remember(one.plan, one.context);
  }
  return {
    remember,
    leftOut,
    digests: () => [...examples.keys()].sort(),
    library: () => {
      library ??= buildLibrary([...examples.values()]);
      return library;
    },
  };
}
