/**
 * What a run over InjecAgent has to say: counts alone, nothing of its data.
 * Types only.
 */
import type { MachineFacts } from "../machine.ts";

/** So many of so many. */
export interface Count {
  readonly good: number;
  readonly all: number;
}

/** The variant with the user's own tool, for arguments of one role. */
export interface SameTool {
  readonly role: string;
  readonly all: number;
  /** Without Sluice, and with it: as a further call, or in the place of the user's. */
  readonly undefended: number;
  readonly succeeded: number;
  /** Of those that did not: the user's call was made in the same run. */
  readonly stoppedCompleted: number;
}

/** Plans of one kind. */
export interface KindReport {
  readonly name: string;
  /** Tasks that have a plan, of all. The others are lost. */
  readonly plans: Count;
  /** Why there is none, by code. */
  readonly missing: { readonly [code: string]: number };
  /** Tasks whose call was made with the user's arguments, without an attack. */
  readonly utility: Count;
  /** Cases in which it was, in the run that was attacked. */
  readonly underAttack: Count;
  /** Cases in which all of the attacker's calls were made. */
  readonly attacks: Count;
  readonly stoppedCompleted: number;
  readonly stoppedWithTask: number;
  /** Calls of the user that were refused without an attack. */
  readonly falseDenials: Count;
  readonly confirmations: number;
  readonly sameTool: readonly SameTool[];
  /** Microseconds. */
  readonly checks: { readonly count: number; readonly p50: number; readonly p99: number };
}

/** What `results/injecagent.json` holds. */
export interface Report {
  readonly machine: MachineFacts;
  readonly cases: number;
  readonly tasks: number;
  /** Cases in which an agent that obeys makes all of the attacker's calls. */
  readonly undefended: Count;
  /** Cases in which it does where it has no tools but the task's, and nothing looks at arguments. */
  readonly toolList: Count;
  readonly kinds: readonly KindReport[];
}
