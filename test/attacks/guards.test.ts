import { describe, expect, it } from "vitest";
import type { Json } from "../../src/json/value.ts";
import { open, type Scheme } from "./world.ts";

const page = { tool: "web/get", args: { url: "https://a.example/" } } as const;

describe("a guard", () => {
  const guarded = (when: string): Scheme => ({ nodes: { page, pay: { tool: "bank/pay", when, args: { to: "x", amount: 1 } } } });
  const outcome = (when: string, result: Json): string => {
    const world = open(guarded(when));
    world.call("web/get", {}, result);
    return world.attempt("bank/pay");
  };

  it("must be true: nothing else opens it", () => {
    const values: readonly Json[] = ["true", 1, [], {}, null, "yes", [true], { ok: true }];
    for (const ok of values) expect(outcome("page.ok", { ok })).toBe("CALL_GUARD");
    expect(outcome("page.ok", { ok: false })).toBe("CALL_GUARD");
    expect(outcome("page.ok", { ok: true })).toMatch(/^allow/);
  });

  it("that cannot be computed is closed", () => {
    for (const result of [{}, null, "x", [], { n: "5" }, { n: null }]) expect(outcome("page.n > 3", result)).toBe("CALL_GUARD");
    expect(outcome("page.n / 0 > 1", { n: 1 })).toBe("CALL_GUARD");
  });

  it("with two sides is open if one says so and the other cannot be computed, as CEL has it", () => {
    expect(outcome("page.a || page.b", { a: true })).toMatch(/^allow/);
    expect(outcome("page.a && page.b", { a: true })).toBe("CALL_GUARD");
  });

  it("does not see through a prototype", () => {
    for (const when of ["has(page.constructor)", "has(page.toString)", "has(page.__proto__)"])
      expect(outcome(when, {})).toBe("CALL_GUARD");
  });

  it("labels that the call happens: a rule on `control` sees who opened it", () => {
    const world = open({
      ...guarded("page.ok"),
      flows: [{ id: "no-web-control", deny: ["web"], to: "bank/*", roles: ["control"] }],
    });
    world.call("web/get", {}, { ok: true });
    expect(world.attempt("bank/pay")).toBe("FLOW_CONTROL_DENIED");
  });

  it("is costly for nobody: what takes too long is closed", () => {
    const rows = Array.from({ length: 3_000 }, (_, i) => i);
    expect(outcome("page.rows.all(a, page.rows.all(b, a + b >= 0))", { rows })).toBe("CALL_GUARD");
  });
});

describe("a node behind a guard that is false", () => {
  it("is settled for what comes after, but its result is nobody's", () => {
    const world = open({
      nodes: {
        page,
        check: { tool: "safe/check", when: "page.ask", args: { data: "x" } },
        pay: { tool: "bank/pay", args: { to: { from: "check$.to" }, amount: 1 } },
        tell: { tool: "chat/post", after: ["check"], args: { channel: "#g", text: "t" } },
      },
    });
    world.call("web/get", {}, { ask: false });
    expect(world.attempt("bank/pay")).toBe("ARG_UNRESOLVED");
    expect(world.attempt("bank/pay", { to: "eve" })).toBe("ARG_UNRESOLVED");
    expect(world.attempt("chat/post")).toMatch(/^allow/);
  });

  it("is not settled by a guard that only cannot be computed", () => {
    const world = open({
      nodes: {
        page,
        check: { tool: "safe/check", when: "page.ask", args: { data: "x" } },
        tell: { tool: "chat/post", after: ["check"], args: { channel: "#g", text: "t" } },
      },
    });
    world.call("web/get", {}, { ask: "no" });
    expect(world.attempt("chat/post")).toBe("CALL_OUT_OF_ORDER");
  });
});

describe("a condition across arguments", () => {
  const order: Scheme = {
    params: { ceiling: { type: "number" } },
    nodes: {
      pay: {
        tool: "bank/pay",
        times: { min: 0, max: 30 },
        args: { to: "x", amount: { choose: { type: "number" } }, limit: { choose: { type: "number" }, optional: true } },
        require: ["args.amount * args.limit <= params.ceiling", "args.amount > 0"],
      },
    },
  };
  const attempt = (args: Json): string => open(order, { params: { ceiling: 100 } }).attempt("bank/pay", args);

  it("holds for the final arguments", () => {
    expect(attempt({ amount: 10, limit: 10 })).toMatch(/^allow/);
    expect(attempt({ amount: 10, limit: 10.01 })).toBe("CALL_REQUIRE");
  });

  it("is not met by leaving an argument out, by two negatives, or by numbers that overflow", () => {
    expect(attempt({ amount: 1e9 })).toBe("CALL_REQUIRE");
    expect(attempt({ amount: -1, limit: -1e9 })).toBe("CALL_REQUIRE");
    expect(attempt({ amount: 1e308, limit: 1e308 })).toBe("CALL_REQUIRE");
    expect(attempt({ amount: 1e308, limit: -1e308 })).toBe("CALL_REQUIRE");
  });
});

describe("a node that only computes", () => {
  it("carries all that it reads", () => {
    const world = open({
      nodes: {
        page,
        a: { tool: "safe/read" },
        sum: { let: "a.n + page.n" },
        pay: { tool: "bank/pay", args: { to: "x", amount: { from: "sum$" } } },
      },
      flows: [{ id: "no-web", deny: ["web"], to: "bank/*" }],
    });
    world.call("web/get", {}, { n: 1 });
    world.call("safe/read", {}, { n: 1 });
    expect(world.attempt("bank/pay")).toBe("FLOW_SINK_DENIED");
  });

  it("cannot be called as a tool, nor given a result", () => {
    const world = open({
      nodes: { sum: { let: "1 + 1" }, pay: { tool: "bank/pay", args: { to: "x", amount: { from: "sum$" } } } },
    });
    for (const tool of ["sum", "let/sum", "local/sum"]) expect(world.attempt(tool)).toBe("CALL_NOT_IN_PLAN");
    expect(world.attempt("bank/pay", { sluice_node: "sum" })).toBe("CALL_NOT_IN_PLAN");
    expect(world.attempt("bank/pay", { amount: 3 })).toBe("ARG_MISMATCH");
  });
});
