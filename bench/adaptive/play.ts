/**
 * Plays what an attacker does to a benign run, on the engine and on the reference interpreter at once, and writes down what was allowed.
 * Judges nothing: `oracle.ts` does, from the transcript alone.
 */
import { decide } from "../../src/decide/decide.ts";
import type { ReceivedParams } from "../../src/decide/received.ts";
import { verdictOf, type Verdict } from "../../src/decide/verdict.ts";
import { createGuard, type Guard, type Session } from "../../src/engine.ts";
import { canonicalJson } from "../../src/json/canonical.ts";
import { strictCopy } from "../../src/json/strict.ts";
import { type Json, type JsonObject, jsonEqual } from "../../src/json/value.ts";
import { holdSecondsDefault, leaseSecondsDefault } from "../../src/limits.ts";
import type { FrozenPlan } from "../../src/plan/plan.ts";
import { qualifiedName } from "../../src/plan/tool-name.ts";
import type { LabelValue } from "../../src/taint/label.ts";
import { isErrorResult, type TraceCall, type TraceEvent, type TraceResult } from "../../src/trace.ts";
import { startsAt } from "../../test/spec/generate-plan.ts";
import { copy } from "../../test/spec/generate-trace.ts";
import { approve } from "../../test/spec/holds.ts";
import { check, open, settle } from "../../test/spec/interpreter.ts";
import { join, type Label } from "../../test/spec/labels.ts";
import type { Session as SpecSession } from "../../test/spec/session.ts";
import { toolLabel } from "../../test/spec/view.ts";

/** What happens in a run: a call, its result, several calls at once, a person's word on the call that waits, or time. */
export type Move =
  | TraceEvent
  | { readonly type: "batch"; readonly calls: readonly TraceCall[] }
  | { readonly type: "approve" }
  | { readonly type: "wait"; readonly ms: number };

/** A call that was allowed, or one that was not, or a result: what an outside observer sees. */
export type Seen =
  | {
      readonly kind: "allow";
      readonly id: string;
      readonly tool: string;
      readonly node: string;
      readonly run: number;
      readonly row: string | undefined;
      readonly sent: JsonObject;
      readonly final: JsonObject;
      readonly labels: { readonly [arg: string]: LabelValue };
      readonly at: number;
      /** Tools of the calls that were made at once with this one. */
      readonly batch: readonly string[];
    }
  | { readonly kind: "deny"; readonly id: string; readonly code: string }
  /** A person's word on a call of a node. */
  | { readonly kind: "approved"; readonly node: string }
  | { readonly kind: "settle"; readonly run: number; readonly value: Json; readonly isError: boolean; readonly delivered: Json };

/** An allowed call. */
export type Allowed = Extract<Seen, { readonly kind: "allow" }>;

/** Who plays, and under which parameters. */
export interface Setting {
  readonly frozen: FrozenPlan;
  readonly params: JsonObject;
  readonly agentParams?: readonly string[];
  /** Parameters that came from other agents, with what was made of their receipts. */
  readonly received?: readonly ReceivedParams[];
}

/** A moment of a session on both sides. */
export interface Moment {
  readonly engine: Session;
  /** Absent where only the engine is asked, as for weakened plans. */
  readonly spec: SpecSession | undefined;
  readonly seen: readonly Seen[];
  /** Runs of the calls so far, by the ids of the trace. */
  readonly runs: ReadonlyMap<string, number>;
  readonly now: number;
}

/** What came of some moves. */
export interface Played extends Moment {
  /** Where engine and interpreter differ. */
  readonly difference?: string;
}

/** Both sides of one plan. */
export interface Stage {
  readonly guard: Guard;
  start(): Moment;
  /** Goes on from a moment, which stays as it is. */
  play(from: Moment, moves: readonly Move[]): Played;
  /** What would be said to one call; nothing is recorded. */
  peek(from: Moment, call: TraceCall): { readonly isAllowed: boolean; readonly code: string; readonly difference?: string };
}

/** What every session of the benchmark is opened with. */
export const sessionIds = { id: "s-1", key: "00112233445566778899aabbccddeeff" } as const;
const limits = { leaseMs: leaseSecondsDefault * 1_000, holdMs: holdSecondsDefault * 1_000 };

