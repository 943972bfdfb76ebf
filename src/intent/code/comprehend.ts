/**
 * Lists that are made of lists: filtered, mapped, searched; with a call for each element, or without.
 * Pure. Never calls a tool in a test: a plan knows the rows before it makes the calls.
 */
import type { Place } from "../intent.ts";
import { rowValue, bindTarget } from "./bind.ts";
import { type Cel, both, call, choose, literal } from "./cel.ts";
import { bare, celOf, share } from "./emit.ts";
import { evaluate, listValue, testOf, under } from "./evaluate.ts";
import { failOutside } from "./fault.ts";
import { kinds, listOf } from "./kind.ts";
import { collectRows, inRows, roundsOf } from "./loops.ts";
import { joinOrders } from "./order.ts";
import type { Clause, Expression } from "./program.ts";
import { comprehended } from "./rows.ts";
import { NotRows, snapshot, type State } from "./state.ts";
import { computed, constant, elementsOf, typeOf, type Value } from "./value.ts";

type Comprehension = Expression & { readonly kind: "comprehension" };

/** The list of a comprehension. */
export function evaluateComprehension(state: State, expression: Comprehension, hint?: string): Value {
  for (const { tests } of expression.clauses)
    for (const test of tests)
      if (hasCall(test))
        failOutside("a tool cannot be called in a condition of a list: call it for each element first", test.place);
  if (!hasCall(expression.element)) return scoped(state, () => pureList(state, expression));
  const [first] = expression.clauses;
  if (first !== undefined && elementsOf(bare(evaluate(state, first.of))) !== undefined)
    return scoped(state, () => writtenOut(state, expression, hint));
  // A list in each round of a loop is no list of the plan.
  if (state.loop !== undefined) throw new NotRows();
  const restore = snapshot(state);
  try {
    return scoped(state, () =>
      inRows(state, {
        before: new Map(),
        body: () => inClauses(state, expression.clauses, () => collected(state, expression, hint)),
      }),
    );
  } catch (error) {
    if (!(error instanceof NotRows)) throw error;
    restore();
    return scoped(state, () => writtenOut(state, expression, hint));
  }
}

function collected(state: State, { element, place }: Comprehension, hint: string | undefined): Value {
  return collectRows(state, evaluate(state, element, hint), place);
}

/** Evaluates with names of its own. */
function scoped<T>(state: State, body: () => T): T {
  const { env } = state;
  const value = body();
  state.env = env;
  return value;
}

/** Binds the variables of clauses as rows, and does something there. */
export function inClauses<T>(state: State, clauses: readonly Clause[], body: () => T): T {
  const [clause, ...inner] = clauses;
  if (clause === undefined) return body();
  const { rows } = state;
  const of = evaluate(state, clause.of);
  const type = typeOf(of).type;
  if (type !== "list" && type !== "unknown" && !(type === "object" && state.language === "python"))
    failOutside("only a list can be gone through", clause.of.place);
  if (type === "object") failOutside("go through a list: the order of an object's members is not the plan's", clause.of.place);
  const id = state.clauses++;
  const hint = clause.target.kind === "name" ? clause.target.name : "row";
  state.rows = [...rows, { id, of, hint, tests: [] }];
  bindTarget(state, clause.target, rowValue(id, of));
  const tests = clause.tests.reduce<Cel>((all, test) => both(all, testOf(state, test)), literal(true));
  const isOpen = tests.op === "literal" && tests.value === true;
  state.rows = [...rows, { id, of, hint, tests: isOpen ? [] : [tests] }];
  const value = inClauses(state, inner, body);
  state.rows = rows;
  return value;
}

