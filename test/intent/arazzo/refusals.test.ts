/**
 * What is refused, where and why: what no plan can say, documents with faults, and anything almost right.
 */
import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exportArazzo } from "../../../src/intent/arazzo/export.ts";
import { importArazzo } from "../../../src/intent/arazzo/import.ts";
import { parsePointer } from "../../../src/json/pointer.ts";
import { canonicalJson } from "../../../src/json/canonical.ts";
import type { Json, JsonObject } from "../../../src/json/value.ts";
import { readYaml } from "../../../src/json/yaml.ts";
import type { Plan } from "../../../src/plan/plan.ts";
import { parsePlan } from "../../../src/plan/schema.ts";
import { must, readExample } from "../../plans/example.ts";
import { at, mutated } from "./mutate.ts";

const fuzzRuns = Number(process.env.SLUICE_FUZZ_RUNS ?? 400);
const loans = must(readYaml(readFileSync(new URL("loans.arazzo.yaml", import.meta.url), "utf8")), "loans");

function documentOf(workflow: JsonObject, more: JsonObject = {}): JsonObject {
  return {
    arazzo: "1.0.1",
    info: { title: "Pets", version: "1" },
    sourceDescriptions: [{ name: "pets", url: "./pets.yaml", type: "openapi" }],
    workflows: [{ workflowId: "w", ...workflow }],
    ...more,
  };
}

const one = { stepId: "one", operationId: "a", outputs: { id: "$response.body#/id", tag: "$response.header.ETag" } };
const two = { stepId: "two", operationId: "b" };
const steps = (first: JsonObject, second: JsonObject = {}): JsonObject =>
  documentOf({
    steps: [
      { ...one, ...first },
      { ...two, ...second },
    ],
  });
const query = (value: Json): JsonObject => ({ parameters: [{ name: "q", in: "query", value }] });
const failure = (action: JsonObject): JsonObject => ({ onFailure: [{ name: "f", ...action }] });
const success = (action: JsonObject): JsonObject => ({ onSuccess: [{ name: "s", ...action }] });
const s0 = "/workflows/0/steps/0";
const s1 = "/workflows/0/steps/1";

