/**
 * What each deployment takes: `node bench/deployments/run.ts [--json] [--quick] [--only=NAME,…]`
 * The time from the start of the process to its first answer, and the memory of `sluice serve` over SQLite: idle, and after calls of many sessions.
 * Writes `bench/results/deployments.json` unless --quick. Never measures two at once. Linux only: memory is read from /proc.
 */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { hostTarget } from "../../.ci/executable.mjs";
import { names, startDeployment } from "../../plans/deployments/start.ts";
import type { FrozenPlan } from "../../src/plan/plan.ts";
import { machineFacts } from "../machine.ts";
import { repeatedPlan, send } from "./load.ts";

const isQuick = process.argv.includes("--quick");
const only = process.argv
  .find((arg) => arg.startsWith("--only="))
  ?.slice("--only=".length)
  .split(",");
const load = isQuick ? { sessions: 10, calls: 500 } : { sessions: 100, calls: 10_000 };
const starts = isQuick ? 1 : 5;
/** Milliseconds after its first answer until a process counts as idle. */
const idleMs = 2_000;

interface Row {
  readonly name: string;
  /** Median of the starts, milliseconds to the first answer. */
  readonly readyMs: number;
  /** Resident MB: idle, after the calls, and the most at any time. */
  readonly idleMB: number;
  readonly loadedMB: number;
  readonly peakMB: number;
  readonly callsPerSecond: number;
}

function memoryMB(pid: number | undefined, line: "VmRSS" | "VmHWM"): number {
  const kB = Number(new RegExp(`${line}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  return Math.round(kB / 1_000);
}

async function measure(name: (typeof names)[number], frozen: FrozenPlan): Promise<Row> {
  const ready: number[] = [];
  for (let at = 1; at < starts; at++) {
    const deployment = await startDeployment(name, { frozen });
    ready.push(deployment.readyAfterMs);
    await deployment.stop();
  }
  const deployment = await startDeployment(name, { frozen });
  ready.push(deployment.readyAfterMs);
  try {
    await new Promise((resolve) => setTimeout(resolve, idleMs));
    const { pid } = deployment.process;
    const idleMB = memoryMB(pid, "VmRSS");
    const callsPerSecond = Math.round(await send(deployment, load));
    const sorted = ready.sort((a, b) => a - b);
    return {
      name,
      readyMs: Math.round(sorted[Math.floor(sorted.length / 2)] ?? Number.NaN),
      idleMB,
      loadedMB: memoryMB(pid, "VmRSS"),
      peakMB: memoryMB(pid, "VmHWM"),
      callsPerSecond,
    };
  } finally {
    await deployment.stop();
  }
}

const frozen = await repeatedPlan();
const machine = machineFacts();
const rows: Row[] = [];
// The Worker is several processes, and what is emulated shows that it works: neither would be the figures of a deployment.
const measured = names.filter(
  (name) => only?.includes(name) ?? (name !== "worker" && (name !== "arm64" || hostTarget === "linux-arm64")),
);
for (const name of measured) rows.push(await measure(name, frozen));
const executableMB =
  Math.round(
    statSync(new URL(`../../.cache/executables/sluice-${hostTarget}`, import.meta.url), { throwIfNoEntry: false })?.size ?? 0,
  ) / 1e6;
const results = { machine, load, executableMB: Math.round(executableMB), rows };
if (!isQuick && only === undefined)
  writeFileSync(new URL("../results/deployments.json", import.meta.url), `${JSON.stringify(results, null, 2)}\n`);
if (process.argv.includes("--json")) console.log(JSON.stringify(results));
else {
  console.log("| deployment | first answer | idle | after the calls | at most |\n|---|--:|--:|--:|--:|");
  for (const { name, readyMs, idleMB, loadedMB, peakMB } of rows)
    console.log(`| ${name} | ${readyMs} ms | ${idleMB} MB | ${loadedMB} MB | ${peakMB} MB |`);
  console.log(
    `\n${load.calls} calls in ${load.sessions} sessions; the executable has ${results.executableMB} MB; load of the machine ${machine.load}`,
  );
}
