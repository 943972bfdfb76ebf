/**
 * Answers of OpenAI's Chat Completions API, whole and in chunks.
 * Pure. Never lets a call through that it was not given, and nothing of an answer that has several choices.
 */
import { canonicalJson } from "../../json/canonical.ts";
import { isObject, type Json, type JsonObject, member } from "../../json/value.ts";
import { modelCallsPerTurnMax } from "../../limits.ts";
import { type SseEvent, StreamFault } from "../event-stream.ts";
import {
  addUsage,
  type Answer,
  type Ending,
  eventObject,
  listOf,
  type ModelCall,
  objectIn,
  readableArgs,
  textIn,
  type Weaver,
} from "./dialect.ts";

/** Reasons for which an answer ended before it was whole. */
const cutReasons: ReadonlySet<string> = new Set(["length", "content_filter"]);

/** Reads an answer: one choice, with text, calls or both. */
export function readChatAnswer(body: JsonObject): Answer {
  const choice = onlyChoice(body);
  const message = objectIn(member(choice, "message"));
  refuseFunctionCall(message);
  const calls = listOf(member(message, "tool_calls")).map((call, at) => {
    refuseKind(call);
    const named = objectIn(member(call, "function"));
    return { id: idOf(call) || `call_${at}`, name: textIn(named, "name"), args: textIn(named, "arguments") };
  });
  const reason = String(member(choice, "finish_reason"));
  const { content = null, reasoning_content: reasoning } = message;
  return answerOf({ content, reasoning, calls, reason });
}

/** The client's answer: the last one, with the texts and the usage of all rounds. */
export function writeChatAnswer(rounds: readonly JsonObject[], ending: Ending): JsonObject {
  const { calls, stop } = ending;
  const last = rounds.at(-1) as JsonObject;
  const choice = onlyChoice(last);
  const message = textMembers(objectIn(member(choice, "message")));
  const texts = [...rounds.map((round) => member(member(onlyChoice(round), "message"), "content")), stop];
  const text = texts.filter((one) => typeof one === "string" && one !== "").join("\n\n");
  const usage = rounds.map((round) => member(round, "usage")).reduce(addUsage);
  return {
    ...last,
    choices: [
      {
        ...knownMembers(choice),
        message: {
          ...message,
          content: text === "" ? (message.content ?? null) : text,
          ...(calls.length === 0 ? {} : { tool_calls: calls.map(toolCall) }),
        },
        finish_reason: finishReason(member(choice, "finish_reason"), ending),
      },
    ],
    ...(usage === undefined ? {} : { usage }),
  };
}

function answerOf({
  content,
  reasoning,
  calls,
  reason,
}: {
  readonly content: Json;
  readonly reasoning: Json | undefined;
  readonly calls: readonly ModelCall[];
  readonly reason: string;
}): Answer {
  if (calls.length > modelCallsPerTurnMax) throw new StreamFault("large");
  const tool_calls = calls.map((call) => toolCall({ ...call, args: readableArgs(call.args) }));
  const item = {
    role: "assistant",
    content,
    ...(typeof reasoning === "string" ? { reasoning_content: reasoning } : {}),
    ...(calls.length === 0 ? {} : { tool_calls }),
  };
  return { calls, isCut: cutReasons.has(reason), items: [item] };
}

function onlyChoice(body: JsonObject): JsonObject {
  const [choice, second] = listOf(member(body, "choices"));
  if (second !== undefined || (member(choice, "index") ?? 0) !== 0) throw new StreamFault("shape");
  return objectIn(choice);
}

/** What of a choice is neither text nor calls. Nobody has looked at what else there may be. */
function knownMembers({ index, logprobs }: JsonObject): JsonObject {
  return { index: index ?? 0, logprobs: logprobs ?? null };
}

/** Members of a message, or of a piece of one, that clients show and do not act on. SECURITY: any other may be a call in a form that nobody has read. */
const textMemberNames: ReadonlySet<string> = new Set([
  "annotations",
  "audio",
  "content",
  "reasoning",
  "reasoning_content",
  "reasoning_details",
  "refusal",
  "role",
]);

