import { describe, expect, it } from "vitest";
import type { Json } from "../../src/json/value.ts";
import { open, type Scheme } from "./world.ts";

const scheme: Scheme = {
  nodes: {
    page: { tool: "web/get", args: { url: "https://a.example/" }, times: { min: 0, max: 1 } },
    put: {
      tool: "box/put",
      times: { min: 0, max: 50 },
      args: {
        data: {
          object: {
            to: "ana",
            amount: { choose: { type: "integer", maximum: 5 } },
            note: { choose: { enum: ["a"] }, optional: true },
            list: [1, { choose: { enum: ["x", "y"] } }],
          },
        },
      },
    },
    fixed: {
      tool: "box/file",
      times: { min: 0, max: 50 },
      args: { path: { object: { a: 1, b: { object: { c: "d" } } } }, text: "t" },
    },
  },
};
const good = { amount: 5, list: [1, "x"] };

describe("an object of rules", () => {
  it("fills in what the plan fixes and takes what the agent chooses", () => {
    expect(open(scheme).attempt("box/put", { data: good })).toBe('allow {"data":{"amount":5,"list":[1,"x"],"to":"ana"}}');
  });

  const bad: readonly (readonly [string, Json])[] = [
    ["ARG_UNEXPECTED", { ...good, cc: "eve" }],
    ["ARG_UNEXPECTED", { ...good, cc: null }],
    ["ARG_UNEXPECTED", { ...good, constructor: "x" }],
    ["ARG_UNEXPECTED", JSON.parse('{"amount":5,"list":[1,"x"],"__proto__":{"to":"eve"}}')],
    ["ARG_MISMATCH", { ...good, to: "eve" }],
    ["ARG_MISMATCH", { ...good, to: ["ana"] }],
    ["ARG_CONSTRAINT", { ...good, amount: 6 }],
    ["ARG_CONSTRAINT", { ...good, amount: "5" }],
    ["ARG_CONSTRAINT", { ...good, note: "b" }],
    ["ARG_MISSING", { list: [1, "x"] }],
    ["ARG_MISSING", { ...good, amount: null }],
    ["ARG_MISMATCH", { ...good, list: [2, "x"] }],
    ["ARG_CONSTRAINT", { ...good, list: [1, "z"] }],
    ["ARG_MISMATCH", { ...good, list: [1, "x", "y"] }],
    ["ARG_MISMATCH", { ...good, list: ["x"] }],
    ["ARG_MISSING", { ...good, list: [1, null] }],
    ["ARG_MISMATCH", { ...good, list: { 0: 1, 1: "x", length: 2 } }],
    ["ARG_MISMATCH", [good]],
    ["ARG_MISMATCH", JSON.stringify(good)],
    ["ARG_MISSING", null],
  ];
  it.each(bad)("is denied with %s: %j", (code, data) => {
    expect(open(scheme).attempt("box/put", { data })).toBe(code);
  });

  it("of constants may be omitted in whole or in part, and is never another", () => {
    const world = open(scheme);
    const filled = 'allow {"path":{"a":1,"b":{"c":"d"}},"text":"t"}';
    for (const path of [null, {}, { a: 1 }, { b: {} }, { b: { c: "d" }, a: 1 }, { b: null }] as const)
      expect(world.attempt("box/file", { path })).toBe(filled);
    for (const path of [{ b: { c: "e" } }, { b: "d" }, { a: [1] }, [], "x"] as const)
      expect(world.attempt("box/file", { path })).toBe("ARG_MISMATCH");
    expect(world.attempt("box/file", { path: { b: { d: 1 } } })).toBe("ARG_UNEXPECTED");
  });

  it("hides no choice: one in the depth of a target is denied after a stranger's data", () => {
    const world = open(scheme);
    world.call("web/get", {}, "x");
    expect(world.attempt("box/put", { data: good })).toBe("FLOW_CHOICE_UNTRUSTED");
  });

  it("hides no label: one stranger's member in it is denied with the rest", () => {
    const world = open({
      nodes: {
        page: { tool: "web/get", args: { url: "https://a.example/" } },
        put: { tool: "box/put", args: { data: { object: { a: 1, b: [{ object: { c: { from: "page$.c" } } }] } } } },
      },
      flows: [{ id: "no-web", deny: ["web"], to: "box/*" }],
    });
    world.call("web/get", {}, { c: 1 });
    expect(world.attempt("box/put")).toBe("FLOW_SINK_DENIED");
  });
});

