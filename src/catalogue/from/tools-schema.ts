/**
 * The schema of a tool object in memory → JSON Schema 2020-12, whatever made it: zod, Standard JSON Schema, the AI SDK, plain objects.
 * Pure. Looks only at the shape of an object, never at where it comes from. Never shows what a library throws.
 */
import * as z from "zod";
import { isObject, type JsonObject } from "../../json/value.ts";
import { jsonDepthMax } from "../../limits.ts";
import { checkJson } from "../../plan/schema-check.ts";
import { err, ok, type Result } from "../../result.ts";
import { hasMember, read } from "./object-members.ts";
import { jsonSchemaOfZod3 } from "./tools-zod3.ts";

/** Which values of a schema that transforms them are meant: those that it is given, or those that it makes. */
export type Side = "input" | "output";

/** Wrappers around a schema that are taken off one after the other (`inputSchema: () => jsonSchema(…)`). */
const wrappersMax = 4;

/** The JSON Schema of a schema object, or one line that says why there is none. */
export function jsonSchemaOf(given: unknown, side: Side): Result<JsonObject, string> {
  let value = given;
  for (let i = 0; i <= wrappersMax; i++) {
    if (isThenable(value)) return err("the schema is a promise: await it first");
    const wrapped = unwrap(value);
    if (wrapped === undefined) break;
    if (!wrapped.ok) return wrapped;
    value = wrapped.value;
  }
  const written = typeof value === "object" && value !== null ? writeSchema(value, side) : undefined;
  if (written === undefined) return plainSchema(value);
  return written.ok ? plainSchema(written.value) : written;
}

/** What is inside a wrapper; `undefined` if the value is none. */
function unwrap(value: unknown): Result<unknown, string> | undefined {
  if (typeof value === "function") return lazy(value as () => unknown);
  if (typeof value !== "object" || value === null || hasMember(value, "_zod") || hasMember(value, "~standard")) return undefined;
  // The AI SDK: `jsonSchema(…)`, `zodSchema(…)`.
  return hasMember(value, "jsonSchema") && hasMember(value, "validate") ? attempt(() => read(value, "jsonSchema")) : undefined;
}

/** The JSON Schema that a library's schema object can be written as; `undefined` if it is a plain object. */
function writeSchema(value: object, side: Side): Result<unknown, string> | undefined {
  if (hasMember(value, "_zod")) return fromZod(value, side);
  const zod3 = hasMember(value, "_def") ? attempt(() => jsonSchemaOfZod3(value)) : undefined;
  if (zod3 !== undefined && !(zod3.ok && zod3.value === undefined)) return zod3;
  const standard = hasMember(value, "~standard") ? read(value, "~standard") : undefined;
  if (standard !== undefined) return fromStandard(standard, side) ?? noJsonSchema;
  return hasMember(value, "_def") ? noJsonSchema : undefined;
}

const noJsonSchema: Result<never, string> = err(
  "the schema cannot say what it is as JSON Schema: give a JSON Schema, or a schema of zod",
);

/** A schema that is made when it is asked for. A function that wants an argument is none. */
function lazy(make: () => unknown): Result<unknown, string> {
  return make.length === 0 ? attempt(make) : err("the schema is a function: give what it returns");
}

/** zod 4 (`_zod`), of any copy of the library. What JSON cannot say (dates, transforms) becomes a schema that admits anything. */
function fromZod(schema: object, io: Side): Result<unknown, string> {
  return attempt(() => z.toJSONSchema(schema as z.ZodType, { io, unrepresentable: "any", cycles: "ref", reused: "inline" }));
}

/** Standard JSON Schema (standardschema.dev): `~standard.jsonSchema.input({ target })`. */
function fromStandard(standard: unknown, side: Side): Result<unknown, string> | undefined {
  if (typeof standard !== "object" || standard === null || !hasMember(standard, "jsonSchema")) return undefined;
  const converter = read(standard, "jsonSchema");
  if (typeof converter !== "object" || converter === null) return undefined;
  const convert = read(converter, side);
  if (typeof convert !== "function") return undefined;
  return attempt(() => convert.call(converter, { target: "draft-2020-12" }) as unknown);
}

/** Runs a library's code; what it throws is a fault of the schema. */
function attempt(run: () => unknown): Result<unknown, string> {
  try {
    return ok(run());
  } catch {
    return err("the schema cannot be written as JSON Schema");
  }
}

/** A plain object copied as JSON, without what only libraries see (symbols, members that are not listed, `undefined`). */
function plainSchema(value: unknown): Result<JsonObject, string> {
  const copied = copyPlain(value, jsonDepthMax);
  if (!isObject(copied as JsonObject | undefined) || checkJson(copied).length > 0)
    return err("expected a JSON Schema object, or a schema of zod or of another library that can write JSON Schema");
  const { $schema: _, ...schema } = copied as { readonly [key: string]: JsonObject[string] };
  return ok(schema);
}

function copyPlain(value: unknown, depthLeft: number): unknown {
  if (typeof value !== "object" || value === null || depthLeft === 0) return value;
  if (Array.isArray(value)) return value.map((element) => copyPlain(element, depthLeft - 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return value;
  const kept = Object.keys(value).flatMap((key): [string, unknown][] => {
    const inner = read(value, key);
    return inner === undefined ? [] : [[key, copyPlain(inner, depthLeft - 1)]];
  });
  return Object.fromEntries(kept);
}

function isThenable(value: unknown): boolean {
  return typeof value === "object" && value !== null && typeof read(value, "then") === "function";
}
