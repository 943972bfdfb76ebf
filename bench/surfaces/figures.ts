/**
 * Surfaces as rows of the table of all benchmarks: what each gateway takes, to a bare proxy that parses and writes anew; the hook to a Node that does nothing.
 * Pure.
 */
import type { Figure, FiguresOf } from "../figures.ts";
import type { Row } from "./measure.ts";
import type { SurfacesReport } from "./report.ts";

const group = "gateways";
const floor = "bare proxy that parses and re-serialises";

/** Rows of the table of all benchmarks. */
export const figuresOf: FiguresOf<SurfacesReport> = ({ rows }) => {
  const sluice = rows.filter(({ contender }) => contender === "sluice");
  const gateways = sluice.filter(({ toReader }) => toReader !== undefined);
  const hook = sluice.find(({ surface }) => surface === "hook, built, from start to end");
  return [...gateways.map(latency), ...gateways.flatMap(cpu), ...(hook === undefined ? [] : [start(hook)])];
};

function latency({ surface, p50, p99, toReader = Number.NaN, toReaderP99 = Number.NaN }: Row): Figure {
  const name = `${surface}: a call, one at a time`;
  return { group, name, kind: "sluice", unit: "ms", p50, p99, floor, ratio: toReader, ratioP99: toReaderP99 };
}

function cpu({ surface, cpu: p50, cpuToReader }: Row): readonly Figure[] {
  if (p50 === undefined || cpuToReader === undefined) return [];
  return [{ group, name: `${surface}: a call, CPU`, kind: "sluice", unit: "ms", p50, floor, ratio: cpuToReader }];
}

function start({ surface, p50, p99, toDirect, toDirectP99 }: Row): Figure {
  return {
    group,
    name: surface,
    kind: "sluice",
    unit: "ms",
    p50,
    p99,
    floor: "Node that starts and does nothing",
    ratio: toDirect,
    ratioP99: toDirectP99,
  };
}
