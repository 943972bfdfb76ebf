/**
 * What is tried without a trace: that it is tried, that the engine refuses it, and that an engine which did not would be found out.
 */
import { describe, expect, it } from "vitest";
import { widerAmendments } from "../../src/attack/amendments.ts";
import { attackPlan } from "../../src/attack/attack.ts";
import { rewordedApprovals } from "../../src/attack/holds.ts";
import { budgetRaces } from "../../src/attack/races.ts";
import type { Refused } from "../../src/attack/off-plan.ts";
import { type BaseRun, baseRun } from "../../src/attack/run.ts";
import { agentParameters, batches, nextSessions } from "../../src/attack/sessions.ts";
import { readCatalogue } from "../../src/catalogue/catalogue.ts";
import { createGuard, type Guard, type Session } from "../../src/engine.ts";
import type { Json } from "../../src/json/value.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import type { FrozenPlan, PlanNode } from "../../src/plan/plan.ts";
import type { TraceEvent } from "../../src/trace.ts";
import { exampleNames, must, readExample } from "../plans/example.ts";

const catalogue = must(
  readCatalogue({
    tools: [
      { name: "web/get", sluice: { labels: ["web"], effects: ["read"] } },
      { name: "note/add", sluice: { labels: ["desk"], effects: ["write"], roles: { to: "target", body: "content" } } },
      { name: "bank/pay", sluice: { labels: ["desk"], effects: ["money"], roles: { to: "target", amount: "target" } } },
    ],
    labels: { web: { integrity: "untrusted" }, desk: { integrity: "trusted" } },
  } as Json),
  "catalogue",
);

const freeze = (nodes: { readonly [name: string]: PlanNode }): FrozenPlan =>
  must(freezePlan({ sluice: 1, name: "raced", params: { owner: { type: "string" } }, nodes }, catalogue), "plan");

const nodes = {
  note: { tool: "note/add", args: { to: { param: "owner" }, body: { write: {} } }, times: 3 },
  page: { tool: "web/get" },
  pay: { tool: "bank/pay", args: { to: "kim", amount: 5 }, times: 2, constraints: { budget: { sum: "amount", max: 10 } } },
} satisfies { readonly [name: string]: PlanNode };
const frozen = freeze(nodes);
const guard = must(createGuard(frozen, { clock: () => 0 }), "guard");
const events: readonly TraceEvent[] = [
  { type: "call", id: "1", tool: "web/get", args: {} },
  { type: "result", id: "1", value: "text" },
  { type: "call", id: "2", tool: "note/add", args: { body: "a note" } },
  { type: "result", id: "2", value: "done" },
  { type: "call", id: "3", tool: "bank/pay", args: {} },
  { type: "result", id: "3", value: "done" },
];
const base = baseRun(guard, events, { origin: "a run", params: { owner: "kim" } }) as BaseRun;

/** A guard whose sessions are changed: an engine with a fault. */
const faulty = (change: (session: Session) => Partial<Session>): Guard => ({
  ...guard,
  resume: (...args) => {
    const session = guard.resume(...args);
    return { ...session, ...change(session) };
  },
});
const faultsOf = (refused: readonly Refused[]): readonly string[] =>
  refused.filter(({ code }) => code === undefined).map(({ what }) => what);

describe("tries without a trace", () => {
  it.each(exampleNames)("are made on the example %s, and all of them are refused", (name) => {
    const { plan, catalogue: tools } = readExample(name);
    const report = must(attackPlan(must(freezePlan(plan, tools), name), { catalogue: tools }), name);
    const tried = new Map(report.techniques.map((each) => [each.technique, each]));
    for (const technique of ["budget race", "batch", "agent's parameter", "amendment"] as const)
      expect(tried.get(technique)?.tries, technique).toBeGreaterThan(1);
    expect(report.faults).toEqual([]);
    expect(report.untraced).toBeGreaterThan(100);
    expect(report.untraced).toBeLessThan(report.tries);
  });

  it("find more runs than a node may have, however they come", () => {
    expect(faultsOf(budgetRaces(frozen, base, { sql: [] }))).toEqual([]);
    const loose = freeze({ ...nodes, pay: { ...nodes.pay, times: 8, constraints: { budget: { sum: "amount", max: 40 } } } });
    const open: typeof createGuard = (plan, options) => {
      const [strict, other] = [createGuard(plan, options), createGuard(loose, options)];
      return strict.ok && other.ok ? { ok: true, value: { ...strict.value, resume: other.value.resume } } : strict;
    };
    const faults = faultsOf(budgetRaces(frozen, base, { sql: [], open }));
    for (const race of ["in one batch", "unsettled", "failing"]) expect(faults).toContain(`pay ${race}: more than 2 runs`);
  });

  it("find a batch whose calls are judged as if nothing else had been announced", () => {
    expect(faultsOf(batches(guard, base))).toEqual([]);
    const broken = faulty(({ check }) => ({ checkBatch: (calls) => calls.map(check) }));
    expect(faultsOf(batches(broken, base))).toContain("note.body in a batch");
  });

  it("find a next session that forgets what the conversation has seen", () => {
    expect(faultsOf(nextSessions(guard, base))).toEqual([]);
    const broken: Guard = { ...guard, session: ({ context: _, ...options }) => guard.session(options) };
    expect(faultsOf(nextSessions(broken, base))).toContain("note.body in the next session");
  });

  it("find a parameter of the agent's that counts as the user's", () => {
    expect(faultsOf(agentParameters(guard, base))).toEqual([]);
    const broken: Guard = { ...guard, session: ({ agentParams: _, ...options }) => guard.session(options) };
    expect(faultsOf(agentParameters(broken, base))).toContain("note.to with the agent's parameters");
  });

  it("find an amendment by the agent that goes through although it is wider", () => {
    const refused = widerAmendments(guard, base, catalogue);
    expect(faultsOf(refused)).toEqual([]);
    expect(refused.map(({ what }) => what)).toContain("pay: more runs");
    const broken = faulty(({ amend }) => ({ amend: (plan) => amend(plan, { by: "a human" }) }));
    const faults = faultsOf(widerAmendments(broken, base, catalogue));
    for (const what of ["pay: more runs", "pay: a choice as `to`", "pay-again: once more under another name"])
      expect(faults).toContain(what);
  });

  it("find an approval that releases other bytes than the person saw, or releases them twice", () => {
    const asked = freeze({
      pay: { tool: "bank/pay", args: { to: { choose: { type: "string" } } }, constraints: { approve: "human" } },
    });
    const held = must(createGuard(asked, { clock: () => 0 }), "held");
    const options = { sql: [], people: ["kim"] };
    const refused = rewordedApprovals({ ...held }, new Set(["pay"]), options);
    expect(faultsOf(refused)).toEqual([]);
    expect(refused.length).toBeGreaterThan(8);
    const broken: Guard = {
      ...held,
      session: (opening) => {
        const opened = held.session({ ...opening, params: { owner: "kim" } });
        if (!opened.ok) return opened;
        const { value } = opened;
        const check: Session["check"] = (call) => {
          const verdict = value.check(call);
          return verdict.decision === "allow" ? { ...verdict, args: call.args as typeof verdict.args } : verdict;
        };
        return { ok: true, value: { ...value, check } };
      },
    };
    expect(faultsOf(rewordedApprovals(broken, new Set(["pay"]), options))).toContain("pay in other words");
  });
});
