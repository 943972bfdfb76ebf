/**
 * Hooks of Cursor: `preToolUse` and `postToolUse` for every tool, or the older ones for shell commands and MCP tools, as documented at
 * cursor.com/docs/hooks. Never takes a hook for one of these that only tells: what it cannot answer is denied.
 */
import type { ToolResult } from "../../decide/observe.ts";
import { readJson } from "../../json/read.ts";
import { type Json, type JsonObject, jsonEqual, member } from "../../json/value.ts";
import { argsOf, type HookEvent, type HookFormat, mcpValue, textOf } from "./event.ts";

const others: ReadonlySet<string> = new Set(
  "sessionStart sessionEnd beforeSubmitPrompt stop subagentStart subagentStop preCompact afterAgentResponse afterAgentThought afterFileEdit afterTabFileEdit workspaceOpen".split(
    " ",
  ),
);

const isMcp = (name: string): boolean => name.startsWith("MCP:");

function read(input: JsonObject): HookEvent | undefined {
  const event = textOf(input, "hook_event_name");
  if (event !== undefined && others.has(event)) return { kind: "other" };
  const session = textOf(input, "conversation_id") ?? textOf(input, "session_id");
  if (session === undefined) return undefined;
  const call = textOf(input, "tool_use_id");
  const ids = { session, ...(call === undefined ? {} : { call }) };
  switch (event) {
    case "preToolUse":
    case "postToolUse":
    case "postToolUseFailure":
      return readTool(input, event, ids);
    case "beforeShellExecution":
    case "afterShellExecution":
      return readShell(input, event, session);
    case "beforeMCPExecution":
    case "afterMCPExecution":
      return readMcp(input, event, session);
    default:
      return undefined;
  }
}

function readTool(input: JsonObject, event: string, ids: { readonly session: string }): HookEvent | undefined {
  const [name, args] = [textOf(input, "tool_name"), argsOf(member(input, "tool_input"))];
  if (name === undefined || args === undefined) return undefined;
  const common = { ...ids, tool: { name }, args };
  if (event === "preToolUse") return { ...common, kind: "before", substitutes: "instead", hides: isMcp(name) };
  if (event === "postToolUseFailure")
    return { ...common, kind: "after", result: { error: member(input, "error_message") ?? null } };
  return { ...common, kind: "after", result: { value: valueIn(member(input, "tool_output"), isMcp(name)) } };
}

function readShell(input: JsonObject, event: string, session: string): HookEvent | undefined {
  const command = textOf(input, "command");
  if (command === undefined) return undefined;
  const common = { session, tool: { name: "Shell" }, args: { command } };
  if (event === "beforeShellExecution") return { ...common, kind: "before", substitutes: "no", hides: false };
  return { ...common, kind: "after", result: { value: member(input, "output") ?? null } };
}

function readMcp(input: JsonObject, event: string, session: string): HookEvent | undefined {
  const [name, args] = [textOf(input, "tool_name"), argsOf(member(input, "tool_input"))];
  if (name === undefined || args === undefined) return undefined;
  const server = textOf(input, "mcp_server_name");
  const tool = server === undefined ? { name: `MCP:${name}` } : { name, of: { server, tool: name } };
  const common = { session, tool, args };
  if (event === "beforeMCPExecution") return { ...common, kind: "before", substitutes: "no", hides: false };
  const value = valueIn(member(input, "result_json"), true);
  const result: ToolResult = member(value, "isError") === true ? { error: value } : { value };
  return { ...common, kind: "after", result };
}

/** What a tool answered: Cursor hands it over as JSON text. */
function valueIn(output: Json | undefined, isOfMcp: boolean): Json {
  const read = typeof output === "string" ? readJson(output) : undefined;
  const value = read?.ok === true ? read.value : (output ?? null);
  return isOfMcp ? mcpValue(value) : value;
}

/** Cursor. */
export const cursor: HookFormat = {
  server: "cursor",
  owns: (input) =>
    textOf(input, "cursor_version") !== undefined ||
    /^(?:before|after)(?:Shell|MCP)/.test(textOf(input, "hook_event_name") ?? ""),
  read,
  spell: (_, tool) => [`MCP:${tool}`, `MCP: ${tool}`],
  allow: (event, { args, asks }) => ({
    stdout: {
      permission: asks ? "ask" : "allow",
      ...(args === undefined || jsonEqual(args, event.args) ? {} : { updated_input: args }),
    },
    exit: 0,
  }),
  deny: (_, reason) => ({ stdout: { permission: "deny", user_message: reason, agent_message: reason }, exit: 0 }),
  replace: (_, text) => ({ stdout: { updated_mcp_tool_output: { content: [{ type: "text", text }] } }, exit: 0 }),
};
