import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judgeProposal } from "../../../src/infer/adapt/judge.ts";
import { compareOutlines, constantsOf, matched, type Outline, outlineOf } from "../../../src/infer/adapt/outline.ts";
import type { PlannerDecision, Proposal } from "../../../src/infer/proposal.ts";
import { draftTool } from "../../../src/infer/tools.ts";
import { readCatalogue } from "../../../src/catalogue/catalogue.ts";

const constant = (path: readonly string[], value: number | string | readonly string[]) =>
  ({ path, source: { kind: "constant", value } }) as const;

describe("constants of a proposal", () => {
  it("are put back into objects and lists of objects", () => {
    const args = [
      constant(["to", "name"], "Ann"),
      constant(["to", "age"], 7),
      constant(["items", "[]", "name"], ["pen", "ink"]),
      constant(["items", "[]", "shop"], "corner"),
      { path: ["when"], source: { kind: "ask" } } as const,
      { path: ["id"], source: { kind: "result", call: 0, path: [] } } as const,
    ];
    expect(constantsOf(args)).toEqual({
      to: { name: "Ann", age: 7 },
      items: [
        { name: "pen", shop: "corner" },
        { name: "ink", shop: "corner" },
      ],
    });
  });

  it("keep a list whole where one element's argument is a list", () => {
    const args = [constant(["rows", "[]", "tags"], ["a", "b"])];
    expect(constantsOf(args, [{ path: ["rows", "[]", "tags"], type: "array" }])).toEqual({ rows: [{ tags: ["a", "b"] }] });
    expect(constantsOf(args)).toEqual({ rows: [{ tags: "a" }, { tags: "b" }] });
  });

  it("never reach a prototype", () => {
    const made = constantsOf([constant(["__proto__", "polluted"], "yes")]);
    expect(Object.keys(made)).toEqual(["__proto__"]);
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
  });
});

describe("comparing", () => {
  const call = fc.record({
    tool: fc.constantFrom("a", "b", "c"),
    args: fc.dictionary(fc.constantFrom("x", "y"), fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constantFrom("p", "q"))),
  });
  const edge = fc.tuple(fc.constantFrom("a", "b"), fc.constantFrom("b", "c"));
  const outline: fc.Arbitrary<Outline> = fc.record({
    calls: fc.array(call, { maxLength: 4 }),
    edges: fc.uniqueArray(edge, { maxLength: 3, selector: String }),
  });

  it("finds a plan exactly right beside itself, in any order", () => {
    fc.assert(
      fc.property(outline, (plan) => {
        const turned = { calls: plan.calls.toReversed(), edges: plan.edges.toReversed() };
        expect(compareOutlines(turned, { ...plan, hasArgs: true })).toMatchObject({ hasSameTools: true, isExact: true });
      }),
    );
  });

  it("counts the same matches both ways, and no more than there are", () => {
    fc.assert(
      fc.property(outline, outline, (one, other) => {
        const there = compareOutlines(one, { ...other, hasArgs: true });
        const back = compareOutlines(other, { ...one, hasArgs: true });
        expect(there.tools.right).toBe(back.tools.right);
        expect(there.args.right).toBe(back.args.right);
        expect(there.tools.right).toBeLessThanOrEqual(Math.min(there.tools.drafted, there.tools.wanted));
      }),
    );
  });

  it("parts two lists into what they share and what each has besides", () => {
    expect(matched([1, 2, 2, 3], [2, 3, 3], (one, other) => one === other)).toEqual({
      right: [2, 3],
      extra: [1, 2],
      missing: [3],
    });
  });
});

describe("judging", () => {
  const catalogue = readCatalogue([
    {
      name: "find",
      description: "Find a person",
      inputSchema: { type: "object", properties: { name: { type: "string" }, year: { type: "integer" } }, required: ["name"] },
    },
    {
      name: "mail",
      description: "Mail a person",
      inputSchema: { type: "object", properties: { to: { type: "string" }, text: { type: "string" } }, required: ["to"] },
    },
  ]);
  if (!catalogue.ok) throw new Error("no catalogue");
  const [find, mail] = [...catalogue.value.tools.values()].map(draftTool);
  if (find === undefined || mail === undefined) throw new Error("no tools");
  const argument = (name: string, source: Proposal["calls"][number]["args"][number]["source"]) => ({
    path: [name],
    source,
    confidence: 1,
    alternatives: [],
  });
  const proposal = (decisions: readonly PlannerDecision[]): Proposal => ({
    calls: [
      { tool: find, args: [argument("name", { kind: "constant", value: "Ann" })], confidence: 1, evidence: [], alternatives: [] },
      {
        tool: mail,
        args: [
          argument("to", { kind: "result", call: 0, path: ["email"] }),
          argument("text", { kind: "constant", value: "hello" }),
        ],
        confidence: 1,
        evidence: [],
        alternatives: [],
      },
    ],
    confidence: 1,
    decisions,
    abstentions: [],
    origin: { planner: "model" },
  });
  const right = {
    calls: [
      { tool: "local/find", args: { name: "Ann" } },
      { tool: "local/mail", args: { text: "good morning" } },
    ],
    edges: [["local/find", "local/mail"] as const],
    hasArgs: true,
  };
  const decisions: readonly PlannerDecision[] = [
    { kind: "none", probability: 0.1 },
    { kind: "tools", probability: 0.9 },
    { kind: "count", probability: 0.8, call: 0 },
    { kind: "words", probability: 0.7, call: 0, path: ["name"] },
    { kind: "absent", probability: 0.6, call: 0, path: ["year"] },
    { kind: "result", probability: 0.5, call: 1, path: ["to"] },
    { kind: "words", probability: 0.4, call: 1, path: ["text"] },
  ];

  it("says of each decision whether it is what the right plan says", () => {
    const judged = judgeProposal(proposal(decisions), { right, flows: new Set(["local/mail.to"]) }, { group: "g" });
    expect(judged).toMatchObject({ group: "g", hasTool: true, isRight: false, none: 0.1 });
    expect(judged.decisions.map(({ isRight }) => isRight)).toEqual([true, true, true, true, true, false]);
  });

  it("does not say what nobody knows: arguments of a tool that should not be there, and arguments that no one labelled", () => {
    const onlyFind = { ...right, calls: right.calls.slice(0, 1), edges: [] };
    const judged = judgeProposal(proposal(decisions), { right: onlyFind, flows: new Set() }, { group: "g" });
    expect(judged.decisions.map(({ isRight }) => isRight)).toEqual([false, true, true, true, undefined, undefined]);
    const unlabelled = judgeProposal(
      proposal(decisions),
      { right: { ...right, hasArgs: false }, flows: new Set() },
      { group: "g" },
    );
    expect(unlabelled).toMatchObject({ isRight: true, isPartial: true });
    expect(unlabelled.decisions.map(({ isRight }) => isRight)).toEqual([true, true, undefined, undefined, undefined, undefined]);
  });

  it("takes a proposal for right where outline and right plan agree", () => {
    const exact = { ...right, calls: [right.calls[0], { tool: "local/mail", args: { text: "Hello." } }] as typeof right.calls };
    expect(judgeProposal(proposal(decisions), { right: exact, flows: new Set() }, { group: "g" }).isRight).toBe(true);
    expect(outlineOf(proposal([])).edges).toEqual([["local/find", "local/mail"]]);
  });
});
