/**
 * Python's expressions, one kind of node after the other (Language Reference §6).
 * Never keeps what a plan would say differently: it is refused where it stands. Pure. No I/O, no clock.
 */
import type { Expression } from "../code/program.ts";
import { readCall } from "./calls.ts";
import { readComprehension } from "./comprehensions.ts";
import { type Context, literal, type Use } from "./context.ts";
import { failOutside } from "./fault.ts";
import { readFormatString } from "./format.ts";
import { readNumber, readString } from "./literals.ts";
import { nameOf } from "./names.ts";
import { readOperators } from "./operators.ts";
import { readMember } from "./members.ts";
import type { SyntaxNode } from "./tree.ts";

/** Reads an expression. Throws a fault at the first part that a plan cannot say exactly. */
export function readExpression(context: Context, node: SyntaxNode, use: Use): Expression {
  const place = context.placeOf(node);
  switch (node.kind) {
    case "VariableName":
      return readName(context, node);
    case "None":
      return literal(place, null);
    case "Boolean":
      return literal(place, context.text[node.from] === "T");
    case "Number":
      return readNumberLiteral(context, node);
    case "String":
    case "FormatString":
    case "ContinuedString":
      return readText(context, node);
    case "ParenthesizedExpression":
      return context.expression(onlyInner(node), use);
    case "ArrayExpression":
      return readElements(context, node, use);
    case "TupleExpression":
      if (use === "value") context.later.tupleAt ??= node.from;
      return readElements(context, node, use);
    case "SetExpression":
      if (use !== "elements") return failOutside("a set is no JSON value: write a list", node.from);
      return readElements(context, node, use);
    case "DictionaryExpression":
      return readDictionary(context, node);
    case "ConditionalExpression":
      return readConditional(context, node, use);
    case "AwaitExpression":
    case "BinaryExpression":
    case "UnaryExpression":
      return readOperators(context, node, use);
    case "MemberExpression":
      return readMember(context, node);
    case "CallExpression":
      return readCall(context, node);
    case "ArrayComprehensionExpression":
      return readComprehension(context, node);
    case "ComprehensionExpression":
      if (use !== "elements") return failOutside("a generator is no value: write a list in brackets", node.from);
      return readComprehension(context, node);
    default:
      return failOutside(refusals.get(node.kind) ?? "this expression is outside of what a plan can say", node.from);
  }
}

const refusals: ReadonlyMap<string, string> = new Map([
  ["LambdaExpression", "a function is no value of a plan: only `key=lambda x: x.member` is read"],
  ["NamedExpression", "assign in a statement of its own instead of `:=`"],
  ["DictionaryComprehensionExpression", "the members of an object are named when the plan is made: write them out"],
  ["SetComprehensionExpression", "a set is no JSON value: write a list"],
  ["YieldExpression", "a plan yields nothing: call the tools in order"],
  ["Ellipsis", "`...` is no value"],
]);

function readName(context: Context, node: SyntaxNode): Expression {
  const name = nameOf(context.text, node);
  if (context.aliases.has(name)) return failOutside("a tool or module is called, and is no value", node.from);
  return { kind: "name", name, place: context.placeOf(node) };
}

/** A `float` without a fraction stays one: `f"{2.0}"` is `2.0`, and JSON has one kind of number. */
function readNumberLiteral(context: Context, node: SyntaxNode): Expression {
  const place = context.placeOf(node);
  const number = readNumber(context.text, node);
  if (number.kind === "float") {
    const value = literal(place, number.value);
    return Number.isInteger(number.value) ? { kind: "apply", function: "number", args: [value], place } : value;
  }
  const double = Number(number.value);
  return literal(place, Number.isSafeInteger(double) ? double : number.value);
}

function readText(context: Context, node: SyntaxNode): Expression {
  const parts = readString(context.text, node);
  const place = context.placeOf(node);
  const [only = "", ...more] = parts;
  if (typeof only === "string" && more.length === 0) return literal(place, only);
  return readFormatString(context, parts, place);
}

/** The one expression within brackets. */
function onlyInner(node: SyntaxNode): SyntaxNode {
  const inner = node.children.filter(({ kind }) => kind !== "(" && kind !== ")");
  const [only] = inner;
  if (only === undefined || inner.length > 1) return failOutside("`*` is read in calls of `asyncio.gather` only", node.from);
  return only;
}

const punctuation: ReadonlySet<string> = new Set(["[", "]", "(", ")", "{", "}", ","]);

/** The elements between brackets; `*xs` stands for those of a list. */
function readElements(context: Context, node: SyntaxNode, use: Use): Expression {
  const parts = node.children.filter(({ kind }) => !punctuation.has(kind));
  const star = parts.find(({ kind }) => kind === "*");
  if (star !== undefined) return failOutside("join lists with `+` instead of `*`", star.from);
  const inner: Use = use === "elements" || use === "json" ? "json" : "value";
  return { kind: "list", elements: parts.map((part) => context.expression(part, inner)), place: context.placeOf(node) };
}

function readDictionary(context: Context, node: SyntaxNode): Expression {
  const parts = node.children.filter(({ kind }) => !punctuation.has(kind));
  const members: { readonly name: string; readonly value: Expression }[] = [];
  for (let at = 0; at < parts.length; at += 3) {
    const [key, colon, value] = parts.slice(at, at + 3);
    if (key === undefined || key.kind === "**" || colon?.kind !== ":" || value === undefined)
      return failOutside("write the members of this object out", (key ?? node).from);
    const name = context.expression(key);
    if (name.kind !== "literal" || typeof name.value !== "string")
      return failOutside("the names of the members of an object are strings, written out", key.from);
    const { value: text } = name;
    if (members.some((member) => member.name === text)) return failOutside("this member is given twice", key.from);
    members.push({ name: text, value: context.expression(value, "value") });
  }
  return { kind: "object", members, place: context.placeOf(node) };
}

function readConditional(context: Context, node: SyntaxNode, use: Use): Expression {
  const [yes, , test, , no] = node.children;
  if (yes === undefined || test === undefined || no === undefined)
    return failOutside("this condition is not complete", node.from);
  return {
    kind: "conditional",
    // Evaluated first, whatever stands first: Language Reference §6.13.
    test: context.expression(test, "truth"),
    yes: context.expression(yes, use),
    no: context.expression(no, use),
    place: context.placeOf(node),
  };
}
