/**
 * Agents that call each other over HTTP with JSON bodies: the receipt goes in a header, both ways. Web standards only.
 * Never follows a redirect, and never trusts a header but the receipt, which proves itself.
 */
import type { ToolResult } from "../../decide/observe.ts";
import { readJsonBytes } from "../../json/read.ts";
import type { Json, JsonObject } from "../../json/value.ts";
import { callBytesMax } from "../../limits.ts";
import { receiptHeader } from "../../receipts/receipt.ts";
import type { Result } from "../../result.ts";
import { discardBody, isJsonType, mediaTypeOf, readBody } from "../body.ts";
import type { Enforcer, Opened, OpenFailure, OpenOptions, Permit, SettleOptions } from "../enforce.ts";
// Not from `enforce.ts`: an agent that only sends receipts would read the whole engine.
import { denialOf } from "../enforce/permit.ts";
import { problemResponse } from "../wire.ts";

/** How a call is sent to another agent. */
export interface PostOptions {
  /** Further headers: the credential that the agent is called with, say. */
  readonly headers?: { readonly [name: string]: string };
  readonly signal?: AbortSignal;
  /** Default: the global `fetch`. */
  readonly fetch?: (request: Request) => Promise<Response>;
}

/**
 * Sends an allowed call to the agent at `url` and reads its answer, for `enforcer.call`. Rejects where nobody answered, or refused without
 * signing for it: then no data has come in.
 *
 * @example await firewall.call(token, { tool: "desk/ask", args }, (permit) => postToPeer(permit, "https://desk.example/agent"));
 */
export async function postToPeer(
  permit: Permit,
  url: string,
  { headers = {}, signal, fetch: send = (request) => fetch(request) }: PostOptions = {},
): Promise<ToolResult & { readonly said: SettleOptions }> {
  const all = new Headers(headers);
  all.set("content-type", "application/json");
  all.delete(receiptHeader);
  if (permit.receipt !== undefined) all.set(receiptHeader, permit.receipt);
  const init: RequestInit = { method: "POST", headers: all, body: permit.body, redirect: "manual" };
  const response = await send(new Request(url, signal === undefined ? init : { ...init, signal }));
  const { type } = mediaTypeOf(response.headers.get("content-type"));
  const receipt = response.headers.get(receiptHeader) ?? undefined;
  // A refusal that nobody has signed is no answer: what it says would be anybody's word.
  if (!isJsonType(type) || (!response.ok && receipt === undefined)) {
    await discardBody(response.body);
    throw new TypeError("the other agent did not answer");
  }
  const body = await readBody(response.body, permit.resultBytesMax);
  const read = body.kind === "read" ? readJsonBytes(body.bytes) : undefined;
  if (read?.ok !== true) throw new TypeError("the other agent's answer cannot be read");
  return response.ok ? { value: read.value, said: { receipt } } : { error: read.value, said: { receipt } };
}

/** A message of another agent, as a host finds it. */
export interface PeerMessage {
  /** The body: strict JSON, what the receipt is about. */
  readonly value: Json;
  /** Opens the session that the message is for; `taken` names the parameters that come from the message. Once: a receipt counts once. */
  readonly open: (options: Omit<OpenOptions, "message">, taken: readonly string[]) => Promise<Result<Opened, OpenFailure>>;
  readonly request: Request;
}

/** What an agent answers: a value, by the session in which it was worked out. */
export interface PeerAnswer {
  readonly token: string;
  readonly value: Json;
}

/** Options of a receiver. */
export interface ReceiverOptions {
  readonly enforcer: Enforcer;
  /** The host's own: opens a session, lets the agent work, answers. `undefined`: the message is refused. */
  readonly work: (message: PeerMessage) => Promise<PeerAnswer | undefined>;
  /** The only agent that may send, by its name in the policy. Default: any that signs. Who does not sign may send too: its data goes nowhere. */
  readonly from?: string;
}

/**
 * Handles messages of other agents at one URL: for Hono `app.post("/agent", (c) => receive(c.req.raw))`. The answer is signed for whoever
 * has signed the message.
 */
export function receiveFromPeers({ enforcer, work, from }: ReceiverOptions): (request: Request) => Promise<Response> {
  return async (request) => {
    try {
      const value = await readMessage(request);
      if (value === undefined) return problemResponse(denialOf("CALL_MALFORMED"));
      const receipt = request.headers.get(receiptHeader) ?? undefined;
      const sender = from === undefined ? {} : { from };
      const open: PeerMessage["open"] = (options, params) =>
        enforcer.open({ ...options, message: { value, receipt, params, ...sender } });
      const answer = await work({ value, open, request });
      if (answer === undefined) return problemResponse(denialOf("AUTH_DENIED"));
      const signed = await enforcer.answer(answer.token, answer.value);
      if (!signed.ok) return problemResponse(signed.error);
      const headers = new Headers({ "content-type": "application/json", "cache-control": "no-store" });
      if (signed.value.receipt !== undefined) headers.set(receiptHeader, signed.value.receipt);
      return new Response(signed.value.body, { headers });
    } catch {
      return problemResponse(denialOf("INTERNAL"));
    }
  };
}

/** The body of a POST, strict JSON in UTF-8; `undefined`: it is none. */
async function readMessage(request: Request): Promise<Json | undefined> {
  const { type, charset = "utf-8" } = mediaTypeOf(request.headers.get("content-type"));
  if (request.method !== "POST" || !isJsonType(type) || charset !== "utf-8") return undefined;
  const body = await readBody(request.body, callBytesMax);
  const read = body.kind === "read" ? readJsonBytes(body.bytes, { maxBytes: callBytesMax }) : undefined;
  return read?.ok === true ? read.value : undefined;
}

/** The members of a message that are parameters of a plan: by their names, where the message is an object that has them. */
export function paramsOfMessage(value: Json, names: readonly string[]): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
  const members = value as JsonObject;
  return Object.fromEntries(names.flatMap((name) => (Object.hasOwn(members, name) ? [[name, members[name] as Json]] : [])));
}