/** A list without calls: an expression; of a literal list the elements one by one. */
function pureList(state: State, expression: Comprehension): Value {
  const { clauses, element, place } = expression;
  const [only] = clauses;
  const elements = only === undefined ? undefined : elementsOf(bare(evaluate(state, only.of)));
  if (elements !== undefined && clauses.length === 1 && only?.tests.length === 0) {
    return listValue(
      elements.map((value) =>
        fresh(state, () => {
          bindTarget(state, only.target, value);
          return evaluate(state, element);
        }),
      ),
    );
  }
  const outer = state.rows.length;
  return inClauses(state, clauses, () => {
    const value = evaluate(state, element);
    const own = state.rows.slice(outer);
    const body = celOf(state, value, place);
    const cel = comprehended(state, own, { place, body: () => body });
    const type = listOf(typeOf(value));
    const [row] = own;
    const isSame = own.length === 1 && value.kind === "ref" && value.base.at === "row" && value.base.clause === row?.id;
    if (!isSame || value.steps.length > 0 || cel.op !== "macro" || cel.name !== "filter" || row === undefined)
      return computed(cel, type);
    return { kind: "computed", cel, type, filtered: { of: row.of, local: cel.local, test: cel.body } };
  });
}

/** Evaluates anew what may have been evaluated before, for another round. */
export function fresh<T>(state: State, body: () => T): T {
  const { memo } = state;
  state.memo = new Map(memo);
  const value = body();
  state.memo = memo;
  return value;
}

/** A list with calls, round by round. */
function writtenOut(state: State, expression: Comprehension, hint: string | undefined): Value {
  const { clauses, element, place } = expression;
  const [clause, ...inner] = clauses;
  if (clause === undefined) return listValue([evaluate(state, element, hint)]);
  const made: Expression = inner.length === 0 ? element : { ...expression, clauses: inner };
  const parts = roundsOf(state, { of: evaluate(state, clause.of), place }).map(({ value, guard }) =>
    fresh(state, () => {
      bindTarget(state, clause.target, value);
      const test = clause.tests.reduce<Cel>(
        (all, next) =>
          both(
            all,
            under(state, all, () => testOf(state, next)),
          ),
        guard,
      );
      const given = isTrue(test) ? evaluate(state, made, hint) : under(state, test, () => evaluate(state, made, hint));
      return { value: inner.length === 0 ? listValue([given]) : given, test };
    }),
  );
  if (inner.length === 0 && parts.every(({ test }) => isTrue(test)))
    return listValue(parts.flatMap(({ value }) => elementsOf(value) ?? []));
  const type = listOf(kinds.unknown);
  return parts.reduce<Value>((list, { value, test }) => {
    const before = celOf(state, list, place);
    const longer: Cel = { op: "binary", sign: "+", left: before, right: celOf(state, value, place) };
    return share(computed(choose(test, longer, before), type), hint ?? "list");
  }, noElements);
}

function isTrue(test: Cel): boolean {
  return test.op === "literal" && test.value === true;
}

/** The first element for which the tests hold. */
export function evaluateFind(state: State, { clause, place }: Expression & { readonly kind: "find" }): Value {
  const element = nameOf(clause, place);
  const rows = evaluateComprehension(state, { kind: "comprehension", clauses: [clause], element, place });
  const list = share(rows, `${clause.target.kind === "name" ? clause.target.name : "row"}_found`);
  const cel = celOf(state, list, place);
  const type = typeOf(rows);
  return {
    kind: "computed",
    cel: { op: "index", of: cel, index: literal(0) },
    type: type.type === "list" ? type.element : kinds.unknown,
    there: { op: "binary", sign: "!=", left: call("size", cel), right: literal(0) },
  };
}

function nameOf({ target }: Clause, place: Place): Expression {
  if (target.kind !== "name") return failOutside("name the element that is looked for", place);
  return { kind: "name", name: target.name, place };
}

/** Calls in no order among themselves. */
export function evaluateTogether(state: State, { of }: Expression & { readonly kind: "together" }, hint?: string): Value {
  if (of.kind !== "list") return evaluate(state, of, hint);
  const start = state.order;
  let after = start;
  const values = of.elements.map((element) => {
    state.order = start;
    const value = evaluate(state, element, hint);
    after = after === start ? state.order : joinOrders(start, after, state.order);
    return value;
  });
  state.order = after;
  return listValue(values);
}

/** Whether an expression calls a tool. */
export function hasCall(expression: unknown): boolean {
  if (typeof expression !== "object" || expression === null) return false;
  if (Array.isArray(expression)) return expression.some(hasCall);
  const node = expression as { readonly kind?: unknown };
  return node.kind === "call" || Object.entries(expression).some(([name, part]) => name !== "place" && hasCall(part));
}

const noElements: Value = constant([]);
