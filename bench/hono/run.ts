/**
 * What the middleware costs an application: `node bench/hono/run.ts [--json] [--quick] [--only=TEXT]`
 * Writes `bench/results/hono.json` unless `--quick` or `--only`. Never compares rounds of different times: the applications take turns.
 */
import { writeFileSync } from "node:fs";
import { machineFacts } from "../machine.ts";
import { type App, createApp, type Kind, kinds, requestOf } from "./app.ts";
import { load } from "./load.ts";
import { type Server, startServer } from "./servers.ts";
import { type Place, startPlace } from "./stores.ts";
import { nameOf, type Row, type Setting, table, type Times } from "./table.ts";
import { median, quantile } from "../quantile.ts";

const isJson = process.argv.includes("--json");
const isQuick = process.argv.includes("--quick");
const only = process.argv.find((arg) => arg.startsWith("--only="))?.slice("--only=".length);
const rounds = isQuick ? 2 : 5;
const roundMs = isQuick ? 200 : 700;
const sessions = 16;
/** Before anything counts: requests that each application has answered, or seconds that it had for them. Compilers need that long. */
const warmRequests = isQuick ? 2_000 : 20_000;
const warmSeconds = isQuick ? 1 : 5;
/** Round trips to a store's server that are timed in each round. */
const trips = 200;

const settings: readonly Setting[] = [
  { runtime: "node", way: "loopback", store: "memory" },
  { runtime: "bun", way: "loopback", store: "memory" },
  { runtime: "deno", way: "loopback", store: "memory" },
  { runtime: "workerd", way: "loopback", store: "memory" },
  { runtime: "node", way: "loopback", store: "sqlite-process" },
  { runtime: "node", way: "loopback", store: "sqlite" },
  { runtime: "node", way: "in process", store: "memory" },
  { runtime: "node", way: "in process", store: "sqlite-process" },
  { runtime: "node", way: "in process", store: "sqlite" },
  { runtime: "node", way: "in process", store: "redis" },
  { runtime: "node", way: "in process", store: "postgres" },
];

/** One application in one round. */
interface Round {
  readonly perSecond: number;
  readonly cpuMicroseconds: number;
  /** Milliseconds, ascending: one request at a time, and sixteen. */
  readonly alone: readonly number[];
  readonly atOnce: readonly number[];
}

/** One application that can be asked. */
interface Contender {
  readonly play: (ms: number) => Promise<Round>;
  readonly close: () => void;
}

async function ask(app: App, token: string): Promise<number> {
  const start = performance.now();
  const response = await app.fetch(requestOf(token));
  const text = await response.text();
  if (response.status !== 200) throw new Error(`the application answered ${response.status} ${text}`);
  return performance.now() - start;
}

async function askFor(app: App, tokens: readonly string[], ms: number): Promise<readonly number[]> {
  const latencies: number[] = [];
  const until = performance.now() + ms;
  const worker = async (token: string): Promise<void> => {
    while (performance.now() < until) latencies.push(await ask(app, token));
  };
  await Promise.all(tokens.map(worker));
  return latencies;
}

async function inProcess(kind: Kind, place: Place): Promise<Contender> {
  const app = await createApp(kind, await place.open(), sessions);
  return {
    play: async (ms) => {
      const alone = await askFor(app, app.tokens.slice(0, 1), ms / 2);
      const before = process.cpuUsage();
      const start = performance.now();
      const atOnce = await askFor(app, app.tokens, ms);
      const seconds = (performance.now() - start) / 1_000;
      const { user, system } = process.cpuUsage(before);
      return { perSecond: atOnce.length / seconds, cpuMicroseconds: (user + system) / atOnce.length, alone, atOnce };
    },
    close: () => undefined,
  };
}

function overLoopback(server: Server): Contender {
  return {
    play: async (ms) => {
      const alone = await load([server.port], server.tokens.slice(0, 1), ms / 2);
      const before = server.cpu();
      const many = await load([server.port], server.tokens, ms);
      const used = server.cpu() - before;
      return {
        perSecond: many.requests / many.seconds,
        cpuMicroseconds: used / many.requests,
        alone: alone.latencies,
        atOnce: many.latencies,
      };
    },
    close: server.close,
  };
}

async function tripTimes(place: Place): Promise<readonly number[]> {
  const { trip } = place;
  const times: number[] = [];
  for (let i = 0; trip !== undefined && i < trips; i++) {
    const start = performance.now();
    await trip.once();
    times.push(performance.now() - start);
  }
  return times;
}

/** Medians over the rounds, so that a round in which the machine was busy with others does not count for more than itself. */
function timesOf(own: readonly (readonly number[])[]): Times {
  return {
    p50: median(own.map((latencies) => quantile(latencies, 0.5))),
    p99: median(own.map((latencies) => quantile(latencies, 0.99))),
  };
}

async function warm(contender: Contender): Promise<void> {
  const until = performance.now() + warmSeconds * 1_000;
  for (let count = 0; count < warmRequests && performance.now() < until; ) {
    const { alone, atOnce } = await contender.play(roundMs);
    count += alone.length + atOnce.length;
  }
}

async function measure(setting: Setting): Promise<readonly Row[]> {
  const place = await startPlace(setting.way === "in process" ? setting.store : "memory");
  const contenders = new Map<Kind, Contender>();
  const all = new Map<Kind, Round[]>(kinds.map((kind) => [kind, []]));
  const tripped: (readonly number[])[] = [];
  try {
    for (const kind of kinds)
      contenders.set(
        kind,
        setting.way === "in process"
          ? await inProcess(kind, place)
          : overLoopback(await startServer({ ...setting, kind, sessions })),
      );
    for (const contender of contenders.values()) await warm(contender);
    // The first one is thrown away, too.
    for (let i = -1; i < rounds; i++) {
      for (const kind of kinds) {
        const round = await (contenders.get(kind) as Contender).play(roundMs);
        if (i >= 0) all.get(kind)?.push(round);
      }
      if (i >= 0 && place.trip !== undefined) tripped.push(await tripTimes(place));
    }
  } finally {
    for (const contender of contenders.values()) contender.close();
    await place.close();
  }
  const trip = place.trip === undefined ? {} : { trip: { name: place.trip.name, ...timesOf(tripped) } };
  return kinds.map((kind): Row => {
    const own = all.get(kind) ?? [];
    const to = (other: Kind): number =>
      median(own.map((round, i) => round.perSecond / (all.get(other)?.[i]?.perSecond ?? Number.NaN)));
    return {
      ...setting,
      ...trip,
      kind,
      perSecond: median(own.map((round) => round.perSecond)),
      toKeeping: to("keeping"),
      toBare: to("bare"),
      cpuMicroseconds: median(own.map((round) => round.cpuMicroseconds)),
      alone: timesOf(own.map((round) => round.alone)),
      atOnce: timesOf(own.map((round) => round.atOnce)),
    };
  });
}

const machine = machineFacts();
const rows: Row[] = [];
for (const setting of settings) {
  if (only !== undefined && !nameOf(setting).includes(only)) continue;
  process.stderr.write(`${nameOf(setting)} …\n`);
  rows.push(...(await measure(setting)));
}
const results = { machine, rows };
if (!isQuick && only === undefined)
  writeFileSync(new URL("../results/hono.json", import.meta.url), `${JSON.stringify(results, null, 2)}\n`);
process.stdout.write(isJson ? `${JSON.stringify(results)}\n` : table(rows));
process.exit(0);
