/**
 * Laws of reading OpenAPI documents: what is generated within the specification becomes a catalogue, and nothing makes the reader throw.
 * Never looks at more than a few hundred documents; the corpus is that of documents.ts.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readCatalogue } from "../../../src/catalogue/catalogue.ts";
import { diffCatalogues } from "../../../src/catalogue/diff.ts";
import { catalogueFromOpenApi } from "../../../src/catalogue/from/from.ts";
import { httpOf } from "../../../src/catalogue/http.ts";
import { inputProperties, requiredArguments } from "../../../src/catalogue/schema.ts";
import { canonicalJson } from "../../../src/json/canonical.ts";
import { isArray, isObject, type Json, type JsonObject, member } from "../../../src/json/value.ts";
import { billing, hub, petstore } from "./documents.ts";

const word = fc.constantFrom(
  "id",
  "name",
  "owner",
  "limit",
  "body",
  "path",
  "query",
  "x-id",
  "filter[a]",
  "a.b",
  "token",
  "Äpfel",
);
const schemaName = fc.constantFrom("A", "B", "C~/D");
const reference = schemaName.map(
  (name): Json => ({ $ref: `#/components/schemas/${name.replaceAll("~", "~0").replaceAll("/", "~1")}` }),
);
const { schema } = fc.letrec<{ schema: Json }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<Json>({ type: "string" }, { type: "integer", minimum: 0 }, { type: "string", enum: ["a", "b"] }, {}),
    reference,
    fc.record({ type: fc.constant<Json>("array"), items: tie("schema") }),
    fc.dictionary(word, tie("schema"), { maxKeys: 3 }).chain((properties) =>
      fc.record(
        {
          type: fc.constant<Json>("object"),
          properties: fc.constant<Json>(properties),
          required: fc.constant<Json>(Object.keys(properties).slice(0, 1)),
          additionalProperties: fc.oneof(fc.boolean(), tie("schema")),
        },
        { requiredKeys: ["type", "properties"] },
      ),
    ),
    fc.array(tie("schema"), { minLength: 1, maxLength: 2 }).map((list): Json => ({ anyOf: list })),
    tie("schema").map((inner): Json => (isObject(inner) && inner.$ref === undefined ? { ...inner, readOnly: true } : inner)),
  ),
}));

const parameter = fc.record({ name: word, in: fc.constantFrom("query", "header", "cookie"), required: fc.boolean(), schema });
const body = fc.record({
  required: fc.boolean(),
  content: fc
    .constantFrom("application/json", "application/x-www-form-urlencoded", "text/plain")
    .chain((type) => schema.map((one): Json => ({ [type]: { schema: one } }))),
});
const operation = fc.record(
  {
    operationId: fc.constantFrom("a", "b", "list/all", "ü"),
    summary: fc.constantFrom("Get a thing", "Deletes all", ""),
    parameters: fc.array(parameter, { maxLength: 4 }),
    requestBody: body,
    responses: schema.map(
      (one): Json => ({
        "200": { description: "", content: { "application/json": { schema: one } } },
        default: { description: "" },
      }),
    ),
  },
  { requiredKeys: ["responses"] },
);
const method = fc.constantFrom("get", "put", "post", "delete", "patch", "query");
const document = fc.record({
  openapi: fc.constantFrom("3.0.4", "3.1.1", "3.2.0"),
  info: fc.constant({ title: "Made", version: "1" }),
  servers: fc.constant([{ url: "https://a.example/v1" }]),
  paths: fc.dictionary(
    fc.constantFrom("/a", "/a/{id}", "/a-{id}/{name}", "/b/c"),
    fc.dictionary(method, operation, { minKeys: 1, maxKeys: 3 }),
    { maxKeys: 4 },
  ),
  components: fc
    .tuple(schema, schema, schema)
    .map(([A, B, C]) => ({ schemas: { A: closed(A), B: closed(B), "C~/D": closed(C) } })),
});

/** Not a reference itself, so that no circle is made of references alone. */
function closed(one: Json): Json {
  return isObject(one) && one.$ref !== undefined ? { type: "array", items: one } : one;
}

