/** What the nodes of a plan compile to: how often they run, what they read and wait for, what of it is hidden, and what an expression names. */
import { describe, expect, it } from "vitest";
import { eachRowsMax } from "../../src/limits.ts";
import { compiled, compiledNode, faultsOf, toolOf } from "./compiling.ts";
import type { Loose } from "./market.ts";

const whole = (node: number, rest: Loose = {}) => ({ node, prefix: [], steps: [], isHidden: false, isVariable: false, ...rest });

describe("a compiled node", () => {
  it("of no more than a tool holds nothing back, waits for nothing and asks for nothing", () => {
    expect(compiledNode("n", { n: {} })).toMatchObject({
      index: 0,
      name: "n",
      let: undefined,
      args: [],
      labels: ["unknown"],
      parse: undefined,
      removes: undefined,
      output: undefined,
      min: 1,
      max: 1,
      each: undefined,
      when: undefined,
      isOptional: false,
      isIdempotent: false,
      predecessors: [],
      closers: [],
      require: [],
      constraints: { maxBytes: Number.POSITIVE_INFINITY, effects: [], dialect: undefined, needsApproval: false, budgets: [] },
      within: [],
      needsApproval: false,
      show: "all",
      hiddenReads: [],
      isReferred: false,
      flows: [],
    });
  });

  it.each([
    [{ times: 3 }, 3, 3],
    [{ times: { max: 4 } }, 1, 4],
    [{ times: { min: 0, max: 4 } }, 0, 4],
    [{ times: 3, optional: true }, 0, 3],
    [{}, 1, 1],
  ])("%j runs so often", (spec, min, max) => {
    expect(compiledNode("n", { n: spec })).toMatchObject({ min, max });
  });

  it("names its arguments, and the defaults of those that its tool has", () => {
    const inputSchema = { properties: { a: {}, b: { default: 2 }, c: { default: null } } };
    const node = compiledNode("n", { n: { args: { z: 1, a: 2 } } }, { tools: { "s/any": toolOf("s/any", {}, { inputSchema }) } });
    expect([...node.argNames]).toEqual(["a", "z"]);
    expect([...node.defaults]).toEqual([
      ["b", 2],
      ["c", null],
    ]);
  });

  it("waits for a human if its own constraints say so, or any beside them", () => {
    const human = { approve: "human" };
    const needs = (spec: Loose): boolean => compiledNode("n", { n: spec }).needsApproval;
    expect(needs({ constraints: human })).toBe(true);
    expect(needs({ within: [{}, human] })).toBe(true);
    expect(needs({ constraints: {}, within: [{}] })).toBe(false);
  });

  it("counts its budgets by its own name and their place, unless they are shared", () => {
    const budget = [
      { sum: "args.a", max: 1 },
      { id: "all", sum: "args.a", max: 2, per: "minute" },
    ];
    expect(compiledNode("n", { n: { constraints: { budget } } }).constraints.budgets).toEqual([
      { sum: "args.a", max: 1, id: "n/0", isShared: false, windowMs: Number.POSITIVE_INFINITY },
      { sum: "args.a", max: 2, per: "minute", id: "all", isShared: true, windowMs: 60_000 },
    ]);
  });

  it.each([
    ["one budget that stands alone", { budget: { sum: "args.a", max: 1 } }, { budgets: [{ id: "n/0", max: 1 }] }],
    ["a rate", { rate: { calls: 2, per: "hour" } }, { rate: { calls: 2, windowMs: 3_600_000 } }],
    ["no rate", {}, { rate: undefined }],
    ["a bound on bytes", { maxBytes: 7 }, { maxBytes: 7 }],
    ["a dialect", { sql: { statements: ["select"], dialect: "sqlite" } }, { dialect: "sqlite" }],
  ])("is held to %s", (_what, constraints, expected) => {
    expect(compiledNode("n", { n: { constraints } }).constraints).toMatchObject(expected);
  });

  it("reads a result as its tool's catalogue says, and else as it says itself", () => {
    const yaml = { tools: { "s/any": toolOf("s/any", { parse: "yaml" }) } };
    expect(compiledNode("n", { n: { parse: "json" } }).parse).toBe("json");
    expect(compiledNode("n", { n: { parse: "json" } }, yaml).parse).toBe("yaml");
  });

  it("that may be tried again reads its own outcome, if the agent is not told it", () => {
    const own = (spec: Loose): readonly number[] => compiledNode("n", { a: {}, n: spec }).hiddenReads.map(({ node }) => node);
    expect(own({ constraints: { idempotent: true }, show: "none" })).toEqual([1]);
    expect(own({ constraints: { idempotent: true } })).toEqual([]);
    expect(own({ show: "none" })).toEqual([]);
  });

  it("removes labels in the regions that its paths name", () => {
    expect(compiledNode("n", { n: { removes: { labels: ["l"], paths: ["$.a.b", "$"] } } }).removes).toEqual({
      labels: ["l"],
      regions: [["a", "b"], []],
    });
  });

  it("validates results by its tool's schema, if that can be read", () => {
    const outputOf = (outputSchema: unknown): Loose =>
      compiledNode("n", { n: {} }, { tools: { "s/any": toolOf("s/any", {}, { outputSchema }) } }).output;
    expect(outputOf({ type: "string", description: "d" }).check(1)).toBeDefined();
    expect(outputOf({ type: "string", description: "d" }).check("x")).toBeUndefined();
    expect(outputOf(undefined)).toBeUndefined();
    expect(outputOf({ $dynamicRef: "#x" })).toBeUndefined();
    expect(outputOf(true)).toBeUndefined();
  });

  it("of a loop reads the runs of the node, or the rows at a path", () => {
    const nodes = { a: { times: 2 }, n: { each: "a" } };
    expect(compiledNode("n", nodes).each).toEqual({ kind: "node", node: 0, read: whole(0, { isVariable: true }) });
    const rows = compiledNode("n", {
      a: {},
      n: { each: { from: "a$.rows[*].x", max: eachRowsMax + 5, where: "item.y > 1" } },
    }).each;
    expect(rows).toMatchObject({
      kind: "from",
      node: 0,
      max: eachRowsMax,
      where: { item: true, nodes: [] },
      read: whole(0, { prefix: ["rows"], steps: ["rows", null, "x"] }),
    });
  });

  it.each([
    ["one that names the row", { require: ["item.x > 1"] }, ["$.y"], true],
    ["one that names no row", { require: ["args.a > 1"] }, ["$.rows[*].y"], false],
  ])("in a loop reads rows for %s", (_what, spec, show, isRead) => {
    const node = compiledNode("n", { a: { show }, n: { each: { from: "a$.rows", max: 2 }, args: { a: 1 }, ...spec } });
    expect(node.require).toHaveLength(1);
    expect(node.require[0]).toMatchObject({ item: isRead, args: !isRead });
    // The loop reads the list, and the condition its rows: both are hidden, as one place.
    expect(node.hiddenReads.map(({ prefix, steps }) => ({ prefix, steps }))).toEqual([
      { prefix: ["rows"], steps: isRead ? ["rows", null] : ["rows"] },
    ]);
  });

  it("reads as `all` of a node that shows a part of its result only what is within that part", () => {
    const hidden = (from: string, show: Loose): boolean =>
      compiledNode("n", { a: { show }, n: { args: { x: { from, pick: "first" } } } }).hiddenReads.length > 0;
    expect(hidden("a$.x", "all")).toBe(false);
    expect(hidden("a$.x", "none")).toBe(true);
    expect(hidden("a$.x.y", ["$.x"])).toBe(false);
    expect(hidden("a$.x", ["$.x.y"])).toBe(true);
    expect(hidden("a$.y", ["$.x"])).toBe(true);
    expect(hidden("a$.x[3].y", ["$.x[*]"])).toBe(false);
    expect(hidden("a$.x[*].y", ["$.x[0]"])).toBe(true);
    expect(hidden("a$.x", ["$..x"])).toBe(true);
  });

  it("hides its result if a rule reads what is hidden, unless it says what it shows", () => {
    const nodes = (show?: string): Loose => ({
      a: { show: "none" },
      n: { args: { x: { from: "a$.x" } }, ...(show && { show }) },
    });
    expect(compiledNode("n", nodes()).show).toBe("none");
    expect(compiledNode("n", nodes("all")).show).toBe("all");
    expect(compiledNode("n", { l: { let: "a.x" }, a: { show: "none" }, n: { args: { x: { expr: "l" } } } }).show).toBe("none");
  });

  it("waits for the nodes it names and reads, in order, and through values for what these read", () => {
    const nodes = {
      a: {},
      b: {},
      c: {},
      d: {},
      z: { let: "c.x + y" },
      y: { let: "a.x" },
      n: { after: ["d"], args: { x: { expr: "z" }, y: { from: "b$.x" } } },
    };
    const node = compiledNode("n", nodes);
    const names = compiled(nodes).nodes.map(({ name }) => name);
    expect(node.predecessors.map((index) => names[index])).toEqual(["a", "b", "c", "d"]);
    expect(node.hiddenReads).toEqual([]);
  });

  it("waits for its predecessors in the order of their numbers, whatever names them first", () => {
    const many = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`m${String(i).padStart(2, "0")}`, {}]));
    const after = Object.keys(many).reverse();
    expect(compiledNode("z", { ...many, z: { after } }).predecessors).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  it("is closed by the nodes that wait for it, if it is optional", () => {
    const nodes = {
      a: { optional: true },
      b: {},
      l: { let: "a.x" },
      m: { after: ["a", "b"] },
      n: { each: "a" },
      o: { args: { x: { expr: "l" } } },
    };
    const plan = compiled(nodes);
    const closers = (name: string): readonly (string | undefined)[] | undefined =>
      plan.byName.get(name)?.closers.map((index) => plan.nodes[index]?.name);
    expect([closers("a"), closers("b")]).toEqual([["m", "o"], []]);
  });

  it("knows whether anything refers to its result, and under an envelope whether it has one", () => {
    const nodes = { a: {}, b: {}, l: { let: "b.x" }, n: { args: { x: { from: "a$.x" } } } };
    const referred = (plan: Loose): readonly boolean[] => compiled(nodes, { plan }).nodes.map((node) => node.isReferred);
    expect(referred({})).toEqual([true, true, false, false]);
    expect(referred({ envelope: [{ tool: "s/any" }] })).toEqual([true, true, false, true]);
  });

  it.each([
    ["a node of one run", {}, { from: "a$.x", pick: "first" }, false],
    ["a node of several runs that one is picked of", { times: 3 }, { from: "a$.x", pick: "first" }, true],
    ["a node of several runs in an expression", { times: 3 }, { expr: "a[0].x" }, false],
    ["a node of several runs that none is picked of", { times: 3 }, { from: "a$.x" }, false],
    ["an optional node", { optional: true }, { from: "a$.x" }, true],
    ["a guarded node", { when: "true" }, { from: "a$.x" }, true],
    ["a node that may not run", { times: { min: 0, max: 1 } }, { from: "a$.x" }, true],
  ])("reads a set of runs that varies of %s, or not", (_what, a, rule, isVariable) => {
    const node = compiledNode("n", { a, n: { args: { x: rule } } });
    const of = node.args[0]?.rule as Loose;
    expect((of.read ?? of.code.nodes[0]).isVariable).toBe(isVariable);
  });

  it("has the flow rules that cover its tool", () => {
    const flows = [
      { id: "x", deny: ["l"], to: "s/*" },
      { id: "y", deny: ["l"], to: ["t/any", "*y"], args: ["a"], roles: ["content"], approve: "human" },
      { id: "z", deny: ["l"], to: "t/*" },
    ];
    const plan = compiled({ n: {}, l: { let: "1" } }, { plan: { flows } });
    expect([plan.byName.get("n")?.flows, plan.byName.get("l")?.flows]).toEqual([[0, 1], []]);
    expect(plan.flows).toMatchObject([
      { index: 0, id: "x", tools: ["s/*"], args: undefined, roles: undefined, needsApproval: false },
      { index: 1, id: "y", tools: ["t/any", "*y"], args: new Set(["a"]), roles: new Set(["content"]), needsApproval: true },
      { index: 2, id: "z" },
    ]);
  });
});

