/**
 * Threats that the hook meets alone: events that are sent again, and calls that an agent makes at once, each in a process of its own.
 */
import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../../../src/json/value.ts";
import { answerHook, type HookAnswer, readHook } from "../../../src/surfaces/hook/hook.ts";
import { makeGround, openToken } from "./shop.ts";

async function agent(): Promise<{
  tell(event: string, tool: string, args: JsonObject, more: JsonObject): Promise<HookAnswer>;
  events(): Promise<readonly string[]>;
}> {
  const ground = makeGround();
  const token = await openToken(ground);
  return {
    tell: async (event, tool, args, more) => {
      const input = {
        session_id: "c",
        transcript_path: "/t",
        cwd: "/r",
        hook_event_name: event,
        tool_name: `mcp__shop__${tool}`,
        tool_input: args,
        ...more,
      };
      const read = readHook(JSON.stringify(input));
      if (read === undefined) throw new Error("unreadable");
      return answerHook({ enforcer: ground.firewall, token }, read);
    },
    events: async () => {
      const loaded = await ground.store.load(token.split(".")[0] ?? "", 0);
      return loaded.ok ? loaded.value.entries.map(({ event }) => event.type) : [];
    },
  };
}

const decision = ({ stdout }: HookAnswer): unknown =>
  (stdout as { hookSpecificOutput?: { permissionDecision?: Json } } | undefined)?.hookSpecificOutput?.permissionDecision;

describe("an event that is sent again", () => {
  it("threat 7: is no second permission, and no second result", async () => {
    const { tell, events } = await agent();
    const call = { tool_use_id: "t1" };
    expect(decision(await tell("PreToolUse", "order", {}, call))).toBe("allow");
    // The same id again is another call: of an operation that may run once there is none.
    expect(decision(await tell("PreToolUse", "order", {}, call))).toBe("deny");
    const args = { amount: 5, symbol: "VTI" };
    await tell("PostToolUse", "order", args, { ...call, tool_response: { content: [] } });
    await tell("PostToolUse", "order", args, { ...call, tool_response: { content: [] } });
    expect((await events()).filter((type) => type === "settle")).toHaveLength(1);
    expect(decision(await tell("PreToolUse", "order", {}, call))).toBe("deny");
  });
});

describe("threat 10: calls that are made at once", () => {
  it("are judged with the labels of what may come back of those before, before anything has", async () => {
    const { tell } = await agent();
    expect(decision(await tell("PreToolUse", "feed", {}, { tool_use_id: "t1" }))).toBe("allow");
    expect(decision(await tell("PreToolUse", "note", { text: "x" }, { tool_use_id: "t2" }))).toBe("deny");
  });
});
