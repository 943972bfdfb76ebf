/**
 * InjecAgent (direct harm), and the harder variant in which the attacker uses the user's own tool: `node bench/injecagent/run.ts [--json] [--quick]`
 * Writes `bench/results/injecagent.json` unless `--quick` (learned plans only). Exit 2 without data. A list of tools alone stops the first part, and it says so.
 */
import { writeFileSync } from "node:fs";
import { machineFacts } from "../machine.ts";
import { readInjecAgent } from "./data.ts";
import { measure } from "./measure.ts";
import { drafted, learned, unsure } from "./plans.ts";
import type { Report } from "./report.ts";
import { resultsText } from "./table.ts";

async function main(): Promise<number> {
  const isQuick = process.argv.includes("--quick");
  const isJson = process.argv.includes("--json");
  const machine = machineFacts();
  const data = readInjecAgent();
  if (data === undefined) {
    if (isJson) process.stdout.write(`${JSON.stringify({ skipped: true })}\n`);
    return 2;
  }
  const report: Report = { machine, ...(await measure(data, isQuick ? [learned] : [learned, drafted, unsure])) };
  if (!isQuick) writeFileSync(new URL("../results/injecagent.json", import.meta.url), `${JSON.stringify(report, null, 1)}\n`);
  process.stdout.write(isJson ? `${JSON.stringify(report)}\n` : resultsText(report));
  return 0;
}

process.exitCode = await main();
