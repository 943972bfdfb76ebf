/**
 * What the comparison found, as it is kept in `bench/results/peers.json`.
 * Pure. Never mixes times of different rounds in one ratio.
 */
import type { MachineFacts } from "../machine.ts";
import type { Contender } from "./contenders.ts";
import type { Measured } from "./node.ts";
import type { PerfCall } from "./workload.ts";

/** One process. */
export interface Round extends Measured {
  /** Milliseconds from starting the process to its first verdict. */
  readonly coldMs: number;
}

/** One contender over all rounds: medians. */
export interface Row {
  readonly name: string;
  readonly kind: Contender["kind"];
  readonly packages: readonly string[];
  readonly note: string;
  /** Why there are no figures. */
  readonly problem?: string;
  /** Answers that were right, of all; absent for floors. */
  readonly right?: number;
  readonly falseAllows?: number;
  readonly falseDenials?: number;
  /** Kinds of denial that were let through, with how many; `allow`: calls wrongly denied. */
  readonly wrong?: { readonly [reason: string]: number };
  readonly times?: Times;
}

/** Medians over the rounds. */
export interface Times {
  /** Microseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Microseconds of processor time a check. */
  readonly cpu: number;
  readonly largeMs: number;
  readonly coldMs: number;
  /** To `JSON.parse` of the same round. */
  readonly ratio: number;
  readonly ratioP99: number;
  readonly ratioCpu: number;
  /** Lowest and highest `ratio` of a round. */
  readonly ratios: readonly [number, number];
  readonly samples: number;
}

/** The whole file. */
export interface PeersReport {
  readonly machine: MachineFacts;
  readonly calls: number;
  readonly rounds: number;
  readonly milliseconds: number;
  readonly rows: readonly Row[];
}

/** What a row is made of. */
export interface Found {
  readonly rounds: readonly Round[];
  /** Rounds of `JSON.parse`, in the same order. */
  readonly floors: readonly Round[];
  readonly calls: readonly Pick<PerfCall, "expect" | "reason">[];
  readonly problem: string | undefined;
}

/** The row of one contender. */
export function rowOf({ name, kind, packages, note }: Contender, found: Found): Row {
  const { rounds, problem } = found;
  const own = { name, kind, packages, note };
  const [first] = rounds;
  if (problem !== undefined || first === undefined) return { ...own, problem: problem ?? "it was not run" };
  const times = timesOf(found);
  if (kind === "floor") return { ...own, times };
  const judged = judge(first.verdicts, found.calls);
  const isSteady = rounds.every(
    (round) => round.isSteady && round.verdicts.every((verdict, at) => verdict === first.verdicts[at]),
  );
  return isSteady ? { ...own, ...judged, times } : { ...own, ...judged, problem: "its answers were not the same each time" };
}

/** How many verdicts are right, and what the others are about. */
export function judge(
  verdicts: readonly boolean[],
  calls: Found["calls"],
): Required<Pick<Row, "right" | "falseAllows" | "falseDenials" | "wrong">> {
  const wrong: Record<string, number> = {};
  let [falseAllows, falseDenials] = [0, 0];
  for (const [at, { expect, reason }] of calls.entries()) {
    const isAllowed = verdicts[at] === true;
    if (isAllowed === (expect === "allow")) continue;
    if (isAllowed) falseAllows += 1;
    else falseDenials += 1;
    const kind = reason ?? "allow";
    wrong[kind] = (wrong[kind] ?? 0) + 1;
  }
  return { right: calls.length - falseAllows - falseDenials, falseAllows, falseDenials, wrong };
}

function timesOf({ rounds, floors }: Found): Times {
  const of = (pick: (round: Round) => number): number => median(rounds.map(pick));
  const to = (pick: (round: Round) => number): readonly number[] =>
    rounds.map((round, at) => pick(round) / pick(floors[at] ?? round));
  const ratios = to(({ p50 }) => p50);
  return {
    p50: of(({ p50 }) => p50),
    p99: of(({ p99 }) => p99),
    cpu: of(({ cpu }) => cpu),
    largeMs: of(({ largeMs }) => largeMs),
    coldMs: of(({ coldMs }) => coldMs),
    ratio: median(ratios),
    ratioP99: median(to(({ p99 }) => p99)),
    ratioCpu: median(to(({ cpu }) => cpu)),
    ratios: [Math.min(...ratios), Math.max(...ratios)],
    samples: rounds.reduce((sum, { samples }) => sum + samples, 0),
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2;
}
