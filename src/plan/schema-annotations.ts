/**
 * Takes out of a tool's JSON Schema what only describes, so that the closed vocabulary of `lang/match.ts` can compile the rest.
 * Pure. Never takes out a keyword that constrains, nor a property that is called like an annotation.
 */
import { isArray, isObject, type Json } from "../json/value.ts";

/** Annotations and identifiers of JSON Schema 2020-12 (Validation §9, Core §8) that refuse no value. */
const annotations: ReadonlySet<string> = new Set([
  "$schema",
  "$id",
  "$comment",
  "title",
  "description",
  "default",
  "examples",
  "deprecated",
  "readOnly",
  "writeOnly",
]);

/** Keywords whose members are named by the author, each with a schema. */
const named: ReadonlySet<string> = new Set(["properties", "patternProperties", "$defs", "definitions"]);
/** Keywords that hold values rather than schemas. */
const values: ReadonlySet<string> = new Set(["const", "enum", "required"]);

/** The schema without annotations, at every depth. Depth is bounded by `jsonDepthMax`, which the readers keep. */
export function withoutAnnotations(schema: Json): Json {
  if (isArray(schema)) return schema.map(withoutAnnotations);
  if (!isObject(schema)) return schema;
  const kept: [string, Json][] = [];
  for (const [keyword, value] of Object.entries(schema)) {
    if (annotations.has(keyword)) continue;
    if (values.has(keyword)) kept.push([keyword, value]);
    else if (named.has(keyword) && isObject(value)) {
      kept.push([keyword, Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withoutAnnotations(inner)]))]);
    } else kept.push([keyword, withoutAnnotations(value)]);
  }
  return Object.fromEntries(kept);
}
