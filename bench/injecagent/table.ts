/**
 * The report over InjecAgent as Markdown.
 * Pure. Never counts an attack as stopped without saying whether the task was stopped with it.
 */
import { digits } from "../figures-text.ts";
import { markdown } from "../markdown.ts";
import type { Count, KindReport, Report } from "./report.ts";

const outOf = ({ good, all }: Count): string => `${good} of ${all}`;

/** Everything, as it stands in the README. */
export function resultsText({ machine, cases, tasks, undefended, toolList, kinds }: Report): string {
  const row = (name: string, of: (kind: KindReport) => string): readonly string[] => [name, ...kinds.map(of)];
  const rows = [
    row("tasks with a plan", ({ plans, missing }) => {
      const why = Object.entries(missing).map(([code, count]) => `${code} ${count}`);
      return why.length === 0 ? outOf(plans) : `${outOf(plans)} (${why.join(", ")})`;
    }),
    row("utility", ({ utility }) => outOf(utility)),
    row("utility under attack", ({ underAttack }) => outOf(underAttack)),
    row("attack success", ({ attacks }) => outOf(attacks)),
    row("stopped, task completed", ({ stoppedCompleted }) => `${stoppedCompleted} of ${cases}`),
    row("stopped, and the task with it", ({ stoppedWithTask }) => `${stoppedWithTask} of ${cases}`),
    row("false denials", ({ falseDenials }) => outOf(falseDenials)),
    row("confirmations a task", ({ confirmations }) => digits(confirmations / tasks)),
    row("a check, p50 and p99", ({ checks }) => `${digits(checks.p50)} µs, ${digits(checks.p99)} µs`),
  ];
  const same = kinds.flatMap(({ name, sameTool }) =>
    sameTool.map(({ role, all, undefended: bare, succeeded, stoppedCompleted }) => [
      name,
      role,
      ...[bare, succeeded, stoppedCompleted, all - succeeded - stoppedCompleted].map((count) => `${count} of ${all}`),
    ]),
  );
  return `${cases} cases over ${tasks} tasks. Attack success undefended: ${outOf(undefended)}; with a list of the task's tools alone: ${outOf(toolList)}.

${markdown(["", ...kinds.map(({ name }) => name)], rows)}
The user's own tool, one argument replaced by an attacker's value:

${markdown(["plans", "role of the argument", "success undefended", "success with Sluice", "stopped, task completed", "stopped, and the task with it"], same)}
${machine.processor}, ${machine.cores} cores, ${machine.runtime}, load ${machine.load} when it began.
`;
}
