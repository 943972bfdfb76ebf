/**
 * How often chance raises signals over an audit log, and how soon changes and attacks are found: `node bench/signals/run.ts [--quick] [--only=PART] [--json]`
 * Writes `bench/results/signals.json` unless `--quick`; with `--only` (`falseSignals`, `found`, `attacks`) the other parts stay as they were measured. Everything but the processor time is the same in every run.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { machineFacts } from "../machine.ts";
import { measureFalse, measureFound } from "./measure.ts";
import { exampleNames } from "../../test/plans/example.ts";
import { type AttackRow, attacksOf } from "./plans.ts";
import { type SignalResults, table } from "./table.ts";

const isQuick = process.argv.includes("--quick");
const scale = isQuick ? 0.1 : 1;
const machine = machineFacts();
const only = process.argv.find((arg) => arg.startsWith("--only="))?.slice("--only=".length);
const file = fileURLToPath(new URL("../results/signals.json", import.meta.url));
const before = only === undefined ? undefined : (JSON.parse(readFileSync(file, "utf8")) as SignalResults);
const isAsked = (part: keyof SignalResults): boolean => before === undefined || only === part;

async function measureAttacks(): Promise<readonly AttackRow[]> {
  const rows: AttackRow[] = [];
  for (const name of exampleNames) rows.push(...(await attacksOf(name, isQuick ? 2 : undefined)));
  return rows;
}

const results: SignalResults = {
  falseSignals: isAsked("falseSignals") ? measureFalse(scale) : (before?.falseSignals ?? []),
  found: isAsked("found") ? await measureFound(scale) : (before?.found ?? []),
  attacks: isAsked("attacks") ? await measureAttacks() : (before?.attacks ?? []),
};
const report = JSON.stringify(
  { machine, ...results },
  (_, value: unknown) => (typeof value === "number" ? Math.round(value * 100) / 100 : value),
  1,
);
if (!isQuick) writeFileSync(file, `${report}\n`);
process.stdout.write(process.argv.includes("--json") ? `${report}\n` : table(results));
