/**
 * What an argument comes to: what is left out, what the agent chooses from, what a text may hold, and where a denial says that the fault is.
 */
import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../../src/json/value.ts";
import type { ArgRule, PlanNode } from "../../src/plan/plan.ts";
import { handleIn, open, type World } from "../attacks/world.ts";

/** A session whose agent has what `a` gave; `put` is the call with the rule that is looked at. */
function put(key: ArgRule, { result = {}, node = {}, name = "key" }: Setting = {}): World {
  const world = open(
    {
      params: { given: { type: "string" }, absent: { type: "string", default: "b" } },
      nodes: {
        a: { tool: "safe/read", args: {} },
        put: { tool: "box/put", args: { [name]: key }, times: { min: 0, max: 9 }, ...node } as PlanNode,
      },
    },
    { params: { given: "g" } },
  );
  world.call("safe/read", {}, result);
  return world;
}

interface Setting {
  readonly result?: Json;
  readonly node?: Partial<PlanNode> & JsonObject;
  readonly name?: string;
}

/** Code and argument of a denial, as the operator reads them. */
function fault(world: World, args: JsonObject): readonly [string, string | undefined] | "allow" {
  const verdict = world.session.check({ tool: "box/put", args });
  return verdict.decision === "allow" ? "allow" : [verdict.code, verdict.facts.argument];
}

describe("an argument that may be left out", () => {
  const text: ArgRule = { write: { maxLength: 9, links: "none" } };
  it.each<[string, ArgRule, Json]>([
    ["a text", { write: { maxLength: 9, links: "none" }, optional: true }, {}],
    ["a choice", { choose: { enum: ["x", "y"] }, optional: true }, {}],
    ["an object", { object: { text }, optional: true } as ArgRule, {}],
    ["a reference that finds nothing", { from: "a$.missing", optional: true }, {}],
    ["a pick among nothing", { from: "a$.none[*]", pick: "agent", optional: true }, { none: [] }],
    ["a reference with a condition on what it finds", { from: "a$.missing", optional: true, match: { enum: ["x"] } }, {}],
  ])("is left out as nothing and as null: %s", (_, rule, result) => {
    const world = put(rule, { result, name: "value" });
    expect(world.attempt("box/put", {})).toBe("allow {}");
    expect(world.attempt("box/put", { value: null })).toBe("allow {}");
  });

  it.each<[string, ArgRule]>([
    ["a text", { write: { maxLength: 9, links: "none" } }],
    ["a choice", { choose: { enum: ["x", "y"] } }],
    ["an object", { object: { text } } as ArgRule],
    ["a list", [text] as unknown as ArgRule],
  ])("is missing where it may not, and the denial names the whole of it: %s", (_, rule) => {
    const world = put(rule, { name: "value" });
    expect(fault(world, {})).toEqual(["ARG_MISSING", "value"]);
    expect(fault(world, { value: null })).toEqual(["ARG_MISSING", "value"]);
  });
});

it("a denial says which part of an argument is at fault", () => {
  const object = put({ object: { a: { object: { b: "x" } } } } as unknown as ArgRule);
  expect(fault(object, { key: { a: { b: "y" } } })).toEqual(["ARG_MISMATCH", "key/a/b"]);
  expect(fault(object, { key: { a: { b: "x", c: 1 } } })).toEqual(["ARG_UNEXPECTED", "key/a/c"]);
  expect(fault(object, { key: { z: 1 } })).toEqual(["ARG_UNEXPECTED", "key/z"]);
  const list = put(["x", ["y", { param: "given" }]] as unknown as ArgRule);
  expect(fault(list, { key: ["x", ["y", "h"]] })).toEqual(["ARG_MISMATCH", "key/1/1"]);
  expect(fault(list, { key: ["w", ["y", "g"]] })).toEqual(["ARG_MISMATCH", "key/0"]);
  expect(fault(list, { key: ["x", ["y", "g"]] })).toBe("allow");
});

it("an element of a list cannot be left out, even if it says that it may: what comes after it would move", () => {
  const written = put(["x", { write: { maxLength: 9, links: "none" }, optional: true }] as unknown as ArgRule, {
    name: "value",
  });
  expect(fault(written, { value: ["x", null] })).toEqual(["ARG_MISSING", "value/1"]);
  const filled = put([{ from: "a$.missing", optional: true }, { write: { maxLength: 9, links: "none" } }] as unknown as ArgRule, {
    name: "value",
  });
  expect(fault(filled, { value: [null, "t"] })).toEqual(["ARG_UNRESOLVED", "value/0"]);
});

it("a condition on the one value that a path leads to is heeded, too", () => {
  const rule = { from: "a$.n", where: "item > 5" } as ArgRule;
  expect(fault(put(rule, { result: { n: 1 } }), {})).toEqual(["ARG_UNRESOLVED", "key"]);
  expect(put(rule, { result: { n: 9 } }).attempt("box/put", {})).toBe('allow {"key":9}');
});

