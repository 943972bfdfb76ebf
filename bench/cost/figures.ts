/**
 * What a million checks cost, as rows of the table of all benchmarks, beside what the article claims.
 * Pure.
 */
import type { Figure, FiguresOf } from "../figures.ts";
import { claimedDollarsPerMillion } from "./prices.ts";
import type { CostReport, CostRow } from "./rows.ts";

/** Rows of the table of all benchmarks: at the first price of the report. */
export const figuresOf: FiguresOf<CostReport> = ({ prices, rows }) => {
  const [price] = prices;
  if (price === undefined) return [];
  const floor = "the article's claim";
  const claim: Figure = { group: "cost", name: floor, kind: "claim", unit: "USD", p50: claimedDollarsPerMillion };
  const figure = (row: CostRow): Figure => {
    const p50 = row.dollars[price.name] ?? Number.NaN;
    const note = `a million, ${price.name}`;
    return {
      group: "cost",
      name: row.name,
      kind: row.kind,
      unit: "USD",
      p50,
      floor,
      ratio: p50 / claimedDollarsPerMillion,
      note,
    };
  };
  return [claim, ...rows.filter(({ kind }) => kind !== "floor").map(figure)];
};
