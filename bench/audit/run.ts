/**
 * What an audit log costs: on a check, to write, and to verify: `node bench/audit/run.ts [--records=100000] [--quick] [--json]`
 * Writes `bench/results/audit.json` unless `--quick`. Never gives a time without the processor time beside it.
 */
import { rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { machineFacts } from "../machine.ts";
import { measureChecks } from "./checks.ts";
import { measureLog } from "./log.ts";
import { table } from "./table.ts";

const isQuick = process.argv.includes("--quick");
const isJson = process.argv.includes("--json");
const given = process.argv.find((each) => each.startsWith("--records="))?.slice("--records=".length);
const records = Number(given ?? (isQuick ? 10_000 : 100_000));

const machine = machineFacts();
const say = (text: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`${text}\n`);
};
const folder = fileURLToPath(new URL("../../.cache/bench-audit/", import.meta.url));
rmSync(folder, { recursive: true, force: true });
const checks = await measureChecks({ folder, calls: isQuick ? 1_000 : 8_000, say });
const log = await measureLog({ folder, records, say });
rmSync(folder, { recursive: true, force: true });
const result = { machine, checks, log };
const text = JSON.stringify(
  result,
  (_, value: unknown) => (typeof value === "number" ? Math.round(value * 1_000) / 1_000 : value),
  1,
);
if (!isQuick) writeFileSync(fileURLToPath(new URL("../results/audit.json", import.meta.url)), `${text}\n`);
process.stdout.write(isJson ? `${text}\n` : table(result));
