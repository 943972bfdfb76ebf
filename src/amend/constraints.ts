/**
 * Compares the constraints by effect, rates and budgets of a node.
 * Pure. A constraint that this file does not know must be the same on both sides.
 */
import { isArray, isObject, type Json, type JsonObject, jsonEqual } from "../json/value.ts";
import { windowMs } from "../plan/compile/compiled.ts";
import type { Budget, Constraints, Window } from "../plan/plan.ts";
import { type Comparison, loweringLabels, type Place, type Relation, relationOf, reportAt, stepTo } from "./change.ts";
import { areHostsWithin } from "./included.ts";

/** How a constraint that both sides have compares, given that they differ. */
type Compare = (before: Json, after: Json) => Relation;

/** Compares constraints and reports every difference. */
export function compareConstraints(
  comparison: Comparison,
  { before, after }: { readonly before: Constraints; readonly after: Constraints },
  place: Place,
): void {
  const [old, next] = [before as unknown as JsonObject, after as unknown as JsonObject];
  for (const name of new Set([...Object.keys(old), ...Object.keys(next)])) {
    const [from, to] = [constraintIn(old, name), constraintIn(next, name)];
    if (jsonEqual(from, to)) continue;
    const relation = relationOfKnown(comparison, name, { from, to }) ?? relationOfOne(name, from, to);
    const at = stepTo(place, "constraints", name);
    reportAt(
      comparison,
      { ...at, ...(from === undefined ? { before: undefined } : {}), ...(to === undefined ? { after: undefined } : {}) },
      {
        relation,
        sentence: `\`${name}\` ${sentences[relation]}`,
        ...(relation === "wider" ? { witness: { node: place.node ?? "", constraint: name, before: from ?? null } } : {}),
      },
    );
  }
}

const sentences: { readonly [R in Relation]: string } = {
  same: "is the same",
  narrower: "allows less",
  wider: "allows more",
  incomparable: "is another one",
};

/** A constraint with the value that says nothing (`false`) is none. */
function constraintIn(constraints: JsonObject, name: string): Json | undefined {
  const value = Object.hasOwn(constraints, name) ? constraints[name] : undefined;
  return value === false ? undefined : value;
}

function relationOfOne(name: string, from: Json | undefined, to: Json | undefined): Relation {
  if (from === undefined) return "narrower";
  if (to === undefined) return "wider";
  const compare = Object.hasOwn(comparisons, name) ? comparisons[name] : undefined;
  return compare?.(from, to) ?? "incomparable";
}

/** Constraints that change more than the set of calls. `undefined`: this is none of them. */
function relationOfKnown(
  comparison: Comparison,
  name: string,
  { from, to }: { readonly from: Json | undefined; readonly to: Json | undefined },
): Relation | undefined {
  // Failed runs that do not count may be tried again. Whether one failed may be hidden, and then labels the verdict.
  if (name === "idempotent") return to === true ? "wider" : loweringLabels(comparison, "narrower");
  // Where a human approves each call, the choices in it are the human's, and no label of the agent's forbids them.
  if (name === "approve" && from === undefined) return loweringLabels(comparison, "narrower");
  return undefined;
}

const least: Compare = (before, after) => (Number(after) < Number(before) ? "narrower" : "wider");

const comparisons: { readonly [name: string]: Compare } = {
  maxBytes: least,
  hosts: (before, after) => relationOf(areHostsWithin(after, before), areHostsWithin(before, after)),
  paths: (before, after) => relationOf(arePathsWithin(after, before), arePathsWithin(before, after)),
  sql: (before, after) => relationOf(isSqlWithin(after, before), isSqlWithin(before, after)),
  rate: (before, after) => relationOf(isRateWithin(after, before), isRateWithin(before, after)),
  budget: (before, after) => relationOf(areBudgetsWithin(after, before), areBudgetsWithin(before, after)),
};

function arePathsWithin(inner: Json, outer: Json): boolean {
  if (!isArray(inner) || !isArray(outer)) return false;
  const bare = (path: Json): string => String(path).replace(/\/$/, "");
  return inner.every((path) => outer.some((other) => bare(path) === bare(other) || bare(path).startsWith(`${bare(other)}/`)));
}

/** Lists of names, of which an absent one means any (statements, tables) or none (functions). Anything else must be the same. */
function isSqlWithin(inner: Json, outer: Json): boolean {
  if (!isObject(inner) || !isObject(outer)) return false;
  return [...new Set([...Object.keys(inner), ...Object.keys(outer)])].every((name) => {
    const [own, other] = [inner[name], outer[name]];
    if (jsonEqual(own, other)) return true;
    if (name === "functions") return areNamesWithin(own ?? [], other ?? []);
    if (name === "statements" || name === "tables")
      return other === undefined || (own !== undefined && areNamesWithin(own, other));
    return false;
  });
}

function areNamesWithin(inner: Json, outer: Json): boolean {
  if (!isArray(inner) || !isArray(outer)) return false;
  const names = new Set(outer.map((name) => String(name).toLowerCase()));
  return inner.every((name) => names.has(String(name).toLowerCase()));
}

function isRateWithin(inner: Json, outer: Json): boolean {
  if (!isObject(inner) || !isObject(outer)) return false;
  return Number(inner.calls) <= Number(outer.calls) && lengthOf(inner.per) >= lengthOf(outer.per);
}

function lengthOf(window: Json | undefined): number {
  return typeof window === "string" ? windowMs[window as Window] : Number.POSITIVE_INFINITY;
}

/** Budgets are counted by their place in the list: one that moves would begin anew. */
function areBudgetsWithin(inner: Json, outer: Json): boolean {
  const list = (budgets: Json): readonly Budget[] => (isArray(budgets) ? budgets : [budgets]) as unknown as readonly Budget[];
  const own = list(inner);
  return list(outer).every((budget, i) => {
    const mine = own[i];
    return (
      mine !== undefined &&
      mine.sum === budget.sum &&
      (mine.scope ?? "session") === (budget.scope ?? "session") &&
      mine.max <= budget.max &&
      lengthOf(mine.per) >= lengthOf(budget.per)
    );
  });
}