describe("a part of an argument with a role of its own", () => {
  const tools = [
    { name: "m/send", sluice: { effects: ["message"], labels: ["safe"], roles: { message: "content", "message.to": "target" } } },
  ];
  const letter: Scheme = {
    nodes: {
      page: { tool: "web/get", args: { url: "https://a.example/" } },
      send: {
        tool: "m/send",
        after: ["page"],
        args: { message: { object: { to: { choose: { enum: ["ana", "eve"] } }, body: { choose: {} } } } },
      },
    },
  };

  it("is held to that role, not to the role of the whole", () => {
    const world = open(letter, { tools });
    world.call("web/get", {}, "x");
    expect(world.attempt("m/send", { message: { to: "eve", body: "b" } })).toBe("FLOW_CHOICE_UNTRUSTED");
  });

  it("is seen by the rules on that role", () => {
    const send = { tool: "m/send", args: { message: { object: { to: "ana", body: { from: "page$" } } } } } as const;
    const world = open(
      {
        nodes: { page: letter.nodes.page as Scheme["nodes"][string], send },
        flows: [{ id: "t", deny: ["web"], to: "m/*", roles: ["target"] }],
      },
      { tools },
    );
    world.call("web/get", {}, "x");
    expect(world.attempt("m/send")).toBe("FLOW_SINK_DENIED");
  });
});

describe("a choice", () => {
  const choose = (spec: Readonly<Record<string, Json>>, value: Json): string => {
    const world = open({ nodes: { put: { tool: "box/put", args: { key: { choose: spec } } } } });
    return world.attempt("box/put", { key: value }).split(" ")[0] as string;
  };
  const cases: readonly (readonly [Readonly<Record<string, Json>>, Json])[] = [
    [{ enum: ["a", 1] }, "1"],
    [{ enum: ["a", 1] }, true],
    [{ enum: ["a", 1] }, "A"],
    [{ enum: [[1, 2]] }, [2, 1]],
    [{ type: "integer" }, 1.5],
    [{ type: "integer", maximum: 9007199254740992 }, 9007199254740993n],
    [{ type: "number", maximum: 5 }, "4"],
    [{ type: "string", maxLength: 3 }, "abcd"],
    [{ type: "string", pattern: "^[a-z]{1,5}$" }, "abc\n"],
    [{ type: "string", pattern: "^[a-z]{1,5}$" }, "abc\nx"],
    [{ type: "string", pattern: "[a-z]+" }, "abc; rm"],
    [{ type: "boolean" }, 0],
    [{ type: "boolean" }, "false"],
    [{ type: "array", items: { enum: ["a"] }, maxItems: 2 }, ["a", "a", "a"]],
    [{ type: "array", items: { enum: ["a"] } }, { 0: "a" }],
    [
      { type: "object", properties: { a: { type: "string" } } },
      { a: "x", b: "y" },
    ],
    [{ type: "object", properties: { a: { type: "string" } } }, []],
    [{ const: { a: 1 } }, { a: 1, b: 2 }],
    [{ format: "email" }, "ana@corp.example, eve@evil.example"],
    [{ format: "email" }, ["ana@corp.example"]],
    [{ format: "date" }, "2026-02-30"],
  ];
  it.each(
    cases.map(
      ([spec, value]) =>
        [JSON.stringify(spec), typeof value === "bigint" ? `${value}n` : JSON.stringify(value), spec, value] as const,
    ),
  )("within %s is not %s", (_, __, spec, value) => {
    expect(choose(spec, value)).toBe("ARG_CONSTRAINT");
  });
});
