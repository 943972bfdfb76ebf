/**
 * Methods of texts, lists and objects that a plan computes exactly (Library Reference, "Built-in Types").
 * Never calls a method that changes its object: `xs.append(x)` is a statement. Pure. No I/O, no clock.
 */
import type { Expression, FunctionName } from "../code/program.ts";
import { type Argument, argumentValue, type WrittenCall } from "./arguments.ts";
import { type Context, literal } from "./context.ts";
import { failOutside } from "./fault.ts";
import type { SyntaxNode } from "./tree.ts";

/** A call of a method. */
export interface MethodCall extends WrittenCall {
  readonly of: SyntaxNode;
}

/** Methods of texts with their number of arguments. */
const textMethods: ReadonlyMap<string, readonly [FunctionName, number]> = new Map([
  ["startswith", ["startsWith", 1]],
  ["endswith", ["endsWith", 1]],
  ["replace", ["replace", 2]],
  ["split", ["split", 1]],
  ["lower", ["lower", 0]],
  ["upper", ["upper", 0]],
  ["strip", ["trim", 0]],
]);

const hints: ReadonlyMap<string, string> = new Map([
  ["format", "write an f-string instead of `format`"],
  ["append", "`append` is a statement of its own"],
  ["items", "the members of an object are named when the plan is made"],
  ["keys", "the members of an object are named when the plan is made"],
  ["values", "the members of an object are named when the plan is made"],
]);

/** Reads `x.method(…)` of a value. */
export function readMethod(context: Context, name: string, call: MethodCall): Expression {
  const { node, args } = call;
  const place = context.placeOf(node);
  if (name === "get") return readGet(context, call);
  if (name === "join") return readJoin(context, call);
  const method = textMethods.get(name);
  if (method === undefined) return failOutside(hints.get(name) ?? `a plan does not compute the method \`${name}\``, node.from);
  const [meant, count] = method;
  if (args.length !== count || args.some((argument) => argument.name !== undefined))
    return failOutside(
      `\`${name}\` takes ${count === 0 ? "no argument" : count === 1 ? "one argument" : `${count} arguments`} in a plan`,
      node.from,
    );
  const values = args.map((argument) => textArgument(context, argument));
  return { kind: "apply", function: meant, args: [context.expression(call.of), ...values], place };
}

function textArgument(context: Context, argument: Argument): Expression {
  const value = argumentValue(context, argument);
  if (value.kind === "list") return failOutside("a text stands here: write several tests with `or`", argument.node.from);
  return value;
}

/** `x.get("k")` is `None` where there is no such member, and `x.get("k", d)` is `d`. */
function readGet(context: Context, { node, of, args }: MethodCall): Expression {
  const place = context.placeOf(node);
  const [key, fallback, more] = args;
  const name = key === undefined || key.name !== undefined ? undefined : argumentValue(context, key);
  if (name?.kind !== "literal" || typeof name.value !== "string" || more !== undefined || fallback?.name !== undefined)
    return failOutside("`get` takes the name of a member, written out, and a value", node.from);
  const member: Expression = { kind: "member", of: context.expression(of), name: name.value, place };
  const otherwise = fallback === undefined ? literal(place, null) : argumentValue(context, fallback);
  return { kind: "otherwise", of: member, else: otherwise, isNullToo: false, place };
}

/** `", ".join(xs)`: the separator comes first. */
function readJoin(context: Context, { node, of, args }: MethodCall): Expression {
  const place = context.placeOf(node);
  const separator = context.expression(of);
  const [list, more] = args;
  if (list === undefined || list.name !== undefined || more !== undefined)
    return failOutside("`join` takes one list of texts", node.from);
  return { kind: "apply", function: "join", args: [argumentValue(context, list, "elements"), separator], place };
}
