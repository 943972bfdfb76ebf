/**
 * OpenAI's Responses API, as far as requests go; its answers are in `responses-answer.ts`.
 * Pure. Never lets through conversations and prompts that the provider keeps and nobody here has seen, nor tools that it would run.
 */
import { canonicalJson } from "../../json/canonical.ts";
import { isArray, isObject, type Json, type JsonObject, member, withoutMember } from "../../json/value.ts";
import { err, ok, type Result } from "../../result.ts";
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
import { madeItem, readResponsesAnswer, weaveResponses, writeResponsesAnswer } from "./responses-answer.ts";
import { chosenTools } from "./tool-choice.ts";

/** Members of a request that cannot make the provider run anything, nor bring in what it keeps. */
const members: ReadonlySet<string> = new Set(
  "model input instructions include max_output_tokens max_tool_calls metadata parallel_tool_calls previous_response_id reasoning safety_identifier prompt_cache_key prompt_cache_retention service_tier store stream stream_options temperature text tool_choice tools top_logprobs top_p truncation user".split(
    " ",
  ),
);
const textTypes: ReadonlySet<string> = new Set(["input_text", "output_text", "text"]);
const roles: ReadonlySet<string> = new Set(["user", "assistant", "system", "developer"]);

/** The Responses API. */
export const responses: Dialect = {
  path: "/v1/responses",
  readRequest,
  rewrite,
  next: (body, answer, denied) => ({
    ...body,
    ...(isObject(body.tool_choice) || body.tool_choice === "required" ? { tool_choice: "auto" } : {}),
    input: [...inputOf(body), ...answer.items, ...denied.map(denialItem)],
  }),
  readAnswer: readResponsesAnswer,
  writeAnswer: writeResponsesAnswer,
  weave: weaveResponses,
  problem: (code, text) => ({ error: { message: text, type: "sluice_denied", param: null, code } }),
  broken: (code, text) => ({
    event: "error",
    data: canonicalJson({ type: "error", code, message: text, param: null, sequence_number: 0 }),
  }),
};

/** The input as items. */
function inputOf(body: JsonObject): readonly Json[] {
  const input = member(body, "input");
  return typeof input === "string" ? [{ role: "user", content: input }] : listOf(member(body, "input"));
}

function readRequest(body: JsonObject, more: ReadonlySet<string>): Result<ReadRequest, RequestFault> {
  const unknown = unknownMember(body, members, more);
  if (unknown !== undefined) return err({ pointer: `/${unknown}` });
  const input = member(body, "input");
  if (typeof input !== "string" && !isArray(input)) return err({ pointer: "/input" });
  const past: PastItem[] = [];
  for (const [at, item] of inputOf(body).entries()) {
    const read = readItem(item);
    if (read === undefined) return err({ pointer: `/input/${at}` });
    past.push(...read);
  }
  const offered = listOf(member(body, "tools")).flatMap((tool) => nameOf(tool) ?? []);
  const previous = member(body, "previous_response_id") ?? undefined;
  if (previous !== undefined && typeof previous !== "string") return err({ pointer: "/previous_response_id" });
  const format = member(member(member(body, "text"), "format"), "type") ?? "text";
  return ok({
    isStream: member(body, "stream") === true,
    past,
    offered,
    isStructured: format !== "text",
    ...(previous === undefined ? {} : { previous }),
  });
}

function nameOf(tool: Json): string | undefined {
  const name = member(tool, "name");
  return member(tool, "type") === "function" && typeof name === "string" ? name : undefined;
}

/** What of an item is checked; `undefined`: it is not let through. */
function readItem(item: Json): readonly PastItem[] | undefined {
  const role = member(item, "role");
  const type = member(item, "type") ?? (role === undefined ? "item_reference" : "message");
  switch (type) {
    case "message":
      return typeof role === "string" && roles.has(role) ? [] : undefined;
    case "reasoning":
      return [];
    case "item_reference": {
      const id = member(item, "id");
      if (typeof id !== "string") return undefined;
      return madeItem.test(id) ? [] : [{ kind: "reference", id }];
    }
    case "function_call": {
      const [id, name, args] = [member(item, "call_id"), member(item, "name"), member(item, "arguments")];
      if (typeof id !== "string" || typeof name !== "string" || typeof args !== "string") return undefined;
      return (member(item, "namespace") ?? null) === null ? [{ kind: "call", id, name, args: argsOf(args) }] : undefined;
    }
    case "function_call_output": {
      const [id, value] = [member(item, "call_id"), contentValue(member(item, "output"), textTypes)];
      return typeof id !== "string" || value === undefined ? undefined : [{ kind: "result", id, value, isError: false }];
    }
    default:
      return undefined;
  }
}

function rewrite(body: JsonObject, rewriting: Rewriting): JsonObject {
  const { tools: _, tool_choice: choice, parallel_tool_calls: parallel, ...rest } = body;
  const tools = listOf(member(body, "tools")).flatMap((tool) => {
    const name = nameOf(tool);
    const known = name === undefined ? undefined : rewriting.tool(name);
    if (name === undefined || known === undefined) return [];
    // Not strict: what Sluice fills in is optional.
    return [{ type: "function", name, description: known.description, parameters: known.inputSchema, strict: false }];
  });
  const names = new Set(tools.map(({ name }) => name));
  const chosen = chosenTools(choice, (tool) => names.has(nameOf(tool) ?? ""));
  const { previous } = rewriting;
  const unanswered = previous?.denied ?? [];
  const input = [...unanswered.map(denialItem), ...inputOf(body).flatMap((item) => rewriteItem(item as JsonObject, rewriting))];
  return {
    ...rest,
    input: typeof body.input === "string" && unanswered.length === 0 ? body.input : input,
    ...(previous === undefined ? {} : { previous_response_id: previous.modelId }),
    ...(tools.length === 0 ? {} : { tools }),
    ...(tools.length === 0 || chosen === undefined ? {} : { tool_choice: chosen }),
    ...(tools.length === 0 || parallel === undefined ? {} : { parallel_tool_calls: parallel }),
  };
}

function rewriteItem(item: JsonObject, rewriting: Rewriting): readonly JsonObject[] {
  // What Sluice has said in the model's place has no id at the provider.
  if (madeItem.test(String(item.id ?? ""))) return item.role === undefined ? [] : [withoutMember(item, "id")];
  if (item.type === "function_call") {
    const visible = item.call_id as string;
    const { id, args } = rewriting.call(visible);
    const denied = rewriting.denied(visible);
    return [
      { ...item, call_id: id, arguments: args },
      ...denied.map(({ id: call_id, name, args }) => ({ type: "function_call", call_id, name, arguments: args })),
      ...denied.map(denialItem),
    ];
  }
  if (item.type !== "function_call_output") return [item];
  const { id, shown } = rewriting.result(item.call_id as string);
  return [{ ...item, call_id: id, ...(shown === undefined ? {} : { output: shown.text }) }];
}

function denialItem({ id, text }: DeniedCall): JsonObject {
  return { type: "function_call_output", call_id: id, output: text };
}
