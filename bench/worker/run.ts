/**
 * What the Worker weighs and takes: `node bench/worker/run.ts [--json] [--quick]`
 * Size of the bundle that would be deployed, time from the start of workerd to its first answer beside that of an empty Worker, and the
 * store's operations from inside workerd with Durable Objects and D1 on this disk. Writes `bench/results/worker.json` unless --quick.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { bundled, startWorker } from "../../test/workers/host.ts";
import { machineFacts } from "../machine.ts";
import { emptyWorker, firstAnswer } from "./first-answer.ts";
import { median } from "../quantile.ts";

const isQuick = process.argv.includes("--quick");
const starts = isQuick ? 3 : 15;
const operations = isQuick ? 50 : 500;

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
    others.push((await firstAnswer(emptyWorker)).ms);
    ours.push((await firstAnswer(script)).ms);
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
