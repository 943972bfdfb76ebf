/**
 * The plan of the exactness tests: one node for each way in which something may be granted once.
 * No test framework here: child processes and workers load it too.
 */
import { readCatalogue } from "../../src/catalogue/catalogue.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import type { FrozenPlan, Plan } from "../../src/plan/plan.ts";

const tool = (name: string, effects: readonly string[], label: string) => ({
  name,
  inputSchema: { type: "object", properties: { amount: { type: "number" } } },
  sluice: { labels: [label], effects: [...effects] },
});

const tools = {
  server: "lab",
  tools: [
    tool("once", ["money"], "desk"),
    tool("shared", ["money"], "desk"),
    tool("mine", ["money"], "desk"),
    tool("again", ["write"], "desk"),
    tool("read", ["read"], "web"),
    tool("next", ["write"], "desk"),
  ],
};

/** The most that the plan's shared budgets hold. */
export const maxima = { shared: 1, mine: 2, again: 3 } as const;

const lab: Plan = {
  sluice: 1,
  name: "lab",
  labels: { desk: { integrity: "trusted" }, web: { integrity: "untrusted" } },
  limits: { calls: 100_000 },
  nodes: {
    // One run in a session.
    once: { tool: "once", args: { amount: 1 }, optional: true },
    // One run over all sessions, for ever.
    shared: {
      tool: "shared",
      args: { amount: 1 },
      optional: true,
      times: { max: 9_999 },
      constraints: { budget: { max: maxima.shared, scope: "plan" } },
    },
    // Two runs a principal and hour.
    mine: {
      tool: "mine",
      args: { amount: 1 },
      optional: true,
      times: { max: 9_999 },
      constraints: { budget: { sum: "amount", max: maxima.mine, scope: "principal", per: "hour" } },
    },
    // Three that succeed; what fails is given back.
    again: {
      tool: "again",
      args: { amount: 1 },
      optional: true,
      times: { max: 9_999 },
      constraints: { idempotent: true, budget: { max: maxima.again, scope: "plan" } },
    },
    read: { tool: "read", args: { amount: 1 }, optional: true, times: { max: 9_999 } },
    // Only after `once` has succeeded, with what it returned.
    next: { tool: "next", args: { amount: { from: "once$.paid" } }, optional: true },
  },
};

/** Names of the nodes, which are those of their tools. */
export type LabNode = "once" | "shared" | "mine" | "again" | "read" | "next";

/** Freezes the plan; `suffix` makes another one of it, with counters of its own. */
export function freezeLab(suffix = ""): FrozenPlan {
  const catalogue = readCatalogue(tools);
  if (!catalogue.ok) throw new Error(JSON.stringify(catalogue.error));
  const frozen = freezePlan({ ...lab, name: `lab${suffix}` }, catalogue.value);
  if (!frozen.ok) throw new Error(JSON.stringify(frozen.error, null, 1));
  return frozen.value;
}
