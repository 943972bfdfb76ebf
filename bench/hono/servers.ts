/**
 * Starts the applications as servers of their own, on each runtime, and reads their processor time.
 * Never leaves one behind.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Kind } from "./app.ts";
import type { StoreKind } from "./stores.ts";

/** A runtime that serves. */
export type Runtime = "node" | "bun" | "deno" | "workerd";

/** A server that runs. */
export interface Server {
  readonly port: number;
  readonly tokens: readonly string[];
  /** Microseconds of processor time so far, in steps of 10 ms; not a number where there is no `/proc`. */
  cpu(): number;
  close(): void;
}

/** What is started. */
export interface Served {
  readonly runtime: Runtime;
  readonly kind: Kind;
  readonly store: StoreKind;
  readonly sessions: number;
}

const root = fileURLToPath(new URL("../..", import.meta.url));

function binary(name: string): string {
  return join(root, "node_modules/.bin", name);
}

/** Starts one and waits until it listens. */
export function startServer(served: Served): Promise<Server> {
  return served.runtime === "workerd" ? startWorkerd(served.kind) : startProcess(served);
}

async function startProcess({ runtime, kind, store, sessions }: Served): Promise<Server> {
  const path = fileURLToPath(new URL("server.ts", import.meta.url));
  const args = [path, kind, store, `${sessions}`];
  const child =
    runtime === "node"
      ? spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] })
      : spawn(binary(runtime), runtime === "deno" ? ["run", "--no-prompt", "--cached-only", "-A", ...args] : args, {
          stdio: ["pipe", "pipe", "inherit"],
        });
  const lines = createInterface(child.stdout as NodeJS.ReadableStream);
  const ended = once(child, "exit").then(() => {
    throw new Error(`the server on ${runtime} ended`);
  });
  const [line] = (await Promise.race([once(lines, "line"), ended])) as [string];
  ended.catch(() => undefined);
  const said = JSON.parse(line) as Pick<Server, "port" | "tokens">;
  return { ...said, cpu: () => cpuOf(child), close: () => void child.stdin?.end() };
}

async function startWorkerd(kind: Kind): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-bench-"));
  const port = await freePort();
  await build({
    entryPoints: [fileURLToPath(new URL("worker.ts", import.meta.url))],
    outfile: join(folder, "worker.js"),
    bundle: true,
    format: "esm",
    target: "es2023",
    conditions: ["workerd", "worker", "import"],
    mainFields: ["module", "main"],
    external: ["node:*"],
    logLevel: "error",
  });
  writeFileSync(
    join(folder, "config.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [(name = "worker.js", esModule = embed "worker.js")],
    compatibilityDate = "2026-07-01",
    compatibilityFlags = ["nodejs_compat"],
    bindings = [(name = "KIND", text = "${kind}")],
  ))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);`,
  );
  const child = spawn(binary("workerd"), ["serve", join(folder, "config.capnp")], { stdio: ["ignore", "ignore", "inherit"] });
  const close = (): void => {
    child.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  const tokens = await firstAnswer(port);
  if (tokens !== undefined) return { port, tokens, cpu: () => cpuOf(child), close };
  close();
  throw new Error("workerd did not start");
}

async function firstAnswer(port: number): Promise<readonly string[] | undefined> {
  for (let tries = 0; tries < 200; tries++) {
    try {
      const response = await fetch(`http://127.0.0.1:${port}/`);
      return (await response.json()) as readonly string[];
    } catch {
      await new Promise((resolve) => {
        setTimeout(resolve, 50);
      });
    }
  }
  return undefined;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/** proc(5): the 14th and 15th field of `stat`, in ticks of a hundredth of a second; the second field may hold blanks. */
function cpuOf({ pid }: ChildProcess): number {
  try {
    const [user, system] = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ")
      .slice(11, 13);
    return (Number(user) + Number(system)) * 10_000;
  } catch {
    return Number.NaN;
  }
}
