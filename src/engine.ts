/**
 * The engine in one piece: a guard enforces one frozen plan, a session is one run of it.
 * Synchronous and in memory; stores keep a session by its events. Time, ids and secrets are passed in.
 */
import { diffCompiled, isWithin, type PlanDiff } from "./amend/diff.ts";
import { decide, decideRelease } from "./decide/decide.ts";
import { continueUnder, refuseContinuation } from "./decide/continue.ts";
import { apply, openState } from "./decide/fold.ts";
import { approveEvent, type HoldDecision, type HoldState } from "./decide/hold.ts";
import type { Made } from "./decide/made.ts";
import { type Observation, observe, type ToolResult } from "./decide/observe.ts";
import { createProgram, type Program } from "./decide/program.ts";
import type { Received, ReceivedParams } from "./decide/received.ts";
import type { SessionEvent, SessionState } from "./decide/state.ts";
import { denialOf, type Verdict, verdictOf } from "./decide/verdict.ts";
import { type Code, CODES } from "./codes.ts";
import type { SqlDialect, SqlParser } from "./constraints/sql.ts";
import { strictCopy } from "./json/strict.ts";
import type { Json, JsonObject } from "./json/value.ts";
import { amendmentsPerSessionMax, holdSecondsDefault, leaseSecondsDefault } from "./limits.ts";
import { readParams } from "./decide/params.ts";
import { compilePlan } from "./plan/compile.ts";
import { holdTo, withPolicy } from "./plan/freeze-policy.ts";
import { approverKeys } from "./policy/approvers.ts";
import { policyOf } from "./policy/frozen.ts";
import type { Policy } from "./policy/policy.ts";
import type { Finding } from "./plan/finding.ts";
import type { CompiledPlan } from "./plan/compile/compiled.ts";
import type { FrozenPlan } from "./plan/plan.ts";
import type { InputUser } from "./lang/input.ts";
import { utcOnly } from "./lang/input/utc.ts";
import type { Clock, Zones } from "./ports.ts";
import { assert, err, ok, type Result } from "./result.ts";
import { bottom, join, type Label, type LabelValue } from "./taint/label.ts";

/** Options of a guard. */
export interface GuardOptions {
  /** Milliseconds since the epoch. The engine never looks at a clock itself. */
  readonly clock: Clock;
  /** Time zones, to read parameters with. Default: UTC alone. */
  readonly zones?: Zones;
  /** Seconds after which an unsettled call counts as failed. */
  readonly leaseSeconds?: number;
  /** Seconds that a call waits for a human at most. */
  readonly holdSeconds?: number;
  /** Parsers of the dialects of SQL that the plan names (`sluice/sql/postgres`, `sluice/sql/node-sql-parser`). */
  readonly sql?: readonly SqlParser[];
  /** The organisation's rules of today, besides those that were frozen with the plan. A plan that violates either is refused. */
  readonly policy?: Policy;
}

/** What a host says when it opens a session. */
export interface SessionOptions {
  /** Unguessable and unique: it is the agent's credential for the session. */
  readonly id: string;
  /** Secret of the session's handles: at least 32 hexadecimal digits of randomness. */
  readonly key: string;
  readonly principal?: string;
  /** What the agent can remember; sessions of one conversation share a context label. Default: the session itself. */
  readonly conversation?: string;
  readonly params?: JsonObject;
  /** Whose time zone and locale the parameters are written in, where the plan says how they are read. */
  readonly user?: InputUser;
  /** Names of parameters that the agent filled in: they carry the context label. */
  readonly agentParams?: readonly string[];
  /** Parameters that came from other agents: they carry what the receipts say in place of `user_input`, and so does the context. */
  readonly received?: readonly ReceivedParams[];
  /** Context label that earlier sessions of the conversation left. */
  readonly context?: LabelValue;
}

/** A tool call as an agent makes it. */
export interface AttemptedCall {
  readonly tool: string;
  readonly args: Json;
  /** The node of the plan, where a call fits several. Also read from `args.sluice_node`. */
  readonly node?: string;
  /** Labels that the arguments carry, by name, as far as the caller knows; `""`: all of them. They only raise what the plan says. */
  readonly labels?: { readonly [arg: string]: LabelValue };
}

