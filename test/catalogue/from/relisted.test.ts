/**
 * A listing under reviewed facts: unchanged tools change nothing, and what nobody confirmed is judged anew.
 */
import { describe, expect, it } from "vitest";
import { type Catalogue, diffCatalogues, readCatalogue } from "../../../src/catalogue/catalogue.ts";
import { catalogueFromMcp, catalogueFromOpenApi, relisted } from "../../../src/catalogue/from/from.ts";
import { type Json, type JsonObject, member } from "../../../src/json/value.ts";
import { hub } from "./documents.ts";

const find: JsonObject = {
  name: "find",
  description: "Finds it.",
  inputSchema: { type: "object", properties: { name: { type: "string" }, into: { type: "string" } } },
};
const other: JsonObject = { name: "other", description: "Lists all.", inputSchema: { type: "object", properties: {} } };

function read(file: Json): Catalogue {
  const catalogue = readCatalogue(file);
  if (!catalogue.ok) throw new Error(JSON.stringify(catalogue.error));
  return catalogue.value;
}

function made(tools: readonly Json[]): JsonObject {
  const result = catalogueFromMcp(tools, { server: "s", identity: { command: ["x"] } });
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value.catalogue;
}

const reviewedFile: JsonObject = { ...made([find, other]), labels: { mine: { integrity: "trusted" } } };
const withFacts = (sluice: JsonObject): Catalogue =>
  read({ ...reviewedFile, tools: [{ ...find, sluice }, ...(member(reviewedFile, "tools") as readonly Json[]).slice(1)] });
const changes = (reviewed: Catalogue, listing: Json): readonly string[] =>
  diffCatalogues(reviewed, read(relisted(reviewed, listing))).tools.flatMap(({ tool, change, facts, definition }) => [
    `${change} ${tool}`,
    ...facts.map(({ direction, fact }) => `${direction} ${fact}`),
    ...definition.map(({ pointer }) => pointer),
  ]);

describe("a listing", () => {
  it.each<readonly [string, Json]>([
    ["bare", [find, other]],
    ["as it was answered", { tools: [find, other] }],
    ["as JSON-RPC", { jsonrpc: "2.0", id: 1, result: { tools: [find, other] } }],
    [
      "in pages",
      [
        { jsonrpc: "2.0", id: 1, result: { tools: [find], nextCursor: "2" } },
        { jsonrpc: "2.0", id: 2, result: { tools: [other] } },
      ],
    ],
    ["with a word about itself", [{ ...find, sluice: { effects: [], labels: ["mine"] } }, other]],
  ])("of the same tools is the reviewed catalogue: %s", (_, listing) => {
    for (const reviewed of [
      read(reviewedFile),
      withFacts({ effects: ["read"], roles: { name: "selector", into: "target" }, labels: ["mine"] }),
    ]) {
      expect(changes(reviewed, listing)).toEqual([]);
      expect(diffCatalogues(reviewed, read(relisted(reviewed, listing)))).toMatchObject({
        isSame: true,
        servers: [],
        labels: [],
      });
    }
  });

  it("that is not whole, or an error, is no catalogue", () => {
    const reviewed = read(reviewedFile);
    for (const listing of [
      [{ jsonrpc: "2.0", id: 1, result: { tools: [find], nextCursor: "2" } }],
      { jsonrpc: "2.0", id: 1, error: { code: -32_000, message: "no" } },
    ] as Json[])
      expect(readCatalogue(relisted(reviewed, listing)).ok).toBe(false);
  });

  it("of a changed tool keeps what a person confirmed, and infers the rest from the new definition", () => {
    const changed = { ...find, description: "Finds it, and sends it to everyone." };
    expect(changes(read(reviewedFile), [changed, other])).toEqual([
      "changed s/find",
      "stricter effects",
      "stricter roles.name",
      "stricter roles.into",
      "stricter audience",
      "/description",
    ]);
    const quiet = { ...find, description: "Finds it, whatever it is." };
    const facts = { effects: ["read"], roles: { name: "selector", into: "selector" } };
    expect(changes(withFacts(facts), [quiet, other])).toEqual(["changed s/find", "/description"]);
    expect(changes(withFacts({ ...facts, inferred: ["roles.into"] }), [quiet, other])).toEqual([
      "changed s/find",
      "/description",
    ]);
  });

  it("of a changed tool adds the effects that only the new definition tells, and unconfirms them", () => {
    const changed = { ...find, description: "Finds it, and sends it to everyone." };
    const reviewed = withFacts({ effects: ["read"], roles: { name: "content", into: "selector" } });
    expect(changes(reviewed, [changed, other])).toEqual([
      "changed s/find",
      "stricter effects",
      "stricter audience",
      "note inferred",
      "/description",
    ]);
    const objects = {
      ...find,
      inputSchema: { type: "object", properties: { name: { type: "object" }, into: { type: "string" } } },
    };
    expect(changes(reviewed, [objects, other])).toEqual([
      "changed s/find",
      "stricter roles.name",
      "note inferred",
      "/inputSchema/properties/name/type",
    ]);
  });

  it("in which an argument or a resource's hole is gone is still compared", () => {
    const reviewed = withFacts({
      effects: ["write"],
      roles: { name: "target", into: "target" },
      resource: "file:{into}",
      audience: { arg: "into" },
    });
    const fewer = { ...find, inputSchema: { type: "object", properties: { name: { type: "string" } } } };
    expect(changes(reviewed, [fewer, other])).toEqual([
      "changed s/find",
      "weaker audience",
      "weaker resource",
      "/inputSchema/properties/into",
    ]);
  });

  it("of other tools tells them as added and removed", () => {
    expect(changes(read(reviewedFile), [find, { name: "new" }])).toEqual(["added s/new", "removed s/other"]);
  });

  it("that names another server, or is none, is not taken for the reviewed one", () => {
    const reviewed = read(reviewedFile);
    expect(changes(reviewed, { server: "t", tools: [find] })).toEqual(["removed s/find", "removed s/other", "added t/find"]);
    for (const listing of ["x", 1, null, {}, { tools: "x" }] as const)
      expect(readCatalogue(relisted(reviewed, listing)).ok).toBe(false);
  });

  it("of a document judges a changed operation by its method", () => {
    const catalogue = (document: Json): JsonObject => {
      const result = catalogueFromOpenApi(document);
      if (!result.ok) throw new Error(JSON.stringify(result.error));
      return result.value.catalogue;
    };
    const reviewed = read(catalogue(hub));
    const text = catalogue(hub);
    expect(changes(reviewed, text)).toEqual([]);
    const tools = (member(text, "tools") as readonly JsonObject[]).map((tool) =>
      tool.name === "repos/get-content" ? { ...tool, description: "Content" } : tool,
    );
    expect(changes(reviewed, { ...text, tools })).toEqual(["changed hub/repos/get-content", "/description"]);
  });
});