describe("a compiled expression", () => {
  const code = (expr: string): Loose =>
    (compiledNode("n", { a: {}, b: {}, n: { args: { x: { expr } } } }, { plan: { params: { p: {}, q: {} } } }).args[0] as Loose)
      .rule.code;

  it.each([
    ["1", { nodes: [], names: [], indexed: [], params: [], item: false, args: false }],
    ["params.p", { nodes: [], names: [], indexed: [], params: ["p"], item: false, args: false }],
    ["params.p + params.q + params.p", { params: ["p", "q"] }],
    ["size(params)", { params: ["*"], nodes: [] }],
    ["size(params) + params.p", { params: ["*"] }],
    ["a.x + 1", { params: [], nodes: [whole(0, { prefix: ["x"], steps: ["x"] })], names: [{ name: "a", node: 0 }], indexed: [] }],
    [
      'nodes["b"].x.y',
      { nodes: [whole(1, { prefix: ["x", "y"], steps: ["x", "y"] })], names: [], indexed: [{ name: "b", node: 1 }] },
    ],
    ["a.x == 'b' ? 1 : 2", { names: [{ name: "a", node: 0 }], nodes: [{ node: 0 }] }],
  ])("%s names what it reads", (expr, expected) => {
    expect(code(expr)).toMatchObject(expected);
  });

  it("that names all nodes reads its own too, and so is a circle", () => {
    expect(faultsOf({ a: {}, n: { args: { x: { expr: "size(nodes)" } } } })).toEqual([
      "error PLAN_CYCLE /nodes: the nodes depend on each other in a circle",
    ]);
  });

  it("may take a kind of text out of another", () => {
    expect(faultsOf({ a: {}, n: { args: { x: { expr: 'extract(a.x, "email")[0]' } } } })).toEqual([]);
  });
});

