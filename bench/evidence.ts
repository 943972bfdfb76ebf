/**
 * What the benchmarks of attacks found in their last run, as the tables of docs/evidence.md and of the README: `node bench/readme.ts` writes them.
 * Pure, but for the reading of `results/`. Never attack success without the tasks that were completed beside it.
 */
import type { AdaptiveReport } from "./adaptive/report.ts";
import type { AgentDojoReport } from "./agentdojo/figures.ts";
import type { KindCounts } from "./agentdojo/report.ts";
import type { Report as InjecAgentReport } from "./injecagent/report.ts";
import { lastRun } from "./last-run.ts";
import { markdown } from "./markdown.ts";
import { attacksOf, type Report as MultiAgentReport, tasksOf } from "./multi-agent/report.ts";

/** One row: a benchmark with one kind of plans. */
interface Row {
  readonly benchmark: string;
  readonly plans: string;
  readonly done: string;
  readonly doneUnderAttack: string;
  readonly succeeded: string;
  readonly falseDenials: string;
  readonly confirmations: string;
}

function of(good: number, all: number): string {
  return `${good.toLocaleString("en")} of ${all.toLocaleString("en")}`;
}

function agentDojoRow(kind: KindCounts): Row {
  const { after } = kind.agents;
  const isOpen = kind.kind === "undefended";
  return {
    benchmark: "AgentDojo",
    plans: isOpen ? "without Sluice" : `${kind.kind} (${of(kind.planned, kind.tasks)} tasks)`,
    done: of(kind.utility, kind.tasks),
    doneUnderAttack: of(after.utility, after.pairs),
    succeeded: `${of(after.reached, after.pairs)}${after.said === 0 ? "" : `, ${after.said} by what the agent says`}`,
    falseDenials: isOpen ? "–" : of(kind.denied, kind.calls),
    confirmations: isOpen ? "–" : ((kind.confirmations + kind.asked) / Math.max(kind.planned, 1)).toFixed(2),
  };
}

function injecAgentRows({ cases, tasks, undefended, kinds }: InjecAgentReport): readonly Row[] {
  const open: Row = {
    benchmark: "InjecAgent",
    plans: "without Sluice",
    done: of(tasks, tasks),
    doneUnderAttack: of(cases, cases),
    succeeded: of(undefended.good, undefended.all),
    falseDenials: "–",
    confirmations: "–",
  };
  const guarded = kinds.map((kind) => ({
    benchmark: "InjecAgent",
    plans: kind.name,
    done: of(kind.utility.good, kind.utility.all),
    doneUnderAttack: of(kind.underAttack.good, kind.underAttack.all),
    succeeded: of(kind.attacks.good, kind.attacks.all),
    falseDenials: of(kind.falseDenials.good, kind.falseDenials.all),
    confirmations: (kind.confirmations / tasks).toFixed(2),
  }));
  return [open, ...guarded];
}

function multiAgentRows(report: MultiAgentReport): readonly Row[] {
  const [attacks, tasks] = [attacksOf(report), tasksOf(report)];
  const sum = (pick: (task: (typeof tasks)[number]) => number): number => tasks.reduce((all, task) => all + pick(task), 0);
  const benchmark = `${report.scenarios.length} scenarios of several agents, our own`;
  return [
    {
      benchmark,
      plans: "without Sluice",
      done: of(tasks.filter(({ undefended }) => undefended).length, tasks.length),
      doneUnderAttack: of(attacks.filter(({ undefended }) => undefended.completed).length, attacks.length),
      succeeded: of(attacks.filter(({ undefended }) => undefended.succeeded).length, attacks.length),
      falseDenials: "–",
      confirmations: "–",
    },
    {
      benchmark,
      plans: "hand-made",
      done: of(tasks.filter(({ sluice }) => sluice).length, tasks.length),
      doneUnderAttack: of(attacks.filter(({ sluice }) => sluice.completed).length, attacks.length),
      succeeded: of(attacks.filter(({ sluice }) => sluice.succeeded).length, attacks.length),
      falseDenials: of(
        sum(({ falseDenials }) => falseDenials),
        sum(({ calls }) => calls),
      ),
      confirmations: (sum(({ confirmations }) => confirmations) / tasks.length).toFixed(2),
    },
  ];
}

/** The table of all benchmarks with tasks and attacks. */
export function attacksTable(): string {
  const rows = [
    ...lastRun<AgentDojoReport>("agentdojo").runs.total.map(agentDojoRow),
    ...injecAgentRows(lastRun<InjecAgentReport>("injecagent")),
    ...multiAgentRows(lastRun<MultiAgentReport>("multi-agent")),
  ];
  const head = [
    "benchmark",
    "plans",
    "tasks done",
    "done under attack",
    "attacks that succeed",
    "false denials",
    "confirmations a task",
  ];
  return markdown(
    head,
    rows.map((row) => [
      row.benchmark,
      row.plans,
      row.done,
      row.doneUnderAttack,
      row.succeeded,
      row.falseDenials,
      row.confirmations,
    ]),
  );
}

/** What the adaptive attacker found, in a sentence. */
export function adaptiveText(): string {
  const { sets, violations, differences, weakenings } = lastRun<AdaptiveReport>("adaptive");
  const sum = (pick: (set: (typeof sets)[number]) => number): number => sets.reduce((all, set) => all + pick(set), 0);
  const number = (value: number): string => value.toLocaleString("en");
  const [weakened, seen] = [
    weakenings.reduce((all, row) => all + row.all, 0),
    weakenings.reduce((all, row) => all + row.through, 0),
  ];
  return `${number(sum(({ tries }) => tries))} changed runs of ${sum(({ runs }) => runs)} benign ones: ${violations.length} that got what the plan does not
give, by an oracle that asks no engine; ${differences.length} on which engine and reference interpreter disagree; ${sum(({ benignDenied }) => benignDenied)} benign calls denied. Of ${weakened} plans with
one protection less, ${seen} let a changed run through: the others are covered by another rule, or not seen.`;
}
