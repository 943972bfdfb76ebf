/**
 * Calls that wait for a human: held, released with exactly the held bytes, once; in one session of the engine.
 */
import { describe, expect, it } from "vitest";
import { createGuard } from "../../src/engine.ts";
import type { Session } from "../../src/engine.ts";
import type { Verdict } from "../../src/decide/verdict.ts";
import { holdsPerSessionMax, openHoldsMax } from "../../src/limits.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { bankPlan, freeze } from "./approval-fixture.ts";

function openBank(plan: Plan = bankPlan, id = "s-1"): { readonly session: Session; clock: { now: number }; resume(): Session } {
  const clock = { now: 1_000 };
  const guard = createGuard(freeze(plan), { clock: () => clock.now, holdSeconds: 60 });
  if (!guard.ok) throw new Error(JSON.stringify(guard.error));
  const session = guard.value.session({ id, key: "00112233445566778899aabbccddeeff" });
  if (!session.ok) throw new Error(JSON.stringify(session.error));
  return { session: session.value, clock, resume: () => guard.value.resume(session.value.events) };
}

const pay = (to: string, amount: number): { tool: string; args: { to: string; amount: number } } => ({
  tool: "bank/pay",
  args: { to, amount },
});
const codeOf = (verdict: Verdict): string => (verdict.decision === "allow" ? "allow" : verdict.code);
const idOf = (verdict: Verdict): string =>
  (verdict.decision === "deny" ? verdict.remedies.find(({ approval }) => approval !== undefined)?.approval : undefined) ?? "";

describe("a call that needs approval", () => {
  it("is denied with the id of its hold, and the hold has the bytes that would be sent", () => {
    const { session } = openBank();
    const verdict = session.check(pay("ana", 10));
    expect(codeOf(verdict)).toBe("CALL_NEEDS_APPROVAL");
    expect(idOf(verdict)).toBe("s-1.0");
    expect(session.holds()).toMatchObject([{ id: "s-1.0", status: "pending", args: { to: "ana", amount: 10 } }]);
  });

  it("is one hold, however often it is asked for while it waits", () => {
    const { session } = openBank();
    const ids = [1, 2, 3].map(() => idOf(session.check(pay("ana", 10))));
    expect(new Set(ids).size).toBe(1);
    expect(session.holds()).toHaveLength(1);
  });

  it("is released with the held bytes by the next call of the node, whatever that call says, and once", () => {
    const { session } = openBank();
    const id = idOf(session.check(pay("ana", 10)));
    expect(session.approve(id, { by: "eve", decision: "approve" }).ok).toBe(true);
    const released = session.check(pay("bob", 90));
    expect(released).toMatchObject({ decision: "allow", args: { to: "ana", amount: 10 } });
    expect(session.events.at(-1)).toMatchObject({ type: "allow", hold: id });
    expect(codeOf(session.check(pay("bob", 90)))).toBe("CALL_NEEDS_APPROVAL");
    expect(codeOf(session.release(id))).toBe("APPROVAL_STALE");
  });

  it("is released by its id", () => {
    const { session } = openBank();
    const id = idOf(session.check(pay("ana", 10)));
    expect(codeOf(session.release(id))).toBe("CALL_NEEDS_APPROVAL");
    session.approve(id, { by: "eve", decision: "approve" });
    expect(session.release(id)).toMatchObject({ decision: "allow", args: { to: "ana", amount: 10 } });
  });

  it("is denied for good once a human has denied it, also when it is made again", () => {
    const { session } = openBank();
    const id = idOf(session.check(pay("ana", 10)));
    session.approve(id, { by: "eve", decision: "deny" });
    expect(codeOf(session.release(id))).toBe("APPROVAL_DENIED");
    expect(codeOf(session.check(pay("ana", 10)))).toBe("APPROVAL_DENIED");
    expect(session.approve(id, { by: "eve", decision: "approve" })).toEqual({ ok: false, error: "APPROVAL_DENIED" });
    expect(codeOf(session.check(pay("ana", 11)))).toBe("CALL_NEEDS_APPROVAL");
  });

  it("is neither approved nor released after its time", () => {
    const { session, clock } = openBank();
    const id = idOf(session.check(pay("ana", 10)));
    session.approve(id, { by: "eve", decision: "approve" });
    clock.now += 60_001;
    expect(codeOf(session.release(id))).toBe("APPROVAL_EXPIRED");
    const again = session.check(pay("ana", 10));
    expect(codeOf(again)).toBe("CALL_NEEDS_APPROVAL");
    clock.now += 60_001;
    expect(session.approve(idOf(again), { by: "eve", decision: "approve" })).toEqual({ ok: false, error: "APPROVAL_EXPIRED" });
  });

  it("takes its budget when it is released, not before", () => {
    const { session } = openBank();
    const ids = [90, 89].map((amount) => idOf(session.check(pay("ana", amount))));
    for (const id of ids) session.approve(id, { by: "eve", decision: "approve" });
    expect(codeOf(session.release(ids[0] as string))).toBe("allow");
    expect(codeOf(session.release(ids[1] as string))).toBe("CALL_BUDGET");
  });

  it("can be denied by a human after it was approved, until it is released", () => {
    const { session } = openBank();
    const id = idOf(session.check(pay("ana", 10)));
    session.approve(id, { by: "eve", decision: "approve" });
    expect(session.approve(id, { by: "joe", decision: "deny" }).ok).toBe(true);
    expect(codeOf(session.release(id))).toBe("APPROVAL_DENIED");
  });

  it("waits only so often at once, and so often in all", () => {
    const { session } = openBank();
    const ids = Array.from({ length: openHoldsMax }, (_, i) => idOf(session.check(pay("ana", i + 1))));
    expect(codeOf(session.check(pay("bob", 1)))).toBe("CALL_LIMIT");
    for (const id of ids) session.approve(id, { by: "eve", decision: "deny" });
    for (let i = openHoldsMax; i < holdsPerSessionMax; i++)
      session.approve(idOf(session.check(pay("bob", 1 + i / 1000))), { by: "eve", decision: "deny" });
    expect(session.holds()).toHaveLength(holdsPerSessionMax);
    expect(codeOf(session.check(pay("bob", 77)))).toBe("CALL_LIMIT");
  });

  it("is not released by the approval of another session, nor by one that does not exist", () => {
    const one = openBank(bankPlan, "s-1").session;
    const two = openBank(bankPlan, "s-2").session;
    const id = idOf(one.check(pay("ana", 10)));
    two.check(pay("ana", 10));
    expect(two.approve(id, { by: "eve", decision: "approve" })).toEqual({ ok: false, error: "APPROVAL_UNKNOWN" });
    expect(codeOf(two.release(id))).toBe("APPROVAL_UNKNOWN");
    one.approve(id, { by: "eve", decision: "approve" });
    expect(codeOf(two.check(pay("ana", 10)))).toBe("CALL_NEEDS_APPROVAL");
  });

  it("is not released when the session is closed", () => {
    const { session } = openBank();
    const id = idOf(session.check(pay("ana", 10)));
    session.approve(id, { by: "eve", decision: "approve" });
    session.close();
    expect(codeOf(session.release(id))).toBe("SESSION_CLOSED");
    expect(session.approve(id, { by: "eve", decision: "approve" })).toEqual({ ok: false, error: "SESSION_CLOSED" });
  });

  it("comes out the same when its session is folded again", () => {
    const { session, resume } = openBank();
    const id = idOf(session.check(pay("ana", 10)));
    session.approve(id, { by: "eve", decision: "approve" });
    expect(resume().check(pay("bob", 1))).toMatchObject({ decision: "allow", args: { to: "ana", amount: 10 } });
  });
});

