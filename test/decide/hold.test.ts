/**
 * Held calls at their bounds: the last moment of a hold, who may still say something of it, and how many wait.
 */
import { describe, expect, it } from "vitest";
import { applyApproval, type HoldState, holdCall, isHoldOpen, refuseRelease } from "../../src/decide/hold.ts";
import { createGuard, type Session } from "../../src/engine.ts";
import { holdSecondsDefault } from "../../src/limits.ts";
import type { PlanNode } from "../../src/plan/plan.ts";
import { frozenPlan, guardOf, run } from "../amend/world.ts";

const send: PlanNode = {
  tool: "mail/send",
  args: { to: "ana", body: { write: {} } },
  times: { min: 0, max: 9 },
  constraints: { approve: "human" },
};
const frozen = frozenPlan({ send });

interface World {
  readonly session: Session;
  setTime(now: number): void;
}

function open(): World {
  let now = 1_000;
  const guard = createGuard(frozen, { clock: () => now });
  if (!guard.ok) throw new Error(JSON.stringify(guard.error));
  const session = guard.value.session({ id: "s", key: "00".repeat(16) });
  if (!session.ok) throw new Error(session.error.message);
  return {
    session: session.value,
    setTime: (time) => {
      now = time;
    },
  };
}

const held = (session: Session, body = "x"): string => {
  expect(run(session, "mail/send", { body })).toBe("CALL_NEEDS_APPROVAL");
  return session.holds().at(-1)?.id ?? "";
};
const yes = { by: "ada", decision: "approve" } as const;
const no = { by: "bob", decision: "deny" } as const;

describe("a held call", () => {
  const ends = 1_000 + holdSecondsDefault * 1_000;

  it("waits for an hour, where nobody says for how long", () => {
    const { session } = open();
    held(session);
    expect(session.holds()[0]?.expires).toBe(ends);
  });

  it("is approved and released up to its last moment, and not after", () => {
    const { session, setTime } = open();
    const [first, second] = [held(session, "a"), held(session, "b")];
    setTime(ends);
    expect(session.approve(first, yes).ok).toBe(true);
    expect(session.approve(second, yes).ok).toBe(true);
    expect(session.release(first).decision).toBe("allow");
    setTime(ends + 1);
    expect(session.release(second)).toMatchObject({ decision: "deny", code: "APPROVAL_EXPIRED" });
    expect(run(session, "mail/send", { body: "b" })).toBe("CALL_NEEDS_APPROVAL");
    expect(session.holds()).toHaveLength(3);
  });

  it("is open at its last moment while it waits or was approved, and at no time that is none", () => {
    const of = (status: HoldState["status"]): HoldState => ({ status, expires: 5 }) as HoldState;
    expect((["pending", "approved", "denied", "released", "void"] as const).map((status) => isHoldOpen(of(status), 5))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
    for (const now of [6, Number.NaN]) {
      expect(isHoldOpen(of("approved"), now)).toBe(false);
      expect(refuseRelease(of("approved"), now)).toBe("APPROVAL_EXPIRED");
    }
    expect(refuseRelease(of("approved"), 5)).toBeUndefined();
  });

  it("is taken back by who approved it, and not approved twice", () => {
    const { session } = open();
    const id = held(session);
    expect(session.approve(id, yes).ok).toBe(true);
    expect(session.approve(id, { ...yes, by: "cy" })).toEqual({ ok: false, error: "APPROVAL_STALE" });
    expect(session.approve(id, { ...no, by: "ada" }).ok).toBe(true);
    expect(session.approve(id, yes)).toEqual({ ok: false, error: "APPROVAL_DENIED" });
    expect(session.release(id)).toMatchObject({ decision: "deny", code: "APPROVAL_DENIED" });
  });

  it("is known by its id alone, and of a session that is over nothing is said", () => {
    const { session } = open();
    const id = held(session);
    expect(session.approve("s.9", yes)).toEqual({ ok: false, error: "APPROVAL_UNKNOWN" });
    expect(session.release("s.9")).toMatchObject({ decision: "deny", code: "APPROVAL_UNKNOWN" });
    session.close();
    expect(session.approve(id, yes)).toEqual({ ok: false, error: "SESSION_CLOSED" });
    expect(session.release(id)).toMatchObject({ decision: "deny", code: "SESSION_CLOSED" });
  });

  it("is the same call only with the same node, row, bytes and labels", () => {
    const { session } = open();
    held(session);
    const [hold] = session.holds() as [HoldState];
    const at = { now: 1_000, holdMs: 9 };
    const again = (change: Partial<HoldState>): string | undefined =>
      holdCall(session.state, { ...hold, ...change }, at).approval;
    expect(again({})).toBe("s.0");
    const label = { sources: ["ledger"], readers: null };
    for (const change of [{ node: "other" }, { row: "r" }, { args: { to: "eve" } }, { labels: { body: label } }])
      expect(again(change), JSON.stringify(change)).toBe("s.1");
  });
});

describe("what people said of a held call, folded", () => {
  const { program } = guardOf(frozen);
  const say = (session: Session, hold: string, at: number, said: typeof yes | typeof no = yes): void =>
    applyApproval(program, session.state, { type: "approve", hold, at, ...said });

  it("counts one person once, and only while the call waits", () => {
    const { session } = open();
    const id = held(session);
    const [hold] = session.state.holds.values();
    Object.assign(hold as HoldState, { people: 2 });
    say(session, id, 1_001);
    say(session, id, 1_002);
    expect(hold).toMatchObject({ approvers: ["ada"], status: "pending" });
    say(session, id, (hold?.expires ?? 0) + 1, no);
    say(session, "s.9", 1_003, no);
    expect(hold).toMatchObject({ approvers: ["ada"], status: "pending" });
    say(session, id, hold?.expires ?? 0, no);
    expect(hold?.status).toBe("denied");
    say(session, id, 1_004);
    expect(hold).toMatchObject({ approvers: ["ada"], status: "denied" });
  });
});
