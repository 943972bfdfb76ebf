/**
 * Which nodes a node reads, where in their results, and through which member of the plan.
 * Pure. Judges nothing: names that are no nodes are reported by `compilePlan`; here they are read as they stand.
 */
import { compileExpression, type Read } from "../lang/expression.ts";
import { parseReference } from "../lang/path.ts";
import type { PlanNode } from "./plan.ts";
import { classify, rulesOf } from "./walk.ts";

/** One read of a node by another. */
export interface NodeRead {
  /** The node that is read. */
  readonly node: string;
  /** Static prefix of what is read in its result; empty: all of it. */
  readonly prefix: readonly (string | number)[];
  /** The member that reads. `after` reads nothing but that the node is settled. */
  readonly by: "after" | "each" | "when" | "require" | "let" | "arg";
  /** The argument, if `by` is `arg`. */
  readonly arg?: string;
  /** Where in the plan. */
  readonly path: readonly (string | number)[];
}

/** The names of a plan that an expression may use. */
export interface PlanNames {
  readonly nodes: ReadonlySet<string>;
  readonly params: ReadonlySet<string>;
}

/** What an expression reads: nodes with prefixes, parameters, and whether it reads the row. */
export interface ExpressionReads {
  readonly nodes: readonly { readonly node: string; readonly prefix: readonly string[] }[];
  readonly params: ReadonlySet<string>;
  readonly item: boolean;
}

const identifiers = /[A-Za-z_][A-Za-z0-9_]*/g;
const nothing: ExpressionReads = { nodes: [], params: new Set(), item: false };

/** What an expression of the plan reads; nothing if it cannot be compiled (which `compilePlan` reports). A computed name reads every node. */
export function expressionReads(source: string, names: PlanNames): ExpressionReads {
  const words = new Set(source.match(identifiers) ?? []);
  const variables = [...words].filter((word) => names.nodes.has(word));
  const compiled = compileExpression(source, { variables: [...variables, "params", "nodes", "item", "args"] });
  if (!compiled.ok) return nothing;
  const reads = compiled.value.reads;
  return {
    nodes: reads.flatMap((read) => nodesOf(read, names)),
    params: new Set(reads.flatMap((read) => (read.variable !== "params" ? [] : (read.path[0] ?? [...names.params])))),
    item: reads.some((read) => read.variable === "item"),
  };
}

function nodesOf(read: Read, names: PlanNames): readonly { readonly node: string; readonly prefix: readonly string[] }[] {
  if (read.variable === "params" || read.variable === "item" || read.variable === "args") return [];
  if (read.variable !== "nodes") return [{ node: read.variable, prefix: read.path }];
  const [node, ...prefix] = read.path;
  return node === undefined ? Array.from(names.nodes, (name) => ({ node: name, prefix: [] })) : [{ node, prefix }];
}

/** Every read of a node (src/README.md, "Predecessors and settled nodes"), in the order: after, each, arguments, when, require, let. */
export function readsOf(name: string, node: PlanNode, names: PlanNames): readonly NodeRead[] {
  const reads: NodeRead[] = [];
  const at = ["nodes", name];
  (node.after ?? []).forEach((other, i) => {
    reads.push({ node: other, prefix: [], by: "after", path: [...at, "after", i] });
  });
  const row = rowOf(node);
  if (row !== undefined) reads.push({ ...row, by: "each", path: [...at, "each"] });
  for (const { arg, path, rule } of rulesOf(name, node)) {
    const classed = classify(rule);
    if (classed.kind === "from") {
      const reference = readReference(classed.rule.from);
      if (reference !== undefined) reads.push({ ...reference, by: "arg", arg, path });
    } else if (classed.kind === "item" && row !== undefined) {
      reads.push({ ...row, by: "arg", arg, path });
    } else if (classed.kind === "expr") {
      for (const read of readsOfExpression(classed.rule.expr, names, row)) reads.push({ ...read, by: "arg", arg, path });
    }
  }
  const expressions: readonly (readonly [by: "when" | "require" | "let", source: string, steps: readonly (string | number)[]])[] =
    [
      ...(node.when === undefined ? [] : [["when", node.when, ["when"]] as const]),
      ...(node.require ?? []).map((source, i) => ["require", source, ["require", i]] as const),
      ...(node.let === undefined ? [] : [["let", node.let, ["let"]] as const]),
    ];
  for (const [by, source, steps] of expressions) {
    for (const read of readsOfExpression(source, names, row)) reads.push({ ...read, by, path: [...at, ...steps] });
  }
  return reads;
}

type Place = Pick<NodeRead, "node" | "prefix">;

/** Where the rows of a loop come from. */
function rowOf(node: PlanNode): Place | undefined {
  if (node.each === undefined) return undefined;
  return typeof node.each === "string" ? { node: node.each, prefix: [] } : readReference(node.each.from);
}

function readReference(source: string): Place | undefined {
  const reference = parseReference(source);
  return reference.ok ? { node: reference.value.node, prefix: reference.value.path.prefix } : undefined;
}

function readsOfExpression(source: string, names: PlanNames, row: Place | undefined): readonly Place[] {
  const reads = expressionReads(source, names);
  return reads.item && row !== undefined ? [...reads.nodes, row] : reads.nodes;
}

/** The parameters that a node reads, by any of its rules and expressions. */
export function paramsOf(name: string, node: PlanNode, names: PlanNames): ReadonlySet<string> {
  const found = new Set<string>();
  const note = (source: string | undefined): void => {
    if (source?.includes("params") === true) for (const param of expressionReads(source, names).params) found.add(param);
  };
  for (const { rule } of rulesOf(name, node)) {
    const classed = classify(rule);
    if (classed.kind === "param") found.add(classed.rule.param);
    if (classed.kind === "expr") note(classed.rule.expr);
    if (classed.kind === "from") note(classed.rule.where);
  }
  note(node.when);
  note(node.let);
  for (const source of node.require ?? []) note(source);
  if (typeof node.each === "object") note(node.each.where);
  return found;
}
