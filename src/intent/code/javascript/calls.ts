/**
 * Calls: of tools, of the few functions that every program has, and of methods of values.
 * Pure. Never takes a method of a value for a tool, nor a promise for what it gives.
 */
import { failOutside } from "../fault.ts";
import type { Expression, FunctionName } from "../program.ts";
import { keyOf, type JsAny, readExpression, readMembers, readSet, type Use } from "./expressions.ts";
import { readMethod } from "./methods.ts";
import { isValue, type Reader } from "./scope.ts";
import { type JsExpression, placeOf } from "./tree.ts";

type Js<T extends string> = Extract<JsExpression, { readonly type: T }>;
/** A call of the tree. */
export type JsCall = Js<"CallExpression"> | Js<"OptionalCallExpression">;

/** Reads a call. */
export function readCall(reader: Reader, node: JsCall, use: Use): Expression {
  const place = placeOf(node);
  if (node.type === "OptionalCallExpression" && node.optional)
    return failOutside("a call either happens or stands in an `if`", place);
  const path = pathOf(node.callee);
  const [root] = path ?? [];
  if (path === undefined || root === undefined || (isValue(reader, root) && !reader.holders.has(root)))
    return readMethod(reader, node);
  if (!reader.holders.has(root)) {
    const global = readGlobal(reader, node, { path, use });
    if (global !== undefined) return global;
  }
  if (use !== "awaited")
    return failOutside(
      "write `await` before a call of a tool: without it the value is a promise, and nobody waits for the call",
      place,
    );
  const holder = reader.holders.get(root);
  return readTool(reader, node, holder === undefined ? path : [...holder, ...path.slice(1)]);
}

/** `a.b["c"]` as a list of names; nothing for what is computed. */
function pathOf(raw: JsAny): readonly string[] | undefined {
  const node = raw as JsExpression;
  if (node.type === "Identifier") return [node.name];
  if (node.type !== "MemberExpression" || node.property.type === "PrivateName") return undefined;
  const of = pathOf(node.object);
  if (of === undefined || (node.computed && node.property.type !== "StringLiteral")) return undefined;
  return [...of, keyOf(node.property, node.computed, placeOf(node))];
}

const callers: ReadonlySet<string> = new Set(["callTool", "call_tool", "invokeTool", "executeTool", "runTool"]);

/** `tools.mail.send({ … })`, `callTool("mail/send", { … })`, `client.callTool({ name, arguments })`. */
function readTool(reader: Reader, node: JsCall, path: readonly string[]): Expression {
  const place = placeOf(node);
  const last = path.at(-1) ?? "";
  if (!callers.has(last)) return { kind: "call", callee: path, positional: argumentsOf(reader, node), named: [], place };
  const [first, second, third] = node.arguments;
  if (third !== undefined || first === undefined) return failOutside("a call names a tool and its arguments", place);
  if (first.type === "ObjectExpression" && second === undefined) {
    const members = new Map(readMembers(reader, first).map(({ name, value }) => [name, value] as const));
    const name = members.get("name");
    const other = [...members.keys()].find((key) => key !== "name" && key !== "arguments" && key !== "args");
    if (name?.kind !== "literal" || typeof name.value !== "string" || other !== undefined)
      return failOutside("a call names its tool as a literal, and has `arguments` only", place);
    const args = members.get("arguments") ?? members.get("args");
    return { kind: "call", callee: [name.value], positional: args === undefined ? [] : [args], named: [], place };
  }
  if (first.type !== "StringLiteral")
    return failOutside("a tool is named by a literal: a plan says which tools are called", placeOf(first));
  const args = second === undefined ? [] : [readExpression(reader, second)];
  return { kind: "call", callee: [first.value], positional: args, named: [], place };
}

/** The arguments of a call. */
export function argumentsOf(reader: Reader, node: JsCall): readonly Expression[] {
  return node.arguments.map((argument) => {
    if (argument.type === "SpreadElement")
      return failOutside("name the arguments: a spread list has any number", placeOf(argument));
    return readExpression(reader, argument);
  });
}