function textMembers(message: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(message).filter(([name]) => textMemberNames.has(name)));
}

function refuseFunctionCall(message: JsonObject): void {
  if ((member(message, "function_call") ?? null) !== null) throw new StreamFault("shape");
}

function refuseKind(call: Json): void {
  if ((member(call, "type") ?? "function") !== "function") throw new StreamFault("shape");
}

/** Some servers give no ids: then a call has its place for one, which is made unique for the client. */
function idOf(call: Json): string {
  const id = member(call, "id") ?? "";
  if (typeof id !== "string") throw new StreamFault("shape");
  return id;
}

function toolCall({ id, name, args }: ModelCall): JsonObject {
  return { id, type: "function", function: { name, arguments: args } };
}

function finishReason(reason: Json | undefined, { answer, calls, stop }: Ending): Json {
  if (answer.isCut) return reason ?? null;
  if (calls.length > 0) return "tool_calls";
  // A client that is told of calls waits for them.
  return stop !== undefined || reason === "tool_calls" || reason === "function_call" ? "stop" : (reason ?? null);
}

interface Slot {
  id: string;
  name: string;
  args: string;
}

/** What was woven of a stream of chunks so far. */
interface ChatState {
  isBroken: boolean;
  /** The first chunk of all: whatever rounds follow, the client's answer has its identity. */
  head: JsonObject | undefined;
  /** The chunk that ended the answer. */
  last: JsonObject | undefined;
  usageChunk: JsonObject | undefined;
  usage: Json | undefined;
  /** Usage of earlier rounds. */
  before: Json | undefined;
  slots: readonly PlacedSlot[];
  content: string;
  reasoning: string;
  reason: string | undefined;
  hasRole: boolean;
}

interface PlacedSlot {
  readonly index: number;
  readonly slot: Slot;
}

/** What of a state is one answer's alone. */
function freshAnswer(): Pick<ChatState, "usageChunk" | "usage" | "slots" | "content" | "reasoning" | "reason"> {
  return { usageChunk: undefined, usage: undefined, slots: [], content: "", reasoning: "", reason: undefined };
}

/** Weaves chunks: text goes on as it comes, calls wait until their turn has ended. */
export function weaveChat(): Weaver {
  const state: ChatState = {
    isBroken: false,
    head: undefined,
    last: undefined,
    before: undefined,
    hasRole: false,
    ...freshAnswer(),
  };
  return {
    get isBroken() {
      return state.isBroken;
    },
    take: (event) => takeChunk(state, event),
    end: () => {
      const { content, reasoning, reason, slots } = state;
      if (reason === undefined) throw new StreamFault("broken");
      const calls = slots.map(({ slot }, at) => ({ ...slot, id: slot.id || `call_${at}` }));
      return answerOf({ content: content === "" ? null : content, reasoning: reasoning || undefined, calls, reason });
    },
    again: () => {
      Object.assign(state, { before: addUsage(state.before, state.usage) }, freshAnswer());
    },
    finish: (ending) => finishChunks(state, ending),
  };
}

function takeChunk(state: ChatState, event: SseEvent): readonly SseEvent[] {
  if (event.data === "[DONE]") return [];
  const chunk = eventObject(event);
  if (Object.hasOwn(chunk, "error")) {
    state.isBroken = true;
    return [event];
  }
  state.head ??= chunk;
  if (isObject(member(chunk, "usage"))) Object.assign(state, { usageChunk: chunk, usage: member(chunk, "usage") });
  if (listOf(member(chunk, "choices")).length === 0) return [];
  const choice = onlyChoice(chunk);
  if (state.reason !== undefined) throw new StreamFault("shape");
  const delta = objectIn(member(choice, "delta") ?? {});
  refuseFunctionCall(delta);
  for (const part of listOf(member(delta, "tool_calls"))) state.slots = addPart(state.slots, part);
  if (typeof delta.content === "string") state.content += delta.content;
  if (typeof delta.reasoning_content === "string") state.reasoning += delta.reasoning_content;
  if (typeof choice.finish_reason === "string") Object.assign(state, { reason: choice.finish_reason, last: chunk });
  const { role, ...rest } = textMembers(delta);
  const shown = state.hasRole || role === undefined ? rest : { role, ...rest };
  if (!saysSomething(shown) && !isObject(member(choice, "logprobs"))) return [];
  state.hasRole = true;
  return [chunkOf(chunk, state.head, { ...knownMembers(choice), delta: shown, finish_reason: null })];
}

