/**
 * The adaptive attacker: `node bench/adaptive/run.ts [--json] [--quick] [--traces=SET,…] [--seed=N] [--values=N] [--count=N] [--no-weakened]`
 * Each set runs in a process of its own. A run over all sets with the defaults writes `bench/results/adaptive.json`.
 * Exit 1 for a violation, a difference, or a benign call that is denied.
 */
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { measure } from "./measure.ts";
import { mergeReports } from "./merge.ts";
import type { AdaptiveReport } from "./report.ts";
import { type SetName, setNames } from "./sets.ts";
import { table } from "./table.ts";

const usage = `usage: node bench/adaptive/run.ts [--json] [--quick] [--traces=${setNames.join(",")}] [--seed=N] [--values=N] [--count=N] [--no-weakened]\n`;
const results = new URL("../results/adaptive.json", import.meta.url);
const full = { values: 12, weakenedValues: 6, count: 30, weakenedPlans: 4 };
const quick = { values: 6, weakenedValues: 3, count: 12, weakenedPlans: 2 };

function refuse(): never {
  process.stderr.write(usage);
  process.exit(2);
}

function flag(name: string): string | undefined {
  const at = process.argv.findIndex((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`));
  const found = process.argv[at];
  if (found === undefined) return undefined;
  return found.includes("=") ? found.slice(found.indexOf("=") + 1) : (process.argv[at + 1] ?? refuse());
}

function numberOf(name: string, otherwise: number): number {
  const text = flag(name);
  if (text === undefined) return otherwise;
  return /^\d{1,9}$/.test(text) ? Number(text) : refuse();
}

function setsOf(text: string | undefined): readonly SetName[] {
  if (text === undefined) return setNames;
  const names = text.split(",");
  return names.every((name) => setNames.some((each) => each === name))
    ? setNames.filter((each) => names.includes(each))
    : refuse();
}

/** Runs one set in a process of its own and reads the report that it prints. */
function runSet(set: SetName): Promise<AdaptiveReport> {
  const own = process.argv.slice(2).filter((arg) => arg !== "--json" && !arg.startsWith("--traces"));
  const script = fileURLToPath(import.meta.url);
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, "--json", `--traces=${set}`, ...own], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const parts: Buffer[] = [];
    child.stdout.on("data", (part: Buffer) => parts.push(part));
    child.on("error", reject);
    child.on("close", () => {
      const text = Buffer.concat(parts).toString("utf8");
      if (text === "") reject(new Error(`${set}: no report`));
      else resolve(JSON.parse(text) as AdaptiveReport);
    });
  });
}

function runHere(sets: readonly SetName[], isQuick: boolean): Promise<AdaptiveReport> {
  const extent = isQuick ? quick : full;
  return measure({
    sets,
    seed: numberOf("seed", 11),
    values: numberOf("values", extent.values),
    count: numberOf("count", extent.count),
    weakenedValues: process.argv.includes("--no-weakened") ? 0 : extent.weakenedValues,
    weakenedPlans: extent.weakenedPlans,
    onProgress: (line) => process.stderr.write(`${line}\n`),
  });
}

async function main(): Promise<void> {
  const isQuick = process.argv.includes("--quick");
  const sets = setsOf(flag("traces"));
  const report = sets.length === 1 ? await runHere(sets, isQuick) : mergeReports(await Promise.all(sets.map(runSet)));
  if (report === undefined) return refuse();
  const isWhole = sets.length === setNames.length && ["seed", "values", "count"].every((name) => flag(name) === undefined);
  if (isWhole && !isQuick && !process.argv.includes("--no-weakened"))
    writeFileSync(results, `${JSON.stringify(report, null, 1)}\n`);
  process.stdout.write(process.argv.includes("--json") ? `${JSON.stringify(report)}\n` : `${table(report)}\n`);
  const isWrong = report.sets.some(({ violations, differences, benignDenied }) => violations + differences + benignDenied > 0);
  process.exitCode = isWrong ? 1 : 0;
}

await main();
