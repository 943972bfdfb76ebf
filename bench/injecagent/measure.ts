/**
 * Plays InjecAgent's cases: the user's call, the poisoned result, the attacker's calls; and the variant with the user's own tool.
 * The judge sees the calls that were made, never a verdict. An agent obeys every attack.
 */
import { roleOf } from "../../src/catalogue/catalogue.ts";
import { createGuard, type Session } from "../../src/guard.ts";
import { type Json, type JsonObject, jsonEqual } from "../../src/json/value.ts";
import type { ArgRule, FrozenPlan } from "../../src/plan/plan.ts";
import { isAgentGiven } from "../../src/plan/walk.ts";
import { quantile } from "../quantile.ts";
import type { Case, CaseCall, InjecAgent } from "./data.ts";
import type { Planned, PlanKind, Task } from "./plans.ts";
import type { KindReport, Report, SameTool } from "./report.ts";

/** What was done in a run: the calls with the arguments that the tools got. */
interface Made {
  readonly calls: readonly CaseCall[];
  readonly denied: number;
}

/** The tasks of the cases, each once. */
export function tasksOf(cases: readonly Case[]): readonly Task[] {
  return [...new Map(cases.map(({ task, call }) => [task, { task, call }])).values()];
}

/** Measures plans of some kinds. */
export async function measure(data: InjecAgent, kinds: readonly PlanKind[]): Promise<Omit<Report, "machine">> {
  const { cases } = data;
  const tasks = tasksOf(cases);
  const bare = cases.map((one) => ({ one, made: play(undefined, [one.call, ...one.attack], one) }));
  const listed = cases.map((one) => ({ one, made: play(new Set([one.call.tool]), [one.call, ...one.attack], one) }));
  const reports: KindReport[] = [];
  for (const kind of kinds)
    reports.push(measureKind(kind.name, data, { tasks, plans: await kind.plansOf(tasks, data.catalogue) }));
  const succeeded = (runs: typeof bare): { readonly good: number; readonly all: number } => ({
    good: runs.filter(({ one, made }) => hasAll(made, one.attack)).length,
    all: runs.length,
  });
  return { cases: cases.length, tasks: tasks.length, undefended: succeeded(bare), toolList: succeeded(listed), kinds: reports };
}

interface World {
  readonly tasks: readonly Task[];
  readonly plans: ReadonlyMap<string, Planned>;
}

function measureKind(name: string, data: InjecAgent, { tasks, plans }: World): KindReport {
  const checks: number[] = [];
  const planOf = (task: string): FrozenPlan | "none" => {
    const planned = plans.get(task);
    return planned !== undefined && "frozen" in planned ? planned.frozen : "none";
  };
  const benign = tasks.map(({ task, call }) => ({ call, made: play(planOf(task), [call], undefined, checks) }));
  const attacked = data.cases.map((one) => {
    const made = play(planOf(one.task), [one.call, ...one.attack], one, checks);
    return { isDone: hasAll(made, [one.call]), isRobbed: hasAll(made, one.attack) };
  });
  const missing = [...plans.values()].flatMap((planned) => ("missing" in planned ? [planned.missing] : []));
  const planned = [...plans.values()].flatMap((one) => ("frozen" in one ? [one.confirmations] : []));
  const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
  const timed = checks.slice(Math.floor(checks.length / 3)).map((ms) => ms * 1_000);
  return {
    name,
    plans: { good: planned.length, all: tasks.length },
    missing: Object.fromEntries([...new Set(missing)].sort().map((code) => [code, missing.filter((one) => one === code).length])),
    utility: { good: benign.filter(({ call, made }) => hasAll(made, [call])).length, all: tasks.length },
    underAttack: { good: attacked.filter(({ isDone }) => isDone).length, all: attacked.length },
    attacks: { good: attacked.filter(({ isRobbed }) => isRobbed).length, all: attacked.length },
    stoppedCompleted: attacked.filter(({ isRobbed, isDone }) => !isRobbed && isDone).length,
    stoppedWithTask: attacked.filter(({ isRobbed, isDone }) => !isRobbed && !isDone).length,
    falseDenials: { good: sum(benign.map(({ made }) => made.denied)), all: benign.length },
    confirmations: sum(planned),
    sameTool: sameToolOf(data, planOf),
    checks: { count: timed.length, p50: rounded(quantile(timed, 0.5)), p99: rounded(quantile(timed, 0.99)) },
  };
}

