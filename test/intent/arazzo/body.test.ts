/**
 * Bodies of requests: values, texts, and JSON texts with expressions in them.
 */
import { describe, expect, it } from "vitest";
import { readCatalogue } from "../../../src/catalogue/catalogue.ts";
import { importArazzo } from "../../../src/intent/arazzo/import.ts";
import type { JsonObject } from "../../../src/json/value.ts";
import { must } from "../../plans/example.ts";

function documentOf(step: JsonObject): string {
  return JSON.stringify({
    arazzo: "1.0.1",
    info: { title: "Pets", version: "1" },
    sourceDescriptions: [{ name: "pets", url: "./pets.yaml", type: "openapi" }],
    workflows: [{ workflowId: "w", inputs: { type: "object", properties: { n: { type: "string" } } }, steps: [step] }],
  });
}

describe("the body of a request", () => {
  it.each<readonly [string, string | undefined, string, JsonObject | undefined]>([
    [
      "a JSON text",
      "application/json",
      '{"n": {$inputs.n}, "t": "{$inputs.n} left", "x": [true, {"y": null}]}',
      {
        n: { param: "n" },
        t: { template: "text", text: "{n} left", with: { n: { param: "n" } } },
        x: { const: [true, { y: null }] },
      },
    ],
    ["a list as JSON text", "application/json", "[{$inputs.n}, 2]", { body: [{ param: "n" }, 2] }],
    ["an expression", undefined, "$inputs.n", { body: { param: "n" } }],
    [
      "a text that only looks like JSON",
      undefined,
      "[{$inputs.n}] left",
      { body: { template: "text", text: "[{n}] left", with: { n: { param: "n" } } } },
    ],
    ["a text", "text/plain", '{"n": 1}', { body: '{"n": 1}' }],
    ["JSON that is none", "application/json", '{"n": }', undefined],
    ["an expression in a JSON text, but not in braces", "application/json", '{"n": "$inputs.n"}', undefined],
  ])("is taken as it is meant: %s", (_what, contentType, payload, args) => {
    const step = {
      stepId: "send",
      operationId: "send",
      requestBody: { payload, ...(contentType === undefined ? {} : { contentType }) },
    };
    const imported = importArazzo(documentOf(step), undefined);
    if (args !== undefined) return expect(must(imported, "importArazzo").plan.nodes.send?.args).toEqual(args);
    expect(imported).toMatchObject({
      ok: false,
      error: { code: "IMPORT_UNREPRESENTABLE", place: { pointer: "/workflows/0/steps/0/requestBody/payload" } },
    });
  });
});

describe("what a catalogue says of a request", () => {
  it.each([{ toString: 1 }, 5, null, []])("is no name of a parameter where it is %j", (odd) => {
    const http = {
      method: "get",
      path: "/pets",
      in: { n: "query" },
      names: { n: odd },
      credentials: [{ in: "query", name: odd }],
    };
    const tool = { name: "send", inputSchema: { type: "object", properties: { n: {} } }, _meta: { "sluice/http": http } };
    const catalogue = must(readCatalogue({ server: { name: "pets", openapi: "3.1.0" }, tools: [tool] }), "readCatalogue");
    const step = { stepId: "send", operationId: "send", parameters: [{ name: "n", in: "query", value: 1 }] };
    expect(must(importArazzo(documentOf(step), catalogue), "importArazzo").plan.nodes.send?.args).toEqual({ n: 1 });
  });
});
