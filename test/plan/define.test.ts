import { describe, expect, it } from "vitest";
import { definePlan } from "../../src/plan/define.ts";
import { ConfigError } from "../../src/result.ts";
import { parsePlan } from "../../src/plan/schema.ts";

const tools = [{ name: "people/find" }, { name: "mail/send" }] as const;

const good = () =>
  definePlan(
    {
      sluice: 1,
      name: "greet",
      params: { who: { type: "string" } },
      nodes: {
        person: { tool: "people/find", args: { name: { param: "who" } } },
        first: { let: "person.name" },
        mail: {
          tool: "mail/send",
          after: ["person"],
          each: { from: "person$.emails", max: 3 },
          args: {
            to: { item: "$" },
            cc: [{ from: "person$.boss" }],
            body: { template: "text", text: "Hello {name}", with: { name: { from: "first$" } } },
            meta: { object: { who: { param: "who" } } },
          },
        },
      },
    },
    tools,
  );

describe("definePlan", () => {
  it("gives back a plan that parses", () => {
    const plan = good();
    expect(parsePlan(plan as never)).toEqual({ ok: true, value: plan });
  });

  it("does not compile a reference to an unknown node", () => {
    definePlan({
      sluice: 1,
      name: "p",
      nodes: {
        // @ts-expect-error `quote` is not a node
        a: { tool: "t", args: { x: { from: "quote$.x" } } },
        b: { tool: "t" },
      },
    });
    definePlan({
      sluice: 1,
      name: "p",
      nodes: {
        // @ts-expect-error `c` is not a node, deep inside an object rule
        a: { tool: "t", args: { x: { object: { y: [{ from: "c$" }] } } } },
        b: { tool: "t" },
      },
    });
    definePlan({
      sluice: 1,
      name: "p",
      nodes: {
        // @ts-expect-error `c` is not a node
        a: { tool: "t", after: ["c"] },
        b: { tool: "t" },
      },
    });
    definePlan({
      sluice: 1,
      name: "p",
      nodes: {
        // @ts-expect-error `c` is not a node
        a: { tool: "t", each: { from: "c$.rows", max: 2 } },
        b: { tool: "t", each: "a" },
      },
    });
    expect(good().nodes.mail?.after).toEqual(["person"]);
  });

  it("does not compile a parameter that is not declared", () => {
    const plan = definePlan({
      sluice: 1,
      name: "p",
      params: { ceiling: { type: "number" } },
      nodes: {
        // @ts-expect-error the parameter is called `ceiling`
        a: { tool: "t", args: { x: { param: "cieling" } } },
      },
    });
    expect(plan.params).toEqual({ ceiling: { type: "number" } });
  });

  it("does not compile a tool that is not in the list", () => {
    const plan = definePlan(
      {
        sluice: 1,
        name: "p",
        nodes: {
          // @ts-expect-error no such tool
          a: { tool: "mail/delete" },
          b: { tool: "mail/send" },
        },
      },
      tools,
    );
    expect(Object.keys(plan.nodes)).toEqual(["a", "b"]);
  });

  it("throws a ConfigError that lists every fault with its place", () => {
    const wrong = () =>
      definePlan({ sluice: 1, name: "a b", nodes: { n: { tool: "t", times: { min: 2, max: 1 }, show: ["id"] } } });
    expect(wrong).toThrow(ConfigError);
    try {
      wrong();
    } catch (error) {
      expect(error).toMatchObject({ code: "CONFIG_INVALID", findings: [{ pointer: "/name" }, { pointer: "/nodes/n/show/0" }] });
      expect(String(error)).toContain("/nodes/n/show/0: expected a path");
    }
  });
});
