/**
 * What becomes of tool objects in memory: real ones of the AI SDK and of LangChain, and the shapes of other libraries.
 */
import { DynamicStructuredTool, DynamicTool, tool as langchainTool } from "@langchain/core/tools";
import { dynamicTool, jsonSchema, tool, zodSchema } from "ai";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import * as z3 from "zod/v3";
import { readCatalogue } from "../../../src/catalogue/catalogue.ts";
import { catalogueFromTools } from "../../../src/catalogue/from/from.ts";
import { type Json, type JsonObject, member } from "../../../src/json/value.ts";

const query = z.object({ query: z.string().describe("What to look for"), limit: z.number().int().max(10).default(5) });
const querySchema = {
  type: "object",
  properties: {
    query: { type: "string", description: "What to look for" },
    limit: { default: 5, type: "integer", minimum: -9007199254740991, maximum: 10 },
  },
  required: ["query"],
};

function toolsOf(tools: unknown): readonly JsonObject[] {
  const made = catalogueFromTools(tools);
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  expect(readCatalogue(made.value.catalogue).ok).toBe(true);
  return member(made.value.catalogue, "tools") as readonly JsonObject[];
}

function errorsOf(tools: unknown): readonly string[] {
  const made = catalogueFromTools(tools);
  return made.ok ? [] : made.error.map(({ code, pointer, message }) => `${code} ${pointer} ${message}`);
}

describe("tools of the AI SDK", () => {
  it("have the names of their object, and schemas of zod, of `jsonSchema` and of `zodSchema`", () => {
    const tools = toolsOf({
      searchWeb: tool({
        description: "Search the web.",
        inputSchema: query,
        outputSchema: z.object({ hits: z.array(z.string()) }),
        execute: async () => ({ hits: [] }),
      }),
      send: tool({
        description: "Send it.",
        inputSchema: jsonSchema({ type: "object", properties: { to: { type: "string" } } }),
        execute: async () => 1,
      }),
      other: dynamicTool({ description: "Anything.", inputSchema: zodSchema(query), execute: async () => 1 }),
    });
    expect(tools.map(({ name }) => name)).toEqual(["searchWeb", "send", "other"]);
    expect(tools[0]).toMatchObject({
      description: "Search the web.",
      inputSchema: querySchema,
      outputSchema: { type: "object", properties: { hits: { type: "array" } } },
    });
    expect(tools[0]?.sluice).toEqual({
      effects: ["read", "network"],
      roles: { query: "selector", limit: "selector" },
      inferred: ["effects", "roles"],
    });
    expect(tools[1]?.inputSchema).toEqual({ type: "object", properties: { to: { type: "string" } } });
    expect(tools[1]?.sluice).toMatchObject({ effects: ["network", "message"], roles: { to: "target" } });
    expect(tools[2]?.inputSchema).toMatchObject({ type: "object", required: ["query"] });
  });

  it("that the provider runs are left out", () => {
    const made = catalogueFromTools({ search: { type: "provider", id: "openai.web_search", args: {} } });
    expect(made.ok && made.value.findings.map(({ code }) => code)).toEqual(["CATALOGUE_SKIPPED"]);
  });
});

describe("tools of LangChain", () => {
  it("have schemas of zod 4, of zod 3 and plain ones", () => {
    const made = toolsOf([
      langchainTool(async () => "", { name: "lookup", description: "Look it up.", schema: query }),
      langchainTool(async () => "", {
        name: "plain",
        description: "Get it.",
        schema: { type: "object", properties: { id: { type: "string" } } },
      }),
      new DynamicStructuredTool({ name: "structured", description: "Delete it.", schema: query, func: async () => "" }),
      new DynamicTool({ name: "text", description: "Ask.", func: async () => "" }),
    ]);
    expect(made.map(({ name, inputSchema }) => [name, inputSchema])).toEqual([
      ["lookup", querySchema],
      ["plain", { type: "object", properties: { id: { type: "string" } } }],
      ["structured", querySchema],
      ["text", { type: "object", properties: { input: { type: "string" } } }],
    ]);
  });
});

describe("tools of other libraries", () => {
  const schema = { type: "object", properties: { q: { type: "string" } } };
  it.each<readonly [string, unknown, JsonObject]>([
    [
      "OpenAI, chat completions",
      { type: "function", function: { name: "get_q", description: "Get q.", parameters: schema, strict: true } },
      { name: "get_q", description: "Get q." },
    ],
    [
      "OpenAI, responses and agents",
      { type: "function", name: "get_q", parameters: schema, strict: true, invoke: () => 1 },
      { name: "get_q" },
    ],
    ["Anthropic", { name: "get_q", input_schema: schema }, { name: "get_q" }],
    [
      "MCP",
      { name: "get_q", inputSchema: schema, annotations: { destructiveHint: true } },
      { name: "get_q", annotations: { destructiveHint: true } },
    ],
    [
      "Mastra",
      { id: "get_q", description: "Get q.", inputSchema: z.object({ q: z.string() }), execute: async () => 1 },
      { name: "get_q", description: "Get q." },
    ],
    [
      "a schema that is made when it is asked for",
      { name: "get_q", inputSchema: () => jsonSchema(schema as never) },
      { name: "get_q" },
    ],
    [
      "Standard JSON Schema",
      {
        name: "get_q",
        inputSchema: {
          "~standard": {
            version: 1,
            vendor: "x",
            validate: () => ({ value: 1 }),
            jsonSchema: { input: () => schema, output: () => ({}) },
          },
        },
      },
      { name: "get_q" },
    ],
  ])("are known by their shape: %s", (_, given, expected) => {
    const [made] = toolsOf([given]);
    expect(made).toMatchObject(expected);
    expect(member(member(member(made, "inputSchema"), "properties"), "q")).toEqual({ type: "string" });
  });

  it("carry the operator's own facts, and only the rest is marked", () => {
    const [made] = toolsOf([{ name: "go", inputSchema: schema, sluice: { effects: ["read"], labels: ["mine"] } }]);
    expect(made?.sluice).toEqual({ effects: ["read"], labels: ["mine"], roles: { q: "selector" }, inferred: ["roles"] });
  });
});

