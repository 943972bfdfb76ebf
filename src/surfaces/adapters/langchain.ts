/**
 * Sluice in front of the tools of LangChain.js and LangGraph.js (`@langchain/core` 1): `sluice/langchain`.
 * Knows the SDK by shape and imports nothing of it. Never lets a tool run, see or answer anything that was not checked and recorded.
 */
import { canonicalJson } from "../../json/canonical.ts";
import type { Json } from "../../json/value.ts";
import { ConfigError } from "../../result.ts";
import type { AgentTool } from "../agent-tools.ts";
import { ArgumentsError, createGate, type Gate, type GuardOptions, type Outcome } from "./gate.ts";
import { finalOf, plainOf, validated } from "./values.ts";

export { ConfigError } from "../../result.ts";
export type { GuardOptions } from "./gate.ts";

/** What is used of the config that LangChain calls a tool with. */
interface CallConfig {
  readonly signal?: AbortSignal;
}

/** What is used of a tool of LangChain. */
interface LangChainTool {
  readonly name?: string;
  readonly schema?: unknown;
  readonly responseFormat?: string;
  readonly _call?: (input: never, runManager: unknown, config: CallConfig | undefined) => unknown;
}

/** Tools that are guarded already: the middleware leaves them to themselves. */
const guardedTools = new WeakSet<object>();

/**
 * The tools that the session's plan has, guarded: the model sees what the plan gives it, each call is checked, runs with the final
 * arguments, is recorded, and returns what the agent may see. A denial is the tool's message, with a code and what can be done. Tools that the
 * plan has not are left out. For `createAgent` and for LangGraph's `ToolNode` and `bindTools` alike.
 * Throws `ConfigError` for wrong options, and for a tool of the plan that is no structured tool.
 *
 * @example
 * const session = await firewall.open({ plan: frozen.digest, principal: "ada" });
 * createAgent({ model, tools: guarded(tools, { firewall, session: session.value }) });
 */
export function guarded<T>(tools: readonly T[], options: GuardOptions): T[] {
  const gate = createGate(options);
  return tools.flatMap((value) => {
    const tool = value as LangChainTool;
    const shown = typeof tool?.name === "string" ? gate.toolOf(tool.name) : undefined;
    return shown === undefined ? [] : [guardTool(gate, shown, tool) as T];
  });
}

function guardTool(gate: Gate, shown: AgentTool, tool: LangChainTool, batch?: readonly string[]): object {
  const { _call: call, schema, responseFormat } = tool;
  if (typeof call !== "function")
    throw new ConfigError(`the tool \`${tool.name ?? ""}\` is no structured tool, so that Sluice cannot check its calls`);
  const hasArtifact = responseFormat === "content_and_artifact";
  const run = async (input: unknown, runManager: unknown, config?: CallConfig): Promise<unknown> => {
    let artifact: unknown;
    const asked = { tool: shown.tool, args: input, signal: config?.signal, isPause, ...(batch === undefined ? {} : { batch }) };
    const outcome = await gate.run(asked, async ({ args }) => {
      const read = await validated(schema, args);
      if (!read.ok) throw new ArgumentsError();
      const output: unknown = await finalOf(call.call(tool, read.value as never, runManager, config));
      if (!hasArtifact || !Array.isArray(output)) return contentOf(output);
      artifact = output[1];
      return contentOf(output[0]);
    });
    const content = outputOf(outcome);
    // What the application is given beside is the whole result: it goes along only where the agent sees that.
    return hasArtifact ? [content, outcome.kind === "result" && outcome.isWhole ? artifact : undefined] : content;
  };
  const plain = { configurable: true, enumerable: true, writable: true };
  // Everything else of the tool (its class, callbacks, tags) stays: LangChain calls it as it would have. It validates by `schema` what the
  // model sent, before anything is checked: so the one that is called takes everything, and Sluice decides.
  const taking = Object.create(tool, { schema: { ...plain, value: {} }, _call: { ...plain, value: run } }) as Callable;
  const made = Object.create(tool, {
    description: { ...plain, value: shown.description },
    schema: { ...plain, value: structuredClone(shown.inputSchema) },
    call: { ...plain, value: (...given: readonly unknown[]) => taking.call(...given) },
  }) as object;
  guardedTools.add(made);
  return made;
}

interface Callable {
  call(...given: readonly unknown[]): unknown;
}

/** A call as middleware is given it. */
interface ToolCallRequest {
  readonly toolCall: { readonly name: string; readonly args: unknown; readonly id?: string };
  readonly tool?: unknown;
  readonly state?: { readonly messages?: unknown };
  readonly runtime?: CallConfig;
}

