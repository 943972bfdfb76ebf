/**
 * Throughput of 1, 2 and 4 processes behind one store, beside the store's own floor: `node bench/scale/run.ts [--quick] [--only=STORE] [--json]`
 * Writes `bench/results/scale.json` unless `--quick` or `--only`. Never a figure of a store without the floor that was measured beside it.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { load } from "../hono/load.ts";
import { machineFacts } from "../machine.ts";
import { type RunningStore, type ScaleStore, scaleStores, startScaleStore } from "./stores.ts";
import { type ScaleRow, table, type Weight } from "./table.ts";

const isQuick = process.argv.includes("--quick");
const only = process.argv.find((arg) => arg.startsWith("--only="))?.slice("--only=".length);
const ms = isQuick ? 800 : 4_000;
/** Sessions that call at once, over all processes. */
const width = 16;
const counts = [1, 2, 4] as const;

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

interface Served {
  readonly port: number;
  ask<T>(method: "GET" | "POST", path: string): Promise<T>;
  stop(): void;
}

async function serve(kind: ScaleStore, place: string): Promise<Served> {
  const script = fileURLToPath(new URL("server.ts", import.meta.url));
  const child = spawn(process.execPath, ["--no-warnings", "--expose-gc", script, kind, place], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  running.add(child);
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  const { port } = JSON.parse(line) as { readonly port: number };
  return {
    port,
    ask: async <T>(method: "GET" | "POST", path: string) =>
      (await (await fetch(`http://127.0.0.1:${port}${path}`, { method })).json()) as T,
    stop: () => child.kill("SIGKILL"),
  };
}

/** How often the floor is done in a second: one after another, and so many at once. */
async function floorOf(store: RunningStore, atOnce: number): Promise<number> {
  const end = performance.now() + ms / 4;
  let count = 0;
  const one = async (): Promise<void> => {
    while (performance.now() < end) {
      await store.floor();
      count += 1;
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: atOnce }, one));
  return count / ((performance.now() - started) / 1_000);
}

interface Usage {
  readonly cpu: number;
  readonly heapUsed: number;
}

async function usageOf(processes: readonly Served[]): Promise<number> {
  const all = await Promise.all(processes.map((each) => each.ask<Usage>("GET", "/usage")));
  return all.reduce((sum, { cpu }) => sum + cpu, 0);
}

/** In process: check, tool, settle. */
async function enforcers(kind: ScaleStore, store: RunningStore, processes: readonly Served[]): Promise<ScaleRow> {
  const own = processes.length;
  const before = await store.cpu();
  const started = performance.now();
  const driven = await Promise.all(
    processes.map((each) => each.ask<{ calls: number; cpu: number }>("POST", `/drive?ms=${ms}&sessions=${width / own}`)),
  );
  const seconds = (performance.now() - started) / 1_000;
  const calls = driven.reduce((sum, one) => sum + one.calls, 0);
  const cpu = driven.reduce((sum, one) => sum + one.cpu, 0);
  return {
    ...(await named(kind, store, { level: "enforcer", processes: own })),
    callsPerSecond: calls / seconds,
    cpuMicroseconds: cpu / calls,
    storeMicroseconds: ((await store.cpu()) - before) / calls,
  };
}

/** Over HTTP: each session at one process, or each request of it at the next one. */
async function http(
  kind: ScaleStore,
  store: RunningStore,
  { processes, isRoaming }: { readonly processes: readonly Served[]; readonly isRoaming: boolean },
): Promise<ScaleRow> {
  const own = processes.length;
  const tokens = await Promise.all(processes.map((each) => each.ask<string[]>("POST", `/open?n=${width / own}`)));
  const [before, spent] = [await store.cpu(), await usageOf(processes)];
  const ports = processes.map(({ port }) => port);
  const loads = await Promise.all(processes.map(({ port }, i) => load(isRoaming ? ports : [port], tokens[i] ?? [], ms)));
  const calls = loads.reduce((sum, { requests }) => sum + requests, 0);
  const seconds = Math.max(...loads.map((one) => one.seconds));
  const latencies = loads.flatMap((one) => one.latencies).sort((a, b) => a - b);
  return {
    ...(await named(kind, store, { level: isRoaming ? "HTTP, any process" : "HTTP", processes: own })),
    callsPerSecond: calls / seconds,
    cpuMicroseconds: ((await usageOf(processes)) - spent) / calls,
    storeMicroseconds: ((await store.cpu()) - before) / calls,
    p50: latencies[Math.floor(latencies.length / 2)] ?? 0,
    p99: latencies[Math.floor(latencies.length * 0.99)] ?? 0,
  };
}

async function named(
  kind: ScaleStore,
  store: RunningStore,
  row: Pick<ScaleRow, "level" | "processes">,
): Promise<Pick<ScaleRow, "store" | "level" | "processes" | "floor" | "floorsPerSecond" | "floorsAtOnce">> {
  // Just after the load, so that floor and load have seen the same machine.
  return {
    store: kind,
    ...row,
    floor: store.floorName,
    floorsPerSecond: await floorOf(store, 1),
    floorsAtOnce: await floorOf(store, width),
  };
}

/** What sessions weigh: at rest in the store, and ready in the memory of a process. */
async function weigh(kind: ScaleStore): Promise<Weight> {
  const [sessions, calls] = isQuick ? [100, 20] : [400, 20];
  const store = await startScaleStore(kind);
  const one = await serve(kind, store.place);
  await one.ask("POST", "/hold?n=20&calls=20");
  const [atRest, live] = [await store.bytes(), (await one.ask<Usage>("GET", "/usage?swept")).heapUsed];
  await one.ask("POST", `/hold?n=${sessions}&calls=${calls}`);
  const weight = {
    store: kind,
    events: 1 + 2 * calls,
    bytesAtRest: ((await store.bytes()) - atRest) / sessions,
    bytesLive: ((await one.ask<Usage>("GET", "/usage?swept")).heapUsed - live) / sessions,
  };
  one.stop();
  await store.stop();
  return weight;
}

const machine = machineFacts();
const rows: ScaleRow[] = [];
const weights: Weight[] = [];
for (const kind of scaleStores) {
  if (only !== undefined && kind !== only) continue;
  for (const count of counts) {
    // A store in memory is one process's own.
    if (kind === "memory" && count > 1) continue;
    const store = await startScaleStore(kind);
    const processes: Served[] = [];
    for (let i = 0; i < count; i++) processes.push(await serve(kind, store.place));
    // To warm up; nothing of it is kept.
    await Promise.all(processes.map((each) => each.ask("POST", `/drive?ms=${ms / 4}&sessions=4`)));
    for (const each of processes) await load([each.port], await each.ask<string[]>("POST", "/open?n=4"), ms / 4);
    rows.push(await enforcers(kind, store, processes));
    rows.push(await http(kind, store, { processes, isRoaming: false }));
    if (count > 1) rows.push(await http(kind, store, { processes, isRoaming: true }));
    for (const each of processes) each.stop();
    await pause(100);
    await store.stop();
  }
  weights.push(await weigh(kind));
}

const report = JSON.stringify(
  { machine, width, rows, weights },
  (_, value: unknown) => (typeof value === "number" ? Math.round(value * 100) / 100 : value),
  1,
);
if (!isQuick && only === undefined)
  writeFileSync(fileURLToPath(new URL("../results/scale.json", import.meta.url)), `${report}\n`);
process.stdout.write(process.argv.includes("--json") ? `${report}\n` : table(rows, weights));
process.exit(0);
