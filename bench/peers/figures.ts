/**
 * The comparison as rows of the table of all benchmarks: what a check costs from bytes to verdict, as a ratio to `JSON.parse` of the same bytes.
 * Pure. Never a peer's time without how many of its answers were right.
 */
import type { Figure } from "../figures.ts";
import type { PeersReport, Row } from "./report.ts";

/** What the article says of one check, in microseconds, on a machine of its own. */
const claimedMicroseconds = 4_200;

/** The rows of `bench/results/peers.json`. */
export function figuresOf({ rows, calls }: PeersReport): readonly Figure[] {
  const parse = rows.find(({ kind }) => kind === "floor")?.times?.p50 ?? Number.NaN;
  const claim: Figure = {
    group: "peers",
    name: "the article's claim",
    kind: "claim",
    unit: "µs",
    p50: claimedMicroseconds,
    floor: "JSON.parse",
    ratio: claimedMicroseconds / parse,
    note: "said, with $0.02 per million checks; not measured",
    isPlotted: true,
  };
  return [...rows.map((row) => figureOf(row, calls)), claim];
}

function figureOf({ name, kind, right, falseAllows, falseDenials, problem, times }: Row, calls: number): Figure {
  const wrong = right === calls ? "" : `, ${falseAllows} wrongly allowed, ${falseDenials} wrongly denied`;
  const answers = right === undefined ? [] : [`${right} of ${calls} right${wrong}`];
  const note = [...answers, ...(problem === undefined ? [] : [problem])].join("; ");
  // In the plot it stands beside the ordinary call of `check/`, which is another workload.
  const shown = kind === "sluice" ? `${name}, these ${calls} calls` : name;
  const own = { group: "peers", name: shown, kind, unit: "µs", ...(note === "" ? {} : { note }) } as const;
  if (times === undefined) return { ...own, p50: Number.NaN };
  const { p50, p99, ratio, ratioP99 } = times;
  // The bars of the hot path are those of `check/`: here other engines have the same work, and none of them keeps a state.
  return { ...own, p50, p99, floor: "JSON.parse", ratio, ratioP99, isPlotted: true };
}
