/**
 * Observing instead of enforcing: calls go ahead as they came, and beside them is recorded what they were and what the plan would have said.
 * Never holds a call up, changes it or fails it, and never decides: its type has nothing that could be taken for a guard.
 */
import type { Catalogue } from "../catalogue/catalogue.ts";
import type { SqlParser } from "../constraints/sql.ts";
import { createGuard } from "../engine.ts";
import { canonicalJson } from "../json/canonical.ts";
import { strictCopy } from "../json/strict.ts";
import { isObject, type Json, type JsonObject } from "../json/value.ts";
import { observeBacklogMax, observeIdleSecondsDefault, observeSinkMs, traceEventsMax } from "../limits.ts";
import { createDigester } from "../observe/digest.ts";
import { type Observing, type ObservePeriod, readPeriod } from "../observe/mode.ts";
import { type RecordPolicy, readRecordPolicy } from "../observe/record-policy.ts";
import type { FrozenPlan, FrozenTool } from "../plan/plan.ts";
import type { Clock, Logger, Random } from "../ports.ts";
import { AssertionError, ConfigError } from "../result.ts";
import type { Store } from "../stores/store.ts";
import { isErrorResult } from "../trace.ts";
import type { Guards } from "./enforce/live.ts";
import { createJobs } from "./observe/jobs.ts";
import { type CallSource, openRuns, type Run, runKey } from "./observe/runs.ts";
import type { TraceSink } from "./observe/sink.ts";

/** How a firewall observes. Only the host's own code can write this down: a sink is no text of a file, a request or a variable. */
export interface ObserveOptions extends ObservePeriod {
  readonly sink: TraceSink;
  /** What recordings keep of values. Default: all but secrets, which are digested. */
  readonly record?: RecordPolicy;
  /** What is known of tools that no plan has: labels and roles, for the record policy. */
  readonly catalogue?: Catalogue;
  /** Key of the digests, at least 16 bytes. Default: random, and gone with the process. */
  readonly key?: Uint8Array;
  /** Seconds without a call after which a run that nobody named has ended. Default 300. */
  readonly idleSeconds?: number;
}

/** The mode of a firewall that does not enforce yet. A firewall without one enforces. */
export interface ObserveMode {
  readonly observe: ObserveOptions;
}

/** Why a call or its result was not recorded. */
export type Unobserved = "backlog" | "body" | "fault" | "full" | "malformed" | "result" | "sink" | "store" | "tool";

/** What was observed so far. */
export interface ObserveStatus extends ObservePeriod {
  /** What holds now: after its end, everything is enforced. */
  readonly mode: "observe" | "enforce";
  /** Calls that went ahead unchecked. */
  readonly calls: number;
  /** Of these: recorded. */
  readonly recorded: number;
  /** Of these: compared with a plan. */
  readonly compared: number;
  /** Of these: what the plan would have denied. */
  readonly wouldDeny: number;
  /** Calls and results that are not in the recordings, by reason. */
  readonly unobserved: { readonly [reason in Unobserved]?: number };
}

/** A call that went ahead. One of its methods is called, once; what comes later is ignored. */
export interface ObservedCall {
  /** What the tool answered: any JSON; `{"error": …}` alone is a failed call. */
  result(value: Json): void;
  /** There is no result that could be recorded. */
  lost(reason: Unobserved): void;
}

/** One run of an agent, for programs that call their tools themselves. */
export interface ObservedRun {
  /** The name of its recording. */
  readonly trace: string;
  /** Records a call that is made now, whatever a plan would say. */
  call(call: { readonly tool: string; readonly args: Json }): ObservedCall;
}

/** How an observed run begins. */
export interface ObservedRunOptions {
  /** The user's words; recorded as they are. */
  readonly task?: string;
  /** Digest of the plan that it is compared with. Default: the only one. */
  readonly plan?: string;
  readonly params?: JsonObject;
}

