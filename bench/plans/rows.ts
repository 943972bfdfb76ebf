/**
 * Reads task → plan examples (normalised: see README.md) and makes a run of each: the gold calls with results in which every value that the
 * plan refers to stands at its path, among others. Never guesses: a file of another shape stops the run with its name.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Catalogue, readCatalogue } from "../../src/catalogue/catalogue.ts";
import { isArray, isObject, type Json, type JsonObject, member } from "../../src/json/value.ts";
import type { Trace, TraceEvent } from "../../src/trace.ts";
import { readFile, readLines, text } from "../agentdojo/data.ts";

/** Where an argument of a gold plan comes from. */
export type Source =
  | { readonly kind: "const"; readonly value: Json }
  | {
      readonly kind: "from";
      readonly node: string;
      readonly path: readonly (string | number)[];
      /** Text around the value, or the value in a list or an object: `null` where it stands. */
      readonly around?: Json;
    };

/** One gold call. */
export interface GoldCall {
  readonly id: string;
  readonly tool: string;
  readonly args: { readonly [name: string]: Source };
}

/** One example: a task, its calls, and a run of them. */
export interface Row {
  readonly id: string;
  readonly task: string;
  readonly calls: readonly GoldCall[];
  readonly trace: Trace;
}

/** A set of examples over one catalogue. */
export interface RowSet {
  readonly name: string;
  readonly catalogue: Catalogue;
  readonly rows: readonly Row[];
  /** Rows that no run can be made of, with the reason. */
  readonly skipped: readonly { readonly id: string; readonly reason: string }[];
}

/** The sets that are measured: file below `plans/`, by name. */
export const sets: { readonly [name: string]: string } = {
  tooltalk: "dev/tooltalk",
  apibank: "train/apibank",
  nestful_glaive: "dev/nestful_glaive",
  sgd: "dev/sgd",
};

/** Reads a set; `undefined` where its file is not there. */
export function readSet(folder: string, name: string): RowSet | undefined {
  const path = join(folder, `${sets[name]}.jsonl.gz`);
  if (!existsSync(path)) return undefined;
  const lines = readLines(path);
  const catalogName = text(lines[0], "catalog");
  const tools = readTools(join(folder, "catalogs", `${catalogName}.json`));
  const catalogue = readCatalogue({ server: name, tools: tools.map(definitionOf) });
  if (!catalogue.ok) throw new Error(`${catalogName}.json: ${catalogue.error[0]?.message} at ${catalogue.error[0]?.pointer}`);
  const byName = new Map(tools.map((tool) => [text(tool, "name"), tool]));
  const rows: Row[] = [];
  const skipped: { readonly id: string; readonly reason: string }[] = [];
  for (const line of lines) {
    const row = readRow(line, byName);
    if (typeof row === "string") skipped.push({ id: text(line, "id"), reason: row });
    else if (row !== undefined) rows.push(row);
  }
  return { name, catalogue: catalogue.value, rows, skipped };
}

function readTools(path: string): readonly JsonObject[] {
  if (!existsSync(path)) throw new Error(`${path}: the catalogue is missing`);
  const value = readFile(path);
  const list = isArray(value) ? value : member(value, "tools");
  if (!isArray(list)) throw new Error(`${path}: expected a list of tools`);
  return list.filter(isObject);
}

function definitionOf(tool: JsonObject): JsonObject {
  const { name = "", description = "", parameters = {}, returns } = tool;
  const output = isObject(returns) && member(returns, "type") === "object" ? { outputSchema: returns } : {};
  return { name, description, inputSchema: parameters, ...output };
}

/** One line: a row, why there is none, or `undefined` for a task that no tool fits. */
function readRow(line: Json, tools: ReadonlyMap<string, JsonObject>): Row | string | undefined {
  const nodes = member(member(line, "plan"), "nodes");
  if (!isArray(nodes) || nodes.length === 0) return undefined;
  const given = new Map<string, Map<string, Json>>();
  const calls: GoldCall[] = [];
  for (const node of nodes) {
    const args: Record<string, Source> = {};
    const all = member(node, "args");
    for (const [name, arg] of Object.entries(isObject(all) ? all : {})) {
      const source = sourceOf(name, arg, given);
      if (typeof source === "string") return source;
      args[name] = source;
    }
    calls.push({ id: text(node, "id"), tool: text(node, "tool"), args });
  }
  for (const call of calls) {
    if (!tools.has(call.tool)) return `the catalogue has no tool ${call.tool}`;
    for (const source of Object.values(call.args))
      if (source.kind === "from" && !calls.some(({ id }) => id === source.node)) return `no call ${source.node} to refer to`;
  }
  const run = runOf(calls, tools, given);
  if (typeof run === "string") return run;
  const task = text(line, "task");
  return { id: text(line, "id"), task, calls, trace: { task, events: run } };
}

/** Where an argument comes from; the value that the data gives for it is kept by node and path. */
function sourceOf(name: string, arg: Json, given: Map<string, Map<string, Json>>): Source | string {
  const node = member(arg, "from");
  if (typeof node !== "string") return { kind: "const", value: member(arg, "const") ?? null };
  const also = member(arg, "also_from");
  if (isArray(also) && also.length > 0) return "a value made of two results";
  const written = member(arg, "path");
  const path = typeof written === "string" ? stepsOf(written) : [name];
  const value = member(arg, "value");
  if (value !== undefined) {
    const values = given.get(node) ?? new Map<string, Json>();
    const key = JSON.stringify(path);
    if (!values.has(key)) values.set(key, value);
    given.set(node, values);
  }
  const template = member(arg, "template");
  return { kind: "from", node, path, ...(template === undefined ? {} : { around: holed(template) }) };
}

