/**
 * What a check costs, from bytes to the folded event: `node bench/check/run.ts [--json] [--quick]`
 * Writes `bench/results/check.json` unless `--quick`. Never reports a time without the floor measured beside it.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { machineFacts } from "../machine.ts";
import { measure } from "./measure.ts";
import { prepare } from "./scenario.ts";
import { scenariosOf } from "./scenarios.ts";
import { type Row, table } from "./table.ts";

const isJson = process.argv.includes("--json");
const isQuick = process.argv.includes("--quick");
const only = process.argv.find((each) => each.startsWith("--only="))?.slice("--only=".length);

const rows: Row[] = [];
const machine = machineFacts();
const scenarios = scenariosOf(isQuick).filter(({ group }) => only === undefined || group.startsWith(only));
for (const [i, scenario] of scenarios.entries()) {
  if (process.stderr.isTTY)
    process.stderr.write(`\r${i + 1} of ${scenarios.length}: ${scenario.group}, ${scenario.name}`.padEnd(78));
  const subject = prepare(scenario);
  const times = measure(subject, { milliseconds: isQuick ? 150 : 1_500 });
  rows.push({
    group: scenario.group,
    name: scenario.name,
    bytes: subject.bytes.length,
    freezeMs: subject.freezeMs,
    compileMs: subject.compileMs,
    times,
  });
}
if (process.stderr.isTTY) process.stderr.write("\n");
rows.sort((a, b) =>
  a.group === b.group
    ? 0
    : scenarios.findIndex(({ group }) => group === a.group) - scenarios.findIndex(({ group }) => group === b.group),
);
const report = JSON.stringify(
  { machine, unit: "microseconds", rows },
  (_, value: unknown) => (typeof value === "number" ? Math.round(value * 1_000) / 1_000 : value),
  1,
);
if (!isQuick && only === undefined)
  writeFileSync(fileURLToPath(new URL("../results/check.json", import.meta.url)), `${report}\n`);
process.stdout.write(isJson ? `${report}\n` : table(rows));
