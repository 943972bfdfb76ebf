/**
 * One try of the adversary: a benign run up to a point, and what it does from there.
 * Types only.
 */
import type { TraceEvent } from "../trace.ts";
import type { BaseRun } from "./run.ts";

/** What the adversary does. */
export const techniques = [
  "off-plan tool",
  "look-alike name",
  "out of order",
  "repeated call",
  "parallel calls",
  "swapped arguments",
  "changed argument",
  "extra argument",
  "node name",
  "chosen value",
  "written text",
  "spelling",
  "handle",
  "poisoned result",
  "failed call",
  "late result",
  "resource round trip",
  "changed definition",
  "session parameter",
  "budget race",
  "batch",
  "next session",
  "agent's parameter",
  "amendment",
  "reworded approval",
] as const;

/** A technique. */
export type Technique = (typeof techniques)[number];

/** One try. */
export interface Attempt {
  readonly technique: Technique;
  readonly base: BaseRun;
  /** Events of the base that stay. */
  readonly at: number;
  /** What comes instead of the rest. */
  readonly tail: readonly TraceEvent[];
  /** The same without the attacker: what is allowed there is no achievement of his. Absent: the rest of the base. */
  readonly control?: readonly TraceEvent[];
  /** Whom the attacker controls: `the agent`, or the tool whose results he writes. */
  readonly controls: string;
  /** Where in the results. */
  readonly place?: string;
  /** Whether the agent must follow the attacker: then it must have read something untrusted before. */
  readonly byAgent: boolean;
}
