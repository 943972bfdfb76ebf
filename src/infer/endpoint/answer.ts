/**
 * Reads the response of a chat completion and the answer in it: untrusted text that becomes data of one form, or an error.
 * Pure. Never looks at tools: what the names in an answer mean is checked in `decode.ts`.
 */
import { readJson } from "../../json/read.ts";
import { isArray, isObject, type Json, type JsonObject, member } from "../../json/value.ts";
import { err, ok, type Result } from "../../result.ts";
import type { InferCode } from "../infer-error.ts";
import { outcomes } from "./answer-schema.ts";
import { endpointLimits } from "./endpoint-limits.ts";
import { type Certainty, certaintyOf } from "./token-certainty.ts";

/** Where an answer says that an argument comes from. */
export type AnswerSource =
  | { readonly from: "task"; readonly words: readonly string[]; readonly value: Json }
  | { readonly from: "result"; readonly call: number; readonly path: string }
  | { readonly from: "ask" };

/** One argument of an answer, by the name that the model gave. */
export interface AnswerArgument {
  readonly name: string;
  readonly source: AnswerSource;
  /** As the server's log-probabilities say, 0 to 1. */
  readonly certainty?: number;
}

/** One call of an answer. */
export interface AnswerCall {
  readonly tool: string;
  readonly words: string;
  readonly args: readonly AnswerArgument[];
  readonly certainty?: number;
}

/** An answer in its form; no name in it is known to mean anything. */
export interface Answer {
  readonly outcome: (typeof outcomes)[number];
  readonly calls: readonly AnswerCall[];
}

/** Why a response is no answer: what the endpoint does, to stand behind "the endpoint at HOST". */
export interface AnswerError {
  readonly code: InferCode & `INFER_ENDPOINT_${string}`;
  readonly message: string;
}

/** The answer in a response. A model that declines has answered: the task is out of scope. */
export function readAnswer(response: Json): Result<Answer, AnswerError> {
  const choices = member(response, "choices");
  const choice = isArray(choices) ? choices[0] : undefined;
  const message = member(choice, "message");
  if (!isObject(message)) return wrong("INFER_ENDPOINT_FORMAT", "sends no `choices[0].message`, as chat completions have it");
  const finish = member(choice, "finish_reason");
  if (finish === "content_filter" || isText(member(message, "refusal"))) return ok({ outcome: "out_of_scope", calls: [] });
  const content = contentOf(message);
  if (finish === "length")
    return wrong("INFER_ENDPOINT_CUT_OFF", "cuts the answer off; raise the limit of its tokens, or the context of the model");
  if (content === undefined || content.trim() === "")
    return wrong("INFER_ENDPOINT_FORMAT", "sends a message without text; the model may not be one for chats");
  if (content.length > endpointLimits.answerChars)
    return wrong("INFER_ENDPOINT_TOO_LARGE", `sends an answer of more than ${endpointLimits.answerChars} characters`);
  const { json, offset } = withoutWrapping(content);
  const read = readJson(json, { maxDepth: endpointLimits.answerDepth });
  if (!read.ok) return wrong("INFER_ENDPOINT_ANSWER", "has a model that does not answer in JSON; another model may");
  const tokens = member(member(choice, "logprobs"), "content");
  return formOf(read.value, certaintyOf(json, { tokens, answer: content, offset }));
}

function isText(value: Json | undefined): value is string {
  return typeof value === "string" && value !== "";
}

/** The text of a message: a string, or as some servers send it, a list of parts. */
function contentOf(message: JsonObject): string | undefined {
  const content = member(message, "content");
  if (typeof content === "string") return content;
  if (!isArray(content) || content.length > endpointLimits.calls) return undefined;
  const parts = content.map((part) => member(part, "text")).filter((part) => typeof part === "string");
  return parts.length === 0 ? undefined : parts.join("");
}

/** Servers that take no schema have models that think aloud first, and put JSON into a fence. Nothing else around the JSON is forgiven. */
function withoutWrapping(content: string): { readonly json: string; readonly offset: number } {
  const thought = content.lastIndexOf("</think>");
  const from = thought >= 0 && content.trimStart().startsWith("<think>") ? thought + "</think>".length : 0;
  const rest = content.slice(from);
  const fence = /^\s*```(?:json)?[ \t]*\n/.exec(rest)?.[0];
  const isFenced = fence !== undefined && rest.trimEnd().endsWith("```");
  const body = isFenced ? rest.trimEnd().slice(fence.length, -3) : rest;
  const json = body.trim();
  return { json, offset: from + (isFenced ? fence.length : 0) + (body.length - body.trimStart().length) };
}

function formOf(value: Json, certainty: Certainty): Result<Answer, AnswerError> {
  const outcome = outcomes.find((known) => known === member(value, "outcome"));
  const calls = member(value, "calls");
  if (outcome === undefined || !isArray(calls)) return wrongForm("`outcome` and `calls`");
  if (calls.length > endpointLimits.calls) return wrongForm(`at most ${endpointLimits.calls} calls`);
  const read: AnswerCall[] = [];
  for (const [at, call] of calls.entries()) {
    const one = callOf(call, (path) => certainty(["calls", at, ...path]));
    if (!one.ok) return one;
    read.push(one.value);
  }
  return ok({ outcome, calls: read });
}

function callOf(call: Json, certainty: Certainty): Result<AnswerCall, AnswerError> {
  const [tool, words] = [member(call, "tool"), member(call, "words")];
  const args = member(call, "args") ?? [];
  if (typeof tool !== "string" || !isArray(args) || args.length > endpointLimits.args)
    return wrongForm("calls with `tool`, `words` and `args`");
  const read: AnswerArgument[] = [];
  for (const [at, arg] of args.entries()) {
    const name = member(arg, "name");
    const source = sourceOf(arg);
    if (typeof name !== "string" || source === undefined) return wrongForm("arguments with `name` and `from`");
    const parts = ["from", "words", "value", "call", "path"].map((part) => certainty(["args", at, part]));
    read.push({ name, source, ...certain(parts) });
  }
  return ok({ tool, words: typeof words === "string" ? words : "", args: read, ...certain([certainty(["tool"])]) });
}

/** The product of what is known; nothing if nothing is. */
function certain(parts: readonly (number | undefined)[]): { readonly certainty?: number } {
  const known = parts.filter((part) => part !== undefined);
  return known.length === 0 ? {} : { certainty: known.reduce((product, part) => product * part, 1) };
}

function sourceOf(arg: Json): AnswerSource | undefined {
  const from = member(arg, "from");
  if (from === "ask") return { from };
  if (from === "result") {
    const [call, path] = [member(arg, "call"), member(arg, "path")];
    return typeof call === "number" && typeof path === "string" ? { from, call, path } : undefined;
  }
  const words = member(arg, "words");
  const pieces = typeof words === "string" ? [words] : words;
  if (from !== "task" || !isArray(pieces) || pieces.length > endpointLimits.words) return undefined;
  return { from, words: pieces.filter((piece) => typeof piece === "string"), value: member(arg, "value") ?? null };
}

function wrongForm(what: string): Result<never, AnswerError> {
  return wrong("INFER_ENDPOINT_ANSWER", `has a model whose answer is no plan: it lacks ${what}; another model may do better`);
}

function wrong(code: AnswerError["code"], message: string): Result<never, AnswerError> {
  return err({ code, message });
}
