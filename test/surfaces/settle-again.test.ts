/**
 * A result that is said again: what was delivered is delivered again, and nothing more is recorded.
 */
import { describe, expect, it } from "vitest";
import type { Settled } from "../../src/surfaces/enforce.ts";
import { makeShop, type Shop } from "./firewall-fixture.ts";

async function allowed(shop: Shop, token: string, tool: string): Promise<{ session: string; run: number }> {
  const checked = await shop.firewall.check(token, { tool, args: {} });
  if (!checked.allow) throw new Error(checked.verdict.code);
  return { session: checked.permit.session, run: checked.permit.run };
}

async function eventsOf(shop: Shop, token: string): Promise<number> {
  const session = await shop.store.load(token.slice(0, token.indexOf(".")), 0);
  return session.ok ? session.value.version : -1;
}

/** What the agent is given of it. */
function given(settled: Settled): unknown {
  return settled.ok ? { delivered: settled.delivered, isError: settled.isError, isWhole: settled.isWhole } : settled.verdict.code;
}

describe("a result that is said again", () => {
  it.each([
    ["a shown value", "quotes", { value: { VTI: 1 } }],
    ["a hidden value", "secret", { value: { key: "k" } }],
    ["a shown error", "quotes", { error: "down" }],
    ["a hidden error", "secret", { error: "down" }],
  ])("is delivered as it was, and recorded once: %s", async (_, tool, result) => {
    const shop = makeShop();
    const token = await shop.open();
    const run = await allowed(shop, token, tool);
    const first = await shop.firewall.settleAgain(run, result);
    const version = await eventsOf(shop, token);
    expect(first.ok).toBe(true);
    expect(given(await shop.firewall.settleAgain(run, result))).toEqual(given(first));
    // Another process knows the run by the store alone.
    const other = makeShop({}, { store: shop.store });
    expect(given(await other.firewall.settleAgain(run, result))).toEqual(given(first));
    expect(await eventsOf(shop, token)).toBe(version);
  });

  it("at the same time is recorded once", async () => {
    const shop = makeShop();
    const token = await shop.open();
    const run = await allowed(shop, token, "secret");
    const said = await Promise.all(Array.from({ length: 20 }, () => shop.firewall.settleAgain(run, { value: { key: "k" } })));
    expect(new Set(said.map((one) => JSON.stringify(given(one)))).size).toBe(1);
    expect(await eventsOf(shop, token)).toBe(3);
  });

  it("is refused after its lease, if it was never said before", async () => {
    const shop = makeShop();
    const token = await shop.open();
    const run = await allowed(shop, token, "quotes");
    shop.time += 301_000;
    const late = await shop.firewall.settleAgain(run, { value: 1 });
    expect(late.ok ? "" : late.verdict.code).toBe("RUN_SETTLED");
    const unknown = await shop.firewall.settleAgain({ ...run, run: 9 }, { value: 1 });
    expect(unknown.ok ? "" : unknown.verdict.code).toBe("RUN_UNKNOWN");
  });
});
