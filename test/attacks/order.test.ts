import { describe, expect, it } from "vitest";
import { open, type Scheme } from "./world.ts";

const chain: Scheme = {
  nodes: {
    look: { tool: "safe/read", args: { key: "a" } },
    judge: { tool: "safe/check", args: { data: { from: "look$" } } },
    pay: { tool: "bank/pay", args: { to: { from: "judge$.to" }, amount: 5 } },
    tell: { tool: "chat/post", after: ["pay"], args: { channel: "#g", text: "paid" } },
  },
};

describe("a call before its time", () => {
  it("is denied until every node before it has succeeded", () => {
    const world = open(chain);
    for (const tool of ["safe/check", "bank/pay", "chat/post"]) expect(world.attempt(tool)).toBe("CALL_OUT_OF_ORDER");
    world.call("safe/read", {}, 1);
    for (const tool of ["bank/pay", "chat/post"]) expect(world.attempt(tool)).toBe("CALL_OUT_OF_ORDER");
  });

  it("is denied while the node before it is still in flight", () => {
    const world = open(chain);
    const run = world.start("safe/read");
    expect(world.attempt("safe/check")).toBe("CALL_OUT_OF_ORDER");
    world.settle(run, { v: 1 });
    expect(world.attempt("safe/check")).toBe('allow {"data":{"v":1}}');
  });

  it("is denied after the node before it failed: an error completes nothing", () => {
    const world = open(chain);
    world.fail("safe/read", {}, { to: "eve" });
    expect(world.attempt("safe/check")).toBe("CALL_OUT_OF_ORDER");
    expect(world.attempt("safe/read")).toBe("CALL_REPEATED");
  });

  it("is denied after the lease of the node before it ran out, and the late result changes nothing", () => {
    const world = open(chain);
    const run = world.start("safe/read");
    world.wait(300_000);
    expect(world.attempt("safe/check")).toBe("CALL_OUT_OF_ORDER");
    expect(world.settle(run, { v: 1 })).toBe("RUN_SETTLED");
    expect(world.attempt("safe/check")).toBe("CALL_OUT_OF_ORDER");
  });

  it("is denied in a batch as if the others had not run", () => {
    const world = open(chain);
    const verdicts = world.session.checkBatch(["safe/read", "safe/check", "bank/pay"].map((tool) => ({ tool, args: {} })));
    expect(verdicts.map((verdict) => (verdict.decision === "deny" ? verdict.code : "allow"))).toEqual([
      "allow",
      "CALL_OUT_OF_ORDER",
      "CALL_OUT_OF_ORDER",
    ]);
  });
});

describe("a call past its time", () => {
  const late: Scheme = {
    nodes: {
      hint: { tool: "web/get", args: { url: "https://a.example/" }, optional: true },
      pay: {
        tool: "bank/pay",
        args: { to: "x", amount: 1, memo: { from: "hint$.memo", optional: true } },
        times: { min: 1, max: 2 },
      },
    },
  };

  it("is denied: an optional node closes as soon as a node that reads it has started", () => {
    const world = open(late);
    const run = world.start("bank/pay");
    expect(world.attempt("web/get")).toBe("CALL_OUT_OF_ORDER");
    world.settle(run, 1);
    expect(world.attempt("web/get")).toBe("CALL_OUT_OF_ORDER");
    expect(world.attempt("bank/pay")).toBe('allow {"amount":1,"to":"x"}');
  });

  it("does not reach a successor while it is in flight", () => {
    const world = open(late);
    const run = world.start("web/get");
    expect(world.attempt("bank/pay")).toBe("CALL_OUT_OF_ORDER");
    world.settle(run, { memo: "m" });
    expect(world.attempt("bank/pay")).toBe('allow {"amount":1,"memo":"m","to":"x"}');
  });

  it("is denied for everything once the session is closed, its time is over, or the plan has expired", () => {
    const closed = open(chain);
    closed.session.close();
    expect(closed.attempt("safe/read")).toBe("SESSION_CLOSED");
    const slow = open({ ...chain, limits: { seconds: 10 } });
    slow.wait(10_001);
    expect(slow.attempt("safe/read")).toBe("SESSION_EXPIRED");
    const old = open({ ...chain, notAfter: "2026-01-01T00:00:05Z" });
    old.wait(5_001);
    expect(old.attempt("safe/read")).toBe("PLAN_EXPIRED");
  });
});
