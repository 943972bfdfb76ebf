/**
 * Reading a catalogue file: names, servers, labels, declarations, and where errors are.
 * Never reads the network or the clock.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Catalogue,
  type CatalogueOptions,
  argumentDefault,
  inputProperties,
  outputSchema,
  readCatalogue,
  requiredArguments,
  roleOf,
} from "../../src/catalogue/catalogue.ts";
import type { Json, JsonObject } from "../../src/json/value.ts";
import { isArray, isObject, member } from "../../src/json/value.ts";
import type { FrozenTool } from "../../src/plan/plan.ts";

function read(value: Json, options?: CatalogueOptions): Catalogue {
  const result = readCatalogue(value, options);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

function toolOf(value: Json, name: string): FrozenTool {
  const found = read(value).resolve(name);
  if (!found.ok) throw new Error(found.error.message);
  return found.value;
}

/** Pointers of the errors. */
function errorsOf(value: Json, options?: CatalogueOptions): readonly string[] {
  const result = readCatalogue(value, options);
  return result.ok ? [] : result.error.filter(({ severity }) => severity === "error").map(({ pointer }) => pointer);
}

const mail: JsonObject = {
  name: "send",
  description: "Send a message.",
  inputSchema: {
    type: "object",
    properties: { to: { type: "string" }, body: { $ref: "#/$defs/Text" }, retries: { type: "integer", default: 2 } },
    required: ["to"],
    $defs: { Text: { type: "string", default: "" } },
  },
};

describe("names and servers", () => {
  it("names a tool of no server after the file's server, or `local`", () => {
    expect([...read({ tools: [mail] }).tools.keys()]).toEqual(["local/send"]);
    expect([...read([mail]).tools.keys()]).toEqual(["local/send"]);
    expect([...read({ server: "post", tools: [mail] }).tools.keys()]).toEqual(["post/send"]);
    expect([...read({ server: { name: "post", url: "https://post.example" }, tools: [mail] }).tools.keys()]).toEqual([
      "post/send",
    ]);
    expect([...read([{ ...mail, server: "desk" }]).tools.keys()]).toEqual(["desk/send"]);
    expect([...read([{ ...mail, name: "desk/send" }]).tools.keys()]).toEqual(["desk/send"]);
  });

  it("keeps the identity of each server as it was given, and the name alone where nothing was", () => {
    const { servers } = read({
      server: { name: "a", url: "https://a.example/mcp" },
      servers: [{ name: "b", command: ["b"] }],
      tools: [{ name: "c/get" }],
    });
    expect(Object.fromEntries(servers)).toEqual({
      a: { name: "a", url: "https://a.example/mcp" },
      b: { name: "b", command: ["b"] },
      c: { name: "c" },
    });
    expect(read({ servers: { b: { url: "https://b.example" } }, tools: [] }).servers.get("b")).toEqual({
      url: "https://b.example",
    });
  });

  it("does not let a connected server name a tool of another server", () => {
    const { tools, resolve } = read([{ name: "broker/order" }, { name: "quotes" }], { server: "market" });
    expect([...tools.keys()]).toEqual(["market/broker/order", "market/quotes"]);
    expect(resolve("broker/order").ok).toBe(false);
    expect(resolve("market/broker/order").ok).toBe(true);
    expect(resolve("quotes").ok).toBe(true);
  });

  it("resolves a bare name only if one tool has it", () => {
    const { resolve } = read([{ name: "a/get" }, { name: "b/get" }, { name: "b/put" }, { name: "Some API: items/list" }]);
    expect(resolve("put")).toMatchObject({ ok: true, value: { name: "b/put" } });
    expect(resolve("Some API: items/list")).toMatchObject({ ok: true });
    expect(resolve("get", ["nodes", "x", "tool"])).toMatchObject({
      ok: false,
      error: { code: "TOOL_AMBIGUOUS", pointer: "/nodes/x/tool" },
    });
    expect(resolve("nothing")).toMatchObject({ ok: false, error: { code: "TOOL_UNKNOWN" } });
    expect(resolve("constructor").ok).toBe(false);
  });

  it("refuses two definitions of one name, and warns of the same one twice", () => {
    expect(errorsOf({ tools: [mail, { ...mail, description: "Send everything." }] })).toEqual(["/tools/1"]);
    expect(read({ tools: [mail, mail] }).findings).toMatchObject([
      { code: "CATALOGUE_DUPLICATE", severity: "warning", pointer: "/tools/1" },
    ]);
  });

  it("takes the first of two definitions, and says so, where it is read for a proposal", () => {
    const lenient = readCatalogue({ tools: [mail, { ...mail, description: "Send everything." }] }, { duplicates: "first" });
    expect(lenient.ok && [...lenient.value.tools.values()].map(({ definition }) => definition.description)).toEqual([
      mail.description,
    ]);
    expect(lenient.ok && lenient.value.findings).toMatchObject([
      { code: "CATALOGUE_DUPLICATE", severity: "warning", pointer: "/tools/1" },
    ]);
  });

  it("leaves out tools whose names could pass for others", () => {
    const catalogue = read([{ name: "\u043erder" }, { name: "get\u200bx" }, { name: "order" }]);
    expect([...catalogue.tools.keys()]).toEqual(["local/order"]);
    expect(catalogue.findings.map(({ pointer }) => pointer)).toEqual(["/0/name", "/1/name"]);
  });
});

