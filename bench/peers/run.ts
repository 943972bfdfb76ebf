/**
 * What users would pick instead of Sluice, on the same calls, each in a process of its own:
 * `node bench/peers/run.ts [--json] [--quick] [--only=TEXT] [--rounds=3] [--ms=1500]`
 * Writes `bench/results/peers.json` unless `--quick` or `--only`. Never prints a time of an engine without how many of its answers were right.
 */
import { spawn, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { machineFacts } from "../machine.ts";
import { type Contender, contenders } from "./contenders.ts";
import { install, type Started } from "./install.ts";
import type { Measured } from "./node.ts";
import { type PeersReport, type Round, rowOf } from "./report.ts";
import { table } from "./table.ts";
import { readWorkload, type Workload, workloadFolder } from "./workload.ts";

const isJson = process.argv.includes("--json");
const isQuick = process.argv.includes("--quick");
const only = option("only");
const rounds = Number(option("rounds") ?? (isQuick ? 1 : 3));
const milliseconds = Number(option("ms") ?? (isQuick ? 300 : 1_500));
/** A process that has said nothing for so long will not. */
const silenceMs = 180_000;

function option(name: string): string | undefined {
  return process.argv.find((each) => each.startsWith(`--${name}=`))?.slice(name.length + 3);
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

const canPin = spawnSync("taskset", ["--version"]).status === 0;

/** One core for one process, where the system can say so. */
function pinned({ command, args }: Started, rest: readonly string[]): readonly string[] {
  const whole = [command, ...args, ...rest];
  return canPin ? ["taskset", "-c", `${cpus().length - 1}`, ...whole] : whole;
}

/** One round of one contender. Throws what its process said last if it failed. */
async function measure(started: Started, folder: string): Promise<Round> {
  const [command = "", ...args] = pinned(started, [folder, `${milliseconds}`]);
  const start = performance.now();
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], env: started.env, timeout: silenceMs });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said = `${said}${chunk.toString("utf8")}`.slice(-2_000);
  });
  let coldMs = Number.NaN;
  let measured: Measured | undefined;
  const closed = new Promise<void>((resolve) => {
    child.on("close", () => resolve());
    child.on("error", ({ message }) => {
      said = message;
      resolve();
    });
  });
  for await (const line of createInterface(child.stdout)) {
    const isFirst = line === '"first"';
    if (isFirst) coldMs = performance.now() - start;
    else if (line.startsWith("{")) measured = JSON.parse(line) as Measured;
  }
  await closed;
  if (measured === undefined) throw new Error(faultIn(said));
  return { ...measured, coldMs };
}

/** The line of what a process said that names the fault: the first that speaks of an error, else the last. */
function faultIn(said: string): string {
  const lines = said.trim().split("\n");
  return lines.find((line) => /\b\w*(?:Error|panicked)\b/.test(line)) ?? (lines.at(-1) || "it said nothing");
}

/** The workload, or the end, with one line that says what is missing. */
function workloadOrExit(): { readonly folder: string; readonly workload: Workload } {
  try {
    const folder = workloadFolder();
    return { folder, workload: readWorkload(folder) };
  } catch (error) {
    say((error as Error).message);
    process.exit(1);
  }
}

const { folder, workload } = workloadOrExit();
const machine = machineFacts();
const chosen = contenders.filter(
  ({ name, kind, runner }) => only === undefined || `${name} ${runner}`.includes(only) || kind === "floor",
);
const running = new Map<Contender, Started>();
const problems = new Map<Contender, string>();
for (const contender of chosen) {
  say(`installing ${contender.name}`);
  const started = await install(contender);
  if ("problem" in started) problems.set(contender, started.problem);
  else running.set(contender, started);
}
const found = new Map<Contender, Round[]>(chosen.map((contender) => [contender, []]));
for (let round = 0; round < rounds; round++) {
  for (const [contender, started] of running) {
    if (problems.has(contender)) continue;
    say(`round ${round + 1} of ${rounds}: ${contender.name}`);
    try {
      found.get(contender)?.push(await measure(started, folder));
    } catch (error) {
      problems.set(contender, `its process failed: ${(error as Error).message}`.slice(0, 300));
    }
  }
}
const floors = found.get(chosen[0] as Contender) ?? [];
const rows = chosen.map((contender) =>
  rowOf(contender, { rounds: found.get(contender) ?? [], floors, calls: workload.calls, problem: problems.get(contender) }),
);
const report: PeersReport = { machine, calls: workload.calls.length, rounds, milliseconds, rows };
const written = JSON.stringify(
  report,
  (_, value: unknown) => (typeof value === "number" ? Math.round(value * 1_000) / 1_000 : value),
  1,
);
if (!isQuick && only === undefined)
  writeFileSync(fileURLToPath(new URL("../results/peers.json", import.meta.url)), `${written}\n`);
process.stdout.write(isJson ? `${written}\n` : table(report));
// A peer that errs is a finding; Sluice that errs, or does not run, is a fault.
const ours = rows.find(({ kind }) => kind === "sluice");
if (ours !== undefined && (ours.problem !== undefined || ours.right !== workload.calls.length)) process.exitCode = 1;
