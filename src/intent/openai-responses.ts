/**
 * Items of the OpenAI Responses API: calls of functions and of MCP servers, their outputs, and what stands between them.
 * Pure. Never passes over an item that could be a call: a kind that is not known is an error.
 */
import { isArray, type Json, member } from "../json/value.ts";
import { ok, type Result } from "../result.ts";
import { addCall, addResult, type CallLog } from "./calls.ts";
import { argumentsOf, type Entry, entryOf, placeAt, refuseAt, textOf } from "./documents.ts";
import type { ImportError } from "./intent.ts";
import { joinedText } from "./texts.ts";

type Read = Result<null, ImportError>;

/** Items that are no calls, and say nothing that a plan would hold. */
const silent: ReadonlySet<string> = new Set(["reasoning", "mcp_list_tools", "compaction"]);
/** Items that are calls of what the provider or the host runs, without a tool and arguments by name. */
const hosted = /_call$|_call_output$/;
const known = /^(?:message|reasoning|function_call|function_call_output|mcp_\w+|compaction|item_reference|\w+_call(?:_output)?)$/;

/** Whether a value has the `type` of an item of the Responses API. */
export function isItem(entry: Entry): boolean {
  const type = textOf(entry, "type");
  return type !== undefined && known.test(type);
}

/** Items in order. Calls without a result or a message between them were made at once. */
export function addResponse(log: CallLog, items: readonly Entry[]): Read {
  const state: State = { log, turn: (log.calls.at(-1)?.turn ?? 0) + 1, approvals: approvalsOf(items) };
  for (const item of items) {
    const read = addItem(state, item);
    if (!read.ok) return read;
  }
  return ok(null);
}

interface State {
  readonly log: CallLog;
  turn: number;
  readonly approvals: Approvals;
}

/** What became of requests to approve a call of an MCP server. */
interface Approvals {
  /** Requests whose call is in the log itself. */
  readonly made: ReadonlySet<string>;
  readonly declined: ReadonlySet<string>;
}

function approvalsOf(items: readonly Entry[]): Approvals {
  const made = new Set<string>();
  const declined = new Set<string>();
  for (const item of items) {
    const id = textOf(item, "approval_request_id");
    if (id === undefined) continue;
    if (textOf(item, "type") === "mcp_call") made.add(id);
    else if (member(item.value, "approve") === false) declined.add(id);
  }
  return { made, declined };
}

function addItem(state: State, item: Entry): Read {
  const type = textOf(item, "type") ?? (textOf(item, "role") === undefined ? "" : "message");
  switch (type) {
    case "message":
      return addMessage(state, item);
    case "function_call":
      return addFunctionCall(state, item);
    case "function_call_output":
      return addOutput(state, item);
    case "mcp_call":
      return addMcpCall(state, item);
    case "mcp_approval_request":
      return addRequest(state, item);
    case "mcp_approval_response":
      state.turn++;
      return ok(null);
    case "custom_tool_call":
      return refuseAt(
        item,
        "IMPORT_CALL_KIND",
        "a custom tool is given free text, and a plan needs arguments by name: describe it as a function",
      );
    default:
      if (silent.has(type)) return ok(null);
      return hosted.test(type)
        ? refuseAt(
            item,
            "IMPORT_CALL_KIND",
            "this call is run by the provider and has no tool and arguments by name, so that no plan can hold it",
          )
        : refuseAt(
            item,
            "IMPORT_SHAPE",
            "expected an item of the Responses API: a message, a `function_call` or its output, an `mcp_call`",
          );
  }
}

function addMessage(state: State, item: Entry): Read {
  if (textOf(item, "role") === "user") {
    const words = joinedText(member(item.value, "content"));
    if (words !== "") state.log.words.push(words);
  }
  state.turn++;
  return ok(null);
}

function isCut(item: Entry): boolean {
  const status = textOf(item, "status");
  return status === "incomplete" || status === "in_progress" || status === "calling";
}

const cut = "the call is not complete, so what it intends is not known";

function addFunctionCall({ log, turn }: State, item: Entry): Read {
  const tool = textOf(item, "name");
  const id = textOf(item, "call_id");
  if (tool === undefined || tool === "" || id === undefined)
    return refuseAt(item, "IMPORT_SHAPE", "a `function_call` has a `name`, a `call_id` and `arguments`");
  if (isCut(item)) return refuseAt(item, "IMPORT_INCOMPLETE", cut);
  const args = argumentsOf(entryOf(item, "arguments"), item);
  return args.ok ? addCall(log, { id, tool, args: args.value, turn, place: placeAt(item) }) : args;
}

function addOutput(state: State, item: Entry): Read {
  const id = textOf(item, "call_id");
  if (id === undefined) return refuseAt(item, "IMPORT_SHAPE", "an output names its call in `call_id`");
  state.turn++;
  return addResult(state.log, id, { value: outputOf(member(item.value, "output")), place: placeAt(item) });
}

/** An output is a text, or parts of which text alone is one text. */
function outputOf(output: Json | undefined): Json {
  if (!isArray(output)) return output ?? "";
  const isText = output.every((part) => typeof member(part, "text") === "string");
  return isText ? joinedText(output) : output;
}

/** A call that the provider made, with its output. */
function addMcpCall(state: State, item: Entry): Read {
  if (isCut(item)) return refuseAt(item, "IMPORT_INCOMPLETE", cut);
  const added = addServerCall(state, item);
  if (!added.ok) return added;
  const error = member(item.value, "error");
  const output = member(item.value, "output");
  const hasFailed = textOf(item, "status") === "failed";
  const value = error !== undefined && error !== null ? { error } : hasFailed ? { error: "failed" } : output;
  if (value === undefined || value === null) return ok(null);
  state.turn++;
  return addResult(state.log, textOf(item, "id") ?? "", { value, place: placeAt(item) });
}

/** A call that waits for an approval is intended; one that was approved is in the log, one that was declined is not intended any more. */
function addRequest(state: State, item: Entry): Read {
  const id = textOf(item, "id");
  if (id !== undefined && state.approvals.made.has(id)) return ok(null);
  if (id === undefined || !state.approvals.declined.has(id)) return addServerCall(state, item);
  const message = "a call that was declined in the log is not part of the draft";
  state.log.findings.push({ code: "IMPORT_DECLINED", severity: "info", pointer: "/nodes", message });
  return ok(null);
}

function addServerCall({ log, turn }: State, item: Entry): Read {
  const [id, name, server] = ["id", "name", "server_label"].map((key) => textOf(item, key));
  if (id === undefined || name === undefined || name === "" || server === undefined || server === "")
    return refuseAt(item, "IMPORT_SHAPE", "a call of an MCP server has an `id`, a `name`, a `server_label` and `arguments`");
  const args = argumentsOf(entryOf(item, "arguments"), item);
  return args.ok ? addCall(log, { id, tool: `${server}/${name}`, args: args.value, turn, place: placeAt(item) }) : args;
}
