/**
 * Sorting and adding up: the functions that JavaScript writes out, recognised by their form.
 * Pure. Never takes another function for one of these.
 */
import { failOutside } from "../fault.ts";
import type { Expression } from "../program.ts";
import type { JsCall } from "./calls.ts";
import { callbackOf } from "./callbacks.ts";
import { type JsAny, readExpression } from "./expressions.ts";
import { declareTarget } from "./patterns.ts";
import { inScope, type Reader } from "./scope.ts";
import { type JsExpression, placeOf } from "./tree.ts";

interface Sorting {
  readonly of: JsAny;
  /** Whether the list itself is put in order. */
  readonly isChanging: boolean;
}

/** `xs.toSorted((a, b) => a.p - b.p)`; `sort` on a list that was made just now. */
export function readSort(reader: Reader, node: JsCall, { of, isChanging }: Sorting): Expression {
  const place = placeOf(node);
  if (isChanging && !isFresh(of))
    return failOutside("`sort` changes the list: write `toSorted`, or sort a copy, `[...xs].sort(…)`", place);
  const order = orderOf(node);
  if (order === undefined)
    return failOutside(
      "sort by numbers, as in `(a, b) => a.price - b.price`: texts are put in order by other rules than a plan's",
      place,
    );
  const list = readExpression(reader, of);
  if (order.path.length === 0) {
    return { kind: "apply", function: order.isDown ? "sortDescending" : "sort", args: [list], place };
  }
  const path: Expression = { kind: "literal", value: order.path.join("."), place };
  return { kind: "apply", function: order.isDown ? "sortByDescending" : "sortBy", args: [list, path], place };
}

const makers: ReadonlySet<string> = new Set(["map", "filter", "flatMap", "slice", "concat", "toSorted", "split"]);

/** Whether nothing else holds a list: it was made in this very expression. */
function isFresh(raw: JsAny): boolean {
  const node = raw as JsExpression;
  if (node.type === "ArrayExpression") return true;
  if (node.type !== "CallExpression" || node.callee.type !== "MemberExpression") return false;
  const { property } = node.callee;
  return property.type === "Identifier" && makers.has(property.name);
}

interface SortOrder {
  readonly path: readonly string[];
  readonly isDown: boolean;
}

/** `(a, b) => a.p - b.p` or `b.p - a.p`. */
function orderOf(node: JsCall): SortOrder | undefined {
  const callback = callbackOf(node);
  const [a, b] = callback?.params ?? [];
  const body = callback?.body;
  if (a?.type !== "Identifier" || b?.type !== "Identifier" || callback?.params.length !== 2) return undefined;
  if (body?.type !== "BinaryExpression" || body.operator !== "-") return undefined;
  const [left, right] = [chainOf(body.left), chainOf(body.right)];
  if (left === undefined || right === undefined || left.path.join(".") !== right.path.join(".")) return undefined;
  if (left.path.some((name) => name.includes("."))) return undefined;
  if (left.root === a.name && right.root === b.name) return { path: left.path, isDown: false };
  return left.root === b.name && right.root === a.name ? { path: left.path, isDown: true } : undefined;
}

function chainOf(raw: JsAny): { readonly root: string; readonly path: readonly string[] } | undefined {
  const node = raw as JsExpression;
  if (node.type === "Identifier") return { root: node.name, path: [] };
  if (node.type !== "MemberExpression" || node.computed || node.property.type !== "Identifier") return undefined;
  const of = chainOf(node.object);
  return of && { root: of.root, path: [...of.path, node.property.name] };
}

/** `xs.reduce((sum, x) => sum + x.p, 0)`. */
export function readSum(reader: Reader, node: JsCall, of: JsAny): Expression {
  const place = placeOf(node);
  const [callback, start, more] = node.arguments;
  const isZero = start?.type === "NumericLiteral" && start.value === 0 && more === undefined;
  if (callback?.type !== "ArrowFunctionExpression" || !isZero || callback.params.length !== 2) return failOutside(sumHint, place);
  const [sum, element] = callback.params;
  const { body } = callback;
  if (sum?.type !== "Identifier" || element?.type !== "Identifier" || body.type !== "BinaryExpression" || body.operator !== "+")
    return failOutside(sumHint, place);
  if (body.left.type !== "Identifier" || body.left.name !== sum.name) return failOutside(sumHint, place);
  const list = readExpression(reader, of);
  const { right } = body;
  return inScope(reader, () => {
    const target = { kind: "name", name: element.name, place: placeOf(element) } as const;
    declareTarget(reader, target);
    const each = readExpression(reader, right);
    const all: Expression = { kind: "comprehension", clauses: [{ target, of: list, tests: [] }], element: each, place };
    return { kind: "apply", function: "sum", args: [all], place };
  });
}

const sumHint = "of `reduce` a plan has the sum, `xs.reduce((sum, x) => sum + x.price, 0)`";
