/**
 * Python's operators (Language Reference §6.5 to §6.12).
 * Never reads a chain of comparisons as one of its halves, nor `and` and `or` as booleans where their values are used. Pure. No I/O, no clock.
 */
import type { BinaryOperator, Expression } from "../code/program.ts";
import { type Context, hasCall, isBoolean, isScalar, literal, textOf, truthOf, type Use } from "./context.ts";
import type { Place } from "../intent.ts";
import { failOutside, failSyntax } from "./fault.ts";
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

/** Elements of a list that are compared one by one. */
const spelledOutMax = 8;

/** An operator as written, or an operand. */
type Item = { readonly at: number } & ({ readonly sign: string } | { readonly operand: SyntaxNode });

const operatorKinds: ReadonlySet<string> = new Set(["ArithOp", "BitOp", "CompareOp", "and", "or", "not", "in", "is", "await"]);
const nested: ReadonlySet<string> = new Set(["BinaryExpression", "UnaryExpression", "AwaitExpression"]);

/**
 * A `BinaryExpression`, `UnaryExpression` or `AwaitExpression`, as the Language Reference §6.17 groups it. The library's own grouping is
 * not used: it reads `not a and b` as `not (a and b)`.
 */
export function readOperators(context: Context, node: SyntaxNode, use: Use): Expression {
  const items = itemsOf(context, node);
  const bit = items.find((item) => "sign" in item && /^(?:[|&^~@]|<<|>>|<>)$/u.test(item.sign));
  if (bit !== undefined) return failOutside("a plan has no such operator", bit.at);
  const reader: Reader = { context, items, at: 0, place: context.placeOf(node), end: node.to };
  const value = readOr(reader, use);
  const rest = items[reader.at];
  return rest === undefined ? value : failSyntax("an operator does not belong here", rest.at);
}

function itemsOf(context: Context, node: SyntaxNode): readonly Item[] {
  return node.children.flatMap((child): readonly Item[] => {
    if (nested.has(child.kind)) return itemsOf(context, child);
    if (operatorKinds.has(child.kind)) return [{ sign: textOf(context, child), at: child.from }];
    return [{ operand: child, at: child.from }];
  });
}

interface Reader {
  readonly context: Context;
  readonly items: readonly Item[];
  at: number;
  readonly place: Place;
  readonly end: number;
}

/** Takes the next item if it is one of these operators. */
function take(reader: Reader, ...signs: readonly string[]): (Item & { readonly sign: string }) | undefined {
  const item = reader.items[reader.at];
  if (item === undefined || !("sign" in item) || !signs.includes(item.sign)) return undefined;
  reader.at += 1;
  return item;
}

function readOr(reader: Reader, use: Use): Expression {
  let left = readAnd(reader, use);
  for (let sign = take(reader, "or"); sign !== undefined; sign = take(reader, "or"))
    left = logic(reader, "or", { left, right: readAnd(reader, use), use, at: sign.at });
  return left;
}

function readAnd(reader: Reader, use: Use): Expression {
  let left = readNot(reader, use);
  for (let sign = take(reader, "and"); sign !== undefined; sign = take(reader, "and"))
    left = logic(reader, "and", { left, right: readNot(reader, use), use, at: sign.at });
  return left;
}

function readNot(reader: Reader, use: Use): Expression {
  if (take(reader, "not") === undefined) return readComparison(reader, use);
  return { kind: "not", of: readNot(reader, "truth"), place: reader.place };
}

interface Logic {
  readonly left: Expression;
  readonly right: Expression;
  readonly use: Use;
  readonly at: number;
}

function logic({ place }: Reader, kind: "and" | "or", { left, right, use, at }: Logic): Expression {
  if (use === "truth") return { kind, left: truthOf(left), right: truthOf(right), place };
  if (isBoolean(left) && isBoolean(right)) return { kind, left, right, place };
  // The value of `a or b` is that of `a`, or of `b`: §6.11.
  if (hasCall(left)) return failOutside(`call the tool before this, and use its result on the left of \`${kind}\``, at);
  const [yes, no] = kind === "and" ? [right, left] : [left, right];
  return { kind: "conditional", test: truthOf(left), yes, no, place };
}

/** `a < b <= c` is `a < b and b <= c` with `b` evaluated once (§6.10). */
function readComparison(reader: Reader, use: Use): Expression {
  const first = readSum(reader, use);
  const pairs: Expression[] = [];
  let left = first;
  for (let sign = takeComparison(reader); sign !== undefined; sign = takeComparison(reader)) {
    const isMember = sign.operator === "in" || sign.operator === "not in";
    const right = readSum(reader, isMember ? "elements" : "value");
    pairs.push(compare(reader, sign, [left, right]));
    left = right;
  }
  if (pairs.length > 1 && pairs.some(hasCall))
    return failOutside("call the tools before this comparison", reader.items[0]?.at ?? 0);
  return pairs.length === 0
    ? first
    : pairs.reduce((before, pair) => ({ kind: "and", left: before, right: pair, place: reader.place }));
}

interface Comparison {
  readonly operator: string;
  readonly at: number;
}

function takeComparison(reader: Reader): Comparison | undefined {
  const sign = take(reader, "==", "!=", "<", "<=", ">", ">=", "in", "is", "not");
  if (sign === undefined) return undefined;
  const { at } = sign;
  if (sign.sign === "is") return { operator: take(reader, "not") === undefined ? "is" : "is not", at };
  if (sign.sign !== "not") return { operator: sign.sign, at };
  return take(reader, "in") === undefined ? failSyntax("an operator does not belong here", at) : { operator: "not in", at };
}

