/**
 * Results as references: one value, one of several, a whole list, or a run for each row of it.
 * Pure. Never makes a loop where neither the task nor another loop speaks of one; then one row is taken, and a finding says which.
 */
import { outputSchema, resolveSchema } from "../../catalogue/catalogue.ts";
import { changing } from "../../intent/constraints.ts";
import { isArray, isObject, type Json, type JsonObject, member } from "../../json/value.ts";
import { memberAccess, memberStep } from "../../learn/places.ts";
import { draftActingRowsDefault, eachRowsMax, loopRowsDefault } from "../../limits.ts";
import { isKeyword } from "../../plan/names.ts";
import type { ArgRule, EachRule, FrozenTool } from "../../plan/plan.ts";
import type { ValueType } from "../tools.ts";
import { outputAt, paramAt, type PlannedCall } from "./calls.ts";

/** A reference of an argument to a part of another call's result. */
interface Flow {
  readonly path: readonly string[];
  readonly source: PlannedCall;
  readonly output: readonly string[];
  readonly confidence: number;
  /** Whether the argument takes a list. */
  readonly takesList: boolean;
}

/** How a node repeats. */
export interface Loop {
  readonly each: string | EachRule;
  readonly source: PlannedCall;
  /** Of `each: {from}`: the list, as a path that ends in `[]`. Absent: once for each run of the other node. */
  readonly rows?: readonly string[];
  /** Whether somebody has said how many rows there are at most. */
  readonly isBounded: boolean;
}

/** What the reading of a call's references needs. */
export interface RowsContext {
  readonly calls: readonly PlannedCall[];
  /** Loops of calls that were looked at before. */
  readonly loops: ReadonlyMap<number, Loop>;
  /** Whether the task speaks of each one where it speaks of this call. */
  readonly saysEach: boolean;
}

/** The loop of a call, if it has one. Its sources must have been looked at before. */
export function loopOf(call: PlannedCall, context: RowsContext): Loop | undefined {
  const flows = flowsOf(call, context).filter(({ takesList }) => !takesList);
  const inLoops = flows.filter(({ source, output }) => context.loops.has(source.index) && !output.includes("[]"));
  const acts = call.tool.facts.effects.some((effect) => changing.has(effect));
  const [inner] = inLoops;
  // A reader is called for each row of what it reads; what acts only where the task says so.
  if (inner !== undefined && (context.saysEach || !acts)) {
    return { each: inner.source.node, source: inner.source, isBounded: true };
  }
  const rows = context.saysEach ? likeliestRows(flows) : undefined;
  if (rows === undefined) return undefined;
  const { source, list } = rows;
  const bound = rowsBound(source.tool, list);
  const most = bound ?? (acts ? draftActingRowsDefault : loopRowsDefault);
  const each = { from: `${source.node}$${pathText(list)}`, max: Math.min(most, eachRowsMax) };
  return { each, source, rows: list, isBounded: bound !== undefined };
}

/** The list that most arguments come from, the deepest one of several that contain each other; the surest on a tie. */
function likeliestRows(flows: readonly Flow[]): { readonly source: PlannedCall; readonly list: readonly string[] } | undefined {
  const found = new Map<
    string,
    { readonly source: PlannedCall; readonly list: readonly string[]; count: number; sureness: number }
  >();
  for (const { source, output, confidence } of flows) {
    const list = output.slice(0, output.lastIndexOf("[]") + 1);
    if (list.length === 0) continue;
    const key = `${source.index} ${list.join("\u0000")}`;
    const known = found.get(key) ?? { source, list, count: 0, sureness: 0 };
    found.set(key, { ...known, count: known.count + 1, sureness: Math.max(known.sureness, confidence) });
  }
  return [...found.values()].toSorted((one, other) => other.count - one.count || other.sureness - one.sureness)[0];
}

function flowsOf(call: PlannedCall, { calls }: RowsContext): readonly Flow[] {
  return call.args.flatMap(({ path, source, confidence }): readonly Flow[] => {
    const other = source.kind === "result" ? calls[source.call] : undefined;
    if (source.kind !== "result" || other === undefined) return [];
    // A part of a list of objects is a column of its own: it loops over nothing.
    const takesList = paramAt(call.draft, path)?.type === "array" || path.includes("[]");
    return [{ path, source: other, output: elementPath(other, source.path, takesList), confidence, takesList }];
  });
}

/** The path of a result, at the elements where it leads to a list and one value is needed. */
function elementPath(source: PlannedCall, path: readonly string[], takesList: boolean): readonly string[] {
  const isList = !takesList && path.length > 0 && path.at(-1) !== "[]" && outputAt(source.draft, path)?.type === "array";
  return isList ? [...path, "[]"] : path;
}

/** A rule that fills an argument from a result; `isPicked`: it takes one of several values. */
export interface Referred {
  readonly rule: ArgRule;
  readonly isPicked: boolean;
}

/** What the reference of one argument needs. */
export interface ReferContext {
  readonly source: PlannedCall;
  /** What the argument takes; absent: nobody says. */
  readonly type: ValueType | undefined;
  /** The loop of the node that reads. */
  readonly loop: Loop | undefined;
  /** The loop of the node that is read. */
  readonly sourceLoop: Loop | undefined;
  readonly pick: "first" | "last";
}

