/**
 * Follows the local references of an OpenAPI document (`#/components/…`, RFC 6901 §6).
 * Pure. Never follows a reference out of the document: what a server somewhere answers later is no part of what a person reviewed.
 */
import { parsePointer } from "../../json/pointer.ts";
import { isArray, isObject, type Json, type JsonObject, member } from "../../json/value.ts";
import { jsonDepthMax } from "../../limits.ts";
import type { Place, Report } from "../report.ts";

/** An object, and where it stands in the document once references were followed. */
export interface Found {
  readonly value: JsonObject;
  readonly place: Place;
}

/** The object itself, or the one that its `$ref` leads to, hop by hop. `undefined` and an error if it leads out, nowhere, or in a circle. */
export function follow(
  value: JsonObject,
  place: Place,
  from: { readonly root: Json; readonly report: Report },
): Found | undefined {
  let at: Found = { value, place };
  for (let hops = 0; hops < jsonDepthMax; hops++) {
    const reference = member(at.value, "$ref");
    if (reference === undefined) return at;
    const target = resolve(reference, at.place, from);
    if (target === undefined) return undefined;
    if (!isObject(target.value)) {
      from.report.error([...at.place, "$ref"], "the reference leads to what is no object", "CATALOGUE_REFERENCE");
      return undefined;
    }
    at = { value: target.value, place: target.place };
  }
  from.report.error([...place, "$ref"], "the reference leads in a circle", "CATALOGUE_REFERENCE");
  return undefined;
}

/** What one reference leads to; `undefined` and an error if it leads out of the document or nowhere. */
export function resolve(
  reference: Json,
  place: Place,
  { root, report }: { readonly root: Json; readonly report: Report },
): { readonly value: Json; readonly place: Place } | undefined {
  const refuse = (message: string): undefined => {
    report.error([...place, "$ref"], message, "CATALOGUE_REFERENCE");
    return undefined;
  };
  if (typeof reference !== "string") return refuse("must be a reference such as `#/components/schemas/Pet`");
  if (!reference.startsWith("#"))
    return refuse("the reference leads out of the document, and nothing is fetched: bundle the document into one file first");
  if (reference !== "#" && !reference.startsWith("#/"))
    return refuse("only references by path are read, such as `#/components/schemas/Pet`");
  const steps = stepsOf(reference);
  if (steps === undefined) return refuse("the reference is malformed");
  let value: Json | undefined = root;
  const path: (string | number)[] = [];
  for (const step of steps) {
    const isIndex: boolean = isArray(value) && /^(?:0|[1-9][0-9]{0,8})$/.test(step);
    const key: string | number = isIndex ? Number(step) : step;
    value = isArray(value) ? (typeof key === "number" ? value[key] : undefined) : member(value, step);
    path.push(key);
    if (value === undefined) return refuse("the reference leads nowhere");
  }
  return { value: value ?? null, place: path };
}

/** The steps of a fragment pointer (RFC 6901 §6); `undefined` if its escapes are malformed. */
function stepsOf(reference: string): readonly string[] | undefined {
  const pointer = reference.slice(1);
  if (!pointer.includes("%")) return parsePointer(pointer);
  try {
    return parsePointer(decodeURIComponent(pointer));
  } catch {
    return undefined;
  }
}
