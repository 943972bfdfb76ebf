/**
 * The figures of the check benchmark as tables for people.
 * Never leaves a time without the floor beside it.
 */
import type { Contender, Times } from "./measure.ts";
import type { Memory } from "./memory.ts";

/** One scenario, measured. */
export interface Row {
  readonly group: string;
  readonly name: string;
  readonly bytes: number;
  readonly freezeMs: number;
  readonly compileMs: number;
  readonly times: { readonly [C in Contender]: Times };
}

function us(value: number): string {
  return value >= 1_000 ? `${(value / 1_000).toFixed(2)} ms` : value.toFixed(2);
}

function ratio(row: Row, name: Contender): string {
  return `${(row.times[name].p50 / row.times.parse.p50).toFixed(1)}×`;
}

const headings = [
  "scenario",
  "bytes",
  "parse p50",
  "p99",
  "+SHA-256",
  "zod",
  "reader",
  "decide+fold",
  "check p50",
  "p99",
  "noise",
];

function cells(row: Row): readonly string[] {
  const { times } = row;
  const withRatio = (name: Contender): string => `${us(times[name].p50)} (${ratio(row, name)})`;
  return [
    row.name,
    `${row.bytes}`,
    us(times.parse.p50),
    us(times.parse.p99),
    withRatio("hash"),
    withRatio("zod"),
    withRatio("read"),
    us(times.decide.p50),
    withRatio("check"),
    us(times.check.p99),
    `${(times.check.noise * 100).toFixed(0)} %`,
  ];
}

/** Markdown, one table for each group. */
export function table(rows: readonly Row[]): string {
  let text =
    "Microseconds a call (median over batches of 16; p99 of single calls); in brackets: times JSON.parse of the same bytes\n";
  let group = "";
  for (const row of rows) {
    if (row.group !== group)
      text += `\n### ${row.group}\n\n| ${headings.join(" | ")} |\n|${headings.map(() => "---|").join("")}\n`;
    group = row.group;
    text += `| ${cells(row).join(" | ")} |\n`;
  }
  return text;
}

/** What a session keeps, in one line. */
export function memoryLine({ session, call, callsMax }: Memory): string {
  return `\nMemory: ${session} bytes an open session, ${call} bytes each call that it has seen (at most ${callsMax}).\n`;
}
