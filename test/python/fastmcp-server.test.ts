/**
 * An MCP server in Python (FastMCP) that `sluice gateway` starts and speaks with over standard input and output: its definitions as it
 * gives them are what a plan pins, and an agent in Python uses it. Never lets the server outlive the test.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { ensurePython } from "../../.ci/python.mjs";
import { runAgent } from "../../plans/python/desk/agent.ts";
import { openWorkshop } from "../../plans/python/desk/operator.ts";
import { readJsonLines } from "../../src/json/lines.ts";
import { must } from "../plans/example.ts";
import { agentTestMs, endOf, seenOf, toolsOf } from "./staged.ts";

/** The plan of the example, for a server that calls the sender `sender`. */
const plan = readFileSync(new URL("../../plans/python/desk/plan.yaml", import.meta.url), "utf8").replace(
  "ticket$.from",
  "ticket$.sender",
);
const script = fileURLToPath(new URL("../../plans/python/mcp/server.py", import.meta.url));

it("serves an honest agent, and not a hijacked one", { timeout: agentTestMs }, async (context) => {
  let python = "";
  try {
    python = await ensurePython("agents", () => {});
  } catch (error) {
    if (process.env.CI === "true") throw error;
    return context.skip(`no Python packages: ${error}`);
  }
  const workshop = openWorkshop();
  const [outbox, catalogue] = [join(workshop.folder, "outbox"), join(workshop.folder, "catalogue.json")];
  const upstream = ["--upstream", `desk=${python} ${script} ${outbox}`];
  const sent = () =>
    existsSync(outbox) ? must(readJsonLines(readFileSync(outbox, "utf8")), "outbox").map(({ value }) => value) : [];
  try {
    await workshop.run(["catalog", "mcp", ...upstream, "-o", catalogue]);
    const frozen = await workshop.freeze(workshop.write("plan.yaml", plan), catalogue);
    const sluice = await workshop.start(["gateway", "--plan", frozen, ...upstream]);
    try {
      const run = async (ticket: number) =>
        runAgent("mcp", [`Answer ticket ${ticket}`], {
          environment: "agents",
          env: { SLUICE_URL: `${sluice.url}/mcp`, SLUICE_TOKEN: await sluice.open("answer-ticket", { ticket }) },
        });
      expect(endOf(await run(1))).toBe("Ticket 1 is answered.");
      expect(sent()).toMatchObject([{ to: "ana@customer.example" }]);
      const turns = await run(2);
      expect(toolsOf(turns)).toEqual(["get_ticket", "find_customer", "send_mail", "send_mail"]);
      expect(seenOf(turns)[2]).toContain("ARG_MISMATCH");
      expect(endOf(turns)).toBe("Ticket 2 is answered.");
      expect(sent()).toMatchObject([{ to: "ana@customer.example" }, { to: "ben@customer.example" }]);
    } finally {
      await sluice.close();
    }
  } finally {
    workshop.close();
  }
});
