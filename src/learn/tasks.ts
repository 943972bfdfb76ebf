/**
 * Whether runs are of one task: a plan that is the union of two tasks means neither.
 * Pure. Looks at the tools that runs use, not at the users' words.
 */
import type { Finding } from "../plan/finding.ts";
import type { Run } from "./runs.ts";

/** Runs that share less than this part of their tools (Jaccard) with every other are said to be odd. */
const sharedToolsMin = 1 / 3;

/** Says which traces have no tool in common (an error: no plan is made of them), or hardly any (a warning). */
export function tasksDiffer(runs: readonly Run[]): readonly Finding[] {
  const groups = groupsOf(runs, 0);
  if (groups.length > 1) {
    const message = `the traces are of ${groups.length} tasks that have no tool in common (${groups.map(listed).join("; ")}): learn a plan from each`;
    return [{ code: "LEARN_TASKS_DIFFER", severity: "error", pointer: "", message }];
  }
  const parts = groupsOf(runs, sharedToolsMin);
  if (parts.length <= 1) return [];
  const message = `the traces may be of ${parts.length} tasks, since they share few tools (${parts.map(listed).join("; ")}): look whether one plan is meant`;
  return [{ code: "LEARN_TASKS_DIFFER", severity: "warning", pointer: "", message }];
}

function listed(runs: readonly Run[]): string {
  const shown = runs.slice(0, 12).map((run) => run.place + 1);
  return `trace ${shown.join(", ")}${runs.length > shown.length ? " …" : ""}`;
}

/** Runs that are linked by pairs with more than `least` of their tools in common. */
function groupsOf(runs: readonly Run[], least: number): readonly (readonly Run[])[] {
  const groups: { readonly runs: Run[]; readonly tools: Set<string>[] }[] = [];
  for (const run of runs) {
    const tools = new Set(run.steps.map((step) => step.tool.name));
    const linked = groups.filter((group) => group.tools.some((other) => shareOf(other, tools) > least));
    const [first, ...others] = linked;
    const group = first ?? { runs: [], tools: [] };
    if (first === undefined) groups.push(group);
    for (const other of others) {
      group.runs.push(...other.runs);
      group.tools.push(...other.tools);
      groups.splice(groups.indexOf(other), 1);
    }
    group.runs.push(run);
    group.tools.push(tools);
  }
  return groups.map((group) => [...group.runs].sort((a, b) => a.place - b.place));
}

function shareOf(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const both = [...a].filter((tool) => b.has(tool)).length;
  return both / (a.size + b.size - both);
}
