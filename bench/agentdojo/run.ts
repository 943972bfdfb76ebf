/**
 * AgentDojo without a model: plans learned from benign runs, replayed against the attacked runs. `node bench/agentdojo/run.ts [--json]`
 * Prints what the engine decided. Never counts a denial that the plan did not cause.
 */
import { dataFolder, readSuite, suiteNames } from "./data.ts";
import { measureSuite, type Score, type SuiteReport } from "./measure.ts";

/** Exceptions that are printed for one figure; `--json` has all. */
const shownMax = 12;

const caveats = [
  "No model takes part: the user's and the attacker's calls are those of AgentDojo's ground truth, replayed with their literal arguments.",
  "An undefended agent is taken to make every call that the attack asks for, so its attack success is an upper bound.",
  "Each plan is learned from the benign run of the same task (and its prompt). A plan written before any run would ask for more consent.",
  "A pair is usable if every call of the user is allowed while results carry the attack; stopped if a call of the attacker that differs from the planned ones is denied.",
  "A finding marked as consent means: whoever writes that data chooses that argument. Such an attacker is not stopped, by the user's own wish.",
];

function percent({ good, all }: Score): string {
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

function render(report: SuiteReport): string {
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

function addScores(scores: readonly Score[]): { readonly good: number; readonly all: number } {
  return { good: scores.reduce((sum, one) => sum + one.good, 0), all: scores.reduce((sum, one) => sum + one.all, 0) };
}

const figures = [
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

function main(): void {
  const folder = dataFolder("agentdojo");
  const isJson = process.argv.includes("--json");
  if (folder === undefined) {
    if (isJson) process.stdout.write(`${JSON.stringify({ skipped: true })}\n`);
    return;
  }
  const suites = suiteNames(folder).map((name) => measureSuite(readSuite(folder, name)));
  const total = Object.fromEntries(figures.map((figure) => [figure, addScores(suites.map((suite) => suite[figure]))]));
  if (isJson) {
    process.stdout.write(`${JSON.stringify({ suites, total, caveats })}\n`);
    return;
  }
  for (const suite of suites) process.stdout.write(render(suite));
  process.stdout.write(
    `total\n${Object.entries(total)
      .map(([figure, { good, all }]) => line(figure, percent({ good, all, exceptions: [] })))
      .join("")}\n`,
  );
  for (const caveat of caveats) process.stdout.write(`- ${caveat}\n`);
}

main();
