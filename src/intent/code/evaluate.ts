/**
 * From expressions to values: calls are lifted out in the order in which the language evaluates, each under the conditions around it.
 * Pure. Never evaluates with data, and never moves a call over another one.
 */
import { member as jsonMember } from "../../json/value.ts";
import type { Place } from "../intent.ts";
import { makeCall } from "./calls.ts";
import { anyPart, binary, both, bothAlike, call, type Cel, either, isBoolean, literal, not, select } from "./cel.ts";
import { bare, celOf, chooseValue } from "./emit.ts";
import { failOutside } from "./fault.ts";
import { applyFunction } from "./functions.ts";
import { elementKind, kinds, memberKind } from "./kind.ts";
import { evaluateComprehension, evaluateFind, evaluateTogether } from "./comprehend.ts";
import { logical, operate, truthOf, truthOfAny } from "./operators.ts";
import type { Expression } from "./program.ts";
import { spendWork, type State, lookUp } from "./state.ts";
import { textValue } from "./templates.ts";
import { textCel } from "./texts.ts";
import { celAt, computed, constant, elementsOf, stepInto, typeOf, type Value } from "./value.ts";

/** The value of an expression, evaluated once in a statement. `hint`: the name that the code gives it. */
export function evaluate(state: State, expression: Expression, hint?: string): Value {
  const known = state.memo.get(expression);
  if (known !== undefined) return known;
  spendWork(state, expression.place);
  const value = evaluateNew(state, expression, hint);
  state.memo.set(expression, value);
  return value;
}

function evaluateNew(state: State, expression: Expression, hint: string | undefined): Value {
  const { place } = expression;
  switch (expression.kind) {
    case "literal":
      return constant(expression.value);
    case "list":
      return listValue(expression.elements.map((element) => evaluate(state, element)));
    case "object":
      return objectValue(expression.members.map(({ name, value }) => [name, evaluate(state, value, name)] as const));
    case "name":
      return lookUp(state, expression.name, place);
    case "member":
      return memberOf(state, expression);
    case "index":
      return indexOf(state, { of: evaluate(state, expression.of), index: evaluate(state, expression.index), place });
    case "slice":
      return sliceOf(evaluate(state, expression.of), expression);
    case "call": {
      const positional = expression.positional.map((argument) => evaluate(state, argument));
      const named = expression.named.map(({ name, value }) => ({ name, value: evaluate(state, value) }));
      return makeCall(state, { callee: expression.callee, positional, named, hint, place });
    }
    case "apply":
      return applyFunction(state, expression.function, { args: expression.args.map((arg) => evaluate(state, arg)), place });
    case "not":
      return booleanValue(not(testOf(state, expression.of)));
    case "negate":
      return fold(operate(state, "-", { left: constant(0), right: evaluate(state, expression.of), place }));
    case "binary": {
      const left = evaluate(state, expression.left);
      return fold(operate(state, expression.operator, { left, right: evaluate(state, expression.right), place }));
    }
    case "and":
    case "or":
      return evaluateLogical(state, expression);
    case "conditional":
      return evaluateConditional(state, expression, hint);
    case "otherwise":
      return evaluateOtherwise(state, expression);
    case "isMissing":
      return computed(missing(state, expression), kinds.boolean);
    case "template":
      return templateOf(state, expression);
    case "comprehension":
      return evaluateComprehension(state, expression, hint);
    case "find":
      return evaluateFind(state, expression);
    case "together":
      return evaluateTogether(state, expression, hint);
  }
}

/** A condition as a value; what a tool only says to be a boolean, and was negated twice, still may be none. */
function booleanValue(cel: Cel): Value {
  return computed(cel, isBoolean(cel) ? kinds.boolean : { ...kinds.boolean, isPromised: true });
}

/** Whole numbers that are written out are computed here: the same in every language as long as they are exact. */
function fold(value: Value): Value {
  if (value.kind !== "computed") return value;
  const { cel } = value;
  if (cel.op === "literal") return constant(cel.value);
  if (cel.op !== "binary" || cel.left.op !== "literal" || cel.right.op !== "literal") return value;
  const [a, b] = [cel.left.value, cel.right.value];
  if (typeof a !== "number" || typeof b !== "number" || !Number.isSafeInteger(a) || !Number.isSafeInteger(b)) return value;
  const result = cel.sign === "+" ? a + b : cel.sign === "-" ? a - b : cel.sign === "*" ? a * b : Number.NaN;
  return Number.isSafeInteger(result) ? constant(result === 0 ? 0 : result) : value;
}

/** A list: a constant where all elements are. */
export function listValue(elements: readonly Value[]): Value {
  const values = elements.flatMap((element) => (element.kind === "const" ? [element.value] : []));
  return values.length === elements.length ? constant(values) : { kind: "list", elements };
}

