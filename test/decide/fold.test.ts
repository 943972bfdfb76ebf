/**
 * What the fold of an event changes beside what a verdict shows at once: streaks of denials, counts, runs in flight, and what it refuses to fold.
 */
import { describe, expect, it } from "vitest";
import { apply } from "../../src/decide/fold.ts";
import { isRoomLeft } from "../../src/decide/rows.ts";
import type { SessionEvent } from "../../src/decide/state.ts";
import { createGuard, type Guard, type Session } from "../../src/engine.ts";
import type { Constraints, PlanNode } from "../../src/plan/plan.ts";
import type { Policy } from "../../src/policy/policy.ts";
import { frozenPlan, guardOf, run } from "../amend/world.ts";

const read: PlanNode = { tool: "inbox/read", args: { id: "m1" }, times: { min: 0, max: 9 } };
const list: PlanNode = { tool: "ledger/list", times: { min: 0, max: 9 } };
const held: PlanNode = { tool: "mail/send", args: { to: "ana", body: "x" }, constraints: { approve: "human" } };
const leaseMs = 300_000;

function open(guard: Guard): Session {
  const session = guard.session({ id: "s", key: "00".repeat(16) });
  if (!session.ok) throw new Error(session.error.message);
  return session.value;
}

describe("denials in a row", () => {
  const opened = (): Session => open(guardOf(frozenPlan({ read, list, held })));
  const denied = (session: Session): number => {
    run(session, "inbox/read", { id: "m2" });
    return session.state.streaks.size;
  };

  it("are forgotten when a call is allowed, before it returns", () => {
    const session = opened();
    expect(denied(session)).toBe(1);
    session.check({ tool: "ledger/list", args: {} });
    expect(session.state.streaks.size).toBe(0);
  });

  it("are forgotten when a call that was allowed before returns, well or not", () => {
    const session = opened();
    for (const result of [{ value: 1 }, { error: "down" }]) {
      const verdict = session.check({ tool: "ledger/list", args: {} });
      if (verdict.decision === "deny") throw new Error(verdict.code);
      expect(denied(session)).toBe(1);
      session.record(verdict.run, result);
      expect(session.state.streaks.size).toBe(0);
    }
  });

  it("are forgotten when a person has said something of a held call", () => {
    const session = opened();
    expect(run(session, "mail/send", {})).toBe("CALL_NEEDS_APPROVAL");
    expect(denied(session)).toBe(2);
    session.approve(session.holds()[0]?.id ?? "", { by: "ada", decision: "approve" });
    expect(session.state.streaks.size).toBe(0);
  });
});

describe("the counts of a session", () => {
  it("are those of its events", () => {
    const session = open(guardOf(frozenPlan({ read })));
    session.check({ tool: "inbox/read", args: {} });
    session.check({ tool: "inbox/read", args: {} });
    run(session, "inbox/read", { id: "m2" });
    run(session, "made/up", {});
    expect(session.state).toMatchObject({ allowed: 2, denied: 2, version: 5, isClosed: false });
    expect([...session.state.inFlight.keys()]).toEqual([0, 1]);
    session.record(0, { value: 1 });
    expect([...session.state.inFlight.keys()]).toEqual([1]);
    session.record(1, { error: 1 });
    expect(session.state.inFlight.size).toBe(0);
    expect(session.state.nodes.get(0)).toMatchObject({ flight: [], errors: 1 });
    session.close();
    expect(session.state).toMatchObject({ version: 8, isClosed: true });
  });
});

describe("room for another run", () => {
  it("is left while fewer are in flight, and those whose lease is over count no longer", () => {
    let now = 1_000;
    const guard = createGuard(frozenPlan({ read }), { clock: () => now });
    if (!guard.ok) throw new Error(JSON.stringify(guard.error));
    const session = open(guard.value);
    const { state } = session;
    for (now of [1_000, 2_000, 3_000]) expect(session.check({ tool: "inbox/read", args: {} }).decision).toBe("allow");
    expect([2, 3, 4].map((max) => isRoomLeft(state, 3_000, max))).toEqual([false, false, true]);
    const ends = 1_000 + leaseMs;
    expect([1, 2, 3].map((max) => isRoomLeft(state, ends - 1, max))).toEqual([false, false, false]);
    expect([1, 2, 3].map((max) => isRoomLeft(state, ends, max))).toEqual([false, false, true]);
    expect([1, 2, 3].map((max) => isRoomLeft(state, ends + 1_000, max))).toEqual([false, true, true]);
    expect([0, 1].map((max) => isRoomLeft(state, ends + 9_000, max))).toEqual([false, true]);
    session.record(2, { value: 1 });
    expect([2, 3].map((max) => isRoomLeft(state, 3_000, max))).toEqual([false, true]);
  });
});

