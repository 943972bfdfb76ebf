/**
 * `for` statements (Language Reference §8.3).
 * Never reads a loop that ends early, or that runs over what has no bound. Pure. No I/O, no clock.
 */
import type { Statement } from "../code/program.ts";
import { readRows } from "./comprehensions.ts";
import { type Context, truthOf } from "./context.ts";
import { failOutside } from "./fault.ts";
import { type SyntaxNode, statementsOf } from "./tree.ts";

/** Reads statements; given, since loops and statements contain each other. */
export type ReadBlock = (nodes: readonly SyntaxNode[]) => readonly Statement[];

/** Reads a `for`. */
export function readFor(context: Context, node: SyntaxNode, readBlock: ReadBlock): Statement {
  const kinds = node.children.map(({ kind }) => kind);
  if (kinds[0] === "async") return failOutside("a plan waits for each call: leave `async` out", node.from);
  if (kinds.includes("else")) return failOutside("a loop of a plan has no `else`", node.from);
  const within = kinds.indexOf("in");
  const body = node.children.at(-1);
  const iterables = node.children.slice(within + 1, -1);
  const [iterable] = iterables;
  if (body === undefined || iterable === undefined || iterables.length > 1)
    return failOutside("a loop runs over one list: write it in brackets", node.from);
  return {
    kind: "for",
    ...readRows(context, node.children.slice(1, within), iterable),
    body: readRounds(context, statementsOf(body), readBlock),
    place: context.placeOf(node),
  };
}

/** The block of a loop: after `if t: continue` the rest is for the rows for which `t` is not true. */
function readRounds(context: Context, nodes: readonly SyntaxNode[], readBlock: ReadBlock): readonly Statement[] {
  const at = nodes.findIndex((node) => skipTest(node) !== undefined);
  const skip = nodes[at];
  const test = skip === undefined ? undefined : skipTest(skip);
  if (skip === undefined || test === undefined) return readBlock(nodes);
  const before = readBlock(nodes.slice(0, at));
  const place = context.placeOf(skip);
  const of = truthOf(context.expression(test, "truth"));
  const yes = readRounds(context, nodes.slice(at + 1), readBlock);
  return [...before, { kind: "if", test: { kind: "not", of, place }, yes, no: [], place }];
}

/** The test of `if t: continue`. */
function skipTest(node: SyntaxNode): SyntaxNode | undefined {
  const [, test, body, more] = node.children;
  if (node.kind !== "IfStatement" || body?.kind !== "Body" || more !== undefined) return undefined;
  const inner = statementsOf(body);
  return inner.length === 1 && inner[0]?.kind === "ContinueStatement" ? test : undefined;
}
