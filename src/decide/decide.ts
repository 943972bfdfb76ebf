/**
 * The decision point: may this call run, as which node, with which arguments?
 * Pure, total, synchronous. No I/O, no clock: `now` is passed in. Never changes the state; the event it returns does.
 *
 * The stages are those of "The check of a call" in `src/README.md`: forbid trumps permit, an error denies, the default denies.
 */
import type { Code } from "../codes.ts";
import { isObject, type Json, type JsonObject } from "../json/value.ts";
import { inFlightMax } from "../limits.ts";
import type { CompiledNode } from "../plan/compile/compiled.ts";
import { isDroppable } from "../plan/compile.ts";
import { bottom, join, type Label } from "../taint/label.ts";
import { checkConstraints, type Reservation } from "./constraints.ts";
import { checkFlows, type FlowDenial, type LabelledArg } from "./flow.ts";
import { verdictReads } from "./fold.ts";
import type { Program } from "./program.ts";
import { type NodeScope, resolve } from "./resolve.ts";
import { isRoomLeft, evaluate, isInOrder, liveCount, rowsOf, type Scope } from "./rows.ts";
import { isLargerThan } from "./size.ts";
import type { RecordedLabel, Row, SessionEvent, SessionState, Tally } from "./state.ts";

/** One attempted tool call. */
export interface Call {
  readonly tool: string;
  readonly args: Json;
  /** The node that the agent names, where a call fits several. */
  readonly node?: string | undefined;
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
}

/** What was decided, and the event that records it. `reads` joins the context when the verdict is delivered. */
export type Decision =
  | {
      readonly allow: true;
      readonly run: number;
      readonly fit: Fit;
      readonly reads: Label;
      readonly event: SessionEvent & { readonly type: "allow" };
    }
  | {
      readonly allow: false;
      readonly code: Code;
      readonly misfit: Misfit;
      readonly reads: Label;
      readonly event: SessionEvent & { readonly type: "deny" };
    };

/** How long an allowed call may stay unsettled, and what else its batch holds. */
export interface DecideOptions {
  /** Milliseconds. */
  readonly leaseMs: number;
}

/** Decides one call against the state of its session. */
export function decide(
  program: Program,
  state: SessionState,
  call: Call & { readonly at: number },
  options: DecideOptions,
): Decision {
  const scope: Scope = { program, state, now: call.at, memo: new Map() };
  const opened = admit(scope, call);
  if (!opened.ok) return deny(scope, call, { misfit: { stage: 0, code: opened.code, node: undefined }, reads: bottom });
  let reads = bottom;
  let best: Misfit | undefined;
  let isBestHidden = false;
  const fits: Fit[] = [];
  for (const node of opened.candidates) {
    const seen = verdictReads(state, node);
    reads = join(reads, seen.label);
    const outcome = tryNode(scope, node, opened.args);
    if ("final" in outcome) fits.push(outcome);
    else if (best === undefined || outcome.stage > best.stage) {
      best = outcome;
      isBestHidden = seen.isHidden;
    }
  }
  const [fit] = fits;
  if (fits.length === 1 && fit !== undefined) return permit(scope, fit, { reads, lease: call.at + options.leaseMs });
  if (fits.length > 1) return deny(scope, call, { misfit: { stage: 0, code: "CALL_AMBIGUOUS", node: undefined }, reads });
  const misfit = best ?? { stage: 0, code: "CALL_NOT_IN_PLAN" as const, node: undefined };
  return deny(scope, call, { misfit: isBestHidden ? { ...misfit, code: "HIDDEN" } : misfit, reads });
}

type Admission =
  | { readonly ok: true; readonly args: JsonObject; readonly candidates: readonly CompiledNode[] }
  | { readonly ok: false; readonly code: Code };

/** Stage 0: the session, the form of the call, and the nodes that it could be. */
function admit({ program, state, now }: Scope, call: Call): Admission {
  const { plan } = program;
  if (state.isClosed) return { ok: false, code: "SESSION_CLOSED" };
  if (now > plan.notAfter) return { ok: false, code: "PLAN_EXPIRED" };
  if (now > state.openedAt + plan.limits.seconds * 1_000) return { ok: false, code: "SESSION_EXPIRED" };
  if (!isObject(call.args)) return { ok: false, code: "CALL_MALFORMED" };
  const { args, node } = takeNode(call.args);
  const name = call.node ?? node;
  const ofTool = plan.byTool.get(call.tool) ?? [];
  const candidates = name === undefined ? ofTool : ofTool.filter((each) => each.name === name);
  if (candidates.length === 0) return { ok: false, code: "CALL_NOT_IN_PLAN" };
  if (state.allowed >= plan.limits.calls || !isRoomLeft(state, now, inFlightMax)) return { ok: false, code: "CALL_LIMIT" };
  if (isLargerThan(args, plan.limits.maxBytes)) return { ok: false, code: "CALL_TOO_LARGE" };
  return { ok: true, args, candidates };
}

