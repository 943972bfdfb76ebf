/**
 * What a session takes along when it goes on under another plan: counts, sums, labels under their names, who may read; and what it leaves.
 */
import { describe, expect, it } from "vitest";
import { isBreakerOpen } from "../../src/decide/breaker.ts";
import { continueUnder } from "../../src/decide/continue.ts";
import type { Session } from "../../src/engine.ts";
import { amendmentsPerSessionMax, breakerDenials } from "../../src/limits.ts";
import type { Constraints, Plan, PlanNode } from "../../src/plan/plan.ts";
import { frozenPlan, guardOf, run, sessionOf } from "./world.ts";

const read: PlanNode = { tool: "inbox/read", args: { id: "m1" }, times: { min: 0, max: 9 } };
const rest: Partial<Plan> = { envelope: [] };

function payUnder(constraints: Constraints): PlanNode {
  return {
    tool: "bank/pay",
    args: { iban: "DE1", amount: { choose: { type: "number", minimum: 0, maximum: 50 } } },
    times: { min: 0, max: 9 },
    constraints,
  };
}

function amend(session: Session, nodes: { readonly [name: string]: PlanNode }, more: Partial<Plan> = {}): void {
  const amended = session.amend(frozenPlan(nodes, { ...rest, ...more }), { by: "ada" });
  if (!amended.ok) throw new Error(amended.error);
}

const pay = (session: Session, amount: number): string => run(session, "bank/pay", { amount });

describe("a budget after an amendment", () => {
  const opened = (constraints: Constraints): Session => sessionOf(frozenPlan({ pay: payUnder(constraints) }, rest));

  it("of calls counts those that were made before, also if it is new", () => {
    const session = opened({});
    pay(session, 1);
    pay(session, 1);
    amend(session, { pay: payUnder({ budget: { max: 3 } }) });
    expect(pay(session, 1)).toBe("allow");
    expect(pay(session, 1)).toBe("CALL_BUDGET");
    amend(session, { pay: payUnder({ budget: { max: 4 } }) });
    expect(pay(session, 1)).toBe("allow");
    expect(pay(session, 1)).toBe("CALL_BUDGET");
  });

  it("of a sum goes on from what was spent of the same argument", () => {
    const session = opened({ budget: { sum: "amount", max: 100 } });
    pay(session, 5);
    amend(session, { pay: payUnder({ budget: { sum: "amount", max: 8 } }) });
    expect(pay(session, 4)).toBe("CALL_BUDGET");
    expect(pay(session, 3)).toBe("allow");
  });

  it("of a sum begins with the amendment where calls were counted before", () => {
    const session = opened({ budget: { max: 9 } });
    pay(session, 5);
    amend(session, { pay: payUnder({ budget: { sum: "amount", max: 8 } }) });
    expect(pay(session, 9)).toBe("CALL_BUDGET");
    expect(pay(session, 8)).toBe("allow");
    expect(pay(session, 1)).toBe("CALL_BUDGET");
  });

  it.each([
    [true, "allow"],
    [false, "CALL_BUDGET"],
  ])("counts a failed call unless the node may try again (%s)", (idempotent, code) => {
    const session = opened({ idempotent });
    const verdict = session.check({ tool: "bank/pay", args: { amount: 1 } });
    if (verdict.decision === "deny") throw new Error(verdict.code);
    session.record(verdict.run, { error: "down" });
    amend(session, { pay: payUnder({ idempotent, budget: { max: 1 } }) });
    expect(pay(session, 1)).toBe(code);
  });

  it("is that of its own node, not of another that has run", () => {
    const list: PlanNode = { tool: "ledger/list", times: { min: 0, max: 9 } };
    const session = sessionOf(frozenPlan({ pay: payUnder({}), list }, rest));
    pay(session, 1);
    run(session, "ledger/list", {});
    run(session, "ledger/list", {});
    const budgets = { budget: { max: 2 } };
    amend(session, { apple: read, pay: payUnder(budgets), list: { ...list, constraints: budgets } });
    expect(run(session, "ledger/list", {})).toBe("CALL_BUDGET");
    expect(pay(session, 1)).toBe("allow");
    expect(pay(session, 1)).toBe("CALL_BUDGET");
  });
});

