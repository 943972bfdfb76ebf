/**
 * Time from the start of workerd to its first answer, of a script alone: no wrangler, no disk.
 * Never leaves a process behind.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A Worker that does nothing, with the classes that ours has. */
export const emptyWorker = `const hello = { fetch: () => new Response("") };
export default hello;
export class SluiceSession { fetch() { return new Response(""); } }
export class SluiceShared { fetch() { return new Response(""); } }`;

function configOf(port: number): string {
  const namespace = (name: string): string => `(className = "${name}", uniqueKey = "${name}", enableSql = true)`;
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [(name = "worker.js", esModule = embed "worker.js")],
    compatibilityDate = "2026-07-01",
    durableObjectNamespaces = [${namespace("SluiceSession")}, ${namespace("SluiceShared")}],
    durableObjectStorage = (inMemory = void),
    bindings = [
      (name = "SLUICE_SESSIONS", durableObjectNamespace = "SluiceSession"),
      (name = "SLUICE_SHARED", durableObjectNamespace = "SluiceShared"),
    ],
  ))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);`;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/** What it took until the first answer. */
export interface FirstAnswer {
  readonly ms: number;
  /** Processor time of workerd until then, in steps of 10 ms; where there is no /proc, not a number. */
  readonly cpuMs: number;
}

/** proc(5): the 14th and 15th field of `stat`, in ticks of a hundredth of a second; the second field may hold blanks. */
function cpuMsOf(pid: number | undefined): number {
  try {
    const [user, system] = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /, "")
      .split(" ")
      .slice(11, 13);
    return (Number(user) + Number(system)) * 10;
  } catch {
    return Number.NaN;
  }
}

/** Starts workerd with a script, and ends it after its first answer. */
export async function firstAnswer(script: string): Promise<FirstAnswer> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-cold-"));
  const port = await freePort();
  writeFileSync(join(folder, "worker.js"), script);
  writeFileSync(join(folder, "config.capnp"), configOf(port));
  const started = performance.now();
  const child = spawn(join("node_modules/.bin/workerd"), ["serve", "--experimental", join(folder, "config.capnp")], {
    stdio: "ignore",
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  try {
    for (;;) {
      const status = await fetch(`http://127.0.0.1:${port}/`).then(
        (response) => response.status,
        () => 0,
      );
      if (status !== 0) return { ms: performance.now() - started, cpuMs: cpuMsOf(child.pid) };
      if (child.exitCode !== null) throw new Error("workerd ended");
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  } finally {
    child.kill("SIGKILL");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}
