/**
 * The adaptive attacker as rows of the table of all benchmarks: violations and differences, of which there may be none, and the weakenings that were noticed.
 * Pure.
 */
import type { Figure, FiguresOf } from "../figures.ts";
import type { AdaptiveReport } from "./report.ts";

const group = "adaptive attacker";

/** Rows of the table of all benchmarks. */
export const figuresOf: FiguresOf<AdaptiveReport> = ({ sets, techniques, weakenings }) => {
  const sum = (of: (row: AdaptiveReport["sets"][number]) => number): number => sets.reduce((all, row) => all + of(row), 0);
  const sorted = (sort: "announced" | "free text"): number => techniques.reduce((all, row) => all + row.sorts[sort], 0);
  const none = [{ of: "p50", atMost: 0 }] as const;
  const count = (name: string, p50: number, more: Partial<Figure> = {}): Figure => ({
    group,
    name,
    kind: "sluice",
    unit: "count",
    p50,
    ...more,
  });
  const weakened = weakenings.reduce((all, row) => all + row.all, 0);
  const through = weakenings.reduce((all, row) => all + row.through, 0);
  return [
    count(
      "changed runs",
      sum(({ tries }) => tries),
      { note: `of ${sum(({ runs }) => runs)} benign runs` },
    ),
    count(
      "violations",
      sum(({ violations }) => violations),
      { bars: none },
    ),
    count(
      "differences between engine and interpreter",
      sum(({ differences }) => differences),
      { bars: none },
    ),
    count(
      "benign calls denied",
      sum(({ benignDenied }) => benignDenied),
      { bars: none },
    ),
    count("allowed as announced", sorted("announced")),
    count("allowed as free text", sorted("free text")),
    {
      group,
      name: "weakened plans noticed",
      kind: "sluice",
      unit: "share",
      p50: weakened === 0 ? 0 : through / weakened,
      note: `${through} of ${weakened}`,
    },
  ];
};
