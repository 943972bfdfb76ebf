import { describe, expect, it } from "vitest";
import type { ArgRule, PlanNode } from "../../src/plan/plan.ts";
import { classOf, isAgentGiven, partsOf, rulesOf } from "../../src/plan/walk.ts";
import { paramsOf, readsOf } from "../../src/plan/walk-reads.ts";

const names = { nodes: new Set(["a", "b", "c-d", "m"]), params: new Set(["p", "q"]) };

describe("walk", () => {
  it.each([
    [null, "const"],
    [1, "const"],
    [12345678901234567890n, "const"],
    ["x", "const"],
    [[], "list"],
    [{ const: { from: "x$" } }, "const"],
    [{ param: "p" }, "param"],
    [{ from: "a$" }, "from"],
    [{ item: "$" }, "item"],
    [{ expr: "1" }, "expr"],
    [{ template: "text", text: "" }, "template"],
    [{ choose: {} }, "choose"],
    [{ write: {} }, "write"],
    [{ object: {} }, "object"],
  ])("tells the class of %s as %s", (rule, expected) => {
    expect(classOf(rule as ArgRule)).toBe(expected);
  });

  it("visits every nested rule, members in order of their names, with its place for roles", () => {
    const node: PlanNode = {
      tool: "t",
      args: { z: 1, a: { object: { y: [{ param: "p" }], b: { template: "text", text: "{h}", with: { h: { item: "$" } } } } } },
    };
    expect(rulesOf("n", node).map(({ path, place }) => [path.slice(2).join("/"), place])).toEqual([
      ["args/a", "a"],
      ["args/a/object/b", "a.b"],
      ["args/a/object/b/with/h", "a.b"],
      ["args/a/object/y", "a.y"],
      ["args/a/object/y/0", "a.y"],
      ["args/z", "z"],
    ]);
    expect(partsOf({ const: [1] })).toEqual([]);
  });

  it("knows what the agent gives, however deep", () => {
    expect(isAgentGiven({ object: { a: [{ from: "x$", pick: "agent" }] } })).toBe(true);
    expect(isAgentGiven({ object: { a: [{ from: "x$", pick: "first" }, { expr: "1" }] } })).toBe(false);
  });

  it("finds every read of a node, with the prefix that is read", () => {
    const node: PlanNode = {
      tool: "t",
      after: ["c-d"],
      each: { from: "m$.rows[*]", max: 3, where: "item.x == params.q" },
      args: {
        x: { from: "a$.list[0].id" },
        y: { item: "$.k" },
        z: { template: "text", text: "{h}", with: { h: { expr: "b.sum + item.k" } } },
      },
      when: "nodes['c-d'].ok && params.p",
      require: ["args.x == a.total"],
    };
    expect(
      readsOf("n", node, names).map(
        ({ node: other, prefix, by, path }) => `${by} ${other} ${prefix.join(".")} @${path.slice(2).join("/")}`,
      ),
    ).toEqual([
      "after c-d  @after/0",
      "each m rows @each",
      "arg a list.0.id @args/x",
      "arg m rows @args/y",
      "arg b sum @args/z/with/h",
      "arg m rows @args/z/with/h",
      "when c-d ok @when",
      "require a total @require/0",
    ]);
    expect([...paramsOf("n", node, names)].sort()).toEqual(["p", "q"]);
  });

  it("counts a computed name as reading every node, and an expression that does not compile as reading none", () => {
    const reads = (source: string): readonly string[] => readsOf("n", { let: source }, names).map((read) => read.node);
    expect([...reads("nodes[a.name]")].sort()).toEqual(["a", "a", "b", "c-d", "m"]);
    expect(reads("a +")).toEqual([]);
  });
});
