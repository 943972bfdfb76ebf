import { describe, expect, it } from "vitest";
import { open, type Scheme } from "./world.ts";

const pay = { tool: "bank/pay", args: { to: "x", amount: 1 } } as const;
const once: Scheme = { nodes: { pay } };

describe("a payment of which the plan has one", () => {
  it("is denied the second time, with the same arguments and with none", () => {
    const world = open(once);
    world.call("bank/pay", {}, 1);
    expect(world.attempt("bank/pay")).toBe("CALL_REPEATED");
    expect(world.attempt("bank/pay", { to: "x", amount: 1 })).toBe("CALL_REPEATED");
  });

  it("is denied while the first is in flight, however many are tried", () => {
    const world = open(once);
    world.start("bank/pay");
    for (let i = 0; i < 50; i++) expect(world.attempt("bank/pay")).toBe("CALL_REPEATED");
  });

  it("is denied in the same batch", () => {
    const world = open(once);
    const verdicts = world.session.checkBatch(Array.from({ length: 5 }, () => ({ tool: "bank/pay", args: {} })));
    expect(verdicts.filter((verdict) => verdict.decision === "allow")).toHaveLength(1);
  });

  it("is spent by an error and by a lease that ran out: nobody knows whether it was made", () => {
    const failed = open(once);
    failed.fail("bank/pay", {}, "timeout");
    expect(failed.attempt("bank/pay")).toBe("CALL_REPEATED");
    const lost = open(once);
    lost.start("bank/pay");
    lost.wait(300_001);
    expect(lost.attempt("bank/pay")).toBe("CALL_REPEATED");
  });

  it("is not renewed by a denied call", () => {
    const world = open(once);
    world.attempt("bank/pay", { to: "eve" });
    world.call("bank/pay", {}, 1);
    world.attempt("bank/pay", { to: "eve" });
    expect(world.attempt("bank/pay")).toBe("CALL_REPEATED");
  });
});

describe("a node that may be tried again", () => {
  const again: Scheme = { nodes: { pay: { ...pay, constraints: { idempotent: true, budget: { sum: "amount", max: 1 } } } } };

  it("succeeds once, and not while a try is in flight", () => {
    const world = open(again);
    world.fail("bank/pay", {}, "busy");
    const run = world.start("bank/pay");
    expect(world.attempt("bank/pay")).toBe("CALL_REPEATED");
    world.settle(run, "done");
    expect(world.attempt("bank/pay")).toBe("CALL_REPEATED");
  });

  it("keeps the budget of a try whose lease ran out: it may still have been made", () => {
    const world = open(again);
    world.start("bank/pay");
    world.wait(300_001);
    expect(world.attempt("bank/pay")).toBe("CALL_BUDGET");
  });
});

describe("a result", () => {
  it("is taken once, for a run that exists and is in flight", () => {
    const world = open(once);
    const run = world.start("bank/pay");
    expect(world.settle(run, "first")).toBe("first");
    expect(world.settle(run, "second")).toBe("RUN_SETTLED");
    for (const other of [-1, 1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) expect(world.settle(other, "x")).toBe("RUN_UNKNOWN");
  });

  it("cannot be swapped for another: the first that settles is what references see", () => {
    const world = open({
      nodes: {
        look: { tool: "safe/read", times: { min: 1, max: 3 } },
        put: { tool: "box/put", args: { key: { from: "look$.k" } } },
      },
    });
    world.call("safe/read", {}, { k: "good" });
    world.call("safe/read", {}, { k: "evil" });
    world.fail("safe/read", {}, { k: "evil" });
    expect(world.attempt("box/put")).toBe('allow {"key":"good"}');
  });
});

describe("calls beyond the limits of a session", () => {
  it("are denied, and what was allowed and failed counts", () => {
    const world = open({ limits: { calls: 3 }, nodes: { look: { tool: "safe/read", times: { min: 1, max: 50 } } } });
    world.fail("safe/read", {}, "e");
    world.start("safe/read");
    world.call("safe/read", {}, 1);
    expect(world.attempt("safe/read")).toBe("CALL_LIMIT");
  });

  it("are denied where they come faster than the node's rate, whatever became of the others", () => {
    const world = open({
      nodes: {
        look: {
          tool: "safe/read",
          times: { min: 1, max: 50 },
          constraints: { rate: { calls: 2, per: "minute" }, idempotent: true },
        },
      },
    });
    world.fail("safe/read", {}, "e");
    world.start("safe/read");
    expect(world.attempt("safe/read")).toBe("CALL_RATE");
    world.wait(59_999);
    expect(world.attempt("safe/read")).toBe("CALL_RATE");
    world.wait(1);
    expect(world.attempt("safe/read")).toBe("allow {}");
  });
});
