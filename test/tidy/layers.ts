/**
 * The dependency rule as data: which directory may import which, and which file may import which package.
 * layers.test.ts holds src/ to it. Imports point downward only, so a layer names only layers above its own row.
 */

/** One layer of src/. */
export interface Layer {
  readonly name: string;
  /** Files (ending in .ts), directories (ending in /) or prefixes, relative to src/. The longest that fits a file decides. */
  readonly paths: readonly string[];
  /** Layers that it may import, besides itself. */
  readonly may: readonly string[];
  /** Package → the files that may import it, as prefixes relative to src/. */
  readonly packages?: Readonly<Record<string, readonly string[]>>;
  /** Core layers compile with `lib: ES2023, types: []` and know no clock, no randomness and no locale. */
  readonly isCore?: boolean;
}

const core = ["base", "json", "signs", "constraints", "lang", "plan"] as const;
const decision = [...core, "catalogue", "policy", "taint", "analyze", "freeze", "amend", "decide", "engine"] as const;

/** Lower layers first. */
export const layers: readonly Layer[] = [
  { name: "base", paths: ["result.ts", "codes.ts", "finding-codes.ts", "limits.ts", "ports.ts"], may: [], isCore: true },
  { name: "json", paths: ["json/"], may: ["base"], packages: { "js-yaml": ["json/yaml.ts"] }, isCore: true },
  // What constraints read texts with: apart from the rest of lang/, whose formats are constraints.
  {
    name: "signs",
    paths: ["lang/host/read.ts", "lang/template/characters.ts", "lang/template/sql.ts", "lang/template/sql-tokens.ts"],
    may: ["base"],
    packages: { "ipaddr.js": ["lang/host/read.ts"] },
    isCore: true,
  },
  {
    name: "constraints",
    paths: ["constraints/"],
    may: ["base", "json", "signs"],
    packages: { ibantools: ["constraints/iban.ts"] },
    isCore: true,
  },
  {
    name: "lang",
    paths: ["lang/"],
    may: ["base", "json", "signs", "constraints"],
    // Any file of lang, but at most one package in a file (checked apart).
    packages: {
      "@marcbachmann/cel-js": ["lang/"],
      re2js: ["lang/"],
      ibantools: ["lang/"],
      "big.js": ["lang/"],
      "ipaddr.js": ["lang/"],
    },
    isCore: true,
  },
  {
    name: "plan",
    paths: ["plan/"],
    may: ["base", "json", "signs", "constraints", "lang"],
    packages: { zod: ["plan/schema"], jose: ["plan/sign.ts"], "@noble/hashes": ["plan/digest.ts"] },
    isCore: true,
  },
  { name: "catalogue", paths: ["catalogue/"], may: core, packages: { zod: ["catalogue/from/"] }, isCore: true },
  {
    name: "policy",
    paths: ["policy/"],
    may: [...core, "catalogue"],
    packages: { zod: ["policy/schema.ts"] },
    isCore: true,
  },
  {
    name: "approval",
    paths: ["approval/"],
    may: ["base", "json", "plan", "policy"],
    packages: { jose: ["approval/plan.ts"] },
    isCore: true,
  },
  { name: "taint", paths: ["taint/"], may: ["base", "json", "plan"], isCore: true },
  { name: "analyze", paths: ["analyze/"], may: ["base", "json", "plan", "taint"], isCore: true },
  // The verbs that need a plan and a catalogue: apart from the rest of plan/, which knows no catalogue.
  {
    name: "freeze",
    paths: ["plan/lint.ts", "plan/lint/", "plan/freeze"],
    may: [...core, "catalogue", "policy", "taint", "analyze"],
    isCore: true,
  },
  { name: "amend", paths: ["amend/"], may: [...core, "catalogue", "policy", "freeze"], isCore: true },
  { name: "decide", paths: ["decide/"], may: [...core, "catalogue", "taint"], isCore: true },
  {
    name: "engine",
    paths: ["engine.ts"],
    may: [...core, "catalogue", "policy", "freeze", "taint", "amend", "decide"],
    isCore: true,
  },
  // Parsers of one dialect each, as optional packages: loaded only where a plan names the dialect.
  {
    name: "sql",
    paths: ["sql/"],
    may: ["base", "signs", "constraints"],
    packages: { "libpg-query": ["sql/postgres.ts"], "node-sql-parser": ["sql/node-sql-parser.ts"] },
  },
  { name: "trace", paths: ["trace.ts"], may: ["base", "json"], isCore: true },
  { name: "replay", paths: ["replay.ts"], may: [...decision, "trace"], isCore: true },
  // The tests of a policy replay runs: apart from the policy itself, which the engine imports.
  { name: "policy-test", paths: ["policy/test/"], may: [...decision, "trace", "replay"], isCore: true },
  { name: "labeled", paths: ["labeled.ts", "labeled/"], may: ["base", "json", "taint"], isCore: true },
  // The host's own tables of time zones.
  { name: "zones", paths: ["zones.ts"], may: ["base"], packages: { "temporal-polyfill": ["zones.ts"] } },
  { name: "embedding", paths: ["guard.ts"], may: [...decision, "approval", "trace", "labeled", "zones"] },
  { name: "simulate", paths: ["simulate/"], may: [...decision, "trace", "replay"], isCore: true },
  {
    name: "learn",
    paths: ["learn/"],
    may: [...core, "catalogue", "freeze", "amend", "engine", "trace", "replay"],
    isCore: true,
  },
  // What agents and other formats intend → drafts. Each front end alone imports its parser.
  {
    name: "intent",
    paths: ["intent/"],
    may: [...core, "catalogue", "freeze", "engine", "trace", "replay", "learn"],
    packages: {
      "@babel/parser": ["intent/code/javascript"],
      "@lezer/python": ["intent/python/"],
      zod: ["intent/arazzo/"],
    },
    isCore: true,
  },
  // Drafts from a task's words. Nothing that decides a call may import it: what is learned only ever proposes.
  {
    name: "infer",
    paths: ["infer/"],
    may: [...core, "catalogue", "freeze", "amend", "approval", "engine", "trace", "replay", "learn", "intent", "zones"],
    packages: {
      "chrono-node": ["infer/values/"],
      "temporal-polyfill": ["infer/values/"],
      "@huggingface/transformers": ["infer/runtime/tokenizer.ts"],
      "@huggingface/tokenizers": ["infer/runtime/tokenizer.ts"],
      "onnxruntime-node": ["infer/runtime/onnx.ts"],
      zod: ["infer/"],
    },
  },
  // What recordings of runs that were only watched keep, and what they say.
  {
    name: "observe",
    paths: ["observe/"],
    may: [...core, "catalogue", "engine", "trace", "replay"],
    isCore: true,
  },
  { name: "explain", paths: ["explain/"], may: [...decision, "trace", "replay"], isCore: true },
  { name: "verify", paths: ["verify/"], may: [...decision, "trace", "replay", "simulate", "explain"], isCore: true },
  { name: "attack", paths: ["attack/"], may: [...decision, "trace", "replay", "simulate"], isCore: true },
  {
    name: "store",
    paths: ["stores/store.ts", "stores/each-method.ts", "stores/at-once.ts"],
    may: ["base", "json", "plan", "taint", "decide", "engine"],
  },
  // What agents' Sluices sign for each other: it judges data that comes in, and never a call.
  {
    name: "receipts",
    paths: ["receipts/"],
    may: ["base", "json", "plan", "policy", "taint", "decide", "store"],
    packages: { jose: ["receipts/"] },
  },
  {
    name: "stores",
    paths: ["stores/"],
    may: ["base", "json", "plan", "decide", "engine", "store"],
    // Drivers: loaded only where a URL names their store.
    packages: { ioredis: ["stores/redis/open.ts"], kysely: ["stores/postgres"], pg: ["stores/postgres/"] },
  },
  // What is told of the work, and who counts it: it sees no value and decides nothing.
  {
    name: "telemetry",
    paths: ["telemetry/"],
    may: ["base"],
    packages: { "@opentelemetry/api": ["telemetry/open-telemetry.ts"] },
  },
  // What happened, kept so that nobody can change it unseen: it reads the journal of a store, and nothing that decides imports it.
  {
    name: "audit",
    paths: ["audit.ts", "audit/"],
    may: [...decision, "store", "stores"],
    packages: {
      jose: ["audit/checkpoint.ts"],
      kysely: ["audit/postgres"],
      "@nats-io/transport-node": ["audit/nats"],
      "@nats-io/jetstream": ["audit/nats"],
    },
  },
  // What laws ask about processing, out of the audit log: for people to read, and nothing that decides imports it.
  {
    name: "report",
    paths: ["audit/report/"],
    may: [...decision, "approval", "audit"],
    packages: { zod: ["audit/report/form.ts", "audit/report/mapping.ts"], hono: ["audit/report/html"] },
  },
  // Statistics over the audit log, for people to look at: nothing that decides imports them.
  { name: "signals", paths: ["signals/"], may: ["base", "json", "store", "audit"], packages: { zod: ["signals/"] } },
  // What access and surfaces read requests with: bodies within a bound, secrets in constant time, rates.
  {
    name: "requests",
    paths: [
      "surfaces/body.ts",
      "surfaces/credential.ts",
      "surfaces/runtime-hash.ts",
      "surfaces/problem.ts",
      "surfaces/enforce/store/answered.ts",
      "surfaces/enforce/load/gcra.ts",
    ],
    may: ["base", "json", "plan", "store"],
  },
  // Who somebody is, and what they may do: people, tokens, cookies of the dashboard.
  {
    name: "access",
    paths: ["access/"],
    may: ["base", "json", "plan", "store", "requests"],
    packages: { hono: ["access/"], jose: ["access/oidc"] },
  },
  {
    name: "surfaces",
    paths: ["surfaces/"],
    may: [
      "base",
      "json",
      "signs",
      "constraints",
      "plan",
      "catalogue",
      "policy",
      "taint",
      "freeze",
      "amend",
      "approval",
      "decide",
      "engine",
      "trace",
      "replay",
      "observe",
      "store",
      "receipts",
      "telemetry",
      "requests",
      "access",
      "zones",
    ],
    packages: { hono: ["surfaces/"], "ipaddr.js": ["surfaces/http-proxy/addresses.ts"] },
  },
  // What people look at and decide on: it shows what the layers below keep, and acts through the enforcement point alone.
  {
    name: "dashboard",
    paths: ["dashboard.ts", "dashboard/"],
    may: [
      ...decision,
      "approval",
      "trace",
      "replay",
      "learn",
      "observe",
      "explain",
      "store",
      "stores",
      "receipts",
      "telemetry",
      "audit",
      "report",
      "signals",
      "requests",
      "access",
      "surfaces",
      "zones",
    ],
    packages: {
      hono: ["dashboard.ts", "dashboard/"],
      "@dagrejs/dagre": ["dashboard/graph/"],
      "d3-scale": ["dashboard/charts/"],
      "d3-shape": ["dashboard/charts/"],
    },
  },
  // The entry of a Cloudflare Worker: the HTTP host over Durable Objects.
  {
    name: "worker",
    paths: ["worker.ts", "worker/"],
    may: ["base", "json", "constraints", "plan", "policy", "freeze", "engine", "store", "stores", "requests", "surfaces"],
  },
  {
    name: "cli",
    paths: ["cli/"],
    may: [
      "policy-test",
      ...decision,
      "approval",
      "trace",
      "replay",
      "simulate",
      "learn",
      "intent",
      "infer",
      "observe",
      "explain",
      "verify",
      "attack",
      "store",
      "stores",
      "surfaces",
      "audit",
      "report",
      "signals",
      "requests",
      "access",
      "dashboard",
      "telemetry",
      "zones",
      "sql",
    ],
    packages: {
      commander: ["cli/"],
      picocolors: ["cli/"],
      "@hono/node-server": ["cli/"],
      hono: ["cli/"],
      zod: ["cli/config/"],
      // The exporter: loaded only where a collector is named.
      "@opentelemetry/api": ["cli/server/otlp.ts"],
      "@opentelemetry/context-async-hooks": ["cli/server/otlp.ts"],
      "@opentelemetry/core": ["cli/server/otlp.ts"],
      "@opentelemetry/exporter-logs-otlp-proto": ["cli/server/otlp.ts"],
      "@opentelemetry/exporter-metrics-otlp-proto": ["cli/server/otlp.ts"],
      "@opentelemetry/exporter-trace-otlp-proto": ["cli/server/otlp.ts"],
      "@opentelemetry/resources": ["cli/server/otlp.ts"],
      "@opentelemetry/sdk-logs": ["cli/server/otlp.ts"],
      "@opentelemetry/sdk-metrics": ["cli/server/otlp.ts"],
      "@opentelemetry/sdk-trace": ["cli/server/otlp.ts"],
    },
  },
  {
    name: "index",
    paths: ["index.ts"],
    may: [
      ...decision,
      "approval",
      "embedding",
      "trace",
      "replay",
      "learn",
      "intent",
      "observe",
      "verify",
      "simulate",
      "attack",
      "store",
      "stores",
      "surfaces",
    ],
  },
];

/** `node:*` is for what touches the machine. */
export const nodeAllowed: readonly string[] = [
  "infer/runtime/files.ts",
  "infer/runtime/vector-folder.ts",
  "cli/",
  "audit/sqlite/open.ts",
  "audit/jsonl",
  "audit/nats/url.ts",
  "stores/seal-node.ts",
  "stores/sqlite",
  "stores/postgres/url.ts",
  "infer/memory/folder",
  "surfaces/http-proxy/node",
];
