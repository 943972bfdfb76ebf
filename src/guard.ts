/**
 * The engine for programs that call it themselves: a guard for a frozen plan, sessions with ids and secrets of their own.
 * In memory and synchronous. Never decides anything: `engine.ts` does, and this file lends it a clock and randomness.
 */
import type { Observation } from "./decide/observe.ts";
import type { Verdict } from "./decide/verdict.ts";
import {
  type AttemptedCall,
  createGuard as createCoreGuard,
  type Session as CoreSession,
  type SessionError,
  type SessionOptions as CoreSessionOptions,
} from "./engine.ts";
import { isApproved, type PlanApproval } from "./approval/plan.ts";
import type { SqlParser } from "./constraints/sql.ts";
import type { Json } from "./json/value.ts";
import { isErrorResult } from "./trace.ts";
import { type LabeledJson, plainArgs } from "./labeled/args.ts";
import { box, type Labeled, noLabel } from "./labeled/box.ts";
import { joinValues, type LabelValue } from "./taint/label.ts";
import { hexOf } from "./plan/digest.ts";
import type { FrozenPlan } from "./plan/plan.ts";
import type { Policy } from "./policy/policy.ts";
import type { Clock, Random } from "./ports.ts";
import { systemZones } from "./zones.ts";
import { ConfigError, err, ok, type Result } from "./result.ts";

/** Options of a guard. */
export interface GuardOptions {
  /** Milliseconds since the epoch. Default: the system's clock. */
  readonly clock?: Clock;
  /** Unpredictable bytes, for ids and the secrets of handles. Default: Web Crypto. */
  readonly random?: Random;
  /** Seconds after which a call that was never recorded counts as failed. Default 300. */
  readonly leaseSeconds?: number;
  /** Seconds that a call waits for a human at most. Default an hour. */
  readonly holdSeconds?: number;
  /** Parsers of the dialects of SQL that the plan names (`sluice/sql/postgres`, `sluice/sql/node-sql-parser`). */
  readonly sql?: readonly SqlParser[];
  /** The organisation's rules of today, besides those that were frozen with the plan. A plan that violates either is refused. */
  readonly policy?: Policy;
  /**
   * Who has approved the plan, as {@link verifyApprovals} says: needed where a policy asks for approved plans, since signatures are verified
   * asynchronously and this is not. An approval counts for the plan that it names, and in its time.
   */
  readonly approvals?: readonly PlanApproval[];
}

/** What a host says when it opens a session; ids and secrets are made where they are not given. */
export type SessionOptions = Partial<CoreSessionOptions>;

/** Enforces one frozen plan. */
export interface Guard {
  readonly digest: string;
  /** Opens a session. Throws {@link ConfigError} where the parameters are not what the plan asks for. */
  session(options?: SessionOptions): Session;
  /** As `session`, for parameters that come from a user: the error says which is wrong, and why. */
  open(options?: SessionOptions): Result<Session, SessionError>;
}

/** A tool call as an agent makes it; any part of its arguments may be a labelled value (`sluice/labeled`), whose labels count too. */
export interface LabeledCall extends Omit<AttemptedCall, "args"> {
  readonly args: LabeledJson;
}

/** One run of a frozen plan. */
export interface Session extends Pick<CoreSession, "events" | "holds" | "approve" | "release" | "amend" | "context" | "close"> {
  /**
   * Takes the result of an allowed call and says what the agent may see of it (`delivered`). The call is the object that was checked, its
   * verdict, or the number of its run. A result is any JSON; `{ "error": … }` alone is a failed call.
   */
  record(call: LabeledCall | Verdict | number, result: Json): Observation;
  /** Decides a call and records the verdict. */
  check(call: LabeledCall): Verdict;
  /** Decides calls that the agent made at once, each as if the others had returned. */
  checkBatch(calls: readonly LabeledCall[]): readonly Verdict[];
  /**
   * A value that came out of the result of an allowed call, with the labels that the engine gives that result. `undefined`: the call has no
   * result yet, so that nobody knows its labels. Use `narrow` to tell the compiler which they are.
   */
  labeled<T extends Json>(call: LabeledCall | Verdict | number, value: T): Labeled<T, string> | undefined;
}

