/**
 * What the benchmarks of `npm run bench` have to say: their reports, in `results/` or just printed, as figures.
 * Never measures, and never leaves out a benchmark that says nothing.
 */
import { existsSync, readFileSync } from "node:fs";
import type { Figure, FiguresOf } from "./figures.ts";
import type { MachineFacts } from "./machine.ts";

/** A benchmark that one command runs, in this order; its folder, and its file in `results/`. */
export const benches = ["check", "hono", "surfaces", "start", "peers", "cost"] as const;

/** One of them. */
export type Bench = (typeof benches)[number];

/** What a benchmark says, or why it says nothing. What only reckons with the others' results has no machine of its own. */
export type Report =
  | { readonly bench: Bench; readonly machine: MachineFacts | undefined; readonly figures: readonly Figure[] }
  | { readonly bench: Bench; readonly problem: string };

/** The report of one benchmark: of this text, if there is one, or of its last full run. */
export async function reportOf(bench: Bench, printed?: string): Promise<Report> {
  const results = new URL(`results/${bench}.json`, import.meta.url);
  const renderer = new URL(`${bench}/figures.ts`, import.meta.url);
  if (printed === undefined && !existsSync(results)) return { bench, problem: `no results yet: node bench/${bench}/run.ts` };
  if (!existsSync(renderer)) return { bench, problem: "no figures" };
  try {
    const report = JSON.parse(printed ?? readFileSync(results, "utf8")) as { readonly machine?: MachineFacts };
    const { figuresOf } = (await import(renderer.href)) as { readonly figuresOf: FiguresOf<unknown> };
    return { bench, machine: report.machine, figures: figuresOf(report) };
  } catch (error) {
    return { bench, problem: `a report that cannot be read: ${error instanceof Error ? error.message : "not JSON"}` };
  }
}

/** Of several reports, what was measured. */
export function figuresIn(reports: readonly Report[]): readonly Figure[] {
  return reports.flatMap((report) => ("figures" in report ? report.figures : []));
}

/** The last full runs of all. */
export function allReports(): Promise<readonly Report[]> {
  return Promise.all(benches.map((bench) => reportOf(bench)));
}
