/**
 * Everything that is tried on one plan with one benign run, counted.
 * Keeps a reproduction of whatever goes wrong.
 */
import { substitutions } from "./arguments.ts";
import { attempt, oracleOf } from "./attempt.ts";
import { type Benign, type BenignPlan, playBenign } from "./benign.ts";
import { forgedLabels, rewrittenResults } from "./forgeries.ts";
import { handleMisuse } from "./handles.ts";
import { minimise } from "./minimise.ts";
import type { Drawn, Extent, Mutant, Technique } from "./mutant.ts";
import type { OraclePlan, Sort } from "./oracle.ts";
import { orders, reworded } from "./orders.ts";
import type { Move } from "./play.ts";

/** Counts of one technique. */
export interface Counts {
  tries: number;
  /** By sort; `denied` where nothing new was allowed. */
  readonly sorts: { [sort in Sort | "denied"]: number };
  /** Calls that were denied, by code. */
  readonly codes: Map<string, number>;
  /** What announced what was allowed, by name. */
  readonly announced: Map<string, number>;
  readonly drawn: Drawn;
}

/** Something that went wrong. */
export interface Wrong {
  readonly plan: string;
  readonly technique: Technique;
  readonly what: string;
  readonly why: string;
  readonly moves: readonly Move[];
}

/** What came of one plan. */
export interface PlanRun {
  readonly plan: BenignPlan;
  readonly calls: number;
  /** Calls of the benign run that are denied: none, if the attack is to mean anything. */
  readonly denied: readonly string[];
  readonly counts: ReadonlyMap<Technique, Counts>;
  readonly violations: readonly Wrong[];
  readonly differences: readonly Wrong[];
}

/** An empty count. */
export function noCounts(): Counts {
  const none = { denied: 0, harmless: 0, "own choice": 0, "free text": 0, announced: 0, violation: 0 };
  return { tries: 0, sorts: none, codes: new Map(), announced: new Map(), drawn: { all: 0, taken: 0 } };
}

/** Wrong outcomes of one technique that are kept with a reproduction. */
const keptMax = 3;

/** Tries everything on one plan; the text says why it cannot be played. */
export function runPlan(plan: BenignPlan, extent: Extent): PlanRun | string {
  const benign = playBenign(plan);
  if (typeof benign === "string") return benign;
  const oracle = oracleOf(benign);
  const counts = new Map<Technique, Counts>();
  const violations: Wrong[] = [];
  const differences: Wrong[] = [];
  if (benign.difference !== undefined)
    differences.push({
      plan: plan.name,
      technique: "call dropped",
      what: "the benign run itself",
      why: benign.difference,
      moves: benign.moves,
    });
  const countsOf = (technique: Technique): Counts => {
    const known = counts.get(technique) ?? noCounts();
    counts.set(technique, known);
    return known;
  };
  for (const { mutants, drawn, technique } of families(benign, extent)) {
    for (const mutant of mutants) {
      const counted = countsOf(mutant.technique);
      const outcome = attempt(benign, oracle, mutant);
      counted.tries += 1;
      counted.sorts[outcome.sort] += 1;
      for (const code of outcome.codes) add(counted.codes, code);
      for (const { sort, why } of outcome.judged) if (sort === "announced") add(counted.announced, why);
      if (outcome.sort === "violation") keep(violations, { benign, oracle, mutant, why: outcome.why });
      if (outcome.difference !== undefined) keep(differences, { benign, oracle, mutant, why: outcome.difference });
    }
    const own = countsOf(technique).drawn;
    own.all += drawn.all;
    own.taken += drawn.taken;
  }
  return { plan, calls: benign.calls.length, denied: benign.denied, counts, violations, differences };
}

interface Family {
  /** The row that what was left out is counted in. */
  readonly technique: Technique;
  readonly mutants: Iterable<Mutant>;
  readonly drawn: Drawn;
}

/** Every family of changed runs. */
export function families(benign: Benign, extent: Extent, { isEvery = false } = {}): readonly Family[] {
  const of = (technique: Technique, make: (drawn: Drawn) => Iterable<Mutant>): Family => {
    const drawn = { all: 0, taken: 0 };
    return { technique, mutants: make(drawn), drawn };
  };
  return [
    of("call moved", (drawn) => orders(benign, extent, drawn)),
    of("another call after a person's word", () => reworded(benign)),
    of("forged label in a result", () => forgedLabels(benign)),
    of("rewritten result", (drawn) => rewrittenResults(benign, extent, { drawn, isEvery })),
    of("handle", (drawn) => handleMisuse(benign, extent, drawn)),
    of("attacker's constant", (drawn) => substitutions(benign, extent, drawn)),
  ];
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function keep(
  list: Wrong[],
  {
    benign,
    oracle,
    mutant,
    why,
  }: { readonly benign: Benign; readonly oracle: OraclePlan; readonly mutant: Mutant; readonly why: string },
): void {
  const same = list.filter((each) => each.technique === mutant.technique && each.why === why);
  const moves = same.length < 1 && list.length < keptMax * 8 ? minimise(benign, oracle, mutant) : [];
  list.push({ plan: benign.plan.name, technique: mutant.technique, what: mutant.what, why, moves });
}
