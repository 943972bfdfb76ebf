import { describe, expect, it } from "vitest";
import type { Json } from "../../src/json/value.ts";
import { open, refusals, type Scheme } from "./world.ts";

const spend: Scheme = {
  nodes: {
    pay: {
      tool: "bank/pay",
      times: { min: 0, max: 50 },
      args: { to: "x", amount: { choose: { type: "number" } }, memo: { write: {}, optional: true } },
      constraints: { budget: { sum: "amount", max: 100 } },
    },
  },
};
const pay = (amount: Json): readonly [string, Json] => ["bank/pay", { amount }];

describe("a budget of an amount", () => {
  it("is spent by what was allowed, not by what was settled", () => {
    const world = open(spend);
    for (let i = 0; i < 4; i++) world.start(...pay(25));
    expect(world.attempt(...pay(0.01))).toBe("CALL_BUDGET");
    expect(world.attempt(...pay(0))).toMatch(/^allow/);
  });

  it("is not refilled by a negative amount", () => {
    const world = open(spend);
    world.call(...pay(100), 1);
    expect(world.attempt(...pay(-100))).toBe("CALL_BUDGET");
    expect(world.attempt(...pay(-0.0000001))).toBe("CALL_BUDGET");
    expect(world.attempt(...pay(1))).toBe("CALL_BUDGET");
  });

  const tooMuch: readonly (readonly [string, Json])[] = [
    ["100.00000000000001", 100.00000000000001],
    ["1e308", 1e308],
    ["2^53 + 1 as a bigint", 9007199254740993n],
    ["a bigint that would be within", 5n],
  ];
  it.each(tooMuch)("denies %s", (_, amount) => {
    expect(open(spend).attempt(...pay(amount))).toBe("CALL_BUDGET");
  });

  it("adds what is given up to the last cent, and no rounding adds room", () => {
    const world = open(spend);
    for (let i = 0; i < 10; i++) world.start(...pay(9.99));
    expect(world.attempt(...pay(0.2))).toBe("CALL_BUDGET");
    expect(world.attempt(...pay(0.05))).toMatch(/^allow/);
  });

  it("is spent by an error, and by a lease that ran out", () => {
    const world = open(spend);
    world.fail(...pay(60), "no");
    expect(world.attempt(...pay(60))).toBe("CALL_BUDGET");
    const lost = open(spend);
    lost.start(...pay(60));
    lost.wait(400_000);
    expect(lost.attempt(...pay(60))).toBe("CALL_BUDGET");
  });

  it("cannot be counted in text: an amount that may be text is denied", () => {
    const free: Scheme = {
      nodes: { pay: { ...spend.nodes.pay, args: { to: "x", amount: { choose: {} } } } } as Scheme["nodes"],
    };
    for (const amount of ["1", "-100", [1], { amount: 1 }, true]) expect(open(free).attempt(...pay(amount))).toBe("CALL_BUDGET");
  });

  it("of an argument that the node does not have is refused when the plan is frozen", () => {
    for (const sum of ["amuont", "Amount", "memo.x", "__proto__", "constructor"]) {
      const node = { tool: "bank/pay", args: { to: "x", amount: 1 }, constraints: { budget: { sum, max: 5 } } } as const;
      expect(refusals({ nodes: { pay: node } }), sum).toContain("PLAN_BUDGET_ARG");
    }
  });
});

describe("a budget over a window of time", () => {
  it("slides: what lies within the window counts, whenever the window is said to begin", () => {
    const daily = { sum: "amount", max: 100, per: "minute" } as const;
    const world = open({ nodes: { pay: { ...spend.nodes.pay, constraints: { budget: daily } } } as Scheme["nodes"] });
    world.call(...pay(60), 1);
    world.wait(30_000);
    world.call(...pay(40), 1);
    world.wait(29_999);
    expect(world.attempt(...pay(1))).toBe("CALL_BUDGET");
    world.wait(1);
    expect(world.attempt(...pay(61))).toBe("CALL_BUDGET");
    expect(world.attempt(...pay(60))).toMatch(/^allow/);
  });
});

describe("several budgets of one node", () => {
  it("all hold", () => {
    const both = [
      { sum: "amount", max: 100 },
      { max: 2, per: "hour" },
    ] as const;
    const world = open({ nodes: { pay: { ...spend.nodes.pay, constraints: { budget: both } } } as Scheme["nodes"] });
    world.start(...pay(1));
    world.start(...pay(1));
    expect(world.attempt(...pay(1))).toBe("CALL_BUDGET");
  });

  it("that other sessions share are named in the verdict with the amount to reserve", () => {
    const shared = { sum: "amount", max: 100, scope: "principal" } as const;
    const world = open({ nodes: { pay: { ...spend.nodes.pay, constraints: { budget: shared } } } as Scheme["nodes"] });
    const verdict = world.session.check({ tool: "bank/pay", args: { amount: 70 } });
    expect(verdict).toMatchObject({ decision: "allow", shared: [{ amount: 70, budget: { max: 100, scope: "principal" } }] });
    expect(world.attempt(...pay(-70))).toBe("CALL_BUDGET");
  });
});
