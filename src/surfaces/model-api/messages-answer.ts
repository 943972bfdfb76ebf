/**
 * Answers of Anthropic's Messages API, whole and as events.
 * Pure. Never lets a call through that it was not given, nor a block of a kind that it does not know.
 */
import { canonicalJson } from "../../json/canonical.ts";
import { isObject, type Json, type JsonObject, member } from "../../json/value.ts";
import { modelCallsPerTurnMax } from "../../limits.ts";
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
} from "./dialect.ts";
import { type SseEvent, StreamFault } from "./sse.ts";

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

/** Weaves events: text and thoughts go on as they come, calls wait until their turn has ended. */
export function weaveMessages(): Weaver {
  let isFirst = true;
  let shownBlocks = 0;
  let blocks = new Map<number, OpenBlock>();
  let startUsage: Json | undefined;
  let endUsage: Json | undefined;
  let before: Json | undefined;
  let ending: JsonObject | undefined;
  let isOver = false;
  const weaver = { isBroken: false };
  const start = (value: JsonObject): readonly SseEvent[] => {
    const index = placeOf(value);
    const block = objectIn(member(value, "content_block"));
    const type = textIn(block, "type");
    if (blocks.has(index) || ending !== undefined || blocks.size >= blocksMax) throw new StreamFault("shape");
    if (type === "tool_use") {
      blocks.set(index, { block, shown: undefined, json: "", isDone: false });
      return [];
    }
    if (!freeBlocks.has(type)) throw new StreamFault("shape");
    const shown = shownBlocks++;
    blocks.set(index, { block, shown, json: "", isDone: false });
    return [event("content_block_start", { index: shown, content_block: block })];
  };
  const delta = (value: JsonObject): readonly SseEvent[] => {
    const open = blocks.get(placeOf(value));
    if (open === undefined || open.isDone) throw new StreamFault("shape");
    const change = objectIn(member(value, "delta"));
    const type = textIn(change, "type");
    if (open.shown === undefined) {
      if (type !== "input_json_delta") throw new StreamFault("shape");
      open.json += textIn(change, "partial_json");
      return [];
    }
    if (type === "input_json_delta") throw new StreamFault("shape");
    open.block = grown(open.block, change);
    return [event("content_block_delta", { index: open.shown, delta: change })];
  };
  const take = (taken: SseEvent): readonly SseEvent[] => {
    const value = eventObject(taken);
    switch (member(value, "type")) {
      case "message_start": {
        const message = objectIn(member(value, "message"));
        if (listOf(member(message, "content")).length > 0) throw new StreamFault("shape");
        startUsage = member(message, "usage");
        if (!isFirst) return [];
        isFirst = false;
        return [event("message_start", { message })];
      }
      case "content_block_start":
        return start(value);
      case "content_block_delta":
        return delta(value);
      case "content_block_stop": {
        const open = blocks.get(placeOf(value));
        if (open === undefined || open.isDone) throw new StreamFault("shape");
        open.isDone = true;
        return open.shown === undefined ? [] : [event("content_block_stop", { index: open.shown })];
      }
      case "message_delta":
        ending = value;
        endUsage = addLatest(endUsage, member(value, "usage"));
        return [];
      case "message_stop":
        isOver = true;
        return [];
      case "ping":
        return [event("ping", {})];
      case "error":
        weaver.isBroken = true;
        return [{ event: "error", data: canonicalJson(value) }];
      default:
        // What an event of another type would add to the answer nobody has looked at.
        return [];
    }
  };
  return Object.assign(weaver, {
    take,
    end: (): Answer => {
      const open = [...blocks.entries()].sort(([a], [b]) => a - b).map(([, block]) => block);
      if (!isOver || ending === undefined || open.some(({ isDone }) => !isDone)) throw new StreamFault("broken");
      const whole = open.map(({ block, shown, json }) =>
        shown === undefined && json !== "" ? { ...block, input: json } : block,
      );
      return answerOf(whole, member(member(ending, "delta"), "stop_reason"));
    },
    again: (): void => {
      before = addUsage(before, addLatest(startUsage, endUsage));
      [blocks, startUsage, endUsage, ending, isOver] = [new Map(), undefined, undefined, undefined, false];
    },
    finish: (shown: Ending): readonly SseEvent[] => {
      const last = ending as JsonObject;
      const reason = stopReason(member(member(last, "delta"), "stop_reason"), shown);
      const usage = before === undefined ? endUsage : addUsage(before, addLatest(startUsage, endUsage));
      const texts = shown.stop === undefined ? [] : textBlock(shownBlocks++, shown.stop);
      const uses = shown.calls.flatMap((call) => useBlock(shownBlocks++, call));
      const delta = { ...objectIn(member(last, "delta")), stop_reason: reason };
      const said = usage === undefined ? {} : { usage };
      return [
        ...texts,
        ...uses,
        { event: "message_delta", data: canonicalJson({ ...last, delta, ...said }) },
        event("message_stop", {}),
      ];
    },
  });
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

function placeOf(value: JsonObject): number {
  const index = member(value, "index");
  if (typeof index !== "number" || !Number.isSafeInteger(index) || index < 0) throw new StreamFault("shape");
  return index;
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
