/**
 * The figures of the middleware benchmark as a table for people.
 * Never without the application that it is compared with.
 */
import type { Kind, StoreKind } from "./app.ts";

/** One application in one setting. */
export interface Row {
  readonly setting: "in process" | "loopback";
  readonly store: StoreKind;
  readonly kind: Kind;
  /** Requests a second: median over the rounds, with 16 sessions at once. */
  readonly perSecond: number;
  /** Median over the rounds of this round's throughput to that of `keeping` in the same round. */
  readonly toKeeping: number;
  readonly toBare: number;
  /** Microseconds of processor time a request, of the serving process alone (loopback) or of everything (in process). */
  readonly cpuMicroseconds: number;
  /** Milliseconds, one request at a time. */
  readonly p50: number;
  readonly p99: number;
}

/** Markdown. */
export function table(rows: readonly Row[]): string {
  const headings = [
    "setting",
    "store",
    "application",
    "requests/s",
    "to keeping",
    "to bare",
    "CPU µs",
    "p50 ms",
    "p99 ms",
    "added p50",
    "added p99",
  ];
  const lines = rows.map((row) => {
    const base = rows.find((each) => each.setting === row.setting && each.store === row.store && each.kind === "keeping") ?? row;
    const numbers = [row.toKeeping, row.toBare].map((value) => value.toFixed(2));
    const times = [row.p50, row.p99, row.p50 - base.p50, row.p99 - base.p99].map((value) => value.toFixed(3));
    return [row.setting, row.store, row.kind, row.perSecond.toFixed(0), ...numbers, row.cpuMicroseconds.toFixed(0), ...times];
  });
  return `${[headings, headings.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n")}\n`;
}
