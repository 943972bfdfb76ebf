/**
 * The difference of two plans: its direction, its place and its witness.
 */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diffPlans, type PlanDiff, type Relation } from "../../src/amend/diff.ts";
import { includedIn } from "../../src/amend/included.ts";
import type { Json, JsonObject } from "../../src/json/value.ts";
import { compileMatch } from "../../src/lang/match.ts";
import { examplesOf } from "../../src/lang/match/examples.ts";
import type { ArgRule, Plan, PlanNode } from "../../src/plan/plan.ts";
import { frozenPlan } from "./world.ts";

function diffOf(before: readonly [PlanNode, Partial<Plan>?], after: readonly [PlanNode, Partial<Plan>?]): PlanDiff {
  const [old, next] = [before, after].map(([node, rest]) =>
    frozenPlan({ list: { tool: "ledger/list", optional: true }, node }, rest),
  );
  const diff = diffPlans(old as never, next as never);
  if (!diff.ok) throw new Error(JSON.stringify(diff.error));
  return diff.value;
}

const pay = (iban: ArgRule, rest: Partial<PlanNode> = {}): PlanNode => ({ tool: "bank/pay", args: { iban, amount: 5 }, ...rest });
const send = (body: ArgRule): PlanNode => ({ tool: "mail/send", args: { to: "boss@x.example", body } });
const node: PlanNode = pay("DE1");

describe("the difference of a node", () => {
  it.each<readonly [string, PlanNode, PlanNode, Relation]>([
    ["nothing", node, node, "same"],
    ["another text of what it is for", node, { ...node, description: "pays" }, "same"],
    ["another constant", pay("DE1"), pay("DE2"), "incomparable"],
    ["fewer choices", pay({ choose: { enum: ["DE1", "DE2"] } }), pay({ choose: { enum: ["DE1"] } }), "narrower"],
    ["more choices", pay({ choose: { enum: ["DE1"] } }), pay({ choose: { enum: ["DE1", "DE2"] } }), "wider"],
    ["other choices", pay({ choose: { enum: ["DE1"] } }), pay({ choose: { enum: ["DE2"] } }), "incomparable"],
    [
      "a choice of one in place of a choice",
      pay({ choose: { enum: ["DE1", "DE2"] } }),
      pay({ choose: { const: "DE2" } }),
      "narrower",
    ],
    [
      "a constant in place of a choice, which labels forbid",
      pay({ choose: { enum: ["DE1", "DE2"] } }),
      pay("DE2"),
      "incomparable",
    ],
    ["a choice in place of a constant", pay("DE1"), pay({ choose: { enum: ["DE1", "DE2"] } }), "wider"],
    ["a constraint", node, pay({ const: "DE1", match: { pattern: "DE.*" } }), "narrower"],
    ["no constraint", pay({ choose: { type: "string" }, match: { maxLength: 3 } }), pay({ choose: { type: "string" } }), "wider"],
    [
      "a shorter text",
      send({ write: { maxLength: 9, links: "none" } }),
      send({ write: { maxLength: 5, links: "none" } }),
      "narrower",
    ],
    ["a text with links", send({ write: { links: "none" } }), send({ write: { links: ["x.example"] } }), "wider"],
    ["fewer runs", pay("DE1", { times: { max: 3 } }), pay("DE1", { times: { max: 2 } }), "narrower"],
    ["more runs", node, pay("DE1", { times: { max: 2 } }), "wider"],
    ["a node to wait for", node, pay("DE1", { after: ["list"] }), "narrower"],
    ["no node to wait for", pay("DE1", { after: ["list"] }), node, "wider"],
    ["a condition", node, pay("DE1", { require: ["args.amount < 9"] }), "narrower"],
    [
      "another condition",
      pay("DE1", { require: ["args.amount < 9"] }),
      pay("DE1", { require: ["args.amount < 8"] }),
      "incomparable",
    ],
    ["a rate", node, pay("DE1", { constraints: { rate: { calls: 1, per: "hour" } } }), "narrower"],
    [
      "a smaller budget",
      pay("DE1", { constraints: { budget: { max: 2 } } }),
      pay("DE1", { constraints: { budget: { max: 1 } } }),
      "narrower",
    ],
    ["no budget", pay("DE1", { constraints: { budget: { max: 2 } } }), node, "wider"],
    [
      "an argument less",
      { tool: "mail/send", args: { to: "a@x.example", body: "hi" } },
      { tool: "mail/send", args: { to: "a@x.example" } },
      "incomparable",
    ],
    [
      "an argument more",
      { tool: "mail/send", args: { to: "a@x.example" } },
      { tool: "mail/send", args: { to: "a@x.example", body: "hi" } },
      "wider",
    ],
    ["a hidden result", node, pay("DE1", { show: "none" }), "incomparable"],
    ["a shown result", pay("DE1", { show: "none" }), node, "wider"],
    ["another tool", node, { tool: "ledger/list" }, "incomparable"],
  ])("says of %s what it is", (_, before, after, relation) => {
    expect(diffOf([before], [after]).relation).toBe(relation);
  });

  it("points into both plans and gives a witness", () => {
    const { changes, nodes } = diffOf(
      [pay({ choose: { minLength: 3, maxLength: 9 } })],
      [pay({ choose: { minLength: 2, maxLength: 9 } })],
    );
    expect(changes).toMatchObject([
      { relation: "wider", node: "node", argument: "iban", before: "/nodes/node/args/iban", after: "/nodes/node/args/iban" },
    ]);
    const witness = (changes[0]?.witness as JsonObject | undefined)?.value;
    expect([...(witness as string)]).toHaveLength(2);
    expect(nodes.find((one) => one.node === "node")).toEqual({
      node: "node",
      relation: "wider",
      args: { amount: "same", iban: "wider" },
    });
  });
});

