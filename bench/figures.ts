/**
 * What every benchmark says of its last run: rows with a median, a p99, what they are compared with, and the bars they have to keep.
 * Pure. Never hides a row: a bar that was missed, or could not be measured, is one that is not met.
 */

/** Which number of a figure a bar is about. */
type Measured = "p50" | "p99" | "ratio" | "ratioP99";

/** A promise about one number of a figure, both ends included. */
export type Bar = { readonly of: Measured } & ({ readonly atMost: number } | { readonly atLeast: number });

/** One row of the table of all benchmarks. */
export interface Figure {
  /** What the row is about, such as `check, argument class` or `peers`: rows of one group stand together. */
  readonly group: string;
  /** Who or what was measured, in words for a reader. */
  readonly name: string;
  /** `floor`: what nobody can be faster than. `claim`: said by others, not measured here. `peer`: what users would pick instead. */
  readonly kind: "sluice" | "floor" | "peer" | "claim";
  /** Of `p50` and `p99`. */
  readonly unit: "ns" | "µs" | "ms" | "1/s" | "B" | "USD" | "share" | "count";
  readonly p50: number;
  /** Left out where there is no distribution, as with bytes. */
  readonly p99?: number;
  /** What it is compared with, as it stands in the table: `JSON.parse`. */
  readonly floor?: string;
  /** `p50` to that of the floor, measured in turns in the same run. */
  readonly ratio?: number;
  readonly ratioP99?: number;
  /** What is promised. A figure without bars is there to be read. */
  readonly bars?: readonly Bar[];
  /** One short remark, such as what was answered wrongly. */
  readonly note?: string;
  /** Whether the plot of all benchmarks has it: only what is compared with `JSON.parse` of the same bytes. */
  readonly isPlotted?: boolean;
}

/** What a benchmark's own `figures.ts` exports: its report in `results/` as rows. */
export type FiguresOf<Report> = (report: Report) => readonly Figure[];

/** Whether the bar is kept. A number that is missing, or none, keeps none. */
export function isMet(figure: Figure, bar: Bar): boolean {
  const value = figure[bar.of] ?? Number.NaN;
  return "atMost" in bar ? value <= bar.atMost : value >= bar.atLeast;
}
