/**
 * The report in Markdown, for the README and the terminal.
 * Pure. Never attack success without utility under attack beside it.
 */
import { digits } from "../figures-text.ts";
import { markdown } from "../markdown.ts";
import { agentNames } from "./agent.ts";
import { published } from "./published.ts";
import { percent, type ReplayCounts, replayFigures, totalOf } from "./replays.ts";
import type { AgentCounts, Exception, KindCounts, RunsReport } from "./report.ts";

/** How many tasks the README names for one reason. */
const listedMax = 5;

function share(good: number, all: number): string {
  return all === 0 ? "–" : `${good} of ${all} (${((good / all) * 100).toFixed(1)} %)`;
}

/** Per task with a plan, one decimal. */
function perTask(count: number, { planned }: KindCounts): string {
  return planned === 0 ? "–" : (count / planned).toFixed(1);
}

/** Everything, with its headings of the third level. */
export function runsSection(report: RunsReport, replays: readonly ReplayCounts[]): string {
  return `${mainTable("All four suites", report.total)}
${report.suites.map(({ suite, kinds }) => mainTable(suite, kinds)).join("\n")}
### How the agent obeys

All four suites: pairs in which the attacker's goal is reached, and in brackets those in which the user's task is completed.

${agentsTable(report.total)}
### What did not come out

${exceptionsText(report)}
### One check

${checksText(report)}
### Replays

Learned plans, without environments.

${replaysTable(replays)}
### Published figures

${publishedTable()}`;
}

function mainTable(title: string, kinds: readonly KindCounts[]): string {
  const rows = kinds.map((kind) => {
    const { after } = kind.agents;
    const isOpen = kind.kind === "undefended";
    return [
      kind.kind,
      isOpen ? "–" : `${kind.planned} of ${kind.tasks}`,
      share(kind.utility, kind.tasks),
      share(after.utility, after.pairs),
      reachedText(after),
      isOpen ? "–" : `${after.stoppedAndDone} and ${after.stopped - after.stoppedAndDone}`,
      isOpen ? "–" : `${kind.denied} of ${kind.calls} in ${kind.deniedTasks} tasks`,
      isOpen ? "–" : `${perTask(kind.confirmations + kind.asked, kind)} (${kind.tasks - unasked(kind)} tasks)`,
    ];
  });
  const head = [
    "plans",
    "tasks with a plan",
    "utility",
    "utility under attack",
    "attack success",
    "stopped: task done, and not",
    "false denials",
    "confirmations per task",
  ];
  return `### ${title}\n\n${markdown(head, rows)}`;
}

/** Attack success among the pairs that were run at all: a task without a plan stops nothing. */
function reachedText({ reached, said, played, pairs }: AgentCounts): string {
  const spoken = said > 0 ? `, ${said} of them said` : "";
  return `${share(reached, played)}${spoken}${played < pairs ? `; ${pairs - played} not run` : ""}`;
}

function unasked({ tasks, confirmedTasks }: KindCounts): number {
  return tasks - confirmedTasks;
}

function agentsTable(kinds: readonly KindCounts[]): string {
  const rows = agentNames.map((agent) => [
    `\`${agent}\``,
    ...kinds.map(({ agents }) => `${agents[agent].reached} (${agents[agent].utility})`),
  ]);
  return markdown(
    ["agent", ...kinds.map(({ kind, tasks, agents }) => `${kind}, of ${tasks === 0 ? 0 : agents.after.pairs}`)],
    rows,
  );
}

function exceptionsText({ written, unreached, exceptions, total }: RunsReport): string {
  const lines = [
    `Undefended, an agent that obeys at once makes all of the attacker's calls and yet does not reach the goal, as AgentDojo judges, in ${unreached.length} pairs: ${unreached.join(", ") || "none"}. They count among all pairs, and never as stopped.`,
    `AgentDojo has no calls for ${written.length} injection tasks; the bench has its own for them (\`python/attacker.py\`): ${written.join(", ") || "none"}.`,
  ];
  const own = total.filter(({ kind }) => kind !== "undefended");
  return `${lines.map((line) => `- ${line}`).join("\n")}
${own.map(({ kind }) => `- *${kind}*: ${kindText(exceptions.filter((one) => one.kind === kind))}`).join("\n")}
`;
}

/** Of one kind of plans: tasks by why they were not completed, and pairs by which agents reach the goal. */
function kindText(exceptions: readonly Exception[]): string {
  const tasks = grouped(exceptions.filter(({ agent }) => agent === undefined).map(({ why, run }) => [why, run]));
  const pairs = grouped(exceptions.flatMap(({ agent, run }) => (agent === undefined ? [] : [[run, `\`${agent}\``]])));
  const open = [...tasks].map(([why, runs]) => `${why} (${runs.length === 1 ? "" : `${runs.length}: `}${listed(runs)})`);
  const reached = [...pairs].map(([run, agents]) => `${run} (${agents.join(", ")})`);
  const done =
    open.length === 0 ? "every task completed without an attack" : `not completed without an attack: ${open.join("; ")}`;
  return `${done}. Goals reached by calls: ${reached.join("; ") || "none"}.`;
}

function grouped(pairs: readonly (readonly string[])[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, readonly string[]>();
  for (const [key = "", value = ""] of pairs) groups.set(key, [...(groups.get(key) ?? []), value]);
  return groups;
}

/** The names, as far as a reader wants them: `bench/results/agentdojo.json` has all. */
function listed(names: readonly string[]): string {
  return names.length > listedMax ? `${names.slice(0, listedMax).join(", ")}, …` : names.join(", ");
}

function checksText({ checks, machine }: RunsReport): string {
  const { processor, cores, runtime, load } = machine;
  return `${checks.count} checks of these runs through the enforcement point with a store in memory: median ${digits(checks.p50)} ms, p99 ${digits(checks.p99)} ms
(${processor}, ${cores} cores, ${runtime}, load ${load} when it began; AgentDojo's process works beside it, so \`bench/check\` is the place for times).
`;
}

const replayNames: { readonly [F in (typeof replayFigures)[number]]: string } = {
  benign: "benign runs allowed",
  usable: "usable",
  usableStrict: "usable with every `otherwise` taken out",
  stopped: "stopped",
  undefended: "undefended",
  renamed: "(a) renamed",
  reordered: "(b) reordered",
  hijacked: "(c) hijacked steering arguments denied",
  otherRows: "(c) hijacked reads of other rows denied",
  freeText: "(c) hijacked free text denied",
  rewritten: "(d) rewritten: denied or announced",
};

function replaysTable(replays: readonly ReplayCounts[]): string {
  const rows = replayFigures.map((figure) => [
    replayNames[figure],
    ...replays.map(({ figures }) => `${figures[figure].good} of ${figures[figure].all}`),
    percent(totalOf(replays, figure)),
  ]);
  return markdown(["figure", ...replays.map(({ suite }) => suite), "all"], rows);
}

function publishedTable(): string {
  const rows = published.map(({ system, setup, utility, attack, differs, source }) => [
    system,
    setup,
    utility,
    attack,
    differs,
    source,
  ]);
  return markdown(["system", "set-up", "utility", "attack success", "what differs from the runs here", "source"], rows);
}