describe("labels after an amendment", () => {
  // Names that sort before all others: the labels of the new plan have other numbers.
  const labels = { aaa: { integrity: "trusted" }, aab: { integrity: "untrusted" } } as const;

  it("are those of the same names, of the context, of results and in a chain", () => {
    const session = sessionOf(frozenPlan({ read, list: { tool: "ledger/list" } }, rest));
    run(session, "inbox/read", {}, "x");
    run(session, "ledger/list", {}, "x");
    const before = [session.context(), session.resultLabel(0), session.resultLabel(1)];
    const denied = session.check({ tool: "made/up", args: {} });
    amend(session, { read, list: { tool: "ledger/list" } }, { labels });
    expect([session.context(), session.resultLabel(0), session.resultLabel(1)]).toEqual(before);
    const again = session.check({ tool: "made/up", args: {} });
    if (denied.decision !== "deny" || again.decision !== "deny") throw new Error("was allowed");
    expect(again.chain).toEqual(denied.chain);
    expect(again.chain.map(({ kind }) => kind)).toEqual(["result", "context", "argument"]);
  });

  it("lose the readers that the new plan takes away, and win none that it adds", () => {
    const nodes: { readonly [name: string]: PlanNode } = {
      narrowed: { tool: "ledger/list", labels: ["narrowed"] },
      widened: { ...read, labels: ["widened"] },
      same: { tool: "mail/send", args: { to: "x", body: "y" }, labels: ["same"] },
      opened: { tool: "bank/pay", args: { iban: "DE1", amount: 1 }, labels: ["opened"] },
    };
    const under = (of: { readonly [name: string]: readonly string[] | undefined }): Partial<Plan> => ({
      labels: Object.fromEntries(
        Object.entries(of).map(([name, readers]) => [
          name,
          { integrity: "untrusted", ...(readers === undefined ? {} : { readers }) },
        ]),
      ),
    });
    const [one, two, all] = [["ana"], ["ana", "bob"], ["ana", "bob", "cy"]];
    const session = sessionOf(frozenPlan(nodes, { ...rest, ...under({ narrowed: all, widened: two, same: all, opened: two }) }));
    for (const tool of ["ledger/list", "inbox/read", "mail/send", "bank/pay"]) run(session, tool, {}, "x");
    amend(session, nodes, under({ narrowed: one, widened: all, same: all, opened: undefined }));
    expect([0, 1, 2, 3].map((number) => session.resultLabel(number)?.readers)).toEqual([one, two, all, two]);
    expect(session.context().readers).toEqual(one);
  });

  it("that everyone could read are read by those that the new plan names", () => {
    const nodes = { read: { ...read, labels: ["mine"] }, list: { tool: "ledger/list", labels: ["ours"] } };
    const open = { mine: { integrity: "untrusted" }, ours: { integrity: "untrusted" } } as const;
    const session = sessionOf(frozenPlan(nodes, { ...rest, labels: open }));
    run(session, "inbox/read", {}, "x");
    run(session, "ledger/list", {}, "x");
    amend(session, nodes, {
      labels: { mine: { integrity: "untrusted", readers: ["ana", "bob"] }, ours: { integrity: "untrusted" } },
    });
    expect([0, 1].map((number) => session.resultLabel(number)?.readers)).toEqual([["ana", "bob"], null]);
    expect(session.context().readers).toEqual(["ana", "bob"]);
  });
});

it("keeps the readers that were added to a label, where the new plan says no other ones", () => {
  const labels = { mine: { integrity: "trusted", readers: ["ana"] } } as const;
  const body = { from: "list$", declassify: { from: ["mine"], to: ["eve"], why: "she asked for it" } } as const;
  const nodes: { readonly [name: string]: PlanNode } = {
    list: { tool: "ledger/list", labels: ["mine"] },
    send: { tool: "mail/send", args: { to: "eve", body } },
  };
  const session = sessionOf(frozenPlan(nodes, { ...rest, labels }));
  run(session, "ledger/list", {}, "x");
  run(session, "mail/send", {}, "sent");
  expect(session.resultLabel(1)?.readers).toEqual(["ana", "eve"]);
  amend(session, { ...nodes, read }, { labels });
  expect(session.resultLabel(1)?.readers).toEqual(["ana", "eve"]);
});

