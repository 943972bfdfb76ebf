/** What a failed run gives back, when the policy has become another one since it was allowed: what it took from each budget, and no more. */
import { expect, it } from "vitest";
import { readCatalogue } from "../../src/catalogue/catalogue.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import { parsePolicy } from "../../src/policy/schema.ts";
import type { Json } from "../../src/json/value.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import { createFirewall } from "../../src/surfaces/hono.ts";

const catalogue = readCatalogue({
  server: "lab",
  tools: [
    {
      name: "pay",
      inputSchema: { type: "object", properties: { amount: { type: "number" } } },
      sluice: { labels: ["desk"], effects: ["money"] },
    },
  ],
});
if (!catalogue.ok) throw new Error("the catalogue of the test is sound");
const frozen = freezePlan(
  {
    sluice: 1,
    name: "payments",
    labels: { desk: { integrity: "trusted" } },
    limits: { calls: 1_000 },
    nodes: {
      pay: { tool: "pay", args: { amount: 100 }, optional: true, times: { max: 999 }, constraints: { idempotent: true } },
    },
  },
  catalogue.value,
);
if (!frozen.ok) throw new Error(JSON.stringify(frozen.error));
const plan = frozen.value;

/** A policy: no more than 10,000 in all (if that is asked for), and no more than three payments. */
function policyOf(isSumBounded: boolean) {
  const sum = { id: "sum", tools: ["lab/*"], hold: { budget: { sum: "amount", max: 10_000, scope: "principal" } } };
  const count = { id: "three", tools: ["lab/*"], hold: { budget: { max: 3, scope: "principal" } } };
  const parsed = parsePolicy({
    sluicePolicy: 1,
    name: "p",
    constraints: isSumBounded ? [sum, count] : [count],
  } as unknown as Json);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value;
}

async function firewall() {
  const clock = (): number => 1_700_000_000_000;
  const wall = createFirewall({ plans: [plan], policy: policyOf(true), store: createMemoryStore(), clock });
  const opened = await wall.open({ plan: plan.digest, principal: "ada" });
  if (!opened.ok) throw new Error(opened.error.code);
  const pay = () => wall.check(opened.value.token, { tool: "pay", args: {} });
  /** How many more payments are granted. */
  const left = async (): Promise<number> => {
    let granted = 0;
    while (granted < 20 && (await pay()).allow) granted++;
    return granted;
  };
  return { wall, pay, left };
}

it("a payment that fails after the rule on the sum was dropped gives back one payment, and not a hundred", async () => {
  const { wall, pay, left } = await firewall();
  const checked = await pay();
  if (!checked.allow) throw new Error(checked.verdict.code);
  wall.prepare({ plans: [plan], policy: policyOf(false) }).commit();
  expect(await wall.settle(checked.permit, { error: "no" })).toMatchObject({ ok: true, isError: true });
  expect(await left()).toBe(3);
});

it("a payment that fails under the rules that it was allowed by gives back all that it took", async () => {
  const { wall, pay, left } = await firewall();
  const checked = await pay();
  if (!checked.allow) throw new Error(checked.verdict.code);
  expect(await wall.settle(checked.permit, { error: "no" })).toMatchObject({ ok: true, isError: true });
  expect(await left()).toBe(3);
});
