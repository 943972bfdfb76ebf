/**
 * The figures of the middleware benchmark as a table for people.
 * Never without the application that it is compared with.
 */
import { markdown } from "../markdown.ts";
import type { Kind } from "./app.ts";
import type { Runtime } from "./servers.ts";
import type { StoreKind } from "./stores.ts";

/** What is compared: where, and over what. */
export interface Setting {
  readonly runtime: Runtime;
  readonly way: "in process" | "loopback";
  readonly store: StoreKind;
}

/** Milliseconds: medians over the rounds. */
export interface Times {
  readonly p50: number;
  readonly p99: number;
}

/** One application in one setting. */
export interface Row extends Setting {
  readonly kind: Kind;
  /** Requests a second: median over the rounds, with 16 sessions at once. */
  readonly perSecond: number;
  /** Median over the rounds of this round's throughput to that of `keeping` in the same round. */
  readonly toKeeping: number;
  readonly toBare: number;
  /** Microseconds of processor time a request, of the serving process alone (loopback) or of everything (in process). */
  readonly cpuMicroseconds: number;
  /** One request at a time. */
  readonly alone: Times;
  /** Sixteen, one of each session. */
  readonly atOnce: Times;
  /** One round trip to the server that the store asks. */
  readonly trip?: Times & { readonly name: string };
}

/** A setting in words. */
export function nameOf({ runtime, way, store }: Setting): string {
  return `${runtime}, ${way}, ${store}`;
}

/** The row of the application that keeps the same state in the same setting. */
export function keepingOf(rows: readonly Row[], row: Row): Row {
  return rows.find((each) => each.kind === "keeping" && nameOf(each) === nameOf(row)) ?? row;
}

/** Markdown. */
export function table(rows: readonly Row[]): string {
  const headings = [
    "setting",
    "application",
    "requests/s",
    "to keeping",
    "to bare",
    "CPU µs",
    "p50 ms",
    "p99 ms",
    "added p50",
    "added p99",
    "16 at once: added p50",
    "added p99",
    "round trip p50",
  ];
  const lines = rows.map((row) => {
    const base = keepingOf(rows, row);
    const { alone, atOnce } = row;
    const times = [
      alone.p50,
      alone.p99,
      alone.p50 - base.alone.p50,
      alone.p99 - base.alone.p99,
      atOnce.p50 - base.atOnce.p50,
      atOnce.p99 - base.atOnce.p99,
    ];
    return [
      nameOf(row),
      row.kind,
      row.perSecond.toFixed(0),
      row.toKeeping.toFixed(2),
      row.toBare.toFixed(2),
      row.cpuMicroseconds.toFixed(0),
      ...times.map((value) => value.toFixed(3)),
      row.trip === undefined ? "–" : `${row.trip.p50.toFixed(3)} (${row.trip.name})`,
    ];
  });
  return markdown(headings, lines);
}
