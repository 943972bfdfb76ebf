/**
 * What every kind of plan gives to the run in AgentDojo's environments: a plan for each user task, or why there is none.
 * Types only. A task without a plan is never left out: it counts as not completed.
 */
import type { Catalogue } from "../../src/catalogue/catalogue.ts";
import type { JsonObject } from "../../src/json/value.ts";
import type { FrozenPlan } from "../../src/plan/plan.ts";
import type { Suite } from "./data.ts";

/** From where a plan comes. */
export type KindName = "learned" | "hand-made" | "from code" | "drafted";

/** A call of the agent. An argument that the plan fills in may be left out. */
export interface ScriptedCall {
  readonly tool: string;
  readonly args: JsonObject;
}

/** A plan for a user task, with what its run needs. */
export interface PlannedTask {
  readonly frozen: FrozenPlan;
  /** Parameters of the session, as the host would take them from the user's words; the plan's defaults fill the rest. */
  readonly params: JsonObject;
  /** What a human decides when the plan is approved, a line each: consents and confirmed values, by one rule for all kinds. */
  readonly confirmations: readonly string[];
  /**
   * The calls that a benign agent with this plan makes, where they are not those of AgentDojo's ground truth: a read that the ground truth
   * leaves out, another order. What the plan leaves to the agent is said as the ground truth has it. Default: the ground truth's calls.
   */
  readonly script?: readonly ScriptedCall[];
  /**
   * The plan only reads, and the rest is for an amendment: what is left of the calls is then asked for in one, and a human decides on it,
   * which is one more confirmation.
   */
  readonly isAmended?: boolean;
  /** The catalogue that the plan was frozen against, for amendments, where it is not the suite's own. */
  readonly catalogue?: Catalogue;
}

/** What a kind has for a user task. */
export type Planning = PlannedTask | { readonly missing: string };

/** A kind of plans, for every user task of a suite. */
export interface PlanKind {
  readonly name: KindName;
  /** By user task. What is not in it counts as missing. */
  plansOf(suite: Suite): Promise<ReadonlyMap<string, Planning>>;
}
