/**
 * Looks things up in the input schema of a tool: arguments, which are required, defaults, local references.
 * Pure. Never follows a reference out of the schema, and never more than `jsonDepthMax` in a row.
 */
import { parsePointer } from "../json/pointer.ts";
import { type Json, type JsonObject, isArray, isObject, member } from "../json/value.ts";
import { jsonDepthMax } from "../limits.ts";
import type { FrozenTool } from "../plan/plan.ts";

/**
 * A schema with its local reference followed: `#/$defs/Money` (or `#/definitions/…`, any pointer within `root`). Members beside a
 * `$ref` win over those of its target. A reference that leads nowhere, outside or in a circle gives the schema as it stands.
 */
export function resolveSchema(schema: Json | undefined, root: Json | undefined): JsonObject {
  let current = isObject(schema) ? schema : {};
  for (let hops = 0; hops < jsonDepthMax; hops++) {
    const reference = member(current, "$ref");
    const target = typeof reference === "string" ? atPointer(root, reference) : undefined;
    if (target === undefined) return current;
    const beside = Object.entries(current).filter(([key]) => key !== "$ref");
    current = Object.fromEntries([...Object.entries(target), ...beside]);
  }
  return isObject(schema) ? schema : {};
}

/** The object at a fragment pointer (RFC 6901 §6), or `undefined`. */
function atPointer(root: Json | undefined, reference: string): JsonObject | undefined {
  const steps = reference.startsWith("#") ? parsePointer(reference.slice(1)) : undefined;
  if (steps === undefined) return undefined;
  let at: Json | undefined = root;
  for (const step of steps) at = isArray(at) ? at[Number(step)] : member(at, step);
  return isObject(at) ? at : undefined;
}

/** The parts of an object schema that hold at once: itself and its `allOf`, references followed. */
function partsOf(schema: Json | undefined): readonly JsonObject[] {
  const parts: JsonObject[] = [];
  const open: { readonly part: Json | undefined; readonly depth: number }[] = [{ part: schema, depth: 0 }];
  for (let next = open.pop(); next !== undefined && parts.length < jsonDepthMax; next = open.pop()) {
    const part = resolveSchema(next.part, schema);
    parts.push(part);
    const all = member(part, "allOf");
    if (isArray(all) && next.depth < 4) for (const inner of all) open.push({ part: inner, depth: next.depth + 1 });
  }
  return parts;
}

/** The properties of an input schema by name, references followed, in the order of the schema. */
export function schemaProperties(inputSchema: Json | undefined): ReadonlyMap<string, JsonObject> {
  const found = new Map<string, JsonObject>();
  for (const part of partsOf(inputSchema)) {
    const properties = member(part, "properties");
    if (!isObject(properties)) continue;
    for (const [name, schema] of Object.entries(properties))
      if (!found.has(name)) found.set(name, resolveSchema(schema, inputSchema));
  }
  return found;
}

/** The arguments of a tool by name, each with its schema (local references followed). Empty if the tool tells none. */
export function inputProperties(tool: FrozenTool): ReadonlyMap<string, JsonObject> {
  return schemaProperties(member(tool.definition, "inputSchema"));
}

/** The arguments that the tool itself demands. */
export function requiredArguments(tool: FrozenTool): ReadonlySet<string> {
  const names = new Set<string>();
  for (const part of partsOf(member(tool.definition, "inputSchema"))) {
    const required = member(part, "required");
    if (isArray(required)) for (const name of required) if (typeof name === "string") names.add(name);
  }
  return names;
}

/** The default that the tool's schema gives an argument, or `undefined` if it gives none. */
export function argumentDefault(tool: FrozenTool, arg: string): Json | undefined {
  return member(inputProperties(tool).get(arg), "default");
}

/** The schema that the tool pins for its structured result, or `undefined`. */
export function outputSchema(tool: FrozenTool): JsonObject | undefined {
  const schema = member(tool.definition, "outputSchema");
  return isObject(schema) ? schema : undefined;
}
