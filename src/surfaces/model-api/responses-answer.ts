/**
 * Answers of OpenAI's Responses API, whole and as events.
 * Pure. Never lets a call through that it was not given, nor an item of a kind that it does not know.
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
  objectIn,
  readableArgs,
  type ShownCall,
  textIn,
  type Weaver,
  placeIn,
} from "./dialect.ts";

/** Id of an item that Sluice has made: no provider knows it. */
export const madeItem = /^msg_sluice_/;

const freeItems: ReadonlySet<string> = new Set(["message", "reasoning"]);

/** Reads an answer. */
export function readResponsesAnswer(body: JsonObject): Answer {
  return answerOf(body, listOf(member(body, "output")).map(objectIn));
}

/** The client's answer: the last one, with the items and the usage of all rounds. */
export function writeResponsesAnswer(rounds: readonly JsonObject[], ending: Ending): JsonObject {
  const last = rounds.at(-1) as JsonObject;
  const free = rounds.flatMap((round) => listOf(member(round, "output")).map(objectIn).filter(isFree));
  const calls = callItems(last);
  const said = ending.stop === undefined ? [] : [messageItem(last, ending.stop)];
  const usage = rounds.map((round) => member(round, "usage")).reduce(addUsage);
  return {
    ...last,
    output: [...free, ...said, ...ending.calls.map((call) => shownItem(call, calls))],
    ...(usage === undefined ? {} : { usage }),
  };
}

function isFree(item: JsonObject): boolean {
  return freeItems.has(String(item.type));
}

function callItems(response: JsonObject): readonly JsonObject[] {
  return listOf(member(response, "output"))
    .map(objectIn)
    .filter(({ type }) => type === "function_call");
}

/** The model's item of a call, with the call as the client gets it. */
function shownItem({ id, name, args, at }: ShownCall, items: readonly JsonObject[]): JsonObject {
  return { type: "function_call", status: "completed", ...items[at], call_id: id, name, arguments: args };
}

function answerOf(response: JsonObject, items: readonly JsonObject[]): Answer {
  const uses = items.filter(({ type }) => type === "function_call");
  if (uses.length > modelCallsPerTurnMax) throw new StreamFault("large");
  if (items.some((item) => item.type !== "function_call" && !isFree(item))) throw new StreamFault("shape");
  if (uses.some((item) => (member(item, "namespace") ?? null) !== null)) throw new StreamFault("shape");
  const calls = uses.map((item) => ({
    id: textIn(item, "call_id"),
    name: textIn(item, "name"),
    args: textIn(item, "arguments"),
  }));
  const said = items.map((item) =>
    item.type === "function_call" ? { ...item, arguments: readableArgs(item.arguments as string) } : item,
  );
  const parts = items.flatMap(({ id }) => (typeof id === "string" ? [id] : []));
  const id = member(response, "id");
  return {
    calls,
    isCut: (member(response, "status") ?? "completed") !== "completed",
    items: said,
    ...(typeof id === "string" ? { kept: { id, modelId: id, parts } } : {}),
  };
}

function messageItem(response: JsonObject, text: string): JsonObject {
  const id = `msg_sluice_${String(member(response, "id") ?? "").replace(/[^A-Za-z0-9_-]/g, "")}`;
  return {
    id,
    type: "message",
    role: "assistant",
    status: "completed",
    content: [{ type: "output_text", text, annotations: [] }],
  };
}

const finalEvents: ReadonlySet<string> = new Set(["response.completed", "response.incomplete", "response.failed"]);
/** Events of a message or of reasoning, which name the item by its place. */
const partEvents =
  /^response\.(?:content_part\.(?:added|done)|output_text\.(?:delta|done|annotation\.added)|refusal\.(?:delta|done)|reasoning_text\.(?:delta|done)|reasoning_summary_part\.(?:added|done)|reasoning_summary_text\.(?:delta|done))$/;

/** What was woven of a stream of events so far. */
interface ResponsesState {
  isBroken: boolean;
  isFirst: boolean;
  /** The name of the client's answer: that of its first round. */
  id: Json | undefined;
  sequence: number;
  /** Items that the client has got, or is getting, over all rounds. */
  count: number;
  readonly shownItems: JsonObject[];
  /** Usage of earlier rounds. */
  before: Json | undefined;
  /** Place of each begun item in the client's answer; `undefined`: it is a call. */
  places: Map<number, number | undefined>;
  /** Items that are whole. */
  items: Map<number, JsonObject>;
  last: JsonObject | undefined;
  lastType: string;
}

/** What of a state is one answer's alone. */
function freshAnswer(): Pick<ResponsesState, "places" | "items" | "last"> {
  return { places: new Map(), items: new Map(), last: undefined };
}

/** Weaves events: messages and reasoning go on as they come, calls wait until their turn has ended. */
export function weaveResponses(): Weaver {
  const state: ResponsesState = {
    isBroken: false,
    isFirst: true,
    id: undefined,
    sequence: 0,
    count: 0,
    shownItems: [],
    before: undefined,
    lastType: "",
    ...freshAnswer(),
  };
  return {
    get isBroken() {
      return state.isBroken;
    },
    take: (taken) => (taken.data === "[DONE]" ? [] : takeEvent(state, eventObject(taken))),
    end: () => endAnswer(state),
    again: () => {
      Object.assign(state, { before: addUsage(state.before, member(state.last, "usage")), isFirst: false }, freshAnswer());
    },
    finish: (ending) => finishEvents(state, ending),
  };
}

/** An event of the client's stream, with the next number. */
function eventOf(state: ResponsesState, type: string, value: JsonObject): SseEvent {
  return { event: type, data: canonicalJson({ ...value, type, sequence_number: state.sequence++ }) };
}