describe("a plan that cannot be compiled", () => {
  it.each([
    [
      "a tool that was not frozen",
      { n: { tool: "s/none" } },
      ["error TOOL_UNKNOWN /nodes/n/tool: `s/none` is not in the frozen plan's tools"],
    ],
    [
      "a circle",
      { a: { after: ["b"] }, b: { after: ["a"] } },
      ["error PLAN_CYCLE /nodes: the nodes depend on each other in a circle"],
    ],
    [
      "a tool that was not frozen, with arguments",
      { n: { tool: "s/none", args: { a: 1, constructor: 2 } } },
      ["error TOOL_UNKNOWN /nodes/n/tool: `s/none` is not in the frozen plan's tools"],
    ],
    [
      "regions that are no member names",
      { n: { removes: { labels: ["l"], paths: ["$.a", "$.b[0]", "$["] } } },
      [1, 2].map(
        (i) =>
          `error PLAN_REMOVES_PATH /nodes/n/removes/paths/${i}: a path of \`removes\` is made of member names only, such as \`$.orders\``,
      ),
    ],
    [
      "a value that reads an unknown node",
      { l: { let: 'nodes["x"].y' } },
      ["error PLAN_UNKNOWN_NODE /nodes/l/let: `x` is not a node of the plan"],
    ],
    [
      "a hole that reads an unknown node",
      { n: { args: { a: { template: "text", text: "{x}", with: { x: { from: "b$.x" } } } } } },
      ["error PLAN_UNKNOWN_NODE /nodes/n/args/a/with/x/from: `b` is not a node of the plan"],
    ],
    ["a node after itself", { a: { after: ["a"] } }, ["error PLAN_CYCLE /nodes: the nodes depend on each other in a circle"]],
  ])("for %s says so once", (_what, nodes, expected) => {
    expect(faultsOf(nodes)).toEqual(expected);
  });

  it.each([
    [
      "a default that its own constraint refuses",
      { type: "number", default: "x" },
      ["error PLAN_PARAM_DEFAULT /params/p/default: the default does not satisfy the parameter's own constraint"],
    ],
    ["a default within its constraint", { type: "number", default: 1 }, []],
    ["a default that cannot be read", { read: "date", default: "soon-ish" }, ["error PLAN_PARAM_DEFAULT /params/p/default"]],
    ["a constraint that cannot be read", { pattern: "(" }, ["error LANG_MATCH_VALUE /params/p/pattern"]],
    ["no constraint", {}, []],
  ])("for a parameter of %s says so at the parameter", (_what, p, expected) => {
    const found = faultsOf({ n: {} }, { plan: { params: { p } } });
    expect(found).toHaveLength(expected.length);
    for (const [i, text] of expected.entries()) expect(found[i]).toContain(text);
  });

  it("is held to the limits that it declares, and else to those of the product", () => {
    expect(compiled({ n: {} }, { plan: { limits: { calls: 3, seconds: 4, maxBytes: 5 } } }).limits).toEqual({
      calls: 3,
      seconds: 4,
      maxBytes: 5,
    });
    expect(compiled({ n: {} }).limits.seconds).toBe(Number.POSITIVE_INFINITY);
    expect(compiled({ n: {} }).notAfter).toBe(Number.POSITIVE_INFINITY);
    expect(compiled({ n: {} }, { plan: { notAfter: "2026-01-01T00:00:00Z" } }).notAfter).toBe(Date.UTC(2026, 0, 1));
  });

  it("knows of a parameter whether it has a default", () => {
    const { params } = compiled({ n: {} }, { plan: { params: { p: {}, q: { default: null }, r: { default: 1 } } } });
    expect([...params.values()].map(({ name, hasDefault, default: value }) => [name, hasDefault, value])).toEqual([
      ["p", false, null],
      ["q", true, null],
      ["r", true, 1],
    ]);
    expect(Object.hasOwn(params.get("p") ?? {}, "input")).toBe(false);
  });
});
