/**
 * Which document quotes what of the results.
 * Pure, but for the reading of `results/`.
 */
import type { AdaptiveReport } from "./adaptive/report.ts";
import { table as adaptiveTable } from "./adaptive/table.ts";
import { resultsText as agentDojoText } from "./agentdojo/results.ts";
import { adaptiveText, attacksTable } from "./evidence.ts";
import type { Report as InjecAgentReport } from "./injecagent/report.ts";
import { resultsText as injecAgentText } from "./injecagent/table.ts";
import { lastRun } from "./last-run.ts";
import type { Report as MultiAgentReport } from "./multi-agent/report.ts";
import { resultsText as multiAgentText } from "./multi-agent/table.ts";
import type { Quotation } from "./quotation.ts";
import { barsSection, resultsSection } from "./readme-text.ts";
import type { Report } from "./reports.ts";

/** All quotations. */
export function quotations(reports: readonly Report[]): readonly Quotation[] {
  const bars = barsSection(reports);
  const attacks = attacksTable();
  return [
    { file: "bench/README.md", text: resultsSection(reports) },
    { file: "bench/agentdojo/README.md", text: agentDojoText() },
    { file: "bench/injecagent/README.md", name: "results", text: injecAgentText(lastRun<InjecAgentReport>("injecagent")) },
    { file: "bench/multi-agent/README.md", name: "results", text: multiAgentText(lastRun<MultiAgentReport>("multi-agent")) },
    { file: "bench/adaptive/README.md", name: "results", text: adaptiveTable(lastRun<AdaptiveReport>("adaptive")) },
    { file: "docs/figures.md", name: "bench", text: bars.replaceAll("](bench/", "](../bench/") },
    { file: "docs/evidence.md", name: "attacks", text: attacks },
    { file: "docs/evidence.md", name: "adaptive", text: adaptiveText() },
    { file: "README.md", name: "bench", text: bars },
    { file: "README.md", name: "attacks", text: attacks },
  ];
}
