/**
 * What is counted, and that Prometheus itself reads it: promtool, and a server that scrapes.
 */
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { listen, type Server } from "../../src/cli/server/runtime.ts";
import { hostRoutes } from "../../src/surfaces/hono.ts";
import { err } from "../../src/result.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import { expose, type Family } from "../../src/telemetry/exposition.ts";
import { createMetrics, type Metrics } from "../../src/telemetry/metrics.ts";
import type { Told } from "../../src/telemetry/telemetry.ts";
import { checkMetrics, prometheus, promtool, startPrometheus } from "../services/prometheus.ts";
import { describeWith } from "../services/service.ts";
import { makeShop, type Shop } from "../surfaces/firewall-fixture.ts";

const admin = "admin-secret-0123456789";
const read = "read-secret-0123456789";

function makeCounted(over: Parameters<typeof makeShop>[1] = {}): Shop & { readonly metrics: Metrics } {
  const metrics = createMetrics();
  const shop = makeShop({}, { ...over, own: { telemetry: metrics.telemetry, ...over.own } });
  shop.app.route("/sluice", hostRoutes({ enforcer: shop.firewall, credentials: { admin, read }, metrics }));
  return Object.assign(shop, { metrics });
}

async function scrape(shop: Shop, { secret = read, accept = "" } = {}): Promise<Response> {
  return shop.app.request("/sluice/metrics", { headers: { authorization: `Bearer ${secret}`, accept } });
}

/** An allowed call, a second one that is one too many, one that no plan has, and one with no session. */
async function someCalls(shop: Shop): Promise<void> {
  const token = await shop.open();
  expect((await shop.call(token, "order")).status).toBe(200);
  expect((await shop.call(token, "order")).code).toBe("CALL_REPEATED");
  expect((await shop.call(token, "tell-my-secrets-4711")).code).toBe("CALL_NOT_IN_PLAN");
  expect((await shop.call(`${token.slice(0, -1)}${token.endsWith("0") ? "1" : "0"}`, "order")).code).toBe("AUTH_DENIED");
}

describe("the counters of an enforcement point", () => {
  it("count verdicts by code, results, sessions, and tools by the plan's names alone", async () => {
    const shop = makeCounted();
    await someCalls(shop);
    const text = await (await scrape(shop)).text();
    const lines = text.split("\n");
    for (const line of [
      'sluice_checks_total{verdict="allow"} 1',
      'sluice_checks_total{verdict="deny",code="CALL_REPEATED"} 1',
      'sluice_checks_total{verdict="deny",code="CALL_NOT_IN_PLAN"} 1',
      'sluice_tool_checks_total{tool="shop/order",verdict="allow"} 1',
      'sluice_tool_checks_total{tool="shop/order",verdict="deny"} 1',
      'sluice_settles_total{outcome="delivered"} 1',
      'sluice_sessions_total{event="opened"} 1',
      'sluice_check_duration_seconds_count{verdict="allow"} 1',
      'sluice_check_duration_seconds_bucket{verdict="allow",le="+Inf"} 1',
      "sluice_plans_loaded 1",
      "sluice_calls_in_flight 0",
      "sluice_approvals_waiting 0",
    ])
      expect(lines).toContain(line);
    expect(text).not.toContain("4711");
  });

  it("are shown to the host's credentials only", async () => {
    const shop = makeCounted();
    const token = await shop.open();
    expect((await scrape(shop, { secret: admin })).status).toBe(200);
    expect((await scrape(shop, { secret: token })).status).toBe(403);
    expect((await shop.app.request("/sluice/metrics")).status).toBe(401);
  });

  it("count what a store refuses", async () => {
    const store = { ...createMemoryStore(), commit: async () => err({ kind: "unavailable" as const }) };
    const shop = makeCounted({ store });
    const token = await shop.open();
    expect((await shop.call(token, "order")).code).toBe("STORE_UNAVAILABLE");
    const text = await (await scrape(shop)).text();
    expect(text).toContain('sluice_store_failures_total{method="commit",failure="unavailable"} 1\n');
    expect(text).toContain('sluice_checks_total{verdict="deny",code="STORE_UNAVAILABLE"} 1\n');
  });

  it("count signals of the audit log by their kind", () => {
    const { countSignal, expose: show } = createMetrics();
    for (const kind of ["new-sink", "call-rate", "new-sink"]) countSignal({ kind });
    expect(show(undefined).text).toContain('sluice_signals_total{kind="new-sink"} 2\nsluice_signals_total{kind="call-rate"} 1\n');
  });

  it("keep a bounded number of series, whatever tools there are", () => {
    const { telemetry, expose: show } = createMetrics();
    for (let i = 0; i < 2_000; i++) telemetry({ kind: "check", verdict: "allow", tool: `t/${i}`, labels: () => [], seconds: 0 });
    const lines = show(undefined)
      .text.split("\n")
      .filter((line) => line.startsWith("sluice_tool_checks_total"));
    expect(lines.length).toBe(501);
    expect(lines.at(-1)).toBe('sluice_tool_checks_total{tool="_other",verdict="allow"} 1500');
  });
});

