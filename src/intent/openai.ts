/**
 * Calls in the shapes of the OpenAI API: chat completions here, the Responses API in `openai-responses.ts`.
 * Pure. Never takes one of several answers, an answer that was cut off, or a tool that runs at the provider, where no firewall stands.
 */
import type { Catalogue } from "../catalogue/catalogue.ts";
import { isArray, isObject, type Json, member } from "../json/value.ts";
import { err, ok, type Result } from "../result.ts";
import { addCall, addResult, type CallLog, type ImportedLog, importDocuments } from "./calls.ts";
import {
  argumentsOf,
  type Documents,
  entriesOf,
  type Entry,
  entryOf,
  placeAt,
  refuseAt,
  streamed,
  textOf,
  listIn,
} from "./documents.ts";
import type { DraftOptions } from "./draft.ts";
import type { ImportError } from "./intent.ts";
import { addResponse, isItem } from "./openai-responses.ts";
import { joinedText } from "./texts.ts";

type Read = Result<null, ImportError>;

/**
 * Reads a response, a request or log with `messages`, a message, a list of messages or of `tool_calls` (Chat Completions, with the legacy
 * `function_call`), or a response or a list of items of the Responses API; as JSON, or JSON Lines of messages or items. Errors: those of
 * the strict reader, `IMPORT_SHAPE`, `IMPORT_STREAM`, `IMPORT_INCOMPLETE`, `IMPORT_CHOICES`, `IMPORT_CALL_KIND`, `IMPORT_ARGUMENTS`,
 * `IMPORT_LOG`, and those of `draftOf`.
 */
export function importOpenAi(
  text: string,
  catalogue: Catalogue | undefined,
  options: DraftOptions = {},
): Result<ImportedLog, ImportError> {
  return importDocuments(text, { catalogue, options }, addDocuments);
}

function addDocuments(log: CallLog, documents: Documents): Read {
  const list = listIn(documents);
  return list === undefined ? addDocument(log, documents.entries[0] as Entry) : addList(log, list);
}

/** Messages, items or tool calls: whatever the first one is. */
function addList(log: CallLog, list: readonly Entry[]): Read {
  const [first] = list;
  if (first === undefined) return ok(null);
  if (isChunk(first)) return err(streamed(placeAt(first)));
  if (list.length === 1 && member(first.value, "role") === undefined && !isToolCall(first) && !isItem(first))
    return addDocument(log, first);
  if (isToolCall(first)) return addToolCalls(log, list, 0);
  if (isItem(first)) return addResponse(log, list);
  if (member(first.value, "role") === undefined && isObject(first.value) && Object.hasOwn(first.value, "messages"))
    return refuseAt(list[1] ?? first, "IMPORT_SHAPE", "a plan is imported from one conversation: give each a file of its own");
  return addMessages(log, list);
}

function isChunk(entry: Entry): boolean {
  const object = textOf(entry, "object");
  const type = textOf(entry, "type");
  return object === "chat.completion.chunk" || type?.startsWith("response.") === true;
}

function isToolCall(entry: Entry): boolean {
  return member(entry.value, "role") === undefined && isObject(member(entry.value, "function"));
}

function addDocument(log: CallLog, entry: Entry): Read {
  if (!isObject(entry.value)) return refuseShape(entry);
  if (isChunk(entry)) return err(streamed(placeAt(entry)));
  for (const tool of entriesOf(entryOf(entry, "tools"))) {
    // Other kinds run at the provider.
    if (textOf(tool, "type") === "function") log.tools.push(tool.value);
  }
  const messages = entryOf(entry, "messages");
  if (messages !== undefined) {
    const read = isArray(messages.value)
      ? addMessages(log, entriesOf(messages))
      : refuseAt(messages, "IMPORT_SHAPE", "`messages` is a list");
    if (!read.ok) return read;
  }
  const choices = entryOf(entry, "choices");
  if (choices !== undefined) return addChoices(log, choices);
  if (messages !== undefined) return ok(null);
  if (entryOf(entry, "output") !== undefined || entryOf(entry, "input") !== undefined) return addResponseDocument(log, entry);
  if (isItem(entry)) return addResponse(log, [entry]);
  if (isToolCall(entry)) return addToolCalls(log, [entry], 0);
  return member(entry.value, "role") === undefined ? refuseShape(entry) : addMessages(log, [entry]);
}

function refuseShape(entry: Entry): Read {
  return refuseAt(
    entry,
    "IMPORT_SHAPE",
    "expected a response of the OpenAI API, `messages`, `tool_calls`, or the `output` of a response",
  );
}

/** The request's `input`, then the response's `output`. */
function addResponseDocument(log: CallLog, entry: Entry): Read {
  const status = textOf(entry, "status");
  if (status !== undefined && status !== "completed")
    return refuseAt(
      entryOf(entry, "status") ?? entry,
      "IMPORT_INCOMPLETE",
      "the response is not complete, so neither is what it intends",
    );
  const items: Entry[] = [];
  for (const key of ["input", "output"]) {
    const list = entryOf(entry, key);
    if (list === undefined) continue;
    if (key === "input" && typeof list.value === "string") log.words.push(list.value);
    else if (isArray(list.value)) items.push(...entriesOf(list));
    else return refuseAt(list, "IMPORT_SHAPE", `\`${key}\` is a list of items`);
  }
  return addResponse(log, items);
}

