/**
 * The report as Markdown: the part of the README between its markers.
 * Pure. Never leaves out a violation, a difference, or a kind of rule whose weakening was not noticed.
 */
import { grouped } from "../figures-text.ts";
import { markdown } from "../markdown.ts";
import type { AdaptiveReport, SetRow, TechniqueRow, WeakeningRow } from "./report.ts";

/** Unseen weakenings of one kind that are named. */
const namedMax = 3;

/** The tables of a report. */
export function table(report: AdaptiveReport): string {
  const { seed, values, weakenedValues, violations, differences, announced, controls } = report;
  const tries = report.sets.reduce((sum, { tries: own }) => sum + own, 0);
  const wrong = report.sets.reduce((sum, { violations: own }) => sum + own, 0);
  const differing = report.sets.reduce((sum, { differences: own }) => sum + own, 0);
  const named = Object.entries(announced).sort(([, a], [, b]) => b - a);
  return `${grouped(tries)} changed runs, seed ${seed}, at most ${values} values of a technique for one argument of one call (${weakenedValues} against weakened plans):
**${grouped(wrong)} violations**, ${grouped(differing)} differences between engine and interpreter.

${markdown(["benign runs", "runs", "calls", "benign calls denied", "changed runs", "of the enumeration", "violations", "differences"], report.sets.map(setCells))}
${markdown(["what was done", "tries", "denied", "harmless", "own choice", "free text", "announced", "violation"], report.techniques.map(techniqueCells))}
Announced by: ${named.map(([name, count]) => `${name} ${grouped(count)}`).join(", ")}.

${markdown(["one protection less", "weakenings", "a changed run gets through", "the oracle says so", "not noticed, among them"], report.weakenings.map(weakeningCells))}
Controls. Races over a store that forgets to compare versions: ${part(controls.racesWithoutCompare.lost, controls.racesWithoutCompare.all)} lost. The user's own note makes the round trip:
${part(controls.cleanTrips.sent, controls.cleanTrips.all)}. A stranger's makes it through tools whose resources nobody declared: ${part(controls.undeclaredTrips.sent, controls.undeclaredTrips.all)}. Genuine receipts admitted:
${part(controls.genuineReceipts.admitted, controls.genuineReceipts.all)}.
${[...violations, ...differences].map(({ plan, technique, what, why }) => `\n- **${technique}**, ${plan}: ${what}: ${why}`).join("")}`;
}

function setCells({
  set,
  runs,
  calls,
  benignDenied,
  tries,
  enumerated,
  taken,
  violations,
  differences,
}: SetRow): readonly string[] {
  const share = enumerated === 0 ? 1 : taken / enumerated;
  const extent = taken === enumerated ? "all" : `${(share * 100).toFixed(1)} %, drawn`;
  return [`\`${set}\``, ...[runs, calls, benignDenied, tries].map(grouped), extent, grouped(violations), grouped(differences)];
}

function techniqueCells({ technique, tries, sorts }: TechniqueRow): readonly string[] {
  const { denied, harmless, announced, violation } = sorts;
  return [technique, ...[tries, denied, harmless, sorts["own choice"], sorts["free text"], announced, violation].map(grouped)];
}

function weakeningCells({ kind, all, through, judged, unseen }: WeakeningRow): readonly string[] {
  return [kind, grouped(all), part(through, all), part(judged, all), unseen.slice(0, namedMax).join("; ") || "–"];
}

function part(some: number, all: number): string {
  return `${grouped(some)} of ${grouped(all)}`;
}
