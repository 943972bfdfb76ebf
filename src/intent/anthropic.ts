/**
 * Calls in the shape of the Anthropic Messages API: `tool_use`, `server_tool_use` and `mcp_tool_use` blocks, and their results.
 * Pure. Never passes over a block that could be a call: a kind that is not known is an error.
 */
import type { Catalogue } from "../catalogue/catalogue.ts";
import { isArray, isObject, type Json, member } from "../json/value.ts";
import { err, ok, type Result } from "../result.ts";
import { addCall, addResult, type CallLog, type ImportedLog, importDocuments } from "./calls.ts";
import { type Documents, entriesOf, type Entry, entryOf, placeAt, refuseAt, streamed, textOf, listIn } from "./documents.ts";
import type { DraftOptions } from "./draft.ts";
import type { ImportError } from "./intent.ts";
import { joinedText } from "./texts.ts";

type Read = Result<null, ImportError>;

/** Blocks that are no calls, and say nothing that a plan would hold. */
const silent: ReadonlySet<string> = new Set(
  "text thinking redacted_thinking image document search_result container_upload compaction".split(" "),
);
const calls: ReadonlySet<string> = new Set(["tool_use", "server_tool_use", "mcp_tool_use"]);
/** Events of a stream; a whole message has the type `message`. */
const chunks = /^(?:message_|content_block_)/;

/**
 * Reads a response, a request or log with `messages`, a list of messages or of content blocks; as JSON, or JSON Lines of messages or
 * blocks. Errors: those of the strict reader, `IMPORT_SHAPE`, `IMPORT_STREAM`, `IMPORT_INCOMPLETE`, `IMPORT_CALL_KIND`,
 * `IMPORT_ARGUMENTS`, `IMPORT_LOG`, and those of `draftOf`.
 */