describe("a document within the specification", () => {
  it("becomes a catalogue with one tool for each operation, whose arguments all have a place in the request", () => {
    fc.assert(
      fc.property(document, (made) => {
        const result = catalogueFromOpenApi(made as unknown as Json);
        expect(result.ok ? [] : result.error.filter(({ severity }) => severity === "error")).toEqual([]);
        if (!result.ok) return;
        const read = readCatalogue(result.value.catalogue);
        expect(read.ok).toBe(true);
        if (!read.ok) return;
        const operations = Object.values(made.paths).reduce((sum, item) => sum + Object.keys(item).length, 0);
        expect(read.value.tools.size).toBe(operations);
        for (const tool of read.value.tools.values()) {
          const places = member(member(member(tool.definition, "_meta"), "sluice/http"), "in") as JsonObject;
          expect(Object.keys(places).sort()).toEqual([...inputProperties(tool).keys()].sort());
          expect([...requiredArguments(tool)].filter((arg) => places[arg] === undefined)).toEqual([]);
          const http = httpOf(tool.definition, { openapi: "3.1" });
          const names = [...(http?.path ?? "").matchAll(/\{([^{}]+)\}/g)].map(([, name]) => name);
          expect(Object.values(places).filter((place) => place === "path")).toHaveLength(names.length);
          expect(http?.hosts).toEqual(["a.example"]);
        }
      }),
      { numRuns: Number(process.env.SLUICE_FUZZ_RUNS ?? 300) },
    );
  });

  it("becomes schemas whose references all lead into themselves", () => {
    fc.assert(
      fc.property(document, (made) => {
        const result = catalogueFromOpenApi(made as unknown as Json);
        if (!result.ok) return;
        for (const tool of member(result.value.catalogue, "tools") as readonly Json[])
          for (const name of ["inputSchema", "outputSchema"]) {
            const root = member(tool, name);
            for (const target of references(root ?? null)) expect(member(member(root, "$defs"), target), target).toBeDefined();
          }
      }),
      { numRuns: Number(process.env.SLUICE_FUZZ_RUNS ?? 200) },
    );
  });

  it("becomes the same catalogue again, whatever the order of its members", () => {
    fc.assert(
      fc.property(document, (made) => {
        const [one, other] = [made as unknown as Json, reversed(made as unknown as Json)].map((each) => {
          const result = catalogueFromOpenApi(each);
          const read = result.ok ? readCatalogue(result.value.catalogue) : undefined;
          return read?.ok ? read.value : undefined;
        });
        if (one === undefined || other === undefined) return expect(one).toBe(other);
        expect([...other.tools.keys()].sort()).toEqual([...one.tools.keys()].sort());
        for (const [name, tool] of one.tools) expect(other.tools.get(name)?.facts.effects).toEqual(tool.facts.effects);
      }),
      { numRuns: Number(process.env.SLUICE_FUZZ_RUNS ?? 100) },
    );
  });
});

function references(value: Json): readonly string[] {
  if (isArray(value)) return value.flatMap(references);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "$ref" && typeof inner === "string" ? [inner.replace("#/$defs/", "")] : references(inner),
  );
}

/** The members of all objects in the other order; lists stay. */
function reversed(value: Json): Json {
  if (isArray(value)) return value.map(reversed);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, reversed(inner)]),
  );
}

/** Every place of a value. */
function placesOf(value: Json, place: readonly (string | number)[] = []): readonly (readonly (string | number)[])[] {
  const inner = isArray(value)
    ? value.map((one, i) => placesOf(one, [...place, i]))
    : isObject(value)
      ? Object.entries(value).map(([key, one]) => placesOf(one, [...place, key]))
      : [];
  return [place, ...inner.flat()];
}

function replaced(value: Json, [step, ...rest]: readonly (string | number)[], by: Json): Json {
  if (step === undefined) return by;
  if (isArray(value)) return value.map((one, i) => (i === step ? replaced(one, rest, by) : one));
  return isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, key === step ? replaced(one, rest, by) : one]))
    : value;
}

describe("a mutilated document", () => {
  const junk = fc.oneof(
    fc.constantFrom<Json>(
      null,
      true,
      0,
      -1,
      "",
      "x",
      [],
      {},
      [{}],
      { $ref: "#" },
      { $ref: "#/paths" },
      { $ref: "#/components/schemas/Pet" },
      { $ref: 1 },
      "__proto__",
      2n ** 64n,
      { constructor: {} },
    ),
    fc.jsonValue().map((value) => value as Json),
  );
  it.each([
    ["petstore", petstore],
    ["hub", hub],
    ["billing", billing],
  ] as const)("never makes the reader throw, and what it makes is a catalogue: %s", (_, whole) => {
    const places = placesOf(whole);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat({ max: places.length - 1 }), junk), { minLength: 1, maxLength: 3 }), (changes) => {
        let changed = whole;
        for (const [at, by] of changes) changed = replaced(changed, places[at] ?? [], by);
        const result = catalogueFromOpenApi(changed);
        if (!result.ok) {
          expect(result.error.some(({ severity }) => severity === "error")).toBe(true);
          return;
        }
        const read = readCatalogue(result.value.catalogue);
        expect(read.ok).toBe(true);
        expect(() => canonicalJson(result.value.catalogue)).not.toThrow();
        if (read.ok) expect(diffCatalogues(read.value, read.value).isSame).toBe(true);
      }),
      { numRuns: Number(process.env.SLUICE_FUZZ_RUNS ?? 400) },
    );
  });

  it("nested as deeply as can be read is refused or cut, and never a crash", () => {
    for (const depth of [20, 48, 55, 60, 63, 64, 200]) {
      let deep: Json = { type: "string" };
      for (let i = 0; i < depth; i++) deep = i % 2 === 0 ? { items: deep } : { properties: { a: deep } };
      const result = catalogueFromOpenApi({
        openapi: "3.1.0",
        servers: [{ url: "https://a.example" }],
        paths: { "/a": { post: { requestBody: { content: { "application/json": { schema: deep } } }, responses: {} } } },
      });
      if (result.ok) expect(() => canonicalJson(result.value.catalogue)).not.toThrow();
    }
  });
});
