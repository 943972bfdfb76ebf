/**
 * The recordings of a folder for the dashboard, and plans learned from them in a process of its own.
 * Never follows a link out of the folder, and never hands a variable of this process on to the one that learns.
 */
import { spawn } from "node:child_process";
import { constants } from "node:fs";
import { lstat, mkdtemp, open, readdir, readFile, rm } from "node:fs/promises";
import { setPriority, tmpdir } from "node:os";
import { join } from "node:path";
import type { LearnedPlan, RecordingFile, Recordings } from "../../dashboard/record/recordings.ts";
import { readJson } from "../../json/read.ts";
import { isArray, isObject, member } from "../../json/value.ts";
import type { Severity } from "../../finding-codes.ts";
import { err, ok, type Result } from "../../result.ts";
import { ownProgram } from "../own-program.ts";
import { plain } from "../show/terminal.ts";

/** How recordings are learned from. */
export interface RecordingsOptions {
  /** The catalogue of the tools, a file. */
  readonly catalogue?: string | undefined;
  /** The program that learns: arguments of this runtime. Default: this one. `undefined` where this runtime starts none. */
  readonly program?: readonly string[] | undefined;
}

const namePattern = /^(?!\.)[\w.-]{1,200}\.jsonl$/;
/** Files of a folder that are looked at. */
const filesMax = 20_000;
/** Bytes that are read of a file and of what the program says. */
const bytesMax = 8 * 1024 * 1024;
/** Milliseconds that learning may take. */
const learnMs = 300_000;

/** The recordings of a folder. */
export function recordingsIn(folder: string, { catalogue, program = ownProgram() }: RecordingsOptions = {}): Recordings {
  return {
    list: () => list(folder),
    read: (name) => read(folder, name),
    ...(program === undefined ? {} : { learn: (names, signal) => learn({ folder, names, catalogue, program }, signal) }),
  };
}

async function list(folder: string): ReturnType<Recordings["list"]> {
  try {
    const names = (await readdir(folder)).filter((name) => namePattern.test(name)).sort();
    const files: RecordingFile[] = [];
    for (const name of names.slice(-filesMax).reverse()) {
      const found = await lstat(join(folder, name)).catch(() => undefined);
      if (found?.isFile() === true) files.push({ name, bytes: found.size });
    }
    return ok(files);
  } catch {
    return err({ kind: "unavailable", detail: "folder" });
  }
}

async function read(folder: string, name: string): Promise<string | undefined> {
  if (!namePattern.test(name)) return undefined;
  try {
    // A link that somebody put there would lead elsewhere. Windows has no such flag.
    const file = await open(join(folder, name), constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    try {
      const { size } = await file.stat();
      return size > bytesMax ? undefined : await file.readFile("utf8");
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}

interface Learning {
  readonly folder: string;
  readonly names: readonly string[];
  readonly catalogue: string | undefined;
  readonly program: readonly string[];
}

/** `sluice learn` as a process of its own: what takes seconds there holds up no call here. */
async function learn({ folder, names, catalogue, program }: Learning, signal: AbortSignal): Promise<Result<LearnedPlan, string>> {
  if (names.length === 0 || !names.every((name) => namePattern.test(name))) return err("no recording was named");
  const scratch = await mkdtemp(join(tmpdir(), "sluice-learn-"));
  try {
    const report = join(scratch, "report.json");
    const files = names.map((name) => join(folder, name));
    const given = catalogue === undefined ? [] : ["--catalog", catalogue];
    const said = await run([...program, "learn", "--json", "--report", report, ...given, "--", ...files], signal);
    if (!said.ok) return said;
    const plan = readJson(said.value);
    if (!plan.ok) return err("what was learned cannot be read");
    const told = readJson(await readFile(report, "utf8"));
    return ok({ plan: plan.value, findings: findingsOf(told.ok ? member(told.value, "findings") : undefined) });
  } catch {
    return err("the program that learns cannot be started here");
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function findingsOf(value: ReturnType<typeof member>): LearnedPlan["findings"] {
  if (value === undefined || !isArray(value)) return [];
  return value.flatMap((each) => {
    const { code, severity, pointer, message } = isObject(each) ? each : {};
    return [code, severity, pointer, message].every((text) => typeof text === "string")
      ? [{ code, severity: severity as Severity, pointer, message } as LearnedPlan["findings"][number]]
      : [];
  });
}

const kept = ["PATH", "HOME", "TMPDIR", "TEMP", "SystemRoot"];

/** What the program prints; else the last line that it complains with. */
async function run(args: readonly string[], signal: AbortSignal): Promise<Result<string, string>> {
  const env = Object.fromEntries(kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
  const child = spawn(process.execPath, [...args], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
    windowsHide: true,
    signal: AbortSignal.any([signal, AbortSignal.timeout(learnMs)]),
    killSignal: "SIGKILL",
  });
  try {
    // Calls that are decided meanwhile come first.
    if (child.pid !== undefined) setPriority(child.pid, 10);
  } catch {
    // It has just ended, or may not be told.
  }
  const texts = { out: "", err: "" };
  const take = (name: keyof typeof texts) => (text: string) => {
    if (texts[name].length + text.length > bytesMax) child.kill("SIGKILL");
    else texts[name] += text;
  };
  child.stdout.setEncoding("utf8").on("data", take("out"));
  child.stderr.setEncoding("utf8").on("data", take("err"));
  const code = await new Promise<number | undefined>((resolve) => {
    child.once("error", () => resolve(undefined));
    child.once("close", (status) => resolve(status ?? undefined));
  });
  if (code === 0) return ok(texts.out);
  if (signal.aborted) return err("it was stopped");
  const line = texts.err.trim().split("\n").at(-1) ?? "";
  return err(line === "" ? "the program that learns did not end well" : plain(line.replace(/^sluice: /, "")).slice(0, lineMax));
}

/** Characters of a complaint that are shown. */
const lineMax = 300;
