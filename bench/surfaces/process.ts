/**
 * Processes of the benchmark: upstreams, hops, and Sluice's own commands as an operator starts them.
 * Never leaves one behind.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const running = new Set<ChildProcess>();
process.on("exit", () => stopAll());

/** Ends all processes. */
export function stopAll(): void {
  for (const child of running) child.kill("SIGKILL");
  running.clear();
}

/** Where profiles of Sluice's own processes go (`--profile=FOLDER`), which are written as those end. */
const profiles = process.argv.find((arg) => arg.startsWith("--profile="))?.slice("--profile=".length);
const profiling = profiles === undefined ? [] : ["--cpu-prof", "--cpu-prof-interval=200", `--cpu-prof-dir=${profiles}`];

/** Asks all processes to end, where they write profiles; then ends them. */
export async function stopKindly(): Promise<void> {
  if (profiles !== undefined) {
    const ended = [...running].map((child) => (child.exitCode === null ? once(child, "exit") : undefined));
    for (const child of running) child.stdin?.end();
    for (const child of running) child.kill("SIGTERM");
    await Promise.all(ended);
  }
  stopAll();
}

/** Milliseconds of processor time that a process has had, all its threads; `undefined` where the system does not say it (other than Linux). */
export function cpuMsOf(pid: number): number | undefined {
  try {
    const tasks = readdirSync(`/proc/${pid}/task`);
    const times = tasks.map((task) => Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ")[0]));
    return times.reduce((sum, time) => sum + time, 0) / 1e6;
  } catch {
    return undefined;
  }
}

/** A file of this folder, or of the program. */
export function pathOf(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** Sluice's command line. */
export const sluicePath: string = pathOf("../../src/cli/main.ts");

/** What Node is given to run Sluice as it is written. */
export const sluiceArgs: readonly string[] = ["--no-warnings", ...profiling, sluicePath];

/** The hook as it is published, one file: there after `npm run build`. */
export const builtHookPath: string = pathOf("../../dist/cli/hook-main.js");

/** A script that serves. */
export interface Script {
  readonly port: number;
  readonly pid: number;
}

/** Starts a script of this folder that prints its port. */
export async function startScript(name: string, ...args: readonly string[]): Promise<Script> {
  const child = spawn(process.execPath, [pathOf(name), ...args], { stdio: ["pipe", "pipe", "inherit"] });
  running.add(child);
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  return { port: (JSON.parse(line) as { readonly port: number }).port, pid: child.pid ?? 0 };
}

/** A surface that runs. */
export interface Started {
  readonly url: string;
  /** The token of the session that `--principal` opened. */
  readonly token: string;
  readonly pid: number;
}

/** The host's own credential of the surfaces of this benchmark. */
export const adminToken = "benchmark-admin-token-1234567890";

/** Starts a command of Sluice's that serves, and waits until it listens and has a session. */
export async function startSluice(args: readonly string[]): Promise<Started> {
  const env = { ...process.env, SLUICE_ADMIN_TOKEN: adminToken, NO_COLOR: "1" };
  const child = spawn(process.execPath, [...sluiceArgs, ...args], { env, stdio: ["ignore", "inherit", "pipe"] });
  running.add(child);
  return new Promise((resolve, reject) => {
    const said: string[] = [];
    child.once("exit", () => reject(new Error(said.join("\n"))));
    // What it says of each call is read as long as it runs, as a terminal would.
    createInterface(child.stderr).on("line", (line) => {
      if (said.length < 40) said.push(line);
      const text = said.join("\n");
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0];
      const token = /its token is (\S+)/.exec(text)?.[1] ?? /(s_[0-9a-f]{32}\.[0-9a-f]{64})/.exec(text)?.[1];
      if (url !== undefined && token !== undefined) resolve({ url, token, pid: child.pid ?? 0 });
    });
  });
}

/** A process that answers a line with a line. */
export interface LineProcess {
  readonly pid: number;
  ask(line: string): Promise<string>;
}

/** Starts a process that speaks MCP over its standard input and output. */
export function startLines(command: string, args: readonly string[]): LineProcess {
  const child = spawn(command, [...args], { stdio: ["pipe", "pipe", "pipe"] });
  running.add(child);
  child.stderr.resume();
  const waiting: ((line: string) => void)[] = [];
  createInterface(child.stdout).on("line", (line) => waiting.shift()?.(line));
  return {
    pid: child.pid ?? 0,
    ask: (line) =>
      new Promise((resolve) => {
        waiting.push(resolve);
        child.stdin.write(`${line}\n`);
      }),
  };
}

/** Runs a process to its end with something on its standard input, and returns what it printed. */
export async function runOnce(
  args: readonly string[],
  input: string,
  env: { readonly [name: string]: string } = {},
): Promise<string> {
  const child = spawn(process.execPath, [...args], { stdio: ["pipe", "pipe", "inherit"], env: { ...process.env, ...env } });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    printed += chunk;
  });
  child.stdin.end(input);
  await once(child, "close");
  return printed;
}
