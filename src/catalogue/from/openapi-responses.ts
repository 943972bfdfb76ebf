/**
 * What an OpenAPI operation answers when it succeeds → the output schema of a tool.
 * Pure. Never promises more than every successful answer keeps: where they differ, any of them is admitted.
 */
import { isObject, type JsonObject, jsonEqual } from "../../json/value.ts";
import type { OperationSource } from "./openapi-arguments.ts";
import { readForm, responseForm } from "./openapi-form.ts";
import { follow } from "./references.ts";
import { openBundle } from "./schema-copy.ts";

const isJsonType = (type: string): boolean => /^(?:application\/json|application\/[^;]*\+json|text\/json)\b/i.test(type);

/** The schema of the JSON answers of status 200 to 299 (3.1.1 §4.8.16); `undefined` if there is none, or one is not described. */
export function outputSchemaOf({ operation, place, root, report, isOld }: OperationSource): JsonObject | undefined {
  const bundle = openBundle({ root, report, isOld, direction: "response" });
  const schemas: (JsonObject | boolean)[] = [];
  let isKnown = true;
  for (const [status, given] of Object.entries(operation.responses ?? {})) {
    if (status.startsWith("x-")) continue;
    const target = follow(given, [...place, "responses", status], { root, report });
    const response = target === undefined ? undefined : readForm(responseForm, target.value, { place: target.place, report });
    if (target === undefined || response === undefined) continue;
    if (response.links !== undefined)
      report.inform([...target.place, "links"], "links between operations are not read", "CATALOGUE_SKIPPED");
    if (!/^2(?:\d\d|XX)$/i.test(status)) continue;
    for (const [type, media] of Object.entries(response.content ?? {})) {
      if (!isJsonType(type)) continue;
      if (media.schema === undefined) isKnown = false;
      else schemas.push(bundle.copy(media.schema, [...target.place, "content", type, "schema"]));
    }
  }
  if (!isKnown || schemas.length === 0) return undefined;
  const distinct = schemas.filter((schema, i) => !schemas.slice(0, i).some((other) => jsonEqual(other, schema)));
  const [only, second] = distinct;
  const whole = second === undefined ? only : { anyOf: distinct };
  const definitions = bundle.definitions();
  if (bundle.isCut())
    report.inform(
      [...place, "responses"],
      "schemas of the answer were too large: their farthest parts admit anything",
      "CATALOGUE_SKIPPED",
    );
  if (!isObject(whole) || Object.keys(whole).length === 0) return undefined;
  return Object.keys(definitions).length === 0 ? whole : { ...whole, $defs: definitions };
}
