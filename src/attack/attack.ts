/**
 * A generated adversary: tries all that a hijacked agent and the writers of untrusted data can do to a frozen plan, against the real engine.
 * Pure, deterministic and bounded. Executes nothing. What it finds is possible; what it does not find may be possible all the same.
 */
import type { Catalogue } from "../catalogue/catalogue.ts";
import type { SqlParser } from "../constraints/sql.ts";
import { createGuard, type Guard } from "../engine.ts";
import type { JsonObject } from "../json/value.ts";
import type { Finding } from "../plan/finding.ts";
import { catalogueOf } from "../plan/freeze-resolve.ts";
import { worstCaseFlows } from "../plan/lint.ts";
import type { FrozenPlan, Plan } from "../plan/plan.ts";
import { err, ok, type Result } from "../result.ts";
import { driveTo, openStage, playThrough } from "../simulate/drive.ts";
import type { Stage } from "../simulate/play.ts";
import type { Trace, TraceCall } from "../trace.ts";
import type { Attempt } from "./attempt.ts";
import { agentAttempts } from "./calls.ts";
import type { Judge } from "./judge.ts";
import { lateResults } from "./late.ts";
import { widerAmendments } from "./amendments.ts";
import { rewordedApprovals } from "./holds.ts";
import { budgetRaces } from "./races.ts";
import { agentParameters, batches, nextSessions } from "./sessions.ts";
import { changedDefinitions, type Refused, sessionParameters, strangerAttempts } from "./off-plan.ts";
import { poisonAttempts } from "./poison.ts";
import { type BaseRun, baseRun } from "./run.ts";
import { openTally, type Tallied } from "./tally.ts";

/** What the adversary came to. */
export interface AttackReport extends Tallied {
  /** Benign runs that it started from, with their calls. */
  readonly runs: readonly { readonly origin: string; readonly calls: number }[];
  /** Nodes that no benign run reached, so that nothing was tried there, and why. */
  readonly unreached: readonly { readonly node: string; readonly why: string }[];
}

/** How a plan is attacked. */
export interface AttackOptions {
  /** The catalogue whose other tools are tried. Default: the tools of the plan. */
  readonly catalogue?: Catalogue | undefined;
  /** Recorded benign runs to start from, beside those that are made up. */
  readonly traces?: readonly Trace[];
  /** Parameters of the recorded runs. */
  readonly params?: JsonObject;
  /** Parsers of the SQL dialects that the plan names. */
  readonly sql?: readonly SqlParser[];
  /** Tries at most. Default 50,000. */
  readonly tries?: number;
  /** Which tries are left out if there are too many. */
  readonly seed?: number;
  /** Lines at most. Default 100. */
  readonly lines?: number;
  readonly onProgress?: (done: number) => void;
}

const triesDefault = 50_000;
const linesDefault = 100;
/** Runs that are made up for nodes that others do not reach. */
const drivesMax = 40;

/** Attacks a frozen plan. The error is why it cannot be enforced at all. */
export function attackPlan(frozen: FrozenPlan, options: AttackOptions = {}): Result<AttackReport, readonly Finding[]> {
  const { sql = [] } = options;
  const guard = createGuard(frozen, { clock: () => 0, sql });
  if (!guard.ok) return guard;
  const stage = openStage(frozen, { sql });
  if (typeof stage === "string") return err([{ code: "INTERNAL", severity: "error", pointer: "", message: stage }]);
  const bases = baseRuns(frozen, guard.value, options);
  const judge: Judge = {
    plan: guard.value.program.plan,
    labels: guard.value.program.labels,
    flows: worstCaseFlows(shownPlan(frozen, guard.value), catalogueOf(frozen)),
  };
  const { tries: triesMax = triesDefault, lines: linesMax = linesDefault, seed = 0, onProgress } = options;
  const tally = openTally(judge, guard.value, { triesMax, linesMax, seed, onProgress });
  const attacked = { ...stage, guard: guard.value };
  for (const base of bases) for (const attempt of attemptsOf(attacked, { base, bases }, options)) tally.take(attempt);
  for (const base of bases) for (const refused of lateResults(frozen, base, sql)) tally.refuse(refused);
  for (const refused of changedDefinitions(frozen)) tally.refuse(refused);
  for (const refused of sessionParameters(guard.value, bases[0]?.params ?? {})) tally.refuse(refused);
  for (const refused of untraced(guard.value, { stage, bases }, options)) tally.refuse(refused);
  const runs = bases.map(({ origin, calls }) => ({ origin, calls: calls.length }));
  return ok({ ...tally.report(), runs, unreached: unreachedBy(stage, { frozen, bases, sql }) });
}

