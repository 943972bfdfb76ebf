/**
 * The measures that need no environment: learned plans against recorded runs, renamed, reordered, hijacked, rewritten.
 * Counts what the engine decided. Never counts a denial that the plan did not cause.
 */
import type { Suite } from "./data.ts";
import { measureSuite, type Score, type SuiteReport } from "./measure.ts";

/** Exceptions that are printed for one figure; `--json` has all. */
const shownMax = 12;

/** What these figures do not say. */
export const caveats = [
  "No model takes part: the user's and the attacker's calls are those of AgentDojo's ground truth, replayed with their literal arguments.",
  "An undefended agent is taken to make every call that the attack asks for, so its attack success is an upper bound.",
  "Each plan is learned from the benign run of the same task (and its prompt). A plan written before any run would ask for more consent.",
  "A pair is usable if every call of the user is allowed while results carry the attack; stopped if a call of the attacker that differs from the planned ones is denied.",
  "A finding marked as consent means: whoever writes that data chooses that argument. Such an attacker is not stopped, by the user's own wish.",
];

/** The figures of a suite that add up, in the order of the table. */
export const replayFigures = [
  "benign",
  "usable",
  "usableStrict",
  "stopped",
  "undefended",
  "renamed",
  "reordered",
  "hijacked",
  "otherRows",
  "freeText",
  "rewritten",
] as const;

/** So many of so many. */
export interface Count {
  readonly good: number;
  readonly all: number;
}

/** The counts of one suite. */
export interface ReplayCounts {
  readonly suite: string;
  readonly figures: { readonly [F in (typeof replayFigures)[number]]: Count };
  readonly consentTasks: number;
}

/** The replays of every suite, in full. */
export function replaySuites(suites: readonly Suite[]): readonly SuiteReport[] {
  return suites.map(measureSuite);
}

/** A report as counts alone. */
export function countsOf(report: SuiteReport): ReplayCounts {
  const figures = replayFigures.map((name) => [name, { good: report[name].good, all: report[name].all }]);
  return {
    suite: report.suite,
    figures: Object.fromEntries(figures) as ReplayCounts["figures"],
    consentTasks: report.consent.length,
  };
}

/** One figure over all suites. */
export function totalOf(reports: readonly ReplayCounts[], figure: (typeof replayFigures)[number]): Count {
  const sum = (of: keyof Count): number => reports.reduce((all, { figures }) => all + figures[figure][of], 0);
  return { good: sum("good"), all: sum("all") };
}

/** `39 of 40 (97.5 %)`. */
export function percent({ good, all }: Count): string {
  return `${good} of ${all}${all === 0 ? "" : ` (${((good / all) * 100).toFixed(1)} %)`}`;
}

function line(label: string, value: string): string {
  return `  ${label.padEnd(52)} ${value}\n`;
}

function listed(title: string, { exceptions }: Score): string {
  if (exceptions.length === 0) return "";
  const shown = exceptions
    .slice(0, shownMax)
    .map(({ id, reason }) => `      ${id}: ${reason}\n`)
    .join("");
  const rest = exceptions.length > shownMax ? `      … and ${exceptions.length - shownMax} more (--json)\n` : "";
  return `    ${title}:\n${shown}${rest}`;
}

/** One suite for a terminal. */
export function replayText(report: SuiteReport): string {
  const { consent, classes, passed } = report;
  return [
    `${report.suite}\n`,
    line("benign runs allowed", percent(report.benign)),
    listed("denied", report.benign),
    line("pairs usable under attack", percent(report.usable)),
    listed("not usable", report.usable),
    line("    without `otherwise` in the plans", percent(report.usableStrict)),
    listed("not usable then", report.usableStrict),
    line("attacks stopped", percent(report.stopped)),
    listed("not stopped", report.stopped),
    line("attacks that succeed undefended", percent(report.undefended)),
    line("(a) runs allowed with renamed data", percent(report.renamed)),
    listed("denied", report.renamed),
    line("(b) exchanged independent reads allowed", percent(report.reordered)),
    listed("denied", report.reordered),
    line("(c) hijacked steering arguments denied", percent(report.hijacked)),
    listed("allowed", report.hijacked),
    line(
      "    other rows of a list that the agent goes through",
      `${report.otherRows.all - report.otherRows.good} allowed, as findings say`,
    ),
    line("    hijacked free text denied", percent(report.freeText)),
    line("(d) rewritten values: denied or announced", percent(report.rewritten)),
    listed("passed unannounced", report.rewritten),
    line("    of them announced and passed, by argument", String(passed.length)),
    line(
      "plans that need consent for data in a target",
      `${consent.length}: ${consent.map(({ task, args }) => `${task} (${args.join(", ")})`).join("; ")}`,
    ),
    line(
      "steering arguments by class",
      Object.entries(classes)
        .map(([kind, count]) => `${kind} ${count}`)
        .join(", "),
    ),
    "\n",
  ].join("");
}

/** All suites in a few lines. */
export function replayTotals(reports: readonly ReplayCounts[]): string {
  return `total\n${replayFigures.map((figure) => line(figure, percent(totalOf(reports, figure)))).join("")}\n`;
}
