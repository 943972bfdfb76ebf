/**
 * A tool as the planner sees it: its arguments one by one, nested ones by their path, with the values that its schema or description lists,
 * and the parts of its result that others can be given.
 * Pure. Never decides what a tool may do: that is the catalogue's word.
 */
import { inputProperties, outputSchema, requiredArguments } from "../catalogue/catalogue.ts";
import { isArray, isObject, type Json, type JsonObject, member } from "../json/value.ts";
import type { FrozenTool } from "../plan/plan.ts";
import { identifierWords } from "./pieces.ts";

/** What kind of value an argument takes; `array` has the kind of its items beside it. */
export type ValueType = "string" | "number" | "integer" | "boolean" | "array" | "object";

/** One argument, or one part of an argument that is an object or a list of objects. */
export interface DraftParam {
  /** Names from the argument down; `[]` stands for the elements of a list. */
  readonly path: readonly string[];
  /** The last name as words. */
  readonly words: string;
  readonly type: ValueType;
  /** Of a list: what its elements are. */
  readonly itemType: ValueType;
  readonly description: string;
  /** Values that the schema allows or the description lists; all that there are, if `isClosed`. */
  readonly listed: readonly Json[];
  readonly isClosed: boolean;
  readonly isRequired: boolean;
  readonly hasDefault: boolean;
  readonly schema: JsonObject;
}

/** A part of a tool's result. */
export interface DraftOutput {
  /** Names from the result down; `[]` stands for the elements of a list. */
  readonly path: readonly string[];
  readonly words: string;
  readonly type: ValueType;
}

/** A tool, ready to be packed. */
export interface DraftTool {
  /** `server/tool`. */
  readonly name: string;
  readonly words: string;
  readonly description: string;
  /** Required ones first, otherwise in the order of the schema. */
  readonly params: readonly DraftParam[];
  readonly outputs: readonly DraftOutput[];
}

const depthMax = 3;
const paramsMax = 64;
const outputsMax = 48;

/** A tool of a catalogue as the planner sees it. */
export function draftTool(tool: FrozenTool): DraftTool {
  const required = requiredArguments(tool);
  const params: DraftParam[] = [];
  for (const [name, schema] of inputProperties(tool)) {
    collectParams(schema, { path: [name], isRequired: required.has(name), into: params });
  }
  const outputs: DraftOutput[] = [];
  const output = outputSchema(tool);
  if (output !== undefined) collectOutputs(output, { path: [], into: outputs });
  const [server = "", ...rest] = tool.name.split("/");
  const own = identifierWords(rest.join("/"));
  return {
    name: tool.name,
    words: server === "local" ? own : `${identifierWords(server)} ${own}`,
    description: text(member(tool.definition, "description")),
    params: params.toSorted((one, other) => Number(other.isRequired) - Number(one.isRequired)),
    outputs,
  };
}

interface ParamPlace {
  readonly path: readonly string[];
  readonly isRequired: boolean;
  readonly into: DraftParam[];
}

function collectParams(schema: JsonObject, { path, isRequired, into }: ParamPlace): void {
  if (into.length >= paramsMax) return;
  const type = typeOf(schema);
  const items = member(schema, "items");
  const inner = type === "array" && isObject(items) ? items : schema;
  const properties = member(inner, "properties");
  if (isObject(properties) && Object.keys(properties).length > 0 && path.length < depthMax * 2) {
    const below = type === "array" ? [...path, "[]"] : path;
    const required = member(inner, "required");
    for (const [name, part] of Object.entries(properties)) {
      if (!isObject(part)) continue;
      const isNeeded = isRequired && isArray(required) && required.includes(name);
      collectParams(part, { path: [...below, name], isRequired: isNeeded, into });
    }
    return;
  }
  const description = text(member(schema, "description"));
  const { values, isClosed } = listedValues(schema, description);
  into.push({
    path,
    words: identifierWords(path.findLast((name) => name !== "[]") ?? ""),
    type,
    itemType: isObject(items) ? typeOf(items) : "string",
    description,
    listed: values,
    isClosed,
    isRequired,
    hasDefault: member(schema, "default") !== undefined,
    schema,
  });
}

function collectOutputs(
  schema: JsonObject,
  { path, into }: { readonly path: readonly string[]; readonly into: DraftOutput[] },
): void {
  if (into.length >= outputsMax) return;
  const type = typeOf(schema);
  if (path.length > 0 && path.at(-1) !== "[]") {
    into.push({ path, words: identifierWords(path.findLast((name) => name !== "[]") ?? ""), type });
  }
  if (path.length >= depthMax * 2) return;
  const items = member(schema, "items");
  if (type === "array" && isObject(items)) collectOutputs(items, { path: [...path, "[]"], into });
  const properties = member(schema, "properties");
  if (isObject(properties)) {
    for (const [name, part] of Object.entries(properties))
      if (isObject(part)) collectOutputs(part, { path: [...path, name], into });
  }
}

/** Spellings of types that catalogues in the wild have beside those of JSON Schema. */
const types: { readonly [name: string]: ValueType } = {
  string: "string",
  str: "string",
  number: "number",
  float: "number",
  double: "number",
  integer: "integer",
  int: "integer",
  boolean: "boolean",
  bool: "boolean",
  array: "array",
  list: "array",
  object: "object",
  dict: "object",
};

/** The kind of value that a schema asks for; what it does not say is text. */
export function typeOf(schema: JsonObject): ValueType {
  const type = member(schema, "type");
  const first = isArray(type) ? type.find((name) => name !== "null") : type;
  if (typeof first === "string" && Object.hasOwn(types, first.toLowerCase())) return types[first.toLowerCase()] ?? "string";
  if (isObject(member(schema, "properties"))) return "object";
  return isObject(member(schema, "items")) ? "array" : "string";
}

/** The values that a schema allows (`enum`, `const`, booleans, of a list: those of its items), else those that its description lists in quotes. */
function listedValues(schema: JsonObject, description: string): { readonly values: readonly Json[]; readonly isClosed: boolean } {
  const items = member(schema, "items");
  for (const part of [schema, isObject(items) ? items : {}]) {
    const values = member(part, "enum");
    if (isArray(values) && values.length > 0) return { values, isClosed: true };
    if (typeOf(part) === "boolean") return { values: [true, false], isClosed: true };
  }
  const quoted = [...description.matchAll(/(?<![\p{L}\p{N}])(['"`])([^'"`\n]{1,32})\1(?![\p{L}\p{N}])/gu)].map(
    ([, , value]) => value ?? "",
  );
  const distinct = [...new Set(quoted)];
  return { values: distinct.length >= 2 && typeOf(schema) === "string" ? distinct : [], isClosed: false };
}

function text(value: Json | undefined): string {
  return typeof value === "string" ? value.replace(/\s+/g, " ").trim() : "";
}
