/**
 * Where the operations of OpenAPI documents go, and what is inferred of what they do.
 */
import { describe, expect, it } from "vitest";
import { readCatalogue } from "../../../src/catalogue/catalogue.ts";
import { type Json, type JsonObject, member } from "../../../src/json/value.ts";
import { billing, hub, oneOperation, petstore } from "./documents.ts";
import { codes, http, made, refused } from "./reading.ts";

describe("hosts", () => {
  it("stand for every value of a server's variables", () => {
    expect(http(made(petstore).tools.get("listPets")).servers).toEqual([
      "https://eu.pets.example/v1",
      "https://us.pets.example/v1",
    ]);
    expect(member(made(petstore).file, "server")).toEqual({
      name: "pet_store",
      openapi: "3.0",
      urls: ["https://eu.pets.example/v1", "https://us.pets.example/v1"],
    });
  });

  it("are an operation's own where it says so", () => {
    expect(http(made(billing).tools.get("PostFiles")).servers).toEqual(["https://files.billing.example:8443/"]);
  });

  it.each([
    ["/v2", "https://docs.example/api/openapi.json", "https://docs.example/v2"],
    ["v2", "https://docs.example/api/openapi.json", "https://docs.example/api/v2"],
    ["../v2/./x", "https://docs.example/a/b/openapi.json", "https://docs.example/a/v2/x"],
    ["//other.example/v2", "https://docs.example/a", "https://other.example/v2"],
  ])("relative to the document are made absolute: %s at %s", (url, base, expected) => {
    const document = oneOperation({ responses: {} }, { servers: [{ url }] });
    expect(http(made(document, { url: base }).tools.get("get_one")).servers).toEqual([expected]);
  });

  it("that nobody knows are a warning", () => {
    const severities = (document: Json): readonly string[] =>
      made(document).findings.map(({ code, severity }) => `${code} ${severity}`);
    expect(severities(oneOperation({ responses: {} }, { servers: [] }))).toEqual(["CATALOGUE_SERVER warning"]);
    expect(
      severities(
        oneOperation({ responses: {} }, { servers: [{ url: "https://{any}.example", variables: { any: { default: "a" } } }] }),
      ),
    ).toEqual(["CATALOGUE_SERVER warning"]);
    expect(severities(oneOperation({ responses: {} }, { servers: [{ url: "ftp://a.example" }] }))).toEqual([
      "CATALOGUE_SERVER warning",
    ]);
  });

  it("too many for a person to check are refused", () => {
    const letters = Array.from({ length: 8 }, (_, i) => `v${i}`);
    const variables = { a: { default: "v0", enum: letters }, b: { default: "v0", enum: letters } };
    expect(codes(refused(oneOperation({ responses: {} }, { servers: [{ url: "https://{a}.{b}.example", variables }] })))).toEqual(
      ["CATALOGUE_TOO_LARGE /servers/0/variables"],
    );
  });
});

