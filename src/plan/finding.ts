/**
 * What linting, compiling and inferring say about a plan: data, one shape for all.
 * Pure. No I/O, no clock.
 */

import type { FindingCode, Severity } from "../finding-codes.ts";

/** One finding about a plan, its catalogue or a trace. An `error` forbids freezing. */
export interface Finding {
  /** Stable, upper case: `LINT_…` for judgements, `PLAN_…` and `LANG_…` for what cannot be compiled. */
  readonly code: FindingCode;
  readonly severity: Severity;
  /** JSON pointer (RFC 6901) into the plan document. */
  readonly pointer: string;
  /** One line, lower case, no full stop, back-quoted input; says what would be right. */
  readonly message: string;
  /** Bits of freedom (log2 of the choices) that an attacker or the agent has, where that is what was found. */
  readonly bits?: number;
}

/** A text of an author for a message: on one line, without characters that would steer a terminal. */
export function oneLine(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, " ");
}
