/**
 * Starts an MCP server as a process of this machine, with its standard input and output as streams.
 * Never hands on a variable of the environment that was not asked for, and never leaves a process behind.
 */
import { type ChildProcess, spawn } from "node:child_process";
import type { ServerProcess } from "../../surfaces/mcp/upstream-stdio.ts";

/** What is started. */
export interface ProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment of the process. */
  readonly env: Readonly<Record<string, string>>;
  /** Milliseconds that it has to end when its input has ended, before it is asked to. Default 1,000. */
  readonly endMs?: number;
  /** Told of what the process writes to its standard error. Default: it goes to ours. */
  readonly onErrorOutput?: (bytes: Uint8Array) => void;
  /** Told when the process has ended. */
  readonly onExit?: (exit: { readonly code: number | null; readonly signal: string | null }) => void;
}

/** Milliseconds that a process has to end by itself, and then after it was asked to (MCP 2025-11-25 lifecycle, Shutdown). */
const askMs = 1_000;

/** Processes that run: they end with this one, however it ends. */
const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** A server's process; bytes pass as well as lines. */
export interface RunningProcess extends ServerProcess {
  readonly write: (text: string | Uint8Array) => void;
}

/** Starts a process. Rejects if it cannot be started. */
export async function startProcess(options: ProcessOptions): Promise<RunningProcess> {
  const { command, args, env, onErrorOutput, onExit, endMs = askMs } = options;
  const child = spawn(command, [...args], {
    env: { ...env },
    stdio: ["pipe", "pipe", onErrorOutput === undefined ? "inherit" : "pipe"],
    windowsHide: true,
  });
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", reject);
  });
  running.add(child);
  const gone = new Promise<void>((resolve) => {
    child.once("exit", (code, signal) => {
      running.delete(child);
      onExit?.({ code, signal });
      resolve();
    });
  });
  // Writing to a process that has just gone: it is told by the end of its output.
  child.stdin?.on("error", () => {});
  child.on("error", () => {});
  if (onErrorOutput !== undefined) child.stderr?.on("data", onErrorOutput);
  return {
    output: child.stdout as AsyncIterable<Uint8Array>,
    write: (text) => {
      if (child.stdin?.writable !== true) throw new Error("gone");
      child.stdin.write(text);
    },
    close: async () => {
      child.stdin?.end();
      if (await isGoneWithin(gone, endMs)) return;
      child.kill("SIGTERM");
      if (await isGoneWithin(gone, askMs)) return;
      child.kill("SIGKILL");
      await gone;
    },
  };
}

async function isGoneWithin(gone: Promise<void>, ms: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const isGone = await Promise.race([gone.then(() => true), late]);
  clearTimeout(timer);
  return isGone;
}
