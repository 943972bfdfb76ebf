/**
 * Measures one engine in a process of its own: `measurePeer(open)` answers all calls, then times them, and prints one line of JSON for each.
 * Never measures before the answers are taken, and says so if they are others afterwards.
 *
 * The protocol, which `runners/process.py` and `runners/regorus` speak too: arguments FOLDER MILLISECONDS; a line `"first"` at the first verdict (what came before it is the
 * cold start), then a line with a `Measured`.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { OpenPeer, Peer } from "./peer.ts";
import type { Workload } from "./workload.ts";
import { quantile } from "../quantile.ts";

/** What one process has found. */
export interface Measured {
  /** Whether each call was allowed, in the order of the workload. */
  readonly verdicts: readonly boolean[];
  /** Whether they were the same after all the measuring. */
  readonly isSteady: boolean;
  /** Microseconds of single calls, the large one left out. */
  readonly p50: number;
  readonly p99: number;
  /** Microseconds of processor time a call, the large one left out. */
  readonly cpu: number;
  /** Milliseconds of the large call, the median. */
  readonly largeMs: number;
  /** Single calls that were timed. */
  readonly samples: number;
}

/** A call of more bytes is the large one, which has a column of its own. */
const largeBytes = 100_000;
const passesMin = 2;
const largeRuns = 15;

/** Opens the engine over the workload of FOLDER and measures it for about MILLISECONDS. */
export async function measurePeer(open: OpenPeer): Promise<void> {
  const [folder = "", milliseconds = "1000"] = process.argv.slice(2);
  const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), "utf8"));
  const workload = { policy: read("policy.json"), ...(read("calls.json") as object) } as Workload;
  const bytes = workload.calls.map(({ raw }) => Buffer.from(raw));
  const peer = await open(workload);
  await peer.check(bytes[0] as Buffer, 0);
  print("first");
  peer.settle?.();
  const verdicts = await answers(peer, bytes);
  const small = bytes.flatMap((raw, at) => (raw.length > largeBytes ? [] : [at]));
  const large = bytes.flatMap((raw, at) => (raw.length > largeBytes ? [at] : []));
  const { singles, cpu } = await timeSmall(peer, { bytes, at: small, milliseconds: Number(milliseconds) });
  const larges = await timeLarge(peer, { bytes, at: large });
  const isSteady = (await answers(peer, bytes)).every((verdict, at) => verdict === verdicts[at]);
  print({
    verdicts,
    isSteady,
    p50: quantile(singles, 0.5),
    p99: quantile(singles, 0.99),
    cpu,
    largeMs: quantile(larges, 0.5) / 1_000,
    samples: singles.length,
  } satisfies Measured);
}

interface Work {
  readonly bytes: readonly Buffer[];
  /** The calls that are meant. */
  readonly at: readonly number[];
}

async function answers(peer: Peer, bytes: readonly Buffer[]): Promise<readonly boolean[]> {
  const verdicts: boolean[] = [];
  for (const [at, raw] of bytes.entries()) verdicts.push(await peer.check(raw, at));
  peer.settle?.();
  return verdicts;
}

/** All calls in turn: a pass that is timed call by call, and one that only processor time is read for. A third of the time warms up. */
async function timeSmall(
  peer: Peer,
  { bytes, at, milliseconds }: Work & { readonly milliseconds: number },
): Promise<{ readonly singles: readonly number[]; readonly cpu: number }> {
  const warm = performance.now() + milliseconds / 3;
  for (let pass = 0; pass < 1 || performance.now() < warm; pass++) {
    await run(peer, { bytes, at });
    await singlesOf(peer, { bytes, at });
  }
  const singles: number[] = [];
  const cpus: number[] = [];
  const end = performance.now() + (milliseconds * 2) / 3;
  for (let pass = 0; pass < passesMin || performance.now() < end; pass++) {
    singles.push(...(await singlesOf(peer, { bytes, at })));
    cpus.push((await run(peer, { bytes, at })) / at.length);
  }
  return { singles, cpu: quantile(cpus, 0.5) };
}

/** Microseconds of each call. */
async function singlesOf(peer: Peer, { bytes, at }: Work): Promise<readonly number[]> {
  const singles: number[] = [];
  for (const each of at) {
    const raw = bytes[each] as Buffer;
    const start = performance.now();
    const verdict = peer.check(raw, each);
    // An engine that answers at once is not made to wait for the event loop.
    if (typeof verdict !== "boolean") await verdict;
    singles.push((performance.now() - start) * 1_000);
  }
  peer.settle?.();
  return singles;
}

/** Microseconds of processor time for all of the calls, threads of the engine and of the runtime included. */
async function run(peer: Peer, { bytes, at }: Work): Promise<number> {
  const before = process.cpuUsage();
  for (const each of at) {
    const verdict = peer.check(bytes[each] as Buffer, each);
    if (typeof verdict !== "boolean") await verdict;
  }
  const { user, system } = process.cpuUsage(before);
  peer.settle?.();
  return user + system;
}

async function timeLarge(peer: Peer, work: Work): Promise<readonly number[]> {
  const times: number[] = [];
  for (let i = 0; i < largeRuns; i++) times.push(...(await singlesOf(peer, work)));
  return times;
}

function print(line: unknown): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
