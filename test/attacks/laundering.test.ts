import { describe, expect, it } from "vitest";
import type { ArgRule } from "../../src/plan/plan.ts";
import { open, type Scheme } from "./world.ts";

const page = { tool: "web/get", args: { url: "https://a.example/" } } as const;
const flows = [{ id: "no-web", deny: ["web"], to: ["box/*", "bank/*"] }];
const result = {
  x: "q",
  n: 5,
  rows: [
    { k: "a", n: 1 },
    { k: "b", n: 2 },
  ],
};

function put(key: ArgRule, more: Scheme["nodes"] = {}): string {
  const world = open({
    params: { p: { type: "string", default: "x" } },
    nodes: { page, a: { tool: "safe/read" }, ...more, put: { tool: "box/put", args: { key } } },
    flows,
  });
  world.call("web/get", {}, result);
  world.call("safe/read", {}, { x: "a", n: 1 });
  return world.attempt("box/put").split(" ")[0] as string;
}

describe("a stranger's data in an expression", () => {
  const expressions = [
    "page.x",
    "page['x']",
    "[page][0].x",
    "{'a': page}.a.x",
    "nodes.page.x",
    "nodes['page'].x",
    "page[params.p]",
    "[1].map(i, page.x)[0]",
    "[page].map(a, a.x)[0]",
    "true ? 'a' : page.x",
    "page.n > 3 ? 'a' : 'b'",
    "has(page.x)",
    "has(page.y)",
    "page == 1",
    "size(page)",
    "size(page.rows)",
    "[page.x].filter(a, a == 'q').size()",
    "page.rows.exists(r, r.k == 'a')",
    "[1, 2].all(i, page.n > i)",
    "'a' + page.x",
    "string(page.n)",
    "min([page.n, 1])",
    "page.x == page.x ? 1 : 1",
    "[a.x, page.x][0]",
    "a.n == 1 || page.n == 1",
    "sortBy(page.rows, 'n')[0].k",
    "join([a.x, page.x], '')",
  ];
  it.each(expressions)("is not washed by %s", (expr) => {
    expect(put({ expr })).toBe("FLOW_SINK_DENIED");
  });

  it.each(["a.x", "[1].map(page, 'c')[0]", "size('page')", "'page.x'"])("is not seen in %s, which does not read it", (expr) => {
    expect(put({ expr })).toBe("allow");
  });
});

describe("a stranger's data", () => {
  const detours: readonly (readonly [string, ArgRule, Scheme["nodes"]])[] = [
    ["a computing node", { from: "l$" }, { l: { let: "page.x" } }],
    ["two computing nodes", { from: "m$.k" }, { l: { let: "page.rows" }, m: { let: "l[0]" } }],
    ["a constant chosen by it", { expr: "l ? 'a' : 'b'" }, { l: { let: "page.n > 3" } }],
    ["an object", { object: { a: 1, b: { from: "page$.x" } } }, {}],
    ["a list", [1, { from: "page$.x" }], {}],
    ["a template", { template: "text", text: "{x}", with: { x: { from: "page$.x" } } }, {}],
    [
      "a template in a template",
      { template: "text", text: "{x}", with: { x: { template: "text", text: "{y}", with: { y: { from: "page$.x" } } } } },
      {},
    ],
    ["an extract", { from: "page$.x", extract: "word" }, {}],
    ["a filter", { from: "page$.rows[?@.n == 1].k" }, {}],
    ["a condition", { from: "page$.rows[*].k", where: "item == 'a'" }, {}],
    ["a pick", { from: "page$.rows[*].k", pick: "first" }, {}],
    ["a value that stands in for what is missing", { from: "page$.missing", otherwise: "a" }, {}],
    ["what is left out", { from: "page$.missing", optional: true }, {}],
    ["what is left out of an object", { object: { a: 1, b: { from: "page$.missing", optional: true } } }, {}],
  ];
  it.each(detours)("is not washed by %s", (_, key, more) => {
    expect(put(key, more)).toBe("FLOW_SINK_DENIED");
  });

  it("is not washed by a trusted tool, one or three in a row", () => {
    const world = open({
      nodes: {
        page,
        one: { tool: "safe/read", args: { key: { from: "page$.x" } } },
        two: { tool: "safe/check", args: { data: { from: "one$.x" } } },
        put: { tool: "box/put", args: { key: { from: "two$.x" } } },
      },
      flows,
    });
    world.call("web/get", {}, result);
    world.call("safe/read", {}, { x: 1 });
    world.call("safe/check", {}, { x: 1 });
    expect(world.attempt("box/put")).toBe("FLOW_SINK_DENIED");
  });

  it("chooses no row of a cleaned list through a filter that looks at the rest", () => {
    const world = open({
      nodes: {
        page,
        check: { tool: "safe/check", args: { data: { from: "page$" } }, removes: { labels: ["web"], paths: ["$.orders"] } },
        pay: { tool: "bank/pay", args: { to: "x", amount: { from: "check$.orders[?@.symbol == $.note].quantity" } } },
        all: {
          tool: "box/put",
          each: { from: "check$.orders[?@.symbol == $.note]", max: 3 },
          args: { key: { item: "$.quantity" } },
        },
      },
      flows,
    });
    world.call("web/get", {}, "x");
    world.call(
      "safe/check",
      {},
      {
        note: "VTI",
        orders: [
          { symbol: "VTI", quantity: 1 },
          { symbol: "BND", quantity: 99 },
        ],
      },
    );
    expect(world.attempt("bank/pay")).toBe("FLOW_SINK_DENIED");
    expect(world.attempt("box/put")).toBe("FLOW_SINK_DENIED");
  });

  it("decides with its length how often a constant call is made, and a rule on control sees that", () => {
    const world = open({
      nodes: {
        page: { ...page, show: "none" },
        put: { tool: "box/put", each: { from: "page$.rows[*]", max: 5 }, args: { key: "k" } },
      },
      flows: [{ id: "c", deny: ["web"], to: "box/*", roles: ["control"] }],
    });
    world.call("web/get", {}, result);
    expect(world.attempt("box/put")).toBe("HIDDEN");
    expect(world.sources()).toContain("web");
  });
});

describe("what was left out", () => {
  const paid = (memo: ArgRule, limit: ArgRule): string => {
    const world = open({
      nodes: { page, pay: { tool: "bank/pay", after: ["page"], args: { to: "x", amount: 1, memo, limit } } },
      flows,
    });
    world.call("web/get", {}, {});
    return world.attempt("bank/pay").split(" ")[0] as string;
  };

  it("of a target says as much as what is there", () => {
    expect(paid("m", { from: "page$.limit", optional: true })).toBe("FLOW_SINK_DENIED");
    expect(paid("m", { choose: { enum: [5] }, optional: true })).toBe("FLOW_CHOICE_UNTRUSTED");
    expect(paid("m", { from: "page$..limit", pick: "agent", optional: true })).toBe("FLOW_CHOICE_UNTRUSTED");
  });

  it("of a text says nothing", () => {
    expect(paid({ write: {}, optional: true }, 5)).toBe("allow");
    expect(paid({ from: "page$.memo", optional: true }, 5)).toBe("allow");
  });
});
