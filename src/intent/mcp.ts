/**
 * Calls of tools in the shape of MCP: JSON-RPC `tools/call` messages with or without their responses, or bare lists of names and arguments.
 * Pure. Never matches a response with one of two requests, and never takes another method for a call.
 */
import type { Catalogue } from "../catalogue/catalogue.ts";
import { isArray, isObject, type Json, type JsonObject, member } from "../json/value.ts";
import { err, ok, type Result } from "../result.ts";
import { addCall, addResult, type CallLog, type ImportedLog, importDocuments } from "./calls.ts";
import { argumentsOf, entriesOf, type Entry, entryOf, placeAt, refuseAt, textOf, listIn, type Documents } from "./documents.ts";
import type { DraftOptions } from "./draft.ts";
import type { ImportError } from "./intent.ts";
import { joinedText } from "./texts.ts";

type Read = Result<null, ImportError>;

/**
 * Reads JSON-RPC messages (MCP, tools: `tools/call` with `params.name` and `params.arguments`; other methods are no calls), one, a list, or
 * JSON Lines, batches too; or calls as `{tool | name, args | arguments}`, one, a list, under `calls`, or JSON Lines. Each call is a turn of
 * its own, but the calls of a batch are made at once. Errors: those of the strict reader, `IMPORT_SHAPE`, `IMPORT_ARGUMENTS`, `IMPORT_LOG`,
 * and those of `draftOf`.
 */
export function importMcp(
  text: string,
  catalogue: Catalogue | undefined,
  options: DraftOptions = {},
): Result<ImportedLog, ImportError> {
  return importDocuments(text, { catalogue, options }, addDocuments);
}

function addDocuments(log: CallLog, documents: Documents): Read {
  const state: State = { log, turn: 0, others: new Set(), cancelled: new Set() };
  for (const entry of listIn(documents) ?? documents.entries) {
    const added = isArray(entry.value) ? addBatch(state, entry) : addEntry(state, entry, ++state.turn);
    if (!added.ok) return added;
  }
  return ok(null);
}

interface State {
  readonly log: CallLog;
  turn: number;
  /** Ids of requests that are no calls of tools and have no response yet. */
  readonly others: Set<string>;
  /** Ids of calls that were cancelled: a response that comes all the same is passed over, as the client does. */
  readonly cancelled: Set<string>;
}

/** A batch of JSON-RPC (MCP 2025-03-26). */
function addBatch(state: State, batch: Entry): Read {
  const turn = ++state.turn;
  for (const entry of entriesOf(batch)) {
    const added = addEntry(state, entry, turn);
    if (!added.ok) return added;
  }
  return ok(null);
}

function addEntry(state: State, entry: Entry, turn: number): Read {
  const { value } = entry;
  if (!isObject(value)) return refuseShape(entry);
  if (Object.hasOwn(value, "jsonrpc") || Object.hasOwn(value, "method")) return addMessage(state, entry, turn);
  const list = entryOf(entry, "calls");
  if (list !== undefined && isArray(list.value)) {
    for (const call of entriesOf(list)) {
      const added = addBare(state, call, ++state.turn);
      if (!added.ok) return added;
    }
    return ok(null);
  }
  return addBare(state, entry, turn);
}

function refuseShape(entry: Entry): Read {
  return refuseAt(entry, "IMPORT_SHAPE", 'expected `tools/call` messages of MCP, or calls such as {"name", "arguments"}');
}

/** One JSON-RPC message (JSON-RPC 2.0 §4, §5). */
function addMessage(state: State, entry: Entry, turn: number): Read {
  const method = textOf(entry, "method");
  const id = idOf(member(entry.value, "id"));
  if (method === "tools/call") {
    const params = entryOf(entry, "params");
    const tool = params === undefined ? undefined : textOf(params, "name");
    if (params === undefined || tool === undefined || tool === "" || id === undefined)
      return refuseAt(params ?? entry, "IMPORT_SHAPE", "a `tools/call` has an `id`, and in `params` a `name` and `arguments`");
    state.cancelled.delete(id);
    if (state.others.has(id)) return refuseAt(entry, "IMPORT_LOG", "another request with this id has no response yet");
    const args = argumentsIn(params, ["arguments"]);
    return args.ok ? addCall(state.log, { id, tool, args: args.value, turn, place: placeAt(entry) }) : args;
  }
  if (method === "notifications/cancelled") return cancel(state, entry);
  if (method !== undefined) {
    if (id !== undefined) state.others.add(id);
    return ok(null);
  }
  return id === undefined ? refuseShape(entry) : addResponse(state, entry, id);
}

/** A call that was cancelled (MCP 2025-11-25, cancellation) is not intended any more, and what it did is not known: it counts as failed. */
function cancel({ log, cancelled }: State, entry: Entry): Read {
  const id = idOf(member(member(entry.value, "params"), "requestId"));
  if (id === undefined || !log.open.has(id)) return ok(null);
  cancelled.add(id);
  return addResult(log, id, { value: { error: "cancelled" }, place: placeAt(entry) });
}

