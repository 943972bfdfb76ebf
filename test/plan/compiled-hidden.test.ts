/** What a check of a node may read that the agent was not shown, and whose runs are the agent's choice; arguments that may be dropped. */
import { describe, expect, it } from "vitest";
import { isDroppable } from "../../src/plan/compile.ts";
import { compiled, compiledNode, faultsOf, toolOf } from "./compiling.ts";
import type { Loose } from "./market.ts";

const hidden = (node: number, prefix: readonly string[] = []) => ({
  node,
  prefix,
  steps: prefix,
  isHidden: true,
  isVariable: false,
});
const readsA = { x: { from: "a$.x" } };

describe("what a node reads hidden", () => {
  it.each<[string, Loose, readonly unknown[]]>([
    ["the outcome of a node that shows nothing", { a: { show: "none" }, n: { after: ["a"] } }, [hidden(0)]],
    ["no outcome of a node that shows a part", { a: { show: ["$.y"] }, n: { after: ["a"] } }, []],
    ["the hidden part that it reads", { a: { show: ["$.y"] }, n: { args: readsA } }, [hidden(0, ["x"])]],
    ["both, of a node that shows nothing", { a: { show: "none" }, n: { args: readsA } }, [hidden(0, ["x"]), hidden(0)]],
    [
      "several parts, each once",
      { a: { show: ["$.y"] }, n: { args: { x: { expr: "a.x + a.z + a.x" }, z: { from: "a$.z" } } } },
      [hidden(0, ["x"]), hidden(0, ["z"])],
    ],
    [
      "what a value reads, not the value",
      { a: { show: ["$.y"] }, l: { let: "a.x" }, n: { args: { x: { expr: "l" } } } },
      [hidden(0, ["x"])],
    ],
    [
      "nothing of a value that reads what is shown",
      { a: { show: ["$.x"] }, l: { let: "a.x" }, n: { args: { x: { expr: "l" } } } },
      [],
    ],
    [
      "what a guard before it reads",
      { a: { show: ["$.y"] }, g: { when: "a.x > 1", show: "all" }, n: { after: ["g"] } },
      [hidden(0, ["x"])],
    ],
    [
      "what a loop before it reads",
      { a: { show: ["$.y"] }, g: { each: { from: "a$.x", max: 2 }, show: "all" }, n: { after: ["g"] } },
      [hidden(0, ["x"])],
    ],
    [
      "nothing that the arguments of a node before it read",
      { a: { show: ["$.y"] }, g: { args: readsA, show: "all" }, n: { after: ["g"] } },
      [],
    ],
    ["its own outcome, if it may be tried again", { n: { constraints: { idempotent: true }, show: "none" } }, [hidden(0)]],
  ])("is %s", (_what, nodes, expected) => {
    expect(compiledNode("n", nodes).hiddenReads).toEqual(expected);
  });

  it("makes a value hidden, were it one part of several", () => {
    const nodes = { a: { show: "none" }, b: {}, l: { let: "b.x + a.x" }, m: { let: "b.x" } };
    const { byName } = compiled(nodes);
    expect([byName.get("l")?.show, byName.get("m")?.show]).toEqual(["none", "all"]);
  });

  it("is not within any of several parts that are shown", () => {
    expect(compiledNode("n", { a: { show: ["$.y", "$.x"] }, n: { args: readsA } }).hiddenReads).toEqual([]);
  });
});

describe("a read of runs that are the agent's choice", () => {
  const optional = { optional: true };
  const isVariable = (nodes: Loose): boolean | undefined => {
    const rule: Loose = compiledNode("z", nodes).args[0]?.rule;
    return (rule.read ?? rule.code.nodes[0]).isVariable;
  };

  it.each<[string, Loose, boolean]>([
    [
      "a value of an optional node and another",
      { a: optional, b: {}, l: { let: "b.x + a.x" }, z: { args: { x: { expr: "l" } } } },
      true,
    ],
    ["a value of nodes that run", { a: {}, l: { let: "a.x" }, z: { args: { x: { expr: "l" } } } }, false],
    [
      "a loop over the runs of a repeated node",
      { a: { times: 3 }, n: { each: "a" }, z: { args: { x: { from: "n$.x" } } } },
      true,
    ],
    ["a loop over the run of a node", { a: {}, n: { each: "a" }, z: { args: { x: { from: "n$.x" } } } }, false],
    ["a loop over rows", { a: {}, n: { each: { from: "a$.r", max: 2 } }, z: { args: { x: { from: "n$.x" } } } }, false],
    [
      "a loop over rows of an optional node",
      { a: optional, n: { each: { from: "a$.r", max: 2 } }, z: { args: { x: { from: "n$.x" } } } },
      true,
    ],
    ["a loop over an optional node", { a: optional, n: { each: "a" }, z: { args: { x: { from: "n$.x" } } } }, true],
    ["another node inside a loop", { a: {}, b: { times: 3 }, z: { each: "a", args: { x: { from: "b$.x" } } } }, false],
  ])("is one of %s, or not", (_what, nodes, expected) => {
    expect(isVariable(nodes)).toBe(expected);
  });
});

describe("an argument that the plan does not mention", () => {
  it("may be dropped if it is null or the tool's own default", () => {
    const inputSchema = { properties: { a: { default: [1] }, b: {}, c: { default: null } } };
    const node = compiledNode("n", { n: {} }, { tools: { "s/any": toolOf("s/any", {}, { inputSchema }) } });
    expect([isDroppable(node, "a", [1]), isDroppable(node, "b", null), isDroppable(node, "c", null)]).toEqual([true, true, true]);
    expect([isDroppable(node, "a", [2]), isDroppable(node, "b", 0), isDroppable(node, "c", 0)]).toEqual([false, false, false]);
  });
});

describe("the nodes of a compiled plan", () => {
  it("are numbered by their names, whatever their order, and found by their tools", () => {
    const plan = compiled({ c: {}, a: {}, l: { let: "1" }, b: { tool: "s/b" } }, { tools: { "s/b": toolOf("s/b") } });
    expect(plan.nodes.map(({ name, index }) => [name, index])).toEqual([
      ["a", 0],
      ["b", 1],
      ["c", 2],
      ["l", 3],
    ]);
    expect([...plan.byTool].map(([tool, nodes]) => [tool, nodes.map(({ name }) => name)])).toEqual([
      ["s/any", ["a", "c"]],
      ["s/b", ["b"]],
    ]);
  });

  it("are not compiled where a parameter has a fault in how it is read", () => {
    const found = faultsOf({ n: {} }, { plan: { params: { p: { read: "nope" }, q: { type: "number", default: "x" } } } });
    expect(found.map((text) => text.split(": ")[0])).toEqual([
      expect.stringContaining("error PLAN_PARAM_READ /params/p/read"),
      "error PLAN_PARAM_DEFAULT /params/q/default",
    ]);
  });
});
