/** The plan of DESIGN §3 with a catalogue for it, and helpers that change one thing in either. */
import { type Catalogue, readCatalogue } from "../../src/catalogue/catalogue.ts";
import type { Json } from "../../src/json/value.ts";
import type { Finding } from "../../src/plan/finding.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import type { FrozenPlan, Plan } from "../../src/plan/plan.ts";

/** Plain data that a test may change. */
// biome-ignore lint/suspicious/noExplicitAny: a test changes any member of a plan
export type Loose = any;

export const marketTools = {
  servers: { market: { name: "market", url: "https://market.example/mcp" }, broker: { name: "broker" } },
  tools: [
    {
      name: "market/quotes",
      description: "Get quotes",
      inputSchema: {
        type: "object",
        properties: { symbols: { type: "array", items: { type: "string" } } },
        required: ["symbols"],
      },
      sluice: { effects: ["read", "network"] },
    },
    {
      name: "risk/check",
      inputSchema: { type: "object", properties: { quotes: {}, note: { type: "string" } }, required: ["quotes"] },
      outputSchema: {
        type: "object",
        required: ["orders"],
        properties: {
          note: { type: "string" },
          orders: {
            type: "array",
            items: {
              type: "object",
              description: "one order",
              properties: {
                symbol: { enum: ["VTI", "BND"] },
                side: { enum: ["buy", "sell"] },
                quantity: { type: "number" },
                limit: { type: "number" },
              },
            },
          },
        },
      },
      sluice: { effects: ["read"], roles: { quotes: "selector", note: "content" } },
    },
    {
      name: "broker/order",
      inputSchema: {
        type: "object",
        properties: {
          symbol: { type: "string" },
          side: { enum: ["buy", "sell"] },
          quantity: { type: "number" },
          limit: { type: "number" },
          note: { type: "string" },
        },
        required: ["symbol", "quantity"],
        additionalProperties: false,
      },
      sluice: { effects: ["write", "money"] },
    },
  ],
};

export const marketPlan = {
  sluice: 1,
  name: "rebalance-portfolio",
  task: "Rebalance towards 60/40, at most $50,000 per order",
  params: { ceiling: { type: "number", maximum: 50000 } },
  labels: { external_api: { integrity: "untrusted" }, risk_engine: { integrity: "trusted" } },
  limits: { calls: 40, seconds: 600, maxBytes: 1000000 },
  nodes: {
    quotes: {
      tool: "market/quotes",
      args: { symbols: ["VTI", "BND"] },
      labels: ["external_api"],
      constraints: { readOnly: true, maxBytes: 1000000 },
    },
    risk: {
      tool: "risk/check",
      args: { quotes: { from: "quotes$" } },
      labels: ["risk_engine"],
      removes: { labels: ["external_api"], paths: ["$.orders"] },
    },
    order: {
      tool: "broker/order",
      labels: ["risk_engine"],
      each: { from: "risk$.orders[*]", max: 4 },
      args: {
        symbol: { item: "$.symbol", match: { enum: ["VTI", "BND"] } },
        side: { item: "$.side" },
        quantity: { item: "$.quantity" },
        limit: { item: "$.limit" },
      },
      require: ["args.quantity * args.limit <= params.ceiling"],
    },
  },
  flows: [{ id: "unsanitized-market-data", deny: ["external_api"], to: "broker/*" }],
};

/** The plan after a change. */
export function planWith(change: (plan: Loose) => void = () => {}): Plan {
  const copy: Loose = structuredClone(marketPlan);
  change(copy);
  return copy;
}

/** The catalogue after a change. */
export function catalogueWith(change: (file: Loose) => void = () => {}): Catalogue {
  const copy: Loose = structuredClone(marketTools);
  change(copy);
  const read = readCatalogue(copy as Json);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
}

/** `CODE pointer` of each finding. */
export function places(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ code, pointer }) => `${code} ${pointer}`);
}

/** The frozen plan after a change of plan and catalogue. */
export function frozenWith(changePlan?: (plan: Loose) => void, changeTools?: (file: Loose) => void): FrozenPlan {
  const frozen = freezePlan(planWith(changePlan), catalogueWith(changeTools));
  if (!frozen.ok) throw new Error(JSON.stringify(frozen.error));
  return frozen.value;
}

/** Sets the member at a dotted path. */
export const put =
  (path: string, value: unknown) =>
  (root: Loose): void => {
    const steps = path.split(".");
    const last = steps.pop() ?? "";
    steps.reduce((at: Loose, step) => at[step], root)[last] = value;
  };
