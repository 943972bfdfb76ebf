/**
 * A guard that is added to a node settles it where it is false, so that what comes after it may start: no narrower plan.
 */
import { expect, it } from "vitest";
import { diffPlans } from "../../src/amend/diff.ts";
import type { FrozenPlan, PlanNode } from "../../src/plan/plan.ts";
import { frozenPlan, run, sessionOf } from "./world.ts";

const each = (rest: Partial<PlanNode>): FrozenPlan =>
  frozenPlan({
    list: { tool: "ledger/list" },
    read: {
      tool: "inbox/read",
      args: { id: { item: "$" } },
      each: { from: "list$.rows[*]", max: 1 },
      times: { min: 0, max: 1 },
      ...rest,
    },
    pay: { tool: "bank/pay", args: { iban: "DE1", amount: 5 }, after: ["read"] },
  });

it("is not narrower on a loop that need not run: more rows than it may have are never settled without it", () => {
  const [before, after] = [each({}), each({ when: "size('a') > 1" })];
  const codes = [before, after].map((plan) => {
    const session = sessionOf(plan);
    expect(run(session, "ledger/list", {}, { rows: ["a", "b"] })).toBe("allow");
    return run(session, "bank/pay", {});
  });
  expect(codes).toEqual(["CALL_OUT_OF_ORDER", "allow"]);
  const diff = diffPlans(before, after);
  expect(diff.ok && diff.value.relation).toBe("incomparable");
});

it("is not narrower on a node that need not run: without it, what comes after waits for the runs in flight", () => {
  const nodes = (rest: Partial<PlanNode>): FrozenPlan =>
    frozenPlan({
      read: { tool: "inbox/read", args: { id: "m1" }, optional: true, ...rest },
      pay: { tool: "bank/pay", args: { iban: "DE1", amount: 5 }, after: ["read"] },
    });
  const [before, after] = [nodes({}), nodes({ when: "size('a') > 1" })];
  const session = sessionOf(before);
  expect(session.check({ tool: "inbox/read", args: {} }).decision).toBe("allow");
  expect(run(session, "bank/pay", {})).toBe("CALL_OUT_OF_ORDER");
  expect(session.amend(after, { by: "agent" })).toEqual({ ok: false, error: "AMEND_WIDER" });
});
