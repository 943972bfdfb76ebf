/**
 * Held calls over a store: races, restarts, delivery, waiting; and what revocations and grants do to sessions.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/json/value.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import { openSqliteStore } from "../../src/stores/sqlite/open.ts";
import { revocationKind, type Store } from "../../src/stores/store.ts";
import { grantId, grantKind } from "../../src/surfaces/enforce/session/standing.ts";
import { approvalOf, bank, makeWorld, outcome, type World } from "./approval-fixture.ts";

const directory = mkdtempSync(join(tmpdir(), "sluice-approval-"));
afterAll(() => rmSync(directory, { recursive: true }));
const payAna = { tool: "pay", args: { to: "ana", amount: 10 } };

const write = async (store: Store, kind: string, id: string, value: JsonObject = {}): Promise<void> => {
  const known = await store.record(kind, id);
  const version = known.ok ? (known.value?.version ?? 0) : 0;
  await store.writeRecord({ kind, id, version, value });
};

/** A call that a human has approved. */
async function approved(world: World): Promise<{ readonly token: string; readonly id: string }> {
  const token = await world.open();
  const id = approvalOf(await world.enforcer.check(token, payAna));
  const said = await world.enforcer.approve(id, { by: "eve", decision: "approve" });
  expect(said).toMatchObject({ ok: true, value: { status: "approved" } });
  return { token, id };
}

describe.each([
  ["memory", () => createMemoryStore()],
  ["SQLite", () => openSqliteStore(join(directory, `${Math.random()}.db`))],
] as const)("a held call in a store (%s)", (name, open) => {
  const many = name === "memory" ? 1_000 : 300;

  it("is released once, however many ask for it over however many enforcers (threat 7)", async () => {
    const world = makeWorld({ store: open(), enforcers: 3 });
    const { token, id } = await approved(world);
    const all = [world.enforcer, ...world.others];
    const checked = await Promise.all(
      Array.from({ length: many }, (_, i) => (all[i % 3] as World["enforcer"]).release(token, id)),
    );
    expect(checked.filter(({ allow }) => allow)).toHaveLength(1);
    const stored = await world.store.load(token.slice(0, 34), 0);
    const events = stored.ok ? stored.value.entries.map(({ event }) => event) : [];
    expect(events.filter(({ type }) => type === "allow")).toHaveLength(1);
  }, 60_000);

  it("is released once by calls made at once, and the others wait for a human again", async () => {
    const world = makeWorld({ store: open(), enforcers: 2 });
    const { token } = await approved(world);
    const all = [world.enforcer, ...world.others];
    const checked = await Promise.all(
      Array.from({ length: 20 }, (_, i) => (all[i % 2] as World["enforcer"]).check(token, payAna)),
    );
    expect(checked.filter(({ allow }) => allow)).toHaveLength(1);
    const codes = new Set(checked.filter(({ allow }) => !allow).map(outcome));
    expect([...codes].every((code) => ["CALL_NEEDS_APPROVAL", "SESSION_CONFLICT", "CALL_BREAKER"].includes(code))).toBe(true);
  });

  it("is approved by one enforcer and released by another", async () => {
    const world = makeWorld({ store: open(), enforcers: 2 });
    const token = await world.open();
    const id = approvalOf(await world.enforcer.check(token, payAna));
    const other = world.others[0] as World["enforcer"];
    expect(await other.approvals()).toMatchObject({ ok: true, value: [{ id, tool: "bank/pay", args: payAna.args }] });
    expect((await other.approve(id, { by: "eve", decision: "approve" })).ok).toBe(true);
    const checked = await world.enforcer.check(token, { tool: "pay", args: { to: "bob", amount: 1 } });
    expect(checked).toMatchObject({ allow: true, permit: { args: payAna.args } });
    expect(await other.approvals()).toEqual({ ok: true, value: [] });
  });
});

