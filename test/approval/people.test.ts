/**
 * Who counts as how many people when a call is approved: names of one person, and words given under an older policy.
 */
import { describe, expect, it } from "vitest";
import type { Approver, Policy } from "../../src/policy/policy.ts";
import { approvalOf, makeWorld, outcome } from "./approval-fixture.ts";

const key = (letter: string): Approver => ({
  key: { kty: "OKP", crv: "Ed25519", x: letter.repeat(43) },
});
const approvers = { ana: key("a"), anna: key("a"), bob: key("b"), eve: key("e") };
const asking = (by: readonly string[], people: number): Policy => ({
  sluicePolicy: 1,
  name: "desk",
  approvers,
  approval: { calls: { by, people } },
});
const payment = { tool: "bank/pay", args: { to: "ana", amount: 5 } };

describe("two people", () => {
  it("are not one person under two names", async () => {
    const { enforcer, open } = makeWorld({ policy: asking(["ana", "anna", "bob"], 2) });
    const token = await open();
    const id = approvalOf(await enforcer.check(token, payment));
    for (const by of ["ana", "anna"]) await enforcer.approve(id, { by, decision: "approve" });
    expect(outcome(await enforcer.release(token, id))).toBe("CALL_NEEDS_APPROVAL");
    await enforcer.approve(id, { by: "bob", decision: "approve" });
    expect(outcome(await enforcer.release(token, id))).toBe("allow");
  });
});

describe("what people said under an older policy", () => {
  it.each([
    ["asks for more people", asking(["ana", "bob"], 2)],
    ["no longer names who approved", asking(["bob", "eve"], 1)],
  ])("is not enough under one that %s", async (_, newer) => {
    const older = makeWorld({ policy: asking(["ana", "bob"], 1) });
    const token = await older.open();
    const id = approvalOf(await older.enforcer.check(token, payment));
    expect(await older.enforcer.approve(id, { by: "ana", decision: "approve" })).toMatchObject({
      ok: true,
      value: { status: "approved" },
    });
    const { enforcer } = makeWorld({ store: older.store, policy: newer });
    expect(outcome(await enforcer.release(token, id))).toBe("CALL_NEEDS_APPROVAL");
    await enforcer.approve(id, { by: "bob", decision: "approve" });
    expect(outcome(await enforcer.release(token, id))).toBe("allow");
  });
});
