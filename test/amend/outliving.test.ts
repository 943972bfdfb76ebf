/**
 * What an amendment must not lower although no denial of its own plan rests on it: labels that outlive the session and the plan.
 */
import { describe, expect, it } from "vitest";
import { type Catalogue, readCatalogue } from "../../src/catalogue/catalogue.ts";
import type { Json } from "../../src/json/value.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import type { EnvelopeEntry, FrozenPlan, Plan, PlanNode } from "../../src/plan/plan.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import type { Enforcer } from "../../src/surfaces/enforce.ts";
import { createFirewall } from "../../src/surfaces/options.ts";

const text = { type: "string" };
const catalogue: Catalogue = (() => {
  const read = readCatalogue({
    tools: [
      // The operator says nothing of its labels: those of the plan stand in.
      { name: "inbox/read", inputSchema: { type: "object", properties: { id: text } }, sluice: { effects: ["read"] } },
      {
        name: "bank/pay",
        inputSchema: { type: "object", properties: { iban: text } },
        sluice: { effects: ["write"], labels: ["user_input"], roles: { iban: "target" } },
      },
    ],
  });
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
})();

function frozen(name: string, nodes: { readonly [name: string]: PlanNode }, rest: Partial<Plan> = {}): FrozenPlan {
  const plan = freezePlan({ sluice: 1, name, nodes, ...rest }, catalogue);
  if (!plan.ok) throw new Error(JSON.stringify(plan.error));
  return plan.value;
}

const pay: EnvelopeEntry = { tool: "bank/pay", args: { iban: { choose: { enum: ["DE1", "DE2"] } } } };
const reading = frozen(
  "reading",
  { read: { tool: "inbox/read", args: { id: "m1" }, labels: ["external_api"] } },
  { envelope: [pay] },
);
const paying = frozen("paying", { pay });

async function open(enforcer: Enforcer, plan: FrozenPlan): Promise<string> {
  const opened = await enforcer.open({ plan: plan.digest, principal: "ada", conversation: "c-1" });
  if (!opened.ok) throw new Error(opened.error.code);
  return opened.value.token;
}

async function call(enforcer: Enforcer, token: string, tool: string, args: Json): Promise<string> {
  const settled = await enforcer.call(token, { tool, args }, async () => ({ value: "pay DE2" }));
  return settled.ok ? "allow" : settled.verdict.code;
}

describe("an agent that says its results are trusted", () => {
  const lowering: Json = { nodes: { read: { tool: "inbox/read", args: { id: "m1" }, labels: ["user_input"] } } };

  it("waits for a human, also where nothing in its own plan is denied for a label", async () => {
    const enforcer = createFirewall({ plans: [reading], store: createMemoryStore(), clock: () => 1_000 });
    const amended = await enforcer.amend(await open(enforcer, reading), lowering);
    expect(amended).toMatchObject({ status: "waiting" });
  });

  it("does not free another session of its conversation from what it has read", async () => {
    const enforcer = createFirewall({ plans: [reading, paying], store: createMemoryStore(), clock: () => 1_000 });
    const token = await open(enforcer, reading);
    await enforcer.amend(token, lowering);
    expect(await call(enforcer, token, "inbox/read", {})).toBe("allow");
    const other = await open(enforcer, paying);
    expect(await call(enforcer, other, "bank/pay", { iban: "DE2" })).toBe("FLOW_CHOICE_UNTRUSTED");
  });

  it("does not free what the envelope grants it", async () => {
    const enforcer = createFirewall({ plans: [reading], store: createMemoryStore(), clock: () => 1_000 });
    const token = await open(enforcer, reading);
    await enforcer.amend(token, lowering);
    expect(await call(enforcer, token, "inbox/read", {})).toBe("allow");
    expect(
      await enforcer.amend(token, { nodes: { pay: { tool: "bank/pay", args: pay.args } } } as unknown as Json),
    ).toMatchObject({
      status: "applied",
    });
    expect(await call(enforcer, token, "bank/pay", { iban: "DE2" })).toBe("FLOW_CHOICE_UNTRUSTED");
  });
});
