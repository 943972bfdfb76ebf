/**
 * The kinds of plans that are not learned: written by hand, imported from code, drafted by the local model.
 * Never shows a plan what AgentDojo's ground truth does: only answers to what the prompt leaves open are taken from it (`plans/answers.ts`).
 */
import type { PlanKind } from "./kinds.ts";
import { drafted } from "./plans/drafted.ts";
import { fromCode } from "./plans/from-code.ts";
import { handMade } from "./plans/hand.ts";

/** Every kind but `learned`. */
export const planKinds: readonly PlanKind[] = [handMade, fromCode, drafted];
