/**
 * Runs the adaptive attacker over sets of benign runs and adds up what came of it.
 * Counts what oracle, engine and interpreter said; judges nothing by itself.
 */
import { type Benign, type BenignPlan, playBenign } from "./benign.ts";
import { type Extent, type Technique, techniques } from "./mutant.ts";
import { type Counts, noCounts, runPlan, type Wrong } from "./plan-run.ts";
import { races, withoutCompareAndSet } from "./races.ts";
import { isTop, lostTop, presented } from "./receipts.ts";
import type { AdaptiveReport, Controls, SetRow, TechniqueRow, WrongRow } from "./report.ts";
import { roundTrips, roundTripsOverSessions } from "./resources.ts";
import { readSet, type RunSet, type SetName } from "./sets.ts";
import { type Noticed, runWeakened } from "./weakened.ts";
import { type RuleKind, ruleKinds } from "./weakenings.ts";

/** What is run. */
export interface MeasureOptions {
  readonly sets: readonly SetName[];
  readonly seed: number;
  /** Values of one technique for one argument. */
  readonly values: number;
  /** The same, against weakened plans; 0: none are weakened. */
  readonly weakenedValues: number;
  /** Generated plans. */
  readonly count: number;
  /** At most so many plans of a set are weakened. */
  readonly weakenedPlans: number;
  readonly onProgress?: (line: string) => void;
}

interface Total {
  readonly counts: Map<Technique, Counts>;
  readonly violations: Wrong[];
  readonly differences: Wrong[];
  readonly weakened: Map<RuleKind, Noticed>;
  readonly controls: { -readonly [name in keyof Controls]: { -readonly [part in keyof Controls[name]]: number } };
}

/** Moved and dropped calls of one run at most. */
const runsMax = 120;
/** Reproductions and unseen weakenings that a report keeps. */
const keptMax = 20;

/** Runs everything. */
export async function measure(options: MeasureOptions): Promise<AdaptiveReport> {
  const total: Total = {
    counts: new Map(),
    violations: [],
    differences: [],
    weakened: new Map(),
    controls: {
      racesWithoutCompare: { all: 0, lost: 0 },
      cleanTrips: { all: 0, sent: 0 },
      undeclaredTrips: { all: 0, sent: 0 },
      genuineReceipts: { all: 0, admitted: 0 },
    },
  };
  const sets: SetRow[] = [];
  for (const name of options.sets) sets.push(await measureSet(readSet(name, options), options, total));
  const announced = new Map<string, number>();
  for (const counts of total.counts.values())
    for (const [why, count] of counts.announced) announced.set(why, (announced.get(why) ?? 0) + count);
  return {
    seed: options.seed,
    values: options.values,
    weakenedValues: options.weakenedValues,
    sets,
    techniques: techniques.flatMap((technique) => rowOf(technique, total.counts.get(technique))),
    announced: Object.fromEntries([...announced].sort(([a], [b]) => (a < b ? -1 : 1))),
    violations: total.violations.slice(0, keptMax).map(wrongRow),
    differences: total.differences.slice(0, keptMax).map(wrongRow),
    weakenings: ruleKinds.flatMap((kind) => {
      const found = total.weakened.get(kind);
      return found === undefined ? [] : [{ kind, ...found, unseen: found.unseen.slice(0, keptMax) }];
    }),
    controls: total.controls,
  };
}

function rowOf(technique: Technique, counts: Counts | undefined): readonly TechniqueRow[] {
  if (counts === undefined || counts.tries === 0) return [];
  const codes = Object.fromEntries([...counts.codes].sort(([a], [b]) => (a < b ? -1 : 1)));
  return [{ technique, tries: counts.tries, sorts: counts.sorts, codes }];
}

function wrongRow({ plan, technique, what, why, moves }: Wrong): WrongRow {
  return { plan, technique, what, why, moves };
}

async function measureSet({ set, plans, left }: RunSet, options: MeasureOptions, total: Total): Promise<SetRow> {
  const extent: Extent = { valuesMax: options.values, runsMax, seed: options.seed };
  const row = { calls: 0, benignDenied: 0, tries: 0, enumerated: 0, taken: 0 };
  const unused = [...left];
  const before = { violations: total.violations.length, differences: total.differences.length };
  let runs = 0;
  for (const [i, plan] of plans.entries()) {
    const run = runPlan(plan, extent);
    if (typeof run === "string" || run.calls === 0) {
      unused.push(`${plan.name}: ${typeof run === "string" ? run : "no call of it is allowed"}`);
      continue;
    }
    runs += 1;
    row.calls += run.calls;
    // The traces of attacks, and generated ones that lost their approvals and times, begin with what is allowed in them.
    if (!plan.name.includes("attack-") && set !== "generated") row.benignDenied += run.denied.length;
    total.violations.push(...run.violations);
    total.differences.push(...run.differences);
    for (const [technique, counts] of run.counts) {
      row.tries += counts.tries;
      row.enumerated += counts.drawn.all;
      row.taken += counts.drawn.taken;
      add(total.counts, technique, counts);
    }
    const benign = playBenign(plan);
    if (typeof benign !== "string") row.tries += await measureWorld(benign, total, { seed: options.seed + i });
    options.onProgress?.(`${set}: ${plan.name}, ${row.tries} tries`);
  }
  for (const plan of weakenedOf(set, plans, options)) {
    runWeakened(plan, { ...extent, valuesMax: options.weakenedValues, runsMax: 30 }, total.weakened);
    options.onProgress?.(`${set}: ${plan.name}, weakened`);
  }
  return {
    set,
    runs,
    ...row,
    violations: total.violations.length - before.violations,
    differences: total.differences.length - before.differences,
    left: unused,
  };
}

