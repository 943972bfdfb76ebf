/**
 * Reads CEL (cel-spec, syntax only) with `@marcbachmann/cel-js` into our own tree and refuses what Sluice does not offer.
 * Only the library's parser is used: its evaluator has three number types, native RegExp and no bound on work. Never shows its error
 * text. Pure. No I/O, no clock.
 */
import { type ASTNode, Environment } from "@marcbachmann/cel-js";
import {
  excerptCharsMax,
  expressionCharsMax,
  expressionDepthMax,
  expressionMacroDepthMax,
  expressionNodesMax,
} from "../../limits.ts";
import { err, ok, type Result } from "../../result.ts";
import { type LangError, langError } from "../error.ts";

/** Operators with two operands that are both evaluated. */
export type BinaryOperator = "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "+" | "-" | "*" | "/" | "%";

/** Macros that bind a variable over a list or the member names of an object. */
export type MacroName = "map" | "filter" | "all" | "exists" | "exists_one";

/** A node of an expression; `at` is a UTF-16 offset into the source. */
export type Node = { readonly at: number } & (
  | { readonly kind: "literal"; readonly value: null | boolean | number | bigint | string }
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "local"; readonly slot: number }
  | { readonly kind: "member"; readonly of: Node; readonly name: string }
  | { readonly kind: "index"; readonly of: Node; readonly index: Node }
  | { readonly kind: "list"; readonly elements: readonly Node[] }
  | { readonly kind: "object"; readonly members: readonly (readonly [Node, Node])[] }
  | { readonly kind: "if"; readonly test: Node; readonly yes: Node; readonly no: Node }
  | { readonly kind: "and" | "or"; readonly left: Node; readonly right: Node }
  | { readonly kind: "not" | "negate"; readonly of: Node }
  | { readonly kind: "binary"; readonly operator: BinaryOperator; readonly left: Node; readonly right: Node }
  | { readonly kind: "has"; readonly of: Node; readonly name: string }
  | {
      readonly kind: "macro";
      readonly name: MacroName;
      readonly list: Node;
      readonly slot: number;
      readonly test: Node | undefined;
      readonly step: Node | undefined;
    }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Node[] }
);

/** What a reader of expressions may refer to. */
export interface Names {
  readonly variables: ReadonlySet<string>;
  /** Names of functions and how many arguments each takes, as `[least, most]`. */
  readonly functions: ReadonlyMap<string, readonly [number, number]>;
}

const parser = new Environment({
  unlistedVariablesAreDyn: true,
  enableOptionalTypes: false,
  limits: { maxAstNodes: expressionNodesMax, maxDepth: expressionDepthMax, maxListElements: expressionNodesMax },
});

const macroNames: ReadonlySet<string> = new Set<MacroName>(["map", "filter", "all", "exists", "exists_one"]);
const ambient: ReadonlySet<string> = new Set(["now", "timestamp", "duration", "today"]);

/** Thrown inside this file only; {@link parseExpression} catches it. */
class SyntaxFault extends Error {
  readonly fault: LangError;
  constructor(fault: LangError) {
    super(fault.code);
    this.fault = fault;
  }
}

/** Reads and checks an expression. Errors: `LANG_EXPR_SYNTAX`, `LANG_EXPR_NAME`, `LANG_EXPR_LIMIT`. */
export function parseExpression(source: string, names: Names): Result<Node, LangError> {
  if (source.length > expressionCharsMax) {
    return err(langError("LANG_EXPR_LIMIT", `an expression has at most ${expressionCharsMax} characters`, expressionCharsMax));
  }
  let tree: ASTNode;
  try {
    tree = parser.parse(source).ast;
  } catch (error) {
    return err(parserFault(error));
  }
  try {
    return ok(convert(tree, { names, locals: [] }));
  } catch (error) {
    if (error instanceof SyntaxFault) return err(error.fault);
    throw error;
  }
}

/** Of the library's error only its offset and its code for a limit are kept. */
function parserFault(error: unknown): LangError {
  const { code, range } = error as { readonly code?: unknown; readonly range?: { readonly start?: unknown } };
  const offset = typeof range?.start === "number" ? range.start : undefined;
  if (code !== "limit_exceeded") return langError("LANG_EXPR_SYNTAX", "not an expression in CEL syntax", offset);
  const message = `an expression has at most ${expressionNodesMax} nodes, nested at most ${expressionDepthMax} deep`;
  return langError("LANG_EXPR_LIMIT", message, offset);
}

interface Scope {
  readonly names: Names;
  /** Variables bound by enclosing macros, outermost first; the position is the slot. */
  readonly locals: readonly string[];
}

function fail(code: LangError["code"], message: string, at: number): never {
  throw new SyntaxFault(langError(code, message, at));
}

function quote(name: string): string {
  return `\`${name.slice(0, excerptCharsMax)}\``;
}

