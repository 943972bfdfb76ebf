/**
 * Python's operators (Language Reference §6.5 to §6.12).
 * Never reads a chain of comparisons as one of its halves, nor `and` and `or` as booleans where their values are used. Pure. No I/O, no clock.
 */
import type { BinaryOperator, Expression } from "../code/program.ts";
import { type Context, hasCall, isBoolean, isScalar, literal, textOf, truthOf, type Use } from "./context.ts";
import { failOutside } from "./fault.ts";
import type { SyntaxNode } from "./tree.ts";

const arithmetic: ReadonlyMap<string, BinaryOperator> = new Map([
  ["+", "+"],
  ["-", "-"],
  ["*", "*"],
  ["/", "/"],
  ["//", "floorDivide"],
  ["%", "modulo"],
]);
const ordering: ReadonlyMap<string, BinaryOperator> = new Map([
  ["==", "=="],
  ["!=", "!="],
  ["<", "<"],
  ["<=", "<="],
  [">", ">"],
  [">=", ">="],
]);

/** A `BinaryExpression`: two operands around one or two words or signs. */
export function readBinary(context: Context, node: SyntaxNode, use: Use): Expression {
  const [left, operator] = node.children;
  const right = node.children.at(-1);
  if (left === undefined || operator === undefined || right === undefined) return failOutside("an operand is missing", node.from);
  if (operator.kind === "and" || operator.kind === "or") return readLogic(context, node, use);
  if (operator.kind === "ArithOp") return readArithmetic(context, node);
  if (operator.kind === "BitOp") return failOutside("a plan does not compute with bits", operator.from);
  return readComparison(context, node);
}

function readLogic(context: Context, node: SyntaxNode, use: Use): Expression {
  const [leftNode, operator, rightNode] = node.children as readonly [SyntaxNode, SyntaxNode, SyntaxNode];
  const place = context.placeOf(node);
  const kind = operator.kind === "and" ? "and" : "or";
  const left = context.expression(leftNode, use);
  const right = context.expression(rightNode, use);
  if (use === "truth") return { kind, left: truthOf(left), right: truthOf(right), place };
  if (isBoolean(left) && isBoolean(right)) return { kind, left, right, place };
  // The value of `a or b` is that of `a`, or of `b`: §6.11.
  if (hasCall(left))
    return failOutside(`call the tool before this, and use its result on the left of \`${kind}\``, leftNode.from);
  const [yes, no] = kind === "and" ? [right, left] : [left, right];
  return { kind: "conditional", test: truthOf(left), yes, no, place };
}

function readArithmetic(context: Context, node: SyntaxNode): Expression {
  const [leftNode, sign, rightNode] = node.children as readonly [SyntaxNode, SyntaxNode, SyntaxNode];
  const place = context.placeOf(node);
  const written = textOf(context, sign);
  const left = context.expression(leftNode);
  const right = context.expression(rightNode);
  if (written === "**") return readPower(place, { left, right, at: sign.from });
  const operator = arithmetic.get(written);
  if (operator === undefined) return failOutside("a plan has no such operator", sign.from);
  const isText = left.kind === "template" || (left.kind === "literal" && typeof left.value === "string");
  if (operator === "modulo" && isText) return failOutside("write an f-string instead of `%`", sign.from);
  if (operator === "*" && [left, right].some((side) => side.kind === "list" || side.kind === "template" || isTextLiteral(side)))
    return failOutside("`*` repeats texts and lists: write it out", sign.from);
  return { kind: "binary", operator, left, right, place };
}

function isTextLiteral(expression: Expression): boolean {
  return expression.kind === "literal" && typeof expression.value === "string";
}

interface Power {
  readonly left: Expression;
  readonly right: Expression;
  readonly at: number;
}

/** Whole numbers to a small power, exactly. Powers of doubles are rounded as each C library does it. */
function readPower(place: Expression["place"], { left, right, at }: Power): Expression {
  const isSmall = (side: Expression): side is Expression & { readonly kind: "literal"; readonly value: number } =>
    side.kind === "literal" && typeof side.value === "number" && Number.isSafeInteger(side.value);
  if (!isSmall(left) || !isSmall(right) || right.value < 0 || right.value > 64)
    return failOutside("`**` is computed for small whole numbers that are written out", at);
  const value = BigInt(left.value) ** BigInt(right.value);
  const double = Number(value);
  return literal(place, Number.isSafeInteger(double) ? double : value);
}

