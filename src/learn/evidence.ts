/**
 * How sure a learned plan is of each of its elements: how many of the runs show it.
 * Pure. Counts runs and weighs nothing.
 */
import { pointerOf } from "../json/pointer.ts";
import { classOf } from "../plan/walk.ts";
import type { Plan } from "../plan/plan.ts";
import type { EvidenceKind } from "./model.ts";

/** What the runs say of one element of the plan. */
export interface Evidence {
  readonly kind: EvidenceKind;
  /** Runs that show it. */
  readonly runs: number;
  /** Runs in all. */
  readonly of: number;
  /** Other references and computations that all these runs show too, so that only the order of soundness decided. */
  readonly alternatives?: number;
}

/** JSON pointer into the plan → what the runs say of it. */
export type EvidenceTable = { readonly [pointer: string]: Evidence };

const kinds: { readonly [kind in ReturnType<typeof classOf>]: EvidenceKind } = {
  const: "constant",
  param: "parameter",
  from: "reference",
  item: "item",
  expr: "computed",
  template: "computed",
  choose: "choice",
  write: "text",
  object: "constant",
  list: "constant",
};

/** The evidence of a plan that one run was generalised to. */
export function evidenceOfOne(plan: Plan): EvidenceTable {
  const table: Record<string, Evidence> = {};
  for (const [name, node] of Object.entries(plan.nodes)) {
    for (const [arg, rule] of Object.entries(node.args ?? {}))
      table[pointerOf(["nodes", name, "args", arg])] = { kind: kinds[classOf(rule)], runs: 1, of: 1 };
    if (node.each !== undefined) table[pointerOf(["nodes", name, "each"])] = { kind: "loop", runs: 1, of: 1 };
    if (node.times !== undefined) table[pointerOf(["nodes", name, "times"])] = { kind: "times", runs: 1, of: 1 };
    for (const index of (node.after ?? []).keys())
      table[pointerOf(["nodes", name, "after", index])] = { kind: "order", runs: 1, of: 1 };
  }
  for (const name of Object.keys(plan.params ?? {})) table[pointerOf(["params", name])] = { kind: "parameter", runs: 1, of: 1 };
  return table;
}
