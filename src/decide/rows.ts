/**
 * Which runs a reference sees, which rows a loop has, what an expression is given, and when a node is settled.
 * Pure. No I/O, no clock: `now` is passed in. See "Which runs a reference sees" in `src/README.md`.
 */
import { isArray, type Json } from "../json/value.ts";
import type { Work } from "../lang/work.ts";
import { checkStepsMax } from "../limits.ts";
import type { CompiledEach, CompiledExpression, CompiledNode } from "../plan/compile/compiled.ts";
import type { Label } from "../taint/label.ts";
import type { Labelled } from "./fill.ts";
import type { Program } from "./program.ts";
import type { Row, Run, SessionState, Tally } from "./state.ts";

/** What one check looks at. `memo` lives as long as the check. */
export interface Scope {
  readonly program: Program;
  readonly state: SessionState;
  /** Milliseconds since the epoch. */
  readonly now: number;
  memo: Map<number, boolean> | undefined;
  /** Steps that all expressions of the check may take together: rows are a stranger's; and what it has worked out already. */
  readonly work: CheckWork;
  /** Labels that the caller gave the arguments of its call; `undefined`: none. */
  readonly given: ReadonlyMap<string, Label> | undefined;
}

/** The work of a check, shared by all of its scopes: steps, and the `let` nodes, which depend on the state alone and on no row. */
interface CheckWork extends Work {
  /** Made when the first one is looked at: most checks have none. */
  letValues?: Map<CompiledNode, Json | undefined>;
  letLabels?: Map<CompiledNode, Labelled>;
}

/** What a check of a session at `now` starts with. */
export function openScope(program: Program, state: SessionState, now: number): Scope {
  return { program, state, now, memo: undefined, work: { left: checkStepsMax }, given: undefined };
}

/** The current row of a loop, while its arguments and conditions are looked at. */
export interface RowScope {
  readonly each: CompiledEach;
  readonly row: Row;
}

const nothing: readonly Run[] = [];

/** Runs that are in flight and within their lease. */
export function liveCount(tally: Tally, now: number): number {
  let count = 0;
  for (const run of tally.flight) if (run.lease > now) count += 1;
  return count;
}

/** The ok runs of a node that a reference sees, in order. */
export function runsSeen(
  scope: Scope,
  index: number,
  options: { readonly all?: boolean; readonly row?: RowScope | undefined } = {},
): readonly Run[] {
  const { row } = options;
  if (row !== undefined && row.each.kind === "node" && row.each.node === index)
    return row.row.run === undefined ? nothing : [row.row.run];
  const tally = scope.state.nodes.get(index);
  if (tally === undefined || tally.ok.length === 0) return nothing;
  const node = scope.program.plan.nodes[index] as CompiledNode;
  if (node.each === undefined) return options.all ? tally.ok : tally.ok.slice(0, 1);
  const rows = rowsOf(scope, node);
  if (rows === undefined) return nothing;
  return rows.flatMap((each) => {
    const runs = tally.rows.get(each.key)?.ok ?? nothing;
    return options.all ? runs : runs.slice(0, 1);
  });
}

/** The result that CEL sees under a node's name, or `undefined` if there is none. */
export function nodeValue(scope: Scope, index: number, row: RowScope | undefined): Json | undefined {
  const node = scope.program.plan.nodes[index] as CompiledNode;
  if (node.let !== undefined) return letValue(scope, node);
  const runs = runsSeen(scope, index, { row });
  const isOne = node.each === undefined || (row?.each.kind === "node" && row.each.node === index);
  if (runs.length === 0) return undefined;
  return isOne ? runs[0]?.value : runs.map((run) => run.value ?? null);
}

/** The value of a `let` node, or `undefined` if it cannot be computed (yet). */
export function letValue(scope: Scope, node: CompiledNode): Json | undefined {
  if (node.let === undefined) return undefined;
  const { work } = scope;
  work.letValues ??= new Map();
  if (work.letValues.has(node)) return work.letValues.get(node);
  const value = evaluate(scope, node.let);
  work.letValues.set(node, value);
  return value;
}

/** Runs an expression over results, parameters and what the place offers; `undefined` on any error. */
export function evaluate(
  scope: Scope,
  code: CompiledExpression,
  place: { readonly row?: RowScope | undefined; readonly item?: Json; readonly args?: Json } = {},
): Json | undefined {
  const bindings: Record<string, Json> = {};
  if (code.params.length > 0) bindings.params = scope.state.params;
  if (code.item && place.item !== undefined) bindings.item = place.item;
  if (code.args && place.args !== undefined) bindings.args = place.args;
  for (const { name, node } of code.names) {
    const value = nodeValue(scope, node, place.row);
    if (value !== undefined) bindings[name] = value;
  }
  if (code.indexed.length > 0) {
    const nodes: Record<string, Json> = {};
    for (const { name, node } of code.indexed) {
      const value = nodeValue(scope, node, place.row);
      if (value !== undefined) nodes[name] = value;
    }
    bindings.nodes = nodes;
  }
  const result = code.expression.run(bindings, scope.work);
  return result.ok ? result.value : undefined;
}

