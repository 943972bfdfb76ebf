/**
 * From values to what a plan writes: CEL, and the shared computations that become `let` nodes.
 * Pure. Never writes a computation twice that the code made once and named.
 */
import type { Place } from "../intent.ts";
import { type Cel, leavesOf, literal, printCel } from "./cel.ts";
import { failOutside } from "./fault.ts";
import { joinKinds } from "./kind.ts";
import { addStep, newName, type State } from "./state.ts";
import { type Base, type Cell, celAt, celOfJson, celOfRuns, computed, typeOf, type Value } from "./value.ts";
import { textCel } from "./texts.ts";

/** The expression that gives a value. */
export function celOf(state: State, value: Value, place: Place): Cel {
  switch (value.kind) {
    case "const":
      return celOfJson(value.value);
    case "ref":
      if (value.optionalFrom !== undefined)
        return failOutside("what may be missing has no value: say with `??` what it is then", place);
      return celAt(celOfBase(value.base), value.steps);
    case "list":
      return { op: "list", elements: value.elements.map((element) => celOf(state, element, place)) };
    case "object":
      return {
        op: "object",
        members: Array.from(value.members, ([name, part]) => [name, celOf(state, part, place)] as const),
      };
    case "text":
      return joined(value.parts.map((part) => (typeof part === "string" ? literal(part) : textCel(state, part, place))));
    case "encoded":
      return failOutside("percent-encoding is known inside a template of a whole URL only", place);
    case "runs":
      return celOfResults(value.name, value.steps);
    case "slice":
      return failOutside("a part of a list can be looped over, and be no value: no expression of a plan cuts lists", place);
    case "computed":
      return value.cel;
    case "shared":
      return celOfCell(state, value.cell, place);
    case "unset":
      return failOutside(`this ${value.why}`, place);
  }
}

function joined(parts: readonly Cel[]): Cel {
  const [first = literal(""), ...rest] = parts;
  // The first text decides that `+` joins.
  return rest.reduce<Cel>((left, right) => ({ op: "binary", sign: "+", left, right }), first);
}

/** Where a reference starts, in CEL. */
export function celOfBase(base: Base): Cel {
  switch (base.at) {
    case "node":
      return { op: "name", name: base.name };
    case "param":
      return { op: "member", of: { op: "name", name: "params" }, name: base.name };
    case "row":
      return { op: "row", clause: base.clause };
    case "run":
      return { op: "run", name: base.name };
  }
}

function celOfResults(name: string, steps: readonly (string | number)[]): Cel {
  const runs = celOfRuns(name);
  if (steps.length === 0) return runs;
  return { op: "macro", name: "map", of: runs, local: "run", body: celAt({ op: "local", name: "run" }, steps) };
}

/** Whether an expression depends on the round of a loop, or on the variable of a macro around it. */
export function isPerRow(cel: Cel): boolean {
  const parts = leavesOf(cel);
  const bound = new Set(parts.flatMap((part) => (part.op === "macro" ? [part.local] : [])));
  return parts.some((part) => part.op === "row" || part.op === "run" || (part.op === "local" && !bound.has(part.name)));
}

/** The numbers of the clauses whose rows an expression reads. */
export function rowsIn(cel: Cel): ReadonlySet<number> {
  return new Set(leavesOf(cel).flatMap((leaf) => (leaf.op === "row" ? [leaf.clause] : [])));
}

/** The calls of the same round that an expression reads. */
export function runsIn(cel: Cel): ReadonlySet<string> {
  return new Set(leavesOf(cel).flatMap((leaf) => (leaf.op === "run" ? [leaf.name] : [])));
}

function celOfCell(state: State, cell: Cell, place: Place): Cel {
  const name = nodeOfCell(state, cell, place);
  return name === undefined ? celOf(state, cell.value, place) : { op: "name", name };
}

/** The `let` node of a shared computation, or `undefined` where it differs from round to round. */
export function nodeOfCell(state: State, cell: Cell, place: Place): string | undefined {
  if (cell.name !== undefined) return cell.name;
  const cel = celOf(state, cell.value, place);
  if (isPerRow(cel)) return undefined;
  cell.name = letOf(state, cell.hint, { cel, place });
  state.cells.push(cell);
  return cell.name;
}

/** The `let` node of an expression; the same one for the same text. */
export function letOf(state: State, hint: string, { cel, place }: { readonly cel: Cel; readonly place: Place }): string {
  const text = printCel(cel);
  const known = state.lets.get(text);
  if (known !== undefined) return known;
  const name = newName(state, hint);
  state.lets.set(text, name);
  addStep(state, { name, let: text, place });
  return name;
}

/** A value that is computed once: constants and references stand for themselves. */
export function share(value: Value, hint: string): Value {
  const isComputed = value.kind === "computed" || value.kind === "text" || value.kind === "runs";
  return isComputed ? { kind: "shared", cell: { hint, value, name: undefined } } : value;
}

/** What a shared value is. */
export function bare(value: Value): Value {
  return value.kind === "shared" ? bare(value.cell.value) : value;
}

/** One of two values, by a condition. */
export function chooseValue(
  state: State,
  { test, yes, no }: { readonly test: Cel; readonly yes: Value; readonly no: Value },
  place: Place,
): Value {
  if (test.op === "literal") return test.value === true ? yes : no;
  if (yes === no) return yes;
  const cel: Cel = { op: "if", test, yes: celOf(state, yes, place), no: celOf(state, no, place) };
  return computed(cel, joinKinds(typeOf(yes), typeOf(no)));
}