interface Comparison {
  readonly operator: string;
  readonly at: number;
}

/** `a < b <= c` is `a < b and b <= c` with `b` evaluated once (§6.10). */
function readComparison(context: Context, node: SyntaxNode): Expression {
  const operands: SyntaxNode[] = [];
  const comparisons: Comparison[] = [];
  let rest: SyntaxNode = node;
  while (rest.kind === "BinaryExpression" && isComparison(rest)) {
    const signs = rest.children.slice(1, -1);
    operands.unshift(rest.children.at(-1) as SyntaxNode);
    comparisons.unshift({ operator: signs.map((sign) => textOf(context, sign)).join(" "), at: (signs[0] as SyntaxNode).from });
    rest = rest.children[0] as SyntaxNode;
  }
  operands.unshift(rest);
  const pairs = comparisons.map((comparison, at): Expression => {
    const [left, right] = [operands[at] as SyntaxNode, operands[at + 1] as SyntaxNode];
    return compare(context, comparison, { left, right, place: context.placeOf(node) });
  });
  if (pairs.length > 1 && pairs.some(hasCall)) return failOutside("call the tools before this comparison", node.from);
  return pairs.reduce((left, right) => ({ kind: "and", left, right, place: left.place }));
}

function isComparison(node: SyntaxNode): boolean {
  return ["CompareOp", "in", "not", "is"].includes(node.children[1]?.kind ?? "");
}

interface Sides {
  readonly left: SyntaxNode;
  readonly right: SyntaxNode;
  readonly place: Expression["place"];
}

function compare(context: Context, { operator, at }: Comparison, { left, right, place }: Sides): Expression {
  const known = ordering.get(operator);
  if (known !== undefined) {
    const sides = [context.expression(left), context.expression(right)] as const;
    if (!sides.some(isScalar)) context.later.comparisons.push(at);
    return { kind: "binary", operator: known, left: sides[0], right: sides[1], place };
  }
  if (operator === "in" || operator === "not in") {
    const element = context.expression(left);
    if (!isScalar(element)) context.later.comparisons.push(at);
    const found: Expression = {
      kind: "binary",
      operator: "in",
      left: element,
      right: context.expression(right, "elements"),
      place,
    };
    return operator === "in" ? found : { kind: "not", of: found, place };
  }
  if (operator !== "is" && operator !== "is not") return failOutside("a plan has no such comparison", at);
  if (right.kind !== "None") return failOutside("`is` compares with `None` only: use `==`", at);
  const side = context.expression(left);
  return { kind: "binary", operator: operator === "is" ? "==" : "!=", left: side, right: literal(place, null), place };
}

/** `not x`, `-x`, `+x`. */
export function readUnary(context: Context, node: SyntaxNode): Expression {
  const [sign, operand] = node.children as readonly [SyntaxNode, SyntaxNode];
  const place = context.placeOf(node);
  if (sign.kind === "not") return { kind: "not", of: context.expression(operand, "truth"), place };
  const written = textOf(context, sign);
  if (written === "~") return failOutside("a plan does not compute with bits", sign.from);
  const of = context.expression(operand);
  const value = of.kind === "literal" ? of.value : undefined;
  if (written === "+") {
    if (typeof value === "number" || typeof value === "bigint") return of;
    return failOutside("leave this sign out", sign.from);
  }
  if (typeof value === "number" && value !== 0) return literal(place, -value);
  if (typeof value === "bigint") return literal(place, -value);
  if (value === 0) return of;
  const double = of.kind === "apply" && of.function === "number" && of.args[0]?.kind === "literal" ? of.args[0].value : undefined;
  if (of.kind !== "apply" || typeof double !== "number") return { kind: "negate", of, place };
  if (double === 0) return failOutside("JSON has no zero below zero", node.from);
  return { ...of, args: [literal(place, -double)] };
}
