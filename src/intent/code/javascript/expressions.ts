/**
 * Expressions of JavaScript and TypeScript (ECMA-262 §13), one kind of node after the other; types are ignored.
 * Pure. Never keeps what a plan would say differently: it is refused where it stands.
 */
import { isWellFormed } from "../../../lang/template/characters.ts";
import { failOutside } from "../fault.ts";
import type { BinaryOperator, Expression, TemplatePart } from "../program.ts";
import { readCall } from "./calls.ts";
import { isValue, type Reader } from "./scope.ts";
import { type JsExpression, type JsNode, placeOf } from "./tree.ts";

/** What a tool call may stand in: under `await` (or in `Promise.all`), or where its promise would be a value. */
export type Use = "awaited" | "value";

/** Any expression of the tree, or what stands in an expression's place. */
export type JsAny = JsExpression | JsNode;

type Js<T extends string> = Extract<JsExpression, { readonly type: T }>;

/** Reads an expression. */
export function readExpression(reader: Reader, raw: JsAny, use: Use = "value"): Expression {
  const node = raw as JsExpression;
  const place = placeOf(node);
  switch (node.type) {
    case "StringLiteral":
      return textLiteral(node.value, node);
    case "NumericLiteral":
      return numberLiteral(node.value, node);
    case "BooleanLiteral":
      return { kind: "literal", value: node.value, place };
    case "NullLiteral":
      return { kind: "literal", value: null, place };
    case "Identifier":
      return readName(reader, node);
    case "TemplateLiteral":
      return readTemplate(reader, node);
    case "ArrayExpression":
      return readList(reader, node);
    case "ObjectExpression":
      return { kind: "object", members: readMembers(reader, node), place };
    case "AwaitExpression":
      return readExpression(reader, node.argument, "awaited");
    case "ParenthesizedExpression":
    case "TSAsExpression":
    case "TSSatisfiesExpression":
    case "TSNonNullExpression":
    case "TSTypeAssertion":
      return readExpression(reader, node.expression, use);
    case "MemberExpression":
    case "OptionalMemberExpression":
      return readMember(reader, node);
    case "CallExpression":
    case "OptionalCallExpression":
      return readCall(reader, node, use);
    case "UnaryExpression":
      return readUnary(reader, node);
    case "BinaryExpression":
      return readBinary(reader, node);
    case "LogicalExpression":
      return readLogical(reader, node);
    case "ConditionalExpression": {
      const test = readExpression(reader, node.test);
      return {
        kind: "conditional",
        test,
        yes: readExpression(reader, node.consequent, use),
        no: readExpression(reader, node.alternate, use),
        place,
      };
    }
    default:
      return failOutside(
        outside[node.type] ??
          "a plan has no expression of this kind: write it with values, members, operators and calls of tools",
        place,
      );
  }
}

/** What would be right in the place of what is outside. */
const outside: { readonly [type: string]: string } = {
  ArrowFunctionExpression: "a function is no value of a plan: write it inside `map`, `filter`, `find`, `some` or `every`",
  FunctionExpression: "a function is no value of a plan: write what it does where it is called",
  ClassExpression: "a plan has no classes",
  NewExpression: "a plan makes no objects of classes: `[...new Set(xs)]` is the one that is known; time is a parameter",
  AssignmentExpression: "an assignment is a statement of its own",
  UpdateExpression: "an assignment is a statement of its own: `n += 1`",
  SequenceExpression: "write one expression for each statement",
  RegExpLiteral: "a plan runs no regular expressions of JavaScript: compare, or use `startsWith`, `endsWith`, `includes`",
  BigIntLiteral: "write the number without `n`: JSON has one type of numbers",
  ThisExpression: "a plan has no `this`",
  YieldExpression: "a plan has no generators",
  TaggedTemplateExpression: "a plan has no tagged templates",
  ImportExpression: "a plan loads no modules",
};

function textLiteral(value: string, node: JsNode): Expression {
  if (!isWellFormed(value)) return failOutside("this text has half of a character", placeOf(node));
  return { kind: "literal", value, place: placeOf(node) };
}

function numberLiteral(value: number, node: JsNode): Expression {
  const place = placeOf(node);
  if (!Number.isFinite(value)) return failOutside("this number is too large", place);
  if (Number.isInteger(value) && !Number.isSafeInteger(value))
    return failOutside("JavaScript rounds whole numbers beyond 2^53: write this one as a text", place);
  return { kind: "literal", value: value === 0 ? 0 : value, place };
}

