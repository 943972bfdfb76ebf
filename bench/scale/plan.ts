/**
 * The plan and the call of the scale benchmark: those of `bench/hono`, so that figures of both can be laid side by side.
 * Never a node that runs out while it is measured.
 */
import { readCatalogue } from "../../src/catalogue/catalogue.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import type { FrozenPlan } from "../../src/plan/plan.ts";

/** Freezes the plan. */
export function freezeOffice(): FrozenPlan {
  const roles = { to: "target", kind: "content", priority: "content", text: "content" };
  const catalogue = readCatalogue({
    tools: [
      { name: "office/send", inputSchema: { type: "object" }, sluice: { effects: ["write"], labels: ["user_input"], roles } },
    ],
  });
  if (!catalogue.ok) throw new Error(JSON.stringify(catalogue.error));
  const args = {
    to: { param: "recipient" },
    kind: "report",
    priority: { choose: { enum: ["low", "high"] } },
    text: { write: { maxLength: 4_000 } },
  };
  const frozen = freezePlan(
    {
      sluice: 1,
      name: "office",
      params: { recipient: { type: "string" } },
      limits: { calls: 1_000_000 },
      nodes: { send: { tool: "office/send", args, times: { min: 0, max: 1_000_000 } } },
      flows: [{ id: "no-web", deny: ["external_api"], to: "office/*" }],
    },
    catalogue.value,
  );
  if (!frozen.ok) throw new Error(JSON.stringify(frozen.error));
  return frozen.value;
}

/** What the tool answers. */
export const answer = { status: "sent", id: 12345, note: "the message will be delivered within a minute" } as const;
