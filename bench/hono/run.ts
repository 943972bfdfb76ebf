/**
 * What the middleware costs an application: `node bench/hono/run.ts [--json] [--quick]`
 * Writes `bench/results/hono.json` unless `--quick`. Never compares rounds of different times: the applications take turns.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { machineFacts } from "../machine.ts";
import { type App, createApp, type Kind, kinds, requestOf, type StoreKind, storeKinds } from "./app.ts";
import { load } from "./load.ts";
import { type Row, table } from "./table.ts";

const isJson = process.argv.includes("--json");
const isQuick = process.argv.includes("--quick");
const rounds = isQuick ? 2 : 7;
const roundMs = isQuick ? 300 : 1_000;
const sessions = 16;

interface Round {
  readonly perSecond: number;
  readonly cpuMicroseconds: number;
  readonly latencies: readonly number[];
}

function median(values: readonly number[]): number {
  return quantile(
    [...values].sort((a, b) => a - b),
    0.5,
  );
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

async function ask(app: App, token: string): Promise<void> {
  const response = await app.fetch(requestOf(token));
  const text = await response.text();
  if (response.status !== 200) throw new Error(`the application answered ${response.status} ${text}`);
}

async function inProcess(app: App, ms: number): Promise<Round> {
  const latencies: number[] = [];
  const alone = performance.now() + ms / 3;
  for (let start = performance.now(); start < alone; start = performance.now()) {
    await ask(app, app.tokens[0] ?? "");
    latencies.push(performance.now() - start);
  }
  const before = process.cpuUsage();
  const start = performance.now();
  let count = 0;
  const worker = async (token: string): Promise<void> => {
    while (performance.now() < start + ms) {
      await ask(app, token);
      count++;
    }
  };
  await Promise.all(app.tokens.map(worker));
  const { user, system } = process.cpuUsage(before);
  return { perSecond: (count * 1_000) / (performance.now() - start), cpuMicroseconds: (user + system) / count, latencies };
}

interface Server {
  readonly child: ChildProcess;
  readonly port: number;
  readonly tokens: readonly string[];
}

async function startServer(kind: Kind, store: StoreKind): Promise<Server> {
  const path = fileURLToPath(new URL("server.ts", import.meta.url));
  const child = spawn(process.execPath, [path, kind, store, `${sessions}`], { stdio: ["pipe", "pipe", "inherit"] });
  const [line] = (await once(createInterface(child.stdout as NodeJS.ReadableStream), "line")) as [string];
  return { child, ...(JSON.parse(line) as { readonly port: number; readonly tokens: readonly string[] }) };
}

async function cpuOf(port: number): Promise<number> {
  const usage = (await (await fetch(`http://127.0.0.1:${port}/cpu`)).json()) as NodeJS.CpuUsage;
  return usage.user + usage.system;
}

async function overLoopback({ port, tokens }: Server, ms: number): Promise<Round> {
  const alone = await load([port], tokens.slice(0, 1), ms / 3);
  const before = await cpuOf(port);
  const many = await load([port], tokens, ms);
  const used = (await cpuOf(port)) - before;
  return { perSecond: many.requests / many.seconds, cpuMicroseconds: used / many.requests, latencies: alone.latencies };
}

/** Rounds of all applications in turns; the first round only warms up. */
async function inTurns(play: (kind: Kind, ms: number) => Promise<Round>): Promise<ReadonlyMap<Kind, readonly Round[]>> {
  const all = new Map<Kind, Round[]>(kinds.map((kind) => [kind, []]));
  for (let i = 0; i <= rounds; i++) {
    for (const kind of kinds) {
      const round = await play(kind, roundMs);
      if (i > 0) all.get(kind)?.push(round);
    }
  }
  return all;
}

function rowsOf(setting: Row["setting"], store: StoreKind, all: ReadonlyMap<Kind, readonly Round[]>): readonly Row[] {
  return kinds.map((kind): Row => {
    const own = all.get(kind) ?? [];
    const to = (other: Kind): number =>
      median(own.map((round, i) => round.perSecond / (all.get(other)?.[i]?.perSecond ?? Number.NaN)));
    const latencies = own.flatMap((round) => round.latencies).sort((a, b) => a - b);
    return {
      setting,
      store,
      kind,
      perSecond: median(own.map((round) => round.perSecond)),
      toKeeping: to("keeping"),
      toBare: to("bare"),
      cpuMicroseconds: median(own.map((round) => round.cpuMicroseconds)),
      p50: quantile(latencies, 0.5),
      p99: quantile(latencies, 0.99),
    };
  });
}

async function measureStore(store: StoreKind): Promise<readonly Row[]> {
  const apps = new Map<Kind, App>();
  for (const kind of kinds) apps.set(kind, await createApp(kind, store, sessions));
  const inside = await inTurns((kind, ms) => inProcess(apps.get(kind) as App, ms));
  for (const app of apps.values()) app.close();
  const servers = new Map<Kind, Server>();
  try {
    for (const kind of kinds) servers.set(kind, await startServer(kind, store));
    const outside = await inTurns((kind, ms) => overLoopback(servers.get(kind) as Server, ms));
    return [...rowsOf("in process", store, inside), ...rowsOf("loopback", store, outside)];
  } finally {
    for (const { child } of servers.values()) child.stdin?.end();
  }
}

const machine = machineFacts();
const rows: Row[] = [];
for (const store of storeKinds) rows.push(...(await measureStore(store)));
const report = JSON.stringify(
  { machine, sessions, rounds, rows },
  (_, value: unknown) => (typeof value === "number" ? Math.round(value * 1_000) / 1_000 : value),
  1,
);
if (!isQuick) writeFileSync(fileURLToPath(new URL("../results/hono.json", import.meta.url)), `${report}\n`);
process.stdout.write(isJson ? `${report}\n` : table(rows));