function readName(reader: Reader, { name, ...node }: Js<"Identifier">): Expression {
  const place = placeOf(node as JsNode);
  if (!isValue(reader, name) && (name === "undefined" || name === "NaN" || name === "Infinity"))
    return failOutside(`JSON has no \`${name}\`: leave the member out, or write \`null\``, place);
  return { kind: "name", name, place };
}

function readTemplate(reader: Reader, node: Js<"TemplateLiteral">): Expression {
  const parts: TemplatePart[] = [];
  for (const [i, quasi] of node.quasis.entries()) {
    const text = quasi.value.cooked;
    if (text === undefined || text === null || !isWellFormed(text))
      return failOutside("this text has half of a character", placeOf(quasi));
    if (text !== "") parts.push(text);
    const value = node.expressions[i];
    if (value !== undefined) parts.push(readExpression(reader, value));
  }
  return { kind: "template", parts, place: placeOf(node) };
}

function readList(reader: Reader, node: Js<"ArrayExpression">): Expression {
  const place = placeOf(node);
  const parts: Expression[] = [];
  let plain: Expression[] = [];
  for (const element of node.elements) {
    if (element === null) return failOutside("a list has no holes", place);
    if (element.type !== "SpreadElement") {
      plain.push(readExpression(reader, element));
      continue;
    }
    if (plain.length > 0) parts.push({ kind: "list", elements: plain, place });
    plain = [];
    parts.push(readSpread(reader, element.argument));
  }
  if (parts.length === 0) return { kind: "list", elements: plain, place };
  if (plain.length > 0) parts.push({ kind: "list", elements: plain, place });
  // A copy of a list is the list: nothing changes it.
  const [only] = parts;
  if (parts.length === 1 && only?.kind === "apply") return only;
  return { kind: "apply", function: "concat", args: parts, place };
}

/** `...new Set(xs)` is each value once. */
function readSpread(reader: Reader, node: JsAny): Expression {
  return readSet(reader, node) ?? readExpression(reader, node);
}

/** The distinct values of `new Set(xs)`. */
export function readSet(reader: Reader, raw: JsAny): Expression | undefined {
  const node = raw as JsExpression;
  if (node.type !== "NewExpression" || node.callee.type !== "Identifier" || node.callee.name !== "Set") return undefined;
  const [list] = node.arguments;
  if (list === undefined || node.arguments.length !== 1) return undefined;
  return { kind: "apply", function: "distinct", args: [readExpression(reader, list)], place: placeOf(node) };
}

/** The members of an object literal; of spread literals too. A later member of a name wins, as in the language. */
export function readMembers(
  reader: Reader,
  node: Js<"ObjectExpression">,
): readonly { readonly name: string; readonly value: Expression }[] {
  const members = new Map<string, Expression>();
  for (const property of node.properties) {
    const place = placeOf(property);
    if (property.type === "ObjectMethod") return failOutside("a function is no value of a plan", place);
    if (property.type === "SpreadElement") {
      if (property.argument.type !== "ObjectExpression")
        return failOutside("spread only what is written out here: name the members that are meant", place);
      for (const { name, value } of readMembers(reader, property.argument)) members.set(name, value);
      continue;
    }
    const name = keyOf(property.key, property.computed, placeOf(property));
    if (name === "__proto__") return failOutside("`__proto__` is no ordinary member in JavaScript", place);
    members.set(name, readExpression(reader, property.value));
  }
  return Array.from(members, ([name, value]) => ({ name, value }));
}

/** A member's name, written out. */
export function keyOf(raw: JsAny, isComputed: boolean, place: Expression["place"]): string {
  const key = raw as JsExpression;
  if (key.type === "Identifier" && !isComputed) return key.name;
  if (key.type === "StringLiteral" && isWellFormed(key.value)) return key.value;
  if (key.type === "NumericLiteral" && !isComputed) return String(key.value);
  return failOutside("a member's name is written out", place);
}

