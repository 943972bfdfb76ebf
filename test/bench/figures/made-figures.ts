/**
 * Figures that are made up, for the tests of what shows them: of every kind, with and without a p99, a floor and bars, met and missed.
 */
import type { Figure } from "../../../bench/figures.ts";

const floor = "JSON.parse";
const plotted = { group: "others", unit: "µs", floor, isPlotted: true } as const;

/** Rows as benchmarks write them. */
export const madeFigures: readonly Figure[] = [
  { ...plotted, name: "JSON.parse", kind: "floor", p50: 1.5, p99: 4.5, ratio: 1, ratioP99: 1 },
  {
    ...plotted,
    name: "Sluice <check> & state",
    kind: "sluice",
    p50: 4.5,
    p99: 45,
    ratio: 3,
    ratioP99: 10,
    bars: [
      { of: "ratio", atMost: 3 },
      { of: "ratioP99", atMost: 8 },
    ],
  },
  {
    ...plotted,
    name: "an engine",
    kind: "peer",
    p50: 1_500,
    p99: 45_000,
    ratio: 1_000,
    ratioP99: 10_000,
    note: "right 190 of 200",
  },
  { ...plotted, name: "one that is not installed", kind: "peer", p50: Number.NaN, note: "no such package", ratio: Number.NaN },
  { ...plotted, name: "an article", kind: "claim", unit: "ms", p50: 4.2, ratio: 2_800, note: "said, not measured" },
  {
    group: "middleware",
    name: "throughput, in process",
    kind: "sluice",
    unit: "1/s",
    p50: 45_678.9,
    floor: "the same without",
    ratio: 0.93,
    bars: [{ of: "ratio", atLeast: 0.9 }],
  },
  {
    group: "middleware",
    name: "added at p99",
    kind: "sluice",
    unit: "ms",
    p50: 0.01,
    p99: 0.21,
    bars: [
      { of: "p99", atMost: 0.2 },
      { of: "ratioP99", atMost: 1 },
    ],
  },
  {
    group: "cost",
    name: "a million checks, of which there is a very long name that no column of any terminal has room for",
    kind: "sluice",
    unit: "USD",
    p50: 0.000123,
  },
];