/**
 * Enforces one frozen plan. Budgets of scope `principal` and `plan` are only listed in a verdict (`shared`): who counts them over sessions is a
 * store, as the enforcement point of `surfaces/enforce.ts` does.
 */
export interface Guard {
  readonly program: Program;
  readonly digest: string;
  /** The plan as it was frozen, with its signature and approvals. */
  readonly frozen: FrozenPlan;
  /** A guard for another plan, with the same options. */
  guardOf(frozen: FrozenPlan): Result<Guard, readonly Finding[]>;
  /** The policies in force, composed: the one that was frozen with the plan, and today's. */
  readonly policy: Policy | undefined;
  /** Opens a session; the error says which parameter is not what the plan asks for. */
  session(options: SessionOptions): Result<Session, SessionError>;
  /** Rebuilds a session from all its events, in order. `plans`: those that it was amended to. */
  resume(events: readonly SessionEvent[], plans?: readonly FrozenPlan[]): Session;
}

/** Why a session cannot be opened. */
export interface SessionError {
  readonly code: Code;
  /** JSON pointer into the options. */
  readonly pointer: string;
  readonly message: string;
}

/** One run of a frozen plan. */
export interface Session {
  readonly state: SessionState;
  /** Every event so far that this object has made, oldest first: what a store keeps. */
  readonly events: readonly SessionEvent[];
  /** Decides a call and records the verdict. */
  check(call: AttemptedCall): Verdict;
  /**
   * Decides calls that the agent made at once, each as if the others had returned: before any is checked, the context is joined with
   * the labels of the tools of all of them.
   */
  checkBatch(calls: readonly AttemptedCall[]): readonly Verdict[];
  /** Takes the result of an allowed call, with what a receipt makes of that of another agent, and says what the agent may see of it. */
  record(run: number, result: ToolResult, options?: { readonly received?: Received }): Observation;
  /** Calls that were held for a human, oldest first: what the approver must see, and no agent. */
  holds(): readonly HoldState[];
  /** Records what a human says of a held call. Whoever calls this has authenticated the human: the agent must never reach it. */
  approve(hold: string, said: Pick<HoldDecision, "by" | "decision">): Result<undefined, Code>;
  /** Asks for a held call to be released: allowed once, with exactly the held bytes, if it was approved in time and still passes. */
  release(hold: string): Verdict;
  /**
   * Goes on under another plan. By `"agent"` it must not allow more than the plan does (`AMEND_WIDER`); by anyone else, whom the caller has
   * authenticated, it may. Errors also: the code of `refuseContinuation`, `AMEND_INVALID` (it cannot be enforced), `SESSION_CLOSED`.
   */
  amend(plan: FrozenPlan, options: { readonly by: string }): Result<PlanDiff, Code>;
  /** The context label of the conversation, as far as this session knows. */
  context(): LabelValue;
  /** The label of all that the result of a settled run says; `undefined` for a run that has none. */
  resultLabel(run: number): LabelValue | undefined;
  close(): void;
}

/** A guard for a frozen plan, or the findings that forbid it. */
export function createGuard(frozen: FrozenPlan, options: GuardOptions): Result<Guard, readonly Finding[]> {
  const held = holdTo(frozen, options.policy);
  if (!held.ok) return held;
  const compiled = compilePlan(held.value);
  if (!compiled.ok) return compiled;
  const missing = missingParsers(compiled.value, options.sql ?? []);
  if (missing.length > 0) return err(missing);
  const under = withPolicy(frozen, options.policy);
  if (!under.ok) return under;
  const policy = policyOf(under.value);
  const { by, people = 1 } = policy?.approval?.calls ?? {};
  const program = createProgram(compiled.value, options.sql, {
    people,
    keys: approverKeys(policy),
    ...(by === undefined ? {} : { by }),
  });
  const leaseMs = (options.leaseSeconds ?? leaseSecondsDefault) * 1_000;
  const holdMs = (options.holdSeconds ?? holdSecondsDefault) * 1_000;
  const guardOf = (other: FrozenPlan): Result<Guard, readonly Finding[]> => createGuard(other, options);
  const settings = { program, clock: options.clock, leaseMs, holdMs, guardOf };
  return ok({
    program,
    digest: frozen.digest,
    frozen,
    guardOf,
    policy,
    session: (session) => {
      const event = openEvent(program, session, { at: options.clock(), zones: options.zones });
      return event.ok ? ok(createSession(settings, openState(program, event.value), [event.value])) : event;
    },
    resume: (events, plans = []) => {
      const programs = plans.flatMap((plan) => {
        const other = guardOf(plan);
        return other.ok ? [other.value.program] : [];
      });
      const resumed = resumeUnder(program, events, (digest) => programs.find(({ plan }) => plan.frozen.digest === digest));
      return createSession({ ...settings, program: resumed.program }, resumed.state, [...events]);
    },
  });
}

