/**
 * From values to the rules of arguments.
 * Pure. Never writes an expression where a reference, an item, a parameter or a typed template says the same.
 */
import type { ArgRule, Role } from "../../plan/plan.ts";
import { constantRule } from "../constant-rule.ts";
import type { Place } from "../intent.ts";
import { type Cel, printCel, replaceLeaves } from "./cel.ts";
import { celOf, celOfBase, nodeOfCell, rowsIn, runsIn } from "./emit.ts";
import { failOutside } from "./fault.ts";
import { hasMember } from "./rows.ts";
import type { State } from "./state.ts";
import { templateRule } from "./templates.ts";
import { celAt, pathOf, type RefValue, type Step, type Value } from "./value.ts";

/** Where a rule stands. */
export interface RulePlace {
  readonly role: Role;
  readonly place: Place;
  /** Where the row of each clause is in the node's row; absent outside a loop. */
  readonly items: ReadonlyMap<number, readonly Step[]>;
}

/** The rule that gives a value. */
export function ruleOf(state: State, value: Value, at: RulePlace): ArgRule {
  switch (value.kind) {
    case "const":
      return constantRule(value.value);
    case "ref":
      return referenceRule(state, value, at);
    case "list":
      return value.elements.map((element) => ruleOf(state, element, at));
    case "object":
      return {
        object: Object.fromEntries(Array.from(value.members, ([name, part]) => [name, ruleOf(state, part, at)] as const)),
      };
    case "text":
      return templateRule(state, value.parts, at);
    case "shared": {
      const name = nodeOfCell(state, value.cell, at.place);
      // A text stays a template: an approver reads it, and it is encoded for its place.
      if (value.cell.value.kind === "text") return ruleOf(state, value.cell.value, at);
      return name === undefined ? ruleOf(state, value.cell.value, at) : { from: `${name}$` };
    }
    default:
      return expressionRule(state, value, at);
  }
}

function referenceRule(state: State, ref: RefValue, at: RulePlace): ArgRule {
  const { base, steps, optionalFrom } = ref;
  if (optionalFrom !== undefined && optionalFrom > 1 && steps.length > 1)
    return failOutside("write `?.` from the first member on: what a plan leaves out may be missing anywhere below", at.place);
  const optional = optionalFrom === undefined ? {} : { optional: true };
  switch (base.at) {
    case "node":
    case "run":
      return { from: `${base.name}$${pathOf(steps)}`, ...optional };
    case "param":
      return steps.length === 0 ? { param: base.name } : expressionRule(state, ref, at);
    case "row":
      return { item: `$${pathOf([...(at.items.get(base.clause) ?? []), ...steps])}`, ...optional };
  }
}

/** An expression, with the rows of the loop where the node has them. */
export function expressionRule(state: State, value: Value, at: RulePlace): ArgRule {
  return { expr: printCel(withItems(celOf(state, value, at.place), at.items)) };
}

/** An expression with `item` and its members in the place of the variables of loops. */
export function withItems(cel: Cel, items: ReadonlyMap<number, readonly Step[]>): Cel {
  return replaceLeaves(cel, (leaf) =>
    leaf.op === "row" ? celAt({ op: "local", name: "item" }, items.get(leaf.clause) ?? []) : undefined,
  );
}

/** Which rows and which calls of the same round a value reads. */
export interface RoundReads {
  readonly rows: Set<number>;
  /** The rows of which surely a member is read. */
  readonly members: Set<number>;
  readonly runs: Set<string>;
  /** Nodes whose results are read outside the round. */
  readonly nodes: Set<string>;
}

/** Collects what a value reads of a round. */
export function collectReads(value: Value, into: RoundReads): void {
  switch (value.kind) {
    case "ref": {
      const leaf = celOfBase(value.base);
      if (leaf.op === "row") into.rows.add(leaf.clause);
      if (leaf.op === "row" && typeof value.steps[0] === "string") into.members.add(leaf.clause);
      if (leaf.op === "run") into.runs.add(leaf.name);
      if (leaf.op === "name") into.nodes.add(leaf.name);
      return;
    }
    case "list":
      for (const element of value.elements) collectReads(element, into);
      return;
    case "object":
      for (const part of value.members.values()) collectReads(part, into);
      return;
    case "text":
      for (const part of value.parts) if (typeof part !== "string") collectReads(part, into);
      return;
    case "encoded":
    case "slice":
      collectReads(value.of, into);
      return;
    case "runs":
      into.nodes.add(value.name);
      return;
    case "computed":
      collectCel(value.cel, into);
      return;
    case "shared":
      if (value.cell.name !== undefined) into.nodes.add(value.cell.name);
      collectReads(value.cell.value, into);
      return;
    default:
  }
}

/** Collects what an expression reads of a round. */
export function collectCel(cel: Cel, into: RoundReads): void {
  for (const row of rowsIn(cel)) {
    into.rows.add(row);
    if (hasMember([cel], row)) into.members.add(row);
  }
  for (const run of runsIn(cel)) into.runs.add(run);
  replaceLeaves(cel, (leaf) => {
    if (leaf.op === "name") into.nodes.add(leaf.name);
    if (leaf.op === "member" && leaf.of.op === "name" && leaf.of.name === "nodes") into.nodes.add(leaf.name);
    return undefined;
  });
}

/** Nothing read yet. */
export function openReads(): RoundReads {
  return { rows: new Set(), members: new Set(), runs: new Set(), nodes: new Set() };
}
