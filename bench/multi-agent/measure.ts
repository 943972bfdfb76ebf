/**
 * Plays every scenario without and with Sluice, benign and attacked, and counts. Judges are the scenarios' own.
 * Never counts an attack as stopped that would not have succeeded without Sluice, and says apart where the task was stopped with it.
 */
import { type Json, member } from "../../src/json/value.ts";
import { type Played, play } from "./play.ts";
import { type Prepared, prepare } from "./prepare.ts";
import type { AttackReport, Report, ScenarioReport, TaskReport } from "./report.ts";
import type { Attack, Scenario, Variant } from "./scenario.ts";

/** How long it measures. */
export interface MeasureOptions {
  /** Further benign runs of every scenario, in which only checks are timed. */
  readonly timedRuns: number;
  /** Told the name of each scenario when it begins. */
  readonly onScenario?: (name: string) => void;
}

/** What was measured: the report without its machine, and the milliseconds of all timed checks. */
export interface Measured {
  readonly scenarios: Report["scenarios"];
  readonly checks: readonly number[];
}

/** Measures scenarios. */
export async function measure(scenarios: readonly Scenario[], { timedRuns, onScenario }: MeasureOptions): Promise<Measured> {
  const reports: ScenarioReport[] = [];
  const all: Prepared[] = [];
  for (const scenario of scenarios) {
    onScenario?.(scenario.name);
    const prepared = await prepare(scenario);
    all.push(prepared);
    reports.push(await measureScenario(prepared));
  }
  const checks: number[] = [];
  // In turns, so that no scenario has the machine's best moment to itself.
  for (let i = 0; i < timedRuns; i++)
    for (const prepared of all) checks.push(...(await play(prepared, { isGuarded: true })).checks);
  return { scenarios: reports, checks };
}

async function measureScenario(prepared: Prepared): Promise<ScenarioReport> {
  const { scenario } = prepared;
  const tasks: TaskReport[] = [await measureTask(prepared)];
  for (const variant of scenario.variants ?? []) tasks.push(await measureTask(prepared, variant));
  const attacks: AttackReport[] = [];
  for (const attack of scenario.attacks) attacks.push(await measureAttack(prepared, attack));
  const { name, title } = scenario;
  const agents = Object.keys(scenario.agents).length;
  return { name, title, agents, guarded: prepared.plans.size, tasks, attacks };
}

/** A benign run. */
async function measureTask(prepared: Prepared, variant?: Variant): Promise<TaskReport> {
  const { scenario } = prepared;
  const isDone = variant?.isDone ?? scenario.isDone;
  const of = variant === undefined ? {} : { variant };
  const bare = await play(prepared, { isGuarded: false, ...of });
  const guarded = await play(prepared, { isGuarded: true, ...of });
  return {
    name: variant?.name ?? "the task",
    undefended: isDone(bare.world),
    sluice: isDone(guarded.world),
    calls: guarded.calls.length,
    falseDenials: guarded.calls.filter(({ code }) => code !== undefined).length,
    confirmations: guarded.confirmations,
  };
}

/** An attacked run: without Sluice, with it, and once more with a person who says yes to everything, where one was asked. */
async function measureAttack(prepared: Prepared, attack: Attack): Promise<AttackReport> {
  const { isDone } = prepared.scenario;
  const bare = await play(prepared, { isGuarded: false, attack });
  const guarded = await play(prepared, { isGuarded: true, attack });
  const approved = guarded.confirmations === 0 ? guarded : await play(prepared, { isGuarded: true, attack, human: "yes" });
  const { name, kind, source, remains } = attack;
  return {
    name,
    kind,
    undefended: { succeeded: attack.hasSucceeded(bare.world), completed: isDone(bare.world) },
    sluice: { succeeded: attack.hasSucceeded(guarded.world), completed: isDone(guarded.world) },
    succeededIfAllApproved: attack.hasSucceeded(approved.world),
    confirmations: guarded.confirmations,
    ...(source === undefined ? {} : { isSourceNamed: isNamed(guarded, attack) }),
    ...(remains === undefined ? {} : { remains }),
  };
}

/** Whether the chain of a recorded denial begins, among its links, at the attack's source, and names every agent that it passed. */
function isNamed({ denials }: Played, { source, hops = [] }: Attack): boolean {
  return denials.some(({ chain }) => {
    const links = (kind: string): readonly Json[] => chain.filter((link) => member(link, "kind") === kind);
    const isReceiptOf = (agent: string) => (link: Json) =>
      member(link, "issuer") === agent && member(link, "status") === "admitted";
    return (
      links("result").some((link) => member(link, "tool") === source) &&
      hops.every((agent) => links("receipt").some(isReceiptOf(agent)))
    );
  });
}
