/**
 * Limits of one session: calls in flight, amendments, messages at once.
 */
import type { Json, JsonObject } from "../../../src/json/value.ts";
import { createFirewall } from "../../../src/surfaces/hono.ts";
import { createMemoryStore } from "../../../src/stores/memory.ts";
import { catalogue, frozenPlan, sessionOf } from "../../amend/world.ts";
import { library } from "../../surfaces/mcp/library.ts";
import { connect } from "../../surfaces/mcp/world.ts";
import type { LimitCase } from "./case.ts";

const read = { tool: "inbox/read", args: { id: "m1" }, times: 20_000 } as const;

/** Asks `drafts` of one session, and what became of the last. */
async function amended(drafts: readonly Json[]): Promise<string> {
  const plan = frozenPlan({ read });
  const firewall = createFirewall({ plans: [plan], store: createMemoryStore(), clock: () => 1_000, amendments: { catalogue } });
  const opened = await firewall.open({ plan: plan.digest, principal: "ada" });
  let last = opened.ok ? "ok" : opened.error.code;
  for (const draft of drafts) {
    const answer = await firewall.amend(opened.ok ? opened.value.token : "", draft as never);
    last = answer.status === "denied" ? answer.verdict.code : "ok";
  }
  return last;
}

async function batch(size: number): Promise<string> {
  const { world } = library();
  const client = await connect(world, { revision: "2025-03-26" });
  const pings = Array.from({ length: size }, (_, id): JsonObject => ({ jsonrpc: "2.0", id, method: "ping" }));
  const answer = (await client.raw(pings)) as Json;
  return Array.isArray(answer) && answer.length === size ? "ok" : "refused";
}

/** A call, when so many are in flight with it. */
function flying(size: number): string {
  const session = sessionOf(frozenPlan({ read }));
  let last = "ok";
  for (let i = 0; i < size; i++) {
    const verdict = session.check({ tool: "inbox/read", args: {} });
    last = verdict.decision === "allow" ? "ok" : verdict.code;
  }
  return last;
}

/** A draft of `size` bytes as JSON: a call with a long constant. */
function draftOf(size: number): Json {
  const around = (id: string): Json => ({ nodes: { x: { tool: "inbox/read", args: { id } } } });
  return around("x".repeat(size - JSON.stringify(around("")).length));
}

/** Each with its limit. */
export const sessionCases: readonly LimitCase[] = [
  ["inFlightMax", "CALL_LIMIT", flying],
  [
    "amendmentsPerSessionMax",
    "AMEND_LIMIT",
    (n) => amended(Array.from({ length: n }, (_, i) => ({ limits: { calls: 1_000 - i } }))),
  ],
  ["amendmentBytesMax", "AMEND_MALFORMED", (n) => amended([draftOf(n)])],
  ["mcpBatchMax", "refused", batch],
];
