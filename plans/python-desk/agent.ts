/**
 * Runs an agent in Python to its end and reads what its model saw and did.
 * Never gives it more than the named variables of the environment, and never lets it run for ever.
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { ensurePython } from "../../.ci/python.mjs";

/** The environments that requirements-NAME.txt describe. */
export type Environment = "agents" | "crewai" | "mcp2";

/** What a model saw (`saw`), wanted (`call`) or answered last (`end`), in order. */
export interface Turn {
  readonly kind: string;
  readonly text: string;
}

const agentMs = 240_000;

/** Runs `plans/NAME/agent.py` with a task. Throws with what it printed if it fails. */
export async function runAgent(
  name: string,
  task: string,
  { environment, env }: { readonly environment: Environment; readonly env: { readonly [name: string]: string } },
): Promise<readonly Turn[]> {
  const python = await ensurePython(environment);
  const script = fileURLToPath(new URL(`../${name}/agent.py`, import.meta.url));
  const { PATH = "", HOME = "", TMPDIR = "", SYSTEMROOT = "" } = process.env;
  const child = spawn(python, ["-W", "ignore", script, task], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH, HOME, ...(TMPDIR === "" ? {} : { TMPDIR }), ...(SYSTEMROOT === "" ? {} : { SYSTEMROOT }), PYTHONUTF8: "1", ...env },
  });
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
  return stdout.split("\n").flatMap((line) => {
    const [, kind, text] = /^(call|saw|end|mcp) +(.*)$/.exec(line) ?? [];
    return kind === undefined || text === undefined ? [] : [{ kind, text }];
  });
}