describe("telemetry that fails", () => {
  it("changes no verdict, whether it throws or rejects", async () => {
    const told: Told[] = [];
    const rejecting = (async (one: Told) => {
      told.push(one);
      throw new Error("no");
    }) as unknown as (told: Told) => void;
    const throwing = (one: Told): void => {
      told.push(one);
      throw new Error("no");
    };
    for (const telemetry of [rejecting, throwing]) {
      const shop = makeShop({}, { own: { telemetry } });
      await someCalls(shop);
    }
    expect(told.filter(({ kind }) => kind === "check").length).toBe(8);
  });

  it("is told no label that the plan does not declare, and no tool of a stranger", async () => {
    const told: Told[] = [];
    const shop = makeShop({}, { own: { telemetry: (one) => void told.push(one) } });
    await someCalls(shop);
    const checks = told.filter((one) => one.kind === "check");
    expect(checks.map(({ tool, session }) => [tool, session !== undefined])).toEqual([
      ["shop/order", true],
      ["shop/order", true],
      [undefined, true],
      [undefined, false],
    ]);
    for (const one of checks)
      for (const label of one.labels()) expect(label).toMatch(/^(?:vault|desk|user_input|database_record|external_api|unknown)$/);
  });
});

/** A family whose label may be any text. */
const odd = (value: string): Family => ({
  name: "odd",
  type: "counter",
  help: "Odd.",
  samples: [{ suffix: "_total", labels: [["name", value]], value: 1 }],
});

describeWith(promtool, "promtool", () => {
  it("finds nothing wrong with what is exposed", async () => {
    const shop = makeCounted();
    await someCalls(shop);
    expect(checkMetrics(await (await scrape(shop)).text())).toBe("");
  });

  it("reads labels of any text", () => {
    const texts = ['"', "\\", "\n", '\\"', "a\nb 1\nc", "}", "\ud800", "ü\u{1f600}\u202e", "\r", "\0", "\\n"];
    for (const text of texts) expect(checkMetrics(expose([odd(text)], undefined).text)).toBe("");
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" }), { minLength: 40, maxLength: 40 }), (values) => {
        const samples = [...new Set(values)].map((value) => odd(value).samples[0] as Family["samples"][number]);
        const unique = [...new Map(samples.map((sample) => [sample.labels[0]?.[1], sample])).values()];
        expect(checkMetrics(expose([{ ...odd(""), samples: unique }], undefined).text)).toBe("");
      }),
      { numRuns: 10 },
    );
  });
});

describeWith(prometheus, "a Prometheus server", () => {
  let server: Server | undefined;
  afterAll(() => server?.close());

  it("scrapes OpenMetrics with a credential, and answers with what was counted", { timeout: 60_000 }, async () => {
    const shop = makeCounted();
    await someCalls(shop);
    const accepted: string[] = [];
    server = await listen({
      fetch: (request) => {
        accepted.push(request.headers.get("accept") ?? "");
        return shop.app.fetch(request);
      },
      hostname: "127.0.0.1",
      port: 0,
    });
    const scraper = await startPrometheus(new URL(`http://127.0.0.1:${server.port}/sluice/metrics`), read);
    try {
      const denied = () => scraper.query('sluice_checks_total{verdict="deny"}').catch(() => []);
      await expect.poll(async () => (await denied()).length, { timeout: 40_000, interval: 250 }).toBe(3);
      expect((await denied()).map(({ labels, value }) => [labels.code, value]).sort()).toEqual([
        ["AUTH_DENIED", 1],
        ["CALL_NOT_IN_PLAN", 1],
        ["CALL_REPEATED", 1],
      ]);
      expect(accepted[0]).toContain("application/openmetrics-text");
      const quantile = "histogram_quantile(0.5, sum by (le) (sluice_check_duration_seconds_bucket))";
      const [half] = await scraper.query(quantile);
      expect(half?.value).toBeGreaterThan(0);
    } finally {
      await scraper.stop();
    }
  });
});
