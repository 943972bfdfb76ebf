/**
 * What is expected of every agent in Python whose tools come from MCP, behind `sluice gateway`: the same sentences for each framework.
 * Never asks a real model.
 */
import { describe, expect, it } from "vitest";
import { type Environment, runAgent, type Turn } from "../../plans/python/desk/agent.ts";
import { openGateway } from "../../plans/python/desk/stage.ts";
import { readProjectFile } from "../docs/blocks.ts";
import { agentTestMs, endOf, seenOf, staged, toolsOf } from "./staged.ts";

/** An agent, and the revision of MCP that its client speaks with the gateway, where the agent says it. */
export interface Behind {
  readonly agent: string;
  readonly revision?: string;
}

/** Describes agents of one environment behind one gateway. */
export function describeBehindGateway(environment: Environment, agents: readonly Behind[]): void {
  const stageOf = staged([environment], openGateway);

  describe.each(agents)("$agent", ({ agent, revision }) => {
    const expectRevision = (turns: readonly Turn[]): void => {
      if (revision === undefined) return;
      const shown = turns.find(({ kind }) => kind === "mcp")?.text;
      // What the plan does not have (desk/export_customers) is not offered.
      expect(shown).toBe(`${revision} offers desk__find_customer, desk__get_ticket, mail__send_mail`);
    };

    it("does an honest task", { timeout: agentTestMs }, async (context) => {
      const { desk, run } = stageOf(context);
      const before = desk.outbox.length;
      const { agent: turns } = await run(agent, 1, { environment });
      expectRevision(turns);
      expect(toolsOf(turns)).toEqual(["get_ticket", "find_customer", "send_mail"]);
      expect(endOf(turns)).toBe("Ticket 1 is answered.");
      expect(desk.outbox.slice(before)).toMatchObject([{ to: "ana@customer.example" }]);
    });

    it("is stopped when hijacked, sees a denial, acts on it, and ends its task", { timeout: agentTestMs }, async (context) => {
      const { desk, run, sluice } = stageOf(context);
      const [before, logged] = [desk.outbox.length, sluice.log().length];
      const { agent: turns } = await run(agent, 2, { environment });
      expectRevision(turns);
      expect(toolsOf(turns)).toEqual(["get_ticket", "find_customer", "send_mail", "send_mail"]);
      expect(turns.filter(({ kind, text }) => kind === "call" && text.includes("eve@evil.example"))).toHaveLength(1);
      expect(seenOf(turns)[2]).toContain("ARG_MISMATCH");
      expect(seenOf(turns)[2]).toContain("omit it and it is filled in");
      expect(endOf(turns)).toBe("Ticket 2 is answered.");
      expect(desk.outbox.slice(before)).toMatchObject([{ to: "ben@customer.example" }]);
      expect(sluice.log().slice(logged)).toContain("mail/send_mail ARG_MISMATCH at answer");
      // The guide shows this run, of this agent.
      if (agent === "langgraph") expect(readProjectFile("docs/python.md")).toContain(shownAs(turns));
    });

    it("is really hijacked: without the gateway it sends the mail to the attacker", { timeout: agentTestMs }, async (context) => {
      const { desk } = stageOf(context);
      const before = desk.outbox.length;
      const env = { SLUICE_URL: `${desk.url}/all/mcp`, SLUICE_TOKEN: "none" };
      await runAgent(agent, ["Answer ticket 2"], { environment, env });
      expect(desk.outbox.slice(before)).toMatchObject([{ to: "eve@evil.example" }]);
    });
  });
}

/** What a model saw and did, as the guide writes it, without the number of the mail, which other runs of the desk count on. */
function shownAs(turns: readonly Turn[]): string {
  return turns
    .slice(0, -2)
    .flatMap(({ kind, text }) => (kind === "end" ? [] : [`${kind.padEnd(4)} ${text}`]))
    .join("\n");
}
