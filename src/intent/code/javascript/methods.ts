/**
 * Methods of lists, texts and numbers (ECMA-262 §22, §23), as far as a plan has the same.
 * Pure. Never keeps a method that changes what it is called on, unless nothing else holds it.
 */
import { failOutside } from "../fault.ts";
import type { Clause, Expression, FunctionName } from "../program.ts";
import { argumentsOf, type JsCall } from "./calls.ts";
import { readCallback } from "./callbacks.ts";
import { type JsAny, keyOf, readExpression } from "./expressions.ts";
import { readSort, readSum } from "./orders.ts";
import type { Reader } from "./scope.ts";
import { type JsExpression, placeOf } from "./tree.ts";

/** Methods that are functions of the list, with how many arguments they take. */
const functions: ReadonlyMap<string, readonly [FunctionName, number]> = new Map([
  ["includes", ["includes", 1]],
  ["join", ["join", 1]],
  ["split", ["split", 1]],
  ["toLowerCase", ["lower", 0]],
  ["toUpperCase", ["upper", 0]],
  ["trim", ["trim", 0]],
  ["startsWith", ["startsWith", 1]],
  ["endsWith", ["endsWith", 1]],
  ["replaceAll", ["replace", 2]],
  ["toFixed", ["fixed", 1]],
  ["toString", ["text", 0]],
  ["concat", ["concat", 1]],
  ["flat", ["flatten", 0]],
] as const);

/** Reads a call of a method of a value. */
export function readMethod(reader: Reader, node: JsCall): Expression {
  const place = placeOf(node);
  const callee = node.callee as JsExpression;
  if (callee.type !== "MemberExpression" && callee.type !== "OptionalMemberExpression")
    return failOutside("this calls a value: a plan calls tools, and methods of lists and texts", place);
  if (callee.type === "OptionalMemberExpression")
    return failOutside("say what to do where there is nothing: `(xs ?? [])`", place);
  if (callee.object.type === "Super" || callee.property.type === "PrivateName")
    return failOutside("a plan has no classes", place);
  const method = keyOf(callee.property, callee.computed, place);
  const plain = functions.get(method);
  if (plain !== undefined) {
    const args = argumentsOf(reader, node);
    const [name, count] = plain;
    if (args.length !== count)
      return failOutside(`\`${method}\` takes ${count === 0 ? "nothing" : `${count} values`} here`, place);
    return { kind: "apply", function: name, args: [readExpression(reader, callee.object), ...args], place };
  }
  return readListMethod(reader, { node, method, of: callee.object });
}

interface Method {
  readonly node: JsCall;
  readonly method: string;
  readonly of: JsAny;
}

function readListMethod(reader: Reader, { node, method, of }: Method): Expression {
  const place = placeOf(node);
  switch (method) {
    case "map":
    case "flatMap": {
      const list = readMapped(reader, node, of);
      return method === "map" ? list : { kind: "apply", function: "flatten", args: [list], place };
    }
    case "filter": {
      const clause = readTested(reader, node, of);
      return { kind: "comprehension", clauses: [clause], element: elementOf(clause), place };
    }
    case "find":
      return { kind: "find", clause: readTested(reader, node, of), place };
    case "some":
    case "every": {
      const { target, of: list, tests } = readTested(reader, node, of);
      const [element] = tests;
      if (element === undefined) return failOutside("a test is missing", place);
      const all: Expression = {
        kind: "comprehension",
        clauses: [{ target, of: list, tests: [] }],
        element: truth(element),
        place,
      };
      return { kind: "apply", function: method === "some" ? "any" : "all", args: [all], place };
    }
    case "slice":
      return readSlice(reader, node, of);
    case "at": {
      const [index] = argumentsOf(reader, node);
      if (index === undefined) return failOutside("a place is missing", place);
      return { kind: "index", of: readExpression(reader, of), index, place };
    }
    case "sort":
    case "toSorted":
      return readSort(reader, node, { of, isChanging: method === "sort" });
    case "reduce":
      return readSum(reader, node, of);
    default:
      return failOutside(
        hints.get(method) ??
          "of lists and texts a plan has map, filter, find, some, every, slice, at, toSorted, join, split, includes and the like",
        place,
      );
  }
}

const hints: ReadonlyMap<string, string> = new Map([
  ["push", "`push` is a statement of its own, on a list that begins empty"],
  ["forEach", "write `for (const x of xs)`"],
  ["replace", "`replace` changes the first one only: write `replaceAll`"],
  ["indexOf", "ask with `includes` whether it is there, or with `find` for it"],
  ["reverse", "sort in the order that is meant"],
  ["pop", "a list does not change: take its last element with `.at(-1)`"],
  ["shift", "a list does not change: take its first element with `[0]`"],
  ["then", "write `await`"],
  ["catch", "a call that fails ends the plan: there is no other way"],
  ["entries", "go through the list itself: a plan does not count rounds"],
  ["keys", "go through the list itself: a plan does not count rounds"],
  ["charAt", "no expression of a plan takes one character of a text"],
  ["match", "a plan runs no regular expressions of JavaScript"],
  ["padStart", "a plan pads no texts"],
]);

/** A boolean of whatever a test gives. */
function truth(of: Expression): Expression {
  const { place } = of;
  const isTest = of.kind === "binary" || of.kind === "not" || of.kind === "isMissing";
  return isTest ? of : { kind: "not", of: { kind: "not", of, place }, place };
}

function elementOf({ target, of }: Clause): Expression {
  if (target.kind !== "name") return failOutside("name the element: `(x) => …`", of.place);
  return { kind: "name", name: target.name, place: target.place };
}

function readMapped(reader: Reader, node: JsCall, of: JsAny): Expression {
  const list = readExpression(reader, of);
  return readCallback(reader, node, ({ target, body }) => ({
    kind: "comprehension",
    clauses: [{ target, of: list, tests: [] }],
    element: body(),
    place: placeOf(node),
  }));
}

function readTested(reader: Reader, node: JsCall, of: JsAny): Clause {
  const list = readExpression(reader, of);
  const [callback] = node.arguments;
  if (callback?.type === "Identifier" && callback.name === "Boolean") {
    reader.count += 1;
    const place = placeOf(callback);
    const name = `each_${reader.count}`;
    return { target: { kind: "name", name, place }, of: list, tests: [{ kind: "name", name, place }] };
  }
  return readCallback(reader, node, ({ target, body }) => ({ target, of: list, tests: [body()] }));
}

function readSlice(reader: Reader, node: JsCall, of: JsAny): Expression {
  const place = placeOf(node);
  const [from, to] = argumentsOf(reader, node).map((bound) => {
    const isWhole = bound.kind === "literal" && typeof bound.value === "number" && Number.isSafeInteger(bound.value);
    return isWhole ? Number(bound.value) : failOutside("the bounds of `slice` are whole numbers that are written out", place);
  });
  return {
    kind: "slice",
    of: readExpression(reader, of),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    place,
  };
}
