/**
 * Anthropic's Messages API, as far as requests go; its answers are in `messages-answer.ts`.
 * Pure. Never lets through servers, containers or tools that the provider would run, nor blocks that such runs leave behind.
 */
import { canonicalJson } from "../../json/canonical.ts";
import { isArray, isObject, type Json, type JsonObject, member, withoutMember } from "../../json/value.ts";
import { err, ok, type Result } from "../../result.ts";
import type { AgentTool } from "../agent-tools.ts";
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
import { readMessagesAnswer, weaveMessages, writeMessagesAnswer } from "./messages-answer.ts";
import { chosenTools } from "./tool-choice.ts";

/** Members of a request that cannot make the provider run anything. */
const members: ReadonlySet<string> = new Set(
  "model messages max_tokens metadata stop_sequences stream system temperature thinking tool_choice tools top_k top_p service_tier output_config output_format context_management cache_control inference_geo speed".split(
    " ",
  ),
);
const textTypes: ReadonlySet<string> = new Set(["text"]);
const userBlocks: ReadonlySet<string> = new Set(["text", "image", "document", "search_result", "tool_result"]);
const assistantBlocks: ReadonlySet<string> = new Set(["text", "thinking", "redacted_thinking", "tool_use"]);
/** Tools with a definition of the provider's that the client runs itself. */
const clientTool = /^(?:bash|text_editor|computer|memory)_\d{8}$/;

/** The Messages API. */
export const messages: Dialect = {
  path: "/v1/messages",
  readRequest,
  rewrite,
  next: (body, answer, denied) => ({
    ...body,
    ...(["any", "tool"].includes(String(member(body.tool_choice, "type"))) ? { tool_choice: { type: "auto" } } : {}),
    messages: [...listOf(member(body, "messages")), ...answer.items, { role: "user", content: denied.map(denialBlock) }],
  }),
  readAnswer: readMessagesAnswer,
  writeAnswer: writeMessagesAnswer,
  weave: weaveMessages,
  problem: (code, text) => problem(`${code}: ${text}`),
  broken: (code, text) => ({ event: "error", data: canonicalJson(problem(`${code}: ${text}`)) }),
};

function problem(message: string): JsonObject {
  return { type: "error", error: { type: "permission_error", message } };
}

function readRequest(body: JsonObject, more: ReadonlySet<string>): Result<ReadRequest, RequestFault> {
  const unknown = unknownMember(body, members, more);
  if (unknown !== undefined) return err({ pointer: `/${unknown}` });
  const list = member(body, "messages");
  if (!isArray(list)) return err({ pointer: "/messages" });
  const past: PastItem[] = [];
  for (const [at, message] of list.entries()) {
    const [role, content] = [member(message, "role"), member(message, "content")];
    if (role !== "user" && role !== "assistant") return err({ pointer: `/messages/${at}` });
    if (typeof content === "string") continue;
    if (!isArray(content)) return err({ pointer: `/messages/${at}/content` });
    for (const [place, block] of content.entries()) {
      const read = readBlock(role, block);
      if (read === undefined) return err({ pointer: `/messages/${at}/content/${place}` });
      past.push(...read);
    }
  }
  const offered = listOf(member(body, "tools")).flatMap((tool) => nameOf(tool) ?? []);
  const isStructured = isObject(member(body, "output_format")) || isObject(member(member(body, "output_config"), "format"));
  return ok({ isStream: member(body, "stream") === true, past, offered, isStructured });
}

/** The name of a tool that the client runs; tools of the provider have none here. */
function nameOf(tool: Json): string | undefined {
  const [type, name] = [member(tool, "type") ?? "custom", member(tool, "name")];
  return typeof name === "string" && (type === "custom" || clientTool.test(String(type))) ? name : undefined;
}

