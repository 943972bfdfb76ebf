/**
 * OpenAI's Chat Completions API, as far as requests go; its answers are in `chat-answer.ts`.
 * Pure. Never lets through an older form of calls (`functions`), several answers at once, or a tool that runs at the provider.
 */
import { isArray, isObject, type Json, type JsonObject, member } from "../../json/value.ts";
import { err, ok, type Result } from "../../result.ts";
import { readChatAnswer, weaveChat, writeChatAnswer } from "./chat-answer.ts";
import {
  argsOf,
  contentValue,
  type DeniedCall,
  type Dialect,
  listOf,
  type PastItem,
  type ReadRequest,
  type RequestFault,
  type Rewriting,
  unknownMember,
} from "./dialect.ts";
import { chosenTools } from "./tool-choice.ts";

/** Members of a request that cannot make the provider run anything. */
const members: ReadonlySet<string> = new Set(
  "model messages tools tool_choice parallel_tool_calls stream stream_options temperature top_p top_k min_p n stop max_tokens max_completion_tokens presence_penalty frequency_penalty repetition_penalty logit_bias logprobs top_logprobs user seed response_format reasoning_effort verbosity prediction metadata store service_tier safety_identifier prompt_cache_key prompt_cache_retention".split(
    " ",
  ),
);
const textTypes: ReadonlySet<string> = new Set(["text"]);
const roles: ReadonlySet<string> = new Set(["system", "developer", "user", "assistant", "tool"]);

/** The Chat Completions API. */
export const chat: Dialect = {
  path: "/v1/chat/completions",
  readRequest,
  rewrite,
  next: (body, answer, denied) => ({
    ...body,
    ...(isObject(body.tool_choice) || body.tool_choice === "required" ? { tool_choice: "auto" } : {}),
    messages: [...listOf(member(body, "messages")), ...answer.items, ...denied.map(denialMessage)],
  }),
  readAnswer: readChatAnswer,
  writeAnswer: writeChatAnswer,
  weave: weaveChat,
  problem: (code, text) => ({ error: { message: text, type: "sluice_denied", param: null, code } }),
  broken: (code, text) => ({
    event: "",
    data: JSON.stringify({ error: { message: text, type: "sluice_denied", param: null, code } }),
  }),
};

function readRequest(body: JsonObject, more: ReadonlySet<string>): Result<ReadRequest, RequestFault> {
  const unknown = unknownMember(body, members, more);
  if (unknown !== undefined) return err({ pointer: `/${unknown}` });
  if ((member(body, "n") ?? 1) !== 1) return err({ pointer: "/n" });
  const messages = member(body, "messages");
  if (!isArray(messages)) return err({ pointer: "/messages" });
  const past: PastItem[] = [];
  for (const [at, message] of messages.entries()) {
    const read = readMessage(message);
    if (read === undefined) return err({ pointer: `/messages/${at}` });
    past.push(...read);
  }
  const offered = listOf(member(body, "tools")).flatMap((tool) => functionName(tool) ?? []);
  const format = member(member(body, "response_format"), "type") ?? "text";
  return ok({ isStream: member(body, "stream") === true, past, offered, isStructured: format !== "text" });
}

/** The name of a function that a client offers; tools of other kinds have none here. */
function functionName(tool: Json): string | undefined {
  const name = member(member(tool, "function"), "name");
  return member(tool, "type") === "function" && typeof name === "string" ? name : undefined;
}

/** What of a message is checked; `undefined`: it is not let through. */
function readMessage(message: Json): readonly PastItem[] | undefined {
  const role = member(message, "role");
  if (typeof role !== "string" || !roles.has(role)) return undefined;
  const isCalling = (member(message, "tool_calls") ?? null) !== null || (member(message, "function_call") ?? null) !== null;
  if (role === "tool") {
    const id = member(message, "tool_call_id");
    const value = contentValue(member(message, "content"), textTypes);
    return typeof id !== "string" || value === undefined || isCalling
      ? undefined
      : [{ kind: "result", id, value, isError: false }];
  }
  if (!isCalling) return [];
  const calls = member(message, "tool_calls");
  if (role !== "assistant" || !isArray(calls) || (member(message, "function_call") ?? null) !== null) return undefined;
  const read = calls.flatMap((call) => readCall(call) ?? []);
  return read.length === calls.length ? read : undefined;
}

function readCall(call: Json): PastItem | undefined {
  const [id, name, args] = [member(call, "id"), functionName(call), member(member(call, "function"), "arguments")];
  if (typeof id !== "string" || name === undefined || typeof args !== "string") return undefined;
  return { kind: "call", id, name, args: argsOf(args) };
}

function rewrite(body: JsonObject, rewriting: Rewriting): JsonObject {
  const { tools: _, tool_choice: choice, parallel_tool_calls: parallel, ...rest } = body;
  const tools = listOf(member(body, "tools")).flatMap((tool) => {
    const name = functionName(tool);
    const known = name === undefined ? undefined : rewriting.tool(name);
    if (name === undefined || known === undefined) return [];
    return [{ type: "function", function: { name, description: known.description, parameters: known.inputSchema } }];
  });
  const names = new Set(tools.map((tool) => tool.function.name));
  const chosen = chosenTools(choice, (tool) => names.has(functionName(tool) ?? ""));
  return {
    ...rest,
    messages: listOf(member(body, "messages")).flatMap((message) => rewriteMessage(message as JsonObject, rewriting)),
    ...(tools.length === 0 ? {} : { tools }),
    ...(tools.length === 0 || chosen === undefined ? {} : { tool_choice: chosen }),
    ...(tools.length === 0 || parallel === undefined ? {} : { parallel_tool_calls: parallel }),
  };
}

function rewriteMessage(message: JsonObject, rewriting: Rewriting): readonly JsonObject[] {
  if (message.role === "tool") {
    const { id, shown } = rewriting.result(message.tool_call_id as string);
    return [{ ...message, tool_call_id: id, ...(shown === undefined ? {} : { content: shown.text }) }];
  }
  if (!isArray(message.tool_calls)) return [message];
  const calls = message.tool_calls as readonly JsonObject[];
  const denied = calls.flatMap(({ id }) => rewriting.denied(id as string));
  const tool_calls = [
    ...calls.map((call) => {
      const { id, args } = rewriting.call(call.id as string);
      return { ...call, id, function: { ...(call.function as JsonObject), arguments: args } };
    }),
    ...denied.map(({ id, name, args }) => ({ id, type: "function", function: { name, arguments: args } })),
  ];
  return [{ ...message, tool_calls }, ...denied.map(denialMessage)];
}

function denialMessage({ id, text }: DeniedCall): JsonObject {
  return { role: "tool", tool_call_id: id, content: text };
}
