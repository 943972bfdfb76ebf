/**
 * Adds up reports of single sets, so that sets can be run in processes of their own.
 * Pure. Two reports of one set are not told apart from two sets.
 */
import { techniques } from "./mutant.ts";
import type { AdaptiveReport, Controls, TechniqueRow, WeakeningRow } from "./report.ts";
import { ruleKinds } from "./weakenings.ts";

/** Reproductions, and unseen weakenings of a kind, that a report keeps. */
const keptMax = 20;

/** The reports as one; `undefined` if there is none. Bounds and seed are those of the first: all are run with the same. */
export function mergeReports(reports: readonly AdaptiveReport[]): AdaptiveReport | undefined {
  const [first] = reports;
  if (first === undefined) return undefined;
  const { seed, values, weakenedValues } = first;
  return {
    seed,
    values,
    weakenedValues,
    sets: reports.flatMap(({ sets }) => sets),
    techniques: techniques.flatMap((name) =>
      techniqueOf(reports.flatMap((each) => each.techniques.filter(({ technique }) => technique === name))),
    ),
    announced: summed(reports.map(({ announced }) => announced)),
    violations: reports.flatMap(({ violations }) => violations).slice(0, keptMax),
    differences: reports.flatMap(({ differences }) => differences).slice(0, keptMax),
    weakenings: ruleKinds.flatMap((name) =>
      weakeningOf(reports.flatMap((each) => each.weakenings.filter(({ kind }) => kind === name))),
    ),
    controls: {
      racesWithoutCompare: pair(reports, "racesWithoutCompare"),
      cleanTrips: pair(reports, "cleanTrips"),
      undeclaredTrips: pair(reports, "undeclaredTrips"),
      genuineReceipts: pair(reports, "genuineReceipts"),
    },
  };
}

/** Counts by name, added up, in order of their names. */
function summed<T extends { readonly [name: string]: number }>(counts: readonly T[]): T {
  const all = new Map<string, number>();
  for (const each of counts) for (const [name, count] of Object.entries(each)) all.set(name, (all.get(name) ?? 0) + count);
  return Object.fromEntries([...all].sort(([a], [b]) => (a < b ? -1 : 1))) as T;
}

function pair<N extends keyof Controls>(reports: readonly AdaptiveReport[], name: N): Controls[N] {
  return summed(
    reports.map(({ controls }) => controls[name] as unknown as { readonly [part: string]: number }),
  ) as unknown as Controls[N];
}

function techniqueOf(rows: readonly TechniqueRow[]): readonly TechniqueRow[] {
  const [first] = rows;
  if (first === undefined) return [];
  const tries = rows.reduce((sum, row) => sum + row.tries, 0);
  return [
    {
      technique: first.technique,
      tries,
      sorts: summed(rows.map(({ sorts }) => sorts)),
      codes: summed(rows.map(({ codes }) => codes)),
    },
  ];
}

function weakeningOf(rows: readonly WeakeningRow[]): readonly WeakeningRow[] {
  const [first] = rows;
  if (first === undefined) return [];
  const { all, through, judged } = summed(rows.map((row) => ({ all: row.all, through: row.through, judged: row.judged })));
  return [{ kind: first.kind, all, through, judged, unseen: rows.flatMap(({ unseen }) => unseen).slice(0, keptMax) }];
}
