/**
 * A small plan with its tools, and policies to hold it to.
 */
import { type Catalogue, readCatalogue } from "../../src/catalogue/catalogue.ts";
import type { Json } from "../../src/json/value.ts";
import type { Finding } from "../../src/plan/finding.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import type { FrozenPlan, Plan, PlanNode } from "../../src/plan/plan.ts";
import type { Policy } from "../../src/policy/policy.ts";
import { parsePolicy } from "../../src/policy/schema.ts";
import type { Result } from "../../src/result.ts";

const text = { type: "object", properties: { id: {}, text: { type: "string" }, to: {}, note: {}, kind: {}, url: {} } };
const checked = {
  type: "object",
  properties: { kind: { type: "string", enum: ["a", "b"] } },
  required: ["kind"],
  additionalProperties: false,
};

function tool(name: string, sluice: Json, outputSchema?: Json): Json {
  return { name, inputSchema: text, ...(outputSchema === undefined ? {} : { outputSchema }), sluice };
}

/** The value of a result. */
export function must<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

/** The tools of the plans. */
export const catalogue: Catalogue = must(
  readCatalogue({
    labels: { page: { integrity: "untrusted" }, desk: { integrity: "trusted" }, record: { integrity: "trusted" } },
    tools: [
      tool("web/read", { labels: ["page"], effects: ["read"], roles: { url: "selector" } }),
      tool("crm/read", { labels: ["record"], effects: ["read"], roles: { id: "selector" } }),
      tool("check/text", { labels: ["desk"], effects: ["read"], roles: { text: "content" } }, checked),
      tool("other/text", { labels: ["desk"], effects: ["read"], roles: { text: "content" } }, checked),
      tool("mail/send", {
        labels: ["desk"],
        effects: ["message"],
        roles: { to: "target", text: "content" },
        audience: ["staff"],
      }),
      tool("desk/set", { labels: ["desk"], effects: ["write"], roles: { id: "target", kind: "target", note: "content" } }),
    ],
  }),
);

/** A plan with these nodes. */
export function planOf(nodes: { readonly [name: string]: PlanNode }, rest: Partial<Plan> = {}): Plan {
  return { sluice: 1, name: "p", nodes, ...rest };
}

/** A policy with these members, read as from a file. */
export function policyWith(members: Partial<Policy>): Policy {
  return must(parsePolicy({ sluicePolicy: 1, name: "acme", ...members } as unknown as Json));
}

/** Freezes a plan of the catalogue under a policy. */
export function freeze(plan: Plan, policy?: Policy): Result<FrozenPlan, readonly Finding[]> {
  return freezePlan(plan, catalogue, policy === undefined ? {} : { policy });
}

/** Codes and places of what refuses a plan under a policy; empty if it is frozen. */
export function refusals(plan: Plan, policy: Policy): readonly string[] {
  must(freeze(plan));
  const frozen = freeze(plan, policy);
  return frozen.ok ? [] : frozen.error.map(({ code, pointer }) => `${code} ${pointer}`);
}

/** Reads a page. */
export const page: PlanNode = { tool: "web/read", args: { url: "x" } };
