/**
 * Calls: of tools, of the built-in functions that a plan computes, and of methods of texts and lists (Language Reference §6.3.4).
 * Never takes a function of Python for a tool, nor a method of a value for one. Pure. No I/O, no clock.
 */
import type { Expression, ToolCall } from "../code/program.ts";
import { readArguments, argumentValue, type WrittenCall } from "./arguments.ts";
import { readBuiltin } from "./builtins.ts";
import type { Context } from "./context.ts";
import { failOutside } from "./fault.ts";
import { pathOf } from "./members.ts";
import { readMethod } from "./methods.ts";
import { builtinNames, nameOf } from "./names.ts";
import type { SyntaxNode } from "./tree.ts";

/** A `CallExpression`. */
export function readCall(context: Context, node: SyntaxNode): Expression {
  const [callee, list] = node.children;
  if (callee === undefined || list === undefined) return failOutside("this call is not complete", node.from);
  const call: WrittenCall = { node, args: readArguments(context, list) };
  const path = pathOf(context, callee);
  const [root = "", ...members] = path ?? [];
  if (path === undefined || context.bound.has(root)) return readValueCall(context, callee, call);
  const meant = context.aliases.get(root);
  if (meant !== undefined) {
    if (meant[0] === "asyncio") return readAsyncio(context, [...meant, ...members].join("."), call);
    return toolCall(context, [...meant, ...members], call);
  }
  if (root === "asyncio") return readAsyncio(context, path.join("."), call);
  if (builtinNames.has(root)) {
    if (members.length > 0) return failOutside(`\`${root}\` has no members in a plan`, callee.from);
    return readBuiltin(context, root, call);
  }
  return toolCall(context, path, call);
}

function readValueCall(context: Context, callee: SyntaxNode, call: WrittenCall): Expression {
  const [of, sign, property] = callee.children;
  if (callee.kind !== "MemberExpression" || sign?.kind !== "." || of === undefined || property === undefined)
    return failOutside("only tools, methods and built-in functions are called", callee.from);
  return readMethod(context, nameOf(context.text, property), { ...call, of });
}

/** How planners call a tool by its name in a string: `call_tool("mail/send", {...})`. */
const toolCallers: ReadonlySet<string> = new Set(["call_tool", "callTool"]);

function toolCall(context: Context, callee: readonly string[], call: WrittenCall): Expression {
  const place = context.placeOf(call.node);
  if (toolCallers.has(callee.at(-1) ?? "")) return callByName(context, call);
  const positional: Expression[] = [];
  const named: { readonly name: string; readonly value: Expression }[] = [];
  for (const argument of call.args) {
    const value = argumentValue(context, argument, "json");
    if (argument.name === undefined) positional.push(value);
    else named.push({ name: argument.name, value });
  }
  return { kind: "call", callee, positional, named, place };
}

/** `call_tool("server/tool", {"a": 1})`, `call_tool("server/tool", arguments={"a": 1})`, `call_tool("server/tool", a=1)`. */
function callByName(context: Context, call: WrittenCall): ToolCall {
  const { node } = call;
  const [first, ...rest] = call.args;
  const name =
    first === undefined || (first.name !== undefined && first.name !== "name") ? undefined : argumentValue(context, first);
  if (name?.kind !== "literal" || typeof name.value !== "string")
    return failOutside("the name of the tool is a string, written out", node.from);
  const [only] = rest;
  const isObject = rest.length === 1 && only !== undefined && (only.name === undefined || only.name === "arguments");
  const place = context.placeOf(node);
  if (isObject) {
    const object = argumentValue(context, only, "json");
    if (object.kind !== "object") return failOutside("the arguments of the tool are an object, written out", only.node.from);
    return { kind: "call", callee: [name.value], positional: [], named: object.members, place };
  }
  const named = rest.map((argument) => {
    if (argument.name === undefined) return failOutside("the arguments of the tool are named", argument.node.from);
    return { name: argument.name, value: argumentValue(context, argument, "json") };
  });
  return { kind: "call", callee: [name.value], positional: [], named, place };
}

/** `asyncio.gather(…)` and `asyncio.run(…)`. */
function readAsyncio(context: Context, name: string, { node, args }: WrittenCall): Expression {
  const place = context.placeOf(node);
  const [first] = args;
  if (name === "asyncio.run" && first !== undefined && args.length === 1) return argumentValue(context, first);
  if (name !== "asyncio.gather") return failOutside("of `asyncio` a plan reads `gather` and `run`", node.from);
  const named = args.find((argument) => argument.name !== undefined);
  if (named !== undefined) return failOutside("`gather` takes no options in a plan", named.node.from);
  if (first?.isStarred === true && args.length === 1)
    return { kind: "together", of: context.expression(first.node, "elements"), place };
  const elements = args.map((argument) => argumentValue(context, argument));
  return { kind: "together", of: { kind: "list", elements, place }, place };
}
