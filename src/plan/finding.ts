/**
 * What linting, compiling and inferring say about a plan: data, one shape for all.
 * Pure. No I/O, no clock.
 */

/** One finding about a plan, its catalogue or a trace. An `error` forbids freezing. */
export interface Finding {
  /** Stable, upper case: `LINT_…` for judgements, `PLAN_…` and `LANG_…` for what cannot be compiled. */
  readonly code: string;
  readonly severity: "error" | "warning" | "info";
  /** JSON pointer (RFC 6901) into the plan document. */
  readonly pointer: string;
  /** One line, lower case, no full stop, back-quoted input; says what would be right. */
  readonly message: string;
  /** Bits of freedom (log2 of the choices) that an attacker or the agent has, where that is what was found. */
  readonly bits?: number;
}
