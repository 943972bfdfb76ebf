/**
 * Members, elements and slices: `x.a`, `x["a"]`, `x[0]`, `x[-1]`, `x[1:3]` (Language Reference §6.3).
 * Never reads what belongs to Python's objects and not to their data. Pure. No I/O, no clock.
 */
import type { Expression } from "../code/program.ts";
import type { Context } from "./context.ts";
import { failOutside } from "./fault.ts";
import { nameOf } from "./names.ts";
import type { SyntaxNode } from "./tree.ts";

/** A `MemberExpression`: a value and `.name`, or a value and a subscript in brackets. */
export function readMember(context: Context, node: SyntaxNode): Expression {
  const [of, sign, ...rest] = node.children;
  if (of === undefined || sign === undefined) return failOutside("a member is missing", node.from);
  const place = context.placeOf(node);
  if (sign.kind === ".") {
    const [property = sign] = rest;
    return { kind: "member", of: receiverOf(context, of), name: nameOf(context.text, property), place };
  }
  const inner = rest.filter(({ kind }) => kind !== "]");
  if (inner.some(({ kind }) => kind === ",")) return failOutside("there is one place or one name in brackets", sign.from);
  if (inner.some(({ kind }) => kind === ":")) return readSlice(context, { node, of, inner });
  const [only = sign] = inner;
  const index = context.expression(only);
  const value = receiverOf(context, of);
  if (index.kind !== "literal") return { kind: "index", of: value, index, place };
  if (typeof index.value === "string") return { kind: "member", of: value, name: index.value, place };
  if (typeof index.value !== "number" || !Number.isSafeInteger(index.value))
    return failOutside("a place in a list is a whole number, and a member has a string as its name", only.from);
  return { kind: "index", of: value, index, place };
}

function receiverOf(context: Context, node: SyntaxNode): Expression {
  const value = context.expression(node);
  const isPlain = value.kind === "literal" && typeof value.value !== "string";
  return isPlain ? failOutside("this value has no members", node.from) : value;
}

interface Subscript {
  readonly node: SyntaxNode;
  readonly of: SyntaxNode;
  readonly inner: readonly SyntaxNode[];
}

function readSlice(context: Context, { node, of, inner }: Subscript): Expression {
  const bounds: (number | undefined)[] = [undefined];
  for (const part of inner) {
    if (part.kind === ":") bounds.push(undefined);
    else bounds[bounds.length - 1] = boundOf(context, part);
  }
  const [from, to, step] = bounds;
  if (step !== undefined && step !== 1) return failOutside("a slice takes every element: leave its step out", node.from);
  return {
    kind: "slice",
    of: receiverOf(context, of),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    place: context.placeOf(node),
  };
}

function boundOf(context: Context, node: SyntaxNode): number | undefined {
  const bound = context.expression(node);
  if (bound.kind === "literal" && bound.value === null) return undefined;
  if (bound.kind === "literal" && typeof bound.value === "number" && Number.isSafeInteger(bound.value)) return bound.value;
  return failOutside("the ends of a slice are whole numbers, written out", node.from);
}

/** The names of a dotted path, `a.b.c`; `undefined` for anything else. */
export function pathOf(context: Context, node: SyntaxNode): readonly string[] | undefined {
  const names: string[] = [];
  let rest = node;
  while (rest.kind === "MemberExpression" && rest.children[1]?.kind === ".") {
    const [of, , property] = rest.children as readonly [SyntaxNode, SyntaxNode, SyntaxNode];
    names.unshift(nameOf(context.text, property));
    rest = of;
  }
  return rest.kind === "VariableName" ? [nameOf(context.text, rest), ...names] : undefined;
}
