/**
 * What a check costs, from bytes to the folded event: `node bench/check/run.ts [--json] [--quick]`
 * Writes `bench/results/check.json` unless `--quick`. Never reports a time without the floor measured beside it.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { machineFacts } from "../machine.ts";
import { type Contender, measure, type Times } from "./measure.ts";
import { prepare } from "./scenario.ts";
import { scenariosOf } from "./scenarios.ts";

interface Row {
  readonly group: string;
  readonly name: string;
  readonly bytes: number;
  readonly freezeMs: number;
  readonly compileMs: number;
  readonly times: { readonly [C in Contender]: Times };
}

const isJson = process.argv.includes("--json");
const isQuick = process.argv.includes("--quick");
const only = process.argv.find((each) => each.startsWith("--only="))?.slice("--only=".length);

function us(value: number): string {
  return value >= 1_000 ? `${(value / 1_000).toFixed(2)} ms` : value.toFixed(2);
}

function ratio(row: Row, name: Contender): string {
  return `${(row.times[name].p50 / row.times.parse.p50).toFixed(1)}×`;
}

const headings = [
  "scenario",
  "bytes",
  "parse p50",
  "p99",
  "+SHA-256",
  "zod",
  "reader",
  "decide+fold",
  "check p50",
  "p99",
  "noise",
];

function cells(row: Row): readonly string[] {
  const { times } = row;
  const withRatio = (name: Contender): string => `${us(times[name].p50)} (${ratio(row, name)})`;
  return [
    row.name,
    `${row.bytes}`,
    us(times.parse.p50),
    us(times.parse.p99),
    withRatio("hash"),
    withRatio("zod"),
    withRatio("read"),
    us(times.decide.p50),
    withRatio("check"),
    us(times.check.p99),
    `${(times.check.noise * 100).toFixed(0)} %`,
  ];
}

function table(rows: readonly Row[]): string {
  let text =
    "Microseconds a call (median over batches of 16; p99 of single calls); in brackets: times JSON.parse of the same bytes\n";
  let group = "";
  for (const row of rows) {
    if (row.group !== group)
      text += `\n### ${row.group}\n\n| ${headings.join(" | ")} |\n|${headings.map(() => "---|").join("")}\n`;
    group = row.group;
    text += `| ${cells(row).join(" | ")} |\n`;
  }
  return text;
}

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