it("looks at the rows of its loops anew, whatever place they had in the old plan", () => {
  const loop = (list: string): PlanNode => ({
    tool: "mail/send",
    each: { from: `list$.${list}[*]`, max: 2 },
    args: { to: { item: "$" }, body: "x" },
  });
  const list: PlanNode = { tool: "ledger/list" };
  const session = sessionOf(frozenPlan({ list, one: loop("a"), two: loop("b") }, rest));
  run(session, "ledger/list", {}, { a: ["ana"], b: ["bob"] });
  for (const node of ["one", "two"]) expect(run(session, "mail/send", { body: "y", sluice_node: node })).toBe("ARG_MISMATCH");
  amend(session, { list, two: loop("b") });
  expect(session.check({ tool: "mail/send", args: {} })).toMatchObject({ decision: "allow", args: { to: "bob" } });
});

describe("a node that has run", () => {
  const hidden: PlanNode = { ...read, show: "none" };
  const relayed = { ...read, args: { id: { from: "hidden$" } } } as PlanNode;

  it.each([
    ["hides its results now, since it reads what is hidden", read, relayed],
    ["shows its results now, since it no longer reads what is hidden", relayed, read],
  ])("keeps the session from going on where it %s", (_, before, after) => {
    const own = { ...hidden, args: { id: "m2" } };
    const session = sessionOf(frozenPlan({ hidden: own, node: before }, rest));
    expect(run(session, "inbox/read", { id: "m2", sluice_node: "hidden" }, "m1")).toBe("allow");
    expect(run(session, "inbox/read", { sluice_node: "node" }, "x")).toBe("allow");
    const child = frozenPlan({ hidden: own, node: after }, rest);
    expect(session.amend(child, { by: "ada" })).toEqual({ ok: false, error: "AMEND_RUNS" });
  });

  it("is referred to only if every result of it was kept", () => {
    const list: PlanNode = { tool: "ledger/list" };
    const send: PlanNode = { tool: "mail/send", args: { to: "ana", body: { from: "read$.id", pick: "last" } } };
    const session = sessionOf(frozenPlan({ read, send }, {}));
    run(session, "inbox/read", {}, { id: "kept" });
    const alone = session.amend(frozenPlan({ read, list }, {}), { by: "ada" });
    expect(alone.ok).toBe(true);
    run(session, "inbox/read", {}, { id: "not kept" });
    expect(session.amend(frozenPlan({ read, send }, {}), { by: "ada" })).toEqual({ ok: false, error: "AMEND_RUNS" });
  });
});

it("asks a human before results are labelled less, also where nothing in the old plan is denied for a label", () => {
  const labels = { mine: { integrity: "untrusted" } } as const;
  const list: PlanNode = { tool: "ledger/list" };
  const labelled = frozenPlan({ read, list: { ...list, labels: ["mine"] } }, { ...rest, labels });
  const bare = frozenPlan({ read, list }, { ...rest, labels });
  expect(sessionOf(labelled).amend(bare, { by: "agent" })).toEqual({ ok: false, error: "AMEND_WIDER" });
  expect(sessionOf(bare).amend(labelled, { by: "agent" }).ok).toBe(true);
});