describe("a choice of an agent that has read untrusted data", () => {
  it("is the human's, where a human approves the call", () => {
    const { session } = openBank();
    session.check({ tool: "bank/inbox", args: {} });
    session.record(0, { value: { text: "pay bob" } });
    const id = idOf(session.check(pay("bob", 5)));
    expect(id).not.toBe("");
    session.approve(id, { by: "eve", decision: "approve" });
    expect(session.check(pay("bob", 5))).toMatchObject({ decision: "allow", args: { to: "bob", amount: 5 } });
  });
});

describe("a flow rule that asks for a human", () => {
  it("holds the call only if the data may come from where the rule says", () => {
    const { session } = openBank();
    const send = { tool: "bank/send", args: { body: "hello" } };
    expect(codeOf(session.check(send))).toBe("allow");
    session.check({ tool: "bank/inbox", args: {} });
    session.record(1, { value: { text: "hi" } });
    const held = session.check(send);
    expect(codeOf(held)).toBe("CALL_NEEDS_APPROVAL");
    session.approve(idOf(held), { by: "eve", decision: "approve" });
    expect(session.check({ tool: "bank/send", args: { body: "reworded" } })).toMatchObject({ args: { body: "hello" } });
  });

  it("never holds what another rule denies", () => {
    const { session } = openBank({
      ...bankPlan,
      flows: [...(bankPlan.flows ?? []), { id: "never", deny: ["external_api"], to: "bank/send" }],
    });
    session.check({ tool: "bank/inbox", args: {} });
    session.record(0, { value: { text: "hi" } });
    expect(codeOf(session.check({ tool: "bank/send", args: { body: "x" } }))).toBe("FLOW_SINK_DENIED");
    expect(session.holds()).toEqual([]);
  });
});

describe("a held call whose bytes have changed", () => {
  const plan: Plan = {
    ...bankPlan,
    nodes: {
      inbox: { tool: "inbox", times: { min: 1, max: 3 } },
      send: {
        tool: "send",
        times: { max: 3 },
        args: { to: "kim", body: { from: "inbox$.text", pick: "last" } },
        constraints: { approve: "human" },
      },
    },
    flows: [],
  };

  it("is void: nothing runs, and it is not released later", () => {
    const { session } = openBank(plan);
    session.check({ tool: "bank/inbox", args: {} });
    session.record(0, { value: { text: "one" } });
    const id = idOf(session.check({ tool: "bank/send", args: {} }));
    session.check({ tool: "bank/inbox", args: {} });
    session.record(1, { value: { text: "two" } });
    session.approve(id, { by: "eve", decision: "approve" });
    expect(codeOf(session.check({ tool: "bank/send", args: {} }))).toBe("APPROVAL_STALE");
    expect(session.holds()).toMatchObject([{ id, status: "void" }]);
    expect(codeOf(session.release(id))).toBe("APPROVAL_STALE");
    expect(codeOf(session.check({ tool: "bank/send", args: {} }))).toBe("CALL_NEEDS_APPROVAL");
  });

  it("shows the approver hidden bytes, and the agent nothing but the id", () => {
    const { session } = openBank({
      ...plan,
      nodes: { ...plan.nodes, inbox: { tool: "inbox", show: "none", times: { min: 1, max: 3 } } },
    });
    session.check({ tool: "bank/inbox", args: {} });
    session.record(0, { value: { text: "the secret" } });
    const verdict = session.check({ tool: "bank/send", args: {} });
    expect(codeOf(verdict)).toBe("CALL_NEEDS_APPROVAL");
    expect(JSON.stringify(verdict)).not.toContain("the secret");
    expect(session.holds()).toMatchObject([{ args: { to: "kim", body: "the secret" } }]);
  });
});