function addChoices(log: CallLog, choices: Entry): Read {
  const list = entriesOf(choices);
  const [first, second] = list;
  if (first === undefined) return refuseAt(choices, "IMPORT_SHAPE", "`choices` is a list with one answer");
  if (second !== undefined)
    return refuseAt(second, "IMPORT_CHOICES", "there are several answers, and only one is what happens: keep that one");
  const reason = textOf(first, "finish_reason");
  if (reason === "length" || reason === "content_filter")
    return refuseAt(
      entryOf(first, "finish_reason") ?? first,
      "IMPORT_INCOMPLETE",
      "the answer was cut off, so what it intends is not known",
    );
  const message = entryOf(first, "message");
  if (message !== undefined) return addMessages(log, [message]);
  return entryOf(first, "delta") === undefined
    ? refuseAt(first, "IMPORT_SHAPE", "an answer has a `message`")
    : err(streamed(placeAt(first)));
}

/** Messages in order; each of the assistant's is one turn. */
function addMessages(log: CallLog, messages: readonly Entry[]): Read {
  let turn = log.calls.at(-1)?.turn ?? 0;
  for (const message of messages) {
    turn++;
    const read = addMessage(log, message, turn);
    if (!read.ok) return read;
  }
  return ok(null);
}

function addMessage(log: CallLog, message: Entry, turn: number): Read {
  const role = textOf(message, "role");
  switch (role) {
    case "system":
    case "developer":
      return ok(null);
    case "user": {
      const words = joinedText(member(message.value, "content"));
      if (words !== "") log.words.push(words);
      return ok(null);
    }
    case "assistant":
      return addAssistant(log, message, turn);
    case "tool": {
      const id = textOf(message, "tool_call_id");
      return id === undefined
        ? refuseAt(message, "IMPORT_SHAPE", "a message of a tool names its call in `tool_call_id`")
        : addAnswer(log, message, id);
    }
    case "function":
      return addLegacyResult(log, message);
    default:
      return refuseAt(
        entryOf(message, "role") ?? message,
        "IMPORT_SHAPE",
        "the `role` of a message is `system`, `developer`, `user`, `assistant`, `tool` or `function`",
      );
  }
}

function addAssistant(log: CallLog, message: Entry, turn: number): Read {
  const calls = entryOf(message, "tool_calls");
  if (calls !== undefined && !isArray(calls.value)) return refuseAt(calls, "IMPORT_SHAPE", "`tool_calls` is a list");
  const legacy = entryOf(message, "function_call");
  if (legacy !== undefined) {
    // Deprecated, without an id: it is answered by name.
    const added = addFunction(log, { entry: legacy, call: legacy, id: `function:${textOf(legacy, "name") ?? ""}`, turn });
    if (!added.ok) return added;
  }
  return addToolCalls(log, entriesOf(calls), turn);
}

function addToolCalls(log: CallLog, calls: readonly Entry[], turn: number): Read {
  for (const call of calls) {
    const type = textOf(call, "type") ?? "function";
    const entry = entryOf(call, "function");
    if (type !== "function")
      return refuseAt(
        call,
        "IMPORT_CALL_KIND",
        type === "custom"
          ? "a custom tool is given free text, and a plan needs arguments by name: describe it as a function"
          : "a call of this `type` is not known: only `function` is",
      );
    if (entry === undefined) return refuseAt(call, "IMPORT_SHAPE", "a tool call has its name and arguments in `function`");
    const added = addFunction(log, { entry, call, id: textOf(call, "id") ?? `call:${log.calls.length}`, turn });
    if (!added.ok) return added;
  }
  return ok(null);
}

function addFunction(
  log: CallLog,
  { entry, call, id, turn }: { readonly entry: Entry; readonly call: Entry; readonly id: string; readonly turn: number },
): Read {
  const tool = textOf(entry, "name");
  if (tool === undefined || tool === "") return refuseAt(entry, "IMPORT_SHAPE", "a call names its tool in `name`");
  const args = argumentsOf(entryOf(entry, "arguments"), call);
  return args.ok ? addCall(log, { id, tool, args: args.value, turn, place: placeAt(call) }) : args;
}

function addLegacyResult(log: CallLog, message: Entry): Read {
  const name = textOf(message, "name");
  return name === undefined
    ? refuseAt(message, "IMPORT_SHAPE", "a message of a function has its `name`")
    : addAnswer(log, message, `function:${name}`);
}

function addAnswer(log: CallLog, message: Entry, id: string): Read {
  return addResult(log, id, { value: resultOf(member(message.value, "content")), place: placeAt(message) });
}

/** Parts that are all text are one text. */
function resultOf(content: Json | undefined): Json {
  if (!isArray(content)) return content ?? "";
  return content.every((part) => member(part, "type") === "text") ? joinedText(content) : content;
}