/** A template of the data with a hole in place of the reference (`$var1.x$`). */
function holed(template: Json): Json {
  if (typeof template === "string") return template.replace(/\$var\d+\.[^$]*\$/, "\u0000");
  if (isArray(template)) return template.map(holed);
  if (isObject(template)) return Object.fromEntries(Object.entries(template).map(([key, value]) => [key, holed(value)]));
  return template;
}

function stepsOf(path: string): readonly (string | number)[] {
  return [...path.matchAll(/([^.[\]]+)|\[(\d+)\]/g)].map(([, name, index]) => (name === undefined ? Number(index) : name));
}

function runOf(
  calls: readonly GoldCall[],
  tools: ReadonlyMap<string, JsonObject>,
  given: ReadonlyMap<string, ReadonlyMap<string, Json>>,
): readonly TraceEvent[] | string {
  const results = new Map<string, Json>();
  const events: TraceEvent[] = [];
  for (const [index, call] of calls.entries()) {
    const args: Record<string, Json> = {};
    for (const [name, source] of Object.entries(call.args)) {
      const value = argumentOf(source, results);
      if (value === undefined) return "a reference to a later call";
      args[name] = value;
    }
    const result = resultOf(call, calls, {
      tool: tools.get(call.tool) ?? {},
      tools,
      index,
      given: given.get(call.id) ?? new Map(),
    });
    results.set(call.id, result);
    events.push({ type: "call", id: call.id, tool: call.tool, args }, { type: "result", id: call.id, value: result });
  }
  return events;
}

function argumentOf(source: Source, results: ReadonlyMap<string, Json>): Json | undefined {
  if (source.kind === "const") return source.value;
  let value = results.get(source.node);
  for (const step of source.path) value = isArray(value) ? value[Number(step)] : member(value, String(step));
  return value === undefined || source.around === undefined ? value : filled(source.around, value);
}

/** The template with the value in its hole; a hole that is the whole text takes the value's type. */
export function filled(around: Json, value: Json): Json {
  if (around === "\u0000") return value;
  if (typeof around === "string") return around.replace("\u0000", typeof value === "string" ? value : JSON.stringify(value));
  if (isArray(around)) return around.map((part) => filled(part, value));
  if (isObject(around)) return Object.fromEntries(Object.entries(around).map(([key, part]) => [key, filled(part, value)]));
  return around;
}

interface ResultParts {
  readonly tool: JsonObject;
  readonly tools: ReadonlyMap<string, JsonObject>;
  readonly index: number;
  readonly given: ReadonlyMap<string, Json>;
}

/** A result: every member that the tool declares, made up, and what the gold plan refers to at its place. */
function resultOf(call: GoldCall, calls: readonly GoldCall[], { tool, tools, index, given }: ResultParts): Json {
  const result: Record<string, Json> = {};
  const properties = member(member(tool, "returns"), "properties");
  for (const [name, schema] of Object.entries(isObject(properties) ? properties : {}))
    result[name] = madeUp(schema, `${name}-${index}`);
  result.reference = `ref-${index}-${call.tool.length}`;
  for (const other of calls) {
    for (const [name, source] of Object.entries(other.args)) {
      if (source.kind !== "from" || source.node !== call.id || source.path.length === 0) continue;
      const wanted = member(member(member(tools.get(other.tool) ?? {}, "parameters"), "properties"), name);
      const known = given.get(JSON.stringify(source.path));
      // Text around a value makes it a text, whatever the argument is.
      const value =
        known ?? madeUp(source.around === undefined ? (wanted ?? {}) : { type: "string" }, `${source.path.join("-")}-${index}`);
      put(result, source.path, value);
    }
  }
  return result;
}

function put(into: Record<string, Json>, path: readonly (string | number)[], value: Json): void {
  let at: Json = into;
  for (const [depth, step] of path.entries()) {
    const holder = at as Record<string | number, Json>;
    if (depth === path.length - 1) {
      holder[step] = value;
      return;
    }
    const inner = holder[step];
    if (!isObject(inner) && !isArray(inner)) holder[step] = typeof path[depth + 1] === "number" ? [] : {};
    at = holder[step] as Json;
  }
}

/** A value of a schema's type, told apart by `seed`. */
export function madeUp(schema: Json, seed: string): Json {
  const type = member(schema, "type");
  const listed = member(schema, "enum");
  if (isArray(listed) && listed[0] !== undefined) return listed[seed.length % listed.length] ?? null;
  const number = [...seed].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 9973, 7);
  switch (isArray(type) ? type[0] : type) {
    case "number":
    case "float":
      return number + 0.5;
    case "integer":
      return number;
    case "boolean":
      return number % 2 === 0;
    case "array":
      return [madeUp(member(schema, "items") ?? {}, `${seed}-a`)];
    case "object": {
      const properties = member(schema, "properties");
      const members = Object.entries(isObject(properties) ? properties : {}).map(([name, inner]) => [
        name,
        madeUp(inner, `${seed}-${name}`),
      ]);
      return Object.fromEntries(members) as JsonObject;
    }
    default:
      return `made-up-${seed}`;
  }
}
