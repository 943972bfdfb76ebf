/**
 * How a case of the verdict vectors is written: a small plan, and events with what must come of each, side by side.
 * Data and nothing else. What is expected follows from "Meaning of a plan" in `src/README.md`, never from what the engine answered.
 */
import { createHmac } from "node:crypto";
import type { Json, JsonObject } from "../../../src/json/value.ts";
import type { FlowRule, LabelSpec, Limits, ParamSpec, PlanNode } from "../../../src/plan/plan.ts";
import type { VectorEvent, VectorExpectation, VectorLabel } from "../verdicts.ts";

/** An event and what must come of it. The time is the one before plus a second, unless it says otherwise. */
export interface Step {
  readonly event: (at: number) => VectorEvent;
  readonly expect: VectorExpectation | readonly VectorExpectation[];
  /** Seconds after the opening of the session. */
  readonly at?: number;
}

/** One case. */
export interface Case {
  readonly name: string;
  readonly nodes: { readonly [name: string]: PlanNode };
  readonly params?: { readonly [name: string]: ParamSpec };
  readonly given?: JsonObject;
  readonly agentParams?: readonly string[];
  readonly context?: VectorLabel;
  readonly labels?: { readonly [name: string]: LabelSpec };
  readonly flows?: readonly FlowRule[];
  readonly limits?: Limits;
  readonly notAfter?: string;
  readonly steps: readonly Step[];
}

/** When every session opens: 2026-01-01T00:00:00Z. */
export const openedAt = 1_767_225_600_000;
export const sessionId = "vector-session";
export const sessionKey = "000102030405060708090a0b0c0d0e0f";

type Expect = VectorExpectation;

/** A call. */
export function call(
  tool: string,
  args: Json,
  expect: Expect,
  more: { readonly node?: string; readonly at?: number } = {},
): Step {
  const { node, at } = more;
  return {
    event: (now) => ({ call: { tool, args, at: now, ...(node === undefined ? {} : { node }) } }),
    expect,
    ...(at === undefined ? {} : { at }),
  };
}

/** Calls made at once. */
export function batch(...calls: readonly (readonly [tool: string, args: Json, expect: Expect])[]): Step {
  return {
    event: (at) => ({ batch: calls.map(([tool, args]) => ({ tool, args, at })) }),
    expect: calls.map(([, , expect]) => expect),
  };
}

/** A result, shown to the agent as it is unless `expect` says otherwise. */
export function result(run: number, value: Json, expect: Expect = { delivered: value, isError: false }, at?: number): Step {
  return { event: (now) => ({ result: { run, value, at: now } }), expect, ...(at === undefined ? {} : { at }) };
}

/** A tool's error. */
export function failure(run: number, error: Json, expect: Expect = { delivered: error, isError: true }): Step {
  return { event: (at) => ({ result: { run, error, at } }), expect };
}

/** The host closes the session. */
export const close: Step = { event: (at) => ({ close: { at } }), expect: {} };

/** A call is allowed as this node, with these final arguments. */
export function allow(node: string, args: JsonObject, more: Pick<Expect, "run" | "labels" | "context"> = {}): Expect {
  return { verdict: "allow", node, args, ...more };
}

export function deny(code: string, more: Pick<Expect, "context"> = {}): Expect {
  return { verdict: "deny", code, ...more };
}

/** A label that everyone may read, unless readers are named. */
export function label(sources: readonly string[], readers: readonly string[] | null = null): VectorLabel {
  return { sources, readers };
}

/**
 * The handle of a part of a result: base64url (RFC 4648 §5) of the first 128 bits of HMAC-SHA-256 (RFC 2104), keyed with the UTF-8
 * bytes of the session's key, over the canonical JSON of [session, node, run, path].
 */
export function handle(node: string, run: number, path: readonly (string | number)[] = []): string {
  const bytes = createHmac("sha256", sessionKey)
    .update(JSON.stringify([sessionId, node, run, path]))
    .digest();
  return `sluice:h:${bytes.subarray(0, 16).toString("base64url")}`;
}

/** The tools that all cases share; a plan pins those that it uses. */
export const catalogue: JsonObject = {
  labels: {
    safe: { integrity: "trusted" },
    secret: { integrity: "trusted", readers: ["alice", "bob"] },
    board: { integrity: "trusted", readers: ["alice"] },
  },
  tools: [
    tool("web", { effects: ["read"], labels: ["external_api"] }),
    tool("db", { effects: ["read"], labels: ["database_record"], roles: { query: "selector" } }),
    tool("calc", { effects: ["read"], labels: ["safe"], roles: { input: "content", choice: "selector" } }, scoreSchema()),
    tool("bare", { effects: ["read"] }),
    tool("hr", { effects: ["read"], labels: ["secret"] }),
    tool("minutes", { effects: ["read"], labels: ["board"] }),
    tool("send", {
      effects: ["write"],
      labels: ["safe"],
      roles: { to: "target", subject: "content", text: "content", data: "content" },
    }),
    tool("mail", { effects: ["message"], labels: ["safe"], audience: { arg: "to" }, roles: { to: "target", text: "content" } }),
    tool("post", { effects: ["message"], labels: ["safe"], roles: { text: "content" } }),
    tool("pay", { effects: ["money"], labels: ["safe"], roles: { iban: "target", amount: "target", memo: "content" } }),
    tool("get", { effects: ["read", "network"], labels: ["external_api"], roles: { url: "target" } }),
    tool("save", { effects: ["write"], labels: ["safe"], roles: { path: "target", text: "content" } }),
    tool("sql", { effects: ["execute"], labels: ["database_record"], roles: { text: "command" } }),
    {
      name: "s/format",
      description: "formats",
      inputSchema: { type: "object", properties: { text: { type: "string" }, style: { type: "string", default: "plain" } } },
      sluice: { effects: ["read"], labels: ["safe"], roles: { text: "content" } },
    },
  ],
};

function tool(name: string, sluice: JsonObject, more: JsonObject = {}): Json {
  return { name: `s/${name}`, description: name, inputSchema: { type: "object" }, sluice, ...more };
}

/** Results of `s/calc` that are bounded: a number and a side. */
function scoreSchema(): JsonObject {
  const properties = { score: { type: "number" }, side: { enum: ["buy", "sell"] }, note: { type: "string" } };
  return { outputSchema: { type: "object", required: ["score", "side"], properties } };
}
