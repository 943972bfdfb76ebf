/**
 * Schemas of zod 3, which cannot write themselves as JSON Schema, read by the shape of their definitions (`_def.typeName`).
 * Pure. Never narrows: a kind of schema that is not known admits anything.
 */
import type { Json, JsonObject } from "../../json/value.ts";
import { jsonDepthMax } from "../../limits.ts";
import { hasMember, read } from "./object-members.ts";

/** The JSON Schema of what a zod 3 schema is given; `undefined` if the object is no zod 3 schema. */
export function jsonSchemaOfZod3(schema: object): JsonObject | undefined {
  return typeNameOf(schema) === undefined ? undefined : convert(schema, jsonDepthMax / 2);
}

function definitionOf(schema: unknown): object | undefined {
  const definition = typeof schema === "object" && schema !== null ? read(schema, "_def") : undefined;
  return typeof definition === "object" && definition !== null ? definition : undefined;
}

function typeNameOf(schema: unknown): string | undefined {
  const definition = definitionOf(schema);
  const name = definition === undefined ? undefined : read(definition, "typeName");
  return typeof name === "string" && name.startsWith("Zod") ? name : undefined;
}

/** Kinds that are around another schema, and the member of the definition that holds it. What it is given is what the inner one is given. */
const wrappers: { readonly [kind: string]: string } = {
  ZodOptional: "innerType",
  ZodDefault: "innerType",
  ZodCatch: "innerType",
  ZodReadonly: "innerType",
  ZodBranded: "type",
  ZodEffects: "schema",
  ZodPipeline: "in",
};

function convert(schema: unknown, depthLeft: number): JsonObject {
  const definition = definitionOf(schema);
  if (definition === undefined || depthLeft === 0) return {};
  const described = read(definition, "description");
  const inner = (value: unknown): JsonObject => convert(value, depthLeft - 1);
  const shape = shapeOf(typeNameOf(schema) ?? "", definition, inner);
  return typeof described === "string" ? { ...shape, description: described } : shape;
}

type Inner = (value: unknown) => JsonObject;

function shapeOf(kind: string, definition: object, inner: Inner): JsonObject {
  const wrapped = wrappers[kind];
  if (wrapped !== undefined) return inner(read(definition, wrapped));
  switch (kind) {
    case "ZodObject":
      return objectSchema(definition, inner);
    case "ZodString":
      return { type: "string" };
    case "ZodNumber":
      return { type: checksOf(definition).includes("int") ? "integer" : "number" };
    case "ZodBoolean":
      return { type: "boolean" };
    case "ZodNull":
      return { type: "null" };
    case "ZodLiteral":
      return constant(read(definition, "value"));
    case "ZodEnum":
      return choices(read(definition, "values"));
    case "ZodArray":
      return { type: "array", items: inner(read(definition, "type")) };
    case "ZodRecord":
      return { type: "object", additionalProperties: inner(read(definition, "valueType")) };
    case "ZodNullable":
      return { anyOf: [inner(read(definition, "innerType")), { type: "null" }] };
    case "ZodUnion":
    case "ZodDiscriminatedUnion":
      return { anyOf: optionsOf(read(definition, "options")).map(inner) };
    case "ZodIntersection":
      return { allOf: [inner(read(definition, "left")), inner(read(definition, "right"))] };
    default:
      return {};
  }
}

function objectSchema(definition: object, inner: Inner): JsonObject {
  const make = read(definition, "shape");
  const shape = typeof make === "function" ? (make as () => unknown)() : make;
  if (typeof shape !== "object" || shape === null) return { type: "object" };
  const names = Object.keys(shape);
  const required = names.filter((name) => !mayBeAbsent(read(shape, name)));
  return {
    type: "object",
    properties: Object.fromEntries(names.map((name): [string, Json] => [name, inner(read(shape, name))])),
    ...(required.length === 0 ? {} : { required }),
    ...(read(definition, "unknownKeys") === "strict" ? { additionalProperties: false } : {}),
  };
}

/** Whether a member of an object may be left out: optional or with a default, inside any number of wrappers. */
function mayBeAbsent(schema: unknown): boolean {
  let at = schema;
  for (let i = 0; i < jsonDepthMax; i++) {
    const kind = typeNameOf(at) ?? "";
    if (["ZodOptional", "ZodDefault", "ZodCatch", "ZodAny", "ZodUnknown", "ZodUndefined"].includes(kind)) return true;
    const wrapped = wrappers[kind] ?? (kind === "ZodNullable" ? "innerType" : undefined);
    const definition = definitionOf(at);
    if (wrapped === undefined || definition === undefined) return false;
    at = read(definition, wrapped);
  }
  return true;
}

function checksOf(definition: object): readonly unknown[] {
  const checks = read(definition, "checks");
  return Array.isArray(checks)
    ? checks.map((check: unknown) =>
        typeof check === "object" && check !== null && hasMember(check, "kind") ? read(check, "kind") : "",
      )
    : [];
}

function constant(value: unknown): JsonObject {
  return typeof value === "string" ||
    typeof value === "boolean" ||
    value === null ||
    (typeof value === "number" && Number.isFinite(value))
    ? { const: value }
    : {};
}

function choices(values: unknown): JsonObject {
  return Array.isArray(values) && values.every((value) => typeof value === "string") ? { type: "string", enum: values } : {};
}

function optionsOf(options: unknown): readonly unknown[] {
  if (options instanceof Map) return [...options.values()];
  return Array.isArray(options) ? options : [];
}
