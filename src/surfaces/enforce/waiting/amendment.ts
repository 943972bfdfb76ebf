/**
 * An amendment as people see it, what they say of it, and how amendments are taken: types only.
 * Never shown to an agent: what it may know of one is `SafeChange`.
 */
import type { PlanDiff } from "../../../amend/diff.ts";
import type { Written } from "../../../amend/written.ts";
import type { Catalogue } from "../../../catalogue/form.ts";
import type { AskState } from "../../../decide/state.ts";

/** How amendments are taken. */
export interface AmendmentOptions {
  /** Tools that amendments may add, as the operator pins them. Without it: the tools of the plan and its envelope. */
  readonly catalogue?: Catalogue;
}

/** An amendment as a human judges it. */
export interface Amendment {
  /** Unique over all sessions. */
  readonly id: string;
  readonly session: string;
  /** Number in its session. */
  readonly amendment: number;
  readonly principal: string;
  readonly planName: string;
  readonly status: AskState["status"] | "expired";
  /** Milliseconds since the epoch: when it was asked for, and when its session ends. */
  readonly at: number;
  readonly expires: number;
  /** Digests. */
  readonly plan: string;
  readonly parent: string;
  /** Sources of what the agent had read by now: who may have had a say in what it asks for. */
  readonly context: readonly string[];
  /** How many different people must approve, and who has. */
  readonly people: number;
  readonly approvers: readonly string[];
  /** What the agent wrote: all that the plan it amends has not in the same place. */
  readonly written?: readonly Written[];
  /** Against the plan that it amends, if that is still the session's. */
  readonly diff?: PlanDiff;
}

/** What a person says of an amendment: bound to the digests that the person has seen. */
export interface AmendmentDecision {
  readonly by: string;
  readonly decision: "approve" | "deny";
  readonly plan: string;
  /** Why, in the person's words: kept beside the event, for other people alone. */
  readonly reason?: string;
}