function compare(
  { context, place }: Reader,
  { operator, at }: Comparison,
  [left, right]: readonly [Expression, Expression],
): Expression {
  const known = ordering.get(operator);
  if (known !== undefined) {
    if (!isScalar(left) && !isScalar(right)) context.later.comparisons.push(at);
    return { kind: "binary", operator: known, left, right, place };
  }
  if (operator === "in" || operator === "not in") {
    if (!isScalar(left)) context.later.comparisons.push(at);
    const found = spelledOut(left, right) ?? { kind: "binary", operator: "in", left, right, place };
    return operator === "in" ? found : { kind: "not", of: found, place };
  }
  if (right.kind !== "literal" || right.value !== null) return failOutside("`is` compares with `None` only: use `==`", at);
  return { kind: "binary", operator: operator === "is" ? "==" : "!=", left, right, place };
}

/** `x in [0, 1]` as `x == 0 or x == 1`, of which it is known that Python's `True` is 1. */
function spelledOut(left: Expression, right: Expression): Expression | undefined {
  if (right.kind !== "list" || right.elements.length > spelledOutMax || hasCall(left)) return undefined;
  const isBit = (part: Expression): boolean =>
    part.kind === "literal" && (typeof part.value === "boolean" || part.value === 0 || part.value === 1);
  if (!right.elements.some(isBit)) return undefined;
  return right.elements
    .map((element): Expression => ({ kind: "binary", operator: "==", left, right: element, place: element.place }))
    .reduce((before, next) => ({ kind: "or", left: before, right: next, place: next.place }));
}

function readSum(reader: Reader, use: Use): Expression {
  let left = readProduct(reader, use);
  for (let sign = take(reader, "+", "-"); sign !== undefined; sign = take(reader, "+", "-"))
    left = compute(reader, sign, [left, readProduct(reader, "value")]);
  return left;
}

function readProduct(reader: Reader, use: Use): Expression {
  let left = readSigned(reader, use);
  for (let sign = take(reader, "*", "/", "//", "%"); sign !== undefined; sign = take(reader, "*", "/", "//", "%"))
    left = compute(reader, sign, [left, readSigned(reader, "value")]);
  return left;
}

function readSigned(reader: Reader, use: Use): Expression {
  const sign = take(reader, "-", "+");
  if (sign === undefined) return readPowers(reader, use);
  return signed(reader, sign, readSigned(reader, "value"));
}

/** `**` binds tighter than a sign on its left, and looser than one on its right. */
function readPowers(reader: Reader, use: Use): Expression {
  take(reader, "await");
  const item = reader.items[reader.at];
  if (item === undefined) return failSyntax("an operand is missing", reader.end);
  if (!("operand" in item)) return failSyntax("an operator does not belong here", item.at);
  reader.at += 1;
  const left = reader.context.expression(item.operand, use);
  const sign = take(reader, "**");
  return sign === undefined ? left : power(reader, sign.at, [left, readSigned(reader, "value")]);
}

function compute(
  { place }: Reader,
  { sign, at }: { readonly sign: string; readonly at: number },
  [left, right]: readonly [Expression, Expression],
): Expression {
  const operator = arithmetic.get(sign);
  if (operator === undefined) return failOutside("a plan has no such operator", at);
  const isText = left.kind === "template" || isTextLiteral(left);
  if (operator === "modulo" && isText) return failOutside("write an f-string instead of `%`", at);
  if (operator === "*" && [left, right].some((side) => side.kind === "list" || side.kind === "template" || isTextLiteral(side)))
    return failOutside("`*` repeats texts and lists: write it out", at);
  return { kind: "binary", operator, left, right, place };
}

function isTextLiteral(expression: Expression): boolean {
  return expression.kind === "literal" && typeof expression.value === "string";
}

/** Whole numbers to a small power, exactly. Powers of doubles are rounded as each C library does it. */
function power({ place }: Reader, at: number, [left, right]: readonly [Expression, Expression]): Expression {
  const isSmall = (side: Expression): side is Expression & { readonly kind: "literal"; readonly value: number } =>
    side.kind === "literal" && typeof side.value === "number" && Number.isSafeInteger(side.value);
  if (!isSmall(left) || !isSmall(right) || right.value < 0 || right.value > 64)
    return failOutside("`**` is computed for small whole numbers that are written out", at);
  const value = BigInt(left.value) ** BigInt(right.value);
  const double = Number(value);
  return literal(place, Number.isSafeInteger(double) ? double : value);
}

function signed({ place }: Reader, { sign, at }: { readonly sign: string; readonly at: number }, of: Expression): Expression {
  const value = of.kind === "literal" ? of.value : undefined;
  const isDouble = of.kind === "apply" && of.function === "number" && of.args[0]?.kind === "literal";
  if (sign === "+") {
    if (typeof value === "number" || typeof value === "bigint" || isDouble) return of;
    return failOutside("leave this sign out", at);
  }
  if (typeof value === "number") return value === 0 ? of : literal(place, -value);
  if (typeof value === "bigint") return literal(place, -value);
  const double = isDouble && of.args[0]?.kind === "literal" ? of.args[0].value : undefined;
  if (of.kind !== "apply" || typeof double !== "number") return { kind: "negate", of, place };
  if (double === 0) return failOutside("JSON has no zero below zero", at);
  return { ...of, args: [literal(place, -double)] };
}
