/**
 * Starts a deployment of the trading example: its tools, and Sluice before them as a process of its own, as an operator would start it.
 * Never leaves a process behind, however it ends, and never listens on anything but the loopback address.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Example, readExample } from "../../src/cli/demo/example.ts";
import { type Outcome, playRun } from "../../src/cli/demo/play.ts";
import { startTools, type Tools } from "../../src/cli/demo/tools.ts";
import { InputError } from "../../src/cli/read/input.ts";
import type { Json } from "../../src/json/value.ts";
import { writeFrozen } from "../../src/plan/freeze.ts";
import type { FrozenPlan } from "../../src/plan/plan.ts";
import { type Grounds, type Program, programs } from "./programs.ts";

/** How a deployment is started. */
export interface StartOptions {
  /** The port of the firewall; 0, the default: any free one. */
  readonly port?: number;
  /** `memory`, `sqlite` (a file of its own, the default), or the URL of a server. */
  readonly store?: string;
  /** The single-file executable, where it has been built already. */
  readonly executable?: string;
  /** A plan in place of the example's, over the same tools. */
  readonly frozen?: FrozenPlan;
  /** Milliseconds that it has until it is ready. Default 60 s, since an emulator is slow. */
  readonly readyMs?: number;
}

/** A deployment that is ready. */
export interface Deployment {
  readonly url: string;
  /** The host's credential. */
  readonly admin: string;
  readonly example: Example;
  readonly process: ChildProcess;
  /** Milliseconds from the start of the process to its first answer. */
  readonly readyAfterMs: number;
  /** Plays a recorded run of the example. */
  play(file: string): Promise<readonly Outcome[]>;
  /** Asks it to end; resolves to its exit code. */
  stop(): Promise<number | null>;
}

/** Names of the deployments. */
export const names = Object.keys(programs) as readonly (keyof typeof programs)[];

const host = "127.0.0.1";
const readyMsDefault = 60_000;
const stopMs = 20_000;

/** Starts one. Rejects with {@link InputError} if it does not come up. */
export async function startDeployment(name: keyof typeof programs, options: StartOptions = {}): Promise<Deployment> {
  const example = await readExample("trading");
  const folder = mkdtempSync(join(tmpdir(), "sluice-deployment-"));
  const plan = join(folder, "plan.frozen.json");
  writeFileSync(plan, writeFrozen(options.frozen ?? example.frozen));
  const tools = await startTools(example.folder);
  const close = async (): Promise<void> => {
    await tools.server.close();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const database = join(folder, "sluice.db");
    const store = options.store === undefined || options.store === "sqlite" ? database : options.store;
    const program = await programs[name]({
      ...groundsOf(plan, store, database),
      ...(options.executable === undefined ? {} : { executable: options.executable }),
    });
    const args = ["serve", "--plan", plan, "--store", store, "--port", `${options.port ?? 0}`, "--upstream", tools.url];
    return await running({ program, args, folder }, { example, tools, close, readyMs: options.readyMs ?? readyMsDefault });
  } catch (error) {
    await close();
    throw error;
  }
}

function groundsOf(plan: string, store: string, database: string): Grounds {
  const server = URL.canParse(store) ? [new URL(store).host] : [];
  return { reads: [plan], hosts: [host, ...server], ...(store === database ? { database } : {}) };
}

interface Around {
  readonly example: Example;
  readonly tools: Tools;
  readonly close: () => Promise<void>;
  readonly readyMs: number;
}

async function running(
  { program, args, folder }: { readonly program: Program; readonly args: readonly string[]; readonly folder: string },
  { example, tools, close, readyMs }: Around,
): Promise<Deployment> {
  const admin = randomBytes(24).toString("base64url");
  const started = performance.now();
  const child = spawn(program.command, [...program.args, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, SLUICE_ADMIN_TOKEN: admin, NO_COLOR: "1", TERM: "dumb" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const end = new Promise<number | null>((resolve) => {
    child.once("error", () => resolve(127));
    child.once("close", resolve);
  });
  const abandon = (): void => void child.kill("SIGKILL");
  process.once("exit", abandon);
  const stop = async (): Promise<number | null> => {
    child.kill("SIGTERM");
    const timer = setTimeout(abandon, stopMs);
    const code = await end;
    clearTimeout(timer);
    process.off("exit", abandon);
    await close();
    return code;
  };
  try {
    const url = await addressOf(child, end, readyMs);
    await ready(url, started + readyMs);
    const readyAfterMs = performance.now() - started;
    const play = (file: string): Promise<readonly Outcome[]> => playOne(file, { url, admin, example, tools });
    return { url, admin, example, process: child, readyAfterMs, play, stop };
  } catch (error) {
    abandon();
    await end;
    process.off("exit", abandon);
    throw error;
  }
}

/** The address that it says it listens on. */
function addressOf(child: ChildProcess, end: Promise<number | null>, readyMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    const timer = setTimeout(() => reject(new InputError(`it was not there after ${readyMs} ms`)), readyMs);
    child.stderr?.on("data", (chunk) => {
      said = (said + chunk).slice(-4_000);
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    });
    void end.then((code) => {
      clearTimeout(timer);
      reject(new InputError(`it ended with ${code}: ${said.trim()}`));
    });
  });
}

async function ready(url: string, deadline: number): Promise<void> {
  while (performance.now() < deadline) {
    const status = await fetch(`${url}/sluice/ready`).then(
      (response) => response.status,
      () => 0,
    );
    if (status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new InputError(`${url}/sluice/ready does not answer that it is ready`);
}

function playOne(
  file: string,
  {
    url,
    admin,
    example,
    tools,
  }: { readonly url: string; readonly admin: string; readonly example: Example; readonly tools: Tools },
): Promise<readonly Outcome[]> {
  const run = example.runs.find((each) => each.file === file);
  if (run === undefined) throw new InputError(`${file}: no such run`);
  const isAttack = file.startsWith("attack-");
  tools.reset(isAttack);
  const prepare = isAttack ? (answer: Json | undefined): void => tools.prepare(answer) : (): void => {};
  // The verdicts' facts stay in the other process: what is compared is what the agent was answered.
  return playRun({ url, admin, prepare, takeVerdict: () => undefined }, example.frozen.digest, run);
}
