/**
 * Runs the official conformance package against a server, and reads what it found.
 */
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../../node_modules/@modelcontextprotocol/conformance/dist/index.js", import.meta.url));

/** Scenario → its checks, each as `id STATUS`, in order. Notes about traffic are no checks. */
export type Results = ReadonlyMap<string, readonly string[]>;

/** Runs the scenarios of a side. `target`: the URL of a server, or the command of a client. */
export async function runConformance(side: "server" | "client", target: string, scenario?: string): Promise<Results> {
  const folder = await mkdtemp(join(tmpdir(), "conformance-"));
  try {
    const named = side === "server" ? ["--url", target] : ["--command", target];
    const which = scenario === undefined ? ["--suite", "all"] : ["--scenario", scenario];
    await run([program, side, ...named, ...which, "--output-dir", folder]);
    const results = new Map<string, readonly string[]>();
    const files = await readdir(folder, { recursive: true });
    for (const name of files
      .filter((file) => file.endsWith("checks.json"))
      .map((file) => dirname(file))
      .sort()) {
      const [, found] = /^(?:server-)?(.+?)-\d{4}-\d\d-\d\dT[\d-]+Z$/.exec(name) ?? [];
      const checks = JSON.parse(await readFile(join(folder, name, "checks.json"), "utf8")) as readonly {
        readonly id: string;
        readonly status: string;
        readonly errorMessage?: string;
      }[];
      results.set(
        found ?? name,
        checks
          .filter(({ status }) => status !== "INFO" || side === "server")
          .filter(({ id }) => !/^(?:incoming|outgoing)-|^stream-closed$/.test(id))
          .map(({ id, status, errorMessage }) => `${id} ${status}${errorMessage === undefined ? "" : `: ${errorMessage}`}`),
      );
    }
    return results;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function run(args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, args, { timeout: 100_000, maxBuffer: 64 * 1024 * 1024 }, (_, stdout, stderr) =>
      resolve(stdout + stderr),
    );
  });
}
