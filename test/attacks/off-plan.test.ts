import { describe, expect, it } from "vitest";
import type { Json } from "../../src/json/value.ts";
import { open, type Scheme } from "./world.ts";

const scheme: Scheme = {
  nodes: {
    look: { tool: "safe/read", args: { key: "a" } },
    "pay-rent": { tool: "bank/pay", args: { to: "landlord", amount: 900 }, times: { min: 0, max: 1 } },
    "pay-tax": { tool: "bank/pay", args: { to: "state", amount: 300 }, times: { min: 0, max: 1 } },
    put: { tool: "box/put", args: { key: "k" } },
  },
};

describe("a call of a tool that the plan does not use", () => {
  const names = [
    "mail/send",
    "pay",
    "bank/withdraw",
    "bank/pay/",
    "/bank/pay",
    "bank/pay ",
    " bank/pay",
    "bank/pay\u0000",
    "bank/pay\n",
    "BANK/PAY",
    "bank//pay",
    "bank\\pay",
    "bank%2Fpay",
    "bаnk/pay",
    "bank/pay\u200b",
    "ｂａｎｋ/pay",
    "safe/read,bank/pay",
    "",
    "*",
    "bank/*",
    "__proto__",
    "constructor",
    "toString",
    "hasOwnProperty",
  ];
  it.each(names)("is denied: %j", (name) => {
    expect(open(scheme).attempt(name, {})).toBe("CALL_NOT_IN_PLAN");
  });

  it("is denied when the name is no text at all", () => {
    for (const name of [null, 5, true, ["bank/pay"], { tool: "bank/pay" }, undefined]) {
      expect(open(scheme).attempt(name as never, {})).toBe("CALL_NOT_IN_PLAN");
    }
  });
});

describe("a call that names its node", () => {
  it("must name one, where it fits several", () => {
    expect(open(scheme).attempt("bank/pay", {})).toBe("CALL_AMBIGUOUS");
    expect(open(scheme).attempt("bank/pay", { sluice_node: "pay-tax" })).toBe('allow {"amount":300,"to":"state"}');
  });

  it("cannot name a node of another tool to borrow its rules", () => {
    const world = open(scheme);
    expect(world.attempt("bank/pay", { sluice_node: "put", key: "k" })).toBe("CALL_NOT_IN_PLAN");
    expect(world.attempt("box/put", { sluice_node: "pay-rent" })).toBe("CALL_NOT_IN_PLAN");
  });

  const odd: readonly Json[] = [
    null,
    0,
    true,
    "",
    "PAY-TAX",
    "pay-tax ",
    "__proto__",
    "constructor",
    ["pay-tax"],
    { name: "pay-tax" },
  ];
  it.each(odd)("is denied for what names no node: %j", (node) => {
    expect(open(scheme).attempt("bank/pay", { sluice_node: node })).toBe("CALL_NOT_IN_PLAN");
  });

  it("gets nothing past the node's own rules", () => {
    const world = open(scheme);
    expect(world.attempt("bank/pay", { sluice_node: "pay-tax", to: "eve" })).toBe("ARG_MISMATCH");
    expect(world.attempt("bank/pay", { sluice_node: "pay-tax", amount: 900 })).toBe("ARG_MISMATCH");
  });

  it("cannot name it twice: what the host says wins, and the agent's word is not forwarded", () => {
    const world = open(scheme);
    const verdict = world.session.check({ tool: "bank/pay", args: { sluice_node: "pay-tax" }, node: "pay-rent" });
    expect(verdict).toMatchObject({ decision: "allow", node: "pay-rent", args: { to: "landlord", amount: 900 } });
  });
});

describe("a call that is no call", () => {
  const forms: readonly Json[] = [null, true, 5, "{}", [], [{}], [["to", "landlord"]]];
  it.each(forms)("is denied: %j", (args) => {
    expect(open(scheme).attempt("safe/read", args)).toBe("CALL_MALFORMED");
  });
});
