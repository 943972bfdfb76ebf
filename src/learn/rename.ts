/**
 * A plan with other names for its nodes and parameters, wherever they are written: references, expressions, conditions, order.
 * Pure. Renames all names at once, so that two may be exchanged.
 */
import { isArray, isObject, type Json, type JsonObject } from "../json/value.ts";
import type { Plan } from "../plan/plan.ts";

/** New names by old ones. */
export interface Names {
  readonly nodes: ReadonlyMap<string, string>;
  readonly params: ReadonlyMap<string, string>;
}

/** Members whose texts are code that names nodes and parameters. */
const codeMembers: ReadonlySet<string> = new Set(["from", "let", "when", "expr", "where", "require", "each", "after"]);

/** Writes the plan with other names. A text of the plan's author (a constant, a description) stays as it is. */
export function renamePlan(plan: Plan, names: Names): Plan {
  const nodes = Object.entries(plan.nodes).map(([name, node]) => [
    names.nodes.get(name) ?? name,
    renameIn(node as unknown as Json, names, false),
  ]);
  const params = Object.entries(plan.params ?? {}).map(([name, spec]) => [names.params.get(name) ?? name, spec]);
  return {
    ...plan,
    ...(plan.params === undefined ? {} : { params: Object.fromEntries(params) }),
    nodes: Object.fromEntries(nodes) as Plan["nodes"],
  };
}

function renameIn(value: Json, names: Names, isCode: boolean): Json {
  if (typeof value === "string") return isCode ? renameCode(value, names) : value;
  if (isArray(value)) return value.map((one) => renameIn(one, names, isCode));
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([key, one]): readonly [string, Json] => {
    if (key === "const" || key === "otherwise" || key === "match" || key === "choose") return [key, one];
    if (key === "param" && typeof one === "string") return [key, names.params.get(one) ?? one];
    // The arguments of a tool may be called like a member of a rule.
    if (key === "args" || key === "object" || key === "with") return [key, renameRules(one as JsonObject, names)];
    return [key, renameIn(one, names, isCode || codeMembers.has(key))];
  });
  return Object.fromEntries(entries);
}

function renameRules(rules: JsonObject, names: Names): Json {
  return Object.fromEntries(Object.entries(rules).map(([name, rule]) => [name, renameIn(rule, names, false)]));
}

/** Texts of an expression, parameters, and other identifiers that are no members. */
const pieces = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\bparams\.[A-Za-z_][A-Za-z0-9_]*|(?<![A-Za-z0-9_.@])[A-Za-z_][A-Za-z0-9_]*/g;

function renameCode(code: string, { nodes, params }: Names): string {
  return code.replace(pieces, (piece) => {
    if (/^["']/.test(piece)) return piece;
    const param = piece.startsWith("params.") ? piece.slice("params.".length) : undefined;
    return param === undefined ? (nodes.get(piece) ?? piece) : `params.${params.get(param) ?? param}`;
  });
}