describe("the difference of what stands outside the nodes", () => {
  const flow = { id: "f", deny: ["external_api"], to: "bank/*" };
  it.each<readonly [string, Partial<Plan>, Partial<Plan>, Relation]>([
    ["an earlier end", { notAfter: "2030-01-01T00:00:00Z" }, { notAfter: "2029-01-01T00:00:00Z" }, "narrower"],
    ["no end", { notAfter: "2030-01-01T00:00:00Z" }, {}, "wider"],
    ["fewer calls", {}, { limits: { calls: 3 } }, "narrower"],
    ["a flow rule", {}, { flows: [flow] }, "narrower"],
    ["no flow rule", { flows: [flow] }, {}, "wider"],
    [
      "a flow rule that denies more",
      { flows: [flow] },
      { flows: [{ ...flow, deny: ["external_api", "untrusted"] }] },
      "narrower",
    ],
    ["a flow rule that asks a human instead", { flows: [flow] }, { flows: [{ ...flow, approve: "human" }] }, "wider"],
    [
      "an untrusted label that was trusted",
      { labels: { l: { integrity: "trusted" } } },
      { labels: { l: { integrity: "untrusted" } } },
      "narrower",
    ],
    [
      "a trusted label that was untrusted",
      { labels: { l: { integrity: "untrusted" } } },
      { labels: { l: { integrity: "trusted" } } },
      "wider",
    ],
    [
      "fewer readers",
      { labels: { l: { integrity: "trusted", readers: ["a", "b"] } } },
      { labels: { l: { integrity: "trusted", readers: ["a"] } } },
      "narrower",
    ],
    ["another envelope", {}, { envelope: [{ tool: "bank/pay" }] }, "incomparable"],
    ["another parameter", {}, { params: { p: { type: "string", default: "x" } } }, "incomparable"],
  ])("says of %s what it is", (_, before, after, relation) => {
    expect(diffOf([node, before], [node, after]).relation).toBe(relation);
  });

  it("combines both directions to incomparable", () => {
    expect(diffOf([node, { limits: { calls: 3 } }], [pay("DE1", { times: { max: 2 } }), { limits: { calls: 2 } }]).relation).toBe(
      "incomparable",
    );
  });

  it("says that a changed definition of a tool may mean anything", () => {
    const plan = frozenPlan({ node });
    const tool = plan.tools["bank/pay"];
    if (tool === undefined) throw new Error("no tool");
    const changed = {
      ...plan,
      tools: { ...plan.tools, "bank/pay": { ...tool, definition: { ...tool.definition, description: "new" } } },
    };
    const diff = diffPlans(plan, changed);
    expect(diff.ok && diff.value.relation).toBe("incomparable");
  });
});

const constraint: fc.Arbitrary<JsonObject> = fc.oneof(
  fc.record({ enum: fc.array(fc.constantFrom("a", "ab", "abc", 1, 2, null), { minLength: 1, maxLength: 4 }) }),
  fc.record({ minimum: fc.integer({ min: -3, max: 3 }), maximum: fc.integer({ min: 3, max: 6 }) }),
  fc.record({
    type: fc.constantFrom("integer", "number"),
    exclusiveMinimum: fc.integer({ min: -3, max: 3 }),
    multipleOf: fc.constantFrom(1, 2, 0.5),
  }),
  fc.record({ minLength: fc.integer({ min: 0, max: 2 }), maxLength: fc.integer({ min: 2, max: 4 }) }),
  fc.record({ pattern: fc.constantFrom("a+", "[ab]+", "abc?") }),
  fc.record({ hosts: fc.constantFrom(["a.x.example"], ["*.x.example"], ["x.example", "*.a.x.example"]) }),
  fc.record({
    items: fc.constantFrom({ type: "integer" }, { enum: [1, 2] }),
    maxItems: fc.integer({ min: 0, max: 3 }),
    uniqueItems: fc.boolean(),
  }),
  fc.record({
    properties: fc.constantFrom({ a: { type: "integer" } }, { a: { enum: [1] } }, { a: { enum: [1] }, b: {} }),
    required: fc.constantFrom([], ["a"]),
    additionalProperties: fc.boolean(),
  }),
) as fc.Arbitrary<JsonObject>;

const values: readonly Json[] = [
  "",
  "a",
  "ab",
  "abc",
  "abcd",
  "a.x.example",
  "b.a.x.example",
  "x.example",
  0,
  1,
  2,
  2.5,
  4,
  null,
  [],
  [1],
  [1, 1],
  [1, 2],
  {},
  { a: 1 },
  { a: 2 },
  { a: 1, b: 2 },
  { c: 1 },
];

it("never takes a constraint for included that accepts a value which the other refuses", () => {
  let included = 0;
  fc.assert(
    fc.property(constraint, constraint, (inner, outer) => {
      const [from, to] = [compileMatch(inner), compileMatch(outer)];
      if (!from.ok || !to.ok) return;
      const inclusion = includedIn(inner, outer);
      const tried = [...values, ...examplesOf(inner, { count: 10 }).matching, ...examplesOf(outer, { count: 10 }).failing];
      const out = tried.filter((value) => from.value.check(value) === undefined && to.value.check(value) !== undefined);
      if (inclusion.kind === "yes") {
        included += 1;
        expect(out).toEqual([]);
      }
      if (inclusion.kind === "no") {
        expect(from.value.check(inclusion.witness)).toBeUndefined();
        expect(to.value.check(inclusion.witness)).toBeDefined();
      }
    }),
    { numRuns: 2_000, seed: 7 },
  );
  expect(included).toBeGreaterThan(100);
});
