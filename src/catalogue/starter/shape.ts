/**
 * What a schema admits inside an argument: names and types of its parts.
 * Pure. Never says that one schema is within another where it cannot see all of it.
 */
import { isArray, isObject, type Json, member } from "../../json/value.ts";
import { resolveSchema } from "../schema.ts";

/** A schema, and the one in which its references point. */
type Rooted = readonly [schema: Json | undefined, root: Json | undefined];

/** Ends the name of a part of which nothing is known. */
const unseen = " unseen";
/** Deeper than this, parts are not compared: what is there counts as new. */
const depthMax = 12;

/** Whether every part that `now` admits was admitted by `before`, at the same place and of the same type. */
export function isWithin(now: Rooted, before: Rooted): boolean {
  const known = new Set<string>();
  partsOf(before, "", { parts: known, depth: 0 });
  const found = new Set<string>();
  partsOf(now, "", { parts: found, depth: 0 });
  return [...found].every((part) => known.has(part) && !part.endsWith(unseen));
}

function partsOf(
  [schema, root]: Rooted,
  path: string,
  { parts, depth }: { readonly parts: Set<string>; readonly depth: number },
): void {
  const resolved = resolveSchema(schema, root);
  // What cannot be seen is never what was there before: neither behind a reference that leads nowhere, nor further in.
  if (schema === true || !isObject(schema) || member(resolved, "$ref") !== undefined || depth > depthMax) {
    parts.add(schema === true ? `${path}:any` : `${path}${unseen}`);
    return;
  }
  const inside = (part: Json | undefined, at: string): void => partsOf([part, root], at, { parts, depth: depth + 1 });
  const branches = ["anyOf", "oneOf", "allOf"].flatMap((key) => listOf(member(resolved, key)));
  for (const branch of branches) inside(branch, path);
  const { properties, items, additionalProperties: rest } = resolved as { readonly [key: string]: Json | undefined };
  const type = member(resolved, "type");
  const types = (isArray(type) ? type : [type]).filter((one) => typeof one === "string" && one !== "null");
  if (type === undefined && branches.length === 0 && properties === undefined && items === undefined) parts.add(`${path}:any`);
  for (const one of types) parts.add(`${path}:${one === "integer" ? "number" : one}`);
  for (const [name, part] of Object.entries(isObject(properties) ? properties : {})) inside(part, `${path}/${name}`);
  if (isObject(rest)) inside(rest, `${path}/*`);
  else if (rest === true || (types.includes("object") && properties === undefined && rest !== false)) parts.add(`${path}/*:any`);
  if (items !== undefined) inside(items, `${path}[]`);
  else if (types.includes("array")) parts.add(`${path}[]:any`);
}

function listOf(value: Json | undefined): readonly Json[] {
  return isArray(value) ? value : [];
}
