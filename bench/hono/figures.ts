/**
 * The last run of the middleware benchmark as rows for the table of all benchmarks, with the bars that it has to keep.
 * Pure. Never leaves out a setting that was measured.
 */
import type { Figure, FiguresOf } from "../figures.ts";
import type { MachineFacts } from "../machine.ts";
import { keepingOf, nameOf, type Row } from "./table.ts";

/** What `run.ts` writes. */
interface Report {
  readonly machine: MachineFacts;
  readonly rows: readonly Row[];
}

/** Milliseconds that Sluice may add at p99, one request at a time, by the store. What asks a server has the round trip for a floor. */
const addedMsMax: { readonly [store: string]: number } = { memory: 0.2, "sqlite-process": 1, sqlite: 1 };

/** Throughput on the loopback, and added latency in process. */
export const figuresOf: FiguresOf<Report> = ({ rows }) =>
  rows
    .filter(({ kind }) => kind === "sluice")
    .map((row) =>
      row.way === "loopback" ? throughput(rows, row) : row.trip === undefined ? added(rows, row) : asked(rows, row, row.trip),
    );

function throughput(rows: readonly Row[], row: Row): Figure {
  const keeping = keepingOf(rows, row);
  return {
    group: "middleware, requests a second",
    name: nameOf(row),
    kind: "sluice",
    unit: "1/s",
    p50: row.perSecond,
    floor: "the same application, same body, same state",
    ratio: row.toKeeping,
    bars: [{ of: "ratio", atLeast: 0.9 }],
    note: `CPU ${row.cpuMicroseconds.toFixed(0)} µs beside ${keeping.cpuMicroseconds.toFixed(0)}`,
  };
}

function added(rows: readonly Row[], row: Row): Figure {
  const keeping = keepingOf(rows, row);
  return {
    group: "middleware, latency added",
    name: nameOf(row),
    kind: "sluice",
    unit: "ms",
    p50: row.alone.p50 - keeping.alone.p50,
    p99: row.alone.p99 - keeping.alone.p99,
    bars: [{ of: "p99", atMost: addedMsMax[row.store] ?? 0 }],
    note: `16 at once: p99 ${(row.atOnce.p99 - keeping.atOnce.p99).toFixed(2)} ms; throughput ${row.toKeeping.toFixed(2)} of the same application`,
  };
}

function asked(rows: readonly Row[], row: Row, trip: NonNullable<Row["trip"]>): Figure {
  const keeping = keepingOf(rows, row);
  return {
    group: "middleware, latency of a call",
    name: nameOf(row),
    kind: "sluice",
    unit: "ms",
    p50: row.alone.p50,
    p99: row.alone.p99,
    floor: `${trip.name}, of which a call waits for three`,
    ratio: row.alone.p50 / trip.p50,
    ratioP99: row.alone.p99 / trip.p99,
    note: `the same application without Sluice: ${(keeping.alone.p50 / trip.p50).toFixed(1)} round trips`,
  };
}
