/**
 * Edits by hand of documents with `x-sluice`: they mean what they say, or are refused where both sides disagree.
 */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readCatalogue } from "../../../src/catalogue/catalogue.ts";
import { exportArazzo } from "../../../src/intent/arazzo/export.ts";
import { importArazzo, plainPlanOf } from "../../../src/intent/arazzo/import.ts";
import { differences, piecesOf } from "../../../src/intent/arazzo/pieces.ts";
import { canonicalJson } from "../../../src/json/canonical.ts";
import type { Json, JsonObject } from "../../../src/json/value.ts";
import { exampleNames, must, readExample } from "../../plans/example.ts";
import { at, changed, mutated } from "./mutate.ts";

const fuzzRuns = Number(process.env.SLUICE_FUZZ_RUNS ?? 400);
const { plan: support, catalogue } = readExample("support");
const exported = exportArazzo(support, catalogue).document;
const edit = (path: readonly (string | number)[], change: (value: Json) => Json | undefined) =>
  importArazzo(JSON.stringify(changed(exported, path, change)), catalogue);
const stepAt = (id: string): number =>
  (at(exported, ["workflows", 0, "steps"]) as readonly JsonObject[]).findIndex(({ stepId }) => stepId === id);
const step = (id: string, ...rest: readonly (string | number)[]): readonly (string | number)[] => [
  "workflows",
  0,
  "steps",
  stepAt(id),
  ...rest,
];

describe("a document with x-sluice that was edited by hand", () => {
  it("means what it says now, where only Arazzo's own fields say it", () => {
    const imported = must(
      edit(step("close", "requestBody", "payload", "status"), () => "done"),
      "importArazzo",
    );
    expect(imported.plan.nodes.close?.args?.status).toBe("done");
    expect([...differences(piecesOf(imported.plan), piecesOf(support)).keys()]).toEqual(["/nodes/close/args/status"]);
  });

  it.each<readonly [string, ReturnType<typeof edit>, string]>([
    [
      "a value that x-sluice says otherwise",
      edit(step("answer", "requestBody", "payload", "to"), () => "$inputs.customer"),
      "/workflows/0/steps/5/x-sluice",
    ],
    [
      "an output that such a value comes from",
      edit(step("customer", "outputs", "email"), () => "$response.body#/name"),
      "/workflows/0/steps/5/x-sluice",
    ],
    ["a step without its x-sluice", edit(step("refund", "x-sluice"), () => undefined), `/workflows/0/steps/${stepAt("refund")}`],
    ["no step where one was", edit(step("refund"), () => undefined), "/workflows/0/x-sluice/steps"],
    [
      "the workflow's own x-sluice taken away",
      edit(["workflows", 0, "x-sluice"], () => undefined),
      "/workflows/0/steps/1/x-sluice",
    ],
    [
      "another order",
      edit(["workflows", 0, "steps"], (list) => {
        const [ticket, customer, order, history, ...rest] = list as readonly Json[];
        return [ticket, customer, history, order, ...rest] as readonly Json[];
      }),
      "/workflows/0/steps/2/x-sluice",
    ],
    [
      "a seal that fits nothing",
      edit(step("refund", "x-sluice", "over"), () => "sha256:0"),
      `/workflows/0/steps/${stepAt("refund")}/x-sluice`,
    ],
    ["a plan that is none", edit(["workflows", 0, "x-sluice", "set", "/limits"], () => 5), "/workflows/0/x-sluice"],
    [
      "an unknown member",
      edit(["workflows", 0, "x-sluice"], (own) => ({ ...(own as JsonObject), allow: true })),
      "/workflows/0/x-sluice/allow",
    ],
  ])("is refused where both disagree: %s", (_what, imported, pointer) => {
    expect(imported.ok).toBe(false);
    if (imported.ok) return;
    expect(imported.error.place.pointer).toBe(pointer);
    expect(imported.error.code).toMatch(/^IMPORT_ARAZZO_(?:DISAGREES|FORM)$/);
  });

  it("is refused where the catalogue has no such tool", () => {
    const other = must(readCatalogue({ tools: [{ name: "tickets/get" }] }), "catalogue");
    expect(importArazzo(JSON.stringify(exported), other)).toMatchObject({
      ok: false,
      error: { code: "IMPORT_TOOL_UNKNOWN", place: { pointer: "/workflows/0/steps/1" } },
    });
  });

  it("changes the plan exactly as its own fields have changed, or is refused", () => {
    const examples = exampleNames.map((name) => readExample(name).plan);
    let accepted = 0;
    for (const plan of examples) {
      const { document } = exportArazzo(plan);
      const plain = plainPlanOf(document).plan;
      fc.assert(
        fc.property(
          mutated(document, (path) => !path.includes("x-sluice")),
          (mutant) => {
            const imported = importArazzo(canonicalJson(mutant), undefined);
            if (!imported.ok) return;
            // A value that held an x-sluice may have been copied or replaced as a whole.
            if (canonicalJson(mutant).split('"x-sluice"').length !== canonicalJson(document).split('"x-sluice"').length) return;
            accepted++;
            const own = differences(piecesOf(plainPlanOf(mutant).plan), piecesOf(plain));
            const whole = differences(piecesOf(imported.value.plan), piecesOf(plan));
            expect(Object.fromEntries(whole)).toEqual(Object.fromEntries(own));
          },
        ),
        { numRuns: Math.ceil(fuzzRuns / 3), seed: 11, endOnFailure: true },
      );
    }
    expect(accepted).toBeGreaterThan(20);
  });
});
