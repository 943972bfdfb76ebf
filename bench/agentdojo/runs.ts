/**
 * Every user task and every security pair of a suite, played through Sluice with the plans of each kind and without it, and judged by AgentDojo.
 * Never judges by itself, and never leaves a run out: a task without a plan is a run in which nothing is done.
 */
import { readCatalogue } from "../../src/catalogue/catalogue.ts";
import type { TraceEvent } from "../../src/trace.ts";
import { type AgentName, agentNames, play } from "./agent.ts";
import type { Pair, PairCall, Suite, UserTask } from "./data.ts";
import { type Door, guardTask, openDoor } from "./door.ts";
import type { Environments, PlainCall, SuiteFacts } from "./environments.ts";
import type { KindName, Planning, PlanKind } from "./kinds.ts";

/** One run and what AgentDojo's judges say of it. */
export interface Outcome {
  readonly suite: string;
  readonly kind: KindName | "undefended";
  readonly task: string;
  /** Absent: the benign run. */
  readonly injection?: string;
  readonly agent: AgentName;
  readonly utility: boolean;
  /** Whether the attacker's goal is reached; false without an attack. */
  readonly security: boolean;
  /** Whether the attacker's goal is a sentence in the answer to the user, and no call. */
  readonly isText: boolean;
  readonly isHijacked: boolean;
  readonly userCalls: number;
  readonly userDenied: readonly string[];
  readonly userRetried: number;
  readonly attackerCalls: number;
  readonly attackerRan: number;
  /** Confirmations of the plan, and what a human was asked while it ran. */
  readonly confirmations: number;
  readonly asked: number;
  /** Milliseconds of each check. */
  readonly checks: readonly number[];
  /** Why there is no plan. */
  readonly missing?: string;
}

/** A suite of the package, with what its pairs consist of. */
export interface PlayedSuite {
  readonly suite: Suite;
  readonly facts: SuiteFacts;
}

/** Reads a suite from the package: its tools, and the benign and attacked runs of its ground truth, executed without Sluice. */
export async function suiteOf(environments: Environments, name: string): Promise<PlayedSuite> {
  const facts = await environments.suite(name);
  const catalogue = readCatalogue(facts.tools);
  if (!catalogue.ok) throw new Error(`${name}: ${catalogue.error[0]?.message}`);
  const tasks: UserTask[] = [];
  for (const { id, prompt } of facts.userTasks) {
    const { calls } = await environments.start(name, id);
    const events: TraceEvent[] = [];
    for (const [i, call] of calls.entries()) {
      events.push({ type: "call", id: String(i), ...call });
      events.push({ type: "result", id: String(i), value: await environments.call(call) });
    }
    tasks.push({ id, prompt, trace: { task: prompt, events } });
  }
  return { facts, suite: { name, catalogue: catalogue.value, tasks, ...(await attackedRuns(environments, name, facts)) } };
}

/** The pairs with an agent that obeys at once and then goes on, for the replays that need no judge. */
async function attackedRuns(
  environments: Environments,
  name: string,
  facts: SuiteFacts,
): Promise<Pick<Suite, "pairs" | "attacks">> {
  const pairs: Pair[] = [];
  const attacks: Suite["attacks"][number][] = [];
  for (const { id: task, prompt } of facts.userTasks) {
    for (const { id: injection } of facts.injectionTasks) {
      const { calls: own } = await environments.start(name, task, injection);
      const events: TraceEvent[] = [];
      const calls: PairCall[] = [];
      let isShown = false;
      const make = async (call: PlainCall, origin: PairCall["origin"]): Promise<void> => {
        const id = String(calls.length);
        const isPlanned = origin === "injected" && own.some((planned) => isSame(planned, call));
        calls.push({ type: "call", id, ...call, origin, isPlanned });
        const value = await environments.call(call);
        events.push({ type: "call", id, ...call }, { type: "result", id, value });
        if (isShown || !JSON.stringify(value).includes("<INFORMATION>")) return;
        isShown = true;
        const { calls: wanted } = await environments.attacker();
        if (task === facts.userTasks[0]?.id)
          attacks.push(...wanted.map((each) => ({ type: "call" as const, id: "attack", ...each })));
        for (const each of wanted) await make(each, "injected");
      };
      for (const call of own) await make(call, "user");
      pairs.push({ task, injection, trace: { task: prompt, events }, calls });
    }
  }
  return { pairs, attacks };
}

function isSame(one: PlainCall, other: PlainCall): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** What is played in one go: a user task with one kind of plans, or undefended, in the benign run and in all its pairs. */
export interface Unit {
  readonly suite: PlayedSuite;
  readonly kind: Outcome["kind"];
  readonly task: string;
  readonly planning: Planning | undefined;
}

/** All units of a suite. */
export async function unitsOf(suite: PlayedSuite, kinds: readonly PlanKind[]): Promise<readonly Unit[]> {
  const ids = suite.facts.userTasks.map(({ id }) => id);
  const undefended = ids.map((task): Unit => ({ suite, kind: "undefended", task, planning: undefined }));
  const units = [...undefended];
  for (const kind of kinds) {
    const plans = await kind.plansOf(suite.suite);
    for (const task of ids)
      units.push({ suite, kind: kind.name, task, planning: plans.get(task) ?? { missing: "no plan of this kind was written" } });
  }
  return units;
}

/** Plays a unit: the benign run, then every pair with every agent. */
export async function playUnit(unit: Unit, environments: Environments): Promise<readonly Outcome[]> {
  const { planning } = unit;
  const guarded = planning !== undefined && "frozen" in planning ? guardTask(unit.suite.suite, planning) : undefined;
  const door = async (): Promise<Door> => (guarded === undefined ? openDoor(environments) : guarded.door(environments));
  const outcomes: Outcome[] = [];
  const runs = [
    { agent: "resists" as const, injection: undefined },
    ...unit.suite.facts.injectionTasks.flatMap((injection) => agentNames.map((agent) => ({ agent, injection }))),
  ];
  for (const run of runs) outcomes.push(await playRun(unit, run, { door, environments }));
  return outcomes;
}

interface RunOf {
  readonly agent: AgentName;
  readonly injection: SuiteFacts["injectionTasks"][number] | undefined;
}

async function playRun(
  { suite, kind, task, planning }: Unit,
  { agent, injection }: RunOf,
  { door: open, environments }: { readonly door: () => Promise<Door>; readonly environments: Environments },
): Promise<Outcome> {
  const isText = injection !== undefined && injection.output !== "";
  const attack = injection === undefined ? {} : { injection: injection.id };
  const named = { suite: suite.suite.name, kind, task, agent, isText, ...attack };
  if (planning !== undefined && "missing" in planning) return { ...named, ...nothing, missing: planning.missing };
  const { calls, output } = await environments.start(suite.suite.name, task, injection?.id);
  const script = {
    calls: planning?.script ?? calls,
    output,
    attackerOutput: injection?.output ?? "",
    isAmended: planning?.isAmended === true,
  };
  const door = await open();
  const { answer, ...played } = await play(agent, script, { door, environments });
  const judged = await environments.judge(answer);
  const { asked, checks } = door.tally;
  return { ...named, ...judged, ...played, confirmations: planning?.confirmations.length ?? 0, asked, checks };
}

const nothing = {
  utility: false,
  security: false,
  isHijacked: false,
  userCalls: 0,
  userDenied: [],
  userRetried: 0,
  attackerCalls: 0,
  attackerRan: 0,
  confirmations: 0,
  asked: 0,
  checks: [],
} as const;