describe("an approval", () => {
  it("counts for what the person has seen and nothing else", async () => {
    const world = makeWorld();
    const token = await world.open();
    const id = approvalOf(await world.enforcer.check(token, payAna));
    const other = approvalOf(await world.enforcer.check(token, { tool: "pay", args: { to: "bob", amount: 10 } }));
    const seen = await world.enforcer.approval(other);
    const digest = seen.ok ? seen.value.digest : "";
    expect(await world.enforcer.approve(id, { by: "eve", decision: "approve", digest })).toEqual({
      ok: false,
      error: "APPROVAL_STALE",
    });
    expect(outcome(await world.enforcer.release(token, id))).toBe("CALL_NEEDS_APPROVAL");
  });

  it("is for the session that asked: another session's token does not release it", async () => {
    const world = makeWorld();
    const { id } = await approved(world);
    const stranger = await world.open();
    expect(outcome(await world.enforcer.release(stranger, id))).toBe("APPROVAL_UNKNOWN");
    expect(outcome(await world.enforcer.check(stranger, payAna))).toBe("CALL_NEEDS_APPROVAL");
  });

  it.each(["", "s_1.0", `s_${"0".repeat(32)}.0`, `s_${"0".repeat(32)}`, "a.b.c"])("is unknown under the id %j", async (id) => {
    const world = makeWorld();
    expect(await world.enforcer.approve(id, { by: "eve", decision: "approve" })).toEqual({
      ok: false,
      error: "APPROVAL_UNKNOWN",
    });
  });

  it("is told once of every call that waits, and a hook that throws changes nothing", async () => {
    const world = makeWorld();
    const token = await world.open();
    const id = approvalOf(await world.enforcer.check(token, payAna));
    await world.enforcer.check(token, payAna);
    await Promise.resolve();
    expect(world.pending).toEqual([id]);
    const broken = makeWorld({
      onPending: () => {
        throw new Error("down");
      },
    });
    expect(outcome(await broken.enforcer.check(await broken.open(), payAna))).toBe("CALL_NEEDS_APPROVAL");
  });

  it("is not listed any more when its time is over", async () => {
    const world = makeWorld({ holdSeconds: 10 });
    const id = approvalOf(await world.enforcer.check(await world.open(), payAna));
    world.time += 10_001;
    expect(await world.enforcer.approvals()).toEqual({ ok: true, value: [] });
    expect(await world.enforcer.approval(id)).toMatchObject({ ok: true, value: { status: "expired" } });
    expect(await world.enforcer.approve(id, { by: "eve", decision: "approve" })).toEqual({
      ok: false,
      error: "APPROVAL_EXPIRED",
    });
  });

  it("gives no release when the store does not answer", async () => {
    const inner = createMemoryStore();
    let isDown = false;
    const store: Store = {
      ...inner,
      commit: async (...change) => (isDown ? { ok: false, error: { kind: "unavailable" } } : inner.commit(...change)),
    };
    const world = makeWorld({ store });
    const { token, id } = await approved(world);
    isDown = true;
    expect(outcome(await world.enforcer.release(token, id))).toBe("STORE_UNAVAILABLE");
  });
});

describe("a revocation", () => {
  it.each([
    ["plan", () => `plan:${bank.digest}`, "PLAN_REVOKED"],
    ["session", (token: string) => `session:${token.slice(0, 34)}`, "SESSION_REVOKED"],
    ["principal", () => "principal:ada", "PRINCIPAL_REVOKED"],
  ] as const)("of a %s denies the next check everywhere, and approvals and releases too", async (part, idOf, code) => {
    const world = makeWorld({ enforcers: 2 });
    const { token, id } = await approved(world);
    await write(world.store, revocationKind, idOf(token));
    for (const enforcer of [world.enforcer, ...world.others]) {
      expect(outcome(await enforcer.check(token, { tool: "inbox", args: {} }))).toBe(code);
      expect(outcome(await enforcer.release(token, id))).toBe(code);
      expect(await enforcer.approve(id, { by: "eve", decision: "approve" })).toEqual({ ok: false, error: code });
    }
    const opened = await world.enforcer.open({ plan: bank.digest, principal: "ada" });
    expect(opened.ok).toBe(part === "session");
    await write(world.store, revocationKind, idOf(token), { lifted: true });
    expect(outcome(await world.enforcer.release(token, id))).toBe("allow");
  });
});

describe("a grant", () => {
  it("is needed where grants are required: for the principal or everyone, by the plan's digest or name", async () => {
    const world = makeWorld({ grants: "required" });
    const open = (principal: string): Promise<unknown> => world.enforcer.open({ plan: bank.digest, principal });
    const missing = { ok: false, error: { code: "GRANT_MISSING" } };
    expect(await open("ada")).toEqual(missing);
    await write(world.store, grantKind, grantId("ada", bank.digest));
    expect(await open("ada")).toMatchObject({ ok: true });
    expect(await open("bob")).toEqual(missing);
    await write(world.store, grantKind, grantId("*", "bank"));
    expect(await open("bob")).toMatchObject({ ok: true });
    await write(world.store, grantKind, grantId("*", "bank"), { lifted: true });
    expect(await open("bob")).toEqual(missing);
  });

  it("that the store cannot tell of is none", async () => {
    const store: Store = { ...createMemoryStore(), record: async () => ({ ok: false, error: { kind: "unavailable" } }) };
    const world = makeWorld({ store, grants: "required" });
    expect(await world.enforcer.open({ plan: bank.digest, principal: "ada" })).toEqual({
      ok: false,
      error: { code: "STORE_UNAVAILABLE" },
    });
  });
});
