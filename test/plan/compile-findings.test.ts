/** What is said of a plan whose rules, references, expressions and constraints cannot be compiled: the code, the place, and the words. */
import { describe, expect, it } from "vitest";
import { ruleDepthMax } from "../../src/limits.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import { catalogueWith, type Loose, places, planWith, put } from "./market.ts";

const note = (rule: unknown) => put("nodes.order.args.note", rule);
const held = (constraints: unknown) => put("nodes.order.constraints", constraints);

/** The change, and `CODE pointer: message` of every finding. */
const said: readonly (readonly [what: string, change: (plan: Loose) => void, expected: readonly string[]])[] = [
  [
    "an empty list of labels",
    put("nodes.order.labels", []),
    ["PLAN_LABELS_EMPTY /nodes/order/labels: an empty list says nothing: leave `labels` out, or name what the result carries"],
  ],
  [
    "an order after a node that is not there",
    put("nodes.order.after", ["risk", "nope"]),
    ["PLAN_UNKNOWN_NODE /nodes/order/after/1: `nope` is not a node of the plan"],
  ],
  [
    "a loop over the runs of a node that is not there",
    (plan) => Object.assign(plan.nodes.quotes, { each: "nope" }),
    ["PLAN_UNKNOWN_NODE /nodes/quotes/each: `nope` is not a node of the plan"],
  ],
  [
    "a loop over a result of a node that is not there",
    (plan) => Object.assign(plan.nodes.quotes, { each: { from: "nope$.rows", max: 2 } }),
    ["PLAN_UNKNOWN_NODE /nodes/quotes/each/from: `nope` is not a node of the plan"],
  ],
  [
    "a reference to a node that is not there",
    note({ from: "nope$.x" }),
    ["PLAN_UNKNOWN_NODE /nodes/order/args/note/from: `nope` is not a node of the plan"],
  ],
  [
    "a parameter that is not there",
    note({ param: "nope" }),
    ["PLAN_UNKNOWN_PARAM /nodes/order/args/note/param: `nope` is not a parameter of the plan"],
  ],
  [
    "a parameter that is not there in an expression",
    note({ expr: "params.nope + 1" }),
    ["PLAN_UNKNOWN_PARAM /nodes/order/args/note/expr: `params.nope` is not a parameter of the plan"],
  ],
  [
    "a node that is not there in an expression",
    note({ expr: 'nodes["nope"].x' }),
    ["PLAN_UNKNOWN_NODE /nodes/order/args/note/expr: `nope` is not a node of the plan"],
  ],
  [
    "a removal at an element",
    put("nodes.risk.removes.paths", ["$.orders[0]"]),
    ["PLAN_REMOVES_PATH /nodes/risk/removes/paths/0: a path of `removes` is made of member names only, such as `$.orders`"],
  ],
  [
    "a removal at all elements",
    put("nodes.risk.removes.paths", ["$.orders", "$.orders[*]"]),
    ["PLAN_REMOVES_PATH /nodes/risk/removes/paths/1: a path of `removes` is made of member names only, such as `$.orders`"],
  ],
  [
    "a removal at what is no path",
    put("nodes.risk.removes.paths", ["$.orders["]),
    ["PLAN_REMOVES_PATH /nodes/risk/removes/paths/0: a path of `removes` is made of member names only, such as `$.orders`"],
  ],
  [
    "a row outside of a loop",
    (plan) => void Object.assign(plan.nodes.risk.args, { note: { item: "$.x" } }),
    ["PLAN_ITEM_OUTSIDE_EACH /nodes/risk/args/note/item: `item` is only known inside `each`"],
  ],
  [
    "a row outside of a loop, deep in an argument whose name has to be escaped",
    (plan) => void Object.assign(plan.nodes.risk.args, { note: { object: { "a/b~": [1, { item: "$.x" }] } } }),
    ["PLAN_ITEM_OUTSIDE_EACH /nodes/risk/args/note/object/a~1b~0/1/item: `item` is only known inside `each`"],
  ],
  ...[
    ["from", "risk$.orders[0].symbol"],
    ["item", "$.symbol"],
  ].flatMap(([kind = "", path]) =>
    [{ optional: true }, { pick: "agent" }].map(
      (other) =>
        [
          `\`otherwise\` beside ${JSON.stringify(other)} of \`${kind}\``,
          note({ [kind]: path, otherwise: "x", ...other }),
          ["PLAN_OTHERWISE /nodes/order/args/note/otherwise: `otherwise` does not go with `optional` or `pick: agent`"],
        ] as const,
    ),
  ),
  [
    "a hole without a rule",
    note({ template: "text", text: "{a} {b}", with: { a: 1 } }),
    ["PLAN_TEMPLATE_HOLE /nodes/order/args/note/with: the hole `{b}` has no rule"],
  ],
  [
    "holes without rules",
    note({ template: "text", text: "{a}" }),
    ["PLAN_TEMPLATE_HOLE /nodes/order/args/note/with: the hole `{a}` has no rule"],
  ],
  [
    "a rule without a hole",
    note({ template: "text", text: "{a}", with: { a: 1, b: 2 } }),
    ["PLAN_TEMPLATE_HOLE /nodes/order/args/note/with/b: the text has no hole `{b}`"],
  ],
  ...[{ choose: { enum: ["a", "b"] } }, { write: {} }, { item: "$.symbol", pick: "agent" }].map(
    (rule) =>
      [
        `a hole that the agent fills by ${JSON.stringify(rule)}`,
        note({ template: "text", text: "{a}", with: { a: rule } }),
        [
          "PLAN_TEMPLATE_HOLE /nodes/order/args/note/with/a: a hole takes a constant, parameter, reference, item, expression or template",
        ],
      ] as const,
  ),
  [
    "a host that is an address",
    held({ hosts: ["a.example", "https://a.example"] }),
    [
      "PLAN_CONSTRAINT /nodes/order/constraints/hosts/1: a host is a name such as `api.example.com`, one with its port, or `*.example.com`",
    ],
  ],
  [
    "a prefix with `..`",
    held({ paths: ["/data", "/data/../etc"] }),
    [
      "PLAN_CONSTRAINT /nodes/order/constraints/paths/1: a prefix is a path of plain names such as `/data/in` or `notes`, without `.`, `..` and wildcards",
    ],
  ],
  [
    "an address that is none",
    held({ emails: ["ada@example.com", "ada"] }),
    ["PLAN_CONSTRAINT /nodes/order/constraints/emails/1: an address is written out, as in `ada@example.com`"],
  ],
  [
    "a domain that is an address",
    held({ emails: ["ada@example.com"], domains: ["example.com", "ada@example.com"] }),
    ["PLAN_CONSTRAINT /nodes/order/constraints/domains/1: a domain is a name such as `example.com`, or `*.example.com`"],
  ],
  [
    "columns without a dialect",
    held({ sql: { statements: ["select"], columns: ["t.a"] } }),
    ["PLAN_CONSTRAINT /nodes/order/constraints/sql/columns: columns are known to a parser only: name the `dialect`"],
  ],
  ...["a", ".a", "t.", "t..a"].map(
    (column) =>
      [
        `\`${column}\` for a column`,
        held({ sql: { statements: ["select"], dialect: "sqlite", columns: ["t.a", column] } }),
        ["PLAN_CONSTRAINT /nodes/order/constraints/sql/columns/1: a column is written `table.column`"],
      ] as const,
  ),
  ...[
    ["sh", 0],
    ["env", 1],
  ].map(
    ([program, at]) =>
      [
        `\`${program}\` among the programs`,
        held({ argv: { programs: at === 0 ? [program, "git"] : ["git", program] } }),
        [
          `PLAN_CONSTRAINT /nodes/order/constraints/argv/programs/${at}: a shell, or a program that runs what it is given, makes every other limit void`,
        ],
      ] as const,
  ),
];

