/**
 * The decision point: may this call run, as which node, with which arguments?
 * Pure, total, synchronous. No I/O, no clock: `now` is passed in. Never changes the state; the event it returns does.
 *
 * The stages are those of "The check of a call" in `src/README.md`: forbid trumps permit, an error denies, the default denies.
 */
import type { Code } from "../codes.ts";
import { canonicalJson } from "../json/canonical.ts";
import { setMember } from "../json/exact.ts";
import { isObject, type Json, type JsonObject } from "../json/value.ts";
import { holdSecondsDefault, inFlightMax } from "../limits.ts";
import type { CompiledNode } from "../plan/compile/compiled.ts";
import { isDroppable } from "../plan/compile.ts";
import { bottom, join, type Label } from "../taint/label.ts";
import { checkConstraints, type Reservation, reservedOf } from "./constraints.ts";
import { checkFlows, type FlowDenial, type LabelledArg } from "./flow.ts";
import { type GivenLabels, labelArg, withGiven } from "./given.ts";
import { type Hold, holdCall, type HoldState, refuseRelease, releasable } from "./hold.ts";
import { type Made, readsOfAll, verdictReads } from "./made.ts";
import type { Program } from "./program.ts";
import { type NodeScope, resolve } from "./resolve.ts";
import { touchedBy } from "./resources.ts";
import { evaluate, isInOrder, isRoomLeft, liveCount, openScope, type RowScope, rowsOf, type Scope } from "./rows.ts";
import { isLargerThan } from "./size.ts";
import type { Origin, Row, SessionEvent, SessionState, Tally } from "./state.ts";

/** One attempted tool call. */
export interface Call {
  readonly tool: string;
  readonly args: Json;
  /** The node that the agent names, where a call fits several. */
  readonly node?: string | undefined;
  /** Labels that the caller says its arguments carry: they only raise. */
  readonly labels?: GivenLabels | undefined;
}

/** A node (and row) that a call fits. */
export interface Fit {
  readonly node: CompiledNode;
  readonly row: Row | undefined;
  readonly args: readonly LabelledArg[];
  /** The final arguments: exactly what may be forwarded. */
  readonly final: JsonObject;
  readonly amounts: readonly number[];
  readonly shared: readonly Reservation[];
}

/** Why a node does not take a call. */
export interface Misfit {
  readonly stage: number;
  readonly code: Code;
  readonly node: CompiledNode | undefined;
  readonly row?: Row | undefined;
  /** Argument and place in it, where it was one. */
  readonly arg?: string | undefined;
  readonly flow?: FlowDenial;
  /** Arguments resolved so far, for the taint chain. */
  readonly args?: readonly LabelledArg[];
  /** The call as it would run, if all that it lacks is a human's approval. */
  readonly held?: Fit;
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
  const asked = { call, opened, options };
  // A call of one node releases what was approved of that node, whatever it says: an agent that rewords is not asked again.
  const released = opened.candidates.length === 1 ? releaseApproved(scope, asked) : undefined;
  if (released !== undefined) return released;
  let reads = bottom;
  let best: Misfit | undefined;
  let isBestHidden = false;
  let fit: Fit | undefined;
  let isAmbiguous = false;
  for (const node of opened.candidates) {
    const seen = node.hiddenReads.length === 0 ? nothingSeen : verdictReads(state, node);
    reads = join(reads, seen.label);
    const outcome = tryNode(scope, node, opened.args);
    if ("final" in outcome) {
      isAmbiguous = fit !== undefined;
      fit ??= outcome;
      if (isAmbiguous) break;
    } else if (best === undefined || outcome.stage > best.stage) {
      best = outcome;
      isBestHidden = seen.isHidden;
    }
  }
  if (isAmbiguous) {
    const misfit = { stage: 0, code: "CALL_AMBIGUOUS", node: undefined } as const;
    return deny(scope, call, { misfit, reads: readsOfAll(state, opened.candidates), named });
  }
  if (fit !== undefined) return permit(scope, fit, { reads, lease: call.at + options.leaseMs, named });
  const late = opened.candidates.length > 1 ? releaseApproved(scope, asked) : undefined;
  if (late !== undefined) return late;
  if (best?.held !== undefined) return holdFor(scope, asked, { misfit: best, held: best.held, reads });
  const misfit = best ?? { stage: 0, code: "CALL_NOT_IN_PLAN" as const, node: undefined };
  return deny(scope, call, { misfit: isBestHidden ? { ...misfit, code: "HIDDEN" } : misfit, reads, named });
}

const nothingSeen = { label: bottom, isHidden: false };

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
  if (scope.state.holds.size === 0) return undefined;
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

