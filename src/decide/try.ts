/**
 * One call against one node: the stages 1 to 8 of "The check of a call" in `src/README.md`.
 * Pure. No I/O, no clock. Never changes anything; what it makes is what the verdict needs.
 */
import type { Code } from "../codes.ts";
import { setMember } from "../json/exact.ts";
import type { Json, JsonObject } from "../json/value.ts";
import type { CompiledNode } from "../plan/compile/compiled.ts";
import { isDroppable } from "../plan/compile.ts";
import { checkConstraints, type Reservation } from "./constraints.ts";
import { checkFlows, type FlowDenial, type LabelledArg } from "./flow.ts";
import { raiseArg } from "./given.ts";
import { type Ready, readyOf, type Step } from "./ready.ts";
import type { NodeScope } from "./resolve.ts";
import { evaluate, isInOrder, liveCount, type RowScope, rowsOf, type Scope } from "./rows.ts";
import type { Row, Tally } from "./state.ts";

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

/** Tries a call as one node: stages 1 to 8, for the first row that fits, or for one row only. */
export function tryNode(scope: Scope, node: CompiledNode, args: JsonObject, only?: string): Fit | Misfit {
  if (!isInOrder(scope, node)) return { stage: 1, code: "CALL_OUT_OF_ORDER", node };
  if (node.when !== undefined && evaluate(scope, node.when) !== true) return { stage: 2, code: "CALL_GUARD", node };
  const tally = scope.state.nodes.get(node.index);
  if (node.each === undefined) {
    if (isSpent(node, tally, scope.now)) return { stage: 3, code: "CALL_REPEATED", node };
    return tryRow(within(scope, node, undefined), args);
  }
  const rows = rowsOf(scope, node);
  if (rows === undefined) return { stage: 3, code: "CALL_EACH", node };
  let best: Misfit = { stage: 3, code: "CALL_REPEATED", node };
  for (const row of rows) {
    if (only !== undefined && row.key !== only) continue;
    if (isSpent(node, tally?.rows.get(row.key), scope.now)) continue;
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

/** Whether runs in flight, ok, and failed unless the node may be tried again, are as many as `times` says. */
function isSpent(node: CompiledNode, tally: Tally | undefined, now: number): boolean {
  if (tally === undefined) return node.max <= 0;
  const { ok, flight, errors } = tally;
  if (ok.length + flight.length + errors < node.max) return false;
  const live = liveCount(tally, now);
  return live + ok.length + (node.isIdempotent ? 0 : errors + flight.length - live) >= node.max;
}

/** What was sent for each argument of a node, by its place; or the name of one that the plan does not have. */
function placeSent({ blank, places }: Ready, node: CompiledNode, sent: JsonObject): (Json | undefined)[] | string {
  const names = Object.keys(sent);
  const values = Object.values(sent);
  const placed: (Json | undefined)[] = blank.slice();
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    const place = places.get(name);
    if (place !== undefined) placed[place] = values[i];
    else if (!isDroppable(node, name, values[i] as Json)) return name;
  }
  return placed;
}

/** Stages 4 to 8 for one node and row. */
function tryRow(scope: NodeScope, sent: JsonObject): Fit | Misfit {
  const { node, row, program } = scope;
  const ready = readyOf(program, node);
  const placed = placeSent(ready, node, sent);
  if (typeof placed === "string") return misfit(scope, { stage: 4, code: "ARG_UNEXPECTED", arg: placed });
  // One list for both: what was sent for an argument gives way to what it is resolved to.
  const args = placed as unknown[] as LabelledArg[];
  const final: Record<string, Json> = {};
  for (let i = 0; i < placed.length; i++) {
    const { arg, resolve } = ready.steps[i] as Step;
    const resolved = resolve(scope, placed[i]);
    if (!resolved.ok)
      return misfit(scope, { stage: 4, code: resolved.code, arg: arg.name + resolved.at, args: args.slice(0, i) });
    args[i] = scope.given === undefined ? resolved : raiseArg(scope, resolved);
    if (resolved.value !== undefined) setMember(final, arg.name, resolved.value);
  }
  const item = row === undefined ? undefined : { item: row.row.value };
  for (const condition of node.require)
    if (evaluate(scope, condition, { row, args: final, ...item }) !== true)
      return misfit(scope, { stage: 5, code: "CALL_REQUIRE", args });
  const flow = checkFlows(scope, args);
  if (flow !== undefined && "code" in flow) return misfit(scope, { stage: 6, code: flow.code, arg: flow.arg, flow, args });
  const held = { scope, final };
  for (const within of node.within) {
    const beside = checkConstraints(within, args, held);
    if (!beside.ok) return misfit(scope, { stage: 7, code: beside.code, arg: beside.arg, args });
  }
  const outcome = checkConstraints(node.constraints, args, held);
  if (!outcome.ok) return misfit(scope, { stage: 7, code: outcome.code, arg: outcome.arg, args });
  const fit = { node, row: row?.row, args, final, amounts: outcome.amounts, shared: outcome.shared };
  if (flow === undefined && !node.needsApproval) return fit;
  return misfit(scope, { stage: 8, code: "CALL_NEEDS_APPROVAL", args, held: fit });
}

function misfit({ node, row }: NodeScope, what: Omit<Misfit, "node" | "row">): Misfit {
  return { ...what, node, row: row?.row };
}
