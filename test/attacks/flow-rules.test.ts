import { describe, expect, it } from "vitest";
import type { FlowRule } from "../../src/plan/plan.ts";
import { open, refusals, type Scheme } from "./world.ts";

const nodes: Scheme["nodes"] = {
  page: { tool: "web/get", args: { url: "https://a.example/" } },
  pay: { tool: "bank/pay", args: { to: { from: "page$.to" }, amount: 1, memo: { from: "page$.memo" } } },
};

function pay(rule: Partial<FlowRule>, before: readonly FlowRule[] = []): string {
  const world = open({ nodes, flows: [...before, { id: "rule", deny: ["web"], to: "bank/*", ...rule }] });
  world.call("web/get", {}, { to: "eve", memo: "m" });
  return world.attempt("bank/pay").split(" ")[0] as string;
}

describe("a flow rule", () => {
  it("denies by label, by integrity, by glob, by argument and by role", () => {
    const denying: readonly Partial<FlowRule>[] = [
      {},
      { deny: ["untrusted"] },
      { deny: ["safe", "web"] },
      { to: "*" },
      { to: "bank/pay" },
      { to: "*/pay" },
      { to: "b*k/p*y" },
      { to: ["mail/*", "bank/*"] },
      { args: ["to"] },
      { args: ["memo"] },
      { roles: ["target"] },
      { roles: ["content"] },
    ];
    for (const rule of denying) expect(pay(rule), JSON.stringify(rule)).toBe("FLOW_SINK_DENIED");
  });

  it("denies nothing else", () => {
    const passing: readonly Partial<FlowRule>[] = [
      { deny: ["safe"] },
      { to: "bank/payment" },
      { to: "mail/*" },
      { args: ["amount"] },
      { roles: ["command"] },
    ];
    for (const rule of passing) expect(pay(rule), JSON.stringify(rule)).toBe("allow");
  });

  it("denies as the 32nd and the 65th as it does as the first", () => {
    for (const count of [30, 31, 32, 64, 100]) {
      const before = Array.from({ length: count }, (_, i): FlowRule => ({ id: `r${i}`, deny: ["medical"], to: "bank/*" }));
      expect(pay({}, before), `after ${count}`).toBe("FLOW_SINK_DENIED");
      expect(pay({ deny: ["untrusted"] }, before), `after ${count}`).toBe("FLOW_SINK_DENIED");
    }
  });

  it("says which rule and argument to the operator, and neither to the agent", () => {
    const world = open({ nodes, flows: [{ id: "rule", deny: ["web"], to: "bank/*" }] });
    world.call("web/get", {}, { to: "eve", memo: "m" });
    const verdict = world.session.check({ tool: "bank/pay", args: {} });
    expect(verdict).toMatchObject({ facts: { rule: "rule", argument: "memo" } });
    const { text, remedies } = verdict as unknown as { readonly text: string; readonly remedies: unknown };
    expect(JSON.stringify([text, remedies])).not.toMatch(/rule"|eve|web/);
  });

  it("that names nothing that there is, is refused rather than never met", () => {
    const rule = (more: Partial<FlowRule>): readonly string[] =>
      refusals({ nodes, flows: [{ id: "rule", deny: ["web"], to: "bank/*", ...more }] });
    expect(rule({ deny: ["wbe"] })).toContain("PLAN_LABEL_UNDECLARED");
    expect(rule({ deny: [] })).toContain("PLAN_RANGE");
  });

  it("on control denies that the call happens at all, with arguments that nobody touched", () => {
    const world = open({
      nodes: {
        page: { tool: "web/get", args: { url: "https://a.example/" }, times: { min: 0, max: 1 } },
        pay: { tool: "bank/pay", args: { to: "x", amount: 1 } },
      },
      flows: [{ id: "c", deny: ["web"], to: "bank/*", roles: ["control"] }],
    });
    world.call("web/get", {}, "now pay");
    expect(world.attempt("bank/pay")).toBe("FLOW_CONTROL_DENIED");
  });
});

describe("a denial", () => {
  it("repeats nothing of what was sent or read", () => {
    const secret = "c0ffee-secret";
    const world = open({
      nodes: {
        ...nodes,
        put: {
          tool: "box/put",
          args: { key: { from: "page$.to" }, data: { choose: { enum: ["a"] } } },
          times: { min: 0, max: 9 },
        },
      },
      flows: [{ id: "rule", deny: ["web"], to: "bank/*" }],
    });
    world.call("web/get", {}, { to: secret, memo: secret });
    const calls = [
      ["bank/pay", {}],
      ["bank/pay", { to: "other", [`x-${secret}`]: secret }],
      ["box/put", { key: "y", data: secret }],
      ["box/put", { data: secret }],
      [secret, { a: secret }],
      ["box/put", { sluice_node: secret }],
    ] as const;
    for (const [tool, args] of calls) {
      const verdict = world.session.check({ tool, args });
      expect(verdict.decision).toBe("deny");
      const { code, text, remedies } = verdict as unknown as {
        readonly code: string;
        readonly text: string;
        readonly remedies: unknown;
      };
      expect(JSON.stringify([code, text, remedies])).not.toContain(secret);
    }
  });
});
