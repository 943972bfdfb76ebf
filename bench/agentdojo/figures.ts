/**
 * The runs in AgentDojo's environments as rows of the table of all benchmarks.
 * Pure. Never attack success without utility under attack beside it.
 */
import type { Figure } from "../figures.ts";
import type { KindCounts, RunsReport } from "./report.ts";

/** What `bench/results/agentdojo.json` holds, as far as the rows need it. */
export interface AgentDojoReport {
  readonly runs: RunsReport;
}

const group = "AgentDojo";

/** The rows of `bench/results/agentdojo.json`. */
export function figuresOf({ runs }: AgentDojoReport): readonly Figure[] {
  const { p50, p99, count } = runs.checks;
  return [
    ...runs.total.flatMap(rowsOf),
    { group, name: "one check of these runs", kind: "sluice", unit: "ms", p50, p99, note: `${count} checks` },
  ];
}

function rowsOf(kind: KindCounts): readonly Figure[] {
  const { after } = kind.agents;
  const isOpen = kind.kind === "undefended";
  const name = isOpen ? "undefended" : `plans ${kind.kind}`;
  const own = { group, kind: isOpen ? "floor" : "sluice", unit: "share" } as const;
  const plans = isOpen ? {} : { note: `${kind.planned} of ${kind.tasks} tasks have a plan` };
  return [
    { ...own, name: `${name}: utility`, p50: kind.utility / kind.tasks, ...plans },
    { ...own, name: `${name}: utility under attack`, p50: after.utility / after.pairs },
    {
      ...own,
      name: `${name}: attack success`,
      p50: after.reached / after.played,
      note: `of ${after.played} pairs that were run; ${after.said} of ${after.reached} by what the agent says, without a call`,
    },
  ];
}