/** The rows of a loop in order, `where` applied; `undefined` if they cannot be selected or are more than `max`. */
export function rowsOf(scope: Scope, node: CompiledNode): readonly Row[] | undefined {
  const { each } = node;
  if (each === undefined) return undefined;
  const pinned = scope.state.nodes.get(node.index)?.pinned;
  if (pinned !== undefined) return pinned;
  const source = scope.program.plan.nodes[each.node] as CompiledNode;
  const tally = scope.state.nodes.get(each.node);
  if (each.kind === "node") {
    return (tally?.ok ?? []).map((run) => ({ key: String(run.number), value: run.value ?? null, run, path: [] }));
  }
  // Rows depend on ok runs only, which are never taken back: as many ok runs, the same rows.
  const stamp = source.let === undefined && source.each === undefined ? (tally?.ok.length ?? 0) : -1;
  const cached = scope.state.rowCache.get(node.index);
  if (stamp >= 0 && cached?.stamp === stamp) return cached.rows;
  const rows = selectRows(scope, each);
  // What ran out of steps says nothing about the rows.
  if (stamp >= 0 && scope.work.left >= 0) scope.state.rowCache.set(node.index, { stamp, rows });
  return rows;
}

function selectRows(scope: Scope, each: CompiledEach & { readonly kind: "from" }): readonly Row[] | undefined {
  const source = scope.program.plan.nodes[each.node] as CompiledNode;
  const rows: Row[] = [];
  const value = source.let === undefined ? undefined : letValue(scope, source);
  if (source.let !== undefined && value === undefined) return undefined;
  const roots: readonly { readonly run: Run | undefined; readonly value: Json }[] =
    value !== undefined
      ? [{ run: undefined, value }]
      : runsSeen(scope, each.node).map((run) => ({ run, value: run.value ?? null }));
  for (const root of roots) {
    const selected = each.path.select(root.value);
    if (!selected.ok) return undefined;
    for (const { path, value: found } of selected.value) {
      const elements =
        each.path.singular && isArray(found)
          ? found.map((element, i) => ({ path: [...path, i], value: element }))
          : [{ path, value: found }];
      for (const element of elements) {
        const keep = each.where === undefined ? true : evaluate(scope, each.where, { item: element.value });
        if (typeof keep !== "boolean") return undefined;
        if (keep) rows.push({ ...element, run: root.run, key: keyOf(root.run, element.path) });
        if (rows.length > each.max) return undefined;
      }
    }
  }
  return rows;
}

function keyOf(run: Run | undefined, path: readonly (string | number)[]): string {
  return (run?.number ?? "let") + JSON.stringify(path);
}

/** Whether the rows of a loop are computed, so that they may change until its first run fixes them. */
export function areRowsComputed(program: Program, node: CompiledNode): boolean {
  return node.each?.kind === "from" && program.plan.nodes[node.each.node]?.let !== undefined;
}

/** Whether a node is settled; see "Predecessors and settled nodes" in `src/README.md`. */
export function isSettled(scope: Scope, node: CompiledNode): boolean {
  if (node.each === undefined && node.when === undefined) return isDone(scope, node);
  const known = scope.memo?.get(node.index);
  if (known !== undefined) return known;
  const settled = isDone(scope, node) || isSkipped(scope, node);
  scope.memo ??= new Map();
  scope.memo.set(node.index, settled);
  return settled;
}

function isDone(scope: Scope, node: CompiledNode): boolean {
  const tally = scope.state.nodes.get(node.index);
  if (node.each === undefined)
    return tally === undefined ? node.min <= 0 : tally.ok.length >= node.min && liveCount(tally, scope.now) === 0;
  const source = scope.program.plan.nodes[node.each.node] as CompiledNode;
  if (!areSettled(scope, source.let === undefined ? [source.index] : source.predecessors)) return false;
  const rows = rowsOf(scope, node);
  if (rows === undefined || (tally !== undefined && liveCount(tally, scope.now) > 0)) return false;
  return node.min === 0 || rows.every((row) => (tally?.rows.get(row.key)?.ok.length ?? 0) >= node.min);
}

/** Whether the guard is known to be false. */
function isSkipped(scope: Scope, node: CompiledNode): boolean {
  return node.when !== undefined && areSettled(scope, node.predecessors) && evaluate(scope, node.when) === false;
}

/** Whether all these nodes are settled. */
export function areSettled(scope: Scope, nodes: readonly number[]): boolean {
  for (const index of nodes) if (!isSettled(scope, scope.program.plan.nodes[index] as CompiledNode)) return false;
  return true;
}

/** Whether an optional node may no longer run, because a node that comes after it has started. */
export function isClosed(scope: Scope, node: CompiledNode): boolean {
  for (const index of node.closers) if (scope.state.nodes.has(index)) return true;
  return false;
}

/** Whether everything that must come before a node has come. */
export function isInOrder(scope: Scope, node: CompiledNode): boolean {
  if (isClosed(scope, node)) return false;
  const { each } = node;
  for (const index of node.predecessors) {
    if (each?.kind === "node" && each.node === index) {
      if ((scope.state.nodes.get(index)?.ok.length ?? 0) === 0) return false;
    } else if (!isSettled(scope, scope.program.plan.nodes[index] as CompiledNode)) return false;
  }
  return true;
}

/** Whether another run may be in flight: those past their lease do not count. */
export function isRoomLeft(state: SessionState, now: number, max: number): boolean {
  if (state.inFlight.size < max) return true;
  let live = 0;
  for (const run of state.inFlight.values()) if (run.lease > now) live += 1;
  return live < max;
}
