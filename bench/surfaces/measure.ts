/**
 * Contenders in turns: the same path directly, directly once more (the noise floor), through a hop that decides nothing, through one that parses
 * and writes anew what it passes on, and through Sluice.
 * Never compares times of different rounds.
 */
import { quantile } from "../quantile.ts";

/** One way to the same answer. */
export interface Contender {
  readonly name: ContenderName;
  /** Does outside the clock, before a round of so many calls, what each of them needs anew. */
  readonly prepare?: (calls: number) => Promise<void>;
  /** Milliseconds of processor time that its process has had; none where there is no process between, or the system does not say. */
  readonly cpuMs?: () => number | undefined;
  /** One call, to its last byte. Throws if the answer is not the right one. */
  readonly call: () => Promise<void>;
}

/** `again`: the direct path a second time, whose ratio to the first is noise. */
export type ContenderName = "direct" | "again" | "relay" | "reader" | "sluice";

/** What came of one surface. */
export interface Row {
  readonly surface: string;
  readonly contender: ContenderName;
  readonly calls: number;
  /** Milliseconds a call. */
  readonly p50: number;
  readonly p99: number;
  /** Milliseconds of processor time a call of the process between. */
  readonly cpu?: number;
  /** To the direct path of the same round: median over the rounds. */
  readonly toDirect: number;
  /** p99 over all calls to that of the direct path. */
  readonly toDirectP99: number;
  /** The same to the bare proxy that reads, where there is one; and of processor time a call. */
  readonly toReader?: number;
  readonly toReaderP99?: number;
  readonly cpuToReader?: number;
}

/** How long is measured. */
export interface Effort {
  readonly rounds: number;
  readonly callsPerRound: number;
}

/** The permutation of this number: over as many numbers as there are permutations, each is as often before each other one as after it. */
function inOrder<T>(all: readonly T[], number: number): readonly T[] {
  const left = [...all];
  const order: T[] = [];
  for (let rest = number; left.length > 0; ) {
    order.push(...left.splice(rest % left.length, 1));
    rest = Math.floor(rest / (left.length + 1));
  }
  return order;
}

/** What one contender has shown. */
interface Shown {
  /** Milliseconds of its calls, by round. */
  readonly rounds: number[][];
  cpuMs: number;
}

/** Measures one surface. Rounds of warming up come before, half as many as count: what is measured is code that has been compiled. */
export async function measure(
  surface: string,
  contenders: readonly Contender[],
  { rounds, callsPerRound }: Effort,
): Promise<readonly Row[]> {
  const all = new Map<ContenderName, Shown>(contenders.map(({ name }) => [name, { rounds: [], cpuMs: 0 }]));
  const warming = Math.ceil(rounds / 2);
  for (let round = 0; round < warming + rounds; round++) {
    const own = new Map<ContenderName, number[]>(contenders.map(({ name }) => [name, []]));
    for (const { prepare } of contenders) await prepare?.(callsPerRound);
    const before = contenders.map(({ cpuMs }) => cpuMs?.());
    // In turns call by call, so that what the machine does besides it does to all of them; each call in another order, since whoever comes
    // after a long call finds cold caches.
    for (let i = 0; i < callsPerRound; i++) {
      for (const contender of inOrder(contenders, round * callsPerRound + i)) {
        const start = performance.now();
        await contender.call();
        own.get(contender.name)?.push(performance.now() - start);
      }
    }
    if (round < warming) continue;
    for (const [i, { name, cpuMs }] of contenders.entries()) {
      const shown = all.get(name);
      shown?.rounds.push(own.get(name) ?? []);
      if (shown !== undefined) shown.cpuMs += (cpuMs?.() ?? Number.NaN) - (before[i] ?? Number.NaN);
    }
  }
  return contenders.map(({ name }) => rowOf(surface, name, all));
}

function rowOf(surface: string, name: ContenderName, all: ReadonlyMap<ContenderName, Shown>): Row {
  const own = all.get(name) ?? { rounds: [], cpuMs: Number.NaN };
  const [direct, reader] = [all.get("direct"), all.get("reader")];
  const times = own.rounds.flat();
  const p99 = quantile(times, 0.99);
  const ratioTo = (other: Shown | undefined): number =>
    quantile(
      own.rounds.map((round, i) => quantile(round, 0.5) / quantile(other?.rounds[i] ?? [], 0.5)),
      0.5,
    );
  const ratioOfP99 = (other: Shown | undefined): number => p99 / quantile(other?.rounds.flat() ?? [], 0.99);
  const hasCpu = Number.isFinite(own.cpuMs);
  return {
    surface,
    contender: name,
    calls: times.length,
    p50: quantile(times, 0.5),
    p99,
    ...(hasCpu ? { cpu: own.cpuMs / times.length } : {}),
    toDirect: ratioTo(direct),
    toDirectP99: ratioOfP99(direct),
    ...(reader === undefined ? {} : { toReader: ratioTo(reader), toReaderP99: ratioOfP99(reader) }),
    ...(hasCpu && Number.isFinite(reader?.cpuMs) ? { cpuToReader: own.cpuMs / (reader?.cpuMs ?? Number.NaN) } : {}),
  };
}
