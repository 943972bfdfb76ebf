/**
 * The decision point: may this call run, as which node, with which arguments?
 * Pure, total, synchronous. No I/O, no clock: `now` is passed in. Never changes the state; the event it returns does.
 *
 * The stages are those of "The check of a call" in `src/README.md`: forbid trumps permit, an error denies, the default denies.
 */
import type { Code } from "../codes.ts";
import { canonicalJson } from "../json/canonical.ts";
import { isObject, type Json, type JsonObject } from "../json/value.ts";
import { holdSecondsDefault, inFlightMax } from "../limits.ts";
import type { CompiledNode } from "../plan/compile/compiled.ts";
import { bottom, join, type Label } from "../taint/label.ts";
import { reservedOf } from "./constraints.ts";
import { type GivenLabels, withGiven } from "./given.ts";
import type { LabelledArg } from "./flow.ts";
import { type Hold, holdCall, type HoldState, refuseRelease, releasable } from "./hold.ts";
import { type Made, readsOfAll, verdictReads } from "./made.ts";
import { narrow } from "./narrow.ts";
import type { Program } from "./program.ts";
import { readyOf } from "./ready.ts";
import { touchedBy } from "./resources.ts";
import { isRoomLeft, openScope, type Scope } from "./rows.ts";
import { isLargerThan } from "./size.ts";
import type { Origin, SessionEvent, SessionState } from "./state.ts";
import { type Fit, type Misfit, tryNode } from "./try.ts";

/** One attempted tool call. */
export interface Call {
  readonly tool: string;
  readonly args: Json;
  /** The node that the agent names, where a call fits several. */
  readonly node?: string | undefined;
  /** Labels that the caller says its arguments carry: they only raise. */
  readonly labels?: GivenLabels | undefined;
}

/** What was decided, and the event that records it. */
export type Decision =
  | {
      readonly allow: true;
      readonly run: number;
      readonly fit: Fit;
      /** What the event was made of: pass it to `apply` to spare working it out again. */
      readonly made: Made;
      readonly event: SessionEvent & { readonly type: "allow" };
    }
  | {
      readonly allow: false;
      readonly code: Code;
      readonly misfit: Misfit;
      /** Id of the hold that the denial is about: a new one, or the one that the call waits for. */
      readonly approval?: string | undefined;
      readonly made: Made;
      readonly event: SessionEvent & { readonly type: "deny" };
    };

/** How long an allowed call may stay unsettled. */
export interface DecideOptions {
  /** Milliseconds. */
  readonly leaseMs: number;
  /** Milliseconds that a call waits for a human at most. Default an hour. */
  readonly holdMs?: number;
}

/** Decides one call against the state of its session. */
export function decide(
  program: Program,
  state: SessionState,
  call: Call & { readonly at: number },
  options: DecideOptions,
): Decision {
  const scope = withGiven(openScope(program, state, call.at), call.labels);
  const opened = admit(scope, call);
  if (!opened.ok)
    return deny(scope, call, { misfit: { stage: 0, code: opened.code, node: undefined }, reads: bottom, named: undefined });
  const { named } = opened;
  const isHolding = state.holds.size > 0;
  // A call of one node releases what was approved of that node, whatever it says: an agent that rewords is not asked again.
  const released = isHolding && opened.candidates.length === 1 ? releaseApproved(scope, { call, opened, options }) : undefined;
  if (released !== undefined) return released;
  const likely = narrow(opened.candidates, opened.args);
  let tried = tryAll(scope, likely, opened.args);
  // What denies it is said of all of them, by a check that has all its steps before it.
  if (tried.fit === undefined && likely !== opened.candidates)
    tried = tryAll(withGiven(openScope(program, state, call.at), call.labels), opened.candidates, opened.args);
  const { fit, isAmbiguous, best, isBestHidden, reads } = tried;
  if (isAmbiguous) {
    const misfit = { stage: 0, code: "CALL_AMBIGUOUS", node: undefined } as const;
    return deny(scope, call, { misfit, reads: readsOfAll(state, opened.candidates), named });
  }
  if (fit !== undefined) return permit(scope, fit, { reads, lease: call.at + options.leaseMs, named });
  const asked = { call, opened, options };
  const late = isHolding && opened.candidates.length > 1 ? releaseApproved(scope, asked) : undefined;
  if (late !== undefined) return late;
  if (best?.held !== undefined) return holdFor(scope, asked, { misfit: best, held: best.held, reads });
  const misfit = best ?? { stage: 0, code: "CALL_NOT_IN_PLAN" as const, node: undefined };
  return deny(scope, call, { misfit: isBestHidden ? { ...misfit, code: "HIDDEN" } : misfit, reads, named });
}

const nothingSeen = { label: bottom, isHidden: false };

/** What came of trying a call as each of several nodes. */
interface Tried {
  /** The first that it fits. */
  readonly fit: Fit | undefined;
  readonly isAmbiguous: boolean;
  /** Why the one that came closest does not take it. */
  readonly best: Misfit | undefined;
  readonly isBestHidden: boolean;
  /** Label of the verdict reads of all that were tried. */
  readonly reads: Label;
}

