/**
 * The static analysis of the plan that is linted, worked out once for all rules.
 * Pure. A plan that cannot be compiled has none: its errors are reported elsewhere.
 */
import { analyse, type Analysis } from "../../../analyze/analyse.ts";
import type { LintSubject } from "../subject.ts";

interface Analyses {
  /** Tools may answer anything. */
  readonly worst: Analysis | undefined;
  /** Tools answer what fits their output schemas, so that `removes` does what it says. */
  readonly valid: Analysis | undefined;
}

const known = new WeakMap<LintSubject, Analyses>();

/** The worst case of the plan, twice: with results of any form, and with results that fit their schemas. */
export function analysesOf(subject: LintSubject): Analyses {
  const found = known.get(subject);
  if (found !== undefined) return found;
  const worst = analyse(subject.frozen);
  const hasRemovals = subject.nodes.some(({ node }) => node.removes !== undefined);
  const valid = hasRemovals ? analyse(subject.frozen, { results: "valid" }) : worst;
  const analyses = { worst: worst.ok ? worst.value : undefined, valid: valid.ok ? valid.value : undefined };
  known.set(subject, analyses);
  return analyses;
}
