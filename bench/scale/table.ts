/**
 * The figures of the scale benchmark as tables for people.
 * Never a throughput without the floor of the same minute beside it.
 */
import { markdown } from "../markdown.ts";

/** One cell: a store, a level, a number of processes. */
export interface ScaleRow {
  readonly store: string;
  readonly level: "enforcer" | "HTTP" | "HTTP, any process";
  readonly processes: number;
  /** The smallest thing that the store does. */
  readonly floor: string;
  /** Of the floor, one after another, and sixteen at once. */
  readonly floorsPerSecond: number;
  readonly floorsAtOnce: number;
  /** Whole calls: check, tool, settle. */
  readonly callsPerSecond: number;
  /** Processor time of a call in the processes that serve, and in those of the store. */
  readonly cpuMicroseconds: number;
  readonly storeMicroseconds: number;
  /** Milliseconds of a call over HTTP, with sixteen at once. */
  readonly p50?: number;
  readonly p99?: number;
}

/** What a session weighs. */
export interface Weight {
  readonly store: string;
  readonly events: number;
  readonly bytesAtRest: number;
  readonly bytesLive: number;
}

/** Markdown. */
export function table(rows: readonly ScaleRow[], weights: readonly Weight[]): string {
  const headings = [
    "store",
    "level",
    "processes",
    "calls/s",
    "to floor",
    "CPU µs",
    "store's CPU µs",
    "p50 ms",
    "p99 ms",
    "floor",
    "floor/s",
  ];
  const cells = rows.map((row) => [
    row.store,
    row.level,
    `${row.processes}`,
    row.callsPerSecond.toFixed(0),
    (row.callsPerSecond / row.floorsAtOnce).toFixed(2),
    row.cpuMicroseconds.toFixed(0),
    row.storeMicroseconds === 0 ? "–" : row.storeMicroseconds.toFixed(0),
    row.p50?.toFixed(2) ?? "–",
    row.p99?.toFixed(2) ?? "–",
    row.floor,
    `${row.floorsPerSecond.toFixed(0)}, at once ${row.floorsAtOnce.toFixed(0)}`,
  ]);
  const weighed = weights.map(({ store, events, bytesAtRest, bytesLive }) => [
    store,
    `${events}`,
    bytesAtRest === 0 ? "–" : bytesAtRest.toFixed(0),
    bytesLive.toFixed(0),
  ]);
  return `${markdown(headings, cells)}\n${markdown(["store", "events of a session", "bytes at rest", "bytes live"], weighed)}`;
}