function tryAll(scope: Scope, candidates: readonly CompiledNode[], args: JsonObject): Tried {
  let reads = bottom;
  let best: Misfit | undefined;
  let isBestHidden = false;
  let fit: Fit | undefined;
  for (const node of candidates) {
    const seen = node.hiddenReads.length === 0 ? nothingSeen : verdictReads(scope.state, node);
    reads = join(reads, seen.label);
    const outcome = tryNode(scope, node, args);
    if ("final" in outcome) {
      if (fit !== undefined) return { fit, isAmbiguous: true, best, isBestHidden, reads };
      fit = outcome;
    } else if (best === undefined || outcome.stage > best.stage) {
      best = outcome;
      isBestHidden = seen.isHidden;
    }
  }
  return { fit, isAmbiguous: false, best, isBestHidden, reads };
}

/**
 * Decides the release of one hold, as whoever waits for it asks for it by its id. A code alone says that there is nothing to release, or not yet:
 * it depends on what people did and on nothing else, and there is no event to record.
 */
export function decideRelease(
  program: Program,
  state: SessionState,
  wanted: { readonly hold: string; readonly at: number },
  options: DecideOptions,
): Decision | Code {
  const scope = openScope(program, state, wanted.at);
  const hold = state.holds.get(wanted.hold);
  const refused = state.isClosed ? "SESSION_CLOSED" : refuseRelease(hold, wanted.at);
  if (hold === undefined || refused !== undefined) return refused ?? "APPROVAL_UNKNOWN";
  const tool = program.plan.byName.get(hold.node)?.tool?.name ?? "";
  const call = { tool, args: hold.sent, node: hold.node, at: wanted.at };
  const opened = admit(scope, call);
  if (!opened.ok)
    return deny(scope, call, { misfit: { stage: 0, code: opened.code, node: undefined }, reads: bottom, named: undefined });
  return releaseHold(scope, { call, opened, options }, { hold, node: opened.candidates[0] as CompiledNode, isAsked: true });
}

interface Opened {
  readonly ok: true;
  readonly args: JsonObject;
  readonly candidates: readonly CompiledNode[];
  /** The node that the agent named. */
  readonly named: string | undefined;
}

type Admission = Opened | { readonly ok: false; readonly code: Code };

interface Asked {
  readonly call: Call & { readonly at: number };
  readonly opened: Opened;
  readonly options: DecideOptions;
}

/** Releases the first approved hold of the candidates whose call still passes. `undefined`: there is none, and the call stands for itself. */
function releaseApproved(scope: Scope, asked: Asked): Decision | undefined {
  for (const node of asked.opened.candidates)
    for (const hold of releasable(scope.state, node, scope.now)) {
      const decision = releaseHold(scope, asked, { hold, node, isAsked: false });
      if (decision !== undefined) return decision;
    }
  return undefined;
}

interface Release<A extends boolean> {
  readonly hold: HoldState;
  readonly node: CompiledNode;
  /** Whether this very hold was asked for, so that a call which does not pass is a denial. */
  readonly isAsked: A;
}

function releaseHold(scope: Scope, asked: Asked, release: Release<true>): Decision;
function releaseHold(scope: Scope, asked: Asked, release: Release<boolean>): Decision | undefined;
/** Decides a held call again, in all but the approval. Exactly the held bytes are released, or the hold is void. */
function releaseHold(scope: Scope, asked: Asked, { hold, node, isAsked }: Release<boolean>): Decision | undefined {
  const { call, opened, options } = asked;
  // What was held is what is asked: the labels of its arguments, not those of the call that releases it.
  const outcome = tryNode(withGiven(scope, hold.labels), node, hold.sent, hold.row);
  const fit = "final" in outcome ? outcome : outcome.held;
  if (fit === undefined && !isAsked) return undefined;
  const reads = readsOfAll(scope.state, opened.candidates);
  const { named } = opened;
  if (fit !== undefined && canonicalJson(fit.final) === hold.bytes)
    return permit(scope, fit, { reads, lease: call.at + options.leaseMs, named }, hold.id);
  const isHidden = verdictReads(scope.state, node).isHidden;
  const refused = fit === undefined ? (outcome as Misfit) : { stage: 8, code: "APPROVAL_STALE" as const, node, args: fit.args };
  const misfit = isHidden ? { ...refused, code: "HIDDEN" as const } : refused;
  return deny(scope, call, { misfit, reads, named }, fit === undefined ? {} : { voids: hold.id });
}

/** Holds a call for a human. What it says is no more than the allow would say that it stands for, so nothing here is `HIDDEN`. */
function holdFor(
  scope: Scope,
  { call, opened, options }: Asked,
  { misfit, held, reads }: { readonly misfit: Misfit; readonly held: Fit; readonly reads: Label },
): Decision {
  const { code, approval, hold } = holdCall(
    scope.state,
    {
      node: held.node.name,
      ...(held.row === undefined ? undefined : { row: held.row.key }),
      sent: opened.args,
      args: held.final,
      people: scope.program.approval.people,
      ...(call.labels === undefined ? undefined : { labels: call.labels }),
    },
    { now: scope.now, holdMs: options.holdMs ?? holdSecondsDefault * 1_000 },
  );
  return deny(
    scope,
    call,
    { misfit: { ...misfit, code }, reads, named: opened.named },
    { approval, ...(hold === undefined ? undefined : { hold }) },
  );
}

