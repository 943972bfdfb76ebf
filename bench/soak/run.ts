/**
 * Mixed load on several gateways behind one store, with faults, and an audit at the end:
 * `node bench/soak/run.ts [--store=sqlite|redis|postgres] [--minutes=10 | --seconds=20] [--gateways=3] [--agents=12] [--seed=1]`
 * Prints a report; writes `bench/results/soak.json` after a whole run (10 minutes or more). Exit 1 if anything disagrees.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createGuard } from "../../src/engine.ts";
import { type MachineFacts, machineFacts } from "../machine.ts";
import { type Market, runAgent, toldNothing } from "./agents.ts";
import { audit, type Evidence } from "./audit.ts";
import { readJournal, readSessions, readWitness, unlikeStore } from "./evidence.ts";
import { type Fleet, startFleet, startTools } from "./fleet.ts";
import { freezeSoak } from "./plan.ts";
import { oneOf, randomOf } from "./random.ts";
import { reportOf, type SoakRow } from "./report.ts";
import { leaseSeconds } from "./settings.ts";
import { type Fault, openSoakStore, soakStores, startSoakStore } from "./stores.ts";

const option = (name: string): string | undefined =>
  process.argv.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
const kind = option("store") ?? "sqlite";
const seconds = Number(option("seconds") ?? Number(option("minutes") ?? 10) * 60);
const gateways = Number(option("gateways") ?? 3);
const agents = Number(option("agents") ?? 12);
const seed = Number(option("seed") ?? 1);
if (!soakStores.some((one) => one === kind) || ![seconds, gateways, agents, seed].every((one) => one > 0 && one < 100_000))
  throw new Error("options: --store=sqlite|redis|postgres --minutes= or --seconds=, --gateways=, --agents=, --seed=");

/** Milliseconds between faults, on average: a short soak has weather, too. */
const faultEveryMs = Math.min(5_000, (seconds * 1_000) / 10);

/** Faults one after the other, each of its own kind, until the time is over. */
async function makeWeather(
  fleet: Fleet,
  faults: { readonly [name: string]: Fault },
  isOver: () => boolean,
): Promise<Map<string, number>> {
  const random = randomOf(seed + 1);
  const all: { readonly [name: string]: Fault } = {
    "gateway killed": fleet.kill,
    "gateway stopped for a while": fleet.stop,
    ...faults,
  };
  const happened = new Map<string, number>();
  const underWay: Promise<void>[] = [];
  while (!isOver()) {
    await pause(faultEveryMs * 2 * random());
    const name = random() < 0.3 ? "gateway killed" : oneOf(random, Object.keys(all));
    happened.set(name, (happened.get(name) ?? 0) + 1);
    const fault = (all[name] as Fault)(random);
    // Faults of the store come one at a time; gateways may be killed meanwhile.
    if (name.startsWith("gateway")) underWay.push(fault);
    else await fault;
  }
  await Promise.all(underWay);
  return happened;
}

async function soak(): Promise<SoakRow> {
  const machine: MachineFacts = machineFacts();
  const folder = mkdtempSync(join(tmpdir(), "sluice-soak-"));
  const file = join(folder, "witness");
  writeFileSync(file, "");
  const store = await startSoakStore(kind);
  try {
    // One opens the store first: whoever comes then finds its tables.
    await (await openSoakStore(kind, store.direct)).close();
    const tools = await startTools(file, seed);
    const fleet = await startFleet(gateways, [kind, store.place, tools]);
    const end = performance.now() + seconds * 1_000;
    const isOver = (): boolean => performance.now() > end;
    const market: Market = { urls: fleet.urls, told: toldNothing(), isOver };
    const [faults] = await Promise.all([
      makeWeather(fleet, store.faults, isOver),
      ...Array.from({ length: agents }, (_, i) => runAgent(market, seed * 1_000 + i)),
    ]);
    // What is under way ends, or loses its lease.
    await pause(leaseSeconds * 1_000 + 3_000);
    await fleet.close();
    const judged = await judge(market, { file, place: store.direct });
    return {
      ...judged,
      broken: [...fleet.crashes, ...judged.broken],
      store: kind,
      seconds,
      gateways,
      agents,
      seed,
      faults: Object.fromEntries(faults),
      machine,
    };
  } finally {
    await store.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function judge(
  { told }: Market,
  { file, place }: { readonly file: string; readonly place: string },
): Promise<Pick<SoakRow, "counts" | "broken" | "outcomes" | "latency">> {
  const guard = createGuard(freezeSoak(), { clock: Date.now });
  if (!guard.ok) throw new Error("the plan of the soak is sound");
  const store = await openSoakStore(kind, place);
  const sessions = await readSessions(store);
  const evidence: Evidence = {
    guard: guard.value,
    sessions,
    executions: readWitness(file),
    delivered: told.delivered,
    journal: await readJournal(store),
    at: Date.now(),
  };
  const { counts, broken } = audit(evidence);
  const lost = [...told.sessions].filter((id) => !sessions.has(id)).map((id) => `session ${id} was opened and is lost`);
  const all = [...broken, ...lost, ...(await unlikeStore(store, evidence))];
  await store.close();
  const latencies = told.latencies.sort((a, b) => a - b);
  const at = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? 0;
  return {
    counts: { ...counts, "answers delivered": told.delivered.size, "approved by a person": told.approved },
    broken: all,
    outcomes: Object.fromEntries([...told.outcomes].sort((a, b) => b[1] - a[1])),
    latency: { p50: at(0.5), p99: at(0.99) },
  };
}

const row = await soak();
process.stdout.write(reportOf(row));
if (seconds >= 600 || option("write") !== undefined) {
  const results = fileURLToPath(new URL("../results/soak.json", import.meta.url));
  const known = existsSync(results)
    ? (JSON.parse(readFileSync(results, "utf8")) as { readonly rows: readonly SoakRow[] }).rows
    : [];
  const rows = [...known.filter(({ store }) => store !== kind), row].sort((a, b) => (a.store < b.store ? -1 : 1));
  writeFileSync(results, `${JSON.stringify({ rows }, null, 1)}\n`);
}
process.exit(row.broken.length === 0 ? 0 : 1);
