/**
 * A step of an intent whose arguments are known by name, as a draft is made of.
 * Types only.
 */
import type { ArgRule } from "../plan/plan.ts";
import type { IntentStep } from "./intent.ts";

/** A step with its arguments by name. */
export interface ResolvedStep extends IntentStep {
  readonly args: { readonly [name: string]: ArgRule };
}
