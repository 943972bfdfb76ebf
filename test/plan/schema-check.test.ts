/**
 * What must hold of a value before it is read as a plan, and what no schema can say of one: each with code, place and text.
 */
import { describe, expect, it } from "vitest";
import type { Json } from "../../src/json/value.ts";
import { jsonDepthMax, planLabelsMax, planNodesMax, ruleDepthMax } from "../../src/limits.ts";
import { withoutAnnotations } from "../../src/plan/schema-annotations.ts";
import { checkJson } from "../../src/plan/schema-check.ts";
import { checkPlan } from "../../src/plan/schema-extra.ts";
import type { ArgRule, Plan, PlanNode } from "../../src/plan/plan.ts";

const half = "\ud800";
const notJson = "expected a JSON value: null, boolean, number, string, list or plain object";
const deep = (levels: number, leaf: unknown): unknown => {
  let value = leaf;
  for (let i = 0; i < levels; i++) value = i % 2 === 0 ? [value] : { a: value };
  return value;
};
const lines = (findings: ReturnType<typeof checkJson>): readonly string[] =>
  findings.map(({ severity, code, pointer, message }) => `${severity} ${code} ${pointer}: ${message}`);

describe("JSON", () => {
  it.each<readonly [unknown, ...string[]]>([
    [{ a: [null, true, 1, 2n, "x", { b: {} }], c: Object.create(null) }],
    [deep(jsonDepthMax, 1)],
    [undefined, `error PLAN_JSON : ${notJson}`],
    [{ a: undefined }, `error PLAN_JSON /a: ${notJson}`],
    [[() => 1], `error PLAN_JSON /0: ${notJson}`],
    [{ a: new Date(0) }, `error PLAN_JSON /a: ${notJson}`],
    [{ a: new Map() }, `error PLAN_JSON /a: ${notJson}`],
    [{ [Symbol("s")]: 1 }, `error PLAN_JSON : ${notJson}`],
    [
      [Number.NaN, Number.POSITIVE_INFINITY, 1],
      "error PLAN_JSON /1: expected a finite number",
      "error PLAN_JSON /0: expected a finite number",
    ],
    [{ a: half }, "error PLAN_JSON /a: the text holds half a surrogate pair"],
    [{ [half]: 1 }, `error PLAN_JSON /${half}: a name holds half a surrogate pair`],
    [JSON.parse('{"a":{"__proto__":1}}'), "error PLAN_NAME /a/__proto__: no member of a plan may be called `__proto__`"],
  ])("of case %#", (value, ...said) => {
    expect(lines(checkJson(value)).toSorted()).toEqual([...said].toSorted());
  });

  it("is told in the order of the document, and nothing of what is inside of what is none", () => {
    expect(lines(checkJson({ a: half, b: { c: half, d: new Map([[half, 1]]) } })).map((line) => line.split(" ")[2])).toEqual([
      "/a:",
      "/b/c:",
      "/b/d:",
    ]);
  });

  it("is as deep as the limit and no deeper, said where the limit is passed", () => {
    const found = checkJson(deep(jsonDepthMax + 3, 1));
    expect(found.map(({ code, message }) => `${code}: ${message}`)).toEqual([
      `PLAN_TOO_LARGE: nested deeper than ${jsonDepthMax} levels`,
    ]);
    expect(found[0]?.pointer.split("/")).toHaveLength(jsonDepthMax + 2);
  });
});

