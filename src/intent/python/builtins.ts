/**
 * Built-in functions of Python that a plan computes exactly (Library Reference, "Built-in Functions").
 * Never computes a function that depends on more than its arguments. Pure. No I/O, no clock.
 */
import type { Expression, FunctionName } from "../code/program.ts";
import { type Argument, argumentValue, type WrittenCall } from "./arguments.ts";
import { readClauses, readIterable } from "./comprehensions.ts";
import { type Context, literal, textOf, truthOf, type Use } from "./context.ts";
import { failOutside } from "./fault.ts";

type Builtin = (context: Context, call: WrittenCall) => Expression;

/** Reads a call of one of {@link builtinNames}. */
export function readBuiltin(context: Context, name: string, call: WrittenCall): Expression {
  const read = builtins.get(name);
  return read === undefined ? failOutside(`a plan does not compute \`${name}\``, call.node.from) : read(context, call);
}

function apply(context: Context, { node }: WrittenCall, [name, ...args]: readonly [FunctionName, ...Expression[]]): Expression {
  return { kind: "apply", function: name, args, place: context.placeOf(node) };
}

/** A value by place. */
function value(context: Context, argument: Argument, use: Use = "value"): Expression {
  if (argument.name !== undefined) return failOutside("this function takes no such argument in a plan", argument.node.from);
  return argumentValue(context, argument, use);
}

function only(call: WrittenCall): Argument {
  const [first, second] = call.args;
  if (first === undefined || second !== undefined)
    return failOutside("this function takes one argument in a plan", call.node.from);
  return first;
}

function ofOne(name: FunctionName): Builtin {
  return (context, call) => apply(context, call, [name, value(context, only(call))]);
}

/** `len(x)`; `len(set(xs))` counts what is distinct. */
const lengthOf: Builtin = (context, call) => {
  const argument = only(call);
  return apply(context, call, ["length", distinctOf(context, argument) ?? value(context, argument)]);
};

/** The distinct elements of `xs` in `set(xs)`, for the functions that do not see their order. */
function distinctOf(context: Context, { node, clauses, name, isStarred }: Argument): Expression | undefined {
  const [callee, list] = node.children;
  if (node.kind !== "CallExpression" || callee?.kind !== "VariableName" || list === undefined) return undefined;
  if (clauses !== undefined || name !== undefined || isStarred || context.bound.has("set") || textOf(context, callee) !== "set")
    return undefined;
  const inner = list.children.slice(1, -1);
  const place = context.placeOf(node);
  const distinct = (of: Expression): Expression => ({ kind: "apply", function: "distinct", args: [of], place });
  if (inner.some(({ kind }) => kind === "for")) return distinct(readClauses(context, inner, list));
  const [first, second] = inner;
  if (first === undefined || second !== undefined) return failOutside("`set` takes one list here", node.from);
  return distinct(context.expression(first, "elements"));
}

/** The members that `key=lambda x: x.a.b` reads, with dots between. */
function keyOf(context: Context, argument: Argument): string {
  const { node } = argument;
  const [, params, , body] = node.children;
  const name = params?.children.length === 1 ? params.children[0] : undefined;
  const path: string[] = [];
  let rest: Expression | undefined =
    node.kind === "LambdaExpression" && body !== undefined ? context.expression(body) : undefined;
  while (rest?.kind === "member") {
    path.unshift(rest.name);
    rest = rest.of;
  }
  const isParameter = rest?.kind === "name" && name !== undefined && rest.name === textOf(context, name);
  if (!isParameter || path.length === 0 || path.some((member) => member.includes(".")))
    return failOutside("a key is written `key=lambda x: x.member`", node.from);
  return path.join(".");
}

const sorted: Builtin = (context, call) => {
  const named = new Map(
    call.args.flatMap((argument) => (argument.name === undefined ? [] : [[argument.name, argument] as const])),
  );
  const [first, ...more] = call.args;
  if (first === undefined || first.name !== undefined || more.some(({ name }) => name !== "key" && name !== "reverse"))
    return failOutside("`sorted` takes a list, `key` and `reverse`", call.node.from);
  const list = distinctOf(context, first) ?? value(context, first, "elements");
  const reverse = named.get("reverse");
  const isReversed = reverse === undefined ? false : booleanOf(context, reverse);
  const key = named.get("key");
  if (key === undefined) return apply(context, call, [isReversed ? "sortDescending" : "sort", list]);
  const path = literal(context.placeOf(key.node), keyOf(context, key));
  return apply(context, call, [isReversed ? "sortByDescending" : "sortBy", list, path]);
};