function convert(node: ASTNode, scope: Scope): Node {
  const at = node.start;
  const inner = (child: ASTNode): Node => convert(child, scope);
  switch (node.op) {
    case "value":
      return { kind: "literal", value: literal(node.args, at), at };
    case "id":
      return resolve(node.args, scope, at);
    case ".":
      return { kind: "member", of: inner(node.args[0]), name: node.args[1], at: node.pos };
    case "[]":
      return { kind: "index", of: inner(node.args[0]), index: inner(node.args[1]), at };
    case "list":
      return { kind: "list", elements: node.args.map(inner), at };
    case "map":
      return { kind: "object", members: node.args.map(([key, value]) => [inner(key), inner(value)] as const), at };
    case "?:":
      return { kind: "if", test: inner(node.args[0]), yes: inner(node.args[1]), no: inner(node.args[2]), at };
    case "&&":
      return { kind: "and", left: inner(node.args[0]), right: inner(node.args[1]), at };
    case "||":
      return { kind: "or", left: inner(node.args[0]), right: inner(node.args[1]), at };
    case "!_":
      return { kind: "not", of: inner(node.args), at };
    case "-_":
      return negate(inner(node.args), at);
    case "call":
      return node.args[0] === "has" ? has(node.args[1], scope, at) : call(node.args[0], { args: node.args[1], scope, at });
    case "rcall": {
      const [name, receiver, args] = node.args;
      if (macroNames.has(name)) return macro(name as MacroName, receiver, { args, scope, at });
      return call(name, { args: [receiver, ...args], scope, at });
    }
    case ".?":
    case "[?]":
      return fail("LANG_EXPR_SYNTAX", "optional access is not offered; use `has(a.b)`", at);
    default:
      return { kind: "binary", operator: node.op, left: inner(node.args[0]), right: inner(node.args[1]), at };
  }
}

/** CEL's integer literals become doubles (there is one number type) and keep their digits where a double would lose them. */
function literal(value: unknown, at: number): null | boolean | number | bigint | string {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number") return value === 0 ? 0 : value;
  if (typeof value !== "bigint") return fail("LANG_EXPR_SYNTAX", "bytes and unsigned literals are not offered", at);
  const double = Number(value);
  return Number.isSafeInteger(double) ? double : value;
}

function negate(of: Node, at: number): Node {
  if (of.kind !== "literal" || (typeof of.value !== "number" && typeof of.value !== "bigint")) return { kind: "negate", of, at };
  return { kind: "literal", value: of.value === 0 ? 0 : -of.value, at };
}

function resolve(name: string, scope: Scope, at: number): Node {
  const slot = scope.locals.lastIndexOf(name);
  if (slot !== -1) return { kind: "local", slot, at };
  if (scope.names.variables.has(name)) return { kind: "variable", name, at };
  const known = [...scope.names.variables].slice(0, 8).join(", ");
  return fail(
    "LANG_EXPR_NAME",
    `unknown name ${quote(name)}; known here: ${known === "" ? "none" : known.slice(0, 4 * excerptCharsMax)}`,
    at,
  );
}

interface Call {
  readonly args: readonly ASTNode[];
  readonly scope: Scope;
  readonly at: number;
}

function call(name: string, { args, scope, at }: Call): Node {
  const arity = scope.names.functions.get(name);
  if (arity === undefined) {
    if (ambient.has(name))
      fail("LANG_EXPR_NAME", `${quote(name)} is not offered: time is a parameter; dates are \`2026-01-31\``, at);
    if (name === "matches")
      fail("LANG_EXPR_NAME", '`matches` is not offered; use `re(text, "pattern")`, which matches the whole text', at);
    fail("LANG_EXPR_NAME", `unknown function ${quote(name)}`, at);
  }
  const [least, most] = arity;
  if (args.length < least || args.length > most) {
    const count = least === most ? `${least}` : most === Number.POSITIVE_INFINITY ? `${least} or more` : `${least} to ${most}`;
    fail("LANG_EXPR_SYNTAX", `${quote(name)} takes ${count} arguments, counting the receiver`, at);
  }
  return { kind: "call", name, args: args.map((arg) => convert(arg, scope)), at };
}

function has(args: readonly ASTNode[], scope: Scope, at: number): Node {
  const [only] = args;
  if (args.length !== 1 || only?.op !== ".")
    return fail("LANG_EXPR_SYNTAX", "`has` takes one member access, as in `has(a.b)`", at);
  return { kind: "has", of: convert(only.args[0], scope), name: only.args[1], at };
}

function macro(name: MacroName, receiver: ASTNode, { args, scope, at }: Call): Node {
  const [variable, first, second] = args;
  const isMapWithTest = name === "map" && args.length === 3;
  if (variable?.op !== "id" || first === undefined || (args.length !== 2 && !isMapWithTest)) {
    return fail(
      "LANG_EXPR_SYNTAX",
      `${quote(name)} takes a variable and an expression, as in \`list.${name}(x, x.price > 1)\``,
      at,
    );
  }
  const slot = scope.locals.length;
  if (slot >= expressionMacroDepthMax) fail("LANG_EXPR_LIMIT", `macros nest at most ${expressionMacroDepthMax} deep`, at);
  // The list is read outside the scope of the variable.
  const list = convert(receiver, scope);
  const body: Scope = { names: scope.names, locals: [...scope.locals, variable.args] };
  const test = isMapWithTest || name !== "map" ? convert(first, body) : undefined;
  const step = isMapWithTest ? convert(second as ASTNode, body) : name === "map" ? convert(first, body) : undefined;
  return { kind: "macro", name, list, slot, test, step, at };
}
