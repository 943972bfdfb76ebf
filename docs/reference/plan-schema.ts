/**
 * Walks the JSON Schema of a plan: puts a sentence to every member, and lays the members out as tables.
 * Pure. A member without a sentence is an error, and so is a sentence without a member.
 */
import { isArray, isObject, type Json, type JsonObject } from "../../src/json/value.ts";
import { planTexts } from "./plan-texts.ts";

/** An object of the language: its name here, and its members in the order of the schema. */
interface Part {
  readonly name: string;
  readonly members: Map<string, { readonly schema: JsonObject; readonly isRequired: boolean }>;
}

/** What an object is called here, by the member whose value it is. */
const partNames: Readonly<Record<string, string>> = {
  "Plan.params": "Param",
  "Plan.labels": "Label",
  "Plan.limits": "Limits",
  "ToolNode.removes": "Removes",
  "ToolNode.times": "Times",
  "ToolNode.each": "Each",
  "Argument.endorse": "Endorse",
  "Argument.declassify": "Declassify",
  "Argument.write": "Write",
  "Constraints.sql": "Sql",
  "Constraints.argv": "Argv",
  "Constraints.rate": "Rate",
  "Constraints.budget": "Budget",
};
const definitionNames: Readonly<Record<string, string>> = { ArgRule: "Argument" };

function inner(schema: JsonObject): readonly Json[] {
  const lists = ["anyOf", "oneOf", "allOf"].flatMap((key) => (isArray(schema[key]) ? schema[key] : []));
  return [...lists, schema.items, schema.additionalProperties].filter((each) => each !== undefined);
}

/** Calls back for each member of each object. */
function eachMember(
  schema: Json,
  part: string | undefined,
  visit: (part: string, name: string, schema: JsonObject, isRequired: boolean) => void,
): void {
  if (!isObject(schema)) return;
  const { properties, required, $defs } = schema;
  if (isObject(properties)) {
    if (part === undefined) throw new Error(`an object without a name: ${Object.keys(properties).join(", ")}`);
    for (const [name, member] of Object.entries(properties)) {
      if (!isObject(member)) continue;
      visit(part, name, member, isArray(required) && required.includes(name));
      eachMember(member, partNames[`${part}.${name}`], visit);
    }
  }
  for (const each of inner(schema)) eachMember(each, part, visit);
  if (isObject($defs))
    for (const [name, definition] of Object.entries($defs)) eachMember(definition, definitionNames[name] ?? name, visit);
}

/** The schema with a `description` at every member. Throws where a sentence is missing, or left over. */
export function describedSchema(schema: JsonObject): JsonObject {
  const copy = structuredClone(schema);
  const used = new Set<string>();
  eachMember(copy, "Plan", (part, name, member) => {
    const text = planTexts[`${part}.${name}`];
    if (text === undefined) throw new Error(`no sentence for ${part}.${name}`);
    used.add(`${part}.${name}`);
    (member as Record<string, Json>).description = text;
  });
  const left = Object.keys(planTexts).filter((key) => !used.has(key));
  if (left.length > 0) throw new Error(`no member for ${left.join(", ")}`);
  return copy;
}

/** The members of each object of the language, an object after those that hold it. */
function partsOf(schema: JsonObject): readonly Part[] {
  const parts = new Map<string, Part>();
  eachMember(schema, "Plan", (name, member, of, isRequired) => {
    const part = parts.get(name) ?? { name, members: new Map() };
    parts.set(name, part);
    if (!part.members.has(member)) part.members.set(member, { schema: of, isRequired });
  });
  const order = [...new Set(Object.keys(planTexts).map((key) => key.slice(0, key.indexOf("."))))];
  return [...parts.values()].sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
}

/** What a value may be, in words. */
export function kindOf(schema: JsonObject): string {
  const { $ref, type, enum: values, pattern, format } = schema;
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (typeof $ref === "string") return definitionNames[$ref.slice("#/$defs/".length)] ?? $ref.slice("#/$defs/".length);
  if (isArray(values)) return values.map((value) => `\`${String(value)}\``).join(", ");
  const forms = isArray(schema.anyOf) ? schema.anyOf : [];
  if (forms.length > 0) return [...new Set(forms.filter(isObject).map(kindOf))].join(", or ");
  if (type === "array") return `list of ${isObject(schema.items) ? kindOf(schema.items) : "values"}${boundsOf(schema)}`;
  if (type === "object" && isObject(schema.additionalProperties) && !isObject(schema.properties))
    return `object of ${kindOf(schema.additionalProperties)}`;
  const detail = typeof format === "string" ? ` (${format})` : typeof pattern === "string" ? ` \`${pattern}\`` : "";
  return `${typeof type === "string" ? type : "any value"}${detail}${boundsOf(schema)}`;
}

function boundsOf(schema: JsonObject): string {
  const pairs = [
    ["minimum", "from"],
    ["exclusiveMinimum", "over"],
    ["maximum", "to"],
    ["minItems", "at least"],
    ["maxItems", "at most"],
    ["maxLength", "at most"],
  ] as const;
  const said = pairs.flatMap(([key, word]) => {
    const bound = schema[key];
    return typeof bound === "number" && Math.abs(bound) < Number.MAX_SAFE_INTEGER
      ? [`${word} ${bound.toLocaleString("en")}`]
      : [];
  });
  return said.length === 0 ? "" : `, ${said.join(" ")}`;
}

/** The reference of the plan language, in Markdown. */
export function planReference(schema: JsonObject): string {
  const tables = partsOf(schema).map(({ name, members }) => {
    const rows = [...members].map(
      ([member, { schema: of, isRequired }]) =>
        `| \`${member}\`${isRequired && name !== "Argument" ? " (required)" : ""} | ${kindOf(of).replaceAll("|", "\\|")} | ${planTexts[`${name}.${member}`]?.replaceAll("|", "\\|")} |`,
    );
    return `## ${name}\n\n| member | value | meaning |\n|---|---|---|\n${rows.join("\n")}\n`;
  });
  return tables.join("\n");
}
