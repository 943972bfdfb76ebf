/**
 * Compiles a plan's expressions and finds what they read of other nodes.
 * Pure. No I/O, no clock. Reports every fault with its pointer; never throws on input.
 */
import { compileExpression, type Expression, type Extractor } from "../../lang/expression.ts";
import { compileExtract } from "../../lang/extract/extract.ts";
import { extractKinds } from "../../lang/extract/spec.ts";
import type { Finding } from "../finding.ts";
import type { CompiledExpression, NodeRead, PathStep } from "./compiled.ts";

/** A {@link NodeRead} while compiling: what is hidden is known only when all nodes are. */
export type DraftRead = { -readonly [K in keyof NodeRead]: NodeRead[K] };

/** What compiling shares: names, findings, and the reads of the node at hand. */
export interface CompileContext {
  readonly indexes: ReadonlyMap<string, number>;
  readonly findings: Finding[];
  /** Names of parameters. */
  readonly params: ReadonlySet<string>;
  /** Reads of the node that is being compiled, collected. */
  reads: DraftRead[];
}

/** Which names an expression may use beside nodes and parameters. */
export interface ExpressionScope {
  readonly item?: boolean;
  readonly args?: boolean;
  /** Only `item` and `params`: the `where` of a selection. */
  readonly rowOnly?: boolean;
}

const extractors: Readonly<Record<string, Extractor>> = Object.fromEntries(
  extractKinds.flatMap((kind) => {
    const extract = compileExtract(kind);
    return extract.ok ? [[kind, (text: string) => extract.value.find(text).map((match) => String(match.value))] as const] : [];
  }),
);

/** Finds what may be identifiers; the expression compiler decides what is. */
const identifiers = /[A-Za-z_][A-Za-z0-9_]*/g;

/** Adds an error finding. */
export function fault(context: CompileContext, code: Finding["code"], pointer: string, message: string): undefined {
  context.findings.push({ code, severity: "error", pointer, message });
  return undefined;
}

/** Notes that the node at hand reads `node` at `prefix`, and returns the note. */
export function noteRead(
  context: CompileContext,
  node: number,
  place: { prefix: readonly (string | number)[]; steps: readonly PathStep[] },
): DraftRead {
  const read: DraftRead = { node, prefix: place.prefix, steps: place.steps, isHidden: false, isVariable: false };
  context.reads.push(read);
  return read;
}

/** Compiles the expression at `pointer`, or reports why it cannot be compiled. */
export function compileCode(
  context: CompileContext,
  source: string,
  pointer: string,
  scope: ExpressionScope = {},
): CompiledExpression | undefined {
  const words = scope.rowOnly ? [] : (source.match(identifiers) ?? []);
  const nodeNames = [...new Set(words)].filter((name) => context.indexes.has(name));
  const variables = ["params", ...(scope.rowOnly ? [] : ["nodes"]), ...nodeNames];
  if (scope.item || scope.rowOnly) variables.push("item");
  if (scope.args) variables.push("args");
  const compiled = compileExpression(source, { variables, extractors });
  if (!compiled.ok) return fault(context, compiled.error.code, pointer, compiled.error.message);
  const expression = compiled.value;
  const nodes: NodeRead[] = [];
  const names = new Map<string, number>();
  const indexed = new Map<string, number>();
  for (const { variable, path } of expression.reads) {
    if (variable === "params") {
      const name = path[0];
      if (name !== undefined && !context.params.has(name)) {
        return fault(context, "PLAN_UNKNOWN_PARAM", pointer, `\`params.${name}\` is not a parameter of the plan`);
      }
      continue;
    }
    if (variable === "item" || variable === "args") continue;
    const isIndexed = variable === "nodes";
    const targets = isIndexed && path.length === 0 ? [...context.indexes.keys()] : [isIndexed ? (path[0] as string) : variable];
    for (const name of targets) {
      const node = context.indexes.get(name);
      if (node === undefined) return fault(context, "PLAN_UNKNOWN_NODE", pointer, `\`${name}\` is not a node of the plan`);
      (isIndexed ? indexed : names).set(name, node);
      const prefix = isIndexed ? path.slice(1) : path;
      nodes.push(noteRead(context, node, { prefix, steps: prefix }));
    }
  }
  const reads = (name: string): boolean => expression.reads.some((read) => read.variable === name);
  return {
    expression,
    nodes,
    names: Array.from(names, ([name, node]) => ({ name, node })),
    indexed: Array.from(indexed, ([name, node]) => ({ name, node })),
    params: paramsOf(expression),
    item: reads("item"),
    args: reads("args"),
  };
}

function paramsOf(expression: Expression): readonly string[] {
  const names = expression.reads.filter((read) => read.variable === "params").map((read) => read.path[0] ?? "*");
  return names.includes("*") ? ["*"] : [...new Set(names)];
}
