/**
 * A JSON Schema of a tool, or a constraint of a plan, as wishes for a shape.
 * Pure. Tolerant: what a schema says beyond types, members and constants is a hint, since only the engine's own reading counts.
 */
import { isArray, isObject, type Json, type JsonObject, member } from "../json/value.ts";
import { compileMatch } from "../lang/match.ts";
import { ruleDepthMax } from "../limits.ts";
import { withoutAnnotations } from "../plan/schema-annotations.ts";
import { elementView, markKind, memberView, type ShapeBook, type ShapeKind, type View, wishLength } from "./shape.ts";

/** How a schema is taken. */
export interface SchemaUse {
  /** Whether the value must keep it (a constraint), or should (a tool's own schema). */
  readonly isStrict: boolean;
}

const kinds: { readonly [type: string]: ShapeKind } = {
  string: "text",
  number: "number",
  integer: "number",
  boolean: "boolean",
  array: "list",
  object: "object",
};

/** Notes what `schema` says of the places that `view` stands for. */
export function wishSchema(book: ShapeBook, view: View, schema: Json | undefined, use: SchemaUse, depth = 0): void {
  if (!isObject(schema) || depth > ruleDepthMax || view.shapes.length === 0) return;
  const type = typeOf(schema);
  const kind = type === undefined ? undefined : kinds[type];
  if (kind !== undefined) markKind(view, kind);
  if (kind === "object") wishMembers(book, view, schema, { ...use, depth });
  else if (kind === "list") wishElements(book, view, schema, { ...use, depth });
  else {
    const spec = specOf(schema);
    if (spec === undefined) return;
    for (const shape of view.shapes) (use.isStrict ? shape.specs : shape.hints).push(spec);
  }
}

function typeOf(schema: JsonObject): string | undefined {
  const type = member(schema, "type");
  if (typeof type === "string") return type;
  if (isArray(type)) return type.find((each): each is string => typeof each === "string" && each !== "null");
  if (isObject(member(schema, "properties"))) return "object";
  return member(schema, "items") === undefined ? undefined : "array";
}

interface DeepUse extends SchemaUse {
  readonly depth: number;
}

function wishMembers(book: ShapeBook, view: View, schema: JsonObject, { depth, ...use }: DeepUse): void {
  const properties = member(schema, "properties");
  if (isObject(properties)) {
    for (const name of Object.keys(properties))
      wishSchema(book, memberView(book, view, name), member(properties, name), use, depth + 1);
  }
  const required = member(schema, "required");
  for (const name of isArray(required) ? required : []) if (typeof name === "string") memberView(book, view, name);
}

function wishElements(book: ShapeBook, view: View, schema: JsonObject, { depth, ...use }: DeepUse): void {
  const element = elementView(book, view);
  wishSchema(book, element, member(schema, "items"), use, depth + 1);
  const [least, most] = [member(schema, "minItems"), member(schema, "maxItems")];
  for (const shape of view.shapes) {
    if (typeof least === "number") shape.lengthMin = Math.max(shape.lengthMin, least);
    if (typeof most === "number") shape.lengthMax = Math.min(shape.lengthMax, most);
  }
  if (typeof least === "number") wishLength(view, least);
}

const leafKeywords = [
  "type",
  "const",
  "enum",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "minLength",
  "maxLength",
  "pattern",
  "format",
  "hosts",
  "not",
] as const;

/** The schema of a leaf in the vocabulary of `lang/match.ts`, as much of it as can be compiled. */
function specOf(schema: JsonObject): JsonObject | undefined {
  const whole = withoutAnnotations(schema);
  if (isObject(whole) && compileMatch(whole).ok) return whole;
  let spec: JsonObject = {};
  for (const keyword of leafKeywords) {
    const value = member(schema, keyword);
    if (value === undefined) continue;
    const next: JsonObject = { ...spec, [keyword]: value };
    if (compileMatch(next).ok) spec = next;
  }
  return Object.keys(spec).length === 0 ? undefined : spec;
}