/** Stage 0: the session, the form of the call, and the nodes that it could be. */
function admit({ program, state, now }: Scope, call: Call): Admission {
  const { plan } = program;
  // Every comparison with a time that is none is false, and none of them may be taken for "not yet over".
  if (!Number.isFinite(now)) return { ok: false, code: "INTERNAL" };
  if (state.isClosed) return { ok: false, code: "SESSION_CLOSED" };
  if (now > plan.notAfter) return { ok: false, code: "PLAN_EXPIRED" };
  if (now > state.openedAt + plan.limits.seconds * 1_000) return { ok: false, code: "SESSION_EXPIRED" };
  if (!isObject(call.args)) return { ok: false, code: "CALL_MALFORMED" };
  const { args, node } = takeNode(call.args);
  const name = call.node ?? node;
  const ofTool = plan.byTool.get(call.tool) ?? [];
  const only = typeof name === "string" ? plan.byName.get(name) : undefined;
  const candidates = name === undefined ? ofTool : only?.tool?.name === call.tool ? [only] : [];
  if (candidates.length === 0) return { ok: false, code: "CALL_NOT_IN_PLAN" };
  if (state.allowed >= plan.limits.calls || !isRoomLeft(state, now, inFlightMax)) return { ok: false, code: "CALL_LIMIT" };
  if (isLargerThan(args, plan.limits.maxBytes)) return { ok: false, code: "CALL_TOO_LARGE" };
  return { ok: true, args, candidates, named: only?.name };
}

/** Takes `sluice_node` out of the arguments. What is no string names no node. */
function takeNode(args: JsonObject): { readonly args: JsonObject; readonly node: Json | undefined } {
  if (!Object.hasOwn(args, "sluice_node")) return { args, node: undefined };
  const { sluice_node: node, ...rest } = args;
  return { args: rest, node };
}

interface Outcome {
  readonly reads: Label;
  readonly named: string | undefined;
}

/** Which runs the values of arguments came from. */
function originsOf(args: readonly LabelledArg[]): readonly Origin[] {
  return args.flatMap(({ arg, runs }) => runs.map(({ number }) => ({ arg: arg.name, run: number })));
}

/** Whether these are the {@link originsOf} arguments. */
function isFrom(origins: readonly Origin[], args: readonly LabelledArg[]): boolean {
  let count = 0;
  for (const { arg, runs } of args)
    for (const { number } of runs) {
      const origin = origins[count];
      if (origin?.run !== number || origin.arg !== arg.name) return false;
      count += 1;
    }
  return count === origins.length;
}

type AllowEvent = SessionEvent & { readonly type: "allow" };
type Draft<T> = { -readonly [K in keyof T]: T[K] };

function permit(
  { program, state, now }: Scope,
  fit: Fit,
  { reads, lease, named }: Outcome & { readonly lease: number },
  hold?: string,
): Decision {
  const run = state.runs.length;
  const { node, row } = fit;
  // The context first: it mostly covers the others, and what is covered is joined without making a label.
  let label = fit.args.some(({ isContext }) => isContext) ? state.context : bottom;
  let raised = bottom;
  for (const { label: part, given } of fit.args) {
    label = join(label, part);
    if (given !== undefined) raised = join(raised, given);
  }
  const ready = readyOf(program, node);
  // Calls of one node mostly refer to the same results: then their runs share one list, which is kept as long as they are.
  if (!isFrom(ready.origins, fit.args)) ready.origins = originsOf(fit.args);
  const event: Draft<AllowEvent> = { type: "allow", at: now, run, node: node.name, lease };
  if (row !== undefined) event.row = row.key;
  if (fit.amounts.length > 0) Object.assign(event, reservedOf(fit));
  if (named !== undefined) event.isNamed = true;
  if (node.resources !== undefined) Object.assign(event, touchedBy(node, fit.final));
  if (raised !== bottom) event.raised = program.labels.toValue(raised);
  if (hold !== undefined) event.hold = hold;
  return { allow: true, run, fit, made: { label, origins: ready.origins, reads }, event };
}

interface HoldPart {
  readonly approval?: string | undefined;
  readonly hold?: Hold;
  readonly voids?: string;
}

function deny(
  { now }: Scope,
  call: Call,
  { misfit, reads, named }: Outcome & { readonly misfit: Misfit },
  { approval, ...kept }: HoldPart = {},
): Decision {
  const { code, node, stage } = misfit;
  const event = {
    type: "deny" as const,
    at: now,
    code,
    tool: call.tool,
    ...(node === undefined ? undefined : { node: node.name }),
    ...(named === undefined ? undefined : { named }),
    ...(stage === 0 && code !== "CALL_AMBIGUOUS" ? undefined : { isTried: true as const }),
    ...kept,
  };
  return { allow: false, code, misfit, approval, made: { label: bottom, origins: [], reads }, event };
}
