/** A table of inputs that a constraint refuses, with twins that it lets through, so that no table can pass because everything is denied. */
import type { Json } from "../../../src/json/value.ts";
import type { ArgRule, Constraints } from "../../../src/plan/plan.ts";

/** One constraint, in a plan of one node, and what is sent to it. */
export interface AttackTable {
  readonly title: string;
  /** A tool of the test's catalogue. */
  readonly tool: "web/fetch" | "disk/write" | "db/run" | "shell/run" | "mail/post" | "form/set";
  /** The argument that is attacked. */
  readonly arg: string;
  /** Its rule; default: the agent chooses freely. */
  readonly rule?: ArgRule;
  /** Other arguments, as the plan says them. */
  readonly others?: { readonly [name: string]: ArgRule };
  readonly constraints?: Constraints;
  readonly benign: readonly Json[];
  readonly hostile: readonly Json[];
}
