/**
 * JSON-RPC 2.0 messages as MCP uses them: read strictly, made plainly.
 * Never takes a message for another kind than it is, and never changes an id.
 */
import { isObject, type Json, type JsonObject, member } from "../../json/value.ts";

/** The id of a request: kept as it came. */
export type MessageId = string | number;

/** A request: it has an id, and waits for an answer with it. */
export interface RequestMessage {
  readonly kind: "request";
  readonly id: MessageId;
  readonly method: string;
  readonly params: JsonObject;
}

/** A notification: nothing answers it. */
export interface NotificationMessage {
  readonly kind: "notification";
  readonly method: string;
  readonly params: JsonObject;
}

/** An answer: a result, or an error. */
export interface ResponseMessage {
  readonly kind: "response";
  readonly id: MessageId;
  readonly outcome: RpcOutcome;
}

/** What a request comes to. */
export type RpcOutcome = { readonly ok: true; readonly result: JsonObject } | { readonly ok: false; readonly error: RpcError };

/** An error object (JSON-RPC 2.0 §5.1). */
export interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: Json;
}

/** A message of one of the three kinds. */
export type Message = RequestMessage | NotificationMessage | ResponseMessage;

/** Codes of JSON-RPC 2.0 §5.1. */
export const rpcCodes = {
  parse: -32_700,
  invalidRequest: -32_600,
  methodNotFound: -32_601,
  invalidParams: -32_602,
  internal: -32_603,
} as const;

/** A message that is none: why, and the id that an answer must have (`null` where none can be told, JSON-RPC 2.0 §5). */
export interface NotMessage {
  readonly kind: "invalid";
  readonly id: MessageId | null;
}

/** Characters of an id. Longer ones are no client's, and are kept while a call runs. */
const idCharsMax = 256;

/**
 * Reads one message. Strict: `jsonrpc` is "2.0", the id is text or a safe integer, `params` and `result` are objects, and no member is
 * there that would make it two kinds at once.
 */
export function readMessage(value: Json): Message | NotMessage {
  if (!isObject(value)) return { kind: "invalid", id: null };
  // A member that is there is never `undefined`: JSON has no such value.
  const [method, params] = [member(value, "method"), member(value, "params")];
  const [result, error] = [member(value, "result"), member(value, "error")];
  const given = member(value, "id");
  const id = readId(given);
  const invalid: NotMessage = { kind: "invalid", id: id ?? null };
  if (member(value, "jsonrpc") !== "2.0" || Object.keys(value).some((name) => !memberNames.has(name))) return invalid;
  if (method !== undefined) {
    if (typeof method !== "string" || method === "" || result !== undefined || error !== undefined) return invalid;
    if (params !== undefined && !isObject(params)) return invalid;
    if (given === undefined) return { kind: "notification", method, params: params ?? {} };
    return id === undefined ? invalid : { kind: "request", id, method, params: params ?? {} };
  }
  if (id === undefined || params !== undefined || (result !== undefined) === (error !== undefined)) return invalid;
  if (result !== undefined) return isObject(result) ? { kind: "response", id, outcome: { ok: true, result } } : invalid;
  const read = readError(error);
  return read === undefined ? invalid : { kind: "response", id, outcome: { ok: false, error: read } };
}

const memberNames: ReadonlySet<string> = new Set(["jsonrpc", "id", "method", "params", "result", "error"]);

/** An id as it came: text, or a safe integer; anything else is none. */
export function readId(value: Json | undefined): MessageId | undefined {
  if (typeof value === "string") return value.length <= idCharsMax ? value : undefined;
  return typeof value === "number" && Number.isSafeInteger(value) ? value : undefined;
}

function readError(value: Json | undefined): RpcError | undefined {
  const [code, message, data] = [member(value, "code"), member(value, "message"), member(value, "data")];
  if (typeof code !== "number" || !Number.isSafeInteger(code) || typeof message !== "string") return undefined;
  return { code, message, ...(data === undefined ? {} : { data }) };
}

/** An answer with a result. */
export function resultMessage(id: MessageId, result: JsonObject): JsonObject {
  return { jsonrpc: "2.0", id, result };
}

/** An answer with an error; `null` where the id of what is answered cannot be told. */
export function errorMessage(id: MessageId | null, { code, message, data }: RpcError): JsonObject {
  return { jsonrpc: "2.0", id, error: { code, message, ...(data === undefined ? {} : { data }) } };
}

/** A request. */
export function requestMessage(id: MessageId, method: string, params: JsonObject): JsonObject {
  return { jsonrpc: "2.0", id, method, params };
}

/** A notification. */
export function notificationMessage(method: string, params: JsonObject): JsonObject {
  return { jsonrpc: "2.0", method, params };
}
