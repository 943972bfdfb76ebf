/**
 * Contenders in turns: the same path directly, directly once more (the noise floor), through a hop that decides nothing, and through Sluice.
 * Never compares times of different rounds.
 */

/** One way to the same answer. */
export interface Contender {
  readonly name: ContenderName;
  /** Does outside the clock what each call needs anew. */
  readonly prepare?: () => Promise<void>;
  /** One call, to its last byte. Throws if the answer is not the right one. */
  readonly call: () => Promise<void>;
}

/** `again`: the direct path a second time, whose ratio to the first is noise. */
export type ContenderName = "direct" | "again" | "relay" | "sluice";

/** What came of one surface. */
export interface Row {
  readonly surface: string;
  readonly contender: ContenderName;
  readonly calls: number;
  /** Milliseconds a call. */
  readonly p50: number;
  readonly p99: number;
  /** To the direct path of the same round: median over the rounds. */
  readonly toDirect: number;
  /** p99 over all calls to that of the direct path. */
  readonly toDirectP99: number;
}

/** How long is measured. */
export interface Effort {
  readonly rounds: number;
  readonly callsPerRound: number;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
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

/** Measures one surface. The first round only warms up. */
export async function measure(
  surface: string,
  contenders: readonly Contender[],
  { rounds, callsPerRound }: Effort,
): Promise<readonly Row[]> {
  const all = new Map<ContenderName, number[][]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    const own = new Map<ContenderName, number[]>(contenders.map(({ name }) => [name, []]));
    // In turns call by call, so that what the machine does besides it does to all of them; each call in another order, since whoever comes
    // after a long call finds cold caches.
    for (let i = 0; i < callsPerRound; i++) {
      for (const contender of inOrder(contenders, round * callsPerRound + i)) {
        await contender.prepare?.();
        const start = performance.now();
        await contender.call();
        own.get(contender.name)?.push(performance.now() - start);
      }
    }
    if (round > 0) for (const [name, times] of own) all.get(name)?.push(times);
  }
  const direct = all.get("direct") ?? [];
  const p99 = quantile(direct.flat(), 0.99);
  return contenders.map(({ name }): Row => {
    const own = all.get(name) ?? [];
    const ratios = own.map((times, i) => quantile(times, 0.5) / quantile(direct[i] ?? [], 0.5));
    const times = own.flat();
    return {
      surface,
      contender: name,
      calls: times.length,
      p50: quantile(times, 0.5),
      p99: quantile(times, 0.99),
      toDirect: quantile(ratios, 0.5),
      toDirectP99: quantile(times, 0.99) / p99,
    };
  });
}
