/**
 * The arguments of a call as they are written (Language Reference §6.3.4).
 * Never spreads: what is given by `*` or `**` is not known when the plan is made. Pure. No I/O, no clock.
 */
import type { Expression } from "../code/program.ts";
import { readClauses } from "./comprehensions.ts";
import type { Context, Use } from "./context.ts";
import { failOutside } from "./fault.ts";
import { nameOf } from "./names.ts";
import type { SyntaxNode } from "./tree.ts";

/** An argument as written: by place, by name, or `*xs`. */
export interface Argument {
  readonly name?: string;
  readonly isStarred: boolean;
  readonly node: SyntaxNode;
  /** A generator that stands alone in the parentheses: its parts. */
  readonly clauses?: readonly SyntaxNode[];
}

/** A call as written. */
export interface WrittenCall {
  readonly node: SyntaxNode;
  readonly args: readonly Argument[];
}

/** The arguments between parentheses. */
export function readArguments(context: Context, list: SyntaxNode): readonly Argument[] {
  const inner = list.children.slice(1, -1);
  if (inner.some(({ kind }) => kind === "for" || kind === "async")) {
    // A generator without parentheses of its own is the only argument: §6.3.4.
    const [first = list] = inner;
    if (inner.some(({ kind }) => kind === "," || kind === "AssignOp"))
      return failOutside("put brackets around this generator", first.from);
    return [{ isStarred: false, node: list, clauses: inner }];
  }
  const args: Argument[] = [];
  let part: SyntaxNode[] = [];
  for (const node of [...inner, undefined]) {
    if (node !== undefined && node.kind !== ",") {
      part.push(node);
      continue;
    }
    if (part.length > 0) args.push(readArgument(context, part));
    part = [];
  }
  const names = args.flatMap(({ name }) => (name === undefined ? [] : [name]));
  if (new Set(names).size !== names.length) return failOutside("an argument is given twice", list.from);
  const late = args.findIndex(({ name }) => name !== undefined);
  const misplaced = late === -1 ? undefined : args.slice(late).find(({ name }) => name === undefined);
  return misplaced === undefined ? args : failOutside("arguments by place come before those by name", misplaced.node.from);
}

function readArgument(context: Context, part: readonly SyntaxNode[]): Argument {
  const [first, sign, value] = part as readonly [SyntaxNode, SyntaxNode | undefined, SyntaxNode | undefined];
  if (first.kind === "**") return failOutside("write the arguments out instead of `**`", first.from);
  if (first.kind === "*" && sign !== undefined) return { isStarred: true, node: sign };
  if (sign === undefined) return { isStarred: false, node: first };
  const isNamed = sign.kind === "AssignOp" && context.text.slice(sign.from, sign.to) === "=" && value !== undefined;
  if (!isNamed || first.kind !== "VariableName")
    return failOutside("an argument is a value, or a name, `=` and a value", first.from);
  return { name: nameOf(context.text, first), isStarred: false, node: value };
}

/** The value of an argument. */
export function argumentValue(context: Context, argument: Argument, use: Use = "value"): Expression {
  if (argument.isStarred) return failOutside("write the arguments out instead of `*`", argument.node.from);
  if (argument.clauses === undefined) return context.expression(argument.node, use);
  if (use !== "elements") return failOutside("a generator is no value: write a list in brackets", argument.node.from);
  return readClauses(context, argument.clauses, argument.node);
}