/** Watches calls. It is no guard: it answers nothing that a call could depend on. No method throws or rejects. */
export interface Observer {
  readonly period: Observing;
  /** Whether calls are observed now. If not, they must be enforced. */
  isOn(): boolean;
  /** Records a call that goes ahead. Returns at once. */
  saw(source: CallSource, call: { readonly tool: string; readonly args: Json }): ObservedCall;
  /** Counts a call that goes ahead and cannot be recorded. */
  missed(reason: Unobserved): void;
  run(options?: ObservedRunOptions): ObservedRun;
  status(): ObserveStatus;
  /** Resolves when everything so far is recorded or given up. */
  flush(): Promise<void>;
  /** Ends all runs and resolves when everything is recorded or given up. */
  close(): Promise<void>;
}

/** What an observer for a program of its own is made of. */
export interface ObserverOptions {
  readonly mode: ObserveMode;
  /** Frozen plans to compare with. Default: none, so that calls are only recorded. */
  readonly plans?: readonly FrozenPlan[];
  readonly clock?: Clock;
  readonly random?: Random;
  readonly sql?: readonly SqlParser[];
  readonly logger?: Logger;
}

/** What an observer sees with. */
interface ObserverWorld {
  readonly guards: Guards;
  readonly store?: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger | undefined;
  /** Throws where nothing may go ahead unchecked. Asked only while it would. */
  readonly permit?: () => void;
}

const systemClock: Clock = () => Date.now();
const systemRandom: Random = (bytes) => crypto.getRandomValues(new Uint8Array(bytes));

/**
 * An observer for programs that call their tools themselves. Throws `ConfigError` if the options are wrong.
 *
 * @example
 * const run = createObserver({ mode: { observe: { reason: "first week", until: "2026-12-01T00:00:00Z", sink } } }).run({ task });
 * const seen = run.call({ tool: "mail/send", args });
 * seen.result(await send(args));
 */
export function createObserver(options: ObserverOptions): Observer {
  const { plans = [], clock = systemClock, random = systemRandom, sql = [], logger } = options;
  const guards = plans.map((frozen) => {
    const guard = createGuard(frozen, { clock, sql });
    if (!guard.ok) throw new ConfigError("`createObserver` was given a plan that cannot be enforced", guard.error);
    return guard.value;
  });
  const byDigest = new Map(guards.map((guard) => [guard.digest, guard]));
  return observerOf(options.mode, { guards: byDigest, clock, random, logger });
}

/** The observer of a mode. Throws `ConfigError` where the mode is not complete, at set-up only. */
export function observerOf(mode: ObserveMode, world: ObserverWorld): Observer {
  const { clock, random, logger } = world;
  const observe = readMode(mode);
  const period = readPeriod(observe, clock());
  if (!period.ok) throw new ConfigError(period.error);
  const { sink, idleSeconds = observeIdleSecondsDefault } = observe;
  const tally = createTally();
  const fault = (error: unknown): void => {
    tally.missed("fault");
    say(logger, "error", "observe-fault", { fault: error instanceof AssertionError ? error.message : "internal" });
  };
  const jobs = createJobs(observeBacklogMax, fault);
  const recorder: Recorder = { sink, tally, logger, clock, period: period.value };
  const runs = openRuns({
    ...world,
    redact: {
      policy: readRecord(observe.record),
      digester: createDigester(readKey(observe.key) ?? random(32)),
      toolOf: toolsOf(world.guards, observe.catalogue),
    },
    idleMs: idleSeconds * 1_000,
    ended: (run) => void jobs.add(run.trace, async () => void (await sink.end?.(run.trace))),
  });
  const isOn = (): boolean => clock() < period.value.untilMs;
  if (isOn()) world.permit?.();
  const { reason, until } = period.value;
  say(logger, "error", isOn() ? "observe-mode" : "observe-over", { reason, until });
  const watch = (key: string, runOf: () => Promise<Run | undefined>, call: { tool: string; args: Json }): ObservedCall =>
    watchCall(recorder, call, { isOn: isOn(), add: (job) => jobs.add(key, job), runOf });
  return {
    period: period.value,
    isOn,
    saw: ({ token, run }, call) => {
      const source = { token, run: run === undefined ? undefined : runKey(run) };
      return watch(token ?? source.run ?? "", () => found(source), call);
    },
    missed: (why) => {
      tally.missed(why, true);
      say(logger, "info", "observe-unobserved", { why });
    },
    run: ({ task, ...options } = {}) => {
      const run = runs.open(options);
      if (task !== undefined && isOn())
        jobs.add(run.trace, async () => void (await append(recorder, run, { type: "task", text: task })));
      return { trace: run.trace, call: (call) => watch(run.trace, async () => run, call) };
    },
    status: () => ({ mode: isOn() ? "observe" : "enforce", reason, until, ...tally.counts() }),
    flush: () => jobs.idle(),
    close: () => {
      runs.end();
      return jobs.idle();
    },
  };
  async function found(source: CallSource): Promise<Run | undefined> {
    const run = await runs.of(source);
    if (run.ok) return run.value;
    tally.missed("store");
    say(logger, "error", "observe-unobserved", { why: "store" });
    return undefined;
  }
}

