/**
 * What each entry point may bring into a process: packages and built-in modules, at once or only when some function is called.
 * Exactly: a row that says too much is as wrong as one that says too little.
 */

/** What one entry point brings. */
export interface Allowed {
  /** Read when it is imported. */
  readonly now: readonly string[];
  /** Read by `import()`, when something is opened or asked for that needs it. */
  readonly later?: readonly string[];
  /** Its files at most that are read when it is imported, ours and the packages': as they are, and some room. */
  readonly modules: number;
  /** Bytes of one minified file of it at most, where programs without a disk import it. */
  readonly bundle?: number;
}

/** What reads, freezes and compiles plans and decides calls. */
const engine = ["@marcbachmann/cel-js", "@noble/hashes", "big.js", "ibantools", "ipaddr.js", "js-yaml", "re2js", "zod"];
/** The same with signatures, and with time zones for what users write. */
const enforcing = [...engine, "jose", "temporal-polyfill", "temporal-utils"];
const postgres = { now: ["node:fs", "node:tls"], later: ["kysely", "pg"] };
const d3 = ["array", "color", "format", "interpolate", "path", "scale", "shape", "time", "time-format"].map(
  (part) => `d3-${part}`,
);

/** A row for every entry point of package.json. */
export const allowed: { readonly [entry: string]: Allowed } = {
  sluice: { now: enforcing, modules: 520, bundle: 1_250_000 },
  "sluice/hono": { now: [...enforcing, "hono"], modules: 535, bundle: 1_100_000 },
  "sluice/mcp": { now: enforcing, modules: 500, bundle: 1_100_000 },
  "sluice/http-proxy": { now: [...enforcing, "hono"], modules: 480, bundle: 1_050_000 },
  "sluice/http-proxy/node": {
    now: ["ipaddr.js", "node:dns", "node:http", "node:https", "node:net", "node:stream"],
    modules: 15,
  },
  "sluice/stores/memory": { now: [], modules: 15, bundle: 8_000 },
  "sluice/stores/sqlite": { now: [], modules: 25, bundle: 25_000 },
  "sluice/stores/sqlite/open": { now: ["node:sqlite"], modules: 30 },
  "sluice/stores/redis": { now: [], later: ["ioredis"], modules: 35 },
  "sluice/stores/postgres": { now: ["kysely"], modules: 25 },
  "sluice/stores/postgres/open": { ...postgres, modules: 10 },
  "sluice/stores/cloudflare": { now: [], modules: 40, bundle: 40_000 },
  "sluice/worker": { now: [...enforcing, "hono"], modules: 560, bundle: 1_130_000 },
  "sluice/stores/encrypted": { now: [], modules: 16, bundle: 20_000 },
  "sluice/stores/retention": { now: [], modules: 6, bundle: 4_000 },
  "sluice/audit": { now: [...engine, "jose"], modules: 400, bundle: 900_000 },
  "sluice/audit/jsonl": { now: ["@noble/hashes", "node:fs/promises", "node:path"], modules: 25 },
  "sluice/audit/nats/open": { now: ["node:fs"], later: ["@nats-io/jetstream", "@nats-io/transport-node"], modules: 8 },
  "sluice/audit/postgres/open": { now: postgres.now, later: ["@noble/hashes", ...postgres.later], modules: 10 },
  "sluice/audit/sqlite/open": { now: ["@noble/hashes", "node:sqlite"], modules: 25 },
  "sluice/dashboard": { now: [...engine, "@dagrejs/dagre", ...d3, "hono", "jose"], modules: 575, bundle: 1_450_000 },
  "sluice/signals": { now: ["@noble/hashes"], modules: 30, bundle: 32_000 },
  "sluice/telemetry/metrics": { now: [], modules: 4, bundle: 5_000 },
  "sluice/telemetry/open-telemetry": { now: ["@opentelemetry/api"], modules: 4, bundle: 6_000 },
  "sluice/sql/postgres": { now: ["libpg-query"], modules: 14 },
  "sluice/sql/node-sql-parser": { now: [], later: ["node-sql-parser"], modules: 12 },
  "sluice/learn": { now: engine, modules: 410, bundle: 920_000 },
  "sluice/import": {
    now: engine,
    later: ["@babel/parser", "@lezer/common", "@lezer/highlight", "@lezer/lr", "@lezer/python"],
    modules: 450,
  },
  "sluice/infer": {
    now: [...engine.filter((name) => name !== "js-yaml"), "chrono-node", "temporal-polyfill", "temporal-utils"],
    later: [
      "@huggingface/tokenizers",
      "@huggingface/transformers",
      "node:fs/promises",
      "node:path",
      "node:url",
      "onnxruntime-node",
    ],
    modules: 690,
  },
  "sluice/labeled": { now: [], modules: 8, bundle: 4_000 },
  "sluice/catalogue": { now: ["@noble/hashes", "ipaddr.js"], modules: 40, bundle: 66_000 },
  "sluice/catalogue/from": { now: ["@noble/hashes", "ipaddr.js", "zod"], modules: 170, bundle: 200_000 },
  "sluice/catalogue/starter": { now: ["@noble/hashes", "ipaddr.js"], modules: 80, bundle: 350_000 },
  "sluice/model-api": { now: [...enforcing, "hono"], modules: 505, bundle: 1_080_000 },
  "sluice/ai-sdk": { now: [], modules: 24, bundle: 32_000 },
  "sluice/langchain": { now: [], modules: 24, bundle: 33_000 },
  "sluice/openai-agents": { now: [], modules: 24, bundle: 31_000 },
  "sluice/mastra": { now: [], modules: 24, bundle: 31_000 },
  "sluice/receipts": { now: ["@noble/hashes", "jose"], modules: 65, bundle: 60_000 },
};