function objectValue(members: readonly (readonly [string, Value])[]): Value {
  const values = members.flatMap(([name, value]) => (value.kind === "const" ? [[name, value.value] as const] : []));
  return values.length === members.length ? constant(Object.fromEntries(values)) : { kind: "object", members: new Map(members) };
}

function memberOf(state: State, expression: Expression & { readonly kind: "member" }): Value {
  const of = evaluate(state, expression.of);
  const value = memberValue(state, { of, name: expression.name, place: expression.place });
  if (expression.isOptional !== true || value.kind !== "ref" || of.kind !== "ref") return value;
  // `a?.b` where a is there and not null is `a.b`; a result itself is always there, and null only where it says so.
  return { ...value, optionalFrom: of.optionalFrom ?? of.steps.length };
}

interface Access {
  readonly of: Value;
  readonly name: string;
  readonly place: Place;
}

/** A member of a value. */
export function memberValue(state: State, { of, name, place }: Access): Value {
  const value = bare(of);
  switch (value.kind) {
    case "ref":
      return stepInto(value, name);
    case "object":
      return value.members.get(name) ?? failOutside("this object has no such member", place);
    case "const": {
      const found = jsonMember(value.value, name);
      return found === undefined ? failOutside("this value has no such member", place) : constant(found);
    }
    case "list":
    case "runs":
    case "text":
    case "slice":
      return failOutside("a list or a text has no such member", place);
    default:
      return computed(select(celOf(state, of, place), name), memberKind(typeOf(value), name));
  }
}

/** An element by its place, or a member by a computed name. */
export function indexOf(
  state: State,
  { of, index, place }: { readonly of: Value; readonly index: Value; readonly place: Place },
): Value {
  const value = bare(of);
  const at = bare(index);
  if (at.kind === "const" && typeof at.value === "string") return memberValue(state, { of, name: at.value, place });
  if (typeOf(value).type === "text") return failOutside("no expression of a plan takes one character of a text", place);
  if (at.kind !== "const") {
    const cel: Cel = { op: "index", of: celOf(state, of, place), index: celOf(state, index, place) };
    return computed(cel, elementKind(typeOf(value)));
  }
  if (typeof at.value !== "number" || !Number.isSafeInteger(at.value))
    return failOutside("a place in a list is a whole number", place);
  const elements = elementsOf(value);
  if (elements !== undefined) return elements.at(at.value) ?? failOutside("the list has no such place", place);
  if (value.kind === "ref") return stepInto(value, at.value);
  return computed(celAt(celOf(state, of, place), [at.value]), elementKind(typeOf(value)));
}

function sliceOf(of: Value, { from, to, place }: Expression & { readonly kind: "slice" }): Value {
  const value = bare(of);
  if (from === undefined && to === undefined) return of;
  const elements = elementsOf(value);
  if (elements !== undefined) return listValue(elements.slice(from, to));
  if (value.kind === "ref" && value.optionalFrom === undefined && typeOf(value).type !== "text")
    return { kind: "slice", of: value, from, to };
  return failOutside("a part can be taken of a literal list, or of a list in a result to loop over it", place);
}

/** Whether an expression is true in the language, where only that is asked. Calls in it are lifted. */
export function testOf(state: State, expression: Expression): Cel {
  const { place } = expression;
  switch (expression.kind) {
    case "not":
      return not(testOf(state, expression.of));
    case "and":
    case "or": {
      const left = testOf(state, expression.left);
      const isOr = expression.kind === "or";
      const right = under(state, isOr ? not(left) : left, () => testOf(state, expression.right));
      return isOr ? either(left, right) : both(left, right);
    }
    case "member":
    case "index": {
      const value = peel(evaluate(state, expression));
      const { type } = typeOf(value);
      if (state.language === "python" || (type === "boolean" && !mayMiss(expression))) return truthOf(state, value, place);
      const there = present(state, expression);
      const isThere = (type === "object" || type === "list") && typeOf(value).isPromised !== true;
      return isThere ? there : bothAlike(there, truthOfAny(state, value, place));
    }
    default:
      return truthOf(state, evaluate(state, expression), place);
  }
}

/** A reference without the mark that it may be missing. */
export function peel(value: Value): Value {
  if (value.kind !== "ref" || value.optionalFrom === undefined) return value;
  const { optionalFrom: _, ...rest } = value;
  return rest;
}

/** Whether a chain has a `?.`. */
function mayMiss(expression: Expression): boolean {
  if (expression.kind !== "member" && expression.kind !== "index") return false;
  return (expression.kind === "member" && expression.isOptional === true) || mayMiss(expression.of);
}

