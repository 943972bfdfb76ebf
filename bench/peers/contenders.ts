/**
 * Who is compared: the floors, Sluice, and what users would pick instead, each with the pins that the benchmark installs and what the code around
 * it does. The order is that of the table.
 * Never a version without a pin.
 */

/** One engine. */
export interface Contender {
  readonly name: string;
  readonly kind: "floor" | "sluice" | "peer";
  /** Its runner in `runners/`, without the ending. */
  readonly runner: string;
  readonly language: "node" | "python" | "rust";
  /** Packages that are installed into its own folder. */
  readonly packages: readonly string[];
  /** Why it is not run. */
  readonly problem?: string;
  /** What host code does beside it, or what it cannot say. */
  readonly note: string;
}

/** Everyone. */
export const contenders: readonly Contender[] = [
  {
    name: "JSON.parse",
    kind: "floor",
    runner: "floor-parse",
    language: "node",
    packages: [],
    note: "no verdict",
  },
  {
    name: "JSON.parse + SHA-256",
    kind: "floor",
    runner: "floor-hash",
    language: "node",
    packages: [],
    note: "no verdict",
  },
  {
    name: "Sluice",
    kind: "sluice",
    runner: "sluice",
    language: "node",
    packages: [],
    note: "strict reader, check, event folded into the session; by host: size of the whole call, labels of values looked up",
  },
  {
    name: "ajv + code",
    kind: "peer",
    runner: "ajv",
    language: "node",
    packages: ["ajv@8.20.0"],
    note: "arguments by ajv (`new Function`); by hand: node, size, order, provenance",
  },
  {
    name: "zod 4 jitless + code",
    kind: "peer",
    runner: "zod",
    language: "node",
    packages: ["zod@4.6.7"],
    note: "arguments by zod; by hand: node, size, order, provenance",
  },
  {
    name: "casbin",
    kind: "peer",
    runner: "casbin",
    language: "node",
    packages: ["casbin@5.51.1"],
    note: "node and tool by casbin; functions of the host in its matcher: arguments, size, order, provenance",
  },
  {
    name: "OPA wasm",
    kind: "peer",
    runner: "opa-wasm",
    language: "node",
    packages: ["@open-policy-agent/opa-wasm@1.10.0"],
    problem:
      "not run: only the `opa` program compiles Rego to wasm, and it is in none of npm, PyPI, Debian and crates.io. Measured earlier on another machine, not in this run: 200 right, p50 13 times JSON.parse, p99 22 times",
    note: "Rego compiled to wasm",
  },
  {
    name: "Rego (regorus)",
    kind: "peer",
    runner: "regorus",
    language: "rust",
    packages: ["regorus@0.14.1"],
    note: "everything by Rego over tables (`runners/regorus/policy.rego`), natively compiled; by host: which values are tainted, worked out when they arrive. Its bytecode machine was no faster and answered 22 calls wrongly, so the interpreter of its manual it is",
  },
  {
    name: "Cedar wasm",
    kind: "peer",
    runner: "cedar",
    language: "node",
    packages: ["@cedar-policy/cedar-wasm@4.13.0"],
    note: "order, ranges, lists and provenance by Cedar; by host: lengths, patterns, hosts, decimals, the slice of entities",
  },
  {
    name: "json-rules-engine",
    kind: "peer",
    runner: "json-rules-engine",
    language: "node",
    packages: ["json-rules-engine@7.3.1"],
    note: "an engine a node; operators of the host: types, patterns, lengths, elements; facts of the host: size, order, provenance",
  },
  {
    name: "@openai/guardrails",
    kind: "peer",
    runner: "openai-guardrails",
    language: "node",
    packages: ["@openai/guardrails@0.2.1"],
    note: "its deterministic checks on the texts among the arguments, no rules of the host's: it has no notion of tool, number, order, source",
  },
  {
    name: "json.loads (Python)",
    kind: "floor",
    runner: "floor-json",
    language: "python",
    packages: [],
    note: "no verdict",
  },
  {
    name: "guardrails-ai",
    kind: "peer",
    runner: "guardrails-ai",
    language: "python",
    packages: ["guardrails-ai==0.11.0"],
    note: "a validator of the host has all rules; it runs it on the text of the call. Telemetry off",
  },
  {
    name: "Invariant",
    kind: "peer",
    runner: "invariant-ai",
    language: "python",
    packages: ["invariant-ai==0.3.5"],
    note: "arguments and tool by its rules, a policy a node; by host: node, size, order, provenance",
  },
  {
    name: "NeMo Guardrails (no model)",
    kind: "peer",
    runner: "nemo-guardrails",
    language: "python",
    packages: ["nemoguardrails==0.24.1"],
    note: "an output rail in Colang asks an action of the host, which has all rules. Telemetry off",
  },
];
