/**
 * Hooks of GitHub Copilot (CLI and cloud agent) in their own camelCase form: `preToolUse`, `postToolUse`, `postToolUseFailure`, as documented at
 * docs.github.com/copilot/reference/hooks-reference. An input does not name its event: what it has says which it is.
 * Never ends with another code than 0 for what it could read: after a call that would show the result.
 */
import { jsonEqual, member } from "../../json/value.ts";
import { plainName } from "../tool-spelling.ts";
import { argsOf, type HookEvent, type HookFormat, textOf } from "./event.ts";

function read(input: Parameters<HookFormat["read"]>[0]): HookEvent | undefined {
  const session = textOf(input, "sessionId");
  const name = textOf(input, "toolName");
  if (session === undefined) return undefined;
  if (name === undefined) return textOf(input, "toolArgs") === undefined ? { kind: "other" } : undefined;
  const args = argsOf(member(input, "toolArgs"));
  if (args === undefined) return undefined;
  const common = { session, tool: { name }, args };
  const [result, error] = [member(input, "toolResult"), member(input, "error")];
  if (error !== undefined) return { ...common, kind: "after", result: { error } };
  if (result === undefined) return { ...common, kind: "before", substitutes: "instead", hides: true };
  const type = member(result, "resultType");
  // Nobody ran what was denied.
  if (type === "denied" || type === "rejected") return { kind: "other" };
  const text = member(result, "textResultForLlm") ?? null;
  return { ...common, kind: "after", result: type === "success" ? { value: text } : { error: text } };
}

/** GitHub Copilot. */
export const copilot: HookFormat = {
  server: "copilot",
  owns: (input) => textOf(input, "toolName") !== undefined && textOf(input, "hook_event_name") === undefined,
  read,
  spell: (server, tool) => [`${server}-${tool}`, `${plainName(server)}-${plainName(tool)}`],
  allow: (event, { args, asks }) => ({
    stdout: {
      permissionDecision: asks ? "ask" : "allow",
      ...(asks ? { permissionDecisionReason: "Sluice: the plan allows this call" } : {}),
      ...(args === undefined || jsonEqual(args, event.args) ? {} : { modifiedArgs: args }),
    },
    exit: 0,
  }),
  deny: (_, reason) => ({ stdout: { permissionDecision: "deny", permissionDecisionReason: reason }, exit: 0 }),
  replace: (_, text) => ({ stdout: { modifiedResult: { resultType: "success", textResultForLlm: text } }, exit: 0 }),
};
