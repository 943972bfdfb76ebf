/**
 * Constraints by effect, rates and budgets of a node (stage 7).
 * Pure. No I/O, no clock: `now` is passed in. See "Budgets, limits" in `src/README.md`.
 */
import type { Code } from "../codes.ts";
import { isArray, isObject, type Json } from "../json/value.ts";
import { hostMatches, readHost } from "../lang/host.ts";
import { readSql } from "../lang/template/sql.ts";
import type { CompiledArg, CompiledBudget, CompiledNode } from "../plan/compile/compiled.ts";
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

/** What the constraints allow: the amounts to reserve, in the order of the node's budgets. */
export type ConstraintOutcome =
  | { readonly ok: true; readonly amounts: readonly number[]; readonly shared: readonly Reservation[] }
  | { readonly ok: false; readonly code: Code; readonly arg: string | undefined };

function refuse(code: Code, arg?: string): ConstraintOutcome {
  return { ok: false, code, arg };
}

/** Checks a node's constraints on the final arguments. */
export function checkConstraints(
  node: CompiledNode,
  args: readonly FinalArg[],
  place: { readonly state: NodeState | undefined; readonly now: number; readonly final: Json },
): ConstraintOutcome {
  const { constraints } = node;
  if (isLargerThan(place.final, constraints.maxBytes)) return refuse("CALL_TOO_LARGE");
  const bad =
    constraints.hosts === undefined && constraints.paths === undefined && constraints.sql === undefined
      ? undefined
      : args.find((each) => !isWithinEffects(node, each));
  if (bad !== undefined) return refuse("ARG_CONSTRAINT", bad.arg.name);
  const { rate } = constraints;
  if (rate !== undefined && (place.state?.starts.filter((at) => at > place.now - rate.windowMs).length ?? 0) >= rate.calls)
    return refuse("CALL_RATE");
  const amounts: number[] = [];
  const shared: Reservation[] = [];
  for (const budget of constraints.budgets) {
    const amount = budget.sum === undefined ? 1 : amountOf(args, budget.sum);
    if (amount === undefined) return refuse("CALL_BUDGET", budget.sum);
    if (budget.scope === undefined || budget.scope === "session") {
      if (spentBy(place.state, budget, place.now) + amount > budget.max) return refuse("CALL_BUDGET", budget.sum);
    } else shared.push({ budget, amount });
    amounts.push(amount);
  }
  return constraints.needsApproval ? refuse("CALL_NEEDS_APPROVAL") : { ok: true, amounts, shared };
}

/** The amount that a call takes from a budget: there, a number, and no less than nothing. What is left out may be anything to the tool. */
function amountOf(args: readonly FinalArg[], name: string): number | undefined {
  const value = args.find(({ arg }) => arg.name === name)?.value;
  return typeof value === "number" && value >= 0 ? value : undefined;
}

function spentBy(state: NodeState | undefined, budget: CompiledBudget, now: number): number {
  let sum = 0;
  for (const entry of state?.spent.get(budget.id) ?? []) if (entry.at > now - budget.windowMs) sum += entry.amount;
  return sum;
}

/**
 * Whether an argument keeps to the node's hosts, paths and SQL. Held to them is what says where the tool acts: targets and commands or, on a
 * node that has neither, those selectors that are no constants.
 */
function isWithinEffects(node: CompiledNode, { arg, value }: FinalArg): boolean {
  const { hosts, paths, sql } = node.constraints;
  if (value === undefined || !steers(node, arg)) return true;
  return textsOf(value).every((text) => {
    if (sql !== undefined && (arg.role === "command" || node.args.every((each) => each.role !== "command")))
      return isSqlWithin(text, sql);
    if (hosts !== undefined && !isHostWithin(text, hosts)) return false;
    return paths === undefined || paths.some((prefix) => isPathWithin(text, prefix));
  });
}

function steers(node: CompiledNode, arg: CompiledArg): boolean {
  const isActing = (each: CompiledArg): boolean => each.roles.includes("target") || each.roles.includes("command");
  return isActing(arg) || (arg.roles.includes("selector") && arg.rule.kind !== "const" && !node.args.some(isActing));
}

function isHostWithin(text: string, hosts: readonly string[]): boolean {
  const host = readHost(text);
  return host.ok && hostMatches(host.value.host, hosts);
}

function isSqlWithin(text: string, sql: NonNullable<CompiledNode["constraints"]["sql"]>): boolean {
  const read = readSql(text);
  if (!read.ok || read.value.statements !== 1) return false;
  const within = (names: readonly string[], allowed: readonly string[] | undefined): boolean =>
    allowed === undefined || names.every((name) => allowed.some((other) => other.toLowerCase() === name.toLowerCase()));
  return (
    within([read.value.firstWord], sql.statements) &&
    within(read.value.tables, sql.tables) &&
    within(read.value.functions, sql.functions ?? [])
  );
}

/**
 * Whether a path lies under a prefix as written. Whatever another reader may take for a different path is refused: `..`, `.` and empty
 * segments, backslashes, percent signs, `~`, and all but printable ASCII and letters.
 */
function isPathWithin(text: string, prefix: string): boolean {
  if (/[\\%~\u0000-\u001f\u007f\u2024-\u2026\uff0e\uff0f]/.test(text)) return false;
  const segments = text.split("/");
  if (segments.some((segment, i) => segment === "." || segment === ".." || (segment === "" && i > 0))) return false;
  const base = prefix.endsWith("/") ? prefix.slice(0, -1) : prefix;
  return text === base || text.startsWith(`${base}/`);
}

/** All texts in a value. */
function textsOf(value: Json): readonly string[] {
  if (typeof value === "string") return [value];
  if (isArray(value)) return value.flatMap(textsOf);
  return isObject(value) ? Object.values(value).flatMap(textsOf) : [];
}
