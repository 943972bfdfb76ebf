/**
 * Stage 0 and the events of decisions: what is recorded of a call, when a plan is over, and which of several nodes a call is taken for.
 */
import { describe, expect, it } from "vitest";
import { createGuard, type Session } from "../../src/engine.ts";
import type { Json } from "../../src/json/value.ts";
import type { Plan, PlanNode } from "../../src/plan/plan.ts";
import { frozenPlan, run } from "../amend/world.ts";

const read: PlanNode = { tool: "inbox/read", args: { id: "m1" }, times: { min: 0, max: 9 } };
const approve = { constraints: { approve: "human" } } as const;

interface World {
  readonly session: Session;
  setTime(now: number): void;
  resumed(): Session;
}

function open(nodes: { readonly [name: string]: PlanNode }, rest: Partial<Plan> = {}): World {
  let now = Date.UTC(2026, 0, 1);
  const guard = createGuard(frozenPlan(nodes, rest), { clock: () => now });
  if (!guard.ok) throw new Error(JSON.stringify(guard.error));
  const session = guard.value.session({ id: "s", key: "00".repeat(16) });
  if (!session.ok) throw new Error(session.error.message);
  return {
    session: session.value,
    setTime: (time) => {
      now = time;
    },
    resumed: () => guard.value.resume(session.value.events),
  };
}

describe("a session in time", () => {
  const end = Date.UTC(2026, 0, 2);

  it("goes on up to the last moment of its plan, and no longer", () => {
    const { session, setTime } = open({ read }, { notAfter: new Date(end).toISOString() });
    setTime(end);
    expect(run(session, "inbox/read", {})).toBe("allow");
    setTime(end + 1);
    expect(run(session, "inbox/read", {})).toBe("PLAN_EXPIRED");
  });

  it("is answered nothing at a time that is none", () => {
    const { session, setTime } = open({ read }, { notAfter: new Date(end).toISOString() });
    for (const time of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      setTime(time);
      expect(run(session, "inbox/read", {})).toBe("INTERNAL");
    }
  });

  it("releases nothing that was held after its plan is over", () => {
    const { session, setTime } = open({ send: { ...read, ...approve } }, { notAfter: new Date(end).toISOString() });
    setTime(end - 1_000);
    expect(run(session, "inbox/read", {})).toBe("CALL_NEEDS_APPROVAL");
    const id = session.holds()[0]?.id ?? "";
    session.approve(id, { by: "ada", decision: "approve" });
    setTime(end + 1);
    expect(session.release(id)).toMatchObject({ decision: "deny", code: "PLAN_EXPIRED" });
  });
});

it("says that a tool is not in the plan before it says that no call is left", () => {
  const { session } = open({ read }, { limits: { calls: 1 } });
  expect(run(session, "inbox/read", {})).toBe("allow");
  expect(run(session, "inbox/read", {})).toBe("CALL_LIMIT");
  expect(run(session, "made/up", {})).toBe("CALL_NOT_IN_PLAN");
  expect(run(session, "inbox/read", { sluice_node: "other" })).toBe("CALL_NOT_IN_PLAN");
});

describe("the event of a denial", () => {
  const nodes = { read, other: { ...read, args: { id: { choose: {} } } } as PlanNode };
  const eventOf = (tool: string, args: Json): Json => {
    const { session } = open(nodes);
    session.check({ tool, args });
    return session.events.at(-1) as unknown as Json;
  };
  const common = { type: "deny", at: Date.UTC(2026, 0, 1) };

  it("has nothing but the tool where no node was looked at", () => {
    expect(eventOf("made/up", {})).toStrictEqual({ ...common, code: "CALL_NOT_IN_PLAN", tool: "made/up" });
  });

  it("has the node that came closest, and that nodes were tried", () => {
    const tried = { ...common, tool: "inbox/read", node: "read", isTried: true };
    expect(eventOf("inbox/read", { id: 5, x: 1 })).toStrictEqual({ ...tried, code: "ARG_UNEXPECTED", node: "other" });
    expect(eventOf("inbox/read", { id: "m2", sluice_node: "read" })).toStrictEqual({
      ...tried,
      code: "ARG_MISMATCH",
      named: "read",
    });
  });

  it("has no node where several would do, and that they were tried", () => {
    expect(eventOf("inbox/read", { id: "m1" })).toStrictEqual({
      ...common,
      code: "CALL_AMBIGUOUS",
      tool: "inbox/read",
      isTried: true,
    });
  });
});

describe("the event of an allowed call", () => {
  const common = { type: "allow", at: Date.UTC(2026, 0, 1), run: 0, node: "read", lease: Date.UTC(2026, 0, 1) + 300_000 };

  it("has no member that says nothing", () => {
    const { session } = open({ read });
    run(session, "inbox/read", {});
    expect(session.events[1]).toStrictEqual(common);
  });

  it("has that the agent named the node, what was reserved, and what the caller says of the arguments", () => {
    const { session } = open({ read: { ...read, constraints: { budget: { max: 3 } } } });
    const label = { sources: ["external_api"], readers: ["ana"] };
    session.check({ tool: "inbox/read", args: { id: "m1", sluice_node: "read" }, labels: { id: label } });
    expect(session.events[1]).toStrictEqual({ ...common, isNamed: true, amounts: [1], raised: label });
  });

  it("is enough to know the label of its result again", () => {
    const { session, resumed } = open({ read });
    const label = { sources: ["user_input"], readers: ["ana"] };
    session.check({ tool: "inbox/read", args: { id: "m1" }, labels: { id: label } });
    session.record(0, { value: "x" });
    expect(session.resultLabel(0)).toEqual({ ...label, sources: ["external_api", "user_input"], untrusted: ["external_api"] });
    expect(resumed().resultLabel(0)).toEqual(session.resultLabel(0));
    expect(resumed().context()).toEqual(session.context());
  });
});

describe("a call that several nodes could be", () => {
  const pay = (iban: string, more: Partial<PlanNode> = {}): PlanNode => ({
    tool: "bank/pay",
    args: { iban, amount: 5 },
    ...more,
  });

  it("is denied for the reason of the node that it came furthest with, also if that is not the likeliest", () => {
    const { session } = open({ list: { tool: "ledger/list" }, one: pay("DE1", { after: ["list"] }), two: pay("DE2") });
    const verdict = session.check({ tool: "bank/pay", args: { iban: "DE1" } });
    expect(verdict).toMatchObject({ decision: "deny", code: "ARG_MISMATCH", facts: { node: "two" } });
  });

  it("is allowed as the one that it fits, and releases nothing that was approved of another", () => {
    const { session } = open({ one: pay("DE1", approve), two: pay("DE2") });
    expect(run(session, "bank/pay", { iban: "DE1" })).toBe("CALL_NEEDS_APPROVAL");
    session.approve(session.holds()[0]?.id ?? "", { by: "ada", decision: "approve" });
    expect(session.check({ tool: "bank/pay", args: { iban: "DE2" } })).toMatchObject({ decision: "allow", node: "two" });
    expect(session.holds()[0]?.status).toBe("approved");
  });

  it("and fits none releases what was approved of one of them", () => {
    const { session } = open({ one: pay("DE1", approve), two: pay("DE2") });
    run(session, "bank/pay", { iban: "DE1" });
    session.approve(session.holds()[0]?.id ?? "", { by: "ada", decision: "approve" });
    expect(session.check({ tool: "bank/pay", args: { iban: "DE3" } })).toMatchObject({
      decision: "allow",
      node: "one",
      args: { iban: "DE1", amount: 5 },
    });
  });
});
