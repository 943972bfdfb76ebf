import { describe, expect, it } from "vitest";
import { freezePlan } from "../../src/plan/freeze.ts";
import { catalogueOf } from "../../src/plan/freeze-resolve.ts";
import { catalogueWith, frozenWith, type Loose, marketPlan, places, planWith, put } from "./market.ts";

const order = (plan: Loose): Loose => plan.nodes.order;
/** No change. */
const same = (): void => {};
const endorse = { from: "external_api", to: "risk_engine", why: "test" };

/** What is refused: a change of the plan, perhaps one of the catalogue, and every finding of severity error. */
const refused: readonly (readonly [
  what: string,
  change: (plan: Loose) => void,
  expected: readonly string[],
  tools?: (file: Loose) => void,
])[] = [
  ["an unknown tool", put("nodes.order.tool", "broker/ordr"), ["TOOL_UNKNOWN /nodes/order/tool"]],
  [
    "a bare name of two tools",
    put("nodes.order.tool", "order"),
    ["TOOL_AMBIGUOUS /nodes/order/tool"],
    (c) => c.tools.push({ ...c.tools[2], name: "other/order" }),
  ],
  ["an argument that the tool does not know", put("nodes.order.args.price", 1), ["PLAN_ARG_UNKNOWN /nodes/order/args/price"]],
  ["a demanded argument that the plan lacks", (p) => void delete order(p).args.quantity, ["PLAN_ARG_REQUIRED /nodes/order/args"]],
  [
    "a demanded argument of a node without arguments",
    (p) => void delete p.nodes.quotes.args,
    ["PLAN_ARG_REQUIRED /nodes/quotes"],
  ],
  ["a flow rule about an undeclared label", put("flows.0.deny", ["external_apy"]), ["PLAN_LABEL_UNDECLARED /flows/0/deny/0"]],
  ["a node with an undeclared label", put("nodes.risk.labels", ["risk"]), ["PLAN_LABEL_UNDECLARED /nodes/risk/labels/0"]],
  [
    "an endorsement to an undeclared label",
    put("nodes.order.args.symbol.endorse", { ...endorse, to: "riskengine" }),
    ["PLAN_LABEL_UNDECLARED /nodes/order/args/symbol/endorse/to"],
  ],
  [
    "`untrusted` in an endorsement",
    put("nodes.order.args.symbol.endorse", { ...endorse, from: "untrusted" }),
    ["PLAN_LABEL_UNDECLARED /nodes/order/args/symbol/endorse/from"],
  ],
  [
    "a declassification of an undeclared label",
    put("nodes.order.args.symbol.declassify", { ...endorse, from: ["x", "external_api"], to: "public" }),
    ["PLAN_LABEL_UNDECLARED /nodes/order/args/symbol/declassify/from/0"],
  ],
  ["another meaning of `unknown`", put("labels.unknown", { integrity: "trusted" }), ["PLAN_LABEL_RESERVED /labels/unknown"]],
  [
    "another meaning of `untrusted`",
    put("labels.untrusted", { integrity: "trusted" }),
    ["PLAN_LABEL_RESERVED /labels/untrusted"],
  ],
  ["removing `unknown`", put("nodes.risk.removes.labels", ["unknown"]), ["PLAN_LABEL_STICKS /nodes/risk/removes/labels/0"]],
  [
    "endorsing `unknown`",
    put("nodes.order.args.symbol.endorse", { ...endorse, from: "unknown" }),
    ["PLAN_LABEL_STICKS /nodes/order/args/symbol/endorse/from"],
  ],
  [
    "endorsing to an untrusted label",
    put("nodes.order.args.symbol.endorse", { ...endorse, to: "database_record" }),
    ["PLAN_ENDORSE_UNTRUSTED /nodes/order/args/symbol/endorse/to"],
  ],
  [
    "an endorsement without a bound",
    put("nodes.order.args.side.endorse", endorse),
    ["PLAN_ENDORSE_UNBOUNDED /nodes/order/args/side/endorse"],
  ],
  [
    "an endorsement of an infinite pattern",
    (p) => void Object.assign(order(p).args.side, { endorse, match: { pattern: "[a-z]+" } }),
    ["PLAN_ENDORSE_UNBOUNDED /nodes/order/args/side/endorse"],
  ],
  [
    "an endorsement of too many bits",
    put("nodes.order.args.note", { choose: { pattern: "[a-h]" }, endorse }),
    ["PLAN_ENDORSE_BITS /nodes/order/args/note/endorse"],
  ],
  ["free text in a target", put("nodes.order.args.side", { write: {} }), ["PLAN_WRITE_ROLE /nodes/order/args/side"]],
  [
    "free text deep inside a selector",
    put("nodes.risk.args.quotes", { object: { a: [{ write: {} }] } }),
    ["PLAN_WRITE_ROLE /nodes/risk/args/quotes/object/a/0"],
  ],
  [
    "read-only with a tool that writes",
    put("nodes.order.constraints", { readOnly: true }),
    ["PLAN_READ_ONLY /nodes/order/constraints/readOnly"],
  ],
  [
    "no network with a tool that uses it",
    put("nodes.quotes.constraints", { noExternalNetwork: true }),
    ["PLAN_NETWORK /nodes/quotes/constraints/noExternalNetwork"],
  ],
  [
    "a budget over an argument that is never sent",
    put("nodes.order.constraints", { budget: [{ max: 3 }, { sum: "amount", max: 3 }] }),
    ["PLAN_BUDGET_ARG /nodes/order/constraints/budget/1/sum"],
  ],
  [
    "removal without an output schema",
    () => {},
    ["PLAN_REMOVES_SCHEMA /nodes/risk/removes"],
    (c) => void delete c.tools[1].outputSchema,
  ],
  [
    "removal by a schema that cannot be checked",
    () => {},
    ["PLAN_REMOVES_SCHEMA /nodes/risk/removes"],
    put("tools.1.outputSchema.properties.orders.contains", {}),
  ],
  [
    "removal at a free text",
    put("nodes.risk.removes.paths", ["$.note"]),
    ["PLAN_REMOVES_UNBOUNDED /nodes/risk/removes/paths/0"],
    (c) => c.tools[1].outputSchema.required.push("note"),
  ],
  [
    "removal at a member that may be missing",
    put("nodes.risk.removes.paths", ["$.note"]),
    ["PLAN_REMOVES_PATH /nodes/risk/removes/paths/0"],
  ],
  ["removal above a free text", put("nodes.risk.removes.paths", ["$"]), ["PLAN_REMOVES_UNBOUNDED /nodes/risk/removes/paths/0"]],
  [
    "removal of open objects",
    () => {},
    ["PLAN_REMOVES_UNBOUNDED /nodes/risk/removes/paths/0"],
    put("tools.1.outputSchema.properties.orders.items.additionalProperties", true),
  ],
  [
    "removal of an infinite pattern",
    () => {},
    ["PLAN_REMOVES_UNBOUNDED /nodes/risk/removes/paths/0"],
    put("tools.1.outputSchema.properties.orders.items.properties.symbol", { pattern: "[A-Z]+" }),
  ],
  [
    "removal of a merely short text",
    () => {},
    ["PLAN_REMOVES_UNBOUNDED /nodes/risk/removes/paths/0"],
    put("tools.1.outputSchema.properties.orders.items.properties.symbol", { type: "string", maxLength: 4 }),
  ],
  [
    "removal of elements without a schema",
    () => {},
    ["PLAN_REMOVES_UNBOUNDED /nodes/risk/removes/paths/0"],
    (c) => void delete c.tools[1].outputSchema.properties.orders.items,
  ],
  ["a circle of references", put("nodes.quotes.args.symbols", { from: "order$.ids" }), ["PLAN_CYCLE /nodes/order"]],
  ["a node that refers to itself", put("nodes.risk.args.quotes", { from: "risk$" }), ["PLAN_CYCLE /nodes/risk"]],
  [
    "a circle through a computation",
    (p) => Object.assign(p.nodes, { sum: { let: "size(risk.orders)" }, quotes: { ...p.nodes.quotes, when: "sum > 0" } }),
    ["PLAN_CYCLE /nodes/quotes"],
  ],
  [
    "a reference to an unknown node",
    put("nodes.risk.args.quotes", { from: "quote$" }),
    ["PLAN_UNKNOWN_NODE /nodes/risk/args/quotes/from"],
  ],
  [
    "an unknown parameter",
    put("nodes.order.args.limit", { param: "cieling" }),
    ["PLAN_UNKNOWN_PARAM /nodes/order/args/limit/param"],
  ],
  [
    "an expression that does not compile",
    put("nodes.order.require", ["args.quantity <"]),
    ["LANG_EXPR_SYNTAX /nodes/order/require/0"],
  ],
  ["a path to show that does not compile", put("nodes.risk.show", ["$.orders["]), ["LANG_PATH_SYNTAX /nodes/risk/show/0"]],
  [
    "an unknown keyword in a constraint",
    put("nodes.order.args.symbol.match", { enumm: [] }),
    ["LANG_MATCH_KEYWORD /nodes/order/args/symbol/match/enumm"],
  ],
  ["what has not the form of a plan", put("nodes.order", 1), ["PLAN_NODE /nodes/order"]],
];

