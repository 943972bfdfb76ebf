/**
 * What it takes to start: `node bench/start/run.ts [--json] [--quick] [--only=TEXT]`
 * Every entry point of the package as it is published (dist/, built here first), the `sluice` command, and the Worker: each beside the same
 * runtime with nothing to do, in turns. Writes `bench/results/start.json` unless --quick or --only.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { planFor } from "../../test/surfaces/hook/agent.ts";
import { machineFacts } from "../machine.ts";
import { emptyWorker, firstAnswer } from "../worker/first-answer.ts";
import { bundleOf, entries, type Entry, foundIn, root } from "./entries.ts";
import { openProbe, type Probe, type Runtime, runtimes, type Start } from "./probe.ts";
import type { CommandRow, EntryRow, RuntimeRow, StartReport, WorkerFacts } from "./report.ts";
import { table } from "./table.ts";
import { median } from "../quantile.ts";

const isQuick = process.argv.includes("--quick");
const only = process.argv.find((arg) => arg.startsWith("--only="))?.slice("--only=".length);
const rounds = isQuick ? 2 : 5;
const wanted = (name: string): boolean => only === undefined || name.includes(only);

const rounded = (value: number): number => Math.round(value * 100) / 100;

/** Every contender once a round, so that a busy machine is busy for all of them. */
function inTurns<T>(contenders: readonly string[], once: (name: string) => T): ReadonlyMap<string, readonly T[]> {
  const taken = new Map(contenders.map((name) => [name, [] as T[]]));
  for (let round = 0; round < rounds; round++) {
    process.stderr.write(`round ${round + 1} of ${rounds}: ${contenders.length} starts\n`);
    for (const [name, all] of taken) all.push(once(name));
  }
  return taken;
}

/** Medians of starts, and of their ratios to those of nothing in the same rounds. */
function summary(starts: readonly Start[], nothing: readonly Start[]): Omit<EntryRow, "name" | "modules" | "bytes" | "bundle"> {
  return {
    importMs: rounded(median(starts.map(({ importMs }) => importMs))),
    coldMs: rounded(median(starts.map(({ coldMs }) => coldMs))),
    toEmpty: rounded(median(starts.map(({ coldMs }, at) => coldMs / (nothing[at]?.coldMs ?? Number.NaN)))),
    toEmptyMost: rounded(Math.max(...starts.map(({ coldMs }, at) => coldMs / (nothing[at]?.coldMs ?? Number.NaN)))),
    residentMB: rounded(median(starts.map(({ residentBytes }, at) => (residentBytes - (nothing[at]?.residentBytes ?? 0)) / 1e6))),
  };
}

const compiled = ({ compiled: file }: Entry): string => join(root, "dist", file);

async function entryRows(probe: Probe): Promise<readonly EntryRow[]> {
  const measured = entries.filter(({ name }) => wanted(name));
  const files = new Map([["", probe.empty], ...measured.map((entry) => [entry.name, compiled(entry)] as const)]);
  const starts = inTurns([...files.keys()], (name) => probe.importOf("node", files.get(name) ?? ""));
  const rows: EntryRow[] = [];
  for (const entry of measured) {
    const text = await bundleOf(entry.source);
    rows.push({
      name: entry.name,
      ...summary(starts.get(entry.name) ?? [], starts.get("") ?? []),
      ...probe.loadedBy(compiled(entry)),
      bundle: { bytes: Buffer.byteLength(text), gzipBytes: gzipSync(text).byteLength, forbidden: foundIn(text) },
    });
  }
  return rows;
}

/** The entries that every runtime imports, beside an empty module in it. */
function runtimeRows(probe: Probe): readonly RuntimeRow[] {
  const measured = entries.filter(({ name }) => ["sluice", "sluice/hono", "sluice/worker"].includes(name) && wanted(name));
  return runtimes.flatMap((runtime: Runtime) => {
    const files = new Map([["", probe.empty], ...measured.map((entry) => [entry.name, compiled(entry)] as const)]);
    const starts = inTurns([...files.keys()], (name) => probe.importOf(runtime, files.get(name) ?? ""));
    return measured.map(({ name }) => ({ runtime, name, ...summary(starts.get(name) ?? [], starts.get("") ?? []) }));
  });
}

