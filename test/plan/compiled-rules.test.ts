/** What each class of argument rule compiles to: who fills it, what it reads, and what of that is hidden. */
import { describe, expect, it } from "vitest";
import { ruleDepthMax } from "../../src/limits.ts";
import { escapeToken } from "../../src/plan/compile/rules.ts";
import { compiledNode, faultsOf, toolOf } from "./compiling.ts";
import type { Loose } from "./market.ts";

/** The rule `a` of node `n`, which loops over the rows of node `b`. */
const ruleOf = (rule: unknown, rest: Loose = {}): Loose =>
  compiledNode(
    "n",
    { a: {}, b: { show: rest.show }, n: { each: { from: "b$.rows[*]", max: 2 }, args: { a: rule } } },
    {
      plan: { params: { p: {}, q: {} } },
      ...rest,
    },
  ).args[0]?.rule;

const base = { isOptional: false, isHidden: false, role: "target" };
const none = { pick: undefined, extract: undefined, otherwise: undefined };
const read = (node: number, prefix: readonly unknown[], steps: readonly unknown[] = prefix) => ({
  node,
  prefix,
  steps,
  isHidden: false,
  isVariable: false,
});
/** A part of the agent's, and one of the plan's. */
const open = { write: {} };

describe("a compiled rule", () => {
  it.each([
    ["a text", "x", { ...base, kind: "const", value: "x", isFilled: true }],
    ["null", null, { ...base, kind: "const", value: null, isFilled: true }],
    ["a constant", { const: [1] }, { ...base, kind: "const", value: [1], isFilled: true }],
    [
      "an optional constant",
      { const: 1, optional: true },
      { ...base, isOptional: true, kind: "const", value: 1, isFilled: true },
    ],
    ["a list of constants", [1, [2, { const: "x" }]], { ...base, kind: "const", value: [1, [2, "x"]], isFilled: true }],
    ["a parameter", { param: "p" }, { ...base, kind: "param", name: "p", isFilled: true }],
    [
      "a written text",
      { write: {} },
      { ...base, kind: "write", maxLength: Number.POSITIVE_INFINITY, links: "plan", isFilled: false },
    ],
    [
      "a written text within bounds",
      { write: { maxLength: 9, links: ["a.example"] } },
      { ...base, kind: "write", maxLength: 9, links: ["a.example"], isFilled: false },
    ],
    [
      "an endorsement",
      { param: "p", endorse: { from: "x", to: "y", why: "w" }, declassify: { from: ["x", "z"], to: "public", why: "w" } },
      {
        ...base,
        kind: "param",
        name: "p",
        isFilled: true,
        endorse: { from: ["x"], to: "y" },
        declassify: { from: ["x", "z"], to: "public" },
      },
    ],
    [
      "a declassification to a reader",
      { param: "p", declassify: { from: "x", to: "r", why: "w" } },
      { ...base, kind: "param", name: "p", isFilled: true, declassify: { from: ["x"], to: ["r"] } },
    ],
  ])("of %s is its value and no more", (_what, rule, expected) => {
    expect(ruleOf(rule)).toEqual(expected);
  });

  it.each([
    ["a reference", { from: "b$.x.y" }, { ...none, kind: "from", isFilled: true, where: undefined, read: read(1, ["x", "y"]) }],
    [
      "the choice of the agent among references",
      { from: "b$.x[*]", pick: "agent" },
      { kind: "from", pick: "agent", isFilled: false, read: read(1, ["x"], ["x", null]) },
    ],
    ["the last of references", { from: "b$.x[*]", pick: "last" }, { kind: "from", pick: "last", isFilled: true }],
    ["a reference with another value", { from: "b$.x", otherwise: 1 }, { kind: "from", otherwise: 1, isFilled: true }],
    ["an optional reference", { from: "b$.x", optional: true }, { kind: "from", isOptional: true, isFilled: true }],
    [
      "a reference to the rows that pass a filter",
      { from: "b$.rows[*].x", where: "item.y > 1", pick: "first" },
      { kind: "from", where: { item: true, nodes: [] } },
    ],
    ["a reference that is extracted of a text", { from: "b$.x", extract: "email" }, { kind: "from", extract: {} }],
    ["an item that is extracted of a text", { item: "$.x", extract: "email" }, { kind: "item", extract: {} }],
    ["an item", { item: "$.x" }, { ...none, kind: "item", isFilled: true, read: read(1, ["rows"], ["rows", null, "x"]) }],
    ["the choice of the agent in an item", { item: "$.x[*]", pick: "agent" }, { kind: "item", pick: "agent", isFilled: false }],
    ["an item with another value", { item: "$.x", otherwise: 1 }, { kind: "item", otherwise: 1, isFilled: true }],
    ["a choice", { choose: { enum: [1] } }, { kind: "choose", isFilled: false }],
    ["an expression", { expr: "a.x" }, { kind: "expr", isFilled: true, code: { nodes: [read(0, ["x"])], item: false } }],
    ["an expression of an item", { expr: "item.x" }, { kind: "expr", code: { nodes: [], item: true } }],
    [
      "a filled object",
      { object: { b: 1, a: { param: "p" } } },
      { kind: "object", isFilled: true, members: [{ name: "a" }, { name: "b" }] },
    ],
    ["an object with a part of the agent's", { object: { a: 1, b: open } }, { kind: "object", isFilled: false }],
    [
      "a list that is not all constant",
      [1, { param: "p" }],
      { kind: "list", isFilled: true, isOptional: false, isHidden: false },
    ],
    ["a list with a part of the agent's", [1, open], { kind: "list", isFilled: false }],
    ["a list with a constant that is held to a match", [{ const: 1, match: { enum: [1] } }], { kind: "list", isFilled: true }],
    [
      "a template",
      { template: "text", text: "{x}", with: { x: 1 } },
      { kind: "template", isFilled: true, holes: [{ name: "x" }] },
    ],
  ])("of %s says who fills it and what it reads", (_what, rule, expected) => {
    expect(ruleOf(rule)).toMatchObject(expected);
  });

  it("holds its match, and has none if none is declared", () => {
    expect(ruleOf({ param: "p", match: { enum: [1] } }).match.check(2)).toBeDefined();
    expect(ruleOf({ param: "p", match: { enum: [1] } }).match.check(1)).toBeUndefined();
    expect(Object.hasOwn(ruleOf({ param: "p" }), "match")).toBe(false);
  });

  it.each([
    ["$.x[1].y", ["x", 1, "y"]],
    ["$.x[*].y", ["x", null, "y"]],
    ["$.x..y", ["x"]],
    ["$.x['a','b'].y", ["x"]],
    ["$.x[?@.a == 1].y", ["x"]],
    ["$.x[1:2].y", ["x"]],
    ["$.x[?@.a == $.b].y", []],
  ])("of the path %s reads the steps before what may be any", (path, steps) => {
    expect(ruleOf({ from: `b${path}`, pick: "first" }).read.steps).toEqual(steps);
  });

  it("of an item of a loop over runs reads what its path says of the run", () => {
    const node = compiledNode("n", { b: { times: 3 }, n: { each: "b", args: { a: { item: "$.x.y" } } } });
    expect(node.args[0]?.rule).toMatchObject({ read: { node: 0, prefix: ["x", "y"], steps: ["x", "y"], isVariable: true } });
  });

  it.each([
    ["b$.rows", ["rows", null, "x"]],
    ["b$.rows[*]", ["rows", null, "x"]],
    ["b$.rows[?@.a == 1]", ["rows"]],
    ["b$..rows", []],
  ])("of an item of a loop over %s reads below the row, as far as that is known", (from, steps) => {
    const node = compiledNode("n", { b: {}, n: { each: { from, max: 2 }, args: { a: { item: "$.x" } } } });
    expect(node.args[0]?.rule).toMatchObject({ read: { node: 0, steps } });
  });

  it.each([
    [{ from: "b$.secret" }, true],
    [{ from: "b$.rows[0].x" }, false],
    [{ expr: "b.secret" }, true],
    [{ expr: "item.secret" }, false],
    [{ object: { x: { from: "b$.secret" } } }, true],
    [[{ from: "b$.secret" }], true],
    [1, false],
    [{ param: "p" }, false],
  ])("%j is hidden where it reads what is not shown", (rule, isHidden) => {
    expect(ruleOf(rule, { show: ["$.rows"] }).isHidden).toBe(isHidden);
    expect(ruleOf(rule, { show: "all" }).isHidden).toBe(false);
  });

  it("of an item is hidden where the rows are", () => {
    for (const rule of [{ expr: "item.x" }, { item: "$.x" }]) {
      expect(ruleOf(rule, { show: ["$.other"] }).isHidden).toBe(true);
      expect(ruleOf(rule, { show: ["$.rows[*]"] }).isHidden).toBe(false);
    }
    // Inside a loop an expression reads the rows only where it names the item.
    expect(ruleOf({ expr: "params.p" }, { show: ["$.other"] }).isHidden).toBe(false);
  });

  it("has the role of its place, or of the nearest place around it", () => {
    const tools = { "s/any": toolOf("s/any", { roles: { a: "selector", "a.x": "content", "a.x.y": "command" } }) };
    const node = compiledNode(
      "n",
      { n: { args: { a: { object: { w: [open], x: { object: { y: 1, z: [{ param: "p" }, 2] } } } } } } },
      {
        tools,
        plan: { params: { p: {} } },
      },
    );
    expect(node.args[0]).toMatchObject({
      role: "selector",
      roles: ["selector", "content", "command"],
      rule: {
        role: "selector",
        members: [
          { name: "w", rule: { role: "selector", elements: [{ role: "selector" }] } },
          {
            name: "x",
            rule: {
              role: "content",
              members: [{ rule: { role: "command" } }, { rule: { role: "content", elements: [{}, {}] } }],
            },
          },
        ],
      },
    });
  });

  it("has every role of the parts of a list", () => {
    const tools = { "s/any": toolOf("s/any", { roles: { a: "selector", "a.x": "content" } }) };
    const node = compiledNode("n", { n: { args: { a: [{ object: { x: open } }] } } }, { tools });
    expect(node.args[0]?.roles).toEqual(["selector", "content"]);
  });

  it("cannot be nested deeper than the bound, in objects or in lists", () => {
    const objects = (depth: number): Loose => (depth === 0 ? 1 : { object: { a: objects(depth - 1) } });
    const lists = (depth: number): Loose => (depth === 0 ? 1 : [lists(depth - 1)]);
    for (const [nested, step] of [
      [objects, "/object/a"],
      [lists, "/0"],
    ] as const) {
      expect(faultsOf({ n: { args: { a: nested(ruleDepthMax) } } })).toEqual([]);
      expect(faultsOf({ n: { args: { a: nested(ruleDepthMax + 1) } } })).toEqual([
        `error PLAN_TOO_LARGE /nodes/n/args/a${step.repeat(ruleDepthMax + 1)}: rules may nest ${ruleDepthMax} deep`,
      ]);
    }
  });

  it("is pointed to with an escaped name", () => {
    expect(escapeToken("a~/b~/c")).toBe("a~0~1b~0~1c");
  });
});
