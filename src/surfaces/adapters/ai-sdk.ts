/**
 * Sluice in front of the tools of the Vercel AI SDK (`ai` 5 to 7): `sluice/ai-sdk`.
 * Knows the SDK by shape and imports nothing of it. Never lets a tool run, see or answer anything that was not checked and recorded.
 */
import { shownCallsMax } from "../../limits.ts";
import { ConfigError } from "../../result.ts";
import type { AgentTool } from "../agent-tools.ts";
import { ArgumentsError, createGate, type Gate, type GuardOptions, type Outcome, outputOf } from "./gate.ts";
import { type ShownSchema, shownSchema, validated } from "./values.ts";

export { ConfigError } from "../../result.ts";
export type { GuardOptions } from "./gate.ts";

/** What is used of the options that the SDK calls a tool with. */
interface CallOptions {
  readonly toolCallId: string;
  readonly abortSignal?: AbortSignal;
}

/** How a tool's output is shown to the model. */
interface ModelOutputOptions {
  readonly toolCallId: string;
  readonly input: unknown;
  readonly output: unknown;
}

/** What is used of a tool of the SDK. */
interface AiTool {
  readonly type?: string;
  readonly inputSchema?: unknown;
  readonly execute?: (input: never, options: never) => unknown;
  readonly toModelOutput?: (options: never) => unknown;
  readonly needsApproval?: unknown;
}

/** A tool as it is handed back. */
interface GuardedTool {
  readonly description: string;
  readonly inputSchema: ShownSchema;
  execute(input: unknown, options: CallOptions): Promise<unknown>;
  toModelOutput(options: ModelOutputOptions): unknown;
}

/** Members of a tool that would see a call before it is checked, or that say of it what holds no longer. */
const dropped: ReadonlySet<string> = new Set(
  "description inputSchema outputSchema inputExamples strict execute toModelOutput needsApproval onInputStart onInputDelta onInputAvailable".split(
    " ",
  ),
);

/**
 * The tools that the session's plan has, guarded: the model sees what the plan gives it, each call is checked, runs with the final
 * arguments, is recorded, and returns what the agent may see. A denial is the tool's output (`error-json` for the model), with a code and
 * what can be done. Tools that the plan has not are left out. Of a tool that streams only the final result is shown.
 * Throws `ConfigError` for wrong options, and for a tool of the plan that the SDK would not run here.
 *
 * @example
 * const session = await firewall.open({ plan: frozen.digest, principal: "ada" });
 * await generateText({ model, prompt, tools: guarded(tools, { firewall, session: session.value }) });
 */
export function guarded<T extends { readonly [name: string]: unknown }>(tools: T, options: GuardOptions): T {
  const gate = createGate(options);
  const kept = Object.entries(tools).flatMap(([name, tool]) => {
    const shown = gate.toolOf(name);
    return shown === undefined ? [] : [[name, guardTool(gate, shown, { name, tool: tool as AiTool })] as const];
  });
  // What the plan has not is not there, whatever the type says: a model can call no tool that it is not shown.
  return Object.fromEntries(kept) as T;
}

function guardTool(gate: Gate, shown: AgentTool, { name, tool }: { readonly name: string; readonly tool: AiTool }): GuardedTool {
  const { execute, inputSchema, toModelOutput, needsApproval } = tool;
  if (typeof execute !== "function" || tool.type === "provider")
    throw new ConfigError(`the tool \`${name}\` is not run here (it has no \`execute\`), so that Sluice cannot check its calls`);
  const kinds = createKinds();
  const kept = Object.fromEntries(Object.entries(tool).filter(([key]) => !dropped.has(key)));
  return {
    ...kept,
    description: shown.description,
    inputSchema: shownSchema(shown.inputSchema),
    // A function would be asked about arguments that are not the final ones: then a person is asked each time.
    ...(needsApproval === undefined || needsApproval === false ? {} : { needsApproval: true }),
    execute: async (input, callOptions) => {
      const outcome = await gate.run({ tool: shown.tool, args: input, signal: callOptions?.abortSignal }, async ({ args }) => {
        const read = await validated(inputSchema, args);
        if (!read.ok) throw new ArgumentsError();
        return execute.call(tool, read.value as never, callOptions as never);
      });
      kinds.set(callOptions?.toolCallId ?? "", outcome);
      return outputOf(outcome);
    },
    toModelOutput: (asked) => {
      const kind = kinds.of(asked.toolCallId);
      if (kind === "whole" && toModelOutput !== undefined) return toModelOutput.call(tool, asked as never);
      if (kind === "denied") return { type: "error-json", value: asked.output };
      return typeof asked.output === "string"
        ? { type: "text", value: asked.output }
        : { type: "json", value: asked.output ?? null };
    },
  };
}

type Kind = "whole" | "part" | "denied";

/** How calls ended: only of a result that is shown as the tool made it the tool's own way of showing it knows the shape. */
function createKinds(): { set(call: string, outcome: Outcome): void; of(call: string): Kind | undefined } {
  const kinds = new Map<string, Kind>();
  return {
    set: (call, outcome) => {
      kinds.set(call, outcome.kind === "denied" ? "denied" : outcome.kind === "result" && outcome.isWhole ? "whole" : "part");
      // Oldest first: a call is shown to the model in the step after its own.
      if (kinds.size > shownCallsMax) for (const oldest of kinds.keys()) return void kinds.delete(oldest);
    },
    of: (call) => kinds.get(call),
  };
}