describe("definitions", () => {
  it("knows the spellings of other APIs, and keeps what it does not know", () => {
    const schema = { type: "object", properties: { q: { type: "string" } } };
    for (const entry of [
      { name: "get", inputSchema: schema, icons: [] },
      { name: "get", parameters: schema, icons: [] },
      { name: "get", input_schema: schema, icons: [] },
    ]) {
      expect(toolOf([entry], "get").definition).toEqual({ name: "get", inputSchema: schema, icons: [] });
    }
    expect(toolOf([{ type: "function", function: { name: "get", parameters: schema } }], "get").definition).toEqual({
      name: "get",
      inputSchema: schema,
    });
    expect(outputSchema(toolOf([{ name: "get", returns: { type: "string" } }], "get"))).toEqual({ type: "string" });
    expect(errorsOf([{ name: "get", inputSchema: schema, parameters: schema }])).toEqual(["/0/parameters"]);
  });

  it("looks arguments up through local references", () => {
    const tool = toolOf([mail], "send");
    expect([...inputProperties(tool).keys()]).toEqual(["to", "body", "retries"]);
    expect(inputProperties(tool).get("body")).toEqual({ type: "string", default: "" });
    expect([...requiredArguments(tool)]).toEqual(["to"]);
    expect(argumentDefault(tool, "body")).toBe("");
    expect(argumentDefault(tool, "retries")).toBe(2);
    expect(argumentDefault(tool, "to")).toBeUndefined();
    expect(argumentDefault(tool, "toString")).toBeUndefined();
  });

  it("ends on references in a circle, and leaves those out of the schema alone", () => {
    const circle = { $ref: "#/$defs/a", $defs: { a: { $ref: "#/$defs/b" }, b: { $ref: "#/$defs/a" } } };
    expect(inputProperties(toolOf([{ name: "get", inputSchema: circle }], "get")).size).toBe(0);
    const outside = { properties: { x: { $ref: "https://evil.example/schema" } } };
    expect(inputProperties(toolOf([{ name: "get", inputSchema: outside }], "get")).get("x")).toEqual({
      $ref: "https://evil.example/schema",
    });
    const nested = { allOf: [{ $ref: "#/$defs/a" }], $defs: { a: { properties: { y: {} }, required: ["y"] } } };
    expect([...requiredArguments(toolOf([{ name: "get", inputSchema: nested }], "get"))]).toEqual(["y"]);
  });
});