/** What is taken, although it looks like something above. */
const taken: readonly (readonly [what: string, change: (plan: Loose) => void, tools?: (file: Loose) => void])[] = [
  ["the plan of the design", () => {}],
  ["a bare tool name", put("nodes.order.tool", "order")],
  ["`untrusted` in a flow rule", put("flows.0.deny", ["untrusted"])],
  ["a label that a tool of the catalogue carries", put("flows.0.deny", ["feed"]), put("tools.0.sluice.labels", ["feed"])],
  ["a label that the catalogue declares", put("flows.0.deny", ["feed"]), put("labels", { feed: { integrity: "untrusted" } })],
  ["an endorsement of eight bits", put("nodes.order.args.note", { choose: { enum: ["a", "b", "c", "d"] }, endorse })],
  [
    "an argument that an open schema does not name",
    put("nodes.order.args.more", 1),
    put("tools.2.inputSchema.additionalProperties", true),
  ],
  ["free text in content", put("nodes.risk.args.note", { write: { maxLength: 100 } })],
  [
    "removal of a finite pattern, a date and a nullable number",
    () => {},
    put("tools.1.outputSchema.properties.orders.items.properties.symbol", { pattern: "[A-Z]{3}" }),
  ],
  [
    "an unbounded endorsement for a reader of the network",
    put("nodes.quotes.args.symbols", { choose: { type: "array", items: { type: "string" } }, endorse }),
  ],
  [
    "read-only for a tool of which nothing is known",
    put("nodes.risk.constraints", { readOnly: true }),
    (c) => Object.assign(c.tools[1], { name: "risk/frobnicate", sluice: {} }),
  ],
];