/** Does something under one more condition: of the row, where it asks for the row, else of the branch. */
export function under<T>(state: State, guard: Cel, body: () => T): T {
  const { guards, rows } = state;
  const last = rows.at(-1);
  const isOfRow = anyPart(guard, (part) => part.op === "row") && !anyPart(guard, (part) => part.op === "run");
  if (isOfRow && last !== undefined) state.rows = [...rows.slice(0, -1), { ...last, tests: [...last.tests, guard] }];
  else state.guards = [...guards, guard];
  const value = body();
  state.guards = guards;
  state.rows = rows;
  return value;
}

function evaluateLogical(state: State, expression: Expression & { readonly kind: "and" | "or" }): Value {
  const isOr = expression.kind === "or";
  const test = testOf(state, expression.left);
  const left = peel(evaluate(state, expression.left));
  if (test.op === "literal") return (test.value === true) === isOr ? left : evaluate(state, expression.right);
  const right = under(state, isOr ? not(test) : test, () => evaluate(state, expression.right));
  return logical(state, isOr, { left, right, test, place: expression.place });
}

function evaluateConditional(state: State, expression: Expression & { readonly kind: "conditional" }, hint?: string): Value {
  const test = testOf(state, expression.test);
  if (test.op === "literal") return evaluate(state, test.value === true ? expression.yes : expression.no, hint);
  const yes = under(state, test, () => evaluate(state, expression.yes, hint));
  const no = under(state, not(test), () => evaluate(state, expression.no, hint));
  return chooseValue(state, { test, yes, no }, expression.place);
}

/** Whether an expression has a value (JS: is not `undefined`; Python: the key is there). */
export function present(state: State, expression: Expression): Cel {
  const { place } = expression;
  switch (expression.kind) {
    case "member": {
      const of = peel(evaluate(state, expression.of));
      const inner = bare(of);
      if (inner.kind === "object") return literal(inner.members.has(expression.name));
      if (inner.kind === "const") return literal(jsonMember(inner.value, expression.name) !== undefined);
      const cel = celOf(state, of, place);
      const own: Cel = { op: "has", of: cel, name: expression.name };
      const before = optionalBefore(state, expression.of);
      if (expression.isOptional !== true) return both(before, own);
      return both(both(present(state, expression.of), binary("!=", cel, literal(null))), own);
    }
    case "index": {
      const index = bare(evaluate(state, expression.index));
      const of = peel(evaluate(state, expression.of));
      if (index.kind !== "const" || typeof index.value !== "number") return literal(true);
      const elements = elementsOf(bare(of));
      if (elements !== undefined) return literal(elements.at(index.value) !== undefined);
      const least = index.value < 0 ? -index.value : index.value + 1;
      return binary(">=", call("size", celOf(state, of, place)), literal(least));
    }
    case "name":
    case "find": {
      const value = bare(evaluate(state, expression));
      return (value.kind === "computed" ? value.there : undefined) ?? literal(true);
    }
    default:
      return literal(true);
  }
}

/** What the `?.` of a chain ask before its last member. */
function optionalBefore(state: State, expression: Expression): Cel {
  if (expression.kind !== "member" && expression.kind !== "index") return literal(true);
  const before = optionalBefore(state, expression.of);
  if (expression.kind !== "member" || expression.isOptional !== true) return before;
  const of = celOf(state, peel(evaluate(state, expression.of)), expression.place);
  return both(both(present(state, expression.of), before), binary("!=", of, literal(null)));
}

function missing(state: State, { of, isNullToo, place }: Expression & { readonly kind: "isMissing" }): Cel {
  const there = present(state, of);
  if (!isNullToo) return not(there);
  return not(both(there, binary("!=", celOf(state, peel(evaluate(state, of)), place), literal(null))));
}

function evaluateOtherwise(state: State, expression: Expression & { readonly kind: "otherwise" }): Value {
  const { of, isNullToo, place } = expression;
  const there = present(state, of);
  if (there.op === "literal" && there.value === false) return evaluate(state, expression.else);
  const value = peel(evaluate(state, of));
  if (value.kind === "const") return value.value === null && isNullToo ? evaluate(state, expression.else) : value;
  const test = isNullToo ? both(there, binary("!=", celOf(state, value, place), literal(null))) : there;
  const other = under(state, not(test), () => evaluate(state, expression.else));
  return chooseValue(state, { test, yes: value, no: other }, place);
}

function templateOf(state: State, { parts, place }: Expression & { readonly kind: "template" }): Value {
  return textValue(
    parts.map((part) => {
      if (typeof part === "string") return part;
      const value = evaluate(state, part);
      if (value.kind === "encoded") return value;
      const text = value.kind === "const" ? textCel(state, value, place) : undefined;
      return text?.op === "literal" ? constant(text.value) : value;
    }),
  );
}