function readMode(mode: ObserveMode): ObserveOptions {
  const observe: unknown = (mode as Partial<ObserveMode> | undefined)?.observe;
  if (typeof mode !== "object" || mode === null || Object.keys(mode).some((name) => name !== "observe"))
    throw new ConfigError("`mode` must be an object with `observe`; a firewall that enforces has none");
  if (typeof observe !== "object" || observe === null)
    throw new ConfigError("`mode.observe` must be an object with `reason`, `until` and `sink`: there is no switch for it");
  const { sink, idleSeconds } = observe as Partial<ObserveOptions>;
  if (typeof sink?.append !== "function") throw new ConfigError("`mode.observe.sink` must be a sink with `append`");
  if (idleSeconds !== undefined && !(Number.isFinite(idleSeconds) && idleSeconds > 0 && idleSeconds <= 86_400))
    throw new ConfigError("`mode.observe.idleSeconds` must be a number of seconds greater than 0 and at most a day");
  return observe as ObserveOptions;
}

function readRecord(record: RecordPolicy | undefined): RecordPolicy {
  const read = readRecordPolicy(strictCopy(record ?? {}) ?? null);
  if (!read.ok) throw new ConfigError("`mode.observe.record` is no record policy", [read.error]);
  return read.value;
}

function readKey(key: Uint8Array | undefined): Uint8Array | undefined {
  if (key !== undefined && !(key instanceof Uint8Array && key.length >= 16))
    throw new ConfigError("`mode.observe.key` must be at least 16 bytes");
  return key;
}

/** What is known of a tool: by the catalogue, else by the plans. */
function toolsOf(guards: Guards, catalogue: Catalogue | undefined): (name: string) => FrozenTool | undefined {
  return (name) => {
    const known = catalogue?.resolve(name);
    if (known?.ok === true) return known.value;
    for (const { frozen } of guards.values()) if (Object.hasOwn(frozen.tools, name)) return frozen.tools[name];
    return undefined;
  };
}

interface Tally {
  missed(reason: Unobserved, isCall?: boolean): void;
  called(): void;
  recorded(verdict: "allow" | "deny" | null): void;
  counts(): Pick<ObserveStatus, "calls" | "recorded" | "compared" | "wouldDeny" | "unobserved">;
}

function createTally(): Tally {
  let [calls, recorded, compared, wouldDeny] = [0, 0, 0, 0];
  const unobserved: { [reason in Unobserved]?: number } = {};
  return {
    missed: (reason, isCall = false) => {
      if (isCall) calls++;
      unobserved[reason] = (unobserved[reason] ?? 0) + 1;
    },
    called: () => void calls++,
    recorded: (verdict) => {
      recorded++;
      if (verdict !== null) compared++;
      if (verdict === "deny") wouldDeny++;
    },
    counts: () => ({ calls, recorded, compared, wouldDeny, unobserved: { ...unobserved } }),
  };
}

interface Recorder {
  readonly sink: TraceSink;
  readonly tally: Tally;
  readonly logger: Logger | undefined;
  readonly clock: Clock;
  readonly period: Observing;
}

interface Watch {
  readonly isOn: boolean;
  readonly add: (job: () => Promise<void>) => boolean;
  readonly runOf: () => Promise<Run | undefined>;
}

