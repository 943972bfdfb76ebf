/**
 * What a schema admits as text of a request: which scalars, lists of them, objects of them; and how such text is read and written.
 * Pure. Never guesses: a text is read as a type only if it is written as JSON writes that type.
 */
import { resolveSchema } from "../../catalogue/schema.ts";
import { isHandle } from "../../decide/handle.ts";
import { readJson } from "../../json/read.ts";
import { canonicalJson } from "../../json/canonical.ts";
import { isArray, isObject, type Json, type JsonObject, member } from "../../json/value.ts";
import { integerDigitsMax } from "../../limits.ts";
import { isWellFormed } from "../../lang/template/characters.ts";

/** A type whose values are one text. */
export type Scalar = "string" | "integer" | "number" | "boolean";

/** What a value may be. Empty `scalars` and neither of the others: nothing that a text can say. */
export interface Form {
  readonly scalars: ReadonlySet<Scalar>;
  /** What the elements of a list may be. */
  readonly items?: ReadonlySet<Scalar>;
  /** What the members of an object may be: those that are named, and the others where there may be any. */
  readonly members?: { readonly named: ReadonlyMap<string, ReadonlySet<Scalar>>; readonly others?: ReadonlySet<Scalar> };
}

/** Schemas inside one another that are looked into. */
const formDepthMax = 12;

/** The form that a schema of a tool's input admits; local references are followed in `root`. */
export function formOf(schema: Json | undefined, root: Json): Form {
  return read(schema, root, formDepthMax);
}

const text: ReadonlySet<Scalar> = new Set(["string"]);

function read(given: Json | undefined, root: Json, depthLeft: number): Form {
  const schema = resolveSchema(given, root);
  const types = typesOf(schema);
  const branches = depthLeft > 0 ? branchesOf(schema).map((branch) => read(branch, root, depthLeft - 1)) : [];
  if (types === undefined && branches.length > 0) return union(branches);
  const named = types ?? impliedTypes(schema);
  const scalars = new Set<Scalar>();
  for (const type of named) if (isScalar(type)) scalars.add(type);
  return {
    scalars,
    ...(named.has("array") ? { items: read(member(schema, "items"), root, depthLeft - 1).scalars } : {}),
    ...(named.has("object") && depthLeft > 0 ? { members: membersOf(schema, root, depthLeft) } : {}),
  };
}

function isScalar(type: string): type is Scalar {
  return type === "string" || type === "integer" || type === "number" || type === "boolean";
}

/** The types that a schema says outright, or those of the values that it lists. */
function typesOf(schema: JsonObject): ReadonlySet<string> | undefined {
  const type = member(schema, "type");
  if (typeof type === "string") return new Set([type]);
  if (isArray(type)) return new Set(type.filter((one) => typeof one === "string"));
  const constant = member(schema, "const");
  const values = member(schema, "enum") ?? (constant === undefined ? undefined : [constant]);
  return isArray(values) ? new Set(values.map(typeOf)) : undefined;
}

function typeOf(value: Json): string {
  if (value === null) return "null";
  if (isArray(value)) return "array";
  if (typeof value === "bigint") return "integer";
  return typeof value === "number" ? (Number.isInteger(value) ? "integer" : "number") : typeof value;
}

/** What a schema without types is meant for: by the keywords that it has; a schema that says nothing is text. */
function impliedTypes(schema: JsonObject): ReadonlySet<string> {
  if (member(schema, "items") !== undefined) return new Set(["array"]);
  if (member(schema, "properties") !== undefined || isObject(member(schema, "additionalProperties"))) return new Set(["object"]);
  if (["minimum", "maximum", "multipleOf", "exclusiveMinimum"].some((name) => member(schema, name) !== undefined))
    return new Set(["number"]);
  return new Set(["string"]);
}

function branchesOf(schema: JsonObject): readonly Json[] {
  return ["anyOf", "oneOf", "allOf"].flatMap((name) => {
    const branches = member(schema, name);
    return isArray(branches) ? branches : [];
  });
}

function union(forms: readonly Form[]): Form {
  const items = forms.flatMap((form) => (form.items === undefined ? [] : [...form.items]));
  const members = forms.find((form) => form.members !== undefined)?.members;
  return {
    scalars: new Set(forms.flatMap((form) => [...form.scalars])),
    ...(forms.some((form) => form.items !== undefined) ? { items: new Set(items) } : {}),
    ...(members === undefined ? {} : { members }),
  };
}

function membersOf(schema: JsonObject, root: Json, depthLeft: number): NonNullable<Form["members"]> {
  const properties = member(schema, "properties");
  const named = new Map<string, ReadonlySet<Scalar>>();
  for (const [name, property] of Object.entries(isObject(properties) ? properties : {}))
    named.set(name, read(property, root, depthLeft - 1).scalars);
  const more = member(schema, "additionalProperties");
  if (more === false || (more === undefined && named.size > 0)) return { named };
  return { named, others: isObject(more) ? read(more, root, depthLeft - 1).scalars : text };
}

const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** A text as a value of one of the types. Where a text is admitted it stays one: then nothing else can be told from it. A handle stays a handle. */
export function readScalar(given: string, scalars: ReadonlySet<Scalar>): Json | undefined {
  if (scalars.has("string") || isHandle(given as Json)) return isWellFormed(given) ? given : undefined;
  if (scalars.has("boolean") && (given === "true" || given === "false")) return given === "true";
  if (given.length > integerDigitsMax || !jsonNumber.test(given)) return undefined;
  const isInteger = /^-?\d+$/.test(given);
  if (!scalars.has("number") && !(scalars.has("integer") && isInteger)) return undefined;
  const number = readJson(given);
  return number.ok ? number.value : undefined;
}

/** A value as text; `undefined` if it is none of the scalars. What the text says is checked by reading it again. */
export function writeScalar(value: Json): string | undefined {
  if (typeof value === "string") return isWellFormed(value) ? value : undefined;
  return typeof value === "number" || typeof value === "bigint" || typeof value === "boolean" ? canonicalJson(value) : undefined;
}