describe("facts", () => {
  const path = (where: string, item: Json, more: JsonObject = {}): Json => ({
    openapi: "3.2.0",
    info: { title: "T", version: "1" },
    servers: [{ url: "https://a.example" }],
    paths: { [where]: item },
    ...more,
  });
  const sluice = (document: Json): Json | undefined => member([...made(document).tools.values()][0], "sluice");

  it("see a verb in the path, whatever the operation is called", () => {
    expect(sluice(path("/users/delete", { get: { operationId: "op12", responses: {} } }))).toMatchObject({
      effects: ["read", "write", "network"],
    });
    expect(sluice(path("/orders", { get: { operationId: "listOrders", responses: {} } }))).toMatchObject({
      effects: ["read", "network"],
    });
  });

  it("see that a header or parameter names another method", () => {
    for (const [where, name] of [
      ["header", "X-HTTP-Method-Override"],
      ["query", "_method"],
    ])
      expect(
        sluice(
          path("/x", {
            get: { operationId: "getX", parameters: [{ name: name ?? "", in: where ?? "", schema: {} }], responses: {} },
          }),
        ),
      ).toMatchObject({ effects: ["read", "write", "network"], roles: { [name ?? ""]: "target" } });
  });

  it("take a whole body for what is acted on, and never for a text to people", () => {
    const body = { content: { "text/csv": { schema: { type: "string" } } } };
    expect(sluice(path("/rows", { put: { operationId: "putRows", requestBody: body, responses: {} } }))).toMatchObject({
      roles: { body: "target" },
    });
  });

  it("that a document declares lighter than its request looks are a warning", () => {
    const item = {
      delete: {
        operationId: "x",
        "x-sluice": { effects: ["read"], roles: { id: "content" } },
        parameters: [{ name: "id", in: "query", schema: {} }],
        responses: {},
      },
    };
    expect(made(path("/x", item)).findings.map(({ severity, pointer }) => `${severity} ${pointer}`)).toEqual([
      "info /paths/~1x/delete/x-sluice",
      "warning /paths/~1x/delete/x-sluice/effects",
      "warning /paths/~1x/delete/x-sluice/roles/id",
    ]);
  });

  it.each<readonly [string, string, Json]>([
    ["/paths/~1x~1..~1admin", "/x/../admin", { get: { responses: {} } }],
    ["/paths/~1x~1%2E%2e", "/x/%2E%2e", { get: { responses: {} } }],
    ["/paths/~1x/additionalOperations/GET", "/x", { additionalOperations: { GET: { responses: {} } } }],
    ["/paths/~1x/additionalOperations/A B", "/x", { additionalOperations: { "A B": { responses: {} } } }],
  ])("are not made of what is no path or method: %s", (pointer, where, item) => {
    expect(codes(refused(path(where, item)))).toEqual([`CATALOGUE_SOURCE ${pointer}`]);
  });

  const effectsOf = (method: string, path: string, operation: JsonObject = {}): Json | undefined => {
    const document: Json = {
      openapi: "3.2.0",
      servers: [{ url: "https://a.example" }],
      paths: { [path]: { [method]: { responses: {}, ...operation } } },
    };
    const [tool] = made(document).tools.values();
    return member(member(tool, "sluice"), "effects");
  };
  it.each([
    ["get", "/widgets", {}, ["read", "network"]],
    ["head", "/widgets", {}, ["read", "network"]],
    ["options", "/widgets", {}, ["read", "network"]],
    ["query", "/widgets", {}, ["read", "network"]],
    ["put", "/widgets/{id}", {}, ["write", "network"]],
    ["patch", "/widgets/{id}", {}, ["write", "network"]],
    ["delete", "/widgets/{id}", {}, ["write", "network"]],
    ["post", "/widgets", {}, ["write", "network"]],
    ["post", "/payments", {}, ["write", "network", "money"]],
    ["post", "/orders/{id}/refunds", {}, ["write", "network", "money"]],
    ["post", "/channels/{id}/messages", {}, ["write", "network", "message"]],
    ["post", "/widgets", { operationId: "sendReminder" }, ["write", "network", "message"]],
    ["get", "/widgets/{id}/purge", { summary: "Deletes a widget" }, ["read", "write", "network"]],
    ["get", "/payments", { operationId: "listPayments" }, ["read", "network"]],
    ["post", "/query", { parameters: [{ name: "sql", in: "query" }] }, ["read", "write", "network", "execute"]],
  ] as const)("infers of %s %s %j the effects %j", (method, path, operation, expected) => {
    expect(effectsOf(method, path, operation)).toEqual(expected);
  });

  it("of a method nobody knows may write", () => {
    const document: Json = {
      openapi: "3.2.0",
      servers: [{ url: "https://a.example" }],
      paths: { "/a": { additionalOperations: { LINK: { responses: {} } } } },
    };
    const tool = made(document).tools.get("link_a");
    expect(member(member(tool, "sluice"), "effects")).toEqual(["write", "network"]);
    expect(http(tool).method).toBe("LINK");
  });

  it("are written out and marked, and never say a label", () => {
    const tool = made(petstore).tools.get("listPets");
    expect(member(tool, "sluice")).toEqual({
      effects: ["read", "network"],
      roles: { limit: "selector", tags: "selector", "X-Trace": "selector" },
      inferred: ["effects", "roles"],
    });
    const read = readCatalogue(made(petstore).file);
    expect(read.ok && read.value.tools.get("pet_store/listPets")?.facts.inferred).toEqual(["effects", "roles"]);
  });

  it("of the document itself are taken over, told, and only the rest is marked", () => {
    const { tools, findings } = made(hub);
    expect(member(tools.get("issues/create"), "sluice")).toEqual({
      effects: ["write", "network", "message"],
      labels: ["hub_text"],
      roles: { title: "content", owner: "target", repo: "target", body: "content", milestone: "target" },
      inferred: ["roles.owner", "roles.repo", "roles.body", "roles.milestone"],
    });
    expect(codes(findings)).toContain("CATALOGUE_DECLARED /components/pathItems/Issues/post/x-sluice");
  });

  it("that a document declares wrongly are refused", () => {
    expect(refused(oneOperation({ responses: {}, "x-sluice": { effects: ["harmless"] } }))[0]?.code).toBe("CATALOGUE_MALFORMED");
  });
});