/** Opens a stage; the text says why the plan, or the session, is refused. */
export function openStage(setting: Setting, { isAlone = false }: { readonly isAlone?: boolean } = {}): Stage | string {
  const clock = { now: startsAt };
  const guard = createGuard(setting.frozen, { clock: () => clock.now });
  if (!guard.ok) return `${guard.error[0]?.code} ${guard.error[0]?.pointer}`;
  // The interpreter knows no policy: it is given the plan as the policy leaves it.
  const { policy: _, ...frozen } = guard.value.program.plan.frozen;
  const { params, agentParams = [], received = [] } = setting;
  const opened = guard.value.session({ ...sessionIds, params, agentParams, received });
  if (!opened.ok) return `${opened.error.code} ${opened.error.pointer}`;
  const first = [...opened.value.events];
  const stage: Stage = {
    guard: guard.value,
    start: () => ({
      engine: guard.value.resume(first),
      spec: isAlone
        ? undefined
        : open(frozen, {
            params: readParams(opened.value),
            agentParams,
            received,
            session: sessionIds.id,
            handleKey: sessionIds.key,
            at: startsAt,
          }),
      seen: [],
      runs: new Map(),
      now: startsAt,
    }),
    play: (from, moves) => playMoves(guard.value, clock, { from, moves }),
    peek: (from, call) => peek(guard.value, from, call),
  };
  return stage;
}

/** Parameters as the engine read them: the reading itself is no part of what is compared here. */
function readParams({ events }: Session): JsonObject {
  const [first] = events;
  return first?.type === "open" ? first.params : {};
}

function peek({ program }: Guard, { engine, spec, now }: Moment, call: TraceCall): ReturnType<Stage["peek"]> {
  const asked = { tool: call.tool, args: strictCopy(call.args) ?? null, at: now };
  const verdict = verdictOf(program, engine.state, decide(program, engine.state, asked, limits));
  const difference = spec === undefined ? undefined : differenceOf(verdict, check(copy(spec), { ...asked, args: asked.args }));
  return {
    isAllowed: verdict.decision === "allow",
    code: verdict.decision === "allow" ? "" : verdict.code,
    ...(difference === undefined ? {} : { difference }),
  };
}

interface Going {
  readonly engine: Session;
  readonly spec: SpecSession | undefined;
  readonly seen: Seen[];
  readonly runs: Map<string, number>;
  difference?: string;
}

function playMoves(
  guard: Guard,
  clock: { now: number },
  { from, moves }: { readonly from: Moment; readonly moves: readonly Move[] },
): Played {
  clock.now = from.now;
  const going: Going = {
    engine: guard.resume(from.engine.events),
    spec: from.spec === undefined ? undefined : copy(from.spec),
    seen: [...from.seen],
    runs: new Map(from.runs),
  };
  for (const move of moves) {
    if (move.type === "wait") clock.now += move.ms;
    else if (move.type === "result") playResult(going, move, clock.now);
    else if (move.type === "call") playCall(going, move, { at: clock.now });
    else if (move.type === "approve") approveLast(going, clock.now);
    else playBatch(going, move.calls, clock.now);
  }
  return { ...going, now: clock.now };
}

function playCall(
  going: Going,
  call: TraceCall,
  { at, batch = [] }: { readonly at: number; readonly batch?: readonly string[] },
): void {
  const { engine, spec } = going;
  note(going, call, { verdict: engine.check({ tool: call.tool, args: call.args }), at, batch });
  const { seen } = going;
  if (spec === undefined) return;
  const said = check(spec, { tool: call.tool, args: strictCopy(call.args) ?? null, at });
  const last = seen.at(-1);
  const difference = last === undefined ? undefined : differenceOf(lastVerdict.get(last), said, engine.context());
  if (difference !== undefined) going.difference ??= difference;
}

/** The engine's verdict on what was seen last, for comparing. */
const lastVerdict = new WeakMap<Seen, Verdict>();

function note(
  { seen, runs }: Going,
  call: TraceCall,
  { verdict, at, batch }: { readonly verdict: Verdict; readonly at: number; readonly batch: readonly string[] },
): void {
  const { id, tool, args: sent } = call;
  if (verdict.decision === "deny") {
    runs.delete(id);
    seen.push({ kind: "deny", id, code: verdict.code });
  } else {
    const { node, run, row, args: final, labels } = verdict;
    runs.set(id, run);
    seen.push({ kind: "allow", id, tool, node, run, row, sent, final, labels, at, batch });
  }
  const last = seen.at(-1);
  if (last !== undefined) lastVerdict.set(last, verdict);
}

