/**
 * Approvals of plans: who may, how many, with which keys, until when; and what an enforcer does without them.
 */
import { exportJWK, generateKeyPair, type JWK } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { approvePlan, readApprovals, verifyApprovals } from "../../src/approval/plan.ts";
import { thumbprintOf } from "../../src/plan/sign.ts";
import { createGuard } from "../../src/guard.ts";
import { readJson } from "../../src/json/read.ts";
import { thawPlan, writeFrozen } from "../../src/plan/freeze.ts";
import type { FrozenPlan } from "../../src/plan/plan.ts";
import { signPlan } from "../../src/plan/sign.ts";
import type { Policy } from "../../src/policy/policy.ts";
import { revocationKind } from "../../src/stores/store.ts";
import { bankPlan, freeze, makeWorld, outcome } from "./approval-fixture.ts";

const keys: Record<string, JWK> = {};
const now = 1_000_000;
let policy: Policy;
let frozen: FrozenPlan;

beforeAll(async () => {
  for (const name of ["ana", "bob", "eve"]) {
    const { privateKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
    keys[name] = await exportJWK(privateKey);
  }
  const publicOf = (name: string): { kty: "OKP"; crv: "Ed25519"; x: string } => ({
    kty: "OKP",
    crv: "Ed25519",
    x: keys[name]?.x as string,
  });
  policy = {
    sluicePolicy: 1,
    name: "two-people",
    approvers: { ana: { key: publicOf("ana") }, bob: { key: publicOf("bob") } },
    approval: { plans: { by: ["ana", "bob"], people: 2 }, calls: { by: ["bob"] } },
  };
  frozen = freeze(bankPlan, policy);
});

async function approveAs(
  plan: FrozenPlan,
  approver: string,
  over: { key?: string; expires?: number; now?: number } = {},
): Promise<FrozenPlan> {
  const { key = approver, now: at = now, ...rest } = over;
  const approved = await approvePlan(plan, { approver, key: keys[key] as JWK, now: at, ...rest });
  if (!approved.ok) throw new Error(approved.error.message);
  return approved.value;
}
const verdict = async (plan: FrozenPlan, at = now, revoked: readonly string[] = []): Promise<string> => {
  const verified = await verifyApprovals(plan, policy, { now: at, revoked: new Set(revoked) });
  return verified.ok ? "approved" : verified.error.code;
};

describe("the approval of a plan", () => {
  it("takes as many different people as the policy says", async () => {
    expect(await verdict(frozen)).toBe("PLAN_NOT_APPROVED");
    const one = await approveAs(frozen, "ana");
    expect(await verdict(one)).toBe("PLAN_NOT_APPROVED");
    expect(await verdict(await approveAs(one, "ana"))).toBe("PLAN_NOT_APPROVED");
    expect(await verdict(await approveAs(one, "bob"))).toBe("approved");
  });

  it("replaces the one that the same key gave before, under any name, and no other", async () => {
    const both = await approveAs(await approveAs(frozen, "ana"), "bob");
    const again = await approveAs(both, "ana", { expires: now + 5_000, now: now + 1 });
    const approvals = await readApprovals(again, policy);
    expect(approvals.map(({ approver, at }) => [approver, at])).toEqual([
      ["bob", now],
      ["ana", now + 1],
    ]);
    expect((await approveAs(both, "somebody", { key: "ana" })).approvals).toHaveLength(2);
  });

  it("survives the plan's file and changes no digest", async () => {
    const both = await approveAs(await approveAs(frozen, "ana"), "bob");
    const read = readJson(writeFrozen(both));
    const thawed = thawPlan(read.ok ? read.value : null);
    expect(thawed).toMatchObject({ ok: true, value: { digest: frozen.digest } });
    if (thawed.ok) expect(await verdict(thawed.value)).toBe("approved");
  });

  it("does not count under another's name, by a stranger's key, for another plan, or when it is a plan's signature", async () => {
    const one = await approveAs(frozen, "ana");
    expect(await verdict(await approveAs(one, "bob", { key: "ana" }))).toBe("PLAN_NOT_APPROVED");
    expect(await verdict(await approveAs(one, "bob", { key: "eve" }))).toBe("PLAN_NOT_APPROVED");
    expect(await verdict(await approveAs(one, "eve"))).toBe("PLAN_NOT_APPROVED");
    const other = await approveAs(freeze({ ...bankPlan, name: "other" }, policy), "bob");
    expect(await verdict({ ...one, approvals: [...(one.approvals ?? []), ...(other.approvals ?? [])] })).toBe(
      "PLAN_NOT_APPROVED",
    );
    const signed = await signPlan(frozen, keys.bob as JWK);
    const jws = signed.ok ? (signed.value.signature as string) : "";
    expect(await verdict({ ...one, approvals: [...(one.approvals ?? []), jws] })).toBe("PLAN_NOT_APPROVED");
  });

  it("does not count after it has expired, before it was given, or once its key is revoked", async () => {
    const both = await approveAs(await approveAs(frozen, "ana"), "bob", { expires: now + 10 });
    expect(await verdict(both, now + 10)).toBe("approved");
    expect(await verdict(both, now + 11)).toBe("PLAN_NOT_APPROVED");
    expect(await verdict(both, now, [await thumbprintOf(keys.ana?.x as string)])).toBe("PLAN_NOT_APPROVED");
    expect(await verdict(await approveAs(await approveAs(frozen, "ana"), "bob", { now: now + 3_600_000 }))).toBe(
      "PLAN_NOT_APPROVED",
    );
  });

  it("is not asked for without a policy that asks, and nobody satisfies an empty list", async () => {
    expect((await verifyApprovals(frozen, undefined, { now })).ok).toBe(true);
    const nobody: Policy = { ...policy, approval: { plans: { by: [] } } };
    const both = await approveAs(await approveAs(frozen, "ana"), "bob");
    expect((await verifyApprovals(both, nobody, { now })).ok).toBe(false);
  });

  it("is refused with a key that is none", async () => {
    const { d: _, ...publicKey } = keys.ana as JWK;
    expect(await approvePlan(frozen, { approver: "ana", key: publicKey, now })).toMatchObject({
      error: { code: "CONFIG_INVALID" },
    });
  });
});

describe("an enforcer whose policy asks for approved plans", () => {
  it("opens no session for a plan without", async () => {
    const world = makeWorld({ frozen: await approveAs(frozen, "ana") });
    const opened = await world.enforcer.open({ plan: frozen.digest, principal: "ada" });
    expect(opened).toEqual({ ok: false, error: { code: "PLAN_NOT_APPROVED" } });
  });

  it("also where today's policy asks and the frozen one did not", async () => {
    const plain = freeze(bankPlan);
    const world = makeWorld({ frozen: plain, policy });
    expect(await world.enforcer.open({ plan: plain.digest, principal: "ada" })).toEqual({
      ok: false,
      error: { code: "PLAN_NOT_APPROVED" },
    });
  });

  it("denies the next check of an open session once the key of an approver is revoked, or an approval expires", async () => {
    const both = await approveAs(await approveAs(frozen, "ana"), "bob", { expires: now + 5_000 });
    const world = makeWorld({ frozen: both });
    const token = await world.open();
    const inbox = { tool: "inbox", args: {} };
    expect(outcome(await world.enforcer.check(token, inbox))).toBe("allow");
    const id = `key:${await thumbprintOf(keys.ana?.x as string)}`;
    await world.store.writeRecord({ kind: revocationKind, id, version: 0, value: {} });
    expect(outcome(await world.enforcer.check(token, inbox))).toBe("PLAN_NOT_APPROVED");
    await world.store.writeRecord({ kind: revocationKind, id, version: 1, value: { lifted: true } });
    expect(outcome(await world.enforcer.check(token, inbox))).toBe("allow");
    world.time += 5_001;
    expect(outcome(await world.enforcer.check(token, inbox))).toBe("PLAN_NOT_APPROVED");
  });
});

describe("a policy that says who approves calls", () => {
  it("takes nobody else's word, and as many as it says", async () => {
    const two: Policy = { ...policy, approval: { calls: { by: ["ana", "bob"], people: 2 } } };
    const plan = freeze(bankPlan, two);
    const world = makeWorld({ frozen: plan });
    const token = await world.open();
    await world.enforcer.check(token, { tool: "pay", args: { to: "ana", amount: 1 } });
    const id = `${token.slice(0, 34)}.0`;
    const say = (by: string): Promise<unknown> => world.enforcer.approve(id, { by, decision: "approve" });
    expect(await say("eve")).toEqual({ ok: false, error: "AUTH_DENIED" });
    expect(await say("ana")).toMatchObject({ value: { status: "pending" } });
    expect(await say("ana")).toEqual({ ok: false, error: "APPROVAL_STALE" });
    expect(outcome(await world.enforcer.release(token, id))).toBe("CALL_NEEDS_APPROVAL");
    expect(await say("bob")).toMatchObject({ value: { status: "approved" } });
    expect(outcome(await world.enforcer.release(token, id))).toBe("allow");
  });
});

describe("a program that calls the engine itself", () => {
  it("cannot make a guard of a plan that its policy wants approved, without the approvals of this very plan", async () => {
    const both = await approveAs(await approveAs(frozen, "ana"), "bob");
    const approvals = await verifyApprovals(both, policy, { now });
    if (!approvals.ok) throw new Error(approvals.error.message);
    expect(() => createGuard(both, { clock: () => now })).toThrow("approvals");
    const foreign = approvals.value.map((approval) => ({ ...approval, digest: "sha256:0" }));
    expect(() => createGuard(both, { clock: () => now, approvals: foreign })).toThrow("approvals");
    expect(() => createGuard(both, { clock: () => now, approvals: approvals.value.slice(1) })).toThrow("approvals");
    expect(createGuard(both, { clock: () => now, approvals: approvals.value }).open().ok).toBe(true);
  });

  it("opens no session after the approvals have run out", async () => {
    const both = await approveAs(await approveAs(frozen, "ana", { expires: now + 10 }), "bob");
    const approvals = await verifyApprovals(both, policy, { now });
    let time = now;
    const guard = createGuard(both, { clock: () => time, approvals: approvals.ok ? approvals.value : [] });
    expect(guard.open().ok).toBe(true);
    time = now + 11;
    expect(guard.open()).toMatchObject({ ok: false, error: { code: "PLAN_NOT_APPROVED", pointer: "" } });
  });
});