describe("declarations", () => {
  it("takes what is declared and infers the rest, and says which is which", () => {
    const sluice = {
      labels: ["external_api"],
      roles: { to: "selector", "body.link": "target" },
      audience: { arg: "to" },
      parse: "json",
      resource: "box:{to}",
    };
    const { facts } = toolOf([{ ...mail, sluice }], "send");
    expect(facts).toEqual({
      ...sluice,
      effects: ["network", "message"],
      roles: { to: "selector", "body.link": "target", body: "content", retries: "target" },
      inferred: ["effects", "roles.body", "roles.retries"],
    });
    expect(toolOf([mail], "send").facts.inferred).toEqual(["effects", "roles"]);
    expect(toolOf([mail], "send").facts.labels).toBeUndefined();
  });

  it("finds the role of a part of an argument at its longest declared prefix", () => {
    const tool = toolOf([{ ...mail, sluice: { roles: { body: "content", "body.link": "target" } } }], "send");
    expect(roleOf(tool, "body.link.host")).toBe("target");
    expect(roleOf(tool, "body.text")).toBe("content");
    expect(roleOf(tool, "unheard_of")).toBe("target");
    expect(roleOf(tool, "constructor")).toBe("target");
  });

  it("does not take a server's word about itself", () => {
    const evil = { ...mail, sluice: { labels: ["user_input"], effects: [], roles: { to: "content" } } };
    const catalogue = read([evil], { server: "post", declarations: "ignore" });
    const tool = catalogue.tools.get("post/send");
    expect(tool?.facts.labels).toBeUndefined();
    expect(tool?.facts.effects).toEqual(["network", "message"]);
    expect(tool?.facts.roles.to).toBe("target");
    expect(tool?.definition).not.toHaveProperty("sluice");
    expect(catalogue.findings).toMatchObject([{ code: "CATALOGUE_IGNORED", pointer: "/0/sluice" }]);
  });

  const wrong: readonly (readonly [string, Json])[] = [
    ["", []],
    ["/label", { label: ["x"] }],
    ["/labels", { labels: "x" }],
    ["/labels", { labels: [] }],
    ["/labels/0", { labels: ["a b"] }],
    ["/labels/1", { labels: ["a", "a"] }],
    ["/effects/0", { effects: ["reads"] }],
    ["/effects", { effects: { read: true } }],
    ["/roles", { roles: ["to"] }],
    ["/roles/to", { roles: { to: "sink" } }],
    ["/roles/cc", { roles: { cc: "target" } }],
    ["/resource", { resource: "box" }],
    ["/resource", { resource: "box:{cc}" }],
    ["/resource", { resource: "box:{to" }],
    ["/audience", { audience: "everyone" }],
    ["/audience", { audience: { arg: "to", or: 1 } }],
    ["/audience/arg", { audience: { arg: "cc" } }],
    ["/audience/0", { audience: [""] }],
    ["/parse", { parse: "xml" }],
  ];
  it.each(wrong)("says %s of a wrong declaration %j", (pointer, sluice) => {
    expect(errorsOf({ tools: [{ ...mail, sluice }] })).toEqual([`/tools/0/sluice${pointer}`]);
  });

  const files: readonly (readonly [string, Json])[] = [
    ["", 7],
    ["/tools", {}],
    ["/tools", { tools: {} }],
    ["/tools/0", { tools: [null] }],
    ["/tools/0/name", { tools: [{}] }],
    ["/tools/0/name", { tools: [{ name: "" }] }],
    ["/tools/0/inputSchema", { tools: [{ name: "x", inputSchema: [] }] }],
    ["/tools/0/returns", { tools: [{ name: "x", returns: "text" }] }],
    ["/tools/0/annotations", { tools: [{ name: "x", annotations: true }] }],
    ["/tools/0/server", { tools: [{ name: "x", server: "a b" }] }],
    ["/server", { tools: [], server: { url: "https://x.example" } }],
    ["/servers/a", { tools: [], server: "a", servers: { a: {} } }],
    ["/labels/a", { tools: [], labels: { a: "trusted" } }],
    ["/labels/a/integrity", { tools: [], labels: { a: { integrity: "high" } } }],
    ["/labels/a/reader", { tools: [], labels: { a: { integrity: "trusted", reader: [] } } }],
    ["/labels/a/readers/0", { tools: [], labels: { a: { integrity: "trusted", readers: [1] } } }],
    ["/labels/unknown", { tools: [], labels: { unknown: { integrity: "trusted" } } }],
  ];
  it.each(files)("says %s of a wrong file %j", (pointer, file) => {
    expect(errorsOf(file)).toEqual([pointer]);
  });

  it("says nothing but pointers that lead into the catalogue, or to a member that is missing, whatever it is given", () => {
    const json = fc.jsonValue({ maxDepth: 4 });
    const keys = [
      "name",
      "tools",
      "sluice",
      "labels",
      "effects",
      "roles",
      "audience",
      "inputSchema",
      "server",
      "servers",
      "integrity",
      "properties",
    ];
    const nearly = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 6 },
        json,
        fc.array(tie("value"), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...keys), tie("value"), { maxKeys: 5 }),
      ),
    })).value;
    fc.assert(
      fc.property(nearly, (value) => {
        const result = readCatalogue(value as Json);
        for (const { pointer, message } of result.ok ? result.value.findings : result.error) {
          expect(message).not.toMatch(/[\n.]$/);
          expect(leads(value as Json, pointer), pointer).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});

/** Whether a pointer leads to a value, or to a member that an existing object lacks. */
function leads(value: Json, pointer: string): boolean {
  let at: Json | undefined = value;
  for (const step of pointer.split("/").slice(1)) {
    if (!isArray(at) && !isObject(at)) return false;
    const key = step.replaceAll("~1", "/").replaceAll("~0", "~");
    at = isArray(at) ? at[Number(key)] : member(at, key);
  }
  return true;
}