/** Records a call, and its result when it comes. */
function watchCall(recorder: Recorder, call: { readonly tool: string; readonly args: Json }, watch: Watch): ObservedCall {
  const { tally } = recorder;
  if (!watch.isOn) return { result: () => undefined, lost: () => undefined };
  const { tool } = call;
  const args = strictCopy(call.args);
  if (!isObject(args) || typeof tool !== "string" || tool === "") {
    tally.missed("malformed", true);
    return { result: () => undefined, lost: () => undefined };
  }
  tally.called();
  let made: Made | undefined;
  let isOpen = watch.add(async () => {
    const run = await watch.runOf();
    if (run !== undefined) made = await recordCall(recorder, run, { tool, args });
  });
  if (!isOpen) tally.missed("backlog");
  const once = (job: () => Promise<void>): void => {
    if (isOpen && !watch.add(job)) tally.missed("backlog");
    isOpen = false;
  };
  return {
    result: (value) => {
      const copy = strictCopy(value);
      once(async () => {
        if (copy === undefined) tally.missed("result");
        else if (made !== undefined) await recordResult(recorder, made, { tool, value: copy });
      });
    },
    lost: (reason) => once(async () => tally.missed(reason)),
  };
}

/** A call that was compared, and whether its line was kept: the result of one that was not has no place in the recording. */
interface Made {
  readonly run: Run;
  readonly id: string;
  readonly isKept: boolean;
}

async function recordCall(
  recorder: Recorder,
  run: Run,
  { tool, args }: { readonly tool: string; readonly args: JsonObject },
): Promise<Made> {
  const id = String(run.calls++);
  // Two lines are kept free: this call's, and its result's. A run that is full is no longer followed, so that no agent fills the memory.
  const isFull = run.lines + 2 > traceEventsMax;
  const would = isFull ? undefined : run.replayer?.call(id, { tool, args });
  const { verdict = null, code = null, node = null, chain = [] } = would ?? {};
  // The name of an argument that no plan has is the agent's own word.
  const argument = code !== "ARG_UNEXPECTED" && would?.argument !== undefined ? { argument: would.argument } : {};
  const facts = { verdict, code, node, ...argument, chain: chain as unknown as Json };
  if (isFull) recorder.tally.missed("full");
  const line = { type: "call", id, tool, args: run.redactor.args(tool, args) };
  const isKept = !isFull && (await append(recorder, run, line, { plan: run.plan, ...facts }));
  if (isKept) recorder.tally.recorded(verdict);
  if (isKept && verdict === "deny") say(recorder.logger, "info", "would-deny", { trace: run.trace, call: id, tool, ...facts });
  return { run, id, isKept };
}

async function recordResult(
  recorder: Recorder,
  { run, id, isKept }: Made,
  { tool, value }: { readonly tool: string; readonly value: Json },
): Promise<void> {
  run.replayer?.result(id, value);
  if (!isKept) return;
  const isError = isErrorResult(value);
  const inner = isError ? (value as { readonly error: Json }).error : value;
  const kept = run.redactor.result(tool, inner);
  await append(recorder, run, { type: "result", id, value: isError ? { error: kept } : kept });
}

/** Adds a line to the recording, with what holds of it beside the format of traces. */
async function append(recorder: Recorder, run: Run, line: JsonObject, facts: JsonObject = {}): Promise<boolean> {
  const { sink, tally, logger, clock, period } = recorder;
  const kept = run.tail.then(async () => {
    const first = run.lines === 0 ? { reason: period.reason, until: period.until } : {};
    const observed = { mode: "observe", at: new Date(clock()).toISOString(), ...first, ...facts };
    await within(observeSinkMs, Promise.resolve(sink.append(run.trace, canonicalJson({ ...line, observed }))));
    run.lines++;
  });
  // One line of a trace after the other, whichever call it is of.
  run.tail = kept.catch(() => undefined);
  try {
    await kept;
    return true;
  } catch {
    tally.missed("sink");
    say(logger, "error", "observe-unobserved", { why: "sink", trace: run.trace });
    return false;
  }
}

/** A promise that is given up after so many milliseconds: a sink that hangs must not hold up what comes after. */
function within(ms: number, promise: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new RangeError("the sink does not answer")), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Tells the operator; a logger that fails changes nothing. */
function say(logger: Logger | undefined, level: "info" | "error", event: string, facts: Readonly<Record<string, unknown>>): void {
  try {
    logger?.[level](event, facts);
  } catch {
    // Nobody is left to be told.
  }
}
