/**
 * Hooks of Claude Code, and of Codex, which speaks the same: `PreToolUse`, `PostToolUse`, `PostToolUseFailure`.
 * As documented at code.claude.com/docs/en/hooks and developers.openai.com/codex/hooks. Never prints what Codex calls unsupported, since it
 * goes on then as if the hook had said nothing.
 */
import { type Json, type JsonObject, jsonEqual, member } from "../../json/value.ts";
import { plainName } from "../tool-spelling.ts";
import { type AfterEvent, argsOf, type HookAnswer, type HookEvent, type HookFormat, mcpValue, silence, textOf } from "./event.ts";

/** Events about which nothing is decided. */
const others: ReadonlySet<string> = new Set(
  "SessionStart SessionEnd UserPromptSubmit Stop StopFailure SubagentStart SubagentStop Notification PreCompact PostCompact PermissionRequest PermissionDenied Setup".split(
    " ",
  ),
);

const isMcp = (name: string): boolean => name.startsWith("mcp__");

/** A name that two servers' tools could both have is one that fits both, so that neither is taken. */
const spell = (server: string, tool: string): readonly string[] => [`mcp__${plainName(server)}__${plainName(tool)}`];

function reader(hides: (tool: string) => boolean): (input: JsonObject) => HookEvent | undefined {
  return (input) => {
    const event = textOf(input, "hook_event_name");
    if (event !== undefined && others.has(event)) return { kind: "other" };
    const [session, name, args] = [textOf(input, "session_id"), textOf(input, "tool_name"), argsOf(member(input, "tool_input"))];
    if (session === undefined || name === undefined || args === undefined) return undefined;
    const call = textOf(input, "tool_use_id");
    const common = { session, tool: { name }, args, ...(call === undefined ? {} : { call }) };
    if (event === "PreToolUse") return { ...common, kind: "before", substitutes: "instead", hides: hides(name) };
    if (event === "PostToolUseFailure") return { ...common, kind: "after", result: { error: member(input, "error") ?? null } };
    if (event !== "PostToolUse") return undefined;
    const response: Json = member(input, "tool_response") ?? null;
    const value = isMcp(name) ? mcpValue(response) : response;
    const isError = isMcp(name) && member(response, "isError") === true;
    return { ...common, kind: "after", result: isError ? { error: value } : { value } };
  };
}

function decided(decision: "allow" | "ask" | "deny", more: JsonObject): HookAnswer {
  return { stdout: { hookSpecificOutput: { hookEventName: "PreToolUse", permissionDecision: decision, ...more } }, exit: 0 };
}

/** Claude Code. */
export const claude: HookFormat = {
  server: "claude-code",
  owns: (input) =>
    textOf(input, "hook_event_name") !== undefined &&
    typeof member(input, "transcript_path") === "string" &&
    member(input, "turn_id") === undefined &&
    member(input, "timestamp") === undefined &&
    member(input, "cursor_version") === undefined,
  // A replacement for what a built-in tool answers must have that tool's own shape, or the answer is shown: so only MCP tools hide.
  read: reader(isMcp),
  spell,
  allow: (event, { args, asks }) =>
    decided(asks ? "ask" : "allow", {
      permissionDecisionReason: "Sluice: the plan allows this call",
      ...(args === undefined || jsonEqual(args, event.args) ? {} : { updatedInput: args }),
    }),
  deny: (_, reason) => decided("deny", { permissionDecisionReason: reason }),
  replace: (_event: AfterEvent, text) => {
    const blocks: Json = [{ type: "text", text }];
    return {
      stdout: { hookSpecificOutput: { hookEventName: "PostToolUse", updatedToolOutput: blocks, updatedMCPToolOutput: blocks } },
      exit: 0,
    };
  },
};

/** Codex. An `allow` that changes nothing, and `ask`, are not supported: there silence lets the call go its way. */
export const codex: HookFormat = {
  ...claude,
  server: "codex",
  owns: (input) => textOf(input, "hook_event_name") !== undefined && textOf(input, "turn_id") !== undefined,
  read: reader(() => true),
  allow: (event, { args }) =>
    args === undefined || jsonEqual(args, event.args) ? silence : decided("allow", { updatedInput: args }),
  replace: (_, text) => ({ stdout: { decision: "block", reason: text }, exit: 0 }),
};