describe("what was said of the old plan", () => {
  it("is void: a call that waits for a human waits no longer, and none that was approved is released", () => {
    const send: PlanNode = { tool: "mail/send", args: { to: "ana", body: "x" }, times: 3, constraints: { approve: "human" } };
    const session = sessionOf(frozenPlan({ send }, rest));
    expect(run(session, "mail/send", {})).toBe("CALL_NEEDS_APPROVAL");
    const [hold] = session.holds();
    const id = hold?.id ?? "";
    session.approve(id, { by: "ada", decision: "approve" });
    amend(session, { send, read });
    expect(session.holds().map(({ status }) => status)).toEqual(["void"]);
    expect(session.release(id).decision).toBe("deny");
  });

  it("is no reason to look at nothing: denials before the amendment do not count", () => {
    const session = sessionOf(frozenPlan({ read }, rest));
    for (let i = 0; i < breakerDenials; i++) run(session, "inbox/read", { id: "m2" });
    const next = frozenPlan({ read, list: { tool: "ledger/list" } }, rest);
    const isOpen = (plan = next): boolean =>
      isBreakerOpen(guardOf(plan).program, session.state, { tool: "inbox/read", arrived: 1_001 });
    expect(isOpen()).toBe(true);
    session.amend(next, { by: "ada" });
    expect(isOpen()).toBe(false);
  });

  it("changes so many times and no more", () => {
    const [one, other] = [frozenPlan({ read }, rest), frozenPlan({ read, list: { tool: "ledger/list" } }, rest)];
    const session = sessionOf(one);
    for (let i = 0; i < amendmentsPerSessionMax; i++)
      expect(session.amend(i % 2 === 0 ? other : one, { by: "ada" }).ok).toBe(true);
    expect(session.amend(other, { by: "ada" })).toEqual({ ok: false, error: "AMEND_LIMIT" });
  });
});

describe("folding an amendment", () => {
  const [from, to] = [frozenPlan({ read }, rest), frozenPlan({ read, list: { tool: "ledger/list" } }, rest)];
  const event = { type: "amend", at: 1_000, plan: to.digest, parent: from.digest, by: "ada" } as const;
  const fold = (change: { readonly plan?: string; readonly parent?: string }, next = to): void => {
    const session = sessionOf(from);
    run(session, "inbox/read", {}, "x");
    continueUnder(session.state, guardOf(from).program, guardOf(next).program, { ...event, ...change });
  };

  it("fails for an event of other plans, and for a plan that no session could go on under", () => {
    expect(() => fold({})).not.toThrow();
    expect(() => fold({ plan: "sha256:0" })).toThrow("names the plans that it is for");
    expect(() => fold({ parent: "sha256:0" })).toThrow("names the plans that it is for");
    const gone = frozenPlan({ list: { tool: "ledger/list" } }, rest);
    expect(() => fold({ plan: gone.digest }, gone)).toThrow("goes on only where its runs keep their meaning");
  });

  it("decides every amendment that waited: the one that was approved is applied, the others are stale", () => {
    const session = sessionOf(from);
    const ask = { plan: to.digest, parent: from.digest, at: 0 };
    for (const status of ["waiting", "waiting", "denied"] as const) session.state.asks.push({ ...ask, status, approvers: [] });
    continueUnder(session.state, guardOf(from).program, guardOf(to).program, { ...event, ask: 1 });
    expect(session.state.asks.map(({ status }) => status)).toEqual(["stale", "applied", "denied"]);
    expect(session.state.asks.map(({ approvers }) => approvers)).toEqual([[], ["ada"], []]);
  });

  it("adds up what is spent of each entry of an envelope, and spends nothing by itself", () => {
    const entry = { tool: "ledger/list", args: {}, times: 9 };
    const other = { tool: "inbox/read", args: { id: "m3" }, times: 9 };
    const first = frozenPlan({ read }, { envelope: [entry, other] });
    const second = frozenPlan({ read, list: { tool: "ledger/list" } }, { envelope: [entry, other] });
    const session = sessionOf(first);
    const [one, two] = [guardOf(first).program, guardOf(second).program];
    const go = (spent?: readonly { readonly entry: number; readonly runs: number }[]): void => {
      const [own, next] = session.state.plan === first.digest ? [one, two] : [two, one];
      const [parent, plan] = [own.plan.frozen.digest, next.plan.frozen.digest];
      continueUnder(session.state, own, next, { ...event, parent, plan, ...(spent === undefined ? {} : { spent }) });
    };
    go();
    expect(session.state.spentEnvelope.size).toBe(0);
    go([{ entry: 0, runs: 2 }]);
    go([
      { entry: 0, runs: 3 },
      { entry: 1, runs: 1 },
    ]);
    expect([...session.state.spentEnvelope.values()]).toEqual([5, 1]);
    expect(session.state).toMatchObject({ version: 4, amended: 3, plan: second.digest });
  });
});
