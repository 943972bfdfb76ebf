/**
 * The section "Results" of this folder's README, out of the last full run.
 * Only reads `bench/results/agentdojo.json`. Never measures.
 */
import { readFileSync } from "node:fs";
import type { ReplayCounts } from "./replays.ts";
import type { RunsReport } from "./report.ts";
import { runsSection } from "./table.ts";

/** The section with its heading. */
export function resultsText(): string {
  const text = readFileSync(new URL("../results/agentdojo.json", import.meta.url), "utf8");
  const { runs, replays } = JSON.parse(text) as { readonly runs: RunsReport; readonly replays: readonly ReplayCounts[] };
  return `## Results

Written by \`node bench/agentdojo/readme.ts\` out of \`bench/results/agentdojo.json\`.

${runsSection(runs, replays)}`;
}
