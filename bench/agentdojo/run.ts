/**
 * AgentDojo: scripted agents in its real environments, every call through Sluice, judged by its own functions; then the replays.
 * `node bench/agentdojo/run.ts [--json] [--quick] [--replay] [--suite=NAME] [--kind=NAME] [--jobs=2]`
 * Writes `bench/results/agentdojo.json` if nothing is left out. Exit 2 where neither the package nor `SLUICE_DATA` is to be had. No model takes part.
 */
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { machineFacts } from "../machine.ts";
import { dataFolder, readSuite, type Suite, suiteNames } from "./data.ts";
import { type Environments, openEnvironments } from "./environments.ts";
import { installPython } from "./install.ts";
import type { PlanKind } from "./kinds.ts";
import { learned } from "./learned.ts";
import { planKinds } from "./plans.ts";
import { caveats, countsOf, replaySuites, replayText, replayTotals } from "./replays.ts";
import { reportOf, type RunsReport } from "./report.ts";
import { type Outcome, type PlayedSuite, playUnit, suiteOf, type Unit, unitsOf } from "./runs.ts";
import { runsSection } from "./table.ts";

const isJson = process.argv.includes("--json");
const isQuick = process.argv.includes("--quick");
const isReplay = process.argv.includes("--replay");
const [onlySuite, onlyKind] = [option("suite"), option("kind")];
const jobs = Number(option("jobs") ?? Math.min(2, availableParallelism()));
/** The suites that `--quick` takes. */
const quickSuites: readonly string[] = ["banking", "slack"];

function option(name: string): string | undefined {
  return process.argv.find((each) => each.startsWith(`--${name}=`))?.slice(name.length + 3);
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

const kinds: readonly PlanKind[] = [learned, ...planKinds].filter(({ name }) => onlyKind === undefined || name === onlyKind);

/** Every suite that is asked for, from the package. */
async function readSuites(environments: Environments): Promise<readonly PlayedSuite[]> {
  const names = (await environments.suites()).filter(
    (name) => (onlySuite === undefined || name === onlySuite) && (!isQuick || quickSuites.includes(name)),
  );
  const suites: PlayedSuite[] = [];
  for (const name of names) {
    say(`reading ${name} …`);
    suites.push(await suiteOf(environments, name));
  }
  return suites;
}

/** Injection tasks whose calls are the bench's own. */
async function writtenIn(environments: Environments, suites: readonly PlayedSuite[]): Promise<readonly string[]> {
  const written: string[] = [];
  for (const { suite, facts } of suites) {
    const [first] = facts.userTasks;
    for (const { id } of facts.injectionTasks) {
      await environments.start(suite.name, first?.id ?? "", id);
      if ((await environments.attacker()).isWritten) written.push(`${suite.name}/${id}`);
    }
  }
  return written;
}

/** Plays all units, so many at once, each worker in environments of its own. The outcomes stand in the order of the units. */
async function playAll(units: readonly Unit[], workers: readonly Environments[]): Promise<readonly Outcome[]> {
  const outcomes: (readonly Outcome[])[] = units.map(() => []);
  let next = 0;
  const work = async (environments: Environments): Promise<void> => {
    for (let i = next++; i < units.length; i = next++) {
      const unit = units[i] as Unit;
      if (i % 20 === 0) say(`${i} of ${units.length}: ${unit.suite.suite.name}, ${unit.kind}`);
      outcomes[i] = await playUnit(unit, environments);
    }
  };
  await Promise.all(workers.map(work));
  return outcomes.flat();
}

async function playedReport(python: string): Promise<{ readonly runs: RunsReport; readonly suites: readonly Suite[] }> {
  const machine = machineFacts();
  const workers = Array.from({ length: Math.max(1, jobs) }, () => openEnvironments(python));
  try {
    const [first] = workers as [Environments, ...Environments[]];
    const suites = await readSuites(first);
    const written = await writtenIn(first, suites);
    const units: Unit[] = [];
    for (const suite of suites) units.push(...(await unitsOf(suite, kinds)));
    return { runs: reportOf(await playAll(units, workers), { machine, written }), suites: suites.map(({ suite }) => suite) };
  } finally {
    for (const worker of workers) worker.close();
  }
}

/** The suites of the folder that `SLUICE_DATA` names, for the replays alone. */
function recordedSuites(): readonly Suite[] | undefined {
  const folder = dataFolder("agentdojo");
  return folder === undefined ? undefined : suiteNames(folder).map((name) => readSuite(folder, name));
}

async function main(): Promise<void> {
  const python = isReplay ? { problem: "not asked for" } : installPython();
  const played = "python" in python ? await playedReport(python.python) : undefined;
  const suites = played?.suites ?? recordedSuites();
  if (suites === undefined) {
    say(
      `AgentDojo is not to be had: ${"problem" in python ? python.problem : ""}; and SLUICE_DATA names no folder with agentdojo/`,
    );
    process.exitCode = 2;
    return;
  }
  if ("problem" in python && !isReplay) say(`replays only, without AgentDojo's environments and judges: ${python.problem}`);
  const replays = replaySuites(suites);
  const counts = replays.map(countsOf);
  const isWhole = played !== undefined && !isQuick && onlySuite === undefined && onlyKind === undefined;
  const report = { machine: played?.runs.machine, runs: played?.runs, replays: counts };
  if (isWhole) writeFileSync(new URL("../results/agentdojo.json", import.meta.url), `${JSON.stringify(report, null, 1)}\n`);
  if (isJson) {
    // The replays in full: their exceptions name values of AgentDojo, so they are printed and not kept.
    process.stdout.write(`${JSON.stringify({ ...report, suites: replays, caveats })}\n`);
    return;
  }
  if (played !== undefined) process.stdout.write(`${runsSection(played.runs, counts)}\n`);
  for (const suite of replays) process.stdout.write(replayText(suite));
  process.stdout.write(replayTotals(counts));
  for (const caveat of caveats) process.stdout.write(`- ${caveat}\n`);
}

await main();
