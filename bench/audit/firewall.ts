/**
 * The traffic that is measured: sessions of a desk with several people, reads and orders, some of them denied.
 */
import { readCatalogue } from "../../src/catalogue/catalogue.ts";
import type { Json } from "../../src/json/value.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import type { FrozenPlan } from "../../src/plan/plan.ts";
import type { Store } from "../../src/stores/store.ts";
import { createFirewall, type Firewall } from "../../src/surfaces/hono.ts";

const tools: Json = {
  server: "desk",
  tools: [
    {
      name: "quotes",
      inputSchema: { type: "object", properties: { symbols: { type: "array", items: { type: "string" } } } },
      sluice: { labels: ["external_api"], effects: ["read"] },
    },
    {
      name: "order",
      inputSchema: { type: "object", properties: { symbol: { type: "string" }, amount: { type: "number" } } },
      sluice: { labels: ["desk"], effects: ["money"] },
    },
  ],
};

/** The value of a result that must be one. */
export function must<T>(result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown }): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

/** The plan of the traffic. */
export const deskPlan: FrozenPlan = must(
  freezePlan(
    {
      sluice: 1,
      name: "desk",
      labels: { desk: { integrity: "trusted" } },
      nodes: {
        quotes: { tool: "desk/quotes", args: { symbols: ["VTI", "BND"] }, times: { max: 200 }, optional: true },
        order: { tool: "desk/order", args: { symbol: "VTI", amount: 5 }, times: { max: 200 }, optional: true },
      },
    },
    must(readCatalogue(tools)),
  ),
);

/** A firewall for the traffic; `audited`: it keeps what was asked. */
export function makeDesk(store: Store, audited: boolean): Firewall {
  let now = 1_800_000_000_000;
  return createFirewall({ plans: [deskPlan], store, recordCalls: audited, clock: () => (now += 3) });
}

/** One session of so many calls, every third of them denied; returns the number of its events. */
export async function playSession(
  firewall: Firewall,
  { principal, calls }: { readonly principal: string; readonly calls: number },
): Promise<number> {
  const { token, session } = must(await firewall.open({ plan: deskPlan.digest, principal }));
  let events = 2;
  for (let i = 0; i < calls; i++) {
    const call =
      i % 3 === 2
        ? { tool: "order", args: { symbol: "BND" } }
        : i % 2 === 0
          ? { tool: "quotes", args: {} }
          : { tool: "order", args: {} };
    const checked = await firewall.check(token, call);
    events += 1;
    if (!checked.allow) continue;
    await firewall.settle(checked.permit, { value: { prices: [100.25 + i, 71.5], at: "2026-11-23T09:30:00Z" } });
    events += 1;
  }
  await firewall.close(session);
  return events;
}
