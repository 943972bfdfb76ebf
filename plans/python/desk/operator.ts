/**
 * Sluice in front of the desk, started as an operator starts it: the command in a process of its own, sessions opened over its host
 * routes. Never gives an agent more than the URL and the token of one session.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readJson } from "../../../src/json/read.ts";
import { type JsonObject, member } from "../../../src/json/value.ts";

const main = fileURLToPath(new URL("../../../src/cli/main.ts", import.meta.url));
const startMs = 60_000;

/** A Sluice that runs. */
export interface Running {
  /** Where it listens. */
  readonly url: string;
  /** Opens a session for one task and gives its token. */
  open(plan: string, params: JsonObject): Promise<string>;
  /** What it has said: a line for each verdict, among others. */
  log(): string;
  close(): Promise<void>;
}

/** A folder of its own for what the operator makes. */
export interface Workshop {
  /** Freezes a plan and gives the path of the frozen one. */
  freeze(plan: string, catalogue: string): Promise<string>;
  /** Starts a server of Sluice (`gateway`, `proxy`, `model-proxy`) on a free port. */
  start(args: readonly string[], env?: { readonly [name: string]: string }): Promise<Running>;
  /** Runs a command of Sluice to its end and gives what it printed. */
  run(args: readonly string[]): Promise<string>;
  /** Writes a file into the folder and gives its path. */
  write(name: string, text: string): string;
  readonly folder: string;
  close(): void;
}

/** Opens a workshop. */
export function openWorkshop(): Workshop {
  const folder = mkdtempSync(join(tmpdir(), "sluice-desk-"));
  let plans = 0;
  const run = async (args: readonly string[]): Promise<string> => {
    const child = sluice(args, {});
    let [stdout, stderr] = ["", ""];
    child.stdout?.on("data", (chunk) => (stdout += chunk));
    child.stderr?.on("data", (chunk) => (stderr += chunk));
    const code = await new Promise((resolve) => child.on("close", resolve));
    if (code !== 0) throw new Error(`sluice ${args[0]} ended with ${code}: ${stderr}`);
    return stdout;
  };
  return {
    folder,
    run,
    write: (name, text) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    },
    freeze: async (plan, catalogue) => {
      const frozen = join(folder, `plan-${++plans}.json`);
      await run(["freeze", plan, "--catalog", catalogue, "-o", frozen, "--json"]);
      return frozen;
    },
    start: (args, env = {}) => start(args, env),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function sluice(args: readonly string[], env: { readonly [name: string]: string }): ChildProcess {
  return spawn(process.execPath, ["--disable-warning=ExperimentalWarning", main, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1", ...env },
  });
}

async function start(args: readonly string[], env: { readonly [name: string]: string }): Promise<Running> {
  const admin = randomBytes(24).toString("base64url");
  const child = sluice([...args, "--port", "0", "--store", "memory"], { ...env, SLUICE_ADMIN_TOKEN: admin });
  let said = "";
  const closed = new Promise<void>((resolve) => child.on("close", () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`sluice ${args[0]} did not start: ${said}`)), startMs);
    const listen = (chunk: unknown): void => {
      said += String(chunk);
      const found = /^sluice(?: [a-z-]+)? (http:\/\/127\.0\.0\.1:\d+)\b/m.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    };
    child.stdout?.on("data", listen);
    child.stderr?.on("data", listen);
    child.on("close", (code) => reject(new Error(`sluice ${args[0]} ended with ${code}: ${said}`)));
    void closed.then(() => clearTimeout(timer));
  }).catch((error: unknown) => {
    child.kill("SIGKILL");
    throw error;
  });
  return {
    url,
    log: () => said,
    open: async (plan, params) => {
      const response = await fetch(`${url}/sluice/sessions`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${admin}` },
        body: JSON.stringify({ plan, principal: "kim@desk.example", params }),
      });
      const answer = readJson(await response.text());
      const token = answer.ok ? member(answer.value, "token") : undefined;
      if (typeof token !== "string") throw new Error(`no session was opened: ${response.status}`);
      return token;
    },
    close: async () => {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
      await closed;
      clearTimeout(timer);
    },
  };
}
