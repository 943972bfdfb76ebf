/**
 * The plan of the soak: each way in which something may be granted too often, lost, or told to somebody who may not hear it.
 * No budget here may be so large that a run never meets it.
 */
import { readCatalogue } from "../../src/catalogue/catalogue.ts";
import type { Json } from "../../src/json/value.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import type { Budget, FrozenPlan, Plan } from "../../src/plan/plan.ts";

const text: Json = { type: "string" };
const tool = (name: string, properties: { readonly [name: string]: Json }, sluice: Json): Json => ({
  name,
  inputSchema: { type: "object", properties },
  sluice,
});
const number: Json = { type: "number" };

const tools: Json = {
  server: "lab",
  tools: [
    tool("read", { id: text }, { effects: ["read"], labels: ["web"] }),
    tool("list", {}, { effects: ["read"], labels: ["desk"] }),
    tool("say", { text }, { effects: ["write"], labels: ["desk"], roles: { text: "content" } }),
    tool("pay", { amount: number }, { effects: ["money"], labels: ["desk"], roles: { amount: "selector" } }),
    tool("once", { amount: number }, { effects: ["money"], labels: ["desk"] }),
    tool("again", { amount: number }, { effects: ["write"], labels: ["desk"] }),
    tool("wire", { iban: text }, { effects: ["money"], labels: ["desk"], roles: { iban: "target" } }),
    tool(
      "put",
      { path: text, text },
      { effects: ["write"], labels: ["desk"], resource: "file:{path}", roles: { text: "content" } },
    ),
    tool("get", { path: text }, { effects: ["read"], labels: ["desk"], resource: "file:{path}" }),
  ],
};

/** Budgets of the plan by node: the audit counts them by itself. */
export const budgets: { readonly [node: string]: readonly (Budget & { readonly scope: "plan" | "principal" })[] } = {
  pay: [
    { sum: "amount", max: 60, scope: "principal", per: "minute" },
    { sum: "amount", max: 1_000, scope: "plan" },
  ],
  again: [{ max: 30, scope: "plan", per: "minute" }],
};

/** Milliseconds of the windows that budgets have. */
export const windows = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;

const often = { optional: true, times: { max: 9_999 } } as const;
const write = { write: { maxLength: 200, links: "none" as const } };

const soak: Plan = {
  sluice: 1,
  name: "soak",
  labels: { desk: { integrity: "trusted" }, web: { integrity: "untrusted" } },
  limits: { calls: 10_000 },
  nodes: {
    read: { tool: "read", args: { id: { choose: { enum: ["a", "b", "c"] } } }, ...often },
    list: { tool: "list", show: "none", ...often },
    say: { tool: "say", args: { text: write }, ...often },
    pay: {
      tool: "pay",
      args: { amount: { choose: { type: "number", minimum: 1, maximum: 20 } } },
      ...often,
      constraints: { budget: budgets.pay ?? [] },
    },
    once: { tool: "once", args: { amount: 1 }, optional: true },
    again: { tool: "again", args: { amount: 1 }, ...often, constraints: { idempotent: true, budget: budgets.again ?? [] } },
    wire: { tool: "wire", args: { iban: { from: "list$.iban", pick: "first" } }, ...often, constraints: { approve: "human" } },
    put: { tool: "put", args: { path: { choose: { enum: ["one", "two", "three"] } }, text: write }, ...often },
    get: { tool: "get", args: { path: "one" }, ...often },
  },
  flows: [{ id: "no-web-in-words", deny: ["web"], to: "lab/say" }],
};

/** Freezes the plan. */
export function freezeSoak(): FrozenPlan {
  const catalogue = readCatalogue(tools);
  if (!catalogue.ok) throw new Error(JSON.stringify(catalogue.error));
  const frozen = freezePlan(soak, catalogue.value);
  if (!frozen.ok) throw new Error(JSON.stringify(frozen.error, null, 1));
  return frozen.value;
}
