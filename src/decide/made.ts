/**
 * What an allowed call was made of: its labels and where its values came from. The check knows it; a replay works it out again.
 * Pure. No I/O, no clock.
 */
import type { CompiledNode } from "../plan/compile/compiled.ts";
import { bottom, join, type Label } from "../taint/label.ts";
import { type FillScope, labelOfPart } from "./fill.ts";
import { labelOfRead } from "./regions.ts";
import { type RowScope, rowsOf, type Scope } from "./rows.ts";
import type { Origin, SessionState } from "./state.ts";

/** What follows from an event and the state before it, so that the event need not say it. */
export interface Made {
  /** Join of the labels of the arguments, the context label as it stood included. */
  readonly label: Label;
  readonly origins: readonly Origin[];
  /** Label of the verdict reads of every candidate. */
  readonly reads: Label;
}

/** Works out what an allowed call was made of from its node and row. */
export function remake(scope: Scope, node: CompiledNode, rowKey: string | undefined): Omit<Made, "reads"> {
  const row = rowKey === undefined ? undefined : rowScopeOf(scope, node, rowKey);
  const inner: FillScope = { ...scope, row };
  let label = bottom;
  const origins: Origin[] = [];
  for (const { name, rule } of node.args) {
    const part = labelOfPart(inner, rule);
    label = join(label, part.isContext ? join(part.label, scope.state.context) : part.label);
    for (const run of part.runs) origins.push({ arg: name, run: run.number });
  }
  return { label, origins };
}

function rowScopeOf(scope: Scope, node: CompiledNode, key: string): RowScope | undefined {
  const row = rowsOf(scope, node)?.find((each) => each.key === key);
  return row === undefined || node.each === undefined ? undefined : { each: node.each, row };
}

/** Label of what the verdict reads of a node see now; see "Verdict reads" in `src/README.md`. */
export function verdictReads(state: SessionState, node: CompiledNode): { readonly label: Label; readonly isHidden: boolean } {
  let label = bottom;
  let isHidden = false;
  for (const read of node.hiddenReads) {
    const from = state.nodes.get(read.node);
    if (from === undefined || (from.ok.length === 0 && from.errors === 0)) continue;
    isHidden = true;
    if (from.isUniform) label = join(label, from.successes);
    else for (const run of from.ok) label = join(label, labelOfRead(run, read.prefix));
    label = join(label, from.failures);
  }
  return { label, isHidden };
}

/** Join of the verdict reads of several candidates. */
export function readsOfAll(state: SessionState, nodes: readonly CompiledNode[]): Label {
  let label = bottom;
  for (const node of nodes) if (node.hiddenReads.length > 0) label = join(label, verdictReads(state, node).label);
  return label;
}
