/**
 * The schema that is sent: within what servers know in strict mode, and exact about tools and arguments.
 */
import { describe, expect, it } from "vitest";
import { answerSchema } from "../../../src/infer/endpoint/answer-schema.ts";
import { isArray, isObject, type Json, type JsonObject } from "../../../src/json/value.ts";
import { draftTools, tools } from "./tools.ts";

function objectsIn(value: Json): readonly JsonObject[] {
  if (isArray(value)) return value.flatMap(objectsIn);
  if (!isObject(value)) return [];
  return [value, ...Object.values(value).flatMap(objectsIn)];
}

/** A naive validator of the few keywords that the schemas have. */
function fits(value: unknown, schema: JsonObject): boolean {
  const { anyOf, enum: listed, type } = schema;
  if (isArray(anyOf)) return anyOf.some((one) => fits(value, one as JsonObject));
  if (isArray(listed) && !listed.includes(value as Json)) return false;
  if (type === "array") return Array.isArray(value) && value.every((element) => fits(element, schema.items as JsonObject));
  if (type === "integer") return Number.isInteger(value);
  if (type !== "object") return typeof value === type;
  const properties = schema.properties as { readonly [name: string]: JsonObject };
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const names = Object.keys(value);
  return (
    names.length === Object.keys(properties).length &&
    names.every((name) => {
      const inner = properties[name];
      return inner !== undefined && fits((value as Record<string, unknown>)[name], inner);
    })
  );
}

const call = (tool: string, args?: unknown) => ({
  outcome: "plan",
  calls: [{ tool, words: "w", ...(args === undefined ? {} : { args }) }],
});
const told = (name: string, value: unknown) => ({ name, from: "task", words: ["w"], value });

const many = draftTools(
  Array.from({ length: 64 }, (_, at) => ({
    name: `s/t${at}`,
    inputSchema: {
      type: "object",
      properties: Object.fromEntries(Array.from({ length: 20 }, (__, arg) => [`arg${arg}`, { type: "string" }])),
    },
  })),
);

describe.each([
  ["a small catalogue", tools],
  ["a large one", many],
])("the schema for %s", (_, shown) => {
  const schema = answerSchema(shown);

  it("is in the strict subset: all members required, no others, no bounds, an object at the root", () => {
    expect(schema.type).toBe("object");
    for (const one of objectsIn(schema).filter(({ type }) => type === "object")) {
      expect(one.additionalProperties).toBe(false);
      expect(one.required).toEqual(Object.keys(one.properties as JsonObject));
    }
    const keywords = new Set(["type", "properties", "required", "additionalProperties", "items", "anyOf", "enum"]);
    const isSchema = (one: JsonObject): boolean => "type" in one || "anyOf" in one;
    const names = objectsIn(schema)
      .filter((one) => isSchema(one) && typeof one.type !== "object")
      .flatMap(Object.keys);
    expect(names.filter((name) => !keywords.has(name))).toEqual([]);
  });

  it("stays within what OpenAI takes: 1,000 values of enumerations, ten levels", () => {
    const values = objectsIn(schema).flatMap((one) => (isArray(one.enum) ? one.enum : []));
    expect(values.length).toBeLessThanOrEqual(1_000);
    const depth = (value: Json): number =>
      isObject(value) || isArray(value) ? 1 + Math.max(0, ...Object.values(value).map(depth)) : 0;
    // Every level of an answer is two or three of its schema (`items`, `anyOf`, a place in a list).
    expect(depth(schema)).toBeLessThanOrEqual(20);
  });

  it("has every tool and no other", () => {
    for (const tool of shown) expect(fits(call(tool.name, tool.params.length === 0 ? undefined : []), schema)).toBe(true);
    expect(fits(call("mail/burn", []), schema)).toBe(false);
  });
});

describe("the schema", () => {
  const schema = answerSchema(tools);

  it("takes an abstention, and no outcome that it does not name", () => {
    expect(fits({ outcome: "no_tool", calls: [] }, schema)).toBe(true);
    expect(fits({ outcome: "refuse", calls: [] }, schema)).toBe(false);
  });

  it("takes a tool's own arguments only", () => {
    expect(fits(call("mail/send", [told("to", "a@b.example")]), schema)).toBe(true);
    expect(fits(call("mail/send", [told("restaurant", "Nopa")]), schema)).toBe(false);
  });

  it("takes only listed values where the list is closed", () => {
    expect(fits(call("tables/book", [told("area", "terrace")]), schema)).toBe(true);
    expect(fits(call("tables/book", [told("area", "roof")]), schema)).toBe(false);
  });

  it("takes references and questions for every argument", () => {
    expect(fits(call("mail/send", [{ name: "to", from: "result", call: 0, path: "email" }]), schema)).toBe(true);
    expect(fits(call("tables/book", [{ name: "area", from: "ask" }]), schema)).toBe(true);
  });
});