describe("freezePlan", () => {
  it.each(refused.map(([what, change, expected, tools]) => [what, change, expected, tools ?? same] as const))(
    "refuses %s",
    (_what, change, expected, tools) => {
      const frozen = freezePlan(planWith(change), catalogueWith(tools));
      expect(frozen.ok ? [] : places(frozen.error)).toEqual(expected);
      if (!frozen.ok)
        for (const { severity, message } of frozen.error)
          expect([severity, message]).toEqual(["error", expect.not.stringMatching(/\n|\.$/)]);
    },
  );

  it.each(taken.map(([what, change, tools]) => [what, change, tools ?? same] as const))("takes %s", (what, change, tools) => {
    const plan = planWith((p) => {
      change(p);
      if (what.startsWith("read-only")) p.nodes.risk.tool = "risk/frobnicate";
    });
    const frozen = freezePlan(plan, catalogueWith(tools));
    expect(frozen.ok ? [] : frozen.error).toEqual([]);
  });

  it("refuses an unbounded endorsement for a reader of the network once a label has readers", () => {
    const plan = planWith((p) => {
      p.nodes.quotes.args.symbols = { choose: { type: "array", items: { type: "string" } }, endorse };
      p.labels.risk_engine.readers = ["desk@example.com"];
    });
    const frozen = freezePlan(plan, catalogueWith());
    expect(frozen.ok ? [] : places(frozen.error)).toEqual(["PLAN_ENDORSE_UNBOUNDED /nodes/quotes/args/symbols/endorse"]);
  });

  it("counts the bits of endorsements over all arguments and runs of a session, and lets an organisation lower the bound", () => {
    const plan = planWith((p) => {
      p.nodes.order.args.side = { choose: { enum: ["buy", "sell"] }, endorse };
    });
    expect(freezePlan(plan, catalogueWith()).ok).toBe(true);
    const lower = freezePlan(plan, catalogueWith(), { endorsedBitsMax: 3 });
    expect(lower.ok ? [] : lower.error).toMatchObject([{ code: "PLAN_ENDORSE_BITS", bits: 4 }]);
    const higher = planWith((p) => {
      p.nodes.order.args.side = { choose: { pattern: "[a-z]" }, endorse };
    });
    expect(freezePlan(higher, catalogueWith(), { endorsedBitsMax: 1_000 }).ok).toBe(false);
  });

  it("counts every call of a session where failed runs do not count, since each of them sends a value", () => {
    const retried = (plan: Loose): void => {
      plan.nodes.order.args.note = { choose: { enum: ["a", "b"] }, endorse };
      plan.nodes.order.constraints = { idempotent: true };
    };
    const many = freezePlan(planWith(retried), catalogueWith());
    expect(many.ok ? [] : many.error).toMatchObject([{ code: "PLAN_ENDORSE_BITS", bits: 40 }]);
    const few = planWith((plan) => {
      retried(plan);
      plan.limits.calls = 8;
    });
    expect(freezePlan(few, catalogueWith()).ok).toBe(true);
  });

  it("names the circle", () => {
    const frozen = freezePlan(planWith(put("nodes.quotes.args.symbols", { from: "order$.ids" })), catalogueWith());
    expect(frozen.ok ? "" : frozen.error[0]?.message).toMatch(/`(\w+)` before `(\w+)` before `(\w+)` before `\1`/);
  });

  it("qualifies tool names and keeps the plan otherwise as it was", () => {
    const frozen = frozenWith(put("nodes.order.tool", "order"));
    expect(frozen.plan).toEqual(marketPlan);
    expect(Object.keys(frozen.tools)).toEqual(["broker/order", "market/quotes", "risk/check"]);
    expect(frozen.servers).toEqual({
      broker: { name: "broker" },
      market: { name: "market", url: "https://market.example/mcp" },
      risk: { name: "risk" },
    });
  });

  it("freezes without a catalogue what needs nothing of it", () => {
    const frozen = freezePlan(planWith((p) => void delete p.nodes.risk.removes));
    expect(frozen.ok && Object.keys(frozen.value.tools)).toEqual(["broker/order", "market/quotes", "risk/check"]);
  });

  it("gives a plan that cannot be changed, and leaves its arguments alone", () => {
    const plan = planWith();
    const catalogue = catalogueWith();
    const frozen = freezePlan(plan, catalogue);
    if (!frozen.ok) throw new Error("not frozen");
    const open: unknown[] = [frozen.value];
    for (const value of open) {
      if (typeof value !== "object" || value === null) continue;
      expect(Object.isFrozen(value)).toBe(true);
      open.push(...Object.values(value));
    }
    expect(Object.isFrozen(plan.nodes)).toBe(false);
    expect(Object.isFrozen(catalogue.tools.get("risk/check")?.definition)).toBe(false);
  });

  it("names the tool that a frozen plan does not hold", () => {
    const own = catalogueOf(frozenWith());
    expect(own.resolve("broker/order")).toMatchObject({ ok: true });
    expect(own.resolve("broker/oder", ["nodes", "a", "tool"])).toMatchObject({
      ok: false,
      error: { code: "TOOL_UNKNOWN", pointer: "/nodes/a/tool", message: "the frozen plan does not hold the tool `broker/oder`" },
    });
    expect(own.resolve("a\u202eb")).toMatchObject({ ok: false, error: { message: expect.not.stringContaining("\u202e") } });
  });
});