/** The rule that fills an argument with a part of another call's result. */
export function referTo(given: readonly string[], context: ReferContext): Referred {
  const { source, type, loop, sourceLoop, pick } = context;
  const takesList = type === "array";
  const path = elementPath(source, given, takesList);
  if (takesList) return { rule: listRule(path, context), isPicked: false };
  if (loop?.source === source) {
    const { rows } = loop;
    if (rows === undefined) return onePath(`${source.node}$`, path, { key: "from", pick });
    if (rows.every((name, at) => path[at] === name)) return onePath("$", path.slice(rows.length), { key: "item", pick });
  }
  const one = onePath(`${source.node}$`, path, { key: "from", pick });
  return sourceLoop === undefined || one.isPicked
    ? one
    : { rule: { from: `${source.node}$${pathText(path)}`, pick }, isPicked: true };
}

function onePath(
  start: string,
  path: readonly string[],
  { key, pick }: { readonly key: "from" | "item"; readonly pick: "first" | "last" },
): Referred {
  const text = `${start}${pathText(path)}`;
  const several = path.includes("[]") ? { pick } : {};
  const rule = key === "from" ? { from: text, ...several } : { item: text, ...several };
  return { rule, isPicked: path.includes("[]") };
}

/** A whole list: a path where one path selects it, else an expression that gathers it. */
function listRule(path: readonly string[], { source, loop, sourceLoop }: ReferContext): ArgRule {
  const isOwnRow = loop?.source === source && loop.rows === undefined;
  const rows = loop?.source === source ? loop.rows : undefined;
  if (rows?.every((name, at) => path[at] === name)) {
    const rest = path.slice(rows.length);
    const inner = withoutEnd(rest);
    if (!inner.includes("[]"))
      return isListAt(source, path) ? { item: `$${pathText(inner)}` } : [{ item: `$${pathText(inner)}` }];
    return { expr: gathered("item", rest) };
  }
  const inner = withoutEnd(path);
  if (sourceLoop !== undefined && !isOwnRow) return { expr: gathered(source.node, ["[]", ...inner]) };
  if (inner.includes("[]")) return { expr: gathered(source.node, path) };
  return isListAt(source, path) ? { from: `${source.node}$${pathText(inner)}` } : [{ from: `${source.node}$${pathText(inner)}` }];
}

/** Whether there is, or may be, a list at a path; its elements mean the list. */
function isListAt(source: PlannedCall, path: readonly string[]): boolean {
  if (path.length === 0 || path.at(-1) === "[]") return true;
  const type = outputAt(source.draft, path)?.type;
  return type === undefined || type === "array";
}

function withoutEnd(path: readonly string[]): readonly string[] {
  return path.at(-1) === "[]" ? path.slice(0, -1) : path;
}

/** Macros inside one another that an expression may have; deeper lists are flattened by a path. */
const names = ["r", "s", "t", "u"];

/** A list of CEL with what a path selects; `[]` goes through a list. */
function gathered(start: string, path: readonly string[], depth = 0): string {
  const at = path.indexOf("[]");
  const head = (at < 0 ? path : path.slice(0, at)).map(access).join("");
  const rest = at < 0 ? [] : path.slice(at + 1);
  if (rest.length === 0) return `${start}${head}`;
  const row = names[depth] ?? "v";
  const inner = gathered(row, rest, depth + 1);
  const mapped = `${start}${head}.map(${row}, ${inner})`;
  return rest.includes("[]") ? `flatten(${mapped})` : mapped;
}

/** A row of an object whose members all come from one list, in CEL: `people.list.map(r, {"email": r.email})`. */
export function gatheredRows(
  source: PlannedCall,
  list: readonly string[],
  members: readonly { readonly name: string; readonly path: readonly string[] }[],
): string {
  const object = members.map(({ name, path }) => `${JSON.stringify(name)}: r${path.map(access).join("")}`).join(", ");
  return `${source.node}${withoutEnd(list).map(access).join("")}.map(r, {${object}})`;
}

function access(name: string): string {
  return isKeyword(name) ? `[${JSON.stringify(name)}]` : memberAccess(name);
}

/** A path of names and `[]` as RFC 9535 writes it. */
export function pathText(path: readonly string[]): string {
  return path.map((name) => (name === "[]" ? "[*]" : memberStep(name))).join("");
}

/** The rows that a tool's own schema lets a list have at most. */
function rowsBound(tool: FrozenTool, list: readonly string[]): number | undefined {
  const root = outputSchema(tool);
  let schema: Json | undefined = root;
  let bound: number | undefined = 1;
  for (const name of list) {
    const here: JsonObject = resolveSchema(schema, root);
    if (name !== "[]") {
      schema = member(member(here, "properties"), name);
      continue;
    }
    const most = member(here, "maxItems");
    bound = bound !== undefined && typeof most === "number" && Number.isInteger(most) && most >= 1 ? bound * most : undefined;
    const items = member(here, "items");
    schema = isObject(items) && !isArray(items) ? items : undefined;
  }
  return bound;
}
