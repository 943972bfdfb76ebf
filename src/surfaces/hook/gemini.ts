/**
 * Hooks of Gemini CLI: `BeforeTool`, `AfterTool`, as documented at geminicli.com/docs/hooks/reference.
 * Never leaves a denial without a reason: without one it is none.
 */
import { jsonEqual, member } from "../../json/value.ts";
import { plainName } from "../tool-spelling.ts";
import { argsOf, type HookEvent, type HookFormat, mcpValue, silence, textOf } from "./event.ts";

const others: ReadonlySet<string> = new Set(
  "SessionStart SessionEnd BeforeAgent AfterAgent BeforeModel AfterModel BeforeToolSelection Notification PreCompress".split(" "),
);

function read(input: Parameters<HookFormat["read"]>[0]): HookEvent | undefined {
  const event = textOf(input, "hook_event_name");
  if (event !== undefined && others.has(event)) return { kind: "other" };
  const [session, name, args] = [textOf(input, "session_id"), textOf(input, "tool_name"), argsOf(member(input, "tool_input"))];
  if (session === undefined || name === undefined || args === undefined) return undefined;
  const context = member(input, "mcp_context");
  const [server, inner] = [textOf(context, "server_name"), textOf(context, "tool_name")];
  const of = server === undefined || inner === undefined ? {} : { of: { server, tool: inner } };
  const common = { session, tool: { name, ...of }, args };
  if (event === "BeforeTool") return { ...common, kind: "before", substitutes: "over", hides: true };
  if (event !== "AfterTool") return undefined;
  const response = member(input, "tool_response") ?? null;
  const error = member(response, "error");
  const value = member(response, "llmContent") ?? response;
  return { ...common, kind: "after", result: error === undefined || error === null ? { value: mcpValue(value) } : { error } };
}

/** Gemini CLI. */
export const gemini: HookFormat = {
  server: "gemini-cli",
  owns: (input) => ["BeforeTool", "AfterTool"].includes(textOf(input, "hook_event_name") ?? ""),
  read,
  spell: (server, tool) => [`mcp__${server}__${tool}`, `mcp__${plainName(server)}__${plainName(tool)}`, `mcp_${server}_${tool}`],
  allow: (event, { args }) => ({
    stdout: {
      decision: "allow",
      ...(args === undefined || jsonEqual(args, event.args)
        ? {}
        : { hookSpecificOutput: { hookEventName: "BeforeTool", tool_input: args } }),
    },
    exit: 0,
  }),
  deny: (_, reason) => ({ stdout: { decision: "deny", reason }, exit: 0 }),
  replace: (_, text) => (text === "" ? silence : { stdout: { decision: "deny", reason: text }, exit: 0 }),
};