/** Nodes that name a dialect of SQL whose parser was not given: nothing could pass there, so the guard does not start. */
function missingParsers({ nodes }: CompiledPlan, parsers: readonly SqlParser[]): readonly Finding[] {
  const dialects = new Set(parsers.map(({ dialect }) => dialect));
  return nodes.flatMap(({ name, constraints, within }) => {
    const missing = [constraints, ...within].find(({ dialect }) => dialect !== undefined && !dialects.has(dialect));
    if (missing === undefined) return [];
    const message = `the plan asks for the parser of \`${missing.dialect}\`: pass it as \`sql\`, from ${parserModules[missing.dialect ?? "postgres"]}`;
    return [{ code: "SQL_PARSER_MISSING", severity: "error", pointer: `/nodes/${name}/constraints/sql/dialect`, message }];
  });
}

const parserModules: { readonly [D in SqlDialect]: string } = {
  postgres: "`sluice/sql/postgres`",
  sqlite: "`sluice/sql/node-sql-parser`",
  mysql: "`sluice/sql/node-sql-parser`",
};

/** A session with the program that it has come to by its amendments. */
export interface Resumed {
  readonly program: Program;
  readonly state: SessionState;
}

/** Folds all events of a session; `programOf` gives the programs of the plans that it was amended to. */
export function resumeUnder(
  program: Program,
  events: readonly SessionEvent[],
  programOf: (digest: string) => Program | undefined,
): Resumed {
  const [first, ...rest] = events;
  if (first?.type !== "open") throw new TypeError("the first event of a session is `open`");
  const state = openState(program, first);
  return { program: applyAll(program, state, rest, programOf), state };
}

/** Folds events, amendments included; returns the program that the state is one of afterwards. */
export function applyAll(
  program: Program,
  state: SessionState,
  events: readonly SessionEvent[],
  programOf: (digest: string) => Program | undefined,
): Program {
  let current = program;
  for (const event of events) {
    if (event.type !== "amend") {
      apply(current, state, event);
      continue;
    }
    const next = programOf(event.plan);
    assert(next !== undefined, "the plan of an amendment is there when it is folded");
    continueUnder(state, current, next, event);
    current = next;
  }
  return current;
}

/** The `open` event of a session, its parameters read and checked, and defaults filled in. */
export function openEvent(
  program: Program,
  options: SessionOptions,
  { at, zones = utcOnly }: { readonly at: number; readonly zones?: Zones | undefined },
): Result<SessionEvent & { readonly type: "open" }, SessionError> {
  const { plan } = program;
  const refuse = (name: string, message: string): { ok: false; error: SessionError } =>
    err({ code: "SESSION_PARAMS", pointer: `/params/${name}`, message });
  if (!/^[0-9a-f]{32,}$/i.test(options.key))
    return err({ code: "SESSION_PARAMS", pointer: "/key", message: "expected at least 32 hexadecimal digits of randomness" });
  const foreign = options.agentParams?.find((name) => !plan.params.has(name));
  if (foreign !== undefined) return refuse(foreign, "the plan has no such parameter for the agent to fill in");
  const stray = options.received?.flatMap((each) => each.params).find((name) => !plan.params.has(name));
  if (stray !== undefined) return refuse(stray, "the plan has no such parameter for another agent to fill in");
  const { params, faults } = readParams(plan, options.params ?? {}, { user: options.user ?? {}, now: at, zones });
  const [fault] = faults;
  if (fault !== undefined) return refuse(fault.param, fault.message);
  return ok({
    type: "open",
    at,
    session: options.id,
    plan: plan.frozen.digest,
    principal: options.principal ?? "",
    conversation: options.conversation ?? options.id,
    params,
    agentParams: options.agentParams ?? [],
    ...(options.received === undefined || options.received.length === 0 ? {} : { received: options.received }),
    context: options.context ?? { sources: [], readers: null },
    key: options.key,
  });
}