function finishChunks({ head, last, usageChunk, ...state }: ChatState, ending: Ending): readonly SseEvent[] {
  const { calls, stop } = ending;
  const chunk = last as JsonObject;
  const choice = (delta: JsonObject, finish_reason: Json): JsonObject => ({ index: 0, delta, logprobs: null, finish_reason });
  const texts = stop === undefined ? [] : [choice({ ...(state.hasRole ? {} : { role: "assistant" }), content: stop }, null)];
  const parts = calls.map((call, index) => choice({ tool_calls: [{ index, ...toolCall(call) }] }, null));
  const end = choice({}, finishReason(state.reason, ending));
  const total = addUsage(state.before, state.usage);
  // Usage comes with the last choice, or in a chunk of its own.
  const own = usageChunk === undefined || usageChunk === chunk ? undefined : usageChunk;
  const apart = own === undefined ? [] : [{ ...own, ...identity(head), choices: [], usage: total ?? null }];
  return [
    ...[...texts, ...parts].map((one) => chunkOf(chunk, head, one)),
    chunkOf(chunk, head, end, own === undefined ? total : null),
    ...apart.map((one) => ({ event: "", data: canonicalJson(one) })),
    { event: "", data: "[DONE]" },
  ];
}

function saysSomething(delta: JsonObject): boolean {
  return Object.entries(delta).some(([name, value]) => name === "role" || (value !== null && value !== ""));
}

/** All chunks of an answer have one id, whatever rounds it took. */
function identity(head: JsonObject | undefined): JsonObject {
  return Object.fromEntries(Object.entries(head ?? {}).filter(([name]) => name === "id" || name === "created"));
}

function chunkOf(chunk: JsonObject, head: JsonObject | undefined, choice: JsonObject, usage?: Json): SseEvent {
  const { usage: own, ...rest } = chunk;
  const said = own === undefined ? {} : { usage: usage ?? null };
  return { event: "", data: canonicalJson({ ...rest, ...identity(head), choices: [choice], ...said }) };
}

/** Adds a piece of a call. A piece without its place, or with another id at the same place, begins a call. */
function addPart(slots: readonly PlacedSlot[], part: Json): readonly PlacedSlot[] {
  refuseKind(part);
  const index = member(part, "index") ?? (idOf(part) === "" ? slots.length - 1 : slots.length);
  if (typeof index !== "number" || !Number.isSafeInteger(index) || index < 0) throw new StreamFault("shape");
  const named = member(part, "function") ?? {};
  const { name = "", arguments: args = "" } = objectIn(named === null ? {} : named);
  if (typeof (name ?? "") !== "string" || typeof (args ?? "") !== "string") throw new StreamFault("shape");
  const id = idOf(part);
  const known = slots.findLast((one) => one.index === index)?.slot;
  if (known === undefined || (id !== "" && known.id !== "" && known.id !== id)) {
    if (slots.length >= modelCallsPerTurnMax) throw new StreamFault("large");
    return [...slots, { index, slot: { id, name: String(name ?? ""), args: String(args ?? "") } }];
  }
  if (known.id === "") known.id = id;
  // Some servers say the name once, some with every piece.
  if (name !== null && name !== known.name) known.name += String(name);
  known.args += String(args ?? "");
  return slots;
}
