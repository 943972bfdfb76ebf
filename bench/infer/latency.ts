/**
 * How long a draft takes, by the size of the catalogue: tasks of the sets with their own tools, padded with tools of other catalogues.
 * Never mixes warm and cold: the first draft on a catalogue, which encodes its tools, is counted apart.
 */
import type { Planner } from "../../src/infer/proposal.ts";
import type { DraftTool } from "../../src/infer/tools.ts";
import { contextOf } from "./drafting.ts";
import type { EvalRow } from "./rows.ts";

/** Times of one size. */
export interface LatencyRow {
  readonly tools: number;
  readonly threads: number;
  readonly tasks: number;
  /** Milliseconds from text to proposal. */
  readonly p50: number;
  readonly p95: number;
  /** Milliseconds of the first draft. */
  readonly cold: number;
  readonly residentMiB: number;
}

/** Sizes of catalogues. */
export const catalogueSizes = [10, 30, 100, 1_000, 4_000] as const;

/** The value below which `share` of the sorted values lie. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** A row's tools with others up to a size; fewer where the row has more of its own than fit: its right tools stay. */
export function padded(row: EvalRow, others: readonly DraftTool[], size: number): readonly DraftTool[] {
  const wanted = new Set(row.gold.calls.map(({ tool }) => tool));
  const own = row.tools.toSorted((one, other) => Number(wanted.has(other.name)) - Number(wanted.has(one.name))).slice(0, size);
  const names = new Set(own.map(({ name }) => name));
  return [...own, ...others.filter(({ name }) => !names.has(name)).slice(0, size - own.length)];
}

/** Times at one size. All rows are given one catalogue, as in use: the tools of all of them, padded. */
export async function measureLatency(
  rows: readonly EvalRow[],
  planner: Planner,
  { others, size, threads }: { readonly others: readonly DraftTool[]; readonly size: number; readonly threads: number },
): Promise<LatencyRow | undefined> {
  const [first] = rows;
  if (first === undefined) return undefined;
  const tools = padded(first, others, size);
  const times: number[] = [];
  const start = performance.now();
  await planner.propose(first.task, tools, contextOf(first));
  const cold = performance.now() - start;
  for (const row of rows) {
    const begun = performance.now();
    await planner.propose(row.task, tools, contextOf(row));
    times.push(performance.now() - begun);
  }
  return {
    tools: tools.length,
    threads,
    tasks: rows.length,
    p50: quantile(times, 0.5),
    p95: quantile(times, 0.95),
    cold,
    residentMiB: process.memoryUsage.rss() / 2 ** 20,
  };
}
