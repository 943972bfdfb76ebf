/**
 * The fuzzer's command: `node test/fuzz/run.ts [TARGET…] --seconds N --seed S`.
 * Runs each target on its corpus and on what it makes of it, writes findings to test/fuzz/found/ and new inputs to a corpus.
 * Exit 0: no property failed; 1: findings. Never sends anything anywhere.
 */
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { readInputs, replaceInputs, writeInput } from "./corpus.ts";
import { startCoverage } from "./coverage.ts";
import { growthFindings } from "./growth.ts";
import { type Finding, fuzz, type Outcome } from "./loop.ts";
import { cover } from "./shrink.ts";
import type { Target } from "./target.ts";
import { startWatchdog } from "./watchdog.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const corpusFolder = join(here, "corpus");
const committed = { inputsMax: 24, charactersMax: 48_000 };

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** Time for each target. */
    seconds: { type: "string", default: "60" },
    /** Executions for each target, besides its corpus. */
    executions: { type: "string", default: "1000000000" },
    seed: { type: "string", default: "1" },
    /** Targets at a time, each a process of its own; 0: all in this process, one after the other. */
    jobs: { type: "string", default: "1" },
    /** A folder of further inputs, read before and written after: what CI keeps from night to night. */
    cache: { type: "string" },
    /** Replaces the committed corpus by the smallest set that reaches the same. */
    merge: { type: "boolean", default: false },
    /** Also asks whether the work grows faster than the input. */
    growth: { type: "boolean", default: false },
    /** A file for the report as JSON. */
    json: { type: "string" },
    list: { type: "boolean", default: false },
    /** Where findings go. */
    found: { type: "string", default: join(here, "found") },
  },
});
const foundFolder = options.found;
const hangSeconds = 60;

/** What is reported of a target. */
export interface TargetReport {
  readonly target: string;
  readonly executions: number;
  readonly seconds: number;
  /** Counted places of src/ that were reached. */
  readonly edges: number;
  readonly inputs: number;
  readonly findings: readonly { readonly kind: string; readonly message: string; readonly file: string }[];
  /** `path#function` of what was entered. */
  readonly entered: readonly string[];
}

async function runHere(target: Target): Promise<TargetReport> {
  const coverage = startCoverage();
  const start = performance.now();
  const watchdog = startWatchdog(join(foundFolder, target.name, "hang"), hangSeconds);
  const inputs = [corpusFolder, ...(options.cache ? [options.cache] : [])].flatMap((folder) => readInputs(folder, target));
  const outcome = await fuzz(target, {
    coverage,
    inputs,
    seed: Number(options.seed),
    executionsMax: Number(options.executions),
    secondsMax: Number(options.seconds),
    watch: watchdog.watch,
  });
  const slow = options.growth ? await growthFindings(target, outcome.kept, { coverage, seed: Number(options.seed) }) : [];
  const findings = [...outcome.findings, ...slow].map((finding) => ({
    kind: finding.kind,
    message: finding.message.slice(0, 600),
    file: writeFinding(target, finding),
  }));
  if (options.cache) {
    const bounds = { inputsMax: 1_000, charactersMax: 2_000_000 };
    replaceInputs(options.cache, target, cover(outcome.kept, bounds));
  }
  if (options.merge) replaceInputs(corpusFolder, target, cover(outcome.kept, committed));
  const places = coverage.modules.flatMap(({ path, first, sites }) => sites.map((site, i) => ({ path, site, id: first + i })));
  const reached = places.filter(({ id }) => outcome.seen[id] !== 0);
  return {
    target: target.name,
    executions: outcome.executions,
    seconds: Math.round((performance.now() - start) / 100) / 10,
    edges: reached.length,
    inputs: keptOf(outcome),
    findings,
    entered: [...new Set(reached.flatMap(({ path, site }) => (site.name === undefined ? [] : [`${path}#${site.name}`])))],
  };
}

function keptOf({ kept }: Outcome): number {
  return kept.length;
}

/** Writes the input and, beside it, what it provokes. */
function writeFinding(target: Target, { kind, message, stack, input }: Finding): string {
  const file = writeInput(foundFolder, target, input);
  const path = join(foundFolder, target.name, file);
  writeFileSync(`${path}.why`, `${JSON.stringify({ target: target.name, kind, message, stack }, null, 2)}\n`);
  return path;
}

/** A process of its own for a target, so that a hang or an exhausted memory ends only that. */
function runApart(name: string): Promise<TargetReport> {
  const report = join(foundFolder, ".reports", `${name}.report`);
  mkdirSync(join(foundFolder, ".reports"), { recursive: true });
  rmSync(report, { force: true });
  const own = process.argv.slice(2).filter((word) => !positionals.includes(word));
  const args = [fileURLToPath(import.meta.url), name, ...own, "--jobs", "0", "--json", report];
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
    child.on("close", (code, signal) => {
      const died = { kind: "process", message: `the process ended with ${signal ?? code}`, file: join(foundFolder, name) };
      const none = { target: name, executions: 0, seconds: 0, edges: 0, inputs: 0, findings: [died], entered: [] };
      try {
        resolve((JSON.parse(readFileSync(report, "utf8")) as readonly TargetReport[])[0] ?? none);
      } catch {
        resolve(none);
      }
    });
  });
}

function lineOf({ target, executions, seconds, edges, inputs, findings }: TargetReport): string {
  const counts = `${executions} executions, ${seconds} s, ${edges} places, ${inputs} inputs, ${findings.length} findings`;
  return [`${target}: ${counts}`, ...findings.map(({ kind, file }) => `  ${kind}\n    ${file}`)].join("\n");
}

async function main(): Promise<number> {
  startCoverage();
  const { targets } = await import("./targets.ts");
  const unknown = positionals.filter((name) => !targets.some((target) => target.name === name));
  if (unknown.length > 0) throw new Error(`no target is called ${unknown.join(", ")}; --list names them`);
  const chosen = positionals.length > 0 ? targets.filter(({ name }) => positionals.includes(name)) : targets;
  if (options.list) {
    process.stdout.write(`${chosen.map(({ name }) => name).join("\n")}\n`);
    return 0;
  }
  const reports: TargetReport[] = [];
  const waiting = [...chosen];
  const jobs = Number(options.jobs);
  const work = async (): Promise<void> => {
    for (let target = waiting.shift(); target; target = waiting.shift()) {
      const report = jobs === 0 ? await runHere(target) : await runApart(target.name);
      reports.push(report);
      process.stdout.write(`${lineOf(report)}\n`);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, jobs) }, work));
  if (options.json) writeFileSync(options.json, JSON.stringify(reports));
  const found = reports.reduce((sum, { findings }) => sum + findings.length, 0);
  const executions = reports.reduce((sum, report) => sum + report.executions, 0);
  process.stdout.write(`${reports.length} targets, ${executions} executions, ${found} findings\n`);
  return found === 0 ? 0 : 1;
}

process.exit(await main());