/** `depth` objects around a constant. */
const nested = (depth: number): unknown => (depth === 0 ? 1 : { object: { a: nested(depth - 1) } });

describe("what cannot be compiled", () => {
  it.each(said)("%s", (_what, change, expected) => {
    const frozen = freezePlan(planWith(change), catalogueWith());
    const findings = frozen.ok ? [] : frozen.error.filter(({ severity }) => severity === "error");
    expect(findings.map(({ code, pointer, message }) => `${code} ${pointer}: ${message}`)).toEqual(expected);
  });

  it.each([
    ["a reference", note({ from: "risk$[" }), "/nodes/order/args/note/from"],
    [
      "a reference of a loop",
      (p: Loose) => Object.assign(p.nodes.quotes, { each: { from: "risk$[", max: 2 } }),
      "/nodes/quotes/each/from",
    ],
    ["a filter of a reference", note({ from: "risk$.orders[*].symbol", where: "item." }), "/nodes/order/args/note/where"],
    ["a filter that names a node", note({ from: "risk$.orders[*].symbol", where: "risk.x" }), "/nodes/order/args/note/where"],
    [
      "a filter that names all nodes",
      note({ from: "risk$.orders[*].symbol", where: "size(nodes) > 0" }),
      "/nodes/order/args/note/where",
    ],
    ["a filter of a loop that names a node", put("nodes.order.each.where", "quotes.x"), "/nodes/order/each/where"],
    ["a path of an item", note({ item: "$[" }), "/nodes/order/args/note/item"],
    ["an extraction of an item", note({ item: "$.symbol", extract: "nope" }), "/nodes/order/args/note/extract"],
    ["an extraction", note({ from: "risk$.orders[0].symbol", extract: "nope" }), "/nodes/order/args/note/extract"],
    ["a text with an open hole", note({ template: "text", text: "{a", with: { a: 1 } }), "/nodes/order/args/note/text"],
    ["an expression", note({ expr: "1 +" }), "/nodes/order/args/note/expr"],
    ["a row in an expression outside of a loop", put("nodes.risk.args.note", { expr: "item.x" }), "/nodes/risk/args/note/expr"],
    ["arguments in an expression that is none of `require`", note({ expr: "args.quantity" }), "/nodes/order/args/note/expr"],
    ["a guard", put("nodes.order.when", "risk ="), "/nodes/order/when"],
    ["a condition", put("nodes.order.require", ["true", "args."]), "/nodes/order/require/1"],
    ["a choice", note({ choose: { pattern: "(" } }), "/nodes/order/args/note/choose/pattern"],
    ["a match", note({ param: "ceiling", match: { enumm: [1] } }), "/nodes/order/args/note/match/enumm"],
  ] as const)("%s that does not read is refused where it stands, in one sentence", (_what, change, pointer) => {
    const frozen = freezePlan(planWith(change), catalogueWith());
    expect(frozen.ok ? [] : frozen.error).toMatchObject([
      { severity: "error", pointer: expect.stringContaining(pointer), message: expect.stringMatching(/^.{5,}[^.\n]$/) },
    ]);
  });

  it("rules nest as deep as the bound says, and no deeper", () => {
    const open = put("tools.2.inputSchema.additionalProperties", true);
    const codes = (depth: number): readonly string[] => {
      const frozen = freezePlan(planWith(note(nested(depth))), catalogueWith(open));
      return frozen.ok ? [] : frozen.error.map(({ code, message }) => `${code}: ${message}`);
    };
    expect(codes(ruleDepthMax)).toEqual([]);
    expect(codes(ruleDepthMax + 1)).toEqual([`PLAN_TOO_LARGE: argument rules nest at most ${ruleDepthMax} deep`]);
  });

  it("every node's faults are told, not the first alone", () => {
    const plan = planWith((p) => {
      p.nodes.order.after = ["x", "y"];
      p.nodes.risk.show = ["$[", "$.orders", "$]"];
    });
    const frozen = freezePlan(plan, catalogueWith());
    expect(frozen.ok ? [] : [...places(frozen.error)].sort()).toEqual([
      "LANG_PATH_SYNTAX /nodes/risk/show/0",
      "LANG_PATH_SYNTAX /nodes/risk/show/2",
      "PLAN_UNKNOWN_NODE /nodes/order/after/0",
      "PLAN_UNKNOWN_NODE /nodes/order/after/1",
    ]);
  });
});