describe("schemas", () => {
  it("of zod that JSON cannot say admit anything there", () => {
    const [made] = toolsOf([
      { name: "at", inputSchema: z.object({ when: z.date(), text: z.string().transform((text) => text.length) }) },
    ]);
    expect(member(member(made, "inputSchema"), "properties")).toEqual({ when: {}, text: { type: "string" } });
  });

  it("of zod that refer to themselves stay within themselves", () => {
    const node = z.object({
      name: z.string(),
      get children() {
        return z.array(node);
      },
    });
    const [made] = toolsOf([{ name: "tree", inputSchema: node }]);
    expect(JSON.stringify(member(made, "inputSchema"))).toContain('"$ref":"#"');
  });

  it("of zod 3 are read by their shape, and never narrowed", () => {
    const given = z3
      .object({
        a: z3.string().min(1),
        n: z3.number().int().optional(),
        e: z3.enum(["x", "y"]).default("x"),
        l: z3.array(z3.boolean()),
        u: z3.union([z3.string(), z3.null()]),
        w: z3.string().nullable(),
        d: z3.date(),
        k: z3.literal(5),
        o: z3.record(z3.number()),
        f: z3.string().refine(() => true),
      })
      .strict();
    const [made] = toolsOf([{ name: "three", inputSchema: given }]);
    expect(member(made, "inputSchema")).toEqual({
      type: "object",
      properties: {
        a: { type: "string" },
        n: { type: "integer" },
        e: { type: "string", enum: ["x", "y"] },
        l: { type: "array", items: { type: "boolean" } },
        u: { anyOf: [{ type: "string" }, { type: "null" }] },
        w: { anyOf: [{ type: "string" }, { type: "null" }] },
        d: {},
        k: { const: 5 },
        o: { type: "object", additionalProperties: { type: "number" } },
        f: { type: "string" },
      },
      required: ["a", "l", "u", "w", "d", "k", "o", "f"],
      additionalProperties: false,
    });
  });

  it.each<readonly [string, unknown, string]>([
    [
      "a promise",
      { name: "a", inputSchema: Promise.resolve({}) },
      "CATALOGUE_SOURCE /0/inputSchema the schema is a promise: await it first",
    ],
    ["a text", { name: "a", inputSchema: "{}" }, "CATALOGUE_SOURCE /0/inputSchema expected a JSON Schema object"],
    [
      "a function that wants something",
      { name: "a", inputSchema: (context: unknown) => context },
      "CATALOGUE_SOURCE /0/inputSchema the schema is a function",
    ],
    [
      "a function that throws",
      {
        name: "a",
        inputSchema: () => {
          throw new Error("SECRET");
        },
      },
      "CATALOGUE_SOURCE /0/inputSchema the schema cannot be written",
    ],
    [
      "Standard Schema without JSON Schema",
      { name: "a", inputSchema: { "~standard": { version: 1, validate: () => ({}) } } },
      "CATALOGUE_SOURCE /0/inputSchema the schema cannot say what it is",
    ],
    ["another class", { name: "a", inputSchema: new Map() }, "CATALOGUE_SOURCE /0/inputSchema expected a JSON Schema object"],
    ["no tool", 3, "CATALOGUE_SOURCE /0 must be a tool"],
    ["a tool without a name", { inputSchema: {} }, "CATALOGUE_SOURCE /0 the tool has no name"],
    ["facts that are none", { name: "a", sluice: 1 }, "CATALOGUE_SOURCE /0/sluice must be an object of facts"],
  ])("that cannot be read are one error with its place: %s", (_, given, expected) => {
    const [first = "", ...others] = errorsOf([given]);
    expect(first.startsWith(expected), first).toBe(true);
    expect(others).toEqual([]);
    expect(first).not.toContain("SECRET");
  });

  it("without any stand for a tool that takes anything", () => {
    expect(toolsOf([{ name: "ping" }])[0]?.inputSchema).toEqual({ type: "object" });
  });
});

describe("any value", () => {
  it("never makes the reader throw", () => {
    const odd = fc.anything({
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
      withNullPrototype: true,
      withBigInt: true,
      maxDepth: 3,
    });
    const entry = fc.record(
      {
        name: fc.constantFrom("a", "b", 1, ""),
        inputSchema: odd,
        outputSchema: odd,
        sluice: odd,
        annotations: odd,
        description: odd,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(
        fc.oneof(odd, fc.array(entry, { maxLength: 3 }), fc.dictionary(fc.string(), entry, { maxKeys: 3 })),
        (tools) => {
          const made = catalogueFromTools(tools);
          if (made.ok) expect(readCatalogue(made.value.catalogue as Json).ok).toBe(true);
          else expect(made.error.some(({ severity }) => severity === "error")).toBe(true);
        },
      ),
      { numRuns: Number(process.env.SLUICE_FUZZ_RUNS ?? 500) },
    );
  });
});
