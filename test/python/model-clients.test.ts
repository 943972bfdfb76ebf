/**
 * The Python clients of OpenAI and Anthropic, unchanged but for a base URL and a header, through `sluice model-proxy`, with a scripted
 * provider behind it. Never asks a real provider.
 */
import { describe, expect, it } from "vitest";
import { openModelProxy } from "../../plans/python/desk/stage.ts";
import { agentTestMs, endOf, seenOf, staged, toolsOf } from "./staged.ts";

const environment = "agents";
const stageOf = staged([environment], openModelProxy);

describe.each([
  ["openai", "chat completions", ["chat"]],
  ["openai", "chat completions, streamed", ["stream"]],
  ["openai", "responses", ["responses"]],
  ["anthropic", "messages", []],
])("%s with %s", (agent, _, args) => {
  it("does an honest task as it does without Sluice", { timeout: agentTestMs }, async (context) => {
    const stage = stageOf(context);
    const before = stage.desk.outbox.length;
    const { agent: turns, model } = await stage.run(agent, 1, { environment, args });
    expect(toolsOf(turns)).toEqual(["get_ticket", "find_customer", "send_mail"]);
    expect(toolsOf(model)).toEqual(toolsOf(turns));
    expect(endOf(turns)).toBe("Ticket 1 is answered.");
    expect(stage.desk.outbox.slice(before)).toMatchObject([{ to: "ana@customer.example" }]);
  });

  it("never sees the call of a hijacked model; the model is told why, and what to do, and does it", {
    timeout: agentTestMs,
  }, async (context) => {
    const stage = stageOf(context);
    const before = stage.desk.outbox.length;
    const { agent: turns, model } = await stage.run(agent, 2, { environment, args });
    expect(model.filter(({ kind, text }) => kind === "call" && text.includes("eve@evil.example"))).toHaveLength(1);
    expect(seenOf(model)).toContainEqual(
      expect.stringMatching(/"code":"ARG_MISMATCH".*omit it and it is filled in.*"omit-argument"/),
    );
    expect(turns.filter(({ kind, text }) => kind === "call" && text.includes("evil"))).toEqual([]);
    expect(toolsOf(turns)).toEqual(["get_ticket", "find_customer", "send_mail"]);
    expect(endOf(turns)).toBe("Ticket 2 is answered.");
    expect(stage.desk.outbox.slice(before)).toMatchObject([{ to: "ben@customer.example" }]);
    expect(stage.sluice.log()).toContain("mail/send_mail ARG_MISMATCH at answer");
  });
});
