/**
 * Answers of Anthropic's Messages API, whole and as events.
 * Pure. Never lets a call through that it was not given, nor a block of a kind that it does not know.
 */
import { canonicalJson } from "../../json/canonical.ts";
import { isObject, type Json, type JsonObject, member } from "../../json/value.ts";
import { modelCallsPerTurnMax } from "../../limits.ts";
import { type SseEvent, StreamFault } from "../event-stream.ts";
import {
  addUsage,
  type Answer,
  argsOf,
  type Ending,
  eventObject,
  listOf,
  objectIn,
  type ShownCall,
  textIn,
  type Weaver,
  placeIn,
} from "./dialect.ts";

/** Reasons for which an answer ended before it was whole. */
const cutReasons: ReadonlySet<string> = new Set(["max_tokens", "refusal", "pause_turn", "model_context_window_exceeded"]);
const freeBlocks: ReadonlySet<string> = new Set(["text", "thinking", "redacted_thinking"]);

/** Reads an answer. */
export function readMessagesAnswer(body: JsonObject): Answer {
  const blocks = listOf(member(body, "content")).map(objectIn);
  for (const block of blocks)
    if (block.type !== "tool_use" && !freeBlocks.has(String(block.type))) throw new StreamFault("shape");
  return answerOf(blocks, member(body, "stop_reason"));
}

/** The client's answer: the last one, with the blocks and the usage of all rounds. */
export function writeMessagesAnswer(rounds: readonly JsonObject[], ending: Ending): JsonObject {
  const last = rounds.at(-1) as JsonObject;
  const free = rounds.flatMap((round) =>
    listOf(member(round, "content")).filter((block) => member(block, "type") !== "tool_use"),
  );
  const usage = rounds.map((round) => member(round, "usage")).reduce(addUsage);
  const said = ending.stop === undefined ? [] : [{ type: "text", text: ending.stop }];
  return {
    ...last,
    content: [...free, ...said, ...ending.calls.map(toolUse)],
    stop_reason: stopReason(member(last, "stop_reason"), ending),
    ...(usage === undefined ? {} : { usage }),
  };
}

function answerOf(blocks: readonly JsonObject[], reason: Json | undefined): Answer {
  const uses = blocks.filter(({ type }) => type === "tool_use");
  if (uses.length > modelCallsPerTurnMax) throw new StreamFault("large");
  const calls = uses.map((block) => {
    if ((member(block, "caller") ?? null) !== null && member(block.caller, "type") !== "direct") throw new StreamFault("shape");
    const input = member(block, "input");
    return {
      id: textIn(block, "id"),
      name: textIn(block, "name"),
      args: typeof input === "string" ? input : canonicalJson(input ?? {}),
    };
  });
  const content = blocks
    .filter(({ type, text }) => type !== "text" || text !== "")
    .map((block) => (block.type === "tool_use" ? { ...block, input: inputOf(block.input) } : block));
  return { calls, isCut: cutReasons.has(String(reason)), items: [{ role: "assistant", content }] };
}

/** The input of a call as an object, which is all that the API takes. */
function inputOf(input: Json | undefined): JsonObject {
  const value = typeof input === "string" ? argsOf(input) : input;
  return isObject(value) ? value : {};
}

function toolUse({ id, name, args }: ShownCall): JsonObject {
  return { type: "tool_use", id, name, input: argsOf(args) };
}

function stopReason(reason: Json | undefined, { answer, calls, stop }: Ending): Json {
  if (answer.isCut) return reason ?? null;
  if (calls.length > 0) return "tool_use";
  return stop === undefined ? (reason ?? null) : "end_turn";
}

/** What was woven of a stream of events so far. */
interface MessagesState {
  isBroken: boolean;
  isFirst: boolean;
  /** Blocks that the client has got, over all rounds. */
  shownBlocks: number;
  /** Usage of earlier rounds. */
  before: Json | undefined;
  blocks: Map<number, OpenBlock>;
  startUsage: Json | undefined;
  endUsage: Json | undefined;
  ending: JsonObject | undefined;
  isOver: boolean;
}

/** What of a state is one answer's alone. */
function freshAnswer(): Pick<MessagesState, "blocks" | "startUsage" | "endUsage" | "ending" | "isOver"> {
  return { blocks: new Map(), startUsage: undefined, endUsage: undefined, ending: undefined, isOver: false };
}

/** Weaves events: text and thoughts go on as they come, calls wait until their turn has ended. */
export function weaveMessages(): Weaver {
  const state: MessagesState = { isBroken: false, isFirst: true, shownBlocks: 0, before: undefined, ...freshAnswer() };
  return {
    get isBroken() {
      return state.isBroken;
    },
    take: (taken) => takeEvent(state, eventObject(taken)),
    end: () => endAnswer(state),
    again: () => {
      Object.assign(state, { before: usageOf(state) }, freshAnswer());
    },
    finish: (ending) => finishEvents(state, ending),
  };
}

/** Usage of all rounds so far. */
function usageOf({ before, startUsage, endUsage }: MessagesState): Json | undefined {
  return addUsage(before, addLatest(startUsage, endUsage));
}

