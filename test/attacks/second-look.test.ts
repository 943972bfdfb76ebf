import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/json/value.ts";
import { open, refusals, type Scheme } from "./world.ts";

const why = "the approver says so";
const page = { tool: "web/get", args: { url: "https://a.example/" } } as const;

describe("a restriction of readers", () => {
  const declassify = { from: "safe", to: "public", why } as const;

  it("outlives the source that an endorsement replaced", () => {
    const world = open({
      labels: { vetted: { integrity: "trusted" } },
      nodes: {
        v: { tool: "vault/read" },
        s: { tool: "safe/read" },
        post: {
          tool: "chat/post",
          args: {
            channel: "#g",
            text: {
              expr: "v.a + s.b",
              match: { enum: ["AB", "AC"] },
              endorse: { from: "secret", to: "vetted", why },
              declassify,
            },
          },
        },
      },
    });
    world.call("vault/read", {}, { a: "A" });
    world.call("safe/read", {}, { b: "B" });
    expect(world.attempt("chat/post")).toBe("FLOW_AUDIENCE_DENIED");
  });

  it("outlives the source that a sanitizer removed", () => {
    const outputSchema = { type: "object", required: ["o"], properties: { o: { type: "number" } } };
    const tools: readonly JsonObject[] = [
      { name: "s/c", outputSchema, sluice: { effects: ["read"], labels: ["safe"], roles: {} } },
    ];
    const world = open(
      {
        nodes: {
          v: { tool: "vault/read" },
          c: { tool: "s/c", args: { d: { from: "v$" } }, removes: { labels: ["secret"], paths: ["$.o"] } },
          post: { tool: "chat/post", args: { channel: "#g", text: { from: "c$.o", declassify } } },
        },
      },
      { tools },
    );
    world.call("vault/read", {}, 1);
    world.call("s/c", {}, { o: 1 });
    expect(world.attempt("chat/post")).toBe("FLOW_AUDIENCE_DENIED");
  });

  it("that another plan set is lifted by no label of this one", () => {
    const world = open(
      {
        nodes: {
          s: { tool: "safe/read" },
          post: { tool: "chat/post", args: { channel: "#g", text: { write: {}, declassify } } },
        },
      },
      { context: { sources: ["user_input"], readers: ["ana"] } },
    );
    expect(world.attempt("chat/post", { text: "x" })).toBe("FLOW_AUDIENCE_DENIED");
    world.call("safe/read", {}, 1);
    expect(world.attempt("chat/post", { text: "x" })).toBe("FLOW_AUDIENCE_DENIED");
  });
});

describe("an amount that is left out", () => {
  const pay = {
    tool: "x/pay",
    args: { to: "a", amount: { choose: { type: "number" }, optional: true } },
    constraints: { budget: { sum: "amount", max: 100 } },
  } as const;

  it("is not nothing: the tool may have a default", () => {
    for (const schema of [{ type: "number", default: 500 }, { type: "number" }]) {
      const tools = [
        {
          name: "x/pay",
          inputSchema: { type: "object", properties: { to: { type: "string" }, amount: schema } },
          sluice: { effects: ["money"], labels: ["safe"], roles: { to: "target", amount: "target" } },
        },
      ];
      expect(open({ nodes: { pay } }, { tools }).attempt("x/pay")).toBe("CALL_BUDGET");
    }
  });
});

describe("an object that is left out as a whole", () => {
  it("is a choice, where its parts are", () => {
    const put = {
      tool: "box/put",
      after: ["page"],
      args: { key: "k", data: { object: { a: { choose: { enum: [1] } } }, optional: true } },
    } as const;
    const world = open({ nodes: { page, put } });
    world.call("web/get", {}, 1);
    expect(world.attempt("box/put")).toBe("FLOW_CHOICE_UNTRUSTED");
  });
});

describe("text that is parsed", () => {
  it("is cleaned by no schema: who writes a line of it can forge the rest", () => {
    const outputSchema = { type: "object", required: ["o"], properties: { o: { type: "number" } } };
    const tools: readonly JsonObject[] = [
      { name: "s/c", outputSchema, sluice: { effects: ["read"], labels: ["safe"], roles: {}, parse: "json" } },
    ];
    const scheme: Scheme = {
      nodes: {
        page,
        c: { tool: "s/c", args: { d: { from: "page$" } }, removes: { labels: ["web"], paths: ["$.o"] } },
        put: { tool: "box/put", args: { key: { from: "c$.o" } } },
      },
      flows: [{ id: "no-web", deny: ["web"], to: "box/*" }],
    };
    const world = open(scheme, { tools });
    world.call("web/get", {}, "x");
    world.call("s/c", {}, '{"o":5}');
    expect(world.attempt("box/put")).toBe("FLOW_SINK_DENIED");
  });
});

describe("what a host says when it opens a session", () => {
  const scheme: Scheme = { params: { who: {} }, nodes: { a: { tool: "safe/read" } } };
  it("is refused where it names a parameter of the agent that there is not", () => {
    expect(() => open(scheme, { params: { who: 1 }, agentParams: ["wh0"] })).toThrow(/^SESSION_PARAMS$/);
  });

  it.each(["", "zz", "0123456789abcdef", "not hexadecimal, but long enough to be"])(
    "is refused with a key that makes handles guessable: %j",
    (key) => {
      expect(() => open(scheme, { params: { who: 1 }, key })).toThrow();
    },
  );
});

describe("a plan that says of the operator's labels what the operator did not", () => {
  it("is refused where it trusts more, or lets more read", () => {
    const nodes = { page, v: { tool: "vault/read" } };
    expect(refusals({ labels: { web: { integrity: "trusted" } }, nodes })).toContain("PLAN_LABEL_REDECLARED");
    expect(refusals({ labels: { secret: { integrity: "trusted" } }, nodes })).toContain("PLAN_LABEL_REDECLARED");
    expect(refusals({ labels: { secret: { integrity: "trusted", readers: ["ana", "bob", "eve"] } }, nodes })).toContain(
      "PLAN_LABEL_REDECLARED",
    );
  });
});

describe("a loop over a stranger's rows", () => {
  it("pays a row once, also where its value counts what was read since", () => {
    const scheme: Scheme = {
      nodes: {
        list: { tool: "safe/read", times: { min: 1, max: 3 } },
        detail: { tool: "safe/check", each: "list", args: { data: "d" } },
        l: { let: "detail.map(x, {'to': x.to, 'n': detail.size()})" },
        pay: { tool: "bank/pay", each: { from: "l$[*]", max: 9 }, args: { to: { item: "$.to" }, amount: 1 } },
      },
    };
    const world = open(scheme);
    world.call("safe/read", {}, 1);
    world.call("safe/check", {}, { to: "ana" });
    world.call("bank/pay", {}, 1);
    world.call("safe/read", {}, 1);
    world.call("safe/check", {}, { to: "bob" });
    expect(world.attempt("bank/pay")).toBe("CALL_REPEATED");
  });
});
