/**
 * Copies schemas out of an OpenAPI document so that they stand for themselves: references become `#/$defs/…`, the dialect of 3.0 becomes
 * JSON Schema 2020-12, and what a direction does not carry (`readOnly`, `writeOnly`) goes.
 * Pure. Never follows a reference out of the document, and never narrows a schema: where a bound ends the copy, anything is admitted.
 */
import { isArray, isObject, type Json, type JsonObject, member } from "../../json/value.ts";
import { catalogueSchemaDepthMax, catalogueSchemaNodesMax } from "../../limits.ts";
import { freshName } from "../../plan/names.ts";
import type { Place, Report } from "../report.ts";
import { resolve } from "./references.ts";

/** How schemas are copied. */
export interface CopyOptions {
  readonly root: Json;
  readonly report: Report;
  /** Whether the document is OpenAPI 3.0, whose schemas are a dialect of their own (3.0.4 §4.7.24). */
  readonly isOld: boolean;
  /** `request` drops properties that are `readOnly`, `response` those that are `writeOnly`. */
  readonly direction: "request" | "response";
}

/** Copies of several schemas that share one `$defs`. */
export interface SchemaBundle {
  /** A copy; its references lead to `#/$defs/…`. A reference at its root is followed, so that its members can be seen. */
  copy(schema: Json, place: Place): JsonObject | boolean;
  /** Every schema that the copies refer to, by name; empty if there is none. Ends the bundle. */
  definitions(): JsonObject;
  /** Whether a bound ended the copy somewhere, so that anything is admitted there. */
  isCut(): boolean;
}

interface Waiting {
  readonly name: string;
  readonly schema: Json;
  readonly place: Place;
}

interface State {
  readonly options: CopyOptions;
  readonly names: Map<string, string>;
  readonly taken: Set<string>;
  readonly queue: Waiting[];
  nodes: number;
  isCut: boolean;
}

/** Keywords whose value is one schema, a list of schemas, or schemas by name (JSON Schema 2020-12 core §10, validation of 3.0 included). */
const single: ReadonlySet<string> = new Set(
  "items additionalProperties not contains propertyNames if then else unevaluatedItems unevaluatedProperties contentSchema".split(
    " ",
  ),
);
const listed: ReadonlySet<string> = new Set("allOf anyOf oneOf prefixItems".split(" "));
const named: ReadonlySet<string> = new Set("properties patternProperties dependentSchemas".split(" "));
/** What describes a document and not its values, or would move the base of references. Definitions are copied where they are referred to. */
const dropped: ReadonlySet<string> = new Set(
  `$schema $id $anchor $dynamicAnchor $comment $defs definitions $vocabulary discriminator xml externalDocs example examples readOnly
   writeOnly nullable`.split(/\s+/),
);

/** What is answered is reviewed less closely than what is asked for, and is the larger part of most documents. */
const nodesMax: { readonly [D in CopyOptions["direction"]]: number } = {
  request: catalogueSchemaNodesMax,
  response: catalogueSchemaNodesMax / 2,
};

/** Starts a bundle. */
export function openBundle(options: CopyOptions): SchemaBundle {
  const state: State = { options, names: new Map(), taken: new Set(), queue: [], nodes: 0, isCut: false };
  return {
    copy: (schema, place) => copyRoot(state, schema, place),
    isCut: () => state.isCut,
    definitions: () => {
      const done: [string, Json][] = [];
      // Nearest first, so that a bound cuts what is farthest from the root. Each reference waits once.
      for (let next = state.queue.shift(); next !== undefined; next = state.queue.shift())
        done.push([next.name, copy(state, next.schema, next.place, 2)]);
      return Object.fromEntries(done.sort(([a], [b]) => (a < b ? -1 : 1)));
    },
  };
}

function copyRoot(state: State, schema: Json, place: Place): JsonObject | boolean {
  const { root, report, isOld } = state.options;
  let at: { readonly value: Json; readonly place: Place } = { value: schema, place };
  for (let hops = 0; hops < catalogueSchemaDepthMax; hops++) {
    const reference = member(at.value, "$ref");
    const hasSiblings = !isOld && isObject(at.value) && Object.keys(at.value).length > 1;
    if (reference === undefined || hasSiblings) return copy(state, at.value, at.place, 0);
    const target = resolve(reference, at.place, { root, report });
    if (target === undefined) return true;
    at = target;
  }
  report.error([...place, "$ref"], "the reference leads in a circle", "CATALOGUE_REFERENCE");
  return true;
}

