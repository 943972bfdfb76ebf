/**
 * Inputs of a workflow (JSON Schema 2020-12) as parameters of a plan, and back.
 * Pure. Never weakens: a keyword that the vocabulary of parameters does not have is refused, unless it only describes.
 */
import { parsePointer } from "../../json/pointer.ts";
import { isArray, isObject, type Json, type JsonObject, member } from "../../json/value.ts";
import { formats } from "../../lang/match/format.ts";
import { keywordKinds } from "../../lang/match/keyword.ts";
import { compileMatch } from "../../lang/match.ts";
import { importStepsMax, jsonDepthMax, ruleDepthMax } from "../../limits.ts";
import type { ParamSpec } from "../../plan/plan.ts";
import { type DocumentPath, quoted, refuse, unsaid } from "./fault.ts";

/** An input as a parameter. */
export interface Input {
  readonly name: string;
  readonly spec: ParamSpec;
  readonly isRequired: boolean;
  readonly path: DocumentPath;
}

/** What the reading of schemas needs: schemas that `$ref` may name, and a place for what is left out. */
export interface SchemaContext {
  /** `components.inputs`. */
  readonly components: { readonly [name: string]: Json };
  readonly lost: (path: DocumentPath, what: string) => void;
  /** Schemas that may still be read: references can make few characters mean many. */
  readonly work: { left: number };
  /** Schemas inside one another, down to this one. */
  readonly depth: number;
}

/** Keywords that say nothing about which values are valid (JSON Schema validation §9, OpenAPI). */
const describing: ReadonlySet<string> = new Set([
  "$schema",
  "$comment",
  "title",
  "description",
  "default",
  "examples",
  "example",
  "deprecated",
  "readOnly",
  "writeOnly",
  "contentMediaType",
  "contentEncoding",
]);

/** The inputs of a workflow: the properties of its schema. Throws `ArazzoFault`. */
export function readInputs(given: Json | undefined, from: DocumentPath, context: SchemaContext): readonly Input[] {
  if (given === undefined) return [];
  const { schema: resolved, path } = followRefs(given, from, context);
  const type = member(resolved, "type");
  if (type !== undefined && type !== "object") return unsaid([...path, "type"], "inputs are an object with `properties`");
  for (const key of Object.keys(resolved))
    if (!["type", "properties", "required", "additionalProperties", ...describing].includes(key) && !key.startsWith("x-"))
      unsaid([...path, key], `of the inputs as a whole a plan knows \`properties\` and \`required\` only, not ${quoted(key)}`);
  const properties = member(resolved, "properties") ?? {};
  if (!isObject(properties))
    return refuse("IMPORT_ARAZZO_FORM", [...path, "properties"], "expected an object from names to schemas");
  const required = member(resolved, "required");
  const names = new Set(isArray(required) ? required : []);
  return Object.entries(properties).map(([name, property]) => {
    const here = [...path, "properties", name];
    return { name, spec: paramOf(property, here, context), isRequired: names.has(name), path: here };
  });
}

function paramOf(given: Json, from: DocumentPath, context: SchemaContext): ParamSpec {
  const { schema: resolved, path } = followRefs(given, from, context);
  const match = matchOf(resolved, path, context);
  const compiled = compileMatch(match);
  if (!compiled.ok) return unsaid(path, `this schema cannot be kept: ${compiled.error.message}`);
  const value = member(resolved, "default");
  const description = member(resolved, "description");
  return {
    ...match,
    ...(value === undefined ? {} : { default: value }),
    ...(typeof description === "string" ? { description } : {}),
  } as ParamSpec;
}

/** `#/components/inputs/name`, followed, with the place that it leads to; members beside it stand as they are. */
function followRefs(
  schema: Json,
  from: DocumentPath,
  context: SchemaContext,
): { readonly schema: JsonObject; readonly path: DocumentPath } {
  let current = schema;
  let path = from;
  for (let hops = 0; hops < jsonDepthMax; hops++) {
    if (!isObject(current)) return refuse("IMPORT_ARAZZO_FORM", path, "expected a JSON Schema: an object");
    const reference = member(current, "$ref");
    if (reference === undefined) return { schema: current, path };
    const written = typeof reference === "string" ? /^#\/components\/inputs(\/[^/]+)$/.exec(reference)?.[1] : undefined;
    const [name] = written === undefined ? [] : (parsePointer(written) ?? []);
    const target = name === undefined ? undefined : member(context.components, name);
    if (target === undefined)
      return unsaid([...path, "$ref"], "a reference leads to `#/components/inputs/NAME` of this document; no other is followed");
    const beside = Object.entries(current).filter(([key]) => key !== "$ref");
    if (beside.some(([key]) => !describing.has(key)))
      return unsaid([...path, "$ref"], "beside a reference stand descriptions only: write the schema out");
    current = isObject(target) ? { ...target, ...Object.fromEntries(beside) } : target;
    path = ["components", "inputs", name ?? ""];
  }
  return unsaid([...path, "$ref"], "the references go in a circle");
}

