/**
 * What is known of a value before anything runs: its type, from literals, from operators, and from what tools say of their results.
 * Pure. Never guesses: what nobody says is `unknown`, and then the expression must be right for every type, or fail.
 */
import { resolveSchema } from "../../catalogue/catalogue.ts";
import { isArray, isObject, type Json, type JsonObject, member } from "../../json/value.ts";

/** A type of JSON, with what is known of the parts. `isPromised`: only the tool says so, and may break its word. */
export type Kind = { readonly isPromised?: boolean } & (
  | { readonly type: "unknown" | "boolean" | "text" | "null" }
  /** `isInteger`: surely a whole number, in Python of the type `int`. */
  | { readonly type: "number"; readonly isInteger?: boolean }
  | { readonly type: "list"; readonly element: Kind }
  /** `schema`: where the members are looked up, if the type is known from one. */
  | { readonly type: "object"; readonly members?: ReadonlyMap<string, Kind>; readonly schema?: Schema }
);

/** A JSON Schema within its document. */
export interface Schema {
  readonly root: JsonObject;
  readonly schema: Json;
  /** Nobody holds values to it before they are read. */
  readonly isPromise?: boolean;
}

/** The kinds without parts. */
export const kinds = {
  unknown: { type: "unknown" },
  boolean: { type: "boolean" },
  number: { type: "number" },
  integer: { type: "number", isInteger: true },
  text: { type: "text" },
  null: { type: "null" },
  texts: { type: "list", element: { type: "text" } },
} as const satisfies { readonly [name: string]: Kind };

/** The kind of a list. */
export function listOf(element: Kind): Kind {
  return { type: "list", element };
}

/** Lists within lists that a schema is looked into: one that refers to itself has no end. */
const listDepthMax = 8;

/** What a schema says. */
export function kindOfSchema(said: Schema, depth = 0): Kind {
  const kind = typeIn(said, depth);
  return said.isPromise === true && kind.type !== "unknown" ? { ...kind, isPromised: true } : kind;
}

/** What may be relied on: the promise of a tool is none, so that an operation that has another meaning for another type asks for the type. */
export function sure(kind: Kind): Kind {
  return kind.isPromised === true ? kinds.unknown : kind;
}

function typeIn({ root, schema, isPromise = false }: Schema, depth: number): Kind {
  const resolved = resolveSchema(schema, root);
  const type = member(resolved, "type");
  switch (type) {
    case "string":
      return kinds.text;
    case "integer":
      return kinds.integer;
    case "number":
      return kinds.number;
    case "boolean":
      return kinds.boolean;
    case "null":
      return kinds.null;
    case "array": {
      const items = member(resolved, "items");
      const isKnown = items !== undefined && depth < listDepthMax;
      return listOf(isKnown ? kindOfSchema({ root, schema: items, isPromise }, depth + 1) : kinds.unknown);
    }
    case "object":
      return { type: "object", schema: { root, schema: resolved, isPromise } };
    default:
      return kinds.unknown;
  }
}

/** The kind of a member. */
export function memberKind(kind: Kind, name: string): Kind {
  if (kind.type !== "object") return kinds.unknown;
  const own = kind.members?.get(name);
  if (own !== undefined || kind.schema === undefined) return own ?? kinds.unknown;
  const schema = member(member(kind.schema.schema, "properties"), name);
  return schema === undefined ? kinds.unknown : kindOfSchema({ ...kind.schema, schema });
}

/** The kind of the elements. */
export function elementKind(kind: Kind): Kind {
  return kind.type === "list" ? kind.element : kinds.unknown;
}

/** The kind of a constant. */
export function kindOfJson(value: Json): Kind {
  if (value === null) return kinds.null;
  if (typeof value === "boolean") return kinds.boolean;
  if (typeof value === "string") return kinds.text;
  if (isArray(value)) return listOf(value.map(kindOfJson).reduce(joinKinds, kindOfElement(value)));
  if (isObject(value)) {
    return { type: "object", members: new Map(Object.entries(value).map(([name, part]) => [name, kindOfJson(part)] as const)) };
  }
  return Number.isInteger(value) || typeof value === "bigint" ? kinds.integer : kinds.number;
}

function kindOfElement([first]: readonly Json[]): Kind {
  return first === undefined ? kinds.unknown : kindOfJson(first);
}

/** What is known of a value that is one of two. */
export function joinKinds(a: Kind, b: Kind): Kind {
  if (a.type !== b.type) return kinds.unknown;
  const joined = joinAlike(a, b);
  return a.isPromised === true || b.isPromised === true ? { ...joined, isPromised: true } : joined;
}

function joinAlike(a: Kind, b: Kind): Kind {
  if (a.type === "number" && b.type === "number") return a.isInteger === b.isInteger ? a : kinds.number;
  if (a.type === "list" && b.type === "list") return listOf(joinKinds(a.element, b.element));
  if (a.type !== "object" || b.type !== "object") return a;
  const names = [...(a.members ?? new Map<string, Kind>()).keys()].filter((name) => b.members?.has(name));
  return { type: "object", members: new Map(names.map((name) => [name, joinKinds(memberKind(a, name), memberKind(b, name))])) };
}

/** Whether a value is surely a text, number, boolean or null. */
export function isScalar(kind: Kind): boolean {
  return kind.isPromised !== true && kind.type !== "unknown" && kind.type !== "list" && kind.type !== "object";
}
