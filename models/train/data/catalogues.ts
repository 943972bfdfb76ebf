/**
 * Reads the catalogues of the data sets as the run time reads a user's: strict JSON, {@link readCatalogue}, {@link draftTool}.
 * Never lets one tool stand for another: of two definitions with one name the first is kept.
 */
import { readFileSync } from "node:fs";
import { readCatalogue } from "../../../src/catalogue/catalogue.ts";
import { type DraftTool, draftTool } from "../../../src/infer/tools.ts";
import { isArray, isObject, type Json, type JsonObject, jsonEqual, member } from "../../../src/json/value.ts";
import { readJson } from "../../../src/json/read.ts";

/** The tools that the tasks of a set may call. */
export interface ToolSet {
  readonly name: string;
  /** The set that this one differs from in a few tools. */
  readonly base?: ToolSet;
  /** By the name that rows call them by. */
  readonly tools: ReadonlyMap<string, DraftTool>;
  /** Of a reworded set: original name of an argument or of a result's part → the reworded one, by the tool's original name. */
  readonly renamed: ReadonlyMap<
    string,
    { readonly params: ReadonlyMap<string, string>; readonly outputs: ReadonlyMap<string, string> }
  >;
}

/** A list of tools of a data set (`name`, `description`, `parameters`, `returns`) as the planner sees them. Throws where it is not one. */
export function toolSet(name: string, value: Json): ToolSet {
  const list = isArray(value) ? value : member(value, "tools");
  if (!isArray(list)) throw new Error(`${name}: not a list of tools`);
  const definitions = new Map<string, JsonObject>();
  const names = new Map<string, string>();
  for (const entry of list) {
    const definition = definitionOf(entry);
    if (definition === undefined) continue;
    const own = String(definition.name);
    if (definitions.has(own)) continue;
    definitions.set(own, definition);
    names.set(own, text(member(entry, "x-orig")) || text(member(entry, "name")));
  }
  const read = readCatalogue([...definitions.values()], { server: "local" });
  if (!read.ok) throw new Error(`${name}: ${read.error[0]?.message ?? "unreadable"}`);
  const tools = new Map<string, DraftTool>();
  const renamed = new Map<string, { params: ReadonlyMap<string, string>; outputs: ReadonlyMap<string, string> }>();
  for (const frozen of read.value.tools.values()) {
    const own = frozen.name.slice("local/".length);
    const called = names.get(own) ?? own;
    tools.set(called, draftTool(frozen));
    const { inputSchema, outputSchema } = frozen.definition;
    if (Object.hasOwn(frozen.definition, "x-orig"))
      renamed.set(called, { params: renamings(inputSchema), outputs: renamings(outputSchema) });
  }
  return { name, tools, renamed };
}

/** A catalogue's file. */
export function readToolSet(path: string, name: string): ToolSet {
  const read = readJson(readFileSync(path, "utf8"));
  if (!read.ok) throw new Error(`${path}:${read.error.line}: ${read.error.message}`);
  return toolSet(name, read.value);
}

/** A tool in MCP's shape; names keep to printable ASCII, as {@link readCatalogue} wants them. */
function definitionOf(entry: Json): JsonObject | undefined {
  const name = member(entry, "name");
  const parameters = member(entry, "parameters");
  if (typeof name !== "string" || !isObject(entry)) return undefined;
  const returns = member(entry, "returns");
  const original = member(entry, "x-orig");
  return {
    name: name.normalize("NFKD").replace(/[^\x20-\x7e]+/g, "-"),
    description: text(member(entry, "description")),
    inputSchema: isObject(parameters) ? withDeclared(parameters) : { type: "object" },
    ...(isObject(member(returns, "properties")) && isObject(returns) ? { outputSchema: returns } : {}),
    ...(original === undefined ? {} : { "x-orig": original }),
  };
}

/** Some sets require arguments that they do not declare. */
function withDeclared(parameters: JsonObject): JsonObject {
  const required = member(parameters, "required");
  const properties = member(parameters, "properties");
  if (!isArray(required) || !isObject(properties)) return parameters;
  const declared = required.filter((name) => typeof name === "string" && Object.hasOwn(properties, name));
  return jsonEqual(declared, required) ? parameters : { ...parameters, required: declared };
}

function renamings(schema: Json | undefined): ReadonlyMap<string, string> {
  const properties = member(schema, "properties");
  const entries = isObject(properties) ? Object.entries(properties) : [];
  return new Map(entries.map(([name, part]) => [text(member(part, "x-orig")) || name, name]));
}

function text(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