/** The plans that are weakened: of the examples each once, with its benign run; of the others so many, evenly taken. */
function weakenedOf(set: SetName, plans: readonly BenignPlan[], options: MeasureOptions): readonly BenignPlan[] {
  if (options.weakenedValues === 0) return [];
  const own = plans.filter(({ name }) => !name.includes("attack-"));
  const step = set === "plans" ? 1 : Math.max(1, Math.ceil(own.length / options.weakenedPlans));
  return own.filter((_, i) => i % step === 0);
}

/** Races, round trips and receipts of one run. Returns the tries. */
async function measureWorld(benign: Benign, total: Total, { seed }: { readonly seed: number }): Promise<number> {
  const tries =
    (await measureRaces(benign, total)) + (await measureTrips(benign, total)) + (await measureReceipts(benign, total, seed));
  return tries;
}

function note(
  total: Total,
  { plan }: Benign,
  {
    technique,
    what,
    why,
    sort,
    code,
  }: {
    readonly technique: Technique;
    readonly what: string;
    readonly why: string;
    readonly sort: keyof Counts["sorts"];
    readonly code?: string;
  },
): void {
  const counts = total.counts.get(technique) ?? noCounts();
  total.counts.set(technique, counts);
  counts.tries += 1;
  counts.sorts[sort] += 1;
  if (code !== undefined) counts.codes.set(code, (counts.codes.get(code) ?? 0) + 1);
  if (sort === "violation") total.violations.push({ plan: plan.name, technique, what, why, moves: [] });
}

async function measureRaces(benign: Benign, total: Total): Promise<number> {
  const technique = "race over one store";
  const raced = await races(benign);
  for (const { what, denied, codes, violations, overspent } of raced) {
    const why = overspent ?? violations[0]?.why;
    const sort = why !== undefined ? "violation" : denied > 0 ? "denied" : "announced";
    note(total, benign, { technique, what, why: why ?? "", sort, ...(codes[0] === undefined ? {} : { code: codes[0] }) });
  }
  const lost = await races(benign, { makeStore: withoutCompareAndSet });
  total.controls.racesWithoutCompare.all += lost.length;
  total.controls.racesWithoutCompare.lost += lost.filter(
    (each) => each.violations.length > 0 || each.overspent !== undefined,
  ).length;
  return raced.length;
}

async function measureTrips(benign: Benign, total: Total): Promise<number> {
  const technique = "resource round trip";
  const trips = [...roundTrips(benign), ...(await roundTripsOverSessions(benign))];
  const { cleanTrips, undeclaredTrips } = total.controls;
  const tainted = trips.filter(({ isTainted }) => isTainted);
  for (const { what, isSent, code } of tainted) {
    const isWrong = isSent || code.startsWith("difference");
    note(total, benign, {
      technique,
      what,
      why: isSent ? "a stranger's data is sent on" : code,
      sort: isWrong ? "violation" : "denied",
      ...(isWrong ? {} : { code }),
    });
  }
  const clean = trips.filter(({ isTainted }) => !isTainted);
  cleanTrips.all += clean.length;
  cleanTrips.sent += clean.filter(({ isSent }) => isSent).length;
  const undeclared = roundTrips(benign, { isDeclared: false }).filter(({ isTainted }) => isTainted);
  undeclaredTrips.all += undeclared.length;
  undeclaredTrips.sent += undeclared.filter(({ isSent }) => isSent).length;
  return tainted.length;
}

async function measureReceipts(benign: Benign, total: Total, seed: number): Promise<number> {
  const { plan } = benign;
  if (Object.keys(plan.frozen.plan.params ?? {}).length === 0) return 0;
  const technique = "receipt";
  const lost = lostTop(plan);
  const all = await presented(plan.params, seed);
  const { genuineReceipts } = total.controls;
  for (const { what, isGenuine, status, label } of all) {
    if (isGenuine) {
      genuineReceipts.all += 1;
      genuineReceipts.admitted += status === "admitted" && !isTop(label) ? 1 : 0;
      continue;
    }
    const why = status === "admitted" || !isTop(label) ? `${what} is admitted` : lost;
    note(total, benign, { technique, what, why: why ?? "", sort: why === undefined ? "denied" : "violation", code: status });
  }
  return all.length - 1;
}

function add(into: Map<Technique, Counts>, technique: Technique, counts: Counts): void {
  const own = into.get(technique) ?? noCounts();
  into.set(technique, own);
  own.tries += counts.tries;
  for (const sort of Object.keys(counts.sorts) as (keyof Counts["sorts"])[]) own.sorts[sort] += counts.sorts[sort];
  for (const [code, count] of counts.codes) own.codes.set(code, (own.codes.get(code) ?? 0) + count);
  for (const [why, count] of counts.announced) own.announced.set(why, (own.announced.get(why) ?? 0) + count);
}
