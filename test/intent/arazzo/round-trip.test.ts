/**
 * Plan → Arazzo → plan: equal with `x-sluice`, every difference listed without; and documents that a linter of Arazzo takes.
 */
import { createConfig, lintFromString } from "@redocly/openapi-core";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exportArazzo } from "../../../src/intent/arazzo/export.ts";
import { importArazzo } from "../../../src/intent/arazzo/import.ts";
import { differences, piecesOf } from "../../../src/intent/arazzo/pieces.ts";
import { canonicalJson } from "../../../src/json/canonical.ts";
import { isWellFormed } from "../../../src/json/read-error.ts";
import type { Json, JsonObject } from "../../../src/json/value.ts";
import { freezePlan } from "../../../src/plan/freeze.ts";
import type { ArgRule, Plan } from "../../../src/plan/plan.ts";
import { parsePlan } from "../../../src/plan/schema.ts";
import { exampleNames, must, readExample } from "../../plans/example.ts";
import { diceOf } from "../../spec/dice.ts";
import { generatePlan } from "../../spec/generate-plan.ts";

const canonical = (plan: Plan): string => canonicalJson(plan as unknown as Json);
const examples = exampleNames.map((name) => [name, readExample(name)] as const);
const entropy = fc.noBias(fc.array(fc.nat(0xffff), { minLength: 1500, maxLength: 1500, size: "max" }));
const generated = entropy
  .map((numbers) => generatePlan(diceOf(numbers), new Set()).frozen.plan)
  // What a policy puts beside a node is in no plan that is read.
  .filter((plan) => parsePlan(plan as unknown as Json).ok);

async function problems(document: JsonObject): Promise<readonly string[]> {
  const config = await createConfig({ extends: ["recommended-strict"] });
  const found = await lintFromString({ source: canonicalJson(document), absoluteRef: "/plan.arazzo.json", config });
  return found.map(({ ruleId, message }) => `${ruleId}: ${message}`);
}

/** Texts, names and values that could be taken for something else on the way. */
const hostile = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom(
    "$inputs.p",
    "$steps.a.outputs.b",
    "{$inputs.p}",
    "{$",
    "$statusCode",
    "$5",
    "{{x}}",
    "null",
    "1e3",
    "$response.body#/a",
    "x-sluice",
    "__proto__",
  ),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 70n }),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? 0 : value)),
);
const names = fc.stringMatching(/^[A-Za-z0-9_.-]{1,12}$/);
const argNames = fc
  .string({ minLength: 1, maxLength: 12, unit: "binary" })
  .filter((name) => isWellFormed(name) && name !== "sluice_node");
const rules: fc.Arbitrary<ArgRule> = fc.letrec<{ rule: ArgRule }>((tie) => ({
  rule: fc.oneof(
    { maxDepth: 3 },
    hostile.filter((value) => typeof value !== "string" || isWellFormed(value)),
    fc.record({ const: fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value)) as Json) }),
    fc.record({ param: names }),
    fc.record({
      from: fc
        .tuple(names, fc.constantFrom("$", "$.a", "$['a b'][0]", "$.a[-1]", "$[*].x", "$['0']"))
        .map((parts) => parts.join("")),
    }),
    fc.record({ expr: fc.constantFrom("params.p", "a.b + 1") }),
    fc.record({ write: fc.record({ maxLength: fc.nat(100).map((length) => length + 1) }) }),
    fc.record({ choose: fc.constantFrom<JsonObject>({ enum: ["a", "$inputs.p"] }, { type: "string", pattern: "a|b" }) }),
    fc.array(tie("rule"), { maxLength: 3 }),
    fc.record({ object: fc.dictionary(argNames, tie("rule"), { maxKeys: 3 }) }),
  ),
})).rule;
const hostilePlans: fc.Arbitrary<Plan> = fc
  .record({
    name: names,
    task: fc.option(
      fc.string({ unit: "binary" }).filter((text) => isWellFormed(text)),
      { nil: undefined },
    ),
    params: fc.dictionary(
      names,
      fc.constantFrom<JsonObject>({ type: "string", pattern: "[a-z]+" }, { type: "object", properties: {} }, { enum: [1, "a"] }),
      { maxKeys: 3 },
    ),
    nodes: fc.dictionary(
      names,
      fc.record({
        tool: fc.tuple(names, names).map((parts) => parts.join("/")),
        args: fc.dictionary(argNames, rules, { maxKeys: 4 }),
      }),
      { minKeys: 1, maxKeys: 5 },
    ),
  })
  .map(({ task, ...plan }) => ({ sluice: 1, ...plan, ...(task === undefined ? {} : { task }) }) as unknown as Plan)
  .filter((plan) => parsePlan(plan as unknown as Json).ok);