const systemClock: Clock = () => Date.now();
const webRandom: Random = (bytes) => crypto.getRandomValues(new Uint8Array(bytes));

/**
 * A guard for a frozen plan. Throws {@link ConfigError} if the plan cannot be enforced.
 *
 * @example const session = createGuard(frozen).session({ params: { who: "Kim" } });
 */
export function createGuard(frozen: FrozenPlan, options: GuardOptions = {}): Guard {
  const { clock = systemClock, random = webRandom, leaseSeconds, holdSeconds, sql, policy, approvals = [] } = options;
  const guard = createCoreGuard(frozen, {
    clock,
    zones: systemZones,
    ...(leaseSeconds === undefined ? {} : { leaseSeconds }),
    ...(holdSeconds === undefined ? {} : { holdSeconds }),
    ...(sql === undefined ? {} : { sql }),
    ...(policy === undefined ? {} : { policy }),
  });
  if (!guard.ok) throw new ConfigError("`createGuard` was given a plan that cannot be enforced", guard.error);
  const given = approvals.filter((approval) => approval.digest === frozen.digest);
  const isPermitted = (): boolean => isApproved(given, guard.value.policy?.approval?.plans, { now: clock() });
  if (!isPermitted())
    throw new ConfigError(
      "the policy asks for approved plans: give `createGuard` the `approvals` that `verifyApprovals` returns",
    );
  const open = (session: SessionOptions = {}): Result<Session, SessionError> => {
    if (!isPermitted()) return err({ code: "PLAN_NOT_APPROVED", pointer: "", message: "the plan's approvals have run out" });
    const opened = guard.value.session({ id: hexOf(random(16)), key: hexOf(random(32)), ...session });
    return opened.ok ? ok(withCalls(opened.value)) : err(opened.error);
  };
  return {
    digest: guard.value.digest,
    open,
    session: (session) => {
      const opened = open(session);
      if (!opened.ok) throw new ConfigError("the session cannot be opened", [opened.error]);
      return opened.value;
    },
  };
}

/** The call as the engine takes it: labelled values as plain ones, their labels beside. */
function plainCall(call: LabeledCall): AttemptedCall {
  const { args, labels } = plainArgs(call.args);
  return {
    ...call,
    args,
    ...(call.labels === undefined && Object.keys(labels).length === 0 ? {} : { labels: joinAll(call.labels, labels) }),
  };
}

function joinAll(a: AttemptedCall["labels"] = {}, b: AttemptedCall["labels"] = {}): NonNullable<AttemptedCall["labels"]> {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  const joined = (name: string): LabelValue => joinValues(a[name] ?? noLabel, b[name] ?? noLabel);
  return Object.fromEntries(names.map((name) => [name, joined(name)]));
}

/** The session with its calls remembered by identity, so that a result can be recorded for the call itself. */
function withCalls(session: CoreSession): Session {
  const runs = new WeakMap<LabeledCall, number>();
  const remember = (call: LabeledCall, verdict: Verdict): Verdict => {
    if (verdict.decision === "allow") runs.set(call, verdict.run);
    return verdict;
  };
  const runOf = (call: LabeledCall | Verdict | number): number => {
    if (typeof call === "number") return call;
    if ("decision" in call) return call.decision === "allow" ? call.run : -1;
    return runs.get(call) ?? -1;
  };
  return {
    events: session.events,
    check: (call) => remember(call, session.check(plainCall(call))),
    checkBatch: (calls) =>
      session.checkBatch(calls.map(plainCall)).map((verdict, i) => remember(calls[i] as LabeledCall, verdict)),
    labeled: (call, value) => {
      const label = session.resultLabel(runOf(call));
      return label === undefined ? undefined : box(value, label);
    },
    record: (call, result) =>
      session.record(runOf(call), isErrorResult(result) ? (result as { readonly error: Json }) : { value: result }),
    holds: session.holds,
    approve: session.approve,
    release: session.release,
    amend: session.amend,
    context: session.context,
    close: session.close,
  };
}
