/**
 * What lint says of the starters' own word: plans that call each tool with constants.
 * Never of the plans: what they leave out, and in which order they call, is beside the point.
 */
import { describe, expect, it } from "vitest";
import { inputProperties, readCatalogue } from "../../../src/catalogue/catalogue.ts";
import { starterCatalogue, starterNames } from "../../../src/catalogue/starter/starter.ts";
import { member } from "../../../src/json/value.ts";
import { lintPlan } from "../../../src/plan/lint.ts";
import type { FrozenTool, Plan } from "../../../src/plan/plan.ts";

/** A plan with one call: a text for every argument that takes any text. */
function callOf(tool: FrozenTool): Plan {
  const args = [...inputProperties(tool)]
    .filter(([, schema]) => member(schema, "type") === "string")
    .filter(([, schema]) => ["enum", "pattern", "format"].every((keyword) => member(schema, keyword) === undefined))
    .map(([arg]) => [arg, "x"] as const);
  return {
    sluice: 1,
    name: "one",
    nodes: { one: { tool: tool.name, args: Object.fromEntries(args) } },
    limits: { calls: 1, seconds: 9 },
  };
}

/** Of the plans, not of the catalogue. */
const ofThePlan: ReadonlySet<string> = new Set(["PLAN_ARG_REQUIRED", "LINT_DEFAULT_UNSAID"]);

describe.each(starterNames)("lint under the starter %s", (name) => {
  const read = readCatalogue(starterCatalogue(name));
  const catalogue = read.ok ? read.value : undefined;

  it("disputes no effect and no role, misses no audience, and asks for a sandbox where code is run", () => {
    expect(catalogue?.tools.size).toBeGreaterThan(0);
    for (const tool of catalogue?.tools.values() ?? []) {
      const codes = lintPlan(callOf(tool), catalogue)
        .filter(({ code, severity }) => severity !== "info" && !ofThePlan.has(code))
        .map(({ code }) => code);
      expect(codes, tool.name).toEqual(tool.facts.effects.includes("execute") ? ["LINT_SANDBOX"] : []);
    }
  });
});