/** A schema in the vocabulary of `lang/match.ts`. */
function matchOf(schema: JsonObject, path: DocumentPath, context: SchemaContext): JsonObject {
  if (--context.work.left < 0 || context.depth > ruleDepthMax)
    return unsaid(
      path,
      `inputs hold at most ${importStepsMax} schemas, ${ruleDepthMax} inside one another, and none that holds itself`,
    );
  const match: (readonly [string, Json])[] = [];
  const isObjectSchema = member(schema, "type") === "object" || member(schema, "properties") !== undefined;
  for (const [key, value] of Object.entries(schema)) {
    const here = [...path, key];
    if (describing.has(key) || key.startsWith("x-")) {
      if (key !== "description" && key !== "default") context.lost(here, `${quoted(key)} of an input`);
    } else if (!keywordKinds.has(key)) {
      unsaid(here, `a parameter of a plan has no ${quoted(key)}; it has ${[...keywordKinds.keys()].join(", ")}`);
    } else match.push(...keywordOf(key, value, { here, context }));
  }
  // JSON Schema leaves objects open, a parameter's object is closed.
  if (isObjectSchema && member(schema, "additionalProperties") === undefined) match.push(["additionalProperties", true]);
  return Object.fromEntries(match);
}

function keywordOf(
  key: string,
  value: Json,
  { here, context }: { readonly here: DocumentPath; readonly context: SchemaContext },
): readonly (readonly [string, Json])[] {
  const inner = (given: Json, from: DocumentPath): JsonObject => {
    const { schema, path } = followRefs(given, from, context);
    return matchOf(schema, path, { ...context, depth: context.depth + 1 });
  };
  switch (key) {
    case "type":
      if (isArray(value) && value.length === 1 && value[0] !== undefined) return [["type", value[0]]];
      return isArray(value) ? unsaid(here, "a parameter has one type: write one, or make two inputs of it") : [[key, value]];
    case "pattern":
      return [[key, typeof value === "string" ? wholePattern(value) : value]];
    case "format":
      if (typeof value === "string" && formats.has(value)) return [[key, value]];
      context.lost(here, "a format that is not checked (JSON Schema takes formats as notes)");
      return [];
    case "items":
    case "not":
      return [[key, inner(value, here)]];
    case "properties":
      if (!isObject(value)) return [[key, value]];
      return [[key, Object.fromEntries(Object.entries(value).map(([name, schema]) => [name, inner(schema, [...here, name])]))]];
    case "additionalProperties":
      if (typeof value !== "boolean") return unsaid(here, "other members are allowed or not: true or false");
      return value ? [[key, true]] : [];
    default:
      return [[key, value]];
  }
}

/** A pattern that JSON Schema searches for in a text, as one that matches the whole of it. */
export function wholePattern(pattern: string): string {
  if (pattern.startsWith("^(?:") && pattern.endsWith(")$") && isOneGroup(pattern.slice(1, -1))) return pattern.slice(4, -2);
  return isAnchored(pattern) ? pattern : `[\\s\\S]*(?:${pattern})[\\s\\S]*`;
}

/** Whether the parenthesis that opens first is the one that closes last. */
function isOneGroup(pattern: string): boolean {
  let depth = 0;
  let isClass = false;
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at];
    if (char === "\\") at++;
    else if (isClass) isClass = char !== "]";
    else if (char === "[") isClass = true;
    else if (char === "(") depth++;
    else if (char === ")" && --depth === 0) return at === pattern.length - 1;
  }
  return false;
}

/** Whether a pattern begins at the start and ends at the end of a text in every branch. */
function isAnchored(pattern: string): boolean {
  return pattern.startsWith("^") && /(?:^|[^\\])(?:\\\\)*\$$/.test(pattern) && !pattern.includes("|") && !pattern.includes("(?");
}

/** A pattern that matches a whole text, as JSON Schema writes it. */
function searchedPattern(pattern: string): string {
  const inside = /^\[\\s\\S\]\*\(\?:(.*)\)\[\\s\\S\]\*$/su.exec(pattern)?.[1];
  if (inside !== undefined && wholePattern(inside) === pattern) return inside;
  return isAnchored(pattern) ? pattern : `^(?:${pattern})$`;
}

/** Keywords that JSON Schema does not have. */
const ownKeywords: ReadonlySet<string> = new Set(["hosts", "domains", "under", "schemes"]);

/** A parameter, or a constraint, as JSON Schema; what only the plan knows is left out. */
export function schemaOf(spec: JsonObject): JsonObject {
  const entries = Object.entries(spec).flatMap(([key, value]): readonly (readonly [string, Json])[] => {
    if (ownKeywords.has(key) || !(keywordKinds.has(key) || key === "default" || key === "description")) return [];
    if (key === "pattern" && typeof value === "string") return [[key, searchedPattern(value)]];
    if ((key === "items" || key === "not") && isObject(value)) return [[key, schemaOf(value)]];
    if (key === "properties" && isObject(value))
      return [
        [
          key,
          Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, isObject(inner) ? schemaOf(inner) : inner])),
        ],
      ];
    return key === "additionalProperties" && value === true ? [] : [[key, value]];
  });
  const isClosed =
    (member(spec, "type") === "object" || member(spec, "properties") !== undefined) &&
    member(spec, "additionalProperties") !== true;
  return Object.fromEntries([...entries, ...(isClosed ? [["additionalProperties", false] as const] : [])]);
}
