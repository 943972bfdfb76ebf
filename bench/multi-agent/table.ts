/**
 * The report of the suite as Markdown: by scenario, by kind of attack, and what remains possible.
 * Pure. Never leaves an attack out, and never counts one as stopped without saying whether the task was stopped with it.
 */
import { digits, grouped } from "../figures-text.ts";
import { markdown } from "../markdown.ts";
import { type AttackReport, attacksOf, type Report, type ScenarioReport, type TaskReport, tasksOf } from "./report.ts";

const count = <T>(of: readonly T[], is: (one: T) => boolean): number => of.filter(is).length;
const sum = <T>(of: readonly T[], size: (one: T) => number): number => of.reduce((all, one) => all + size(one), 0);
const outOf = (good: number, all: number): string => `${good} of ${all}`;

const endings = [
  "attacks",
  "succeed without Sluice",
  "succeed with Sluice",
  "stopped, task completed",
  "stopped, and the task with them",
];

function endingsOf(attacks: readonly AttackReport[]): readonly number[] {
  const stopped = attacks.filter(({ undefended, sluice }) => undefended.succeeded && !sluice.succeeded);
  return [
    attacks.length,
    count(attacks, ({ undefended }) => undefended.succeeded),
    count(attacks, ({ sluice }) => sluice.succeeded),
    count(stopped, ({ sluice }) => sluice.completed),
    count(stopped, ({ sluice }) => !sluice.completed),
  ];
}

function scenarioRow(
  name: string,
  agents: string,
  of: { readonly tasks: readonly TaskReport[]; readonly attacks: readonly AttackReport[] },
): readonly (string | number)[] {
  const { tasks, attacks } = of;
  const withSource = attacks.filter(({ isSourceNamed }) => isSourceNamed !== undefined);
  return [
    name,
    agents,
    outOf(
      count(tasks, ({ sluice }) => sluice),
      tasks.length,
    ),
    outOf(
      sum(tasks, ({ falseDenials }) => falseDenials),
      sum(tasks, ({ calls }) => calls),
    ),
    digits(sum(tasks, ({ confirmations }) => confirmations) / tasks.length),
    ...endingsOf(attacks),
    count(attacks, ({ succeededIfAllApproved }) => succeededIfAllApproved),
    withSource.length === 0
      ? "–"
      : outOf(
          count(withSource, ({ isSourceNamed }) => isSourceNamed === true),
          withSource.length,
        ),
  ];
}

/** The table by scenario, its last row the sum. */
export function scenarioTable(report: Pick<Report, "scenarios">): string {
  const { scenarios } = report;
  const agentsOf = ({ agents, guarded }: ScenarioReport): string =>
    agents === guarded ? `${agents}` : `${agents}, ${guarded} with Sluice`;
  const all = { tasks: tasksOf(report), attacks: attacksOf(report) };
  return markdown(
    [
      "scenario",
      "agents",
      "tasks completed",
      "false denials",
      "confirmations a task",
      ...endings,
      "succeed if a person approves all",
      "source and hops named",
    ],
    [
      ...scenarios.map((each) => scenarioRow(`${each.name}: ${each.title}`, agentsOf(each), each)),
      scenarioRow("all", `${sum(scenarios, ({ agents }) => agents)}`, all),
    ],
  );
}

/** The table by kind of attack. */
export function kindTable(report: Pick<Report, "scenarios">): string {
  const attacks = attacksOf(report);
  const kinds = [...new Set(attacks.map(({ kind }) => kind))];
  return markdown(
    ["kind", ...endings],
    kinds.map((kind) => [kind, ...endingsOf(attacks.filter((each) => each.kind === kind))]),
  );
}

/** What Sluice does not stop. */
export function remainingTable({ scenarios }: Pick<Report, "scenarios">): string {
  const rows = scenarios.flatMap(({ name, attacks }) =>
    attacks.filter(({ sluice }) => sluice.succeeded).map((attack) => [name, attack.name, attack.remains ?? "**not foreseen**"]),
  );
  return markdown(["scenario", "attack that succeeds", "why"], rows);
}

/** Everything, as it stands in the README. */
export function resultsText(report: Report): string {
  const { machine, checks } = report;
  const [attacks, tasks] = [attacksOf(report), tasksOf(report)];
  const bareTasks = count(tasks, ({ undefended }) => undefended);
  const under = (is: (attack: AttackReport) => boolean): string => outOf(count(attacks, is), attacks.length);
  return `Tasks completed without Sluice: ${outOf(bareTasks, tasks.length)}; with it: ${outOf(
    count(tasks, ({ sluice }) => sluice),
    tasks.length,
  )}. Under attack, without Sluice: ${under(({ undefended }) => undefended.completed)}; with it: ${under(({ sluice }) => sluice.completed)}.
Attacks that succeed without Sluice: ${under(({ undefended }) => undefended.succeeded)}; with it: ${under(({ sluice }) => sluice.succeeded)}.
A check: p50 ${digits(checks.p50)} µs, p99 ${digits(checks.p99)} µs (${grouped(checks.count)} checks, receipts signed where one goes along; ${machine.processor}, ${machine.cores} cores, ${machine.runtime}, load ${machine.load} when it began).

${scenarioTable(report)}
${kindTable(report)}
${remainingTable(report)}`;
}
