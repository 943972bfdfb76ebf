/**
 * Which members of the plan's schema occur in plans: the walk that marks them, and the list of all there are.
 * Never says whether a plan is valid; the schema's own test does.
 */
import { isArray, isObject, type Json, type JsonObject } from "../../src/json/value.ts";

/** A schema and the definitions that it refers to. */
export interface SchemaOf {
  readonly schema: JsonObject;
  readonly defs: JsonObject;
}

interface At extends SchemaOf {
  /** Where it stands: the name of a definition and the members below it. */
  readonly place: string;
}

const asObject = (value: Json | undefined): JsonObject => (isObject(value) ? value : {});

/** The schema that a reference leads to, named by its definition; anything else as it is. */
function resolved(at: At): At {
  const { $ref } = at.schema;
  if (typeof $ref !== "string") return at;
  const name = $ref.slice("#/$defs/".length);
  return { ...at, schema: asObject(at.defs[name]), place: name };
}

/** The variants of a schema. One of an object is named by the member that makes it one. */
function variantsOf(at: At): readonly At[] {
  const { anyOf } = at.schema;
  if (!isArray(anyOf)) return [at];
  return anyOf.map((schema: Json) => {
    const variant = resolved({ ...at, schema: asObject(schema) });
    const { required } = variant.schema;
    const isNamed = at.place === "ArgRule" && isArray(required);
    return isNamed ? { ...variant, place: `${variant.place}(${String(required[0])})` } : variant;
  });
}

/** Enumerated values of a schema, and the schemas below it with their places. */
function below(at: At): { readonly values: readonly string[]; readonly children: readonly (At & { readonly step: string })[] } {
  const { properties, additionalProperties, items, enum: values, const: only } = at.schema;
  const all = isArray(values) ? values : only === undefined ? [] : [only];
  const child = (step: string, schema: Json): At & { readonly step: string } => ({
    ...at,
    schema: asObject(schema),
    place: `${at.place}.${step}`,
    step,
  });
  return {
    values: all.map((value) => `${at.place}=${String(value)}`),
    children: [
      ...Object.entries(asObject(properties)).map(([name, schema]) => child(name, schema)),
      ...(isObject(additionalProperties) && Object.keys(additionalProperties).length > 0
        ? [child("*", additionalProperties)]
        : []),
      ...(isObject(items) ? [child("[]", items)] : []),
    ],
  };
}

/** Every member, and every value of an enumeration, that a schema has. */
export function membersOf({ schema, defs }: SchemaOf): ReadonlySet<string> {
  const found = new Set<string>();
  const seen = new Set<string>();
  const visit = (raw: At): void => {
    const at = resolved(raw);
    if (at !== raw && seen.has(at.place)) return;
    if (at !== raw) seen.add(at.place);
    for (const variant of variantsOf(at)) {
      const { values, children } = below(variant);
      for (const value of values) found.add(value);
      for (const child of children) {
        if (child.step !== "*" && child.step !== "[]") found.add(child.place);
        visit(child);
      }
    }
  };
  visit({ schema, defs, place: "Plan" });
  return found;
}

function accepts({ schema }: At, value: Json): boolean {
  const { type, required, properties } = schema;
  if (type === undefined) return true;
  if (isArray(value)) return type === "array";
  if (!isObject(value)) return type !== "array" && type !== "object";
  if (type !== "object") return false;
  const names = Object.keys(asObject(properties));
  return (
    (!isArray(required) || required.every((name) => Object.hasOwn(value, String(name)))) &&
    (schema.additionalProperties !== false || Object.keys(value).every((name) => names.includes(name)))
  );
}

/** Marks what occurs in a value of a schema. Returns the places that no variant of the schema accepts: there must be none. */
export function markMembers({ schema, defs }: SchemaOf, value: Json, marks: Set<string>): readonly string[] {
  const strange: string[] = [];
  const visit = (raw: At, here: Json): void => {
    const at = resolved(raw);
    const variant = variantsOf(at).find((each) => accepts(resolved(each), here));
    if (variant === undefined) {
      strange.push(at.place);
      return;
    }
    const { values, children } = below(variant);
    if (values.includes(`${variant.place}=${String(here)}`)) marks.add(`${variant.place}=${String(here)}`);
    for (const child of children) {
      if (child.step === "[]") {
        for (const element of isArray(here) ? here : []) visit(child, element);
      } else if (child.step === "*") {
        const own = Object.keys(asObject(variant.schema.properties));
        for (const [name, member] of Object.entries(asObject(here))) if (!own.includes(name)) visit(child, member);
      } else if (isObject(here) && Object.hasOwn(here, child.step)) {
        marks.add(child.place);
        visit(child, here[child.step] as Json);
      }
    }
  };
  visit({ schema, defs, place: "Plan" }, value);
  return strange;
}
