/**
 * Observing instead of enforcing: calls go ahead as they came, and beside them is recorded what they were and what the plan would have said.
 * Never holds a call up, changes it or fails it, and never decides: its type has nothing that could be taken for a guard.
 */
import type { Catalogue } from "../catalogue/catalogue.ts";
import type { SqlParser } from "../constraints/sql.ts";
import { createGuard } from "../engine.ts";
import { strictCopy } from "../json/strict.ts";
import type { Json, JsonObject } from "../json/value.ts";
import { observeBacklogBytesMax, observeBacklogMax, observeIdleSecondsDefault } from "../limits.ts";
import { createDigester } from "../observe/digest.ts";
import { type Observing, type ObservePeriod, readPeriod } from "../observe/mode.ts";
import { type RecordPolicy, readRecordPolicy } from "../observe/record-policy.ts";
import type { FrozenPlan, FrozenTool } from "../plan/plan.ts";
import type { Clock, Logger, Random } from "../ports.ts";
import { AssertionError, ConfigError } from "../result.ts";
import type { Store } from "../stores/store.ts";
import { systemRandom } from "./random.ts";
import type { Guards } from "./enforce/session/live.ts";
import { createJobs } from "./observe/jobs.ts";
import {
  append,
  createTally,
  type ObserveCounts,
  type ObservedCall,
  type Recorder,
  say,
  type Unobserved,
  watchCall,
} from "./observe/recorder.ts";
import { type CallSource, openRuns, type Run, runKey } from "./observe/runs.ts";
import type { TraceSink } from "./observe/sink.ts";

export type { ObservedCall } from "./observe/recorder.ts";

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

/** What was observed so far. */
export interface ObserveStatus extends ObservePeriod, ObserveCounts {
  /** What holds now: after its end, everything is enforced. */
  readonly mode: "observe" | "enforce";
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
  /** The user's words; recorded as they are where the record policy keeps what no rule names, and they name no secret. */
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
  const jobs = createJobs({ jobs: observeBacklogMax, weight: observeBacklogBytesMax }, fault);
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
  let isOver = false;
  const isOn = (): boolean => {
    // Over once is over: a clock that goes back does not let calls through again.
    isOver ||= !(clock() < period.value.untilMs);
    return !isOver;
  };
  if (isOn()) world.permit?.();
  const { reason, until } = period.value;
  say(logger, "error", isOn() ? "observe-mode" : "observe-over", { reason, until });
  const watch = (key: string, runOf: () => Promise<Run | undefined>, call: { tool: string; args: Json }): ObservedCall =>
    watchCall(recorder, call, { isOn: isOn(), add: (job, weight) => jobs.add(key, job, weight), runOf });
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
      const text = task === undefined ? undefined : run.redactor.task(task);
      if (text !== undefined && isOn())
        jobs.add(run.trace, async () => void (await append(recorder, run, { type: "task", text })));
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
  if (typeof mode !== "object" || mode === null || Object.keys(mode).join() !== "observe")
    throw new ConfigError("`mode` must be an object with `observe`; a firewall that enforces has none");
  if (typeof observe !== "object" || observe === null)
    throw new ConfigError("`mode.observe` must be an object with `reason`, `until` and `sink`: there is no switch for it");
  // What is only inherited nobody has said here.
  const inherited = ["reason", "until", "sink"].find((name) => name in observe && !Object.hasOwn(observe, name));
  if (inherited !== undefined) throw new ConfigError(`\`mode.observe.${inherited}\` must be a member of \`mode.observe\` itself`);
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
