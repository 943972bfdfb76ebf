/**
 * What came of a soak, for people.
 * Never says that all agrees where something does not.
 */
import type { MachineFacts } from "../machine.ts";
import { markdown } from "../markdown.ts";

/** One soak. */
export interface SoakRow {
  readonly store: string;
  readonly seconds: number;
  readonly gateways: number;
  readonly agents: number;
  readonly seed: number;
  readonly machine: MachineFacts;
  /** How often each fault happened. */
  readonly faults: { readonly [name: string]: number };
  /** How calls ended, as agents were told. */
  readonly outcomes: { readonly [outcome: string]: number };
  readonly counts: { readonly [name: string]: number };
  /** Milliseconds of an answered call. */
  readonly latency: { readonly p50: number; readonly p99: number };
  /** What disagrees, a sentence each. */
  readonly broken: readonly string[];
}

function list(rows: { readonly [name: string]: number }): string {
  const width = Math.max(...Object.keys(rows).map((name) => name.length));
  return Object.entries(rows)
    .map(([name, value]) => `  ${name.padEnd(width)}  ${value}\n`)
    .join("");
}

/** The report as text. */
export function reportOf(row: SoakRow): string {
  const { store, seconds, gateways, agents, seed, faults, outcomes, counts, latency, broken } = row;
  const verdict =
    broken.length === 0
      ? "The witness, the events, the counters, the labels and the journal agree.\n"
      : `${broken.length} disagreements:\n${broken
          .slice(0, 40)
          .map((sentence) => `  ${sentence}\n`)
          .join("")}`;
  return [
    `soak: ${store}, ${seconds} s, ${gateways} gateways, ${agents} agents, seed ${seed}\n`,
    `weather\n${list(faults)}`,
    `calls, as agents were told (p50 ${latency.p50.toFixed(1)} ms, p99 ${latency.p99.toFixed(0)} ms)\n${list(outcomes)}`,
    `audit\n${list(counts)}`,
    verdict,
  ].join("\n");
}

/** Markdown: a line for each soak. */
export function soakTable(rows: readonly SoakRow[]): string {
  const headings = [
    "store",
    "seconds",
    "gateways",
    "faults",
    "calls",
    "allowed",
    "executed",
    "settled",
    "lost to their lease",
    "`STORE_UNAVAILABLE`",
    "p50 ms",
    "p99 ms",
    "disagreements",
  ];
  const sum = (of: { readonly [name: string]: number }): number => Object.values(of).reduce((total, one) => total + one, 0);
  const cells = rows.map(({ store, seconds, gateways, faults, outcomes, counts, latency, broken }) => [
    store,
    seconds,
    gateways,
    sum(faults),
    sum(outcomes),
    counts.allowed ?? 0,
    counts.executed ?? 0,
    (counts["settled ok"] ?? 0) + (counts["settled as error"] ?? 0),
    counts["lost to their lease"] ?? 0,
    outcomes.STORE_UNAVAILABLE ?? 0,
    latency.p50.toFixed(0),
    latency.p99.toFixed(0),
    broken.length,
  ]);
  return markdown(headings, cells);
}
