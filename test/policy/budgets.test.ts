/**
 * Budgets of a policy: one for all nodes and plans, however a plan splits its calls.
 */
import { describe, expect, it } from "vitest";
import { readCatalogue } from "../../src/catalogue/catalogue.ts";
import { createGuard } from "../../src/guard.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import type { Budget, FrozenPlan, Plan } from "../../src/plan/plan.ts";
import { parsePlan } from "../../src/plan/schema.ts";
import type { Policy } from "../../src/policy/policy.ts";
import type { Json } from "../../src/json/value.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import { openSqliteStore } from "../../src/stores/sqlite/open.ts";
import { createFirewall } from "../../src/surfaces/hono.ts";

const tools = {
  tools: [
    {
      name: "bank/pay",
      inputSchema: { type: "object", properties: { amount: { type: "number" } } },
      sluice: { effects: ["money"], labels: ["user_input"] },
    },
  ],
} as const;

const policyOf = (budget: Budget): Policy => ({
  sluicePolicy: 1,
  name: "company",
  constraints: [{ id: "small", tools: "bank/*", hold: { budget } }],
});

function freeze(name: string, policy: Policy): FrozenPlan {
  const catalogue = readCatalogue(tools as unknown as Json);
  const amount = { choose: { type: "number", minimum: 0, maximum: 100 } } as const;
  const pay = { tool: "bank/pay", args: { amount }, times: { min: 0, max: 9 } } as const;
  const plan: Plan = { sluice: 1, name, nodes: { rent: pay, power: { ...pay, constraints: { budget: { max: 8 } } } } };
  const frozen = catalogue.ok ? freezePlan(plan, catalogue.value, { policy }) : catalogue;
  if (!frozen.ok) throw new Error(JSON.stringify(frozen.error));
  return frozen.value;
}

describe("a policy's budget", () => {
  it("of a session counts all nodes that it is held on together", () => {
    const session = createGuard(freeze("bills", policyOf({ sum: "amount", max: 100 }))).session();
    const pay = (node: string, amount: number): string => {
      const verdict = session.check({ tool: "bank/pay", node, args: { amount } });
      return verdict.decision === "allow" ? "allow" : verdict.code;
    };
    expect([pay("rent", 60), pay("power", 50), pay("power", 40), pay("rent", 1)]).toEqual([
      "allow",
      "CALL_BUDGET",
      "allow",
      "CALL_BUDGET",
    ]);
  });

  it.each([
    ["memory", () => createMemoryStore()],
    ["sqlite", () => openSqliteStore(":memory:")],
  ] as const)("of a principal counts all nodes, plans and sessions together, in %s", async (_, makeStore) => {
    const policy = policyOf({ sum: "amount", max: 100, per: "day", scope: "principal" });
    const plans = [freeze("bills", policy), freeze("wages", policy)];
    const firewall = createFirewall({ plans, store: makeStore(), clock: () => 1_000_000 });
    const pay = async (
      plan: FrozenPlan | undefined,
      node: string,
      by: { principal: string; amount: number },
    ): Promise<string> => {
      const opened = await firewall.open({ plan: plan?.digest ?? "", principal: by.principal });
      if (!opened.ok) return opened.error.code;
      const checked = await firewall.check(opened.value.token, { tool: "bank/pay", node, args: { amount: by.amount } });
      return checked.allow ? "allow" : checked.verdict.code;
    };
    expect(await pay(plans[0], "rent", { principal: "ada", amount: 60 })).toBe("allow");
    expect(await pay(plans[1], "rent", { principal: "ada", amount: 50 })).toBe("CALL_BUDGET");
    expect(await pay(plans[1], "power", { principal: "ada", amount: 40 })).toBe("allow");
    expect(await pay(plans[0], "power", { principal: "ada", amount: 1 })).toBe("CALL_BUDGET");
    expect(await pay(plans[0], "rent", { principal: "bob", amount: 100 })).toBe("allow");
  });

  it("is named by no plan: one that says whose counter it shares is refused", () => {
    const plan = {
      sluice: 1,
      name: "x",
      nodes: { a: { tool: "bank/pay", constraints: { budget: { max: 1, id: "policy:small/0/{}" } } } },
    };
    expect(parsePlan(plan as unknown as Json).ok).toBe(false);
  });
});
