/**
 * What the Worker weighs and takes: `node bench/worker/run.ts [--json] [--quick]`
 * Size of the bundle that would be deployed, time from the start of workerd to its first answer beside that of an empty Worker, and the
 * store's operations from inside workerd with Durable Objects and D1 on this disk. Writes `bench/results/worker.json` unless --quick.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { bundled, startWorker } from "../../test/workers/host.ts";
import { machineFacts } from "../machine.ts";

const isQuick = process.argv.includes("--quick");
const starts = isQuick ? 3 : 15;
const operations = isQuick ? 50 : 500;

const empty = `const hello = { fetch: () => new Response("") };
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

/** Milliseconds from the start of a process to its first answer. */
async function firstAnswer(script: string): Promise<number> {
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
      if (status !== 0) return performance.now() - started;
      if (child.exitCode !== null) throw new Error("workerd ended");
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  } finally {
    child.kill("SIGKILL");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function storeTimes(): Promise<{ readonly [operation: string]: number }> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-worker-bench-"));
  const worker = await startWorker(await bundled("bench/worker/entry.ts"), { folder });
  try {
    const ask = async (n: number) => (await fetch(new URL(`/?n=${n}`, await worker.ready))).json();
    await ask(20);
    return (await ask(operations)) as { readonly [operation: string]: number };
  } finally {
    await worker.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  const script = await bundled("src/worker.ts", true);
  const [ours, others]: [number[], number[]] = [[], []];
  // In turns, so that a busy machine is busy for both.
  for (let at = 0; at < starts; at++) {
    others.push(await firstAnswer(empty));
    ours.push(await firstAnswer(script));
  }
  const store = await storeTimes();
  const result = {
    machine: machineFacts(),
    bundle: { bytes: Buffer.byteLength(script), gzipBytes: gzipSync(script).byteLength },
    firstAnswerMs: { empty: Math.round(median(others)), sluice: Math.round(median(ours)), starts },
    storeMs: Object.fromEntries(Object.entries(store).map(([name, ms]) => [name, Number(ms.toFixed(2))])),
  };
  if (!isQuick) writeFileSync(new URL("../results/worker.json", import.meta.url), `${JSON.stringify(result, null, 2)}\n`);
  if (process.argv.includes("--json")) console.log(JSON.stringify(result));
  else {
    const { bundle, firstAnswerMs, storeMs } = result;
    console.log(`bundle          ${bundle.bytes} bytes, ${bundle.gzipBytes} compressed`);
    console.log(`first answer    ${firstAnswerMs.sluice} ms; of an empty Worker ${firstAnswerMs.empty} ms (median of ${starts})`);
    for (const [name, ms] of Object.entries(storeMs)) console.log(`${name.padEnd(15)} ${ms} ms`);
  }
}

await main();