/** Takes `sluice_node` out of the arguments. What is no string names no node. */
function takeNode(args: JsonObject): { readonly args: JsonObject; readonly node: Json | undefined } {
  if (!Object.hasOwn(args, "sluice_node")) return { args, node: undefined };
  const { sluice_node: node, ...rest } = args;
  return { args: rest, node };
}

/** Tries a call as one node: stages 1 to 7, for the first row that fits. */
function tryNode(scope: Scope, node: CompiledNode, args: JsonObject): Fit | Misfit {
  if (!isInOrder(scope, node)) return { stage: 1, code: "CALL_OUT_OF_ORDER", node };
  if (node.when !== undefined && evaluate(scope, node.when) !== true) return { stage: 2, code: "CALL_GUARD", node };
  const tally = scope.state.nodes.get(node.index);
  if (node.each === undefined) {
    if (startedCount(node, tally, scope.now) >= node.max) return { stage: 3, code: "CALL_REPEATED", node };
    return tryRow({ ...scope, node, row: undefined }, args);
  }
  const rows = rowsOf(scope, node);
  if (rows === undefined) return { stage: 3, code: "CALL_EACH", node };
  let best: Misfit = { stage: 3, code: "CALL_REPEATED", node };
  for (const row of rows) {
    if (startedCount(node, tally?.rows.get(row.key), scope.now) >= node.max) continue;
    const outcome = tryRow({ ...scope, node, row: { each: node.each, row } }, args);
    if ("final" in outcome) return outcome;
    if (outcome.stage > best.stage) best = outcome;
  }
  return best;
}

/** Runs that count against `times`: in flight, ok, and failed unless the node may be tried again. */
function startedCount(node: CompiledNode, tally: Tally | undefined, now: number): number {
  if (tally === undefined) return 0;
  const live = liveCount(tally, now);
  return live + tally.ok.length + (node.isIdempotent ? 0 : tally.errors + tally.flight.length - live);
}

/** Stages 4 to 7 for one node and row. */
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
    if (resolved.value === undefined) continue;
    const label = resolved.isContext ? join(resolved.label, scope.state.context) : resolved.label;
    args.push({
      arg,
      value: resolved.value,
      label,
      own: resolved.label,
      isContext: resolved.isContext,
      choices: resolved.choices,
      runs: resolved.runs,
    });
    setOwn(final, arg.name, resolved.value);
  }
  const item = row === undefined ? {} : { item: row.row.value };
  if (!node.require.every((condition) => evaluate(scope, condition, { row, args: final, ...item }) === true))
    return { stage: 5, code: "CALL_REQUIRE", ...place, args };
  const flow = checkFlows(scope, args);
  if (flow !== undefined) return { stage: 6, code: flow.code, arg: flow.arg, flow, ...place, args };
  const outcome = checkConstraints(node, args, { state: scope.state.nodes.get(node.index), now: scope.now, final });
  if (!outcome.ok) return { stage: 7, code: outcome.code, arg: outcome.arg, ...place, args };
  return { node, row: row?.row, args, final, amounts: outcome.amounts, shared: outcome.shared };
}

/** Sets an own member, whatever its name (`__proto__` too). */
function setOwn(object: Record<string, Json>, name: string, value: Json): void {
  if (name === "__proto__") Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true });
  else object[name] = value;
}

function permit(
  { program, state, now }: Scope,
  fit: Fit,
  { reads, lease }: { readonly reads: Label; readonly lease: number },
): Decision {
  const run = state.runs.length;
  let own = bottom;
  let isContext = false;
  for (const arg of fit.args) {
    own = join(own, arg.own);
    isContext ||= arg.isContext;
  }
  const label: RecordedLabel = { ...program.labels.toValue(own), ...(isContext ? { context: true as const } : {}) };
  const origins = fit.args.flatMap(({ arg, runs }) => runs.map((from) => ({ arg: arg.name, run: from.number })));
  return {
    allow: true,
    run,
    fit,
    reads,
    event: {
      type: "allow",
      at: now,
      run,
      node: fit.node.name,
      ...(fit.row === undefined ? {} : { row: fit.row.key }),
      lease,
      label,
      ...(reads === bottom ? {} : { reads: program.labels.toValue(reads) }),
      origins,
      ...(fit.amounts.length === 0 ? {} : { amounts: fit.amounts }),
    },
  };
}

function deny(
  { program, now }: Scope,
  call: Call,
  { misfit, reads }: { readonly misfit: Misfit; readonly reads: Label },
): Decision {
  const { code, node } = misfit;
  const event = {
    type: "deny" as const,
    at: now,
    code,
    tool: call.tool,
    ...(node === undefined ? {} : { node: node.name }),
    ...(reads === bottom ? {} : { reads: program.labels.toValue(reads) }),
  };
  return { allow: false, code, misfit, reads, event };
}
