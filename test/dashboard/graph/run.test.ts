/**
 * The states of nodes in a run, as they are drawn: each one reached by a session of the engine.
 */
import { describe, expect, it } from "vitest";
import { planGraph, type NodeRun } from "../../../src/dashboard/graph/plan-graph.ts";
import { sessionModel } from "../../../src/dashboard/live/session-model.ts";
import { readSession } from "../../../src/dashboard/live/read-session.ts";
import type { Plan } from "../../../src/plan/plan.ts";
import { deskAnswers, deskPlan, type Desk, freezeDesk, makeDesk } from "../fixture.ts";

const plan: Plan = {
  ...deskPlan,
  name: "states",
  nodes: {
    ...deskPlan.nodes,
    seldom: { tool: "crm/note", args: { text: "x" }, when: "customer.account == 'none'", after: ["customer"] },
    known: { let: "customer.account" },
    reply: { tool: "mail/send", args: { to: { from: "customer$.email" }, text: { write: { maxLength: 2000, links: "none" } } } },
    last: { tool: "crm/customer", args: { ticket: "T-1" }, after: ["reply"] },
  },
};

async function statesOf(desk: Desk, session: string): Promise<Readonly<Record<string, string>>> {
  const read = await readSession({ store: desk.store, enforcer: desk.firewall }, session);
  if (!read.ok) throw new Error(read.error);
  const { nodes } = sessionModel(read.value, desk.clock.now);
  return Object.fromEntries(Object.entries(nodes).map(([name, { state }]: [string, NodeRun]) => [name, state]));
}

describe("the run on a plan", () => {
  it("says of each node what the engine would, from the opening to the end", async () => {
    const desk = await makeDesk({ plans: [freezeDesk(plan)] });
    try {
      const { token, session } = await desk.open();
      expect(await statesOf(desk, session)).toEqual({
        customer: "ready",
        inbox: "ready",
        known: "waiting",
        last: "waiting",
        note: "waiting",
        refund: "waiting",
        reply: "waiting",
        seldom: "waiting",
      });
      await desk.call(token, "crm/customer", { ticket: "T-1042" }, deskAnswers.customer);
      expect(await statesOf(desk, session)).toMatchObject({
        customer: "settled",
        known: "settled",
        note: "ready",
        seldom: "skipped",
        last: "waiting",
      });
      expect(await desk.call(token, "pay/refund", { amount: 40 })).toBe("CALL_NEEDS_APPROVAL");
      expect(await desk.call(token, "mail/send", { to: "x@evil.example", text: "" })).toBe("ARG_MISMATCH");
      const inbox = await desk.firewall.check(token, { tool: "mail/read", args: { ticket: "T-1042" } });
      expect(await statesOf(desk, session)).toMatchObject({ refund: "held", reply: "denied", inbox: "flight" });
      if (inbox.allow) await desk.firewall.settle(inbox.permit, { error: "no" });
      expect(await statesOf(desk, session)).toMatchObject({ inbox: "failed" });
      desk.clock.now += 3_601_000;
      // A hold that nobody has decided on in time is none, and what was denied last is what counts.
      expect((await statesOf(desk, session)).refund).toBe("denied");
      await desk.firewall.close(session);
      expect(await statesOf(desk, session)).toMatchObject({ customer: "settled", note: "waiting", last: "waiting" });
    } finally {
      await desk.close();
    }
  });

  it("is drawn in words and shapes, with the denial behind a link", async () => {
    const desk = await makeDesk({ plans: [freezeDesk(plan)] });
    try {
      const { token, session } = await desk.open();
      await desk.call(token, "crm/customer", { ticket: "T-1042" }, deskAnswers.customer);
      await desk.call(token, "mail/send", { to: "x@evil.example", text: "" });
      const read = await readSession({ store: desk.store, enforcer: desk.firewall }, session);
      if (!read.ok) throw new Error(read.error);
      const { nodes, drawn } = sessionModel(read.value, desk.clock.now);
      const page = String(planGraph(drawn ?? { plan }, { nodes: new Map(Object.entries(nodes)) }));
      expect(page).toContain(`href="/dashboard/sessions/${session}?denial=3#denial"`);
      expect(page).toMatch(/reply: mail\/send: denied</);
      expect(page).not.toMatch(/evil|carla/);
    } finally {
      await desk.close();
    }
  });
});
