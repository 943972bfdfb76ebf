/**
 * The section "Results" of this folder's README, out of the last full run.
 * Only reads `bench/results/agentdojo.json`. Never measures.
 */
import { lastRun } from "../last-run.ts";
import type { ReplayCounts } from "./replays.ts";
import type { RunsReport } from "./report.ts";
import { runsSection } from "./table.ts";

/** The section with its heading. */
export function resultsText(): string {
  const { runs, replays } = lastRun<{ readonly runs: RunsReport; readonly replays: readonly ReplayCounts[] }>("agentdojo");
  return `## Results

Written by \`node bench/readme.ts\` out of \`bench/results/agentdojo.json\`.

${runsSection(runs, replays)}`;
}
