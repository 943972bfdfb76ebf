/**
 * Constraints by effect, rates and budgets of a node (stage 7).
 * Pure. No I/O, no clock: `now` is passed in. See "Budgets, limits" in `src/README.md`.
 */
import type { Code } from "../codes.ts";
import { canonicalJson } from "../json/canonical.ts";
import type { Json } from "../json/value.ts";
import type { CompiledArg, CompiledBudget, CompiledConstraints, CompiledNode } from "../plan/compile/compiled.ts";
import { addSince } from "./ledger.ts";
import type { NodeScope } from "./resolve.ts";
import { isLargerThan } from "./size.ts";
import type { NodeState } from "./state.ts";

/** An argument with its final value. */
export interface FinalArg {
  readonly arg: CompiledArg;
  readonly value: Json | undefined;
}

/** A counter that several sessions share: reserved by the store in the transaction that records the event. */
export interface Reservation {
  readonly budget: CompiledBudget;
  readonly amount: number;
}

/** What a budget's counter is known by: two budgets of one name, under whatever plan and policy of a session, count on one counter of one kind. */
export function budgetName({ id, scope, isShared, windowMs }: CompiledBudget): string {
  return canonicalJson([scope ?? "session", isShared, Number.isFinite(windowMs), id]);
}

/** What is recorded of the amounts that a run of a node reserves; with names only where a failure gives back what sessions share. */
export function reservedOf({
  node: { isIdempotent, constraints },
  amounts,
  shared,
}: {
  readonly node: Pick<CompiledNode, "isIdempotent" | "constraints">;
  readonly amounts: readonly number[];
  readonly shared: readonly Reservation[];
}): { readonly amounts?: readonly number[]; readonly budgets?: readonly string[] } | undefined {
  if (amounts.length === 0) return undefined;
  return isIdempotent && shared.length > 0 ? { amounts, budgets: constraints.budgets.map(budgetName) } : { amounts };
}

/** What the constraints allow: the amounts to reserve, in the order of the node's budgets. */
export type ConstraintOutcome =
  | { readonly ok: true; readonly amounts: readonly number[]; readonly shared: readonly Reservation[] }
  | { readonly ok: false; readonly code: Code; readonly arg: string | undefined };

const nothing: readonly never[] = [];
/** Of a call without a budget. */
const unreserved: ConstraintOutcome = { ok: true, amounts: nothing, shared: nothing };

function refuse(code: Code, arg?: string): ConstraintOutcome {
  return { ok: false, code, arg };
}

/** What constraints are checked against. */
export interface ConstraintPlace {
  readonly scope: NodeScope;
  /** The final arguments in one object. */
  readonly final: Json;
}

/** Checks the constraints of a node, or those beside it, on the final arguments. */
export function checkConstraints(
  constraints: CompiledConstraints,
  args: readonly FinalArg[],
  { scope, final }: ConstraintPlace,
): ConstraintOutcome {
  if (isLargerThan(final, constraints.maxBytes)) return refuse("CALL_TOO_LARGE");
  const parser = constraints.dialect === undefined ? undefined : scope.program.sql.get(constraints.dialect);
  for (const check of constraints.effects) {
    const value = args.find(({ arg }) => arg.name === check.arg)?.value;
    if (value !== undefined && !check.keeps(value, parser)) return refuse("ARG_CONSTRAINT", check.arg);
  }
  const { rate, budgets } = constraints;
  if (rate === undefined && budgets.length === 0) return unreserved;
  const { now, state } = scope;
  const own = state.nodes.get(scope.node.index);
  if (rate !== undefined && own !== undefined && addSince(own.starts, now - rate.windowMs) >= rate.calls)
    return refuse("CALL_RATE");
  const amounts: number[] = [];
  const shared: Reservation[] = [];
  for (const budget of budgets) {
    const amount = budget.sum === undefined ? 1 : amountOf(args, budget.sum);
    if (amount === undefined) return refuse("CALL_BUDGET", budget.sum);
    if (budget.scope === undefined || budget.scope === "session") {
      const states = budget.isShared ? state.nodes.values() : own === undefined ? [] : [own];
      if (spentBy(states, budget, now) + amount > budget.max) return refuse("CALL_BUDGET", budget.sum);
    } else shared.push({ budget, amount });
    amounts.push(amount);
  }
  return { ok: true, amounts, shared };
}

/** The amount that a call takes from a budget: there, a number, and no less than nothing. What is left out may be anything to the tool. */
function amountOf(args: readonly FinalArg[], name: string): number | undefined {
  const value = args.find(({ arg }) => arg.name === name)?.value;
  return typeof value === "number" && value >= 0 ? value : undefined;
}

function spentBy(states: Iterable<NodeState>, budget: CompiledBudget, now: number): number {
  let sum = 0;
  for (const { spent } of states) {
    const ledger = spent.get(budget.id);
    if (ledger !== undefined) sum = addSince(ledger, now - budget.windowMs, sum);
  }
  return sum;
}
