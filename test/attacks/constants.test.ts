import { describe, expect, it } from "vitest";
import type { Json } from "../../src/json/value.ts";
import { open, type Scheme } from "./world.ts";

const scheme: Scheme = {
  params: { who: { type: "string" }, sum: { type: "number" } },
  nodes: {
    pay: { tool: "bank/pay", args: { to: { param: "who" }, amount: { param: "sum" } }, times: { min: 0, max: 50 } },
    put: { tool: "box/put", args: { key: "café", data: { const: { a: [1, 2], b: { c: "d" } } } }, times: { min: 0, max: 50 } },
  },
};
const params = { who: "ana@corp.example", sum: 100 };
const filled = 'allow {"amount":100,"to":"ana@corp.example"}';

describe("a text that the plan fixes", () => {
  const others: readonly Json[] = [
    "eve@evil.example",
    "Ana@corp.example",
    "ana@corp.example ",
    "ana@corp.example\u0000",
    "ana@corp.example\u200b",
    "аna@corp.example",
    "ana@corp.example,eve@evil.example",
    "\u202eana@corp.example",
    "",
    ["ana@corp.example"],
    { to: "ana@corp.example" },
    true,
    0,
  ];
  it.each(others)("is not %j", (to) => {
    expect(open(scheme, { params }).attempt("bank/pay", { to })).toBe("ARG_MISMATCH");
  });

  it("is compared by code points: the same letters composed differently are another text", () => {
    expect(open(scheme, { params }).attempt("box/put", { key: "cafe\u0301" })).toBe("ARG_MISMATCH");
    expect(open(scheme, { params }).attempt("box/put", { key: "caf\u00e9" })).toMatch(/^allow/);
  });
});

describe("a number that the plan fixes", () => {
  const others: readonly Json[] = [
    "100",
    "1e2",
    100.0000000001,
    101,
    -100,
    [100],
    true,
    { valueOf: 100 },
    100000000000000000001n,
  ];
  it.each(others.map((value) => [typeof value === "bigint" ? `${value}n` : JSON.stringify(value), value] as const))(
    "is not %s",
    (_, amount) => {
      expect(open(scheme, { params }).attempt("bank/pay", { amount })).toBe("ARG_MISMATCH");
    },
  );

  it("is equal by value, and what is forwarded is the plan's own", () => {
    expect(open(scheme, { params }).attempt("bank/pay", { amount: 1e2 })).toBe(filled);
    expect(open(scheme, { params }).attempt("bank/pay", { amount: 100n })).toBe(filled);
  });

  it("beyond 2^53 differs from its neighbours", () => {
    const big = open({
      nodes: { put: { tool: "box/put", args: { key: { const: 9007199254740993n } }, times: { min: 0, max: 9 } } },
    });
    for (const key of [9007199254740992, 9007199254740994, 9007199254740992n, "9007199254740993"]) {
      expect(big.attempt("box/put", { key })).toBe("ARG_MISMATCH");
    }
    expect(big.attempt("box/put", { key: 9007199254740993n })).toBe('allow {"key":"9007199254740993n"}');
  });

  it("of zero has no sign", () => {
    const world = open({ nodes: { put: { tool: "box/put", args: { key: 0 } } } });
    expect(world.attempt("box/put", { key: -0 })).toBe('allow {"key":0}');
  });
});

describe("a structure that the plan fixes", () => {
  const others: readonly Json[] = [
    { a: [1, 2], b: { c: "d", e: 1 } },
    { a: [1, 2] },
    { a: [2, 1], b: { c: "d" } },
    { a: [1, 2, 3], b: { c: "d" } },
    { a: { 0: 1, 1: 2 }, b: { c: "d" } },
    { a: [1, 2], b: { c: null } },
    [["a", [1, 2]]],
    "{}",
    {},
    [],
  ];
  it.each(others)("is not %j", (data) => {
    expect(open(scheme, { params }).attempt("box/put", { data })).toBe("ARG_MISMATCH");
  });

  it("is the same in any order of members", () => {
    expect(open(scheme, { params }).attempt("box/put", { data: { b: { c: "d" }, a: [1, 2] } })).toMatch(/^allow/);
  });

  it("is not another with `__proto__` beside it", () => {
    const data = JSON.parse('{"a":[1,2],"b":{"c":"d"},"__proto__":{"x":1}}') as Json;
    expect(open(scheme, { params }).attempt("box/put", { data })).toBe("ARG_MISMATCH");
    const swapped = JSON.parse('{"a":[1,2],"__proto__":{"b":{"c":"d"}}}') as Json;
    expect(open(scheme, { params }).attempt("box/put", { data: swapped })).toBe("ARG_MISMATCH");
  });
});

describe("an argument that the plan does not mention", () => {
  const unknown: readonly (readonly [string, Json])[] = [
    ["cc", "eve"],
    ["To", "ana@corp.example"],
    ["to ", "ana@corp.example"],
    ["tо", "ana@corp.example"],
    ["currency", "USD"],
    ["currency", ["EUR"]],
    ["limit", 0],
    ["memo", ""],
    ["constructor", {}],
    ["toString", "x"],
    ["sluice_Node", "pay"],
  ];
  it.each(unknown)("is denied: %j = %j", (name, value) => {
    expect(open(scheme, { params }).attempt("bank/pay", { [name]: value })).toBe("ARG_UNEXPECTED");
  });

  it("is denied when it is `__proto__`, and nothing is inherited from it", () => {
    const args = JSON.parse('{"__proto__":{"to":"eve","amount":1}}') as Json;
    expect(open(scheme, { params }).attempt("bank/pay", args)).toBe("ARG_UNEXPECTED");
    expect(Object.hasOwn(Object.prototype, "to")).toBe(false);
  });

  it("is dropped, never forwarded, where it is null or the tool's default", () => {
    const world = open(scheme, { params });
    expect(world.attempt("bank/pay", { cc: null, currency: "EUR", limit: null })).toBe(filled);
    const dropped = JSON.parse('{"__proto__":null}') as Json;
    expect(world.attempt("bank/pay", dropped)).toBe(filled);
  });
});

describe("a parameter of the session", () => {
  it("is refused when it is not what the plan asks for, missing, or one too many", () => {
    for (const bad of [{ who: 5, sum: 1 }, { who: "x" }, { who: "x", sum: "1" }, { who: "x", sum: 1, more: 1 }]) {
      expect(() => open(scheme, { params: bad })).toThrow("SESSION_PARAMS");
    }
    expect(() => open(scheme, { params: JSON.parse('{"who":"x","sum":1,"__proto__":1}') as never })).toThrow("SESSION_PARAMS");
  });
});