function booleanOf(context: Context, argument: Argument): boolean {
  const read = context.expression(argument.node);
  if (read.kind === "literal" && typeof read.value === "boolean") return read.value;
  return failOutside("`reverse` is `True` or `False`, written out", argument.node.from);
}

function extreme(name: "min" | "max"): Builtin {
  return (context, call) => {
    const key = call.args.find((argument) => argument.name === "key");
    const args = call.args.filter((argument) => argument !== key);
    const [first] = args;
    if (first === undefined) return failOutside(`\`${name}\` takes values`, call.node.from);
    if (args.length > 1 && key === undefined)
      return apply(context, call, [name, ...args.map((argument) => value(context, argument))]);
    if (args.length > 1) return failOutside(`with a key, \`${name}\` takes one list`, call.node.from);
    const list = value(context, first, "elements");
    if (key === undefined) return apply(context, call, [name, list]);
    return apply(context, call, [
      name === "min" ? "minBy" : "maxBy",
      list,
      literal(context.placeOf(key.node), keyOf(context, key)),
    ]);
  };
}

/** `any(xs)` and `all(xs)`: of the truth of each. */
function quantifier(name: "any" | "all"): Builtin {
  return (context, call) => {
    const list = value(context, only(call), "elements");
    if (list.kind === "comprehension") return apply(context, call, [name, { ...list, element: truthOf(list.element) }]);
    if (list.kind === "list") return apply(context, call, [name, { ...list, elements: list.elements.map(truthOf) }]);
    const place = context.placeOf(call.node);
    const each = "each_value";
    const target = { kind: "name" as const, name: each, place };
    const element = truthOf({ kind: "name", name: each, place });
    return apply(context, call, [name, { kind: "comprehension", clauses: [{ target, of: list, tests: [] }], element, place }]);
  };
}

const rounded: Builtin = (context, call) => {
  const [first, second, third] = call.args;
  if (first === undefined || third !== undefined)
    return failOutside("`round` takes a number, and the number of its decimals", call.node.from);
  const number = value(context, first);
  if (second === undefined) return apply(context, call, ["round", number]);
  const places = context.expression(second.node);
  if (places.kind === "literal" && places.value === null) return apply(context, call, ["round", number]);
  const isPlaces = places.kind === "literal" && typeof places.value === "number" && places.value >= 0 && places.value <= 6;
  if (!isPlaces || (second.name !== undefined && second.name !== "ndigits") || second.isStarred)
    return failOutside("the number of decimals is a whole number from 0 to 6, written out", second.node.from);
  return apply(context, call, ["roundTo", number, places]);
};

/** `list(xs)` of what is a list already: a comprehension, a generator, `range`, or something sorted. */
const listOf: Builtin = (context, call) => {
  const [first] = call.args;
  if (first === undefined) return { kind: "list", elements: [], place: context.placeOf(call.node) };
  const argument = only(call);
  const list = argument.clauses === undefined ? readIterable(context, argument.node) : value(context, argument, "elements");
  const isList =
    list.kind === "list" ||
    list.kind === "comprehension" ||
    (list.kind === "apply" && ["sort", "sortBy"].includes(list.function));
  return isList ? list : failOutside("use the list itself: `list(x)` is something else for texts and objects", call.node.from);
};

/** `next(x for x in xs if t)`. */
const first: Builtin = (context, call) => {
  const list = value(context, only(call), "elements");
  const [clause, inner] = list.kind === "comprehension" ? list.clauses : [];
  if (list.kind !== "comprehension" || clause === undefined || inner !== undefined)
    return failOutside("`next` takes a generator with one `for`", call.node.from);
  const isPlain = clause.target.kind === "name" && list.element.kind === "name" && list.element.name === clause.target.name;
  if (!isPlain) return failOutside("`next` finds a row: read its members after it", call.node.from);
  return { kind: "find", clause, place: context.placeOf(call.node) };
};

const builtins: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  ["len", lengthOf],
  ["str", ofOne("text")],
  ["int", ofOne("integer")],
  ["float", ofOne("number")],
  ["abs", ofOne("abs")],
  ["bool", (context, call) => truthOf(value(context, only(call)))],
  ["sum", (context, call) => apply(context, call, ["sum", value(context, only(call), "elements")])],
  ["any", quantifier("any")],
  ["all", quantifier("all")],
  ["min", extreme("min")],
  ["max", extreme("max")],
  ["sorted", sorted],
  ["round", rounded],
  ["list", listOf],
  ["next", first],
]);
