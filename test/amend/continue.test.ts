/**
 * A session that goes on under another plan keeps its runs, labels and counts.
 */
import { describe, expect, it } from "vitest";
import type { PlanNode } from "../../src/plan/plan.ts";
import { canonicalJson } from "../../src/json/canonical.ts";
import type { Json } from "../../src/json/value.ts";
import { frozenPlan, guardOf, run, sessionOf } from "./world.ts";

const read: PlanNode = { tool: "inbox/read", args: { id: "m1" } };
const pay = (iban: PlanNode["args"]): PlanNode => ({ tool: "bank/pay", args: { ...iban, amount: 5 } });

describe("a session that is amended", () => {
  it("goes on with what was read before, by name, whatever the places of the nodes", () => {
    const session = sessionOf(frozenPlan({ read }, { envelope: [] }));
    expect(run(session, "inbox/read", {}, { iban: "DE1" })).toBe("allow");
    const child = frozenPlan(
      { apple: { tool: "ledger/list" }, read, pay: pay({ iban: { from: "read$.iban" } }) },
      { envelope: [] },
    );
    expect(session.amend(child, { by: "ada" })).toMatchObject({ ok: true, value: { relation: "wider" } });
    expect(run(session, "inbox/read", {})).toBe("CALL_REPEATED");
    const verdict = session.check({ tool: "bank/pay", args: {} });
    expect(verdict).toMatchObject({ decision: "allow", args: { iban: "DE1" }, labels: { iban: { sources: ["external_api"] } } });
  });

  it("keeps the context label", () => {
    const session = sessionOf(frozenPlan({ read }, { envelope: [] }));
    run(session, "inbox/read", {}, "pay DE1");
    const child = frozenPlan({ read, pay: pay({ iban: { choose: { enum: ["DE1", "DE2"] } } }) }, { envelope: [] });
    expect(session.amend(child, { by: "ada" }).ok).toBe(true);
    expect(session.context().sources).toContain("external_api");
    expect(run(session, "bank/pay", { iban: "DE1" })).toBe("FLOW_CHOICE_UNTRUSTED");
  });

  it("counts calls and seconds from its beginning", () => {
    const session = sessionOf(frozenPlan({ read: { ...read, times: { max: 3 } } }, { limits: { calls: 2 }, envelope: [] }));
    run(session, "inbox/read", {});
    expect(
      session.amend(frozenPlan({ read: { ...read, times: { max: 2 } } }, { limits: { calls: 2 }, envelope: [] }), {
        by: "agent",
      }),
    ).toMatchObject({ ok: true, value: { relation: "narrower" } });
    expect(run(session, "inbox/read", {})).toBe("allow");
    expect(run(session, "inbox/read", {})).toBe("CALL_LIMIT");
  });

  it("counts runs from before for a rate that it gets", () => {
    const session = sessionOf(frozenPlan({ read: { ...read, times: 3 } }, { envelope: [] }));
    run(session, "inbox/read", {});
    const child = frozenPlan({ read: { ...read, times: 3, constraints: { rate: { calls: 1, per: "hour" } } } }, { envelope: [] });
    expect(session.amend(child, { by: "agent" }).ok).toBe(true);
    expect(run(session, "inbox/read", {})).toBe("CALL_RATE");
  });

  it("refuses by the agent what is wider, and changes nothing", () => {
    const plan = frozenPlan({ read });
    const session = sessionOf(plan);
    const before = session.events.length;
    expect(session.amend(frozenPlan({ read: { ...read, times: 2 } }), { by: "agent" })).toEqual({
      ok: false,
      error: "AMEND_WIDER",
    });
    expect(session.events).toHaveLength(before);
    expect(session.state.plan).toBe(plan.digest);
  });

  it.each<readonly [string, { readonly [name: string]: PlanNode }]>([
    ["drops it", { other: { tool: "ledger/list" } }],
    ["makes another tool of it", { read: { tool: "ledger/list" } }],
    ["labels its results otherwise", { read: { ...read, labels: ["ledger"] } }],
    ["shows its results otherwise", { read: { ...read, show: "none" } }],
    ["reads its results otherwise", { read: { ...read, parse: "json" } }],
  ])("refuses, whoever approves, what changes a node that has run: %s", (_, nodes) => {
    const session = sessionOf(frozenPlan({ read }, { envelope: [] }));
    run(session, "inbox/read", {}, "x");
    expect(session.amend(frozenPlan(nodes, { envelope: [] }), { by: "ada" })).toEqual({ ok: false, error: "AMEND_RUNS" });
  });

  it("refuses a reference to a result that was not kept", () => {
    const session = sessionOf(frozenPlan({ read }));
    run(session, "inbox/read", {}, { iban: "DE1" });
    const child = frozenPlan({ read, pay: pay({ iban: { from: "read$.iban" } }) });
    expect(session.amend(child, { by: "ada" })).toEqual({ ok: false, error: "AMEND_RUNS" });
  });

  it("refuses other parameters", () => {
    const session = sessionOf(frozenPlan({ read }));
    const child = frozenPlan(
      { read: { ...read, args: { id: { param: "id" } } } },
      { params: { id: { type: "string", default: "m1" } } },
    );
    expect(session.amend(child, { by: "ada" })).toEqual({ ok: false, error: "AMEND_MALFORMED" });
  });

  it("folds to the same state from its events", () => {
    const plan = frozenPlan({ read }, { envelope: [] });
    const child = frozenPlan(
      { apple: { tool: "ledger/list" }, read, pay: pay({ iban: { from: "read$.iban" } }) },
      { envelope: [] },
    );
    const session = sessionOf(plan);
    run(session, "inbox/read", {}, { iban: "DE1" });
    session.amend(child, { by: "ada" });
    run(session, "bank/pay", {});
    const again = guardOf(plan).resume(session.events, [child]);
    const text = (value: unknown): string => canonicalJson(JSON.parse(JSON.stringify(value)) as Json);
    expect(text(again.state)).toBe(text(session.state));
    expect(run(again, "bank/pay", {})).toBe("CALL_REPEATED");
  });

  it("keeps results untrusted whose label the new plan would trust", () => {
    const mine = { read: { ...read, labels: ["mine"] } };
    const session = sessionOf(frozenPlan(mine, { envelope: [], labels: { mine: { integrity: "untrusted" } } }));
    run(session, "inbox/read", {}, "x");
    const child = frozenPlan(mine, { envelope: [], labels: { mine: { integrity: "trusted" } } });
    expect(session.amend(child, { by: "agent" })).toEqual({ ok: false, error: "AMEND_WIDER" });
    expect(session.amend(child, { by: "ada" }).ok).toBe(true);
    expect(session.context().sources).toContain("unknown");
  });

  it("restricts what was read before, if the new plan restricts who may read it", () => {
    const session = sessionOf(
      frozenPlan({ read: { ...read, labels: ["mine"] } }, { envelope: [], labels: { mine: { integrity: "untrusted" } } }),
    );
    run(session, "inbox/read", {}, "x");
    expect(session.context().readers).toBeNull();
    const labels = { mine: { integrity: "untrusted" as const, readers: ["ada", "bob"] } };
    const child = frozenPlan({ read: { ...read, labels: ["mine"] } }, { envelope: [], labels });
    expect(session.amend(child, { by: "agent" }).ok).toBe(true);
    expect(session.context().readers).toEqual(["ada", "bob"]);
    const wider = frozenPlan(
      { read: { ...read, labels: ["mine"] } },
      { envelope: [], labels: { mine: { integrity: "untrusted" } } },
    );
    expect(session.amend(wider, { by: "grace" }).ok).toBe(true);
    expect(session.context().readers).toEqual(["ada", "bob"]);
  });
});