function copy(state: State, schema: Json, place: Place, depth: number): JsonObject | boolean {
  if (typeof schema === "boolean") return schema;
  if (!isObject(schema)) {
    state.options.report.error(place, "must be a schema", "CATALOGUE_SOURCE");
    return true;
  }
  state.nodes++;
  if (depth > catalogueSchemaDepthMax || state.nodes > nodesMax[state.options.direction]) {
    state.isCut = true;
    return {};
  }
  const reference = member(schema, "$ref");
  if (reference !== undefined && state.options.isOld) return referTo(state, reference, place);
  if (Object.hasOwn(schema, "$dynamicRef"))
    state.options.report.error(
      [...place, "$dynamicRef"],
      "references that depend on the caller are not read",
      "CATALOGUE_REFERENCE",
    );
  const members: [string, Json][] = [];
  for (const [key, value] of Object.entries(schema)) {
    if (key === "$ref") members.push(...Object.entries(referTo(state, value, place)));
    else if (!dropped.has(key) && !key.startsWith("x-")) members.push([key, copyMember(state, { key, value }, place, depth)]);
  }
  const copied = withoutHidden(Object.fromEntries(members), schema, state);
  return state.options.isOld ? fromOld(copied, schema) : copied;
}

function copyMember(
  state: State,
  { key, value }: { readonly key: string; readonly value: Json },
  place: Place,
  depth: number,
): Json {
  const inner = (one: Json, at: Place, below = 1): Json => copy(state, one, [...place, ...at], depth + below);
  if (single.has(key) && !isArray(value)) return inner(value, [key]);
  if ((listed.has(key) || key === "items") && isArray(value)) return value.map((one, i) => inner(one, [key, i], 2));
  if (!named.has(key) || !isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, inner(one, [key, name], 2)]));
}

/** A reference into `$defs`; what it leads to is copied once, however often it is referred to. */
function referTo(state: State, reference: Json, place: Place): JsonObject {
  const { root, report } = state.options;
  const known = typeof reference === "string" ? state.names.get(reference) : undefined;
  if (known !== undefined) return { $ref: `#/$defs/${known}` };
  const target = resolve(reference, place, { root, report });
  if (target === undefined || typeof reference !== "string") return {};
  const last = String(target.place.at(-1) ?? "root")
    .replace(/[^A-Za-z0-9_.-]+/g, "_")
    .slice(0, 80);
  const name = freshName(last === "" ? "schema" : last, state.taken);
  state.names.set(reference, name);
  state.queue.push({ name, schema: target.value, place: target.place });
  return { $ref: `#/$defs/${name}` };
}

/** Without the properties that this direction does not carry, and without their names in `required` (3.1.1 §4.8.24.5). */
function withoutHidden(copied: JsonObject, schema: JsonObject, { options }: State): JsonObject {
  const properties = member(schema, "properties");
  if (!isObject(properties)) return copied;
  const mark = options.direction === "request" ? "readOnly" : "writeOnly";
  const hidden = new Set(Object.keys(properties).filter((name) => isMarked(properties[name], mark, options.root)));
  if (hidden.size === 0) return copied;
  const kept = Object.entries(member(copied, "properties") as JsonObject).filter(([name]) => !hidden.has(name));
  const required = member(copied, "required");
  const still = isArray(required) ? required.filter((name) => typeof name !== "string" || !hidden.has(name)) : undefined;
  const { required: _, ...rest } = copied as { readonly [key: string]: Json };
  return {
    ...rest,
    properties: Object.fromEntries(kept),
    ...(still === undefined || still.length === 0 ? {} : { required: still }),
  };
}

function isMarked(schema: Json | undefined, mark: string, root: Json): boolean {
  if (member(schema, mark) === true) return true;
  const reference = member(schema, "$ref");
  if (typeof reference !== "string" || !reference.startsWith("#/")) return false;
  const silent = { error: () => {}, warn: () => {}, inform: () => {}, findings: [] };
  return member(resolve(reference, [], { root, report: silent })?.value, mark) === true;
}

/** 3.0.4 §4.7.24: `nullable`, and bounds that are exclusive by a boolean. */
function fromOld(copied: JsonObject, schema: JsonObject): JsonObject {
  const changed = new Map(Object.entries(copied));
  for (const [bound, flag] of [
    ["minimum", "exclusiveMinimum"],
    ["maximum", "exclusiveMaximum"],
  ] as const) {
    const isExclusive = changed.get(flag);
    if (typeof isExclusive !== "boolean") continue;
    changed.delete(flag);
    const limit = changed.get(bound);
    if (!isExclusive || limit === undefined) continue;
    changed.delete(bound);
    changed.set(flag, limit);
  }
  const plain = Object.fromEntries(changed);
  if (member(schema, "nullable") !== true) return plain;
  const type = member(plain, "type");
  const choices = member(plain, "enum");
  const isOpen = !["allOf", "anyOf", "oneOf", "not", "enum", "type"].some((keyword) => changed.has(keyword));
  if (typeof type !== "string") return isOpen ? plain : { anyOf: [plain, { type: "null" }] };
  const withNull = isArray(choices) && !choices.includes(null) ? { enum: [...choices, null] } : {};
  return { ...plain, type: [type, "null"], ...withNull };
}
