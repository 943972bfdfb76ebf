/** Leaving out the nodes that have another constant changes no verdict. */
import { describe, expect, it } from "vitest";
import { readCatalogue } from "../../src/catalogue/catalogue.ts";
import { createGuard, type Session } from "../../src/engine.ts";
import type { JsonObject } from "../../src/json/value.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import type { PlanNode } from "../../src/plan/plan.ts";

const tool = "mail/send";
const kinds = ["a", "b", "c", "d", "e", "1"];

function open(more: { readonly [name: string]: PlanNode } = {}): Session {
  const properties = { kind: {}, text: { type: "string" } };
  const catalogue = readCatalogue({
    tools: [{ name: tool, inputSchema: { type: "object", properties }, sluice: { effects: ["read"], labels: ["user_input"] } }],
  });
  const often = { min: 0, max: 9 };
  const nodes = Object.fromEntries(
    kinds.map((kind) => [`of-${kind}`, { tool, args: { kind, text: { write: {} } }, times: often } as PlanNode]),
  );
  const frozen = freezePlan(
    { sluice: 1, name: "narrow", params: {}, nodes: { ...nodes, ...more } },
    catalogue.ok ? catalogue.value : expect.unreachable(),
  );
  const guard = createGuard(frozen.ok ? frozen.value : expect.unreachable(JSON.stringify(frozen.error)), { clock: () => 1 });
  const session = (guard.ok ? guard.value : expect.unreachable()).session({ id: "s", key: "00".repeat(16) });
  return session.ok ? session.value : expect.unreachable();
}

function verdictOf(session: Session, args: JsonObject): string {
  const verdict = session.check({ tool, args });
  return verdict.decision === "allow" ? verdict.node : verdict.code;
}

describe("nodes of one tool with different constants", () => {
  it("are told apart by the constant that is sent", () => {
    const session = open();
    for (const kind of kinds) expect(verdictOf(session, { kind, text: "hello" })).toBe(`of-${kind}`);
  });

  it("are all looked at where the constant is left out, or nobody has it", () => {
    const session = open();
    expect(verdictOf(session, { text: "hello" })).toBe("CALL_AMBIGUOUS");
    expect(verdictOf(session, { kind: null, text: "hello" })).toBe("CALL_AMBIGUOUS");
    expect(verdictOf(session, { kind: "z", text: "hello" })).toBe("ARG_MISMATCH");
    expect(verdictOf(session, { kind: 1, text: "hello" })).toBe("ARG_MISMATCH");
    expect(verdictOf(session, { kind: ["a"], text: "hello" })).toBe("ARG_MISMATCH");
    expect(verdictOf(session, { kind: "a", text: 5 })).toBe("ARG_MISMATCH");
  });

  it("are not told apart from one that takes the same value, by a constant or by a choice", () => {
    const again: PlanNode = { tool, args: { kind: "b", text: { write: {} } } };
    const any: PlanNode = { tool, args: { kind: { choose: { enum: ["c", "other"] } }, text: { write: {} } } };
    const session = open({ again, any });
    expect(verdictOf(session, { kind: "b", text: "hello" })).toBe("CALL_AMBIGUOUS");
    expect(verdictOf(session, { kind: "c", text: "hello" })).toBe("CALL_AMBIGUOUS");
    expect(verdictOf(session, { kind: "other", text: "hello" })).toBe("any");
    expect(verdictOf(session, { kind: "d", text: "hello" })).toBe("of-d");
  });
});
