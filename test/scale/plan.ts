/**
 * A plan with everything that a session carries from call to call, and enforcement points that share nothing but a store.
 */
import type { FrozenPlan } from "../../src/plan/plan.ts";
import type { Store } from "../../src/stores/store.ts";
import type { Enforcer } from "../../src/surfaces/enforce.ts";
import { createFirewall } from "../../src/surfaces/options.ts";
import { catalogue, frozenPlan } from "../amend/world.ts";

/** Reads that raise labels, a hidden result that goes on by reference, a payment that waits for a human, budgets, and an envelope for amendments. */
export const plan: FrozenPlan = frozenPlan(
  {
    list: { tool: "ledger/list", show: "none", optional: true, times: { max: 3 } },
    read: { tool: "inbox/read", args: { id: { choose: { enum: ["m1", "m2"] } } }, optional: true, times: { max: 20 } },
    note: {
      tool: "mail/send",
      args: { to: "ada@corp.example", body: { write: { maxLength: 80, links: "none" } } },
      optional: true,
      times: { max: 30 },
      constraints: { idempotent: true, budget: { max: 2, scope: "plan" } },
    },
    pay: {
      tool: "bank/pay",
      args: { iban: { from: "list$.iban" }, amount: 5 },
      after: ["list"],
      optional: true,
      times: { max: 2 },
      constraints: { approve: "human" },
    },
  },
  { envelope: [], limits: { calls: 60 } },
);

/** Enforcement points as so many processes would have them. */
export function pointsOver(
  stores: readonly Store[],
  { clock = Date.now, plans = [plan] }: { readonly clock?: () => number; readonly plans?: readonly FrozenPlan[] } = {},
): readonly Enforcer[] {
  return stores.map((store) => createFirewall({ plans, store, clock, amendments: { catalogue } }));
}