function readMember(reader: Reader, node: Js<"MemberExpression"> | Js<"OptionalMemberExpression">): Expression {
  const place = placeOf(node.property);
  const { object, property } = node;
  if (object.type === "Super" || property.type === "PrivateName") return failOutside("a plan has no classes", place);
  const isOptional = node.type === "OptionalMemberExpression" && node.optional;
  const named = !node.computed && property.type === "Identifier" ? property.name : undefined;
  if (named === "length") return readLength(reader, object, { isOptional, place });
  const name = named ?? (property.type === "StringLiteral" ? property.value : undefined);
  if (name !== undefined)
    return { kind: "member", of: readExpression(reader, object), name, ...(isOptional ? { isOptional } : {}), place };
  if (isOptional) return failOutside("`?.` is known before a member's name only", place);
  const index = readExpression(reader, property);
  if (isBelowZero(index)) return failOutside("a place below zero is nothing in JavaScript: write `.at(-1)`", place);
  return { kind: "index", of: readExpression(reader, object), index, place };
}

function isBelowZero(index: Expression): boolean {
  return index.kind === "literal" && typeof index.value === "number" && index.value < 0;
}

function readLength(
  reader: Reader,
  of: JsAny,
  { isOptional, place }: { readonly isOptional: boolean; readonly place: Expression["place"] },
): Expression {
  if (isOptional) return failOutside("say what the length is where there is no list: `(xs ?? []).length`", place);
  const node = of as JsExpression;
  const keys = node.type === "CallExpression" ? keysOf(node) : undefined;
  if (keys !== undefined) return { kind: "apply", function: "countMembers", args: [readExpression(reader, keys)], place };
  return { kind: "apply", function: "length", args: [readExpression(reader, of)], place };
}

/** What `Object.keys(o)` asks for. */
function keysOf(node: Js<"CallExpression">): JsAny | undefined {
  const { callee } = node;
  if (callee.type !== "MemberExpression" || callee.object.type !== "Identifier" || callee.object.name !== "Object")
    return undefined;
  return callee.property.type === "Identifier" && callee.property.name === "keys" ? node.arguments[0] : undefined;
}

function readUnary(reader: Reader, node: Js<"UnaryExpression">): Expression {
  const place = placeOf(node);
  switch (node.operator) {
    case "!":
      return { kind: "not", of: readExpression(reader, node.argument), place };
    case "-": {
      const of = readExpression(reader, node.argument);
      if (of.kind !== "literal" || typeof of.value !== "number") return { kind: "negate", of, place };
      return { kind: "literal", value: of.value === 0 ? 0 : -of.value, place };
    }
    case "+":
      return { kind: "apply", function: "number", args: [readExpression(reader, node.argument)], place };
    default:
      return failOutside(`a plan has no \`${node.operator}\``, place);
  }
}

const operators: { readonly [operator: string]: BinaryOperator } = {
  "+": "+",
  "-": "-",
  "*": "*",
  "/": "/",
  "%": "remainder",
  "===": "==",
  "!==": "!=",
  "<": "<",
  "<=": "<=",
  ">": ">",
  ">=": ">=",
  in: "in",
};

function readBinary(reader: Reader, node: Js<"BinaryExpression">): Expression {
  const { operator } = node;
  const place = placeOf(node);
  const missing = readMissing(reader, node);
  if (missing !== undefined) return missing;
  const known = operators[operator];
  if (operator === "==" || operator === "!=")
    return failOutside(`write \`${operator}=\`: \`${operator}\` converts types first`, place);
  if (known === undefined || node.left.type === "PrivateName") return failOutside(`a plan has no \`${operator}\``, place);
  return {
    kind: "binary",
    operator: known,
    left: readExpression(reader, node.left),
    right: readExpression(reader, node.right),
    place,
  };
}

/** `x === undefined`, `x == null` and their opposites. */
function readMissing(reader: Reader, { operator, left, right, ...node }: Js<"BinaryExpression">): Expression | undefined {
  const place = placeOf(node as JsNode);
  const isNullish = right.type === "NullLiteral" || (right.type === "Identifier" && right.name === "undefined");
  if (!isNullish) return undefined;
  const isLoose = operator === "==" || operator === "!=";
  const isStrict = (operator === "===" || operator === "!==") && right.type === "Identifier";
  if (!isLoose && !isStrict) return undefined;
  const missing: Expression = { kind: "isMissing", of: readExpression(reader, left), isNullToo: isLoose, place };
  return operator.startsWith("!") ? { kind: "not", of: missing, place } : missing;
}

function readLogical(reader: Reader, node: Js<"LogicalExpression">): Expression {
  const place = placeOf(node);
  const left = readExpression(reader, node.left);
  const right = readExpression(reader, node.right);
  if (node.operator === "??") return { kind: "otherwise", of: left, else: right, isNullToo: true, place };
  return { kind: node.operator === "&&" ? "and" : "or", left, right, place };
}
