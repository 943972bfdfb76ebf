/**
 * What every API of a model has in common: a conversation with calls and their results, and an answer that is whole or comes in pieces.
 * Types, and what all dialects read alike. Never decides, and never lets through what it does not know to carry no call.
 */
import type { Code } from "../../codes.ts";
import { readJson } from "../../json/read.ts";
import { isArray, isObject, type Json, type JsonObject, member, withoutMember } from "../../json/value.ts";
import type { Result } from "../../result.ts";
import type { AgentTool } from "../agent-tools.ts";
import { type SseEvent, StreamFault } from "../event-stream.ts";

/** A call as a client's history has it. `args` is `null` where they are no JSON. */
export interface PastCall {
  readonly kind: "call";
  readonly id: string;
  readonly name: string;
  readonly args: Json;
}

/** A result as a client's history has it: a text, or the parts of what is more than text. */
export interface PastResult {
  readonly kind: "result";
  readonly id: string;
  readonly value: Json;
  readonly isError: boolean;
}

/** Something that the provider keeps and the client names. */
export interface PastReference {
  readonly kind: "reference";
  readonly id: string;
}

/** What of a history is checked, in its order. */
export type PastItem = PastCall | PastResult | PastReference;

/** What of a request matters to a firewall. */
export interface ReadRequest {
  readonly isStream: boolean;
  readonly past: readonly PastItem[];
  /** Names of the tools that the client offers. */
  readonly offered: readonly string[];
  /** The answer that the request continues, which the provider keeps. */
  readonly previous?: string;
  /** Whether the client parses the text of the answer, so that nothing may be added to it. */
  readonly isStructured: boolean;
}

/** A part of a request that is not let through, as a JSON pointer. */
export interface RequestFault {
  readonly pointer: string;
}

/** A call that was denied, as the model made it, with what it is told. */
export interface DeniedCall {
  readonly id: string;
  readonly name: string;
  /** The model's own text of the arguments, if it is JSON. */
  readonly args: string;
  readonly text: string;
}

/** An answer that the provider keeps. */
export interface KeptAnswer {
  /** Its name at the provider. */
  readonly modelId: string;
  readonly denied: readonly DeniedCall[];
}

/** How a request is written anew: in the model's own words, with what it may see. */
export interface Rewriting {
  /** The tool of the plan that the client's name means, and only if the plan has it. */
  tool(name: string): AgentTool | undefined;
  /** A call as the model made it. */
  call(id: string): { readonly id: string; readonly args: string };
  /** The id of a result as the model knows it, and what it is shown in place of it; `undefined`: what the client says. */
  result(id: string): { readonly id: string; readonly shown?: { readonly text: string; readonly isError: boolean } };
  /** Calls that were denied in the turn whose first call this is. */
  denied(id: string): readonly DeniedCall[];
  /** The answer that the request continues, as the provider knows it, with its denied calls, which nobody has answered yet. */
  readonly previous?: KeptAnswer;
}

/** A call as the model made it. */
export interface ModelCall {
  readonly id: string;
  readonly name: string;
  /** Text of the arguments. */
  readonly args: string;
}

/** One answer of a model. */
export interface Answer {
  readonly calls: readonly ModelCall[];
  /** Whether it was cut off: then none of its calls counts. */
  readonly isCut: boolean;
  /** The answer as items of a history, in the dialect's own form. */
  readonly items: readonly JsonObject[];
  /** What the provider keeps it under: for the client (all rounds have one name), for the provider, and the names of its parts. */
  readonly kept?: { readonly id: string; readonly modelId: string; readonly parts: readonly string[] };
}

/** A call that is allowed, as the client gets it: its id, its name and the checked arguments; and its place among the answer's calls. */
export interface ShownCall extends ModelCall {
  readonly at: number;
}

/** How the answer ends that a client gets. */
export interface Ending {
  /** The answer that is shown, the last one of its rounds. */
  readonly answer: Answer;
  readonly calls: readonly ShownCall[];
  /** Constant text that says that nothing was allowed; absent where there was nothing to allow, or something is. */
  readonly stop?: string;
}

/** Writes a stream for the client from one or several streams of the model. Every method throws `StreamFault` for what is not let through. */
export interface Weaver {
  /** Takes one event and gives those that may go on at once. */
  take(event: SseEvent): readonly SseEvent[];
  /** Whether the model's provider has ended the stream with an error, which was passed on. */
  readonly isBroken: boolean;
  /** The answer, when its stream has ended. */
  end(): Answer;
  /** Another answer follows, as part of the same. */
  again(): void;
  /** What ends the client's stream. */
  finish(ending: Ending): readonly SseEvent[];
}