const refused: readonly (readonly [what: string, document: JsonObject, code: string, pointer: string])[] = [
  ["another version", documentOf({ steps: [one] }, { arazzo: "2.0.0" }), "IMPORT_ARAZZO_FORM", "/arazzo"],
  ["no steps", documentOf({ steps: [] }), "IMPORT_ARAZZO_FORM", "/workflows/0/steps"],
  ["a missing field", documentOf({ steps: [{ operationId: "a" }] }), "IMPORT_ARAZZO_FORM", `${s0}/stepId`],
  ["an unknown field", steps({ onSucess: [] }), "IMPORT_ARAZZO_FORM", `${s0}/onSucess`],
  ["two steps of one id", steps({ stepId: "two" }), "IMPORT_ARAZZO_FORM", `${s1}/stepId`],
  ["a step of two kinds", steps({ workflowId: "v" }), "IMPORT_ARAZZO_FORM", s0],
  ["a step without a kind", documentOf({ steps: [{ stepId: "x" }] }), "IMPORT_ARAZZO_FORM", s0],
  [
    "a message of AsyncAPI",
    documentOf({ steps: [{ stepId: "x", channelPath: "c" }] }),
    "IMPORT_UNREPRESENTABLE",
    `${s0}/channelPath`,
  ],
  [
    "a workflow that runs itself",
    documentOf({ steps: [{ stepId: "x", workflowId: "w" }] }),
    "IMPORT_ARAZZO_WORKFLOW",
    "/workflows",
  ],
  ["a parameter without a place", steps({ parameters: [{ name: "q", value: 1 }] }), "IMPORT_ARAZZO_FORM", `${s0}/parameters/0`],
  [
    "a parameter twice",
    steps({
      parameters: [
        { name: "q", in: "query", value: 1 },
        { name: "q", in: "query", value: 2 },
      ],
    }),
    "IMPORT_ARAZZO_FORM",
    `${s0}/parameters/1`,
  ],
  [
    "parameters that fall together",
    steps({
      parameters: [
        { name: "q", in: "query", value: 1 },
        { name: "q", in: "path", value: 2 },
      ],
    }),
    "IMPORT_UNREPRESENTABLE",
    `${s0}/parameters/1/name`,
  ],
  [
    "a querystring",
    steps({ parameters: [{ name: "q", in: "querystring", value: "a=1" }] }),
    "IMPORT_UNREPRESENTABLE",
    `${s0}/parameters/0/in`,
  ],
  ["an expression that is none", steps(query("$input.x")), "IMPORT_ARAZZO_EXPRESSION", `${s0}/parameters/0/value`],
  ["an input that is not declared", steps(query("$inputs.x")), "IMPORT_ARAZZO_EXPRESSION", `${s0}/parameters/0/value`],
  ["a step that does not exist", steps(query("$steps.no.outputs.id")), "IMPORT_ARAZZO_EXPRESSION", `${s0}/parameters/0/value`],
  [
    "an output that does not exist",
    steps({}, query("$steps.one.outputs.no")),
    "IMPORT_ARAZZO_EXPRESSION",
    `${s1}/parameters/0/value`,
  ],
  ["a value of a later step", steps(query("$steps.two.outputs.id")), "IMPORT_UNREPRESENTABLE", `${s0}/parameters/0/value`],
  ["a header of a response", steps({}, query("$steps.one.outputs.tag")), "IMPORT_UNREPRESENTABLE", `${s1}/parameters/0/value`],
  ["the address of the request", steps(query("$url")), "IMPORT_UNREPRESENTABLE", `${s0}/parameters/0/value`],
  ["an expression that does not end", steps(query("a {$inputs.x")), "IMPORT_ARAZZO_EXPRESSION", `${s0}/parameters/0/value`],
  [
    "a header that a line end could split",
    steps({}, { parameters: [{ name: "X", in: "header", value: "a\r\n{$steps.one.outputs.id}" }] }),
    "IMPORT_UNREPRESENTABLE",
    `${s1}/parameters/0/value`,
  ],
  [
    "success that is a failure",
    steps({ successCriteria: [{ condition: "$statusCode == 404" }] }),
    "IMPORT_UNREPRESENTABLE",
    `${s0}/successCriteria`,
  ],
  [
    "success that may be a failure",
    steps({ successCriteria: [{ condition: "$statusCode < 500" }] }),
    "IMPORT_UNREPRESENTABLE",
    `${s0}/successCriteria`,
  ],
  [
    "a status mixed with a body",
    steps({ successCriteria: [{ condition: "$statusCode == 200 || $response.body#/a == 1" }] }),
    "IMPORT_UNREPRESENTABLE",
    `${s0}/successCriteria/0/condition`,
  ],
  [
    "texts that may differ in case",
    steps({ successCriteria: [{ condition: "$response.body#/a == $response.body#/b" }] }),
    "IMPORT_UNREPRESENTABLE",
    `${s0}/successCriteria/0/condition`,
  ],
  [
    "an order of texts",
    steps({ successCriteria: [{ condition: "$response.body#/a < 'b'" }] }),
    "IMPORT_UNREPRESENTABLE",
    `${s0}/successCriteria/0/condition`,
  ],
  [
    "a condition that is none",
    steps({ successCriteria: [{ condition: "$response.body#/a = 1" }] }),
    "IMPORT_ARAZZO_EXPRESSION",
    `${s0}/successCriteria/0/condition`,
  ],
  [
    "XPath",
    steps({ successCriteria: [{ type: "xpath", context: "$response.body", condition: "//a" }] }),
    "IMPORT_UNREPRESENTABLE",
    `${s0}/successCriteria/0/type`,
  ],
  [
    "JSONPath that looks everywhere",
    steps({ successCriteria: [{ type: "jsonpath", context: "$response.body", condition: "$..a" }] }),
    "IMPORT_UNREPRESENTABLE",
    `${s0}/successCriteria/0/condition`,
  ],
  [
    "a regular expression that looks ahead",
    steps({ successCriteria: [{ type: "regex", context: "$response.body", condition: "(?=a)" }] }),
    "IMPORT_UNREPRESENTABLE",
    `${s0}/successCriteria/0/condition`,
  ],
  ["going back", steps({}, success({ type: "goto", stepId: "one" })), "IMPORT_UNREPRESENTABLE", `${s1}/onSuccess/0/stepId`],
  [
    "going to a step that does not exist",
    steps(success({ type: "goto", stepId: "no" })),
    "IMPORT_ARAZZO_FORM",
    `${s0}/onSuccess/0`,
  ],
  [
    "going to another workflow",
    steps(success({ type: "goto", workflowId: "v" })),
    "IMPORT_UNREPRESENTABLE",
    `${s0}/onSuccess/0/workflowId`,
  ],
  [
    "one ok status or another",
    steps(success({ type: "end", criteria: [{ condition: "$statusCode == 202" }] })),
    "IMPORT_UNREPRESENTABLE",
    `${s0}/onSuccess/0/criteria`,
  ],
  ["going on after a failure", steps(failure({ type: "goto", stepId: "two" })), "IMPORT_UNREPRESENTABLE", `${s0}/onFailure/0`],
  ["something before a retry", steps(failure({ type: "retry", workflowId: "v" })), "IMPORT_UNREPRESENTABLE", `${s0}/onFailure/0`],
  [
    "polling",
    steps({ successCriteria: [{ condition: "$response.body#/done == true" }], ...failure({ type: "retry" }) }),
    "IMPORT_UNREPRESENTABLE",
    `${s0}/onFailure/0`,
  ],
  [
    "a component that does not exist",
    steps({ parameters: [{ reference: "$components.parameters.x" }] }),
    "IMPORT_ARAZZO_FORM",
    `${s0}/parameters/0/reference`,
  ],
  [
    "an input of two types",
    documentOf({ steps: [one], inputs: { type: "object", properties: { x: { type: ["string", "null"] } } } }),
    "IMPORT_UNREPRESENTABLE",
    "/workflows/0/inputs/properties/x/type",
  ],
  [
    "an input with a keyword that a plan does not have",
    documentOf({ steps: [one], inputs: { type: "object", properties: { x: { oneOf: [] } } } }),
    "IMPORT_UNREPRESENTABLE",
    "/workflows/0/inputs/properties/x/oneOf",
  ],
  [
    "a schema elsewhere",
    documentOf({ steps: [one], inputs: { $ref: "https://example.com/s.json" } }),
    "IMPORT_UNREPRESENTABLE",
    "/workflows/0/inputs/$ref",
  ],
  [
    "another document",
    documentOf({ steps: [one], dependsOn: ["$sourceDescriptions.x.w"] }),
    "IMPORT_UNREPRESENTABLE",
    "/workflows/0/dependsOn/0",
  ],
  [
    "a path without a catalogue",
    documentOf({ steps: [{ stepId: "x", operationPath: "{$sourceDescriptions.pets.url}#/paths/~1a/get" }] }),
    "IMPORT_UNREPRESENTABLE",
    `${s0}/operationPath`,
  ],
  [
    "an operation of one of two sources",
    documentOf(
      { steps: [one] },
      {
        sourceDescriptions: [
          { name: "a", url: "a" },
          { name: "b", url: "b" },
        ],
      },
    ),
    "IMPORT_TOOL_AMBIGUOUS",
    `${s0}/operationId`,
  ],
  [
    "two workflows",
    documentOf(
      { steps: [one] },
      {
        workflows: [
          { workflowId: "v", steps: [one] },
          { workflowId: "w", steps: [one] },
        ],
      },
    ),
    "IMPORT_ARAZZO_WORKFLOW",
    "/workflows",
  ],
];

