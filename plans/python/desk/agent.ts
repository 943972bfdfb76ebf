/**
 * Runs an agent in Python to its end and reads what its model saw and did.
 * Never gives it more than the named variables of the environment, and never lets it run for ever.
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { ensurePython } from "../../../.ci/python.mjs";

/** The environments that requirements-NAME.txt describe. */
export type Environment = "agents" | "crewai" | "mcp2";

/** What a model saw (`saw`), wanted (`call`) or answered last (`end`), in order. */
export interface Turn {
  readonly kind: string;
  readonly text: string;
}

const agentMs = 240_000;

/** Runs `plans/python/NAME/agent.py` with a task and what else it takes. Throws with what it printed if it fails. */
export async function runAgent(
  name: string,
  args: readonly string[],
  { environment, env }: { readonly environment: Environment; readonly env: Variables },
): Promise<readonly Turn[]> {
  const child = await startPython(environment, [`../${name}/agent.py`, ...args], env);
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk) => (stdout += chunk));
  child.stderr.on("data", (chunk) => (stderr += chunk));
  const timer = setTimeout(() => child.kill("SIGKILL"), agentMs);
  const code = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  clearTimeout(timer);
  if (code !== 0) throw new Error(`${name} ended with ${code}:\n${stdout}\n${stderr.slice(-4_000)}`);
  return turnsOf(stdout);
}

/** A provider of models that runs: provider.py. */
export interface Provider {
  readonly url: string;
  /** What its model saw and did since the last time that this was asked. */
  turns(): readonly Turn[];
  close(): void;
}

/** Starts the scripted provider. */
export async function openProvider(): Promise<Provider> {
  const child = await startPython("agents", ["provider.py"], {});
  let said = "";
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on("data", (chunk) => {
      said += chunk;
      const found = /^(http:\S+)\n/.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.on("close", (code) => reject(new Error(`provider.py ended with ${code}`)));
  });
  return {
    url,
    turns: () => {
      const turns = turnsOf(said);
      said = "";
      return turns;
    },
    close: () => child.kill("SIGKILL"),
  };
}

interface Variables {
  readonly [name: string]: string;
}

/** Starts a program of this folder. */
async function startPython(environment: Environment, [program = "", ...args]: readonly string[], env: Variables) {
  const python = await ensurePython(environment);
  const { PATH = "", HOME = "" } = process.env;
  return spawn(python, ["-W", "ignore", fileURLToPath(new URL(program, import.meta.url)), ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH, HOME, PYTHONUTF8: "1", PYTHONUNBUFFERED: "1", ...env },
  });
}

function turnsOf(text: string): readonly Turn[] {
  return text.split("\n").flatMap((line) => {
    const [, kind, what] = /^(call|saw|end|mcp) +(.*)$/.exec(line) ?? [];
    return kind === undefined || what === undefined ? [] : [{ kind, text: what }];
  });
}
