/**
 * Tries one changed run: plays it on both sides, asks the oracle about every call that it got allowed, and sorts it by the worst of them.
 */
import type { Benign } from "./benign.ts";
import { judge, type Judgement, type OraclePlan, type Sort, sorts } from "./oracle.ts";
import type { Mutant } from "./mutant.ts";
import type { Seen } from "./play.ts";

/** What came of a changed run. */
export interface Outcome {
  /** `denied`: nothing was allowed but what the benign run does as well, and something was denied. */
  readonly sort: Sort | "denied";
  readonly why: string;
  /** Codes of its denials. */
  readonly codes: readonly string[];
  /** Where engine and interpreter differ. */
  readonly difference: string | undefined;
  /** Allowed calls that were judged. */
  readonly judged: readonly Judgement[];
}

/** The plan as the oracle sees it. */
export function oracleOf({ plan, calls, stage }: Benign): OraclePlan {
  const [open] = stage.start().engine.events;
  const params = open?.type === "open" ? open.params : plan.params;
  return { frozen: plan.frozen, params, benign: calls.map(({ allowed }) => allowed), announcedAt: plan.announcedAt };
}

/** Tries a changed run on its plan. */
export function attempt(benign: Benign, oracle: OraclePlan, mutant: Mutant): Outcome {
  const { from, moves, planted, isSingle } = mutant;
  const [first] = moves;
  if (isSingle && first?.type === "call") {
    const { isAllowed, code, difference } = benign.stage.peek(from, first);
    if (!isAllowed || difference !== undefined) return { sort: "denied", why: code, codes: [code], difference, judged: [] };
  }
  const played = benign.stage.play(from, moves);
  return outcomeOf(oracle, played.seen, { from: from.seen.length, planted, difference: played.difference });
}

/** Sorts a transcript by its worst call. */
export function outcomeOf(
  oracle: OraclePlan,
  seen: readonly Seen[],
  {
    from,
    planted,
    difference,
  }: { readonly from: number; readonly planted: Mutant["planted"]; readonly difference: string | undefined },
): Outcome {
  const judged = judge(oracle, seen, { from, planted });
  const codes = seen.slice(from).flatMap((each) => (each.kind === "deny" ? [each.code] : []));
  const worst = [...judged].sort((a, b) => sorts.indexOf(b.sort) - sorts.indexOf(a.sort))[0];
  if (worst === undefined || (worst.sort === "harmless" && codes.length > 0))
    return { sort: codes.length > 0 ? "denied" : "harmless", why: codes[0] ?? "nothing is called", codes, difference, judged };
  return { sort: worst.sort, why: worst.why, codes, difference, judged };
}