/** Tries with time, batches, sessions, amendments and approvals, none of which a trace can say. */
function* untraced(
  guard: Guard,
  { stage, bases }: { readonly stage: Stage; readonly bases: readonly BaseRun[] },
  { sql = [], catalogue }: AttackOptions,
): Generator<Refused> {
  for (const base of bases.slice(0, untracedRunsMax)) {
    yield* budgetRaces(guard.frozen, base, { sql });
    yield* batches(guard, base);
    yield* nextSessions(guard, base);
    yield* agentParameters(guard, base);
  }
  const [base] = bases;
  if (base !== undefined) yield* widerAmendments(guard, base, catalogue);
  yield* rewordedApprovals(guard, stage.asked, { sql, people: guard.policy?.approval?.calls?.by ?? ["a", "b"] });
}

/** Runs from which tries without a trace are made. */
const untracedRunsMax = 4;

/** The plan as its approver reads it: his own nodes, and the labels and flow rules that a policy put beside his. */
function shownPlan({ plan }: FrozenPlan, guard: Guard): Plan {
  const tightened = guard.program.plan.frozen.plan;
  const { unknown: _, ...labels } = tightened.labels ?? {};
  const flows = new Map((tightened.flows ?? []).map((flow) => [flow.id, flow]));
  return { ...plan, labels, flows: [...flows.values()] };
}

function unreachedBy(
  { asked }: Stage,
  { frozen, bases, sql }: { readonly frozen: FrozenPlan; readonly bases: readonly BaseRun[]; readonly sql: readonly SqlParser[] },
): AttackReport["unreached"] {
  const reached = new Set(bases.flatMap(({ calls }) => calls.map(({ node }) => node)));
  const missing = Object.entries(frozen.plan.nodes).filter(([name, { tool }]) => tool !== undefined && !reached.has(name));
  return missing.map(([node]) => {
    if (asked.has(node)) return { node, why: "a person approves each call" };
    const drive = driveTo(frozen, { node }, { sql });
    return { node, why: drive.ok ? "it comes after a call that a person approves" : drive.why };
  });
}

/** Recorded runs, one that makes every call it can, one that reads what strangers wrote first, and one for each node that is left. */
function baseRuns(frozen: FrozenPlan, guard: Guard, { traces = [], params = {}, sql = [] }: AttackOptions): readonly BaseRun[] {
  const bases: BaseRun[] = [];
  const add = (base: BaseRun | undefined): void => {
    if (base !== undefined && base.calls.length > 0) bases.push(base);
  };
  for (const [i, trace] of traces.entries()) add(baseRun(guard, trace.events, { origin: `recorded run ${i + 1}`, params }));
  for (const readsFirst of [false, true]) {
    const through = playThrough(frozen, { readsFirst, sql });
    const origin = readsFirst ? "made-up run, strangers' data first" : "made-up run of every node";
    if (through.ok) add(baseRun(guard, through.trace, { origin, params: through.params }));
  }
  const missing = guard.program.plan.nodes.filter(
    ({ tool, name }) => tool !== undefined && !bases.some(({ calls }) => calls.some(({ node }) => node === name)),
  );
  for (const { name } of missing.slice(0, drivesMax)) {
    const drive = driveTo(frozen, { node: name }, { sql });
    if (drive.ok) add(baseRun(guard, drive.trace, { origin: `made-up run to ${name}`, params: drive.params }));
  }
  return bases;
}

function* attemptsOf(
  stage: Stage,
  { base, bases }: { readonly base: BaseRun; readonly bases: readonly BaseRun[] },
  { catalogue }: AttackOptions,
): Generator<Attempt> {
  yield* strangerAttempts(stage.guard, base, catalogue);
  yield* agentAttempts(stage.guard, base);
  yield* poisonAttempts(stage, base, callsElsewhere(base, bases));
}

/** Calls of nodes that other runs make and this one does not: poisoned data may make them possible. */
function callsElsewhere(base: BaseRun, bases: readonly BaseRun[]): readonly TraceCall[] {
  const known = new Set(base.calls.map(({ node }) => node));
  return bases.flatMap(({ calls }) =>
    calls.flatMap(({ node, tool, sent }): TraceCall[] => {
      if (known.has(node)) return [];
      known.add(node);
      return [{ type: "call", id: `also ${node}`, tool, args: sent }];
    }),
  );
}
