/**
 * Sluice in front of the tools of the OpenAI Agents SDK for JavaScript (`@openai/agents` 0.20): `sluice/openai-agents`.
 * Knows the SDK by shape and imports nothing of it. Never lets a tool run, see or answer anything that was not checked and recorded.
 */
import { canonicalJson } from "../../json/canonical.ts";
import { readJson } from "../../json/read.ts";
import { callBytesMax } from "../../limits.ts";
import { ConfigError } from "../../result.ts";
import type { AgentTool } from "../agent-tools.ts";
import { createGate, type Gate, type GuardOptions, type Outcome } from "./gate.ts";
import { plainOf } from "./values.ts";

export { ConfigError } from "../../result.ts";
export type { GuardOptions } from "./gate.ts";

/** What is used of a tool of the SDK. */
interface AgentsTool {
  readonly type?: string;
  readonly name?: string;
  readonly invoke?: (context: never, input: string, details: never) => unknown;
  readonly needsApproval?: unknown;
}

/** Members of a tool that say of its calls and results what holds no longer. */
const dropped: ReadonlySet<string> = new Set(["outputSchema", "errorFunction", "customDataExtractor"]);

/** How the SDK's own `errorFunction` begins: the one sign that what a tool returned is an exception's text. */
const errorStart = "An error occurred while running the tool";

/**
 * The function tools that the session's plan has, guarded: the model sees what the plan gives it, each call is checked, runs with the final
 * arguments, is recorded, and returns what the agent may see. A denial is the tool's output, with a code and what can be done. Tools that the
 * plan has not are left out, and with them everything that OpenAI runs itself (hosted tools, hosted MCP, computer use).
 * Throws `ConfigError` for wrong options, and for a tool of the plan that is no function tool.
 *
 * @example
 * const session = await firewall.open({ plan: frozen.digest, principal: "ada" });
 * new Agent({ name: "clerk", instructions, model, tools: guarded(tools, { firewall, session: session.value }) });
 */
export function guarded<T>(tools: readonly T[], options: GuardOptions): T[] {
  const gate = createGate(options);
  return tools.flatMap((value) => {
    const tool = value as AgentsTool;
    const shown = typeof tool?.name === "string" ? gate.toolOf(tool.name) : undefined;
    return shown === undefined ? [] : [guardTool(gate, shown, tool) as T];
  });
}

function guardTool(gate: Gate, shown: AgentTool, tool: AgentsTool): object {
  const { invoke, needsApproval } = tool;
  if (typeof invoke !== "function" || tool.type !== "function")
    throw new ConfigError(`the tool \`${tool.name ?? ""}\` is no function tool, so that Sluice cannot check its calls`);
  // Of what the SDK keeps under symbols nothing goes along: it parses, validates and approves by the tool's own schema.
  const kept = Object.fromEntries(Object.entries(tool).filter(([key]) => !dropped.has(key)));
  return {
    ...kept,
    description: shown.description,
    parameters: structuredClone(shown.inputSchema),
    strict: false,
    ...(typeof needsApproval === "function" ? { needsApproval: approvalOf(needsApproval as Approval) } : {}),
    invoke: async (context: unknown, input: string, details?: { readonly signal?: AbortSignal }) => {
      const read = readJson(input, { maxBytes: callBytesMax });
      // What is no strict JSON is no object of arguments: the check says so, and the denial is recorded.
      const args = read.ok ? read.value : null;
      const outcome = await gate.run({ tool: shown.tool, args, signal: details?.signal }, async ({ body }) => {
        const output: unknown = await invoke.call(tool, context as never, body, details as never);
        if (typeof output === "string" && output.startsWith(errorStart)) throw new Error(output);
        return output;
      });
      return outputOf(outcome);
    },
  };
}

type Approval = (context: unknown, input: unknown, callId?: string) => unknown;

/**
 * Whether a person is asked: as the tool says, if it says so without a look at the arguments. What it would look at are those that the model
 * sent, not the final ones, so a tool that looks asks each time.
 */
function approvalOf(needsApproval: Approval): Approval {
  return async (context, _input, callId) => {
    let hasLooked = false;
    const look = (): undefined => {
      hasLooked = true;
    };
    const input = new Proxy(
      {},
      { get: look, has: () => look() ?? false, ownKeys: () => look() ?? [], getOwnPropertyDescriptor: look },
    );
    try {
      return (await needsApproval(context, input, callId)) !== false || hasLooked;
    } catch {
      return true;
    }
  };
}

function outputOf(outcome: Outcome): unknown {
  if (outcome.kind === "denied") return canonicalJson(outcome.denial);
  return plainOf(outcome.value);
}