/** One API of a model. Pure. */
export interface Dialect {
  /** Path below the base URL. */
  readonly path: string;
  readRequest(body: JsonObject, members: ReadonlySet<string>): Result<ReadRequest, RequestFault>;
  /** The request for the model. The body is one that `readRequest` has taken. */
  rewrite(body: JsonObject, rewriting: Rewriting): JsonObject;
  /** The request that tells the model of its denied calls: the one before, its answer, and the denials. */
  next(body: JsonObject, answer: Answer, denied: readonly DeniedCall[]): JsonObject;
  /** Reads a whole answer. Throws `StreamFault` for what is not let through. */
  readAnswer(body: JsonObject): Answer;
  /** The client's answer, of those of all rounds. */
  writeAnswer(rounds: readonly JsonObject[], ending: Ending): JsonObject;
  weave(): Weaver;
  /** The body of a problem as the API's clients read it, beside Sluice's own members. */
  problem(code: Code, text: string): JsonObject;
  /** The event that ends a stream with a problem. */
  broken(code: Code, text: string): SseEvent;
}

/** Text of arguments as a value; nothing at all is no arguments. `null`: no JSON. */
export function argsOf(text: string): Json {
  if (text.trim() === "") return {};
  const read = readJson(text);
  return read.ok ? read.value : null;
}

/** Text of arguments as other programs can read it. */
export function readableArgs(text: string): string {
  const args = argsOf(text);
  return isObject(args) && text.trim() !== "" ? text : "{}";
}

/** The content of a result as a value: texts are one text; anything else is its parts, without marks of a cache. `undefined`: it has another form. */
export function contentValue(content: Json | undefined, textTypes: ReadonlySet<string>): Json | undefined {
  if (content === undefined || content === null) return "";
  if (typeof content === "string") return content;
  if (!isArray(content) || !content.every(isObject)) return undefined;
  const texts = content.map((part) => (textTypes.has(String(member(part, "type"))) ? member(part, "text") : undefined));
  if (texts.every((text) => typeof text === "string")) return texts.join("\n");
  return content.map((part) => withoutMember(part, "cache_control"));
}

/** The sum of two reports of usage, member by member. What is no number is the later one's. */
export function addUsage(a: Json | undefined, b: Json | undefined): Json | undefined {
  if (b === undefined || b === null) return a;
  if (typeof a === "number" && typeof b === "number") return a + b;
  if (!isObject(a) || !isObject(b)) return b;
  const sum = new Map<string, Json>(Object.entries(a));
  for (const [name, value] of Object.entries(b)) sum.set(name, addUsage(sum.get(name), value) ?? value);
  return Object.fromEntries(sum);
}

/** A member that must be a text. Throws `StreamFault`. */
export function textIn(value: Json | undefined, name: string): string {
  const text = member(value, name);
  if (typeof text !== "string") throw new StreamFault("shape");
  return text;
}

/** A value that must be an object. Throws `StreamFault`. */
export function objectIn(value: Json | undefined): JsonObject {
  if (!isObject(value)) throw new StreamFault("shape");
  return value;
}

/** A value that must be a list; nothing is an empty one. Throws `StreamFault`. */
export function listOf(value: Json | undefined): readonly Json[] {
  if (value === undefined || value === null) return [];
  if (!isArray(value)) throw new StreamFault("shape");
  return value;
}

/** The JSON object that an event has as its data. Throws `StreamFault`. */
export function eventObject({ data }: SseEvent): JsonObject {
  const read = readJson(data);
  if (!read.ok) throw new StreamFault("shape");
  return objectIn(read.value);
}

/** The place that an event is about. Throws {@link StreamFault} for what is none. */
export function placeIn(value: JsonObject, name: string): number {
  const index = member(value, name);
  if (typeof index !== "number" || !Number.isSafeInteger(index) || index < 0) throw new StreamFault("shape");
  return index;
}

/** The first member of a body that is not among those let through. */
export function unknownMember(body: JsonObject, known: ReadonlySet<string>, more: ReadonlySet<string>): string | undefined {
  return Object.keys(body).find((name) => body[name] !== null && !known.has(name) && !more.has(name));
}