/** The launcher as it stands in a published package: without the source beside it. */
function publishedLauncher(probe: Probe): string {
  const folder = join(probe.folder, "package");
  mkdirSync(join(folder, "src/cli"), { recursive: true });
  cpSync(join(root, "src/cli/sluice.mjs"), join(folder, "src/cli/sluice.mjs"));
  cpSync(join(root, "package.json"), join(folder, "package.json"));
  symlinkSync(join(root, "dist"), join(folder, "dist"));
  return join(folder, "src/cli/sluice.mjs");
}

/** What an agent sends its hook before a call that its plan allows, in a session of its own. */
function hookInput(session: number): string {
  const input = { session_id: `s-${session}`, transcript_path: "/t.jsonl", cwd: "/repo", permission_mode: "default" };
  return JSON.stringify({ ...input, hook_event_name: "PreToolUse", tool_name: "Bash", tool_input: {}, tool_use_id: "t" });
}

function commandRows(probe: Probe): readonly CommandRow[] {
  const launcher = publishedLauncher(probe);
  const plan = join(probe.folder, "agent.frozen.json");
  writeFileSync(plan, JSON.stringify(planFor("claude-code")));
  const example = (file: string): string => join(root, "plans/trading", file);
  let session = 0;
  const commands: { readonly [name: string]: () => number } = {
    "": () => probe.cpuMsOf(["-e", "0"]),
    "sluice --version": () => probe.cpuMsOf([launcher, "--version"]),
    "sluice lint": () => probe.cpuMsOf([launcher, "lint", example("plan.yaml"), "--catalog", example("catalogue.json")]),
    "sluice hook": () =>
      probe.cpuMsOf([launcher, "hook", "--plan", plan, "--store", join(probe.folder, "hook.db")], {
        input: hookInput(session++),
      }),
  };
  const names = Object.keys(commands).filter((name) => name === "" || wanted(name));
  // What the launcher keeps is there after the first start of each.
  for (const name of names) commands[name]?.();
  const taken = inTurns(names, (name) => commands[name]?.() ?? Number.NaN);
  const nothing = taken.get("") ?? [];
  return names.slice(1).map((name) => {
    const all = taken.get(name) ?? [];
    const ratios = all.map((ms, at) => ms / (nothing[at] ?? Number.NaN));
    return {
      name,
      cpuMs: rounded(median(all)),
      toNode: rounded(median(ratios)),
      toNodeMost: rounded(Math.max(...ratios)),
    };
  });
}

async function workerFacts(): Promise<WorkerFacts> {
  const script = await bundleOf("src/worker.ts");
  const [ours, nothing]: [number[], number[]] = [[], []];
  for (let at = 0; at < rounds; at++) {
    nothing.push((await firstAnswer(emptyWorker)).cpuMs);
    ours.push((await firstAnswer(script)).cpuMs);
  }
  return {
    cpuMs: rounded(median(ours)),
    emptyCpuMs: rounded(median(nothing)),
    toEmpty: rounded(median(ours.map((ms, at) => ms / (nothing[at] ?? Number.NaN)))),
  };
}

async function main(): Promise<void> {
  const machine = machineFacts();
  const { status } = spawnSync(process.execPath, [join(root, ".ci/build.mjs")], { stdio: ["ignore", 2, 2] });
  if (status !== 0) throw new Error("dist/ cannot be built");
  const probe = openProbe();
  try {
    const entriesMeasured = await entryRows(probe);
    const report: StartReport = {
      machine,
      rounds,
      entries: entriesMeasured,
      runtimes: runtimeRows(probe),
      commands: commandRows(probe),
      ...(wanted("workerd") ? { workerd: await workerFacts() } : {}),
    };
    const text = `${JSON.stringify(report, null, 2)}\n`;
    if (!isQuick && only === undefined) writeFileSync(new URL("../results/start.json", import.meta.url), text);
    process.stdout.write(process.argv.includes("--json") ? text : table(report));
  } finally {
    probe.remove();
  }
}

await main();
