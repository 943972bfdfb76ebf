/**
 * Makes a changed run that went wrong smaller: takes moves away from the whole run while the same thing still goes wrong.
 * Never changes a value into another, so what is left is part of what was found.
 */
import type { Benign } from "./benign.ts";
import { type Outcome, outcomeOf } from "./attempt.ts";
import type { OraclePlan } from "./oracle.ts";
import type { Mutant } from "./mutant.ts";
import type { Move } from "./play.ts";

/** The smallest list of moves, from the opening of the session, that still goes wrong in the same way. */
export function minimise(benign: Benign, oracle: OraclePlan, mutant: Mutant): readonly Move[] {
  const at = benign.moments.indexOf(mutant.from);
  const start = benign.stage.start();
  const tried = (moves: readonly Move[]): Outcome => {
    const { seen, difference } = benign.stage.play(start, moves);
    return outcomeOf(oracle, seen, { from: 0, planted: mutant.planted, difference });
  };
  const whole = [...benign.moves.slice(0, Math.max(0, at)), ...mutant.moves];
  const kind = kindOf(tried(whole));
  let best = whole;
  for (let i = best.length - 1; i >= 0; i--) {
    const smaller = best.toSpliced(i, 1);
    if (kindOf(tried(smaller)) === kind) best = smaller;
  }
  return best;
}

function kindOf({ sort, why, difference }: Outcome): string {
  return difference === undefined ? `${sort} ${why}` : "difference";
}