function playResult(going: Going, { id, value }: TraceResult, at: number): void {
  const { engine, spec, runs, seen } = going;
  const run = runs.get(id);
  if (run === undefined) return;
  const isError = isErrorResult(value);
  const result = isError ? { error: value } : { value };
  const observed = engine.record(run, result);
  if (observed.ok) seen.push({ kind: "settle", run, value, isError, delivered: observed.delivered });
  if (spec === undefined) return;
  const said = settle(spec, { run, at, ...result });
  const own = "code" in said ? said.code : canonicalJson({ delivered: said.delivered, context: labelText(said.context) });
  const theirs = observed.ok
    ? canonicalJson({ delivered: observed.delivered, context: labelText(engine.context()) })
    : observed.code;
  if (own !== theirs) going.difference ??= `result of run ${run}: interpreter ${own}, engine ${theirs}`;
}

/** Calls made at once: first the context is joined with the labels of the tools of all of them. */
function playBatch(going: Going, calls: readonly TraceCall[], at: number): void {
  const { engine, spec } = going;
  const batch = calls.map(({ tool }) => tool);
  const verdicts = engine.checkBatch(calls.map(({ tool, args }) => ({ tool, args })));
  if (spec !== undefined && calls.length > 1) {
    const { nodes } = spec.frozen.plan;
    const names = Object.keys(nodes).filter((name) => batch.includes(nodes[name]?.tool ?? ""));
    const joins = join(...names.map((name) => toolLabel({ session: spec, now: at }, name)));
    spec.events.push({ kind: "deny", at, joins });
  }
  for (const [i, verdict] of verdicts.entries()) {
    const call = calls[i];
    if (call === undefined) continue;
    note(going, call, { verdict, at, batch });
    if (spec === undefined) continue;
    const difference = differenceOf(verdict, check(spec, { tool: call.tool, args: strictCopy(call.args) ?? null, at }));
    if (difference !== undefined) going.difference ??= difference;
  }
}

/** A person consents to the call that waits, as it is shown. */
function approveLast({ engine, spec, seen }: Going, at: number): void {
  const hold = engine.holds().findLast(({ status }) => status === "pending");
  if (hold === undefined) return;
  engine.approve(hold.id, { by: "ann", decision: "approve" });
  seen.push({ kind: "approved", node: hold.node });
  if (spec !== undefined) approve(spec, { hold: hold.id, by: "ann", decision: "approve", at });
}

const labelText = (label: Label | LabelValue): Json => ({
  sources: [...label.sources],
  readers: label.readers === null || label.readers === "everyone" ? null : [...label.readers],
});

/** What engine and interpreter say differently of one call. */
function differenceOf(verdict: Verdict | undefined, said: ReturnType<typeof check>, context?: LabelValue): string | undefined {
  if (verdict === undefined) return undefined;
  const labelsOf = (labels: { readonly [arg: string]: Label | LabelValue }): Json =>
    Object.fromEntries(Object.entries(labels).map(([name, label]) => [name, labelText(label)]));
  const theirs: Json =
    verdict.decision === "allow"
      ? { allow: verdict.node, row: verdict.row ?? null, args: verdict.args, labels: labelsOf(verdict.labels) }
      : { deny: verdict.code };
  const own: Json =
    said.verdict === "allow"
      ? { allow: said.node, row: said.row ?? null, args: said.args, labels: labelsOf(said.labels) }
      : { deny: said.code };
  if (!jsonEqual(own, theirs)) return `interpreter ${canonicalJson(own)}, engine ${canonicalJson(theirs)}`;
  const isSame = context === undefined || jsonEqual(labelText(context), labelText(said.context));
  return isSame
    ? undefined
    : `context: interpreter ${canonicalJson(labelText(said.context))}, engine ${canonicalJson(labelText(context as LabelValue))}`;
}

/** The name of a tool as the plan has it. */
export function qualified(frozen: FrozenPlan, tool: string): string {
  return qualifiedName(tool, Object.keys(frozen.tools));
}