describe("a plan by itself", () => {
  const plan = (more: Partial<Plan>): Plan => ({ sluice: 1, name: "p", nodes: { a: { tool: "t" } }, ...more });
  const many = <Value>(count: number, value: Value): { readonly [name: string]: Value } =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`n${i}`, value]));
  const nested = (levels: number): ArgRule => {
    let rule: ArgRule = "x";
    for (let i = 0; i < levels; i++) rule = i % 2 === 0 ? [rule] : { object: { a: rule } };
    return rule;
  };

  it("has a node or more, and as many nodes and labels as the limits say", () => {
    expect(lines(checkPlan(plan({ nodes: {} })))).toEqual(["error PLAN_RANGE /nodes: expected at least one node"]);
    const node: PlanNode = { tool: "t" };
    expect(checkPlan(plan({ nodes: many(planNodesMax, node) }))).toEqual([]);
    expect(lines(checkPlan(plan({ nodes: many(planNodesMax + 1, node) })))).toEqual([
      `error PLAN_TOO_LARGE /nodes: a plan has at most ${planNodesMax} nodes`,
    ]);
    expect(checkPlan(plan({ labels: many(planLabelsMax, { integrity: "trusted" } as const) }))).toEqual([]);
    const flows = [1, 2].map(() => ({ id: "f", deny: ["n0"], to: "*" }));
    // What is too large is not gone through: the second fault is not looked for.
    expect(lines(checkPlan(plan({ labels: many(planLabelsMax + 1, { integrity: "trusted" } as const), flows })))).toEqual([
      `error PLAN_TOO_LARGE /labels: a plan declares at most ${planLabelsMax} labels`,
    ]);
  });

  it("has one flow rule of a name", () => {
    const flows = ["f", "g", "f", "f"].map((id) => ({ id, deny: ["a"], to: "*" }));
    expect(lines(checkPlan(plan({ flows })))).toEqual([
      "error PLAN_DUPLICATE /flows/2/id: another flow rule is called `f` already",
      "error PLAN_DUPLICATE /flows/3/id: another flow rule is called `f` already",
    ]);
  });

  it("runs no node at least more often than at most", () => {
    const times = (min: number | undefined, max: number): readonly string[] =>
      lines(checkPlan(plan({ nodes: { a: { tool: "t", times: min === undefined ? { max } : { min, max } } } })));
    expect([times(2, 2), times(0, 1), times(undefined, 1)]).toEqual([[], [], []]);
    expect(times(3, 2)).toEqual(["error PLAN_RANGE /nodes/a/times/min: `min` is greater than `max`"]);
  });

  it("nests rules as deep as the limit, said where the limit is passed", () => {
    const of = (rule: ArgRule): readonly string[] => lines(checkPlan(plan({ nodes: { a: { tool: "t", args: { x: rule } } } })));
    expect(of(nested(ruleDepthMax))).toEqual([]);
    const [said = ""] = of(nested(ruleDepthMax + 1));
    expect(said).toMatch(
      new RegExp(`^error PLAN_TOO_LARGE /nodes/a/args/x/.*: argument rules nest at most ${ruleDepthMax} deep$`),
    );
    expect(of(nested(ruleDepthMax + 1))).toHaveLength(1);
  });
});

describe("the schema of a tool without what only describes", () => {
  const says = (schema: Json): Json => withoutAnnotations(schema);

  it.each(["$schema", "$id", "$comment", "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly"])(
    "leaves out `%s` at every depth, and not a property of that name",
    (keyword) => {
      expect(says({ [keyword]: "x", type: "object", items: [{ [keyword]: "x", type: "string" }] })).toEqual({
        type: "object",
        items: [{ type: "string" }],
      });
      for (const named of ["properties", "patternProperties", "$defs", "definitions"])
        expect(says({ [named]: { [keyword]: { type: "string", [keyword]: 1 } } })).toEqual({
          [named]: { [keyword]: { type: "string" } },
        });
    },
  );

  it.each(["const", "enum", "required"])("leaves what `%s` holds as it is: these are values", (keyword) => {
    const values = [{ title: "a" }, "description"];
    expect(says({ [keyword]: values })).toEqual({ [keyword]: values });
    expect(says({ not: { [keyword]: { title: "a" } } })).toEqual({ not: { [keyword]: { title: "a" } } });
  });

  it("takes what is no schema as it is", () => {
    expect([says(true), says(1), says(null), says({ properties: [{ title: 1 }] })]).toEqual([
      true,
      1,
      null,
      { properties: [{}] },
    ]);
  });
});