interface Settings {
  readonly program: Program;
  readonly clock: Clock;
  readonly leaseMs: number;
  readonly holdMs: number;
  readonly guardOf: Guard["guardOf"];
}

function createSession(
  { program: first, clock, guardOf, ...limits }: Settings,
  state: SessionState,
  events: SessionEvent[],
): Session {
  let program = first;
  const keep = (event: SessionEvent, made?: Made): void => {
    events.push(event);
    apply(program, state, event, made);
  };
  const check = (call: AttemptedCall): Verdict => {
    // A caller in this process may hand over what no JSON text can say; that is no object of arguments.
    const decision = decide(program, state, { ...call, args: strictCopy(call.args) ?? null, at: clock() }, limits);
    const verdict = verdictOf(program, state, decision);
    keep(decision.event, decision.made);
    return verdict;
  };
  return {
    state,
    events,
    check,
    checkBatch: (calls) => {
      if (calls.length > 1) keep({ type: "context", at: clock(), label: batchLabel(program, calls) });
      return calls.map(check);
    },
    record: (run, result, options) => {
      const observation = observe(program, state, run, { result: strictResult(result), at: clock(), ...options });
      if (observation.ok) keep(observation.event);
      return observation;
    },
    holds: () => [...state.holds.values()],
    approve: (hold, { by, decision }) => {
      const event = approveEvent(program, state, { hold, by, decision, at: clock() });
      if (!event.ok) return event;
      keep(event.value);
      return ok(undefined);
    },
    release: (hold) => {
      const decision = decideRelease(program, state, { hold, at: clock() }, limits);
      if (typeof decision === "string") return denialOf(decision, hold);
      const verdict = verdictOf(program, state, decision);
      keep(decision.event, decision.made);
      return verdict;
    },
    amend: (plan, { by }) => {
      const guard = guardOf(plan);
      if (!guard.ok) return err("AMEND_INVALID");
      const next = guard.value.program;
      const amended = amendEvent({ program, state, next }, { by, at: clock() });
      if (!amended.ok) return amended;
      events.push(amended.value.event);
      continueUnder(state, program, next, amended.value.event);
      program = next;
      return ok(amended.value.diff);
    },
    context: () => program.labels.toForeign(state.context),
    resultLabel: (number) => {
      const run = state.runs[number];
      return run === undefined || run.status === "flight" ? undefined : program.labels.toForeign(run.base);
    },
    close: () => keep({ type: "close", at: clock() }),
  };
}

/** The event that amends a session's plan, and what it changes; see `Session.amend`. */
function amendEvent(
  { program, state, next }: { readonly program: Program; readonly state: SessionState; readonly next: Program },
  { by, at }: { readonly by: string; readonly at: number },
): Result<{ readonly event: SessionEvent & { readonly type: "amend" }; readonly diff: PlanDiff }, Code> {
  if (state.isClosed) return err("SESSION_CLOSED");
  if (state.amended >= amendmentsPerSessionMax) return err("AMEND_LIMIT");
  const refused = refuseContinuation(state, program, next);
  if (refused !== undefined) return err(refused);
  const diff = diffCompiled(program.plan, next.plan, { isAmending: true });
  if (by === "agent" && !isWithin(diff)) return err("AMEND_WIDER");
  return ok({ event: { type: "amend", at, plan: next.plan.frozen.digest, parent: state.plan, by }, diff });
}

/** The result as data of its own; what is no JSON is an error of the tool. */
function strictResult(result: ToolResult): ToolResult {
  if ("error" in result) return { error: strictCopy(result.error) ?? null };
  const value = strictCopy(result.value);
  return value === undefined ? { error: CODES.RESULT_MALFORMED.text } : { value };
}

/** What the results of calls made at once may carry: the labels of all nodes that the calls could be. */
export function batchLabel(program: Program, calls: readonly AttemptedCall[]): LabelValue {
  const nodes = calls.flatMap((call) => program.plan.byTool.get(call.tool) ?? []);
  return program.labels.toValue(nodes.reduce((label, node) => join(label, program.toolLabels[node.index] as Label), bottom));
}