describe("what the agent picks", () => {
  it("is one of the values of the row", () => {
    const world = put({ item: "$.to[*]", pick: "agent" } as ArgRule, {
      result: { rows: [{ to: ["ana", "bob"] }] },
      node: { each: { from: "a$.rows[*]", max: 3 }, times: 3 } as unknown as JsonObject,
    });
    expect(fault(world, {})).toEqual(["ARG_MISSING", "key"]);
    expect(fault(world, { key: "eve" })).toEqual(["ARG_MISMATCH", "key"]);
    expect(world.attempt("box/put", { key: "bob" })).toBe('allow {"key":"bob"}');
    expect(world.attempt("box/put", { key: "ana" })).toBe('allow {"key":"ana"}');
  });

  it("is named by the handle of what it stands in, where that is exactly one value", () => {
    const world = open({
      nodes: {
        one: { tool: "vault/read", args: { key: "1" }, show: "none" },
        two: { tool: "vault/read", args: { key: "2" }, show: "none" },
        put: {
          tool: "box/put",
          args: { value: { from: "one$.pins[*]", pick: "agent" } },
          times: { min: 0, max: 9 },
        },
      },
    });
    const one = handleIn(world.call("vault/read", { key: "1" }, { pins: ["1234", "1234"] }));
    const two = handleIn(world.call("vault/read", { key: "2" }, { pins: ["9999"] }));
    expect(world.attempt("box/put", { value: one })).toBe('allow {"value":"1234"}');
    expect(world.attempt("box/put", { value: two })).toBe("HIDDEN");
    expect(world.attempt("box/put", { value: "1234" })).toBe("HIDDEN");
  });
});

describe("that an argument which steers the tool is left out", () => {
  const choice: ArgRule = { choose: { enum: ["x", "y"] } };
  it.each<[string, ArgRule]>([
    ["a choice", { choose: { enum: ["x", "y"] }, optional: true }],
    ["a list of choices in an object", { object: { a: [choice] }, optional: true } as unknown as ArgRule],
    ["an object of choices", { object: { a: choice }, optional: true } as ArgRule],
    ["a pick among results", { from: "a$.none[*]", pick: "agent", optional: true }],
  ])("is a choice of an agent that has read untrusted data, and denied: %s", (_, key) => {
    const world = open({
      nodes: {
        a: { tool: "safe/read" },
        web: { tool: "web/json", times: { min: 0, max: 1 } },
        put: { tool: "box/put", args: { key }, times: { min: 0, max: 9 } },
      },
    });
    world.call("safe/read", {}, { none: [] });
    expect(world.attempt("box/put", {})).toBe("allow {}");
    world.call("web/json", {}, "{}");
    expect(world.attempt("box/put", {})).toBe("FLOW_CHOICE_UNTRUSTED");
  });
});

describe("a text of the agent", () => {
  const world = (): World => put({ write: { maxLength: 12, links: "none" } }, { name: "value" });
  it.each([
    ["of nothing but characters that change its direction", "\u202E"],
    ["with a link whose dots are those of another script", "abc。com"],
    ["with a link among other letters", "ö http://a.b"],
    ["with a link and nothing before it", "//a.example"],
  ])("is refused %s", (_, value) => {
    expect(fault(world(), { value })).toEqual(["ARG_TEXT", "value"]);
  });

  it("is as long as the plan says in characters, not in halves of them", () => {
    expect(fault(world(), { value: "é".repeat(12) })).toBe("allow");
    expect(fault(world(), { value: "😀".repeat(12) })).toBe("allow");
    expect(fault(world(), { value: "😀".repeat(13) })).toEqual(["ARG_CONSTRAINT", "value"]);
    expect(fault(world(), { value: "a".repeat(13) })).toEqual(["ARG_CONSTRAINT", "value"]);
  });
});

it("every argument that a computation goes into carries what the computation read, not only the first", () => {
  const world = open({
    nodes: {
      web: { tool: "web/json", args: {} },
      made: { let: "web.t" },
      put: { tool: "box/put", args: { value: { expr: "made" }, data: { expr: "made" }, key: { from: "made$" } } },
    },
  });
  world.call("web/json", {}, '{"t":"x"}');
  const verdict = world.session.check({ tool: "box/put", args: {} });
  if (verdict.decision === "deny") throw new Error(verdict.code);
  for (const arg of ["value", "data", "key"]) expect(verdict.labels[arg]?.sources, arg).toContain("web");
});

it("a label that the caller gives a content denies no choice, and one that it gives a target does", () => {
  const nodes: { readonly [name: string]: PlanNode } = {
    put: {
      tool: "box/put",
      args: { key: { choose: { enum: ["k", "l"] } }, value: { choose: { enum: ["x", "y"] } } },
      times: { min: 0, max: 9 },
    },
  };
  const check = (given: string): string => {
    const labels = { [given]: { sources: ["web"], readers: null } };
    const { session } = open({ nodes });
    const verdict = session.check({ tool: "box/put", args: { key: "k", value: "x" }, labels } as Parameters<
      typeof session.check
    >[0]);
    return verdict.decision === "allow" ? "allow" : verdict.code;
  };
  expect(check("value")).toBe("allow");
  expect(check("key")).toBe("FLOW_CHOICE_UNTRUSTED");
});
