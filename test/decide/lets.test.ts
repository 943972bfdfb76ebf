/**
 * Computations that read each other: what a check costs, and that their labels and runs stay what they are.
 */
import { expect, it } from "vitest";
import { createGuard } from "../../src/engine.ts";
import type { PlanNode } from "../../src/plan/plan.ts";
import { frozenPlan } from "../amend/world.ts";

it("checks a call over a chain of computations that each read the two before in time that does not double with each", () => {
  // Each one is a list as long as the one before: without a memory of what was computed, 60 of them are 10^12 evaluations.
  const lets = Array.from({ length: 60 }, (_, i): [string, PlanNode] => [
    `x${i + 2}`,
    { let: `size(x${i + 1}) >= 0 ? x${i} : x${i + 1}` },
  ]);
  const nodes: Record<string, PlanNode> = {
    mail: { tool: "inbox/read", args: { id: "m1" } },
    x0: { let: "mail.text" },
    x1: { let: "mail.text" },
    ...Object.fromEntries(lets),
    again: { tool: "inbox/read", args: { id: { expr: "x61" } } },
  };
  const guard = createGuard(frozenPlan(nodes, {}), { clock: () => 0 });
  if (!guard.ok) throw new Error(JSON.stringify(guard.error));
  const session = guard.value.session({ id: "s", key: "00".repeat(16) });
  if (!session.ok) throw new Error(session.error.message);
  const first = session.value.check({ tool: "inbox/read", args: { id: "m1", sluice_node: "mail" } });
  if (first.decision !== "allow") throw new Error(first.code);
  session.value.record(first.run, { value: { text: "m2" } });
  const second = session.value.check({ tool: "inbox/read", args: { sluice_node: "again" } });
  expect(second).toMatchObject({ decision: "allow", args: { id: "m2" } });
});
