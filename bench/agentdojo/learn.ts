/**
 * What `learn` leaves open: every target, command and credential argument of the plans that are learned from AgentDojo's benign runs, by class.
 * `node bench/agentdojo/learn.ts [--json]`. Never calls an argument closed because its task was not learned: such tasks are listed.
 */
import { dataFolder, readSuite, suiteNames } from "./data.ts";
import { argumentTable, type ArgumentRow, classNames } from "./learn-table.ts";

/** Classes that leave something to the agent. */
const open: ReadonlySet<string> = new Set(["choice", "free"]);

function totals(rows: readonly ArgumentRow[]): string {
  return classNames.map((name) => `${name} ${rows.filter(({ kind }) => kind === name).length}`).join(", ");
}

function rowLine({ task, node, argument, role, kind, why }: ArgumentRow): string {
  return `  ${task.padEnd(14)} ${`${node}.${argument}`.padEnd(42)} ${role.padEnd(10)} ${kind.padEnd(10)} ${why}\n`;
}

function main(): void {
  const folder = dataFolder("agentdojo");
  const isJson = process.argv.includes("--json");
  if (folder === undefined) {
    if (isJson) process.stdout.write(`${JSON.stringify({ skipped: true })}\n`);
    return;
  }
  const suites = suiteNames(folder).map((name) => ({ suite: name, ...argumentTable(readSuite(folder, name)) }));
  if (isJson) {
    process.stdout.write(`${JSON.stringify({ suites })}\n`);
    return;
  }
  for (const { suite, rows, exceptions } of suites) {
    process.stdout.write(`${suite}: ${rows.length} arguments (${totals(rows)})\n${rows.map(rowLine).join("")}`);
    for (const { id, reason } of exceptions) process.stdout.write(`  ${id}: ${reason}\n`);
    process.stdout.write("\n");
  }
  const all = suites.flatMap(({ suite, rows }) => rows.map((row) => ({ suite, ...row })));
  process.stdout.write(`all: ${all.length} arguments (${totals(all)})\nleft to the agent:\n`);
  const left = all.filter(({ kind }) => open.has(kind));
  for (const row of left) process.stdout.write(`  ${row.suite} ${rowLine(row).trimStart()}`);
  if (left.length === 0) process.stdout.write("  none\n");
}

main();