export function importAnthropic(
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

function addList(log: CallLog, list: readonly Entry[]): Read {
  const [first] = list;
  if (first === undefined) return ok(null);
  if (chunks.test(textOf(first, "type") ?? "")) return err(streamed(placeAt(first)));
  if (textOf(first, "role") !== undefined) return addMessages(log, list);
  if (textOf(first, "type") !== undefined) return addBlocks(log, { blocks: list, turn: 1, role: undefined });
  return list.length === 1 ? addDocument(log, first) : refuseShape(list[1] ?? first);
}

function addDocument(log: CallLog, entry: Entry): Read {
  if (!isObject(entry.value)) return refuseShape(entry);
  const type = textOf(entry, "type");
  if (type !== undefined && chunks.test(type)) return err(streamed(placeAt(entry)));
  for (const tool of entriesOf(entryOf(entry, "tools"))) {
    // Tools with a `type` of their own, but `custom`, run at the provider.
    if (isObject(member(tool.value, "input_schema"))) log.tools.push(tool.value);
  }
  const messages = entryOf(entry, "messages");
  if (messages !== undefined)
    return isArray(messages.value)
      ? addMessages(log, entriesOf(messages))
      : refuseAt(messages, "IMPORT_SHAPE", "`messages` is a list");
  if (textOf(entry, "role") !== undefined) return addMessages(log, [entry]);
  return type === undefined ? refuseShape(entry) : addBlocks(log, { blocks: [entry], turn: 1, role: undefined });
}

function refuseShape(entry: Entry): Read {
  return refuseAt(
    entry,
    "IMPORT_SHAPE",
    "expected a response of the Messages API, `messages`, or content blocks such as `tool_use`",
  );
}

/** Messages in order; each is one turn. */
function addMessages(log: CallLog, messages: readonly Entry[]): Read {
  let turn = 0;
  for (const message of messages) {
    const role = textOf(message, "role");
    // The beta of instructions in the middle of a conversation has `system` messages, too.
    if (role === "system") continue;
    if (role !== "user" && role !== "assistant")
      return refuseAt(entryOf(message, "role") ?? message, "IMPORT_SHAPE", "the `role` of a message is `user` or `assistant`");
    const content = entryOf(message, "content");
    if (content === undefined || (typeof content.value !== "string" && !isArray(content.value)))
      return refuseAt(content ?? message, "IMPORT_SHAPE", "the `content` of a message is text or a list of blocks");
    if (role === "user") {
      const words = joinedText(content.value);
      if (words !== "") log.words.push(words);
    }
    const added = addBlocks(log, { blocks: entriesOf(content), turn: ++turn, role });
    if (!added.ok) return added;
    const cut = cutOff(log, message, turn);
    if (!cut.ok) return cut;
  }
  return ok(null);
}

/** An answer that ends at a limit, or that the provider breaks off, may have been about to say more. */
function cutOff(log: CallLog, message: Entry, turn: number): Read {
  const reason = textOf(message, "stop_reason");
  const isCut = reason === "max_tokens" || reason === "model_context_window_exceeded" || reason === "refusal";
  if (!isCut || log.calls.at(-1)?.turn !== turn) return ok(null);
  const at = entryOf(message, "stop_reason") ?? message;
  return refuseAt(at, "IMPORT_INCOMPLETE", "the answer was cut off, so what it intends is not known");
}

interface Blocks {
  readonly blocks: readonly Entry[];
  readonly turn: number;
  readonly role: "user" | "assistant" | undefined;
}

function addBlocks(log: CallLog, { blocks, turn, role }: Blocks): Read {
  for (const block of blocks) {
    const type = textOf(block, "type") ?? "";
    if (type === "tool_result" && role === "assistant")
      return refuseAt(block, "IMPORT_SHAPE", "a `tool_result` stands in a message of the user: what a model writes is no result");
    const added = calls.has(type)
      ? role === "user"
        ? refuseAt(block, "IMPORT_SHAPE", "a call stands in a message of the assistant, not of the user")
        : addUse(log, block, turn)
      : /(?:^|_)tool_result$/.test(type)
        ? addToolResult(log, block)
        : silent.has(type)
          ? ok(null)
          : refuseAt(block, "IMPORT_CALL_KIND", "a block of this `type` is not known, and could be a call");
    if (!added.ok) return added;
  }
  return ok(null);
}

function addUse(log: CallLog, block: Entry, turn: number): Read {
  const [id, name] = ["id", "name"].map((key) => textOf(block, key));
  const isMcp = textOf(block, "type") === "mcp_tool_use";
  const server = textOf(block, "server_name");
  if (id === undefined || name === undefined || name === "" || (isMcp && (server === undefined || server === "")))
    return refuseAt(
      block,
      "IMPORT_SHAPE",
      `a call has an \`id\`, a \`name\`${isMcp ? ", a `server_name`" : ""} and an \`input\``,
    );
  const input = entryOf(block, "input");
  if (input === undefined || !isObject(input.value))
    return refuseAt(input ?? block, "IMPORT_ARGUMENTS", "the `input` of a call is an object");
  return addCall(log, { id, tool: isMcp ? `${server}/${name}` : name, args: input.value, turn, place: placeAt(block) });
}

/** Results of the host's, of MCP servers' and of the provider's tools. */
function addToolResult(log: CallLog, block: Entry): Read {
  const id = textOf(block, "tool_use_id");
  if (id === undefined) return refuseAt(block, "IMPORT_SHAPE", "a result names its call in `tool_use_id`");
  const content = member(block.value, "content");
  const isError =
    member(block.value, "is_error") === true || /_error$/.test(textOf({ ...block, value: content ?? null }, "type") ?? "");
  const value = resultOf(content);
  return addResult(log, id, {
    value: isError ? { error: value === null || value === "" ? "failed" : value } : value,
    place: placeAt(block),
  });
}

/** Blocks that are all text are one text. */
function resultOf(content: Json | undefined): Json {
  if (!isArray(content)) return content ?? "";
  return content.every((part) => member(part, "type") === "text") ? joinedText(content) : content;
}
