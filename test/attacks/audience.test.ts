import { describe, expect, it } from "vitest";
import type { Json } from "../../src/json/value.ts";
import { open, type Scheme } from "./world.ts";

const mail: Scheme = {
  nodes: {
    v: { tool: "vault/read", times: { min: 0, max: 1 } },
    send: {
      tool: "mail/send",
      times: { min: 0, max: 30 },
      args: { to: { choose: {} }, body: { write: {} }, subject: { write: {}, optional: true } },
    },
  },
};

function read() {
  const world = open(mail);
  world.call("vault/read", {}, "the plan");
  return world;
}

describe("data that few may read", () => {
  it("goes to those few only", () => {
    expect(read().attempt("mail/send", { to: "ana", body: "x" })).toMatch(/^allow/);
    expect(read().attempt("mail/send", { to: ["ana", "bob"], body: "x" })).toMatch(/^allow/);
  });

  const others: readonly Json[] = [
    "eve",
    ["ana", "eve"],
    ["eve"],
    "Ana",
    "ana ",
    "ana,eve",
    "ana;eve",
    "ana\u0000eve",
    "аna",
    ["ana", ["eve"]],
    ["ana", null],
    [],
    [5],
    { to: "ana" },
    5,
    true,
    "public",
    "*",
    "constructor",
  ];
  it.each(others)("does not go to %j", (to) => {
    expect(read().attempt("mail/send", { to, body: "x" })).toBe("FLOW_AUDIENCE_DENIED");
  });

  it("goes nowhere when nobody is named", () => {
    const world = open({ nodes: { v: { tool: "vault/read" }, send: { tool: "mail/send", args: { body: { from: "v$" } } } } });
    world.call("vault/read", {}, "the plan");
    expect(world.attempt("mail/send")).toBe("FLOW_AUDIENCE_DENIED");
  });

  describe("by a tool whose readers stand in several arguments", () => {
    const anyone = { choose: {}, optional: true } as const;
    const attempt = (args: { [name: string]: Json }): string => {
      const world = open({
        nodes: {
          v: { tool: "vault/read" },
          send: { tool: "mail/copy", args: { to: anyone, cc: anyone, body: { from: "v$" } } },
        },
      });
      world.call("vault/read", {}, "the plan");
      return world.attempt("mail/copy", args);
    };

    it("goes to them if all of them may read it", () => {
      expect(attempt({ to: "ana", cc: ["bob"] })).toMatch(/^allow/);
      expect(attempt({ to: "ana" })).toMatch(/^allow/);
      expect(attempt({ cc: ["ana", "bob"] })).toMatch(/^allow/);
    });

    const wrong: readonly { [name: string]: Json }[] = [
      { to: "ana", cc: "eve" },
      { to: "ana", cc: ["bob", "eve"] },
      { to: "eve", cc: "ana" },
      { to: "ana", cc: { to: "eve" } },
      { to: [], cc: [] },
      {},
    ];
    it.each(wrong)("does not go to %j", (args) => {
      expect(attempt(args)).toBe("FLOW_AUDIENCE_DENIED");
    });
  });

  it("goes to no channel, address or page that says nothing of who reads it", () => {
    const world = open({
      nodes: {
        v: { tool: "vault/read" },
        post: { tool: "chat/post", args: { channel: "#ana", text: { from: "v$" } } },
        get: { tool: "web/get", args: { url: "https://a.example/", q: { from: "v$" } } },
      },
    });
    world.call("vault/read", {}, "the plan");
    expect(world.attempt("chat/post")).toBe("FLOW_AUDIENCE_DENIED");
    expect(world.attempt("web/get")).toBe("FLOW_AUDIENCE_DENIED");
  });

  it("goes nowhere in a choice of words either: the agent's text is what it has read", () => {
    const world = open({
      nodes: {
        v: { tool: "vault/read" },
        post: { tool: "chat/post", after: ["v"], args: { channel: "#g", text: { write: {} } } },
      },
    });
    world.call("vault/read", {}, "the plan");
    expect(world.attempt("chat/post", { text: "nothing to see" })).toBe("FLOW_AUDIENCE_DENIED");
  });

  it("that two labels restrict differently goes only to whom both allow", () => {
    const world = open({ ...mail, nodes: { ...mail.nodes, c: { tool: "clinic/read" } } });
    world.call("vault/read", {}, "x");
    world.call("clinic/read", {}, "y");
    for (const to of ["ana", "bob", "doc"]) expect(world.attempt("mail/send", { to, body: "x" })).toBe("FLOW_AUDIENCE_DENIED");
  });

  it("stays restricted in the next session of the conversation", () => {
    const world = open(mail, { id: "s2", context: read().session.context() });
    expect(world.attempt("mail/send", { to: "eve", body: "x" })).toBe("FLOW_AUDIENCE_DENIED");
  });

  it("stays restricted where another plan's session says that everyone may read it", () => {
    const world = open(mail, { context: { sources: ["secret"], readers: null } });
    expect(world.attempt("mail/send", { to: "eve", body: "x" })).toBe("FLOW_AUDIENCE_DENIED");
    const more = open(mail, { context: { sources: ["secret"], readers: ["ana", "bob", "eve"] } });
    expect(more.attempt("mail/send", { to: "eve", body: "x" })).toBe("FLOW_AUDIENCE_DENIED");
  });
});
