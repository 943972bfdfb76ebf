/**
 * What the parts of the reader of Python share: the text, places in it, which names are values, and the way back to the whole.
 * Never holds anything of a run. Pure. No I/O, no clock.
 */
import type { Expression, Note } from "../code/program.ts";
import type { Place } from "../intent.ts";
import type { SyntaxNode } from "./tree.ts";

/** How a value is used, where Python's meaning depends on it. */
export type Use =
  /** Any value. */
  | "value"
  /** Only whether it is true. */
  | "truth"
  /** Only its elements, or as JSON: a tuple, a set or a generator is as good as a list. */
  | "elements"
  /** As JSON: a tuple is as good as a list. */
  | "json";

/** The reader of one program. */
export interface Context {
  readonly text: string;
  /** Whether the statements are those of a function, which may return. */
  readonly isFunction: boolean;
  /** Names that some statement of the program binds: what is called on them is a method of a value, and no tool. */
  readonly bound: ReadonlySet<string>;
  /** How often a name stands in the program. */
  readonly uses: ReadonlyMap<string, number>;
  /** Names that imports bind → the path that is meant. */
  readonly aliases: Map<string, readonly string[]>;
  readonly notes: Note[];
  /** What can only be judged when all of the program is read. */
  readonly later: Later;
  placeOf(node: SyntaxNode): Place;
  /** Reads an expression; the default use is `"value"`. */
  expression(node: SyntaxNode, use?: Use): Expression;
}

/** Where Python tells tuples from lists, and where it changes a list under all its names. */
export interface Later {
  /** A tuple that is a value. */
  tupleAt: number | undefined;
  /** Comparisons of values that may be tuples or lists. */
  readonly comparisons: number[];
  /** `x += e` where `e` may be a list. */
  readonly updates: { readonly name: string; readonly at: number }[];
  /** Names that are given a value that may be a list. */
  readonly lists: Set<string>;
}

/** The source of a node. */
export function textOf(context: Context, node: SyntaxNode): string {
  return context.text.slice(node.from, node.to);
}

/** A literal. */
export function literal(place: Place, value: null | boolean | number | bigint | string): Expression {
  return { kind: "literal", value, place };
}

/** Whether a tool is called in an expression, so that it may not be evaluated twice. */
export function hasCall(expression: Expression): boolean {
  switch (expression.kind) {
    case "literal":
    case "name":
      return false;
    case "call":
      return true;
    case "list":
      return expression.elements.some(hasCall);
    case "object":
      return expression.members.some(({ value }) => hasCall(value));
    case "member":
    case "slice":
    case "isMissing":
    case "not":
    case "negate":
    case "together":
      return hasCall(expression.of);
    case "index":
      return hasCall(expression.of) || hasCall(expression.index);
    case "otherwise":
      return hasCall(expression.of) || hasCall(expression.else);
    case "apply":
      return expression.args.some(hasCall);
    case "binary":
    case "and":
    case "or":
      return hasCall(expression.left) || hasCall(expression.right);
    case "conditional":
      return hasCall(expression.test) || hasCall(expression.yes) || hasCall(expression.no);
    case "template":
      return expression.parts.some((part) => typeof part !== "string" && hasCall(part));
    case "comprehension":
      return hasCall(expression.element) || expression.clauses.some((clause) => hasCall(clause.of) || clause.tests.some(hasCall));
    case "find":
      return hasCall(expression.clause.of) || expression.clause.tests.some(hasCall);
  }
}

/** Whether a value is surely a boolean, by what it is made of. */
export function isBoolean(expression: Expression): boolean {
  switch (expression.kind) {
    case "literal":
      return typeof expression.value === "boolean";
    case "not":
    case "isMissing":
      return true;
    case "and":
    case "or":
      return isBoolean(expression.left) && isBoolean(expression.right);
    case "binary":
      return ["==", "!=", "<", "<=", ">", ">=", "in"].includes(expression.operator);
    case "apply":
      return ["startsWith", "endsWith", "includes", "any", "all"].includes(expression.function);
    case "conditional":
      return isBoolean(expression.yes) && isBoolean(expression.no);
    default:
      return false;
  }
}

/** The truth of a value (Language Reference §6.11), as a boolean. */
export function truthOf(expression: Expression): Expression {
  if (isBoolean(expression)) return expression;
  const { place } = expression;
  return { kind: "not", of: { kind: "not", of: expression, place }, place };
}

const listFunctions: ReadonlySet<string> = new Set(
  "sort sortDescending sortBy sortByDescending distinct flatten concat split min max minBy maxBy".split(" "),
);

/** Whether a value is surely no list, by what it is made of. */
export function isScalar(expression: Expression): boolean {
  switch (expression.kind) {
    case "literal":
    case "template":
    case "negate":
    case "object":
      return true;
    case "binary":
      return expression.operator !== "+" || isScalar(expression.left) || isScalar(expression.right);
    case "apply":
      return !listFunctions.has(expression.function);
    case "conditional":
      return isScalar(expression.yes) && isScalar(expression.no);
    default:
      return isBoolean(expression);
  }
}