/** A call of a model as middleware is given it. */
interface ModelRequest {
  readonly tools?: readonly unknown[];
}

/** Middleware of LangChain's `createAgent`, by shape. */
export interface GuardMiddleware {
  readonly name: string;
  wrapToolCall(request: unknown, handler: (request: never) => unknown): Promise<never>;
  wrapModelCall(request: unknown, handler: (request: never) => unknown): Promise<never>;
}

/**
 * Middleware that guards every tool call of an agent, also of tools that other middleware adds: give it last, so that it stands nearest to
 * the tools. It hides from the model what the plan has not. Tools that went through `guarded` show the model the plan's own schemas besides,
 * which middleware cannot change; the two go together.
 * Throws `ConfigError` for wrong options, at set-up only.
 *
 * @example createAgent({ model, tools: guarded(tools, guard), middleware: [createMiddleware(guardMiddleware(guard))] });
 */
export function guardMiddleware(options: GuardOptions): GuardMiddleware {
  const gate = createGate(options);
  const wrapToolCall = async (request: ToolCallRequest, handler: (request: ToolCallRequest) => unknown): Promise<unknown> => {
    const { toolCall, tool, runtime } = request;
    if (typeof tool === "object" && tool !== null && guardedTools.has(tool)) return handler(request);
    const shown = gate.toolOf(toolCall.name);
    const batch = batchIn(gate, request);
    if (shown !== undefined && isStructured(tool)) return handler({ ...request, tool: guardTool(gate, shown, tool, batch) });
    const call = { tool: shown?.tool ?? toolCall.name, args: toolCall.args, signal: runtime?.signal, batch };
    const outcome = await gate.run(call, () => {
      throw new Error("the tool cannot be run behind Sluice");
    });
    const content = outcome.kind === "denied" ? canonicalJson(outcome.denial) : textOf(outcome.value);
    // The agent makes its message of what the tool says: here that is another one, which says this and does nothing.
    return handler({ ...request, tool: { name: toolCall.name, invoke: async () => content } });
  };
  const wrapModelCall = async (request: ModelRequest, handler: (request: ModelRequest) => unknown): Promise<unknown> => {
    const tools = request.tools?.filter((tool) => gate.toolOf(toolNameOf(tool)) !== undefined);
    return handler(tools === undefined ? request : { ...request, tools });
  };
  return { name: "sluice", wrapToolCall, wrapModelCall } as unknown as GuardMiddleware;
}

function isStructured(tool: unknown): tool is LangChainTool {
  return typeof tool === "object" && tool !== null && typeof (tool as LangChainTool)._call === "function";
}

/** The tools of all calls that the model made at once with this one. */
function batchIn(gate: Gate, { state, toolCall }: ToolCallRequest): readonly string[] {
  const messages = Array.isArray(state?.messages) ? (state.messages as readonly unknown[]) : [];
  for (const message of messages.toReversed()) {
    const calls = (message as { readonly tool_calls?: unknown } | null)?.tool_calls;
    if (!Array.isArray(calls) || calls.length === 0) continue;
    const made = calls as readonly { readonly id?: unknown; readonly name?: unknown }[];
    if (!made.some(({ id }) => id === toolCall.id)) return [];
    return made.map(({ name }) => gate.toolOf(String(name))?.tool ?? String(name));
  }
  return [];
}

function toolNameOf(tool: unknown): string {
  const { name, function: inner } = (tool ?? {}) as { readonly name?: unknown; readonly function?: { readonly name?: unknown } };
  return typeof name === "string" ? name : typeof inner?.name === "string" ? inner.name : "";
}

/** What LangGraph throws to pause a graph, so that a person is asked, or to leave it. */
function isPause(thrown: unknown): boolean {
  return typeof thrown === "object" && thrown !== null && (thrown as { readonly is_bubble_up?: unknown }).is_bubble_up === true;
}

/** A tool's content, also where it made the message itself. */
function contentOf(output: unknown): unknown {
  const message = output as { readonly type?: unknown; readonly content?: unknown } | null;
  if (typeof message !== "object" || message === null) return output;
  if (message.type === "tool" && "content" in message && "tool_call_id" in message) return message.content;
  if ((message as { readonly lg_name?: unknown }).lg_name === "Command")
    throw new Error("the tool did not answer with a message");
  return output;
}

function outputOf(outcome: Outcome): unknown {
  if (outcome.kind === "result") return plainOf(outcome.value);
  if (outcome.kind === "denied") return canonicalJson(outcome.denial);
  throw new Error(textOf(outcome.value));
}

function textOf(value: Json): string {
  return typeof value === "string" ? value : canonicalJson(value);
}
