/**
 * What a check costs, from bytes to the folded event: `node bench/check/run.ts [--json] [--quick] [--only=GROUP]`
 * Writes `bench/results/check.json` unless `--quick`. Never reports a time without the floor measured beside it.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { machineFacts } from "../machine.ts";
import { measure } from "./measure.ts";
import { measureMemory } from "./memory.ts";
import { prepare } from "./scenario.ts";
import { scenariosOf } from "./scenarios.ts";
import { memoryLine, type Row, table } from "./table.ts";

const isJson = process.argv.includes("--json");
const isQuick = process.argv.includes("--quick");
const only = process.argv.find((each) => each.startsWith("--only="))?.slice("--only=".length);

const resultsFile = fileURLToPath(new URL("../results/check.json", import.meta.url));
const rows: Row[] = [];
const ordinary = scenariosOf(true).find(({ group, name }) => group === "argument bytes, text" && name === "300 B");
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
if (ordinary === undefined) throw new Error("the ordinary call is among the scenarios");
const memory = measureMemory(prepare(ordinary));
const textOf = (report: object): string =>
  JSON.stringify(report, (_, value: unknown) => (typeof value === "number" ? Math.round(value * 1_000) / 1_000 : value), 1);
const report = textOf({ machine, unit: "microseconds", memory, rows });
if (!isQuick && only === undefined) writeFileSync(resultsFile, `${report}\n`);
// Bytes do not depend on what else runs: they can be measured again beside times that were measured before.
if (!isQuick && only === "memory")
  writeFileSync(resultsFile, `${textOf({ ...(JSON.parse(readFileSync(resultsFile, "utf8")) as object), memory })}\n`);
process.stdout.write(isJson ? `${report}\n` : table(rows) + memoryLine(memory));