/** Tries a call as one node: stages 1 to 8, for the first row that fits, or for one row only. */
function tryNode(scope: Scope, node: CompiledNode, args: JsonObject, only?: string): Fit | Misfit {
  if (!isInOrder(scope, node)) return { stage: 1, code: "CALL_OUT_OF_ORDER", node };
  if (node.when !== undefined && evaluate(scope, node.when) !== true) return { stage: 2, code: "CALL_GUARD", node };
  const tally = scope.state.nodes.get(node.index);
  if (node.each === undefined) {
    if (startedCount(node, tally, scope.now) >= node.max) return { stage: 3, code: "CALL_REPEATED", node };
    return tryRow(within(scope, node, undefined), args);
  }
  const rows = rowsOf(scope, node);
  if (rows === undefined) return { stage: 3, code: "CALL_EACH", node };
  let best: Misfit = { stage: 3, code: "CALL_REPEATED", node };
  for (const row of rows) {
    if (only !== undefined && row.key !== only) continue;
    if (startedCount(node, tally?.rows.get(row.key), scope.now) >= node.max) continue;
    const outcome = tryRow(within(scope, node, { each: node.each, row }), args);
    if ("final" in outcome) return outcome;
    if (outcome.stage > best.stage) best = outcome;
  }
  return best;
}

/** The scope of one node and row. Written out: a check allocates as little as it can. */
function within({ program, state, now, memo, work, given }: Scope, node: CompiledNode, row: RowScope | undefined): NodeScope {
  return { program, state, now, memo, work, given, node, row };
}

/** Runs that count against `times`: in flight, ok, and failed unless the node may be tried again. */
function startedCount(node: CompiledNode, tally: Tally | undefined, now: number): number {
  if (tally === undefined) return 0;
  const live = liveCount(tally, now);
  return live + tally.ok.length + (node.isIdempotent ? 0 : tally.errors + tally.flight.size - live);
}

/** Stages 4 to 8 for one node and row. */
function tryRow(scope: NodeScope, sent: JsonObject): Fit | Misfit {
  const { node, row } = scope;
  const place = { node, row: row?.row };
  for (const name of Object.keys(sent)) {
    if (!node.argNames.has(name) && !isDroppable(node, name, sent[name] as Json))
      return { stage: 4, code: "ARG_UNEXPECTED", arg: name, ...place };
  }
  const args: LabelledArg[] = [];
  const final: Record<string, Json> = {};
  for (const arg of node.args) {
    const resolved = resolve(scope, arg.rule, Object.hasOwn(sent, arg.name) ? sent[arg.name] : undefined);
    if (!resolved.ok) return { stage: 4, code: resolved.code, arg: arg.name + resolved.at, ...place, args };
    args.push(labelArg(scope, arg, resolved));
    if (resolved.value !== undefined) setMember(final, arg.name, resolved.value);
  }
  const item = row === undefined ? {} : { item: row.row.value };
  if (!node.require.every((condition) => evaluate(scope, condition, { row, args: final, ...item }) === true))
    return { stage: 5, code: "CALL_REQUIRE", ...place, args };
  const flow = checkFlows(scope, args);
  if (flow !== undefined && "code" in flow) return { stage: 6, code: flow.code, arg: flow.arg, flow, ...place, args };
  const held = {
    state: scope.state.nodes.get(node.index),
    nodes: scope.state.nodes,
    now: scope.now,
    final,
    sql: scope.program.sql,
  };
  for (const within of node.within) {
    const beside = checkConstraints(within, args, held);
    if (!beside.ok) return { stage: 7, code: beside.code, arg: beside.arg, ...place, args };
  }
  const outcome = checkConstraints(node.constraints, args, held);
  if (!outcome.ok) return { stage: 7, code: outcome.code, arg: outcome.arg, ...place, args };
  const fit = { node, row: row?.row, args, final, amounts: outcome.amounts, shared: outcome.shared };
  if (flow === undefined && !node.needsApproval) return fit;
  return { stage: 8, code: "CALL_NEEDS_APPROVAL", ...place, args, held: fit };
}

interface Outcome {
  readonly reads: Label;
  readonly named: string | undefined;
}

function permit(
  { program, state, now }: Scope,
  fit: Fit,
  { reads, lease, named }: Outcome & { readonly lease: number },
  hold?: string,
): Decision {
  const run = state.runs.length;
  let label = bottom;
  let raised = bottom;
  const origins: Origin[] = [];
  for (const { arg, label: part, runs, given } of fit.args) {
    label = join(label, part);
    if (given !== undefined) raised = join(raised, given);
    for (const from of runs) origins.push({ arg: arg.name, run: from.number });
  }
  const event = {
    type: "allow" as const,
    at: now,
    run,
    node: fit.node.name,
    lease,
    ...(fit.row === undefined ? undefined : { row: fit.row.key }),
    ...reservedOf(fit),
    ...(named === undefined ? undefined : { isNamed: true as const }),
    ...(fit.node.resources === undefined ? undefined : touchedBy(fit.node, fit.final)),
    ...(raised === bottom ? undefined : { raised: program.labels.toValue(raised) }),
    ...(hold === undefined ? undefined : { hold }),
  };
  return { allow: true, run, fit, made: { label, origins, reads }, event };
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