describe("a plan that was exported with x-sluice", () => {
  it.each(examples)("is the same plan when it is imported: %s", (_name, { plan, catalogue }) => {
    const { document, lost } = exportArazzo(plan, catalogue);
    expect(lost).toEqual([]);
    const imported = must(importArazzo(JSON.stringify(document), catalogue), "importArazzo");
    expect(canonical(imported.plan)).toBe(canonical(plan));
    expect(Object.keys(imported.plan), "the nodes stand behind what they are under").toEqual(Object.keys(plan));
    const digests = [plan, imported.plan].map((each) => must(freezePlan(each, catalogue), "freezePlan").digest);
    expect(digests[0]).toBe(digests[1]);
  });

  it("is the same plan whatever rules and nodes it has", () => {
    fc.assert(
      fc.property(generated, (plan) => {
        const { document } = exportArazzo(plan);
        expect(canonical(must(importArazzo(canonicalJson(document), undefined), "importArazzo").plan)).toBe(canonical(plan));
      }),
      { numRuns: 150, seed: 5, endOnFailure: true },
    );
  });

  it("is the same plan whatever its texts and names look like", () => {
    fc.assert(
      fc.property(hostilePlans, (plan) => {
        const { document } = exportArazzo(plan);
        expect(canonical(must(importArazzo(canonicalJson(document), undefined), "importArazzo").plan)).toBe(canonical(plan));
      }),
      { numRuns: 300, seed: 5, endOnFailure: true },
    );
  });
});

describe("a plan that was exported without x-sluice", () => {
  it("is as the document says, but for the members that are listed", () => {
    let compared = 0;
    fc.assert(
      fc.property(fc.oneof(generated, hostilePlans), (plan) => {
        const { document, lost } = exportArazzo(plan, undefined, { isLossless: false });
        expect(canonicalJson(document)).not.toContain('"x-sluice":');
        const imported = importArazzo(canonicalJson(document), undefined);
        if (!imported.ok) return;
        compared++;
        const listed = lost.map(({ pointer }) => pointer);
        const isListed = (pointer: string): boolean => listed.some((each) => pointer === each || pointer.startsWith(`${each}/`));
        const different = [...differences(piecesOf(plan), piecesOf(imported.value.plan)).keys()].filter(
          // Beside what is listed: constraints and limits that an import adds by itself, and nodes under the ids of their steps.
          (pointer) => !isListed(pointer) && !/^(?:\/limits|\/nodes\/[^/]*_.*|.*\/constraints)$/.test(pointer),
        );
        expect(different).toEqual([]);
      }),
      { numRuns: 200, seed: 6, endOnFailure: true },
    );
    expect(compared).toBeGreaterThan(60);
  });

  it("lists what a reader of the trading plan's document does not know", () => {
    const { plan, catalogue } = readExample("trading");
    const { lost } = exportArazzo(plan, catalogue, { isLossless: false });
    const why = new Map(lost.map((each) => [each.pointer, each.why]));
    for (const pointer of [
      "/labels",
      "/limits",
      "/flows",
      "/nodes/exposure/let",
      "/nodes/order/each",
      "/nodes/order/require",
      "/nodes/alert/when",
      "/nodes/risk/removes",
    ])
      expect([...why.keys()]).toContain(pointer);
    expect(why.get("/nodes/order/args/notional")).toBe("how the value is computed");
    expect(why.has("/nodes/positions/args/account")).toBe(false);
  });
});

describe("an exported document", () => {
  it.each(examples)("is taken by a linter of Arazzo, with and without x-sluice: %s", async (_name, { plan, catalogue }) => {
    for (const isLossless of [true, false])
      expect(await problems(exportArazzo(plan, catalogue, { isLossless }).document)).toEqual([]);
  });

  it("is taken by a linter of Arazzo whatever the plan looks like", async () => {
    for (const plan of fc.sample(fc.oneof(generated, hostilePlans), { numRuns: 40, seed: 7 }))
      expect(await problems(exportArazzo(plan, undefined, { isLossless: false }).document)).toEqual([]);
  });
});