function takeEvent(state: MessagesState, value: JsonObject): readonly SseEvent[] {
  switch (member(value, "type")) {
    case "message_start":
      return takeStart(state, objectIn(member(value, "message")));
    case "content_block_start":
      return takeBlock(state, value);
    case "content_block_delta":
      return takeDelta(state, value);
    case "content_block_stop": {
      const open = openBlock(state, value);
      open.isDone = true;
      return open.shown === undefined ? [] : [event("content_block_stop", { index: open.shown })];
    }
    case "message_delta":
      state.ending = value;
      state.endUsage = addLatest(state.endUsage, member(value, "usage"));
      return [];
    case "message_stop":
      state.isOver = true;
      return [];
    case "ping":
      return [event("ping", {})];
    case "error":
      state.isBroken = true;
      return [{ event: "error", data: canonicalJson(value) }];
    default:
      // What an event of another type would add to the answer nobody has looked at.
      return [];
  }
}

function takeStart(state: MessagesState, message: JsonObject): readonly SseEvent[] {
  if (listOf(member(message, "content")).length > 0) throw new StreamFault("shape");
  state.startUsage = member(message, "usage");
  if (!state.isFirst) return [];
  state.isFirst = false;
  return [event("message_start", { message })];
}

function takeBlock(state: MessagesState, value: JsonObject): readonly SseEvent[] {
  const { blocks } = state;
  const index = placeIn(value, "index");
  const block = objectIn(member(value, "content_block"));
  const type = textIn(block, "type");
  if (blocks.has(index) || state.ending !== undefined || blocks.size >= blocksMax) throw new StreamFault("shape");
  if (type !== "tool_use" && !freeBlocks.has(type)) throw new StreamFault("shape");
  const shown = type === "tool_use" ? undefined : state.shownBlocks++;
  blocks.set(index, { block, shown, json: "", isDone: false });
  return shown === undefined ? [] : [event("content_block_start", { index: shown, content_block: block })];
}

function takeDelta(state: MessagesState, value: JsonObject): readonly SseEvent[] {
  const open = openBlock(state, value);
  const change = objectIn(member(value, "delta"));
  const isInput = textIn(change, "type") === "input_json_delta";
  if (isInput !== (open.shown === undefined)) throw new StreamFault("shape");
  if (open.shown === undefined) {
    open.json += textIn(change, "partial_json");
    return [];
  }
  open.block = grown(open.block, change);
  return [event("content_block_delta", { index: open.shown, delta: change })];
}

/** The block that an event is about, which has not ended. */
function openBlock({ blocks }: MessagesState, value: JsonObject): OpenBlock {
  const open = blocks.get(placeIn(value, "index"));
  if (open === undefined || open.isDone) throw new StreamFault("shape");
  return open;
}

function endAnswer({ blocks, ending, isOver }: MessagesState): Answer {
  const open = [...blocks.entries()].sort(([a], [b]) => a - b).map(([, block]) => block);
  if (!isOver || ending === undefined || open.some(({ isDone }) => !isDone)) throw new StreamFault("broken");
  const whole = open.map(({ block, shown, json }) => (shown === undefined && json !== "" ? { ...block, input: json } : block));
  return answerOf(whole, member(member(ending, "delta"), "stop_reason"));
}

function finishEvents(state: MessagesState, shown: Ending): readonly SseEvent[] {
  const last = state.ending as JsonObject;
  const reason = stopReason(member(member(last, "delta"), "stop_reason"), shown);
  const usage = state.before === undefined ? state.endUsage : usageOf(state);
  const texts = shown.stop === undefined ? [] : textBlock(state.shownBlocks++, shown.stop);
  const uses = shown.calls.flatMap((call) => useBlock(state.shownBlocks++, call));
  const delta = { ...objectIn(member(last, "delta")), stop_reason: reason };
  const end = { ...last, delta, ...(usage === undefined ? {} : { usage }) };
  return [...texts, ...uses, { event: "message_delta", data: canonicalJson(end) }, event("message_stop", {})];
}

/** Blocks of one answer. */
const blocksMax = 4_096;

interface OpenBlock {
  block: JsonObject;
  /** Its place in the client's answer; `undefined`: it is a call. */
  readonly shown: number | undefined;
  json: string;
  isDone: boolean;
}

function event(type: string, value: JsonObject): SseEvent {
  return { event: type, data: canonicalJson({ type, ...value }) };
}

/** A block with what a delta adds to it. */
function grown(block: JsonObject, change: JsonObject): JsonObject {
  const append = (name: string): JsonObject => ({
    ...block,
    [name]: `${String(member(block, name) ?? "")}${textIn(change, name)}`,
  });
  switch (change.type) {
    case "text_delta":
      return append("text");
    case "thinking_delta":
      return append("thinking");
    case "signature_delta":
      return append("signature");
    case "citations_delta":
      return { ...block, citations: [...listOf(member(block, "citations")), member(change, "citation") ?? null] };
    default:
      return block;
  }
}

/** Reports of one answer are each the whole so far: the later one counts. */
function addLatest(a: Json | undefined, b: Json | undefined): Json | undefined {
  return isObject(a) && isObject(b) ? { ...a, ...b } : (b ?? a);
}

function textBlock(index: number, text: string): readonly SseEvent[] {
  return [
    event("content_block_start", { index, content_block: { type: "text", text: "" } }),
    event("content_block_delta", { index, delta: { type: "text_delta", text } }),
    event("content_block_stop", { index }),
  ];
}

function useBlock(index: number, { id, name, args }: ShownCall): readonly SseEvent[] {
  return [
    event("content_block_start", { index, content_block: { type: "tool_use", id, name, input: {} } }),
    event("content_block_delta", { index, delta: { type: "input_json_delta", partial_json: args } }),
    event("content_block_stop", { index }),
  ];
}