const mathFunctions: { readonly [name: string]: FunctionName } = {
  round: "round",
  floor: "floor",
  ceil: "ceil",
  trunc: "integer",
  abs: "abs",
  min: "min",
  max: "max",
};
const plainFunctions: { readonly [name: string]: FunctionName } = {
  String: "text",
  Number: "number",
  parseFloat: "number",
  parseInt: "integer",
  encodeURIComponent: "percentEncode",
};

interface Global {
  readonly path: readonly string[];
  readonly use: Use;
}

/** The functions that every program has; nothing for other names. */
function readGlobal(reader: Reader, node: JsCall, { path, use }: Global): Expression | undefined {
  const [root = "", name, more] = path;
  const place = placeOf(node);
  if (more !== undefined) return undefined;
  if (root === "Promise") return readPromise(reader, node, { name: name ?? "", use });
  if (root === "Math") {
    const known = Object.hasOwn(mathFunctions, name ?? "") ? mathFunctions[name ?? ""] : undefined;
    if (known === undefined) return failOutside("of `Math` a plan has round, floor, ceil, trunc, abs, min and max", place);
    return { kind: "apply", function: known, args: spreadOf(reader, node) ?? argumentsOf(reader, node), place };
  }
  if (root === "Array" && name === "from") {
    const distinct =
      node.arguments.length === 1 && node.arguments[0] !== undefined ? readSet(reader, node.arguments[0]) : undefined;
    return distinct ?? failOutside("of `Array.from` a plan has `Array.from(new Set(xs))`", place);
  }
  if (root === "JSON" || root === "Object" || root === "Array" || root === "Date" || root === "Reflect" || root === "Symbol")
    return failOutside(globals[root] ?? `a plan has no \`${root}\``, place);
  if (name !== undefined) return undefined;
  if (root === "Boolean") {
    const [of] = argumentsOf(reader, node);
    if (of === undefined) return failOutside("an argument is missing", place);
    return { kind: "not", of: { kind: "not", of, place }, place };
  }
  if (root === "eval" || root === "Function" || root === "require" || root === "fetch" || root === "setTimeout")
    return failOutside(`a plan calls tools, and no \`${root}\``, place);
  const known = Object.hasOwn(plainFunctions, root) ? plainFunctions[root] : undefined;
  if (known === undefined) return undefined;
  const args = argumentsOf(reader, node);
  const [of, radix] = args;
  const isTen = radix === undefined || (root === "parseInt" && radix.kind === "literal" && radix.value === 10);
  if (of === undefined || !isTen || args.length > 2) return failOutside(`\`${root}\` takes one value here`, place);
  return { kind: "apply", function: known, args: [of], place };
}

const globals: { readonly [name: string]: string } = {
  JSON: "a plan has values and no JSON texts: pass the value, or let the catalogue `parse` what a tool gives as text",
  Object: "go through a list: the order of an object's members is not the plan's",
  Date: "time is a parameter of the plan",
};

/** `Math.min(...xs)`. */
function spreadOf(reader: Reader, node: JsCall): readonly Expression[] | undefined {
  const [only] = node.arguments;
  if (node.arguments.length !== 1 || only?.type !== "SpreadElement") return undefined;
  return [readExpression(reader, only.argument)];
}

/** `Promise.all([…])`, and of `xs.map(async (x) => …)`. */
function readPromise(reader: Reader, node: JsCall, { name, use }: { readonly name: string; readonly use: Use }): Expression {
  const place = placeOf(node);
  const [list] = node.arguments;
  if (name === "resolve" && list !== undefined) return readExpression(reader, list, use);
  if (name !== "all" || list === undefined || node.arguments.length !== 1)
    return failOutside("of `Promise` a plan has `all`: calls that may fail alone are steps of their own", place);
  if (use !== "awaited") return failOutside("write `await` before `Promise.all`", place);
  if (list.type === "ArrayExpression") {
    const elements = list.elements.map((element) => {
      if (element === null || element.type === "SpreadElement")
        return failOutside("write the calls out, or `map` a list to them", place);
      return readExpression(reader, element, "awaited");
    });
    return { kind: "together", of: { kind: "list", elements, place }, place };
  }
  return { kind: "together", of: readExpression(reader, list, "awaited"), place };
}
