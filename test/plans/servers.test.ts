/**
 * The example tool servers: what they answer, and that they refuse bad input with a clear error.
 * Never opens a socket.
 */
import { readFileSync } from "node:fs";
import type { Hono } from "hono";
import { describe, expect, it } from "vitest";
import { createApp as research } from "../../plans/research/server.ts";
import { createApp as support } from "../../plans/support/server.ts";
import { createApp as trading } from "../../plans/trading/server.ts";
import { readCatalogue } from "../../src/catalogue/catalogue.ts";
import { readJson } from "../../src/json/read.ts";
import type { Json } from "../../src/json/value.ts";

async function post(app: Hono, tool: string, body: string): Promise<{ readonly status: number; readonly value: Json }> {
  const response = await app.request(`/${tool}`, { method: "POST", body });
  const read = readJson(await response.text());
  if (!read.ok) throw new Error("a tool answered with no JSON");
  return { status: response.status, value: read.value };
}

const examples: readonly (readonly [string, () => Hono])[] = [
  ["trading", trading],
  ["support", support],
  ["research", research],
];

describe.each(examples)("the %s server", (name, createApp) => {
  it("serves every tool of its catalogue, and refuses arguments that the tool does not have", async () => {
    const file = readJson(readFileSync(new URL(`../../plans/${name}/catalogue.json`, import.meta.url), "utf8"));
    const catalogue = readCatalogue(file.ok ? file.value : null);
    if (!catalogue.ok) throw new Error(JSON.stringify(catalogue.error));
    expect(catalogue.value.findings).toEqual([]);
    const app = createApp();
    for (const tool of catalogue.value.tools.keys()) {
      expect(await post(app, tool, '{"__unheard_of__":1}'), tool).toMatchObject({
        status: 400,
        value: { error: expect.stringMatching(/^bad argument at/) },
      });
      expect(await post(app, tool, '{"a":1,"a":2}'), tool).toMatchObject({
        status: 400,
        value: { error: expect.stringMatching(/not strict JSON/) },
      });
    }
  });

  it("does not have tools beside its own", async () => {
    const app = createApp();
    for (const tool of ["no/such", "toString/constructor", "__proto__/x"]) expect((await post(app, tool, "{}")).status).toBe(404);
  });
});

describe("the risk engine of the trading example", () => {
  const positions = {
    cash: 90000,
    positions: [
      { symbol: "VTI", quantity: 300 },
      { symbol: "BND", quantity: 700 },
    ],
  };
  const check = async (ask: number, ceiling: number) => {
    const quotes = {
      quotes: [
        { symbol: "VTI", bid: ask, ask },
        { symbol: "BND", bid: 72.6, ask: 72.64 },
      ],
    };
    const { value } = await post(trading(), "risk/check", JSON.stringify({ quotes, positions, ceiling }));
    return value as {
      readonly verdict: string;
      readonly orders: readonly { readonly quantity: number; readonly limit: number }[];
    };
  };

  it("makes no order above the ceiling", async () => {
    for (const ceiling of [20_000, 50_000]) {
      const { verdict, orders } = await check(262.14, ceiling);
      expect(verdict).toBe("approved");
      expect(orders.length).toBeGreaterThan(1);
      for (const { quantity, limit } of orders) expect(quantity * limit).toBeLessThanOrEqual(ceiling);
    }
  });

  it("makes no order from a price that it does not believe", async () => {
    expect(await check(26.2, 50_000)).toMatchObject({ verdict: "rejected", orders: [] });
  });
});

describe("the support database", () => {
  it("runs statements that read and no others", async () => {
    const app = support();
    const read = await post(app, "db/query", '{"sql":"SELECT id FROM orders WHERE customer_id = \'C-1042\' ORDER BY id"}');
    expect(read.value).toEqual({ rows: [{ id: "ORD-1001" }, { id: "ORD-1002" }] });
    expect((await post(app, "db/query", '{"sql":"DELETE FROM orders"}')).status).toBe(422);
    expect((await post(app, "db/query", '{"sql":"SELECT count(*) AS n FROM orders"}')).value).toEqual({ rows: [{ n: 4 }] });
  });

  it("refunds no more than an order cost", async () => {
    expect((await post(support(), "shop/refund", '{"order":"ORD-1002","amount":81}')).status).toBe(409);
    expect((await post(support(), "shop/refund", '{"order":"ORD-1002","amount":80}')).status).toBe(200);
  });
});

describe("the research notebook", () => {
  it("does not overwrite a note", async () => {
    const app = research();
    const note = JSON.stringify({ path: "reports/a.md", title: "A", body: "a", sources: [] });
    expect((await post(app, "notes/save", note)).status).toBe(200);
    expect((await post(app, "notes/save", note)).status).toBe(409);
  });
});
