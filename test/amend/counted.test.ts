/**
 * The envelope under a policy that counts: an agent that splits an entry into nodes has no more than one node would.
 */
import { expect, it } from "vitest";
import type { Json } from "../../src/json/value.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import type { ArgRule, Constraints, EnvelopeEntry } from "../../src/plan/plan.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import { createFirewall } from "../../src/surfaces/options.ts";
import { catalogue } from "./world.ts";

const args: { readonly [name: string]: ArgRule } = {
  iban: "DE1",
  amount: { choose: { type: "number", minimum: 0, maximum: 10 } },
};
const entry: EnvelopeEntry = { tool: "bank/pay", args, times: 2 };
const payment = { tool: "bank/pay", times: 1, args };

async function pays(hold: Constraints | undefined, drafts: readonly Json[]): Promise<readonly string[]> {
  const plan = {
    sluice: 1 as const,
    name: "split",
    nodes: { read: { tool: "inbox/read", args: { id: "m1" } } },
    envelope: [entry],
  };
  const constraints = hold === undefined ? [] : [{ id: "small", tools: "bank/*", hold }];
  const frozen = freezePlan(plan, catalogue, { policy: { sluicePolicy: 1, name: "desk", constraints } });
  if (!frozen.ok) throw new Error(JSON.stringify(frozen.error));
  const enforcer = createFirewall({ plans: [frozen.value], store: createMemoryStore(), clock: () => 1_000 });
  const opened = await enforcer.open({ plan: frozen.value.digest, principal: "ada" });
  if (!opened.ok) throw new Error(opened.error.code);
  const said: string[] = [];
  for (const draft of drafts) said.push((await enforcer.amend(opened.value.token, draft)).status);
  for (const node of ["a", "b"]) {
    const call = { tool: "bank/pay", args: { amount: 10, sluice_node: node } };
    const settled = await enforcer.call(opened.value.token, call, async () => ({ value: "ok" }));
    said.push(settled.ok ? "allow" : settled.verdict.code);
  }
  return said;
}

const one = { nodes: { a: payment } } as unknown as Json;
const other = { nodes: { b: payment } } as unknown as Json;
const both = { nodes: { a: payment, b: payment } } as unknown as Json;

it.each<readonly [string, Constraints]>([
  ["budget", { budget: { sum: "amount", max: 10 } }],
  ["rate", { rate: { calls: 1, per: "day" } }],
])("does not have the %s of a policy twice by splitting an entry", async (_, hold) => {
  expect(await pays(hold, [one, other])).toEqual(["applied", "waiting", "allow", "CALL_NOT_IN_PLAN"]);
  expect(await pays(hold, [both])).toEqual(["waiting", "CALL_NOT_IN_PLAN", "CALL_NOT_IN_PLAN"]);
});

it("may split an entry that no policy counts", async () => {
  expect(await pays(undefined, [one, other])).toEqual(["applied", "applied", "allow", "allow"]);
});