describe("a document that no plan can say", () => {
  it.each(refused)("is one error that says where: %s", (_what, document, code, pointer) => {
    const imported = importArazzo(JSON.stringify(document), undefined);
    expect(imported.ok ? imported.value.plan : [imported.error.code, imported.error.place.pointer]).toEqual([code, pointer]);
    if (!imported.ok) expect(imported.error.message).toMatch(/^[^\n]{10,400}[^.\n]$/);
  });

  it("is refused as text by the strict readers, with line and column", () => {
    expect(importArazzo("arazzo: 1.0.1\narazzo: 1.0.1\n", undefined)).toMatchObject({
      ok: false,
      error: { code: "YAML_DUPLICATE_KEY", place: { line: 2, column: 1 } },
    });
  });

  it("is one of several workflows until it is said which", () => {
    const document = documentOf(
      {},
      {
        workflows: [
          { workflowId: "v", steps: [one] },
          { workflowId: "w", steps: [two] },
        ],
      },
    );
    const imported = must(importArazzo(JSON.stringify(document), undefined, { workflow: "w" }), "importArazzo");
    expect(Object.keys(imported.plan.nodes)).toEqual(["two"]);
    expect(imported.findings.some(({ message }) => message.includes("/workflows/0"))).toBe(true);
  });
});

describe("a document that is almost right", () => {
  const lossless = ["support", "trading"].map((name) => exportArazzo(readExample(name).plan).document);
  it.each([
    ["a workflow", loans],
    ["a plan with x-sluice", lossless[0] as Json],
    ["another plan with x-sluice", lossless[1] as Json],
  ])("is a plan, or one error with a pointer into the document: %s", (_name, document) => {
    fc.assert(
      fc.property(mutated(document), (mutant) => {
        const imported = importArazzo(canonicalJson(mutant), undefined);
        if (imported.ok) expect(parsePlan(imported.value.plan as unknown as Json).ok).toBe(true);
        else {
          const { pointer, line } = imported.error.place;
          expect(imported.error.message).toMatch(/^[^\n]+$/);
          // The place is there; a member that is missing is named below the object that lacks it.
          if (line !== undefined) return;
          expect(pointer).toMatch(/^(?:\/|$)/);
          expect(at(mutant, (parsePointer(pointer ?? "") ?? []).slice(0, -1)), imported.error.message).toBeDefined();
        }
      }),
      { numRuns: fuzzRuns, seed: 12, endOnFailure: true },
    );
  });

  it("is never read by guessing: cut and strewn texts are refused, or mean a plan", () => {
    const text = readFileSync(new URL("loans.arazzo.yaml", import.meta.url), "utf8");
    const cut = fc
      .tuple(
        fc.nat(text.length),
        fc.nat(text.length),
        fc.constantFrom("", ":", "- ", "'", '"', "{", "$", "\t", "&a ", "*a", "!!x ", "\u0000", "# "),
      )
      .map(([from, length, odd]) => text.slice(0, from) + odd + text.slice(from + (length % 40)));
    fc.assert(
      fc.property(cut, (source) => {
        const imported = importArazzo(source, undefined);
        const plan: Plan | undefined = imported.ok ? imported.value.plan : undefined;
        if (plan !== undefined) expect(parsePlan(plan as unknown as Json).ok).toBe(true);
      }),
      { numRuns: fuzzRuns, seed: 13, endOnFailure: true },
    );
  });
});
