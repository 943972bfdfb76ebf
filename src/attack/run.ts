/**
 * Benign runs that an attack starts from, and what the engine says when they are changed.
 * Pure. Every call goes through the real engine; nothing is executed.
 */
import type { Code } from "../codes.ts";
import { decide } from "../decide/decide.ts";
import type { SessionEvent } from "../decide/state.ts";
import { type Verdict, verdictOf } from "../decide/verdict.ts";
import type { Guard, Session } from "../engine.ts";
import { strictCopy } from "../json/strict.ts";
import type { Json, JsonObject } from "../json/value.ts";
import { holdSecondsDefault, leaseSecondsDefault } from "../limits.ts";
import type { CompiledNode } from "../plan/compile/compiled.ts";
import { qualifiedName } from "../plan/tool-name.ts";
import { sessionOfDrive } from "../simulate/play.ts";
import type { LabelValue } from "../taint/label.ts";
import { isErrorResult, type TraceCall, type TraceEvent } from "../trace.ts";

/** One allowed call of a run. */
export interface Called {
  readonly id: string;
  readonly tool: string;
  readonly node: string;
  /** Number of the run in its session. */
  readonly run: number;
  /** What the agent sent. */
  readonly sent: JsonObject;
  /** What is forwarded. */
  readonly final: JsonObject;
  readonly labels: { readonly [arg: string]: LabelValue };
  /** Whether the agent had seen something untrusted before. */
  readonly isSteerable: boolean;
  /** Label of its occurrence: all that the agent had seen. */
  readonly context: LabelValue;
}

/** A benign run: allowed calls and their results only. */
export interface BaseRun {
  readonly origin: string;
  readonly params: JsonObject;
  readonly events: readonly TraceEvent[];
  readonly calls: readonly Called[];
  /** Events of the session before each trace event; one more for the end. */
  readonly before: readonly (readonly SessionEvent[])[];
}

/** What became of a changed run. */
export interface Outcome {
  readonly allowed: readonly Called[];
  readonly denied: readonly { readonly id: string; readonly code: Code; readonly argument?: string }[];
}

/**
 * Replays a trace as a base: denied calls and their results are left out, and so are literals that Sluice fills in by itself, so that an
 * honest agent does not contradict the plan when the data changes. `undefined` if the session cannot be opened.
 */
export function baseRun(
  guard: Guard,
  trace: readonly TraceEvent[],
  { origin, params }: Pick<BaseRun, "origin" | "params">,
): BaseRun | undefined {
  const opened = guard.session({ ...sessionOfDrive, params });
  if (!opened.ok) return undefined;
  const session = opened.value;
  const events: TraceEvent[] = [];
  const before: (readonly SessionEvent[])[] = [];
  const calls: Called[] = [];
  const runs = new Map<string, number>();
  for (const event of trace) {
    const snapshot = [...session.events];
    if (event.type === "result") {
      const run = runs.get(event.id);
      if (run === undefined) continue;
      record(session, run, event.value);
    } else {
      const tool = qualified(guard, event.tool);
      const called = check(session, { ...event, tool, args: honestArgs(guard, { ...event, tool }) });
      if ("code" in called) continue;
      runs.set(event.id, called.run);
      calls.push(called);
      before.push(snapshot);
      events.push({ ...event, tool, args: called.sent });
      continue;
    }
    before.push(snapshot);
    events.push(event);
  }
  return { origin, params, events, calls, before: [...before, [...session.events]] };
}

/** Plays `tail` after the first `at` events of a base. */
export function playTail(
  guard: Guard,
  base: BaseRun,
  { at, tail }: { readonly at: number; readonly tail: readonly TraceEvent[] },
): Outcome {
  const [only, ...others] = tail;
  if (only?.type === "call" && others.length === 0) return peek(guard, sessionAt(guard, base, at), only);
  const session = guard.resume(base.before[at] ?? []);
  const runs = new Map<string, number>(base.calls.map(({ id, run }) => [id, run]));
  const allowed: Called[] = [];
  const denied: Outcome["denied"][number][] = [];
  for (const event of tail) {
    if (event.type === "result") {
      const run = runs.get(event.id);
      if (run !== undefined) record(session, run, event.value);
      continue;
    }
    const called = check(session, event);
    if ("code" in called) {
      runs.delete(event.id);
      denied.push(called);
    } else {
      runs.set(event.id, called.run);
      allowed.push(called);
    }
  }
  return { allowed, denied };
}

/** What the engine would say to one call; nothing is recorded, so that many calls can be asked about one moment. */
function peek({ program }: Guard, session: Session, call: TraceCall): Outcome {
  const { state } = session;
  const args = strictCopy(call.args) ?? null;
  const verdict = verdictOf(program, state, decide(program, state, { tool: call.tool, args, at: 0 }, limits));
  const called = calledOf(call, verdict, momentOf(session));
  return "code" in called ? { allowed: [], denied: [called] } : { allowed: [called], denied: [] };
}

const limits = { leaseMs: leaseSecondsDefault * 1_000, holdMs: holdSecondsDefault * 1_000 };

/** A session that stands where the base stands before event `at`. It is shared: look, and change nothing. */
export function sessionAt(guard: Guard, base: BaseRun, at: number): Session {
  const last = moments.get(base);
  if (last?.at === at) return last.session;
  const session = guard.resume(base.before[at] ?? []);
  moments.set(base, { at, session });
  return session;
}

/** The moment of each base that was looked at last. */
const moments = new WeakMap<BaseRun, { readonly at: number; readonly session: Session }>();

function record(session: Session, run: number, value: Json): void {
  session.record(run, isErrorResult(value) ? { error: value } : { value });
}

function check(session: Session, call: TraceCall): Called | Outcome["denied"][number] {
  const moment = momentOf(session);
  return calledOf(call, session.check({ tool: call.tool, args: call.args }), moment);
}

type Moment = Pick<Called, "isSteerable" | "context">;

/** What the agent has seen so far. */
function momentOf(session: Session): Moment {
  return { isSteerable: session.state.context.isUntrusted, context: session.context() };
}

function calledOf(call: TraceCall, verdict: Verdict, moment: Moment): Called | Outcome["denied"][number] {
  if (verdict.decision === "deny") {
    const { argument } = verdict.facts;
    return { id: call.id, code: verdict.code, ...(argument === undefined ? {} : { argument }) };
  }
  const { node, run, args: final, labels } = verdict;
  return { id: call.id, tool: call.tool, node, run, sent: call.args, final, labels, ...moment };
}

function qualified({ program }: Guard, name: string): string {
  return qualifiedName(name, [...program.plan.byTool.keys()]);
}

/** Only what the agent must say: arguments of other nodes of the tool stay, since they may tell which one is meant. */
function honestArgs({ program }: Guard, { tool, args }: TraceCall): JsonObject {
  const [node, ...others] = program.plan.byTool.get(tool) ?? [];
  if (node === undefined || others.length > 0 || (node.each !== undefined && node.max > 1)) return args;
  return Object.fromEntries(Object.entries(args).filter(([name]) => !isFilled(node, name)));
}

/** Whether Sluice fills an argument in. */
export function isFilled(node: CompiledNode, name: string): boolean {
  return node.args.some((arg) => arg.name === name && arg.rule.isFilled);
}