/** What of a block is checked; `undefined`: it is not let through. */
function readBlock(role: "user" | "assistant", block: Json): readonly PastItem[] | undefined {
  const type = member(block, "type");
  if (typeof type !== "string" || !(role === "user" ? userBlocks : assistantBlocks).has(type)) return undefined;
  if (type === "tool_result") {
    const [id, isError] = [member(block, "tool_use_id"), member(block, "is_error") ?? false];
    const value = contentValue(member(block, "content"), textTypes);
    return typeof id !== "string" || value === undefined || typeof isError !== "boolean"
      ? undefined
      : [{ kind: "result", id, value, isError }];
  }
  if (type !== "tool_use") return [];
  const [id, name, args] = [member(block, "id"), member(block, "name"), member(block, "input")];
  const caller = member(block, "caller") ?? null;
  if (typeof id !== "string" || typeof name !== "string" || args === undefined) return undefined;
  return caller !== null && member(caller, "type") !== "direct" ? undefined : [{ kind: "call", id, name, args }];
}

function rewrite(body: JsonObject, rewriting: Rewriting): JsonObject {
  const { tools: _, tool_choice: choice, ...rest } = body;
  const tools = listOf(member(body, "tools")).flatMap((tool) => {
    const name = nameOf(tool);
    const known = name === undefined ? undefined : rewriting.tool(name);
    return known === undefined ? [] : [rewriteTool(tool as JsonObject, known)];
  });
  const names = new Set(tools.map((tool) => member(tool, "name")));
  const chosen =
    isObject(choice) && choice.type === "tool" ? chosenTools(choice, (tool) => names.has(member(tool, "name"))) : choice;
  return {
    ...rest,
    messages: rewriteMessages(listOf(member(body, "messages")) as readonly JsonObject[], rewriting),
    ...(tools.length === 0 ? {} : { tools }),
    ...(tools.length === 0 || chosen === undefined ? {} : { tool_choice: chosen }),
  };
}

function rewriteTool(tool: JsonObject, known: AgentTool): JsonObject {
  // What such a tool takes, the provider has fixed: the arguments are checked all the same.
  if (clientTool.test(String(member(tool, "type")))) return tool;
  const cache = member(tool, "cache_control");
  return {
    name: tool.name as Json,
    description: known.description,
    input_schema: known.inputSchema,
    ...(cache === undefined ? {} : { cache_control: cache }),
  };
}

/** Denied calls stand at the end of their turn, their denials at the beginning of what the user says next. */
function rewriteMessages(list: readonly JsonObject[], rewriting: Rewriting): readonly JsonObject[] {
  let denied: readonly DeniedCall[] = [];
  const written: JsonObject[] = [];
  for (const message of list) {
    const blocks = isArray(message.content) ? (message.content as readonly JsonObject[]) : undefined;
    if (message.role === "user") {
      const answers = denied.map(denialBlock);
      denied = [];
      const content = blocks?.map((block) => rewriteResult(block, rewriting)) ?? message.content;
      if (answers.length === 0) written.push(content === undefined ? message : { ...message, content });
      else
        written.push({
          ...message,
          content: [...answers, ...(isArray(content) ? content : [{ type: "text", text: content as Json }])],
        });
      continue;
    }
    if (blocks === undefined) {
      written.push(message);
      continue;
    }
    denied = blocks.flatMap((block) => (block.type === "tool_use" ? rewriting.denied(block.id as string) : []));
    const own = blocks.map((block) => rewriteCall(block, rewriting));
    const extra = denied.map(({ id, name, args }) => ({ type: "tool_use", id, name, input: argsOf(args) ?? {} }));
    written.push({ ...message, content: [...own, ...extra] });
  }
  return written;
}

function rewriteCall(block: JsonObject, rewriting: Rewriting): JsonObject {
  if (block.type !== "tool_use") return block;
  const { id, args } = rewriting.call(block.id as string);
  return { ...block, id, input: argsOf(args) };
}

function rewriteResult(block: JsonObject, rewriting: Rewriting): JsonObject {
  if (block.type !== "tool_result") return block;
  const { id, shown } = rewriting.result(block.tool_use_id as string);
  const named = { ...block, tool_use_id: id };
  return shown === undefined
    ? named
    : { ...withoutMember(named, "is_error"), content: shown.text, ...(shown.isError ? { is_error: true } : {}) };
}

function denialBlock({ id, text }: DeniedCall): JsonObject {
  return { type: "tool_result", tool_use_id: id, is_error: true, content: text };
}
