/**
 * The adaptive attacker: `node bench/adaptive/run.ts [--json] [--quick] [--traces=SET,…] [--seed=N] [--values=N] [--count=N] [--no-weakened]`
 * A run over all sets with the defaults writes `results/adaptive.json`. Exit 1 for a violation, a difference, or a benign call that is denied.
 */
import { writeFileSync } from "node:fs";
import { measure } from "./measure.ts";
import { type SetName, setNames } from "./sets.ts";
import { table } from "./table.ts";

const usage = `usage: node bench/adaptive/run.ts [--json] [--quick] [--traces=${setNames.join(",")}] [--seed=N] [--values=N] [--count=N] [--no-weakened]\n`;
const full = { values: 24, weakenedValues: 6, count: 40, weakenedPlans: 5 };
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

async function main(): Promise<void> {
  const isQuick = process.argv.includes("--quick");
  const extent = isQuick ? quick : full;
  const isWeakened = !process.argv.includes("--no-weakened");
  const report = await measure({
    sets: setsOf(flag("traces")),
    seed: numberOf("seed", 11),
    values: numberOf("values", extent.values),
    count: numberOf("count", extent.count),
    weakenedValues: isWeakened ? extent.weakenedValues : 0,
    weakenedPlans: extent.weakenedPlans,
    onProgress: (line) => process.stderr.write(`${line}\n`),
  });
  const isWhole = !isQuick && isWeakened && ["traces", "seed", "values", "count"].every((name) => flag(name) === undefined);
  if (isWhole) writeFileSync(new URL("../results/adaptive.json", import.meta.url), `${JSON.stringify(report, null, 1)}\n`);
  process.stdout.write(process.argv.includes("--json") ? `${JSON.stringify(report)}\n` : `${table(report)}\n`);
  const isWrong = report.sets.some(({ violations, differences, benignDenied }) => violations + differences + benignDenied > 0);
  process.exitCode = isWrong ? 1 : 0;
}

await main();