describe("the rate of a policy", () => {
  const rate = (calls: number): Constraints => ({ rate: { calls, per: "minute" } });
  const policy: Policy = {
    sluicePolicy: 1,
    name: "company",
    constraints: [
      { id: "slow", tools: "inbox/*", hold: rate(2) },
      { id: "counted", tools: "inbox/*", hold: { budget: { max: 9 } } },
    ],
  };

  it.each([
    ["has none of its own", read],
    ["has a looser one", { ...read, constraints: rate(5) } as PlanNode],
  ])("holds where the plan %s, until its window is over", (_, node) => {
    let now = 1_000;
    const guard = createGuard(frozenPlan({ node }), { clock: () => now, policy });
    if (!guard.ok) throw new Error(JSON.stringify(guard.error));
    const session = open(guard.value);
    expect([1, 2, 3].map(() => run(session, "inbox/read", {}))).toEqual(["allow", "allow", "CALL_RATE"]);
    now += 59_999;
    expect(run(session, "inbox/read", {})).toBe("CALL_RATE");
    now += 1;
    expect(run(session, "inbox/read", {})).toBe("allow");
  });
});

describe("folding", () => {
  const guard = guardOf(frozenPlan({ read }));
  const fold = (session: Session, event: SessionEvent): void => apply(guard.program, session.state, event);
  const allow = { type: "allow", at: 1, run: 0, node: "read", lease: 9 } as const;
  const settle = { type: "settle", at: 1, run: 0, ok: true, valid: false } as const;

  it("refuses an event that cannot come where it stands", () => {
    const session = open(guard);
    const [opening] = session.events as [SessionEvent];
    expect(() => fold(session, opening)).toThrow("a session is opened once");
    const amend = { type: "amend", at: 1, plan: "sha256:1", parent: "sha256:0", by: "ada" } as const;
    expect(() => fold(session, amend)).toThrow("a session goes on under another program by `continueUnder`");
    expect(() => fold(session, { ...allow, run: 1 })).toThrow("runs are numbered in the order of allowance");
    expect(() => fold(session, { ...allow, node: "other" })).toThrow("an allowed run names a node of the plan");
    expect(() => fold(session, settle)).toThrow("only a run in flight is settled");
    fold(session, allow);
    fold(session, settle);
    expect(() => fold(session, settle)).toThrow("only a run in flight is settled");
    expect(session.state.nodes.get(0)?.ok).toHaveLength(1);
  });
});

describe("a session that is folded again", () => {
  it("knows of each run of a loop over results which one it was made of", () => {
    const nodes: { readonly [name: string]: PlanNode } = {
      read: { ...read, times: { min: 2, max: 2 } },
      pay: { tool: "bank/pay", each: "read", args: { iban: { item: "$.iban" }, amount: 1 } } as PlanNode,
      send: { tool: "mail/send", each: { from: "list$.rows[*]", max: 2 }, args: { to: { item: "$" }, body: "x" } } as PlanNode,
      list: { ...list, times: 1 },
    };
    const guard = guardOf(frozenPlan(nodes));
    const session = open(guard);
    const one = { sources: ["user_input"], readers: ["ana"] };
    const other = { sources: ["user_input"], readers: ["bob"] };
    for (const [iban, label] of [
      ["DE1", one],
      ["DE2", other],
    ] as const) {
      const verdict = session.check({ tool: "inbox/read", args: { id: "m1" }, labels: { id: label } });
      if (verdict.decision === "deny") throw new Error(verdict.code);
      session.record(verdict.run, { value: { iban } });
    }
    expect(run(session, "ledger/list", {}, { rows: ["ana", "bob"] })).toBe("allow");
    for (const iban of ["DE2", "DE1"]) expect(run(session, "bank/pay", { iban }, iban)).toBe("allow");
    for (const to of ["bob", "ana"]) expect(run(session, "mail/send", { to }, to)).toBe("allow");
    const again = guard.resume(session.events);
    const numbers = [0, 1, 2, 3, 4, 5, 6];
    // Which of several results a call is for, the agent has chosen: by what it had read of both.
    const readers = [["ana"], ["bob"], null, [], [], null, null];
    expect(numbers.map((number) => session.resultLabel(number)?.readers)).toEqual(readers);
    for (const number of numbers) {
      expect(again.resultLabel(number)).toEqual(session.resultLabel(number));
      expect(again.state.runs[number]?.origins).toEqual(session.state.runs[number]?.origins);
    }
    expect(again.state.runs.map(({ origins }) => origins.map((origin) => origin.run))).toEqual([[], [], [], [1], [0], [2], [2]]);
  });
});
