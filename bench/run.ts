/**
 * All benchmarks of what Sluice costs, one after the other, then one table and one plot: `npm run bench [-- --quick --only=NAME,… --table]`
 * `--quick` measures shortly and keeps nothing; `--table` measures nothing and shows the last full results. Exit 1 if a benchmark failed.
 * A bar that is missed is printed as missed and is no failure: times belong to a machine (counts have their gate in `test/cost`).
 */
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { barsMet, terminalLines } from "./figures-text.ts";
import { overviewSvg } from "./overview.ts";
import { allReports, type Bench, benches, figuresIn, type Report, reportOf } from "./reports.ts";

const columnsDefault = 120;

const isQuick = process.argv.includes("--quick");
const isTable = process.argv.includes("--table");
const only = process.argv
  .find((arg) => arg.startsWith("--only="))
  ?.slice("--only=".length)
  .split(",");
const unknown = only?.filter((name) => !benches.some((bench) => bench === name)) ?? [];
if (unknown.length > 0) {
  process.stderr.write(`--only knows ${benches.join(", ")}, not ${unknown.join(", ")}\n`);
  process.exit(2);
}

/** Runs one benchmark in a process of its own, its progress on standard error, and reads the report that it prints. */
function run(bench: Bench): Promise<Report> {
  const script = fileURLToPath(new URL(`${bench}/run.ts`, import.meta.url));
  process.stderr.write(`── node bench/${bench}/run.ts\n`);
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [script, "--json", ...(isQuick ? ["--quick"] : [])], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const parts: Buffer[] = [];
    child.stdout.on("data", (part: Buffer) => parts.push(part));
    child.on("error", (error) => resolve({ bench, problem: error.message }));
    child.on("close", (code, signal) => {
      if (code === 0) resolve(reportOf(bench, Buffer.concat(parts).toString("utf8")));
      else resolve({ bench, problem: `failed: ${signal ?? `exit code ${code}`}` });
    });
  });
}

const reports: Report[] = [];
for (const bench of benches)
  if (only === undefined || only.includes(bench)) reports.push(await (isTable ? reportOf(bench) : run(bench)));

const figures = figuresIn(reports);
const problems = reports.flatMap((report) => ("problem" in report ? [`${report.bench}: ${report.problem}`] : []));
const { met, all } = barsMet(figures);
const lines = terminalLines(figures, process.stdout.columns ?? columnsDefault);
process.stdout.write(`${[...lines, "", ...problems, `${met} of ${all} bars met`].join("\n")}\n`);
if (!isQuick) {
  writeFileSync(new URL("results/overview.svg", import.meta.url), overviewSvg(figuresIn(await allReports())));
  process.stderr.write("bench/results/overview.svg is written; `node bench/readme.ts` puts the tables into the READMEs\n");
}
process.exitCode = problems.length > 0 ? 1 : 0;
