/**
 * Kinds of plans besides the learned ones. Types and a list; never a plan that was not written.
 */
import type { PlanKind } from "./kinds.ts";

/** None yet. */
export const planKinds: readonly PlanKind[] = [];
