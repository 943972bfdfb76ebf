/**
 * Whether the attack sees what it is there to see: for each plan with one protection less, whether some changed run gets through that the plan stops,
 * and whether the oracle says so by itself.
 */
import { oracleOf, outcomeOf } from "./attempt.ts";
import { type Benign, type BenignPlan, playBenign } from "./benign.ts";
import type { Extent, Mutant } from "./mutant.ts";
import type { OraclePlan } from "./oracle.ts";
import { families } from "./plan-run.ts";
import type { Allowed, Moment } from "./play.ts";
import { jsonEqual } from "../../src/json/value.ts";
import { type RuleKind, type Weakening, weakenings } from "./weakenings.ts";

/** What came of the weakenings of one kind. */
export interface Noticed {
  all: number;
  /** A changed run was allowed more than under the plan itself. */
  through: number;
  /** The oracle calls one of them a violation of the plan. */
  judged: number;
  /** What nothing showed. */
  readonly unseen: string[];
}

/** Weakens a plan in every way that its benign run still passes. */
export function runWeakened(plan: BenignPlan, extent: Extent, into: Map<RuleKind, Noticed>): void {
  const own = playBenign(plan, { isAlone: true });
  if (typeof own === "string") return;
  const oracle = oracleOf(own);
  const reached = new Set(own.calls.map(({ allowed }) => allowed.node));
  for (const weakening of weakenings(plan.frozen, reached)) {
    // A node that the run does not reach has nothing to be attacked from.
    if (weakening.node !== undefined && !reached.has(weakening.node)) continue;
    const weak = playBenign({ ...plan, frozen: weakening.frozen }, { isAlone: true });
    if (typeof weak === "string" || weak.calls.length < own.calls.length) continue;
    const noticed = into.get(weakening.kind) ?? { all: 0, through: 0, judged: 0, unseen: [] };
    into.set(weakening.kind, noticed);
    noticed.all += 1;
    const seen = search({ own, weak, oracle }, weakening, extent);
    if (seen.isThrough) noticed.through += 1;
    else noticed.unseen.push(`${plan.name}, ${weakening.what}`);
    if (seen.isJudged) noticed.judged += 1;
  }
}

interface Weakened {
  readonly own: Benign;
  readonly weak: Benign;
  readonly oracle: OraclePlan;
}

/** Changed runs that are tried against one weakening. */
const triesMax = 2_500;

/** Tries changed runs until one gets through and the oracle has called one a violation, those of the weakened node first. */
function search(
  { own, weak, oracle }: Weakened,
  { node }: Weakening,
  extent: Extent,
): { readonly isThrough: boolean; readonly isJudged: boolean } {
  let isThrough = false;
  let isJudged = false;
  let tries = 0;
  for (const { mutants } of families(weak, extent, { isEvery: true })) {
    for (const mutant of mutants) {
      if (isThrough && isJudged) return { isThrough, isJudged };
      if (node !== undefined && isElsewhere(mutant, node)) continue;
      if (tries++ > triesMax) break;
      const [first] = mutant.moves;
      if (mutant.isSingle && first?.type === "call" && !weak.stage.peek(mutant.from, first).isAllowed) continue;
      const played = weak.stage.play(mutant.from, mutant.moves);
      const more = mutant.from.seen.length;
      const allowed = played.seen.slice(more).filter((each) => each.kind === "allow");
      isThrough ||= isMore(own, weak, { mutant, allowed });
      const outcome = outcomeOf(oracle, played.seen, { from: more, planted: mutant.planted, difference: undefined });
      isJudged ||= outcome.sort === "violation";
      isThrough ||= isJudged;
    }
  }
  return { isThrough, isJudged };
}

/** Single substitutions of other nodes show nothing about this one. */
function isElsewhere({ isSingle, what }: Mutant, node: string): boolean {
  return isSingle && !what.startsWith(`${node}.`) && !what.startsWith(`${node} `);
}

/** Whether the plan itself allows less of the same moves. */
function isMore(
  own: Benign,
  weak: Benign,
  { mutant, allowed }: { readonly mutant: Mutant; readonly allowed: readonly Allowed[] },
): boolean {
  const from = momentIn(own, weak, mutant);
  if (from === undefined) return false;
  const left = own.stage
    .play(from, mutant.moves)
    .seen.slice(from.seen.length)
    .flatMap((each) => (each.kind === "allow" ? [each] : []));
  return allowed.some((call) => {
    const same = left.findIndex((other) => other.node === call.node && jsonEqual(other.final, call.final));
    if (same < 0) return true;
    left.splice(same, 1);
    return false;
  });
}

/** The moment of the plan itself that corresponds to one of the weakened plan. */
function momentIn(own: Benign, weak: Benign, { from }: Mutant): Moment | undefined {
  const call = weak.calls.find(({ before }) => before === from)?.call.id;
  if (call !== undefined) return own.calls.find((each) => each.call.id === call)?.before;
  return weak.moves.length === own.moves.length ? own.moments[weak.moments.indexOf(from)] : own.moments.at(-1);
}
