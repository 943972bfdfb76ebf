/**
 * Several agents, each behind a Sluice, benign and attacked: `node bench/multi-agent/run.ts [--json] [--quick]`
 * Writes `bench/results/multi-agent.json` unless `--quick` (fewer timed runs). Exit 1 if the suite itself is wrong (`report.ts`, `problemsOf`). No model takes part.
 */
import { writeFileSync } from "node:fs";
import { machineFacts } from "../machine.ts";
import { quantile } from "../quantile.ts";
import { measure } from "./measure.ts";
import { problemsOf, type Report } from "./report.ts";
import { scenarios } from "./scenarios/index.ts";
import { resultsText } from "./table.ts";

const isQuick = process.argv.includes("--quick");
const machine = machineFacts();
const measured = await measure(scenarios, {
  timedRuns: isQuick ? 2 : 30,
  onScenario: (name) => void process.stderr.write(`${name}\n`),
});
// The first third warms the engine up.
const timed = measured.checks.slice(Math.floor(measured.checks.length / 3));
const inUs = (share: number): number => Math.round(quantile(timed, share) * 1e5) / 100;
const report: Report = {
  machine,
  scenarios: measured.scenarios,
  checks: { count: timed.length, p50: inUs(0.5), p99: inUs(0.99) },
};
if (!isQuick) writeFileSync(new URL("../results/multi-agent.json", import.meta.url), `${JSON.stringify(report, null, 1)}\n`);
process.stdout.write(process.argv.includes("--json") ? `${JSON.stringify(report)}\n` : resultsText(report));
const problems = problemsOf(report);
for (const problem of problems) process.stderr.write(`! ${problem}\n`);
process.exitCode = problems.length > 0 ? 1 : 0;