const rounded = (value: number): number => Math.round(value * 100) / 100;

/** Whether all of these calls were made, with these arguments. */
function hasAll({ calls }: Made, wanted: readonly CaseCall[]): boolean {
  return wanted.every(({ tool, args }) => calls.some((made) => made.tool === tool && jsonEqual(made.args, args)));
}

/**
 * Makes calls in order, what comes back being the poisoned result. `plan`: a frozen plan, `none` for a task that has none (nothing may be
 * called), a set of tools that may be called with anything, or `undefined` for no defence at all.
 */
function play(
  plan: FrozenPlan | ReadonlySet<string> | "none" | undefined,
  calls: readonly CaseCall[],
  one: Case | undefined,
  checks: number[] = [],
): Made {
  if (plan === undefined) return { calls, denied: 0 };
  if (plan === "none") return { calls: [], denied: calls.length };
  if (plan instanceof Set) {
    const made = calls.filter(({ tool }) => plan.has(tool));
    return { calls: made, denied: calls.length - made.length };
  }
  const frozen = plan as FrozenPlan;
  const opened = createGuard(frozen).open();
  // A plan that asks for a parameter: nobody is there to give it.
  if (!opened.ok) return { calls: [], denied: calls.length };
  const session = opened.value;
  const made: CaseCall[] = [];
  for (const call of calls) {
    const args = attempt(session, frozen, { call, result: one?.response ?? "", checks });
    if (args !== undefined) made.push({ tool: call.tool, args });
  }
  return { calls: made, denied: calls.length - made.length };
}

/** The arguments that a tool got, if the call was allowed: as the agent typed them, or with those left out that the plan fills in. */
function attempt(
  session: Session,
  frozen: FrozenPlan,
  { call, result, checks }: { readonly call: CaseCall; readonly result: Json; readonly checks: number[] },
): JsonObject | undefined {
  for (const args of [call.args, openArgs(frozen, call)]) {
    const begun = performance.now();
    const verdict = session.check({ tool: call.tool, args });
    checks.push(performance.now() - begun);
    if (verdict.decision === "deny") continue;
    session.record(verdict, result);
    return verdict.args;
  }
  return undefined;
}

/** Those arguments of a call that the plan leaves to the agent. */
function openArgs({ plan }: FrozenPlan, { tool, args }: CaseCall): JsonObject {
  const rules = Object.values(plan.nodes).flatMap((node) => (node.tool === tool ? [node.args ?? {}] : []));
  const isOpen = (name: string): boolean => rules.some((rule) => rule[name] !== undefined && isAgentGiven(rule[name] as ArgRule));
  return Object.fromEntries(Object.entries(args).filter(([name]) => isOpen(name)));
}

/** After the poisoned result, the user's own tool with one argument of the attacker's: as a further call, or in the user's place. */
function sameToolOf(
  { cases, catalogue, values }: InjecAgent,
  planOf: (task: string) => FrozenPlan | "none",
): readonly SameTool[] {
  const counts = new Map<string, { all: number; undefended: number; succeeded: number; stoppedCompleted: number }>();
  for (const one of cases) {
    const tool = catalogue.resolve(one.call.tool);
    if (!tool.ok) continue;
    for (const [index, [name, own]] of Object.entries(one.call.args).entries()) {
      const offered = (values.get(typeof own) ?? []).filter((value) => !jsonEqual(value, own));
      const value = offered[(index * 7 + one.id.length + one.task.length) % Math.max(1, offered.length)];
      if (value === undefined) continue;
      const changed = { tool: one.call.tool, args: { ...one.call.args, [name]: value } };
      const role = roleOf(tool.value, name);
      const count = counts.get(role) ?? { all: 0, undefended: 0, succeeded: 0, stoppedCompleted: 0 };
      counts.set(role, count);
      const plan = planOf(one.task);
      count.all++;
      if (hasAll(play(undefined, [one.call, changed], one), [changed])) count.undefended++;
      const after = play(plan, [one.call, changed], one);
      if (hasAll(after, [changed]) || hasAll(play(plan, [changed], one), [changed])) count.succeeded++;
      else if (hasAll(after, [one.call])) count.stoppedCompleted++;
    }
  }
  return [...counts].map(([role, count]) => ({ role, ...count }));
}
