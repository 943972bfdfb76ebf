/**
 * What a run of the suite has to say, and what of it is wrong with the suite itself.
 * Pure. Never a problem that is only a bad figure of Sluice: those stand in the table.
 */
import type { MachineFacts } from "../machine.ts";

/** A benign run. */
export interface TaskReport {
  readonly name: string;
  /** Whether the task was completed, without and with Sluice. */
  readonly undefended: boolean;
  readonly sluice: boolean;
  /** Calls of all agents, with Sluice, and those of them that were refused. */
  readonly calls: number;
  readonly falseDenials: number;
  /** How often a person was asked. */
  readonly confirmations: number;
}

/** How an attacked run ended. */
export interface Ending {
  readonly succeeded: boolean;
  /** Whether the user's task was completed all the same. */
  readonly completed: boolean;
}

/** An attack. */
export interface AttackReport {
  readonly name: string;
  readonly kind: string;
  readonly undefended: Ending;
  readonly sluice: Ending;
  /** With a person who approves whatever waits. */
  readonly succeededIfAllApproved: boolean;
  readonly confirmations: number;
  /** Of an attack by data: whether a recorded denial names its first source and every hop. */
  readonly isSourceNamed?: boolean;
  /** Why it is said beforehand that Sluice does not stop it. */
  readonly remains?: string;
}

/** A scenario. */
export interface ScenarioReport {
  readonly name: string;
  readonly title: string;
  readonly agents: number;
  /** Those of them that are behind a Sluice. */
  readonly guarded: number;
  readonly tasks: readonly TaskReport[];
  readonly attacks: readonly AttackReport[];
}

/** What `results/multi-agent.json` holds. */
export interface Report {
  readonly machine: MachineFacts;
  readonly scenarios: readonly ScenarioReport[];
  /** Checks that were timed, over a store in memory, receipts signed where one goes along; microseconds. */
  readonly checks: { readonly count: number; readonly p50: number; readonly p99: number };
}

/** All attacks of a report. */
export function attacksOf({ scenarios }: Pick<Report, "scenarios">): readonly AttackReport[] {
  return scenarios.flatMap(({ attacks }) => attacks);
}

/** All benign runs of a report. */
export function tasksOf({ scenarios }: Pick<Report, "scenarios">): readonly TaskReport[] {
  return scenarios.flatMap(({ tasks }) => tasks);
}

/** What makes a run worthless: an attack or a task that does not work without Sluice, and what was said of an attack and is not so. */
export function problemsOf({ scenarios }: Pick<Report, "scenarios">): readonly string[] {
  return scenarios.flatMap(({ name: scenario, tasks, attacks }) => [
    ...tasks.filter(({ undefended }) => !undefended).map(({ name }) => `${scenario}: ${name} is not completed without Sluice`),
    ...attacks.flatMap(({ name, undefended, sluice, remains }) => {
      if (!undefended.succeeded) return [`${scenario}: ${name}: does not succeed without Sluice, so stopping it shows nothing`];
      if (sluice.succeeded && remains === undefined) return [`${scenario}: ${name}: succeeds with Sluice, and nothing said so`];
      if (!sluice.succeeded && remains !== undefined) return [`${scenario}: ${name}: is said to remain, and is stopped`];
      return [];
    }),
  ]);
}
