/**
 * Comprehensions and generators (Language Reference §6.2.4), and what `for` binds and runs over.
 * Never runs over what has no bound. Pure. No I/O, no clock.
 */
import type { Clause, Expression, Target } from "../code/program.ts";
import { type Context, literal, textOf, truthOf } from "./context.ts";
import { failOutside } from "./fault.ts";
import { nameOf } from "./names.ts";
import { rangeNumbersMax } from "../../limits.ts";
import type { SyntaxNode } from "./tree.ts";

/** A comprehension in brackets, or a generator in parentheses. */
export function readComprehension(context: Context, node: SyntaxNode): Expression {
  const parts = node.children.filter(({ kind }) => kind !== "[" && kind !== "]" && kind !== "(" && kind !== ")");
  return readClauses(context, parts, node);
}

/** `element for target in iterable if test …`, as the flat list of its parts. */
export function readClauses(context: Context, parts: readonly SyntaxNode[], node: SyntaxNode): Expression {
  const first = parts.findIndex(({ kind }) => kind === "for" || kind === "async");
  const [elementNode] = parts;
  if (first !== 1 || elementNode === undefined) return failOutside("one value comes before `for`", node.from);
  const clauses: Clause[] = [];
  let at = first;
  while (at < parts.length) {
    const word = parts[at] as SyntaxNode;
    if (word.kind === "async") return failOutside("a plan waits for each call: leave `async` out", word.from);
    const value = parts[at + 1] ?? word;
    if (word.kind === "if") {
      const last = clauses.at(-1) as Clause;
      clauses[clauses.length - 1] = { ...last, tests: [...last.tests, truthOf(context.expression(value, "truth"))] };
      at += 2;
      continue;
    }
    const within = parts.findIndex(({ kind }, index) => index > at && kind === "in");
    const of = parts[within + 1] ?? word;
    clauses.push({ ...readRows(context, parts.slice(at + 1, within), of), tests: [] });
    at = within + 2;
  }
  return { kind: "comprehension", clauses, element: context.expression(elementNode), place: context.placeOf(node) };
}

/** What a loop binds, and what it runs over. A counter of `enumerate` that nothing reads is left out. */
export function readRows(
  context: Context,
  targets: readonly SyntaxNode[],
  iterable: SyntaxNode,
): { readonly target: Target; readonly of: Expression } {
  const [counter, comma, ...row] = targets;
  const [callee, list] = iterable.kind === "CallExpression" ? iterable.children : [];
  const [of, ...more] = list?.children.slice(1, -1) ?? [];
  const isCounted = callee?.kind === "VariableName" && textOf(context, callee) === "enumerate" && !context.bound.has("enumerate");
  const isUnread = counter?.kind === "VariableName" && context.uses.get(textOf(context, counter)) === 1;
  if (isCounted && isUnread && comma?.kind === "," && row.length > 0 && of !== undefined && more.length === 0)
    return { target: readTargets(context, row), of: context.expression(of, "elements") };
  return { target: readTargets(context, targets), of: readIterable(context, iterable) };
}

/** What a statement or a clause binds: one target, or several with commas between. */
export function readTargets(context: Context, nodes: readonly SyntaxNode[]): Target {
  const targets = nodes.filter(({ kind }) => kind !== ",");
  const [only = nodes[0] as SyntaxNode] = targets;
  if (targets.length === 1 && nodes.length === 1) return readTarget(context, only);
  return { kind: "elements", targets: targets.map((node) => readTarget(context, node)), place: context.placeOf(only) };
}

function readTarget(context: Context, node: SyntaxNode): Target {
  switch (node.kind) {
    case "VariableName":
      return { kind: "name", name: nameOf(context.text, node), place: context.placeOf(node) };
    case "ParenthesizedExpression":
      return readTargets(context, node.children.slice(1, -1));
    case "TupleExpression":
    case "ArrayExpression": {
      const inner = node.children.slice(1, -1);
      if (inner.length === 0) return failOutside("there is nothing to bind here", node.from);
      const targets = inner.filter(({ kind }) => kind !== ",").map((part) => readTarget(context, part));
      return { kind: "elements", targets, place: context.placeOf(node) };
    }
    case "MemberExpression":
      return failOutside("results and objects are not changed in a plan: make a new value", node.from);
    default:
      return failOutside("a value is bound to a name, or to several", node.from);
  }
}

/** What a loop runs over. `range` of numbers that are written out, and `enumerate` of a list that is, become lists. */
export function readIterable(context: Context, node: SyntaxNode): Expression {
  const call = node.kind === "CallExpression" ? node : undefined;
  const callee = call?.children[0];
  const name = callee?.kind === "VariableName" ? textOf(context, callee) : "";
  if (call === undefined || context.bound.has(name)) return context.expression(node, "elements");
  const args = (call.children[1]?.children ?? []).filter(({ kind }) => kind !== "(" && kind !== ")" && kind !== ",");
  if (name === "range") return readRange(context, node, args);
  if (name === "enumerate") return readEnumerate(context, node, args);
  return context.expression(node, "elements");
}

function readRange(context: Context, node: SyntaxNode, args: readonly SyntaxNode[]): Expression {
  const bounds = args.map((arg) => context.expression(arg));
  const numbers = bounds.flatMap((bound) =>
    bound.kind === "literal" && typeof bound.value === "number" && Number.isSafeInteger(bound.value) ? [bound.value] : [],
  );
  if (numbers.length !== bounds.length || numbers.length === 0 || numbers.length > 3)
    return failOutside("`range` takes whole numbers, written out: loop over a list itself", node.from);
  const [first = 0, second, step = 1] = numbers;
  const [from, to] = second === undefined ? [0, first] : [first, second];
  if (step === 0) return failOutside("the step of `range` is not 0", node.from);
  const count = Math.max(0, Math.ceil((to - from) / step));
  if (count > rangeNumbersMax) return failOutside(`a \`range\` has at most ${rangeNumbersMax} numbers`, node.from);
  const place = context.placeOf(node);
  const elements = Array.from({ length: count }, (_, index) => literal(place, from + index * step));
  return { kind: "list", elements, place };
}

function readEnumerate(context: Context, node: SyntaxNode, args: readonly SyntaxNode[]): Expression {
  const [of, ...more] = args;
  if (of === undefined) return failOutside("`enumerate` takes a list", node.from);
  const start = enumerateStart(context, node, more);
  const list = context.expression(of, "elements");
  if (list.kind !== "list")
    return failOutside("a plan does not count the rows of a result: loop over the list itself", node.from);
  const { place } = list;
  const elements = list.elements.map(
    (element, index): Expression => ({ kind: "list", elements: [literal(place, start + index), element], place }),
  );
  return { kind: "list", elements, place };
}

function enumerateStart(context: Context, node: SyntaxNode, more: readonly SyntaxNode[]): number {
  if (more.length === 0) return 0;
  const value = more.at(-1) as SyntaxNode;
  const isNamed = more.length === 3 && textOf(context, more[0] as SyntaxNode) === "start";
  const start = context.expression(value);
  if (
    (more.length !== 1 && !isNamed) ||
    start.kind !== "literal" ||
    typeof start.value !== "number" ||
    !Number.isSafeInteger(start.value)
  )
    return failOutside("`enumerate` starts at a whole number, written out", node.from);
  return start.value;
}
