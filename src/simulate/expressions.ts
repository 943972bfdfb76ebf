/**
 * What a CEL expression expects of what it reads: types from the functions, values from the constants beside them.
 * Pure. Evaluates nothing and proves nothing; it only notes wishes.
 */
import type { Json } from "../json/value.ts";
import { functionArities } from "../lang/expression/functions.ts";
import { type Node, parseExpression } from "../lang/expression/syntax.ts";
import { compareViews } from "./compare.ts";
import { wishSize } from "./paths.ts";
import {
  eitherView,
  elementView,
  markKind,
  memberView,
  nowhere,
  type ShapeBook,
  type ShapeKind,
  type View,
  wish,
  wishLength,
} from "./shape.ts";

/** The names of an expression: nodes, `params`, `item`, `args`. */
export type Names = (name: string) => View | undefined;

/** Notes what `source` wishes for and returns what its value is made of; nowhere, if it cannot be read. */
export function wishExpression(book: ShapeBook, source: string, names: Names): View {
  const words = source.match(/[A-Za-z_][A-Za-z0-9_]*/g) ?? [];
  const variables = new Set(["params", "nodes", "item", "args", ...words]);
  const parsed = parseExpression(source, { variables, functions: functionArities });
  return parsed.ok ? infer({ book, names, locals: [] }, parsed.value) : nowhere;
}

/** As {@link wishExpression}, for what must be true. */
export function wishCondition(book: ShapeBook, source: string, names: Names): void {
  wishTruth(wishExpression(book, source, names));
}

interface Scope {
  readonly book: ShapeBook;
  readonly names: Names;
  readonly locals: readonly View[];
}

/** A place that stands as a condition of its own. */
function wishTruth(view: View): View {
  if (view.shapes.some(({ kinds }) => kinds.size > 0)) return view;
  for (const shape of view.shapes) if (shape.members.size === 0) shape.kinds.add("boolean");
  return view;
}

function infer(scope: Scope, node: Node): View {
  const { book } = scope;
  switch (node.kind) {
    case "literal":
      return { shapes: [], literal: node.value };
    case "variable":
      return scope.names(node.name) ?? nowhere;
    case "local":
      return scope.locals[node.slot] ?? nowhere;
    case "member":
      return memberView(book, infer(scope, node.of), node.name);
    case "has": {
      const view = memberView(book, infer(scope, node.of), node.name);
      for (const shape of view.shapes) shape.isQuestioned = true;
      return nowhere;
    }
    case "index":
      return inferIndex(scope, node);
    case "list":
      return inferList(node.elements.map((element) => infer(scope, element)));
    case "object":
      return inferObject(scope, node);
    case "if":
      wishTruth(infer(scope, node.test));
      return eitherView(infer(scope, node.yes), infer(scope, node.no));
    case "and":
    case "or":
      wishTruth(infer(scope, node.left));
      wishTruth(infer(scope, node.right));
      return nowhere;
    case "not":
      wishTruth(infer(scope, node.of));
      return nowhere;
    case "negate":
      return ofKind(infer(scope, node.of), "number");
    case "binary":
      return inferBinary(scope, node);
    case "macro":
      return inferMacro(scope, node);
    case "call":
      return inferCall(scope, node);
  }
}

function inferIndex(scope: Scope, node: Node & { readonly kind: "index" }): View {
  const of = infer(scope, node.of);
  const index = infer(scope, node.index);
  if (typeof index.literal === "string") return memberView(scope.book, of, index.literal);
  if (typeof index.literal !== "number") return nowhere;
  for (const shape of of.shapes) shape.lengthMin = Math.max(shape.lengthMin, index.literal + 1);
  return elementView(scope.book, of);
}

function inferList(elements: readonly View[]): View {
  const literals = elements.map(({ literal }) => literal);
  const whole = literals.every((literal) => literal !== undefined) ? { literal: literals as readonly Json[] } : {};
  const element = elements.reduce(eitherView, nowhere);
  return { shapes: [], element, ...whole };
}

function inferObject(scope: Scope, node: Node & { readonly kind: "object" }): View {
  const members = new Map<string, View>();
  for (const [key, value] of node.members) {
    const view = infer(scope, value);
    if (key.kind === "literal" && typeof key.value === "string") members.set(key.value, view);
  }
  return { shapes: [], members };
}

function inferBinary(scope: Scope, node: Node & { readonly kind: "binary" }): View {
  const [left, right] = [infer(scope, node.left), infer(scope, node.right)];
  switch (node.operator) {
    case "in": {
      if (Array.isArray(right.literal)) wish(left, ...(right.literal as readonly Json[]));
      const inner = right.literal === undefined ? elementView(scope.book, right) : nowhere;
      compareViews(left, "==", inner);
      return nowhere;
    }
    case "+":
    case "-":
    case "*":
    case "/":
    case "%":
      return inferArithmetic(node.operator, left, right);
    default:
      wishSized(scope, node.left, right);
      wishSized(scope, node.right, left);
      wishCase(scope, node.left, right);
      compareViews(left, node.operator, right);
      return nowhere;
  }
}