function addResponse({ log, others, cancelled }: State, entry: Entry, id: string): Read {
  if (cancelled.delete(id)) return ok(null);
  const isOther = others.has(id);
  if (isOther && log.open.has(id))
    return refuseAt(
      entry,
      "IMPORT_LOG",
      "two requests with this id have no response yet, one of the client and one of the server",
    );
  if (isOther) {
    others.delete(id);
    // What a server lists of its own tools (`tools/list`).
    const listed = member(member(entry.value, "result"), "tools");
    if (isArray(listed)) log.tools.push(...listed);
    return ok(null);
  }
  const result = entryOf(entry, "result");
  const error = member(entry.value, "error");
  // A response to a request that is not in the log: a listing, or a call that was left out.
  if (!log.open.has(id) && (error !== undefined || !isCallResult(result?.value))) return ok(null);
  // The call goes on as a task (MCP 2025-11-25, tasks): what it comes to is not in this response, so that it counts as unanswered.
  if (!isCallResult(result?.value) && isObject(member(result?.value, "task"))) return ok(null);
  if (result === undefined && !isObject(error)) return refuseAt(entry, "IMPORT_SHAPE", "a response has a `result` or an `error`");
  const value: Json = result === undefined ? { error: member(error, "message") ?? "failed" } : valueOfResult(result.value);
  return addResult(log, id, { value, place: placeAt(entry) });
}

function isCallResult(value: Json | undefined): boolean {
  return isArray(member(value, "content")) || member(value, "structuredContent") !== undefined;
}

/** What a `CallToolResult` says: its structured content, else its text, else its blocks; `{"error"}` if it says that it failed. */
function valueOfResult(result: Json): Json {
  const structured = member(result, "structuredContent");
  const content = member(result, "content");
  const isText = isArray(content) && content.every((part) => member(part, "type") === "text");
  const value = structured ?? (isText ? joinedText(content) : (content ?? result));
  if (member(result, "isError") !== true) return value;
  return { error: value === null || value === "" ? "failed" : value };
}

function idOf(id: Json | undefined): string | undefined {
  // `1` and `"1"` are two ids (JSON-RPC 2.0 §4).
  if (typeof id === "string") return `text:${id}`;
  return typeof id === "number" || typeof id === "bigint" ? `number:${id}` : undefined;
}

/** Members of a bare call that say nothing of when or with what it is made. */
const silent: ReadonlySet<string> = new Set("id type server description title thought reason reasoning".split(" "));
const namesOfTool = ["tool", "name"];
const namesOfArguments = ["args", "arguments", "input", "parameters"];

/** A call as a name and arguments, without the protocol around it. */
function addBare(state: State, entry: Entry, turn: number): Read {
  if (!isObject(entry.value)) return refuseShape(entry);
  const type = textOf(entry, "type");
  if (type === "task" || type === "result")
    return refuseAt(entry, "IMPORT_SHAPE", "this is a recorded run: `sluice learn` makes a draft of it");
  const tools = namesOfTool.filter((name) => textOf(entry, name) !== undefined);
  const [name, second] = tools;
  const tool = name === undefined ? undefined : textOf(entry, name);
  if (tool === undefined || tool === "") return refuseShape(entry);
  if (second !== undefined) return refuseAt(entry, "IMPORT_SHAPE", "a call names its tool once, as `tool` or as `name`");
  const other = Object.keys(entry.value).find((key) => !silent.has(key) && ![...namesOfTool, ...namesOfArguments].includes(key));
  if (other !== undefined)
    return refuseAt(
      { ...entry, path: [...entry.path, other] },
      "IMPORT_SHAPE",
      "a call by itself has a `tool` and `args`, and nothing that could say when it is made or what came of it",
    );
  const args = argumentsIn(entry, namesOfArguments);
  if (!args.ok) return args;
  const server = textOf(entry, "server");
  const id = `bare:${state.log.calls.length}`;
  return addCall(state.log, {
    id,
    tool: server === undefined ? tool : `${server}/${tool}`,
    args: args.value,
    turn,
    place: placeAt(entry),
  });
}

/** The arguments under the one of some names that is there. */
function argumentsIn(entry: Entry, names: readonly string[]): Result<JsonObject, ImportError> {
  const found = names.map((name) => entryOf(entry, name)).filter((each) => each !== undefined);
  const [first, second] = found;
  if (second !== undefined) {
    const message = `the arguments of a call are given once, as one of ${names.map((name) => `\`${name}\``).join(", ")}`;
    return err({ code: "IMPORT_SHAPE", place: placeAt(second), message });
  }
  return argumentsOf(first, entry);
}