function takeEvent(state: ResponsesState, value: JsonObject): readonly SseEvent[] {
  const type = textIn(value, "type");
  if (type === "error") {
    state.isBroken = true;
    return [eventOf(state, type, value)];
  }
  if (state.last !== undefined) throw new StreamFault("shape");
  if (type === "response.created" || type === "response.in_progress" || type === "response.queued") {
    const response = objectIn(member(value, "response"));
    if (listOf(member(response, "output")).length > 0) throw new StreamFault("shape");
    state.id ??= member(response, "id");
    return state.isFirst ? [eventOf(state, type, { response })] : [];
  }
  if (type === "response.output_item.added") return takeItem(state, value);
  if (type === "response.output_item.done") return takeWhole(state, value);
  if (finalEvents.has(type)) {
    Object.assign(state, { last: objectIn(member(value, "response")), lastType: type });
    return [];
  }
  // What an event of another type would add to the answer nobody has looked at; arguments wait for their item.
  if (!partEvents.test(type)) return [];
  const place = state.places.get(placeIn(value, "output_index"));
  if (place === undefined || state.items.has(placeIn(value, "output_index"))) throw new StreamFault("shape");
  return [eventOf(state, type, { ...value, output_index: place })];
}

function takeItem(state: ResponsesState, value: JsonObject): readonly SseEvent[] {
  const { places } = state;
  const index = placeIn(value, "output_index");
  const item = objectIn(member(value, "item"));
  if (places.has(index) || places.size >= itemsMax) throw new StreamFault("shape");
  if (item.type !== "function_call" && !isFree(item)) throw new StreamFault("shape");
  const place = item.type === "function_call" ? undefined : state.count++;
  places.set(index, place);
  return place === undefined ? [] : [eventOf(state, "response.output_item.added", { ...value, output_index: place })];
}

function takeWhole(state: ResponsesState, value: JsonObject): readonly SseEvent[] {
  const { places, items, shownItems } = state;
  const index = placeIn(value, "output_index");
  const item = objectIn(member(value, "item"));
  const place = places.get(index);
  if (!places.has(index) || items.has(index)) throw new StreamFault("shape");
  // INVARIANT: what was begun as a message does not end as a call, nor the other way round.
  if (place === undefined ? item.type !== "function_call" : !isFree(item)) throw new StreamFault("shape");
  items.set(index, item);
  if (place === undefined) return [];
  shownItems.push(item);
  return [eventOf(state, "response.output_item.done", { ...value, output_index: place })];
}

/** The whole items in their order. */
function wholeItems({ items }: ResponsesState): readonly JsonObject[] {
  return [...items.entries()].sort(([a], [b]) => a - b).map(([, item]) => item);
}

function endAnswer(state: ResponsesState): Answer {
  const { last, id, items, places } = state;
  if (last === undefined) throw new StreamFault("broken");
  // INVARIANT: what counts is what came as items; the last event only says how it ended.
  const answer = answerOf(last, wholeItems(state));
  if (!answer.isCut && items.size !== places.size) throw new StreamFault("broken");
  // Clients hold a stream to one name, and ask for the answer of its last round by that of its first.
  return answer.kept === undefined || typeof id !== "string" ? answer : { ...answer, kept: { ...answer.kept, id } };
}

function finishEvents(state: ResponsesState, ending: Ending): readonly SseEvent[] {
  const { id, before, shownItems } = state;
  const response = state.last as JsonObject;
  const usage = addUsage(before, member(response, "usage"));
  const calls = wholeItems(state).filter(({ type }) => type === "function_call");
  const event: MakeEvent = (type, value) => eventOf(state, type, value);
  const written: SseEvent[] = [];
  if (ending.stop !== undefined) {
    const item = messageItem(response, ending.stop);
    written.push(...messageEvents(event, item, { output_index: state.count++, text: ending.stop }));
    shownItems.push(item);
  }
  for (const call of ending.calls) {
    const item = shownItem(call, calls);
    written.push(...callEvents(event, item, state.count++));
    shownItems.push(item);
  }
  const named = { ...(id === undefined ? {} : { id }), output: shownItems, ...(usage === undefined ? {} : { usage }) };
  return [...written, event(state.lastType, { response: { ...response, ...named } })];
}

/** Items of one answer. */
const itemsMax = 4_096;

type MakeEvent = (type: string, value: JsonObject) => SseEvent;

function callEvents(event: MakeEvent, item: JsonObject, output_index: number): readonly SseEvent[] {
  const at = { output_index, ...(isObject(item) && typeof item.id === "string" ? { item_id: item.id } : {}) };
  const text = item.arguments as string;
  return [
    event("response.output_item.added", { output_index, item: { ...item, arguments: "", status: "in_progress" } }),
    event("response.function_call_arguments.delta", { ...at, delta: text }),
    event("response.function_call_arguments.done", { ...at, name: item.name as Json, arguments: text }),
    event("response.output_item.done", { output_index, item }),
  ];
}

function messageEvents(
  event: MakeEvent,
  item: JsonObject,
  { output_index, text }: { readonly output_index: number; readonly text: string },
): readonly SseEvent[] {
  const at = { output_index, content_index: 0, item_id: item.id as Json };
  const part = { type: "output_text", text, annotations: [] };
  return [
    event("response.output_item.added", { output_index, item: { ...item, content: [], status: "in_progress" } }),
    event("response.content_part.added", { ...at, part: { ...part, text: "" } }),
    event("response.output_text.delta", { ...at, delta: text, logprobs: [] }),
    event("response.output_text.done", { ...at, text, logprobs: [] }),
    event("response.content_part.done", { ...at, part }),
    event("response.output_item.done", { output_index, item }),
  ];
}