function inferArithmetic(operator: string, left: View, right: View): View {
  const isText = operator === "+" && [left, right].some(({ literal }) => typeof literal === "string");
  const isList = operator === "+" && [left, right].some((side) => side.element !== undefined || Array.isArray(side.literal));
  if (isList) return eitherView(left, right);
  for (const side of [left, right])
    if (side.shapes.every(({ kinds }) => kinds.size === 0)) markKind(side, isText ? "text" : "number");
  // What is made of it is no place of its own, but it may be compared like one.
  return operator === "*" || operator === "+" ? { shapes: [...left.shapes, ...right.shapes] } : { shapes: left.shapes };
}

/** `size(x) > 3`. */
function wishSized(scope: Scope, side: Node, other: View): void {
  if (side.kind === "call" && side.name === "size" && side.args[0] !== undefined && typeof other.literal === "number")
    wishSize(infer(scope, side.args[0]), other.literal);
}

/** `lowerAscii(x) == "a"`. */
function wishCase(scope: Scope, side: Node, other: View): void {
  if (side.kind === "call" && transparent.has(side.name) && side.args[0] !== undefined && other.literal !== undefined)
    compareViews(infer(scope, side.args[0]), "==", other);
}

const transparent: ReadonlySet<string> = new Set(["lowerAscii", "upperAscii", "trim", "string", "double", "int", "date"]);

function inferMacro(scope: Scope, node: Node & { readonly kind: "macro" }): View {
  const list = infer(scope, node.list);
  const item = elementView(scope.book, list);
  const inner: Scope = { ...scope, locals: [...scope.locals.slice(0, node.slot), item] };
  if (node.test !== undefined) wishTruth(infer(inner, node.test));
  if (node.name === "exists" || node.name === "exists_one") wishLength(list, 1, 2);
  if (node.name === "filter") return list;
  if (node.name !== "map") return nowhere;
  return { shapes: [], element: node.step === undefined ? nowhere : infer(inner, node.step) };
}

/** Functions whose arguments are all of a kind. */
const kindOfArgs: { readonly [name: string]: ShapeKind } = {
  round: "number",
  floor: "number",
  ceil: "number",
  abs: "number",
  min: "number",
  max: "number",
  startsWith: "text",
  endsWith: "text",
  contains: "text",
  lowerAscii: "text",
  upperAscii: "text",
  trim: "text",
  split: "text",
  replace: "text",
  substring: "text",
  re: "text",
  extract: "text",
  date: "date",
  addDays: "date",
  formatDate: "date",
  double: "number",
  int: "number",
};

/** Functions that give a part of a text. */
const cutting: ReadonlySet<string> = new Set(["trim", "substring", "lowerAscii", "upperAscii"]);

function inferCall(scope: Scope, node: Node & { readonly kind: "call" }): View {
  const args = node.args.map((arg) => infer(scope, arg));
  const [first = nowhere, second = nowhere] = args;
  switch (node.name) {
    case "sum":
      return ofKind(elementView(scope.book, first), "number");
    case "sort":
    case "distinct":
      return listOf(first);
    case "sortBy":
    case "minBy":
    case "maxBy":
      return inferSorted(scope, node.name, { list: first, by: second.literal });
    case "flatten":
      return { shapes: [], element: elementView(scope.book, elementView(scope.book, first)) };
    case "join":
      ofKind(elementView(scope.book, first), "text");
      return nowhere;
    case "min":
    case "max":
      if (args.length === 1 && first.literal === undefined) return ofKind(elementView(scope.book, first), "number");
      break;
    case "startsWith":
    case "endsWith":
    case "contains":
      if (typeof second.literal === "string") addPiece(first, node.name, second.literal);
      break;
    case "re":
      for (const shape of first.shapes)
        if (typeof second.literal === "string") shape.hints.push({ type: "string", pattern: second.literal });
      break;
    case "split":
      // The parts are texts of the same place; blanks are in every text.
      if (typeof second.literal === "string" && second.literal.trim() !== "") addPiece(first, "contains", second.literal);
      ofKind(first, "text");
      return { shapes: [], element: { shapes: first.shapes } };
    case "extract":
      for (const shape of first.shapes)
        if (typeof second.literal === "string") shape.pieces.push({ text: "", extract: second.literal });
      break;
  }
  const kind = kindOfArgs[node.name];
  if (kind === undefined) return nowhere;
  if (kind === "number") for (const arg of args) ofKind(arg, kind);
  else ofKind(first, kind);
  if (kind === "number") return { shapes: args.flatMap(({ shapes }) => shapes) };
  return cutting.has(node.name) ? { shapes: first.shapes } : nowhere;
}

function inferSorted(scope: Scope, name: string, { list, by }: { readonly list: View; readonly by: Json | undefined }): View {
  const item = elementView(scope.book, list);
  if (typeof by === "string") {
    const key = by.split(".").reduce((view, step) => memberView(scope.book, view, step), item);
    if (key.shapes.every(({ kinds }) => kinds.size === 0)) markKind(key, "number");
  }
  return name === "sortBy" ? list : item;
}

function listOf(view: View): View {
  markKind(view, "list");
  return view;
}

function addPiece(view: View, name: string, text: string): void {
  for (const shape of view.shapes) {
    shape.pieces.push({ text });
    if (name !== "contains") shape.values.push(text);
  }
}

function ofKind(view: View, kind: ShapeKind): View {
  if (view.shapes.every(({ kinds }) => kinds.size === 0)) markKind(view, kind);
  return view;
}
