/**
 * One HTTP exchange with an MCP server: a message posted, what comes back given to the peer, a broken stream gone on with.
 * Never follows a redirect, reads nothing that is not strict JSON, and holds nothing without a bound.
 */
import { canonicalJson } from "../../json/canonical.ts";
import { readJson, readJsonBytes } from "../../json/read.ts";
import { isArray, type Json, type JsonObject } from "../../json/value.ts";
import { mcpBatchMax, resultBytesMax } from "../../limits.ts";
import { isJsonType, mediaTypeOf, readBody } from "../body.ts";
import { readEvents, StreamFault } from "../event-stream.ts";
import type { UpstreamFailure } from "./upstream.ts";

/** How a server is reached. */
export interface HttpTarget {
  readonly url: URL;
  /** Headers of every request: the operator's credentials. Asked anew for each. */
  readonly headers: () => Promise<{ readonly [name: string]: string }> | { readonly [name: string]: string };
  readonly fetch: (url: URL, init?: RequestInit) => Promise<Response>;
}

/** What came of a posted message. */
export type Posted =
  | { readonly kind: "read" }
  /** Accepted, and answered elsewhere or not at all. */
  | { readonly kind: "accepted" }
  /** Refused with a status, by a server that may speak another revision. What it said was given to `take`, if it was a message. */
  | { readonly kind: "status"; readonly status: number }
  | { readonly kind: "failed"; readonly failure: UpstreamFailure };

/** Times that a stream is gone on with that ended before its answer. */
const resumesMax = 5;
/** Milliseconds before a stream is gone on with, unless it says otherwise; and at most. */
const retryMs = { default: 1_000, max: 30_000 };

/** One request of ours, with what the transport adds. */
export interface Exchange {
  readonly headers: { readonly [name: string]: string };
  readonly signal: AbortSignal;
  /** Takes each message of the answer. */
  readonly take: (message: Json) => void;
  /** Whether what was waited for has come, so that the end of the stream is its end. */
  readonly isDone: () => boolean;
  /** Told of the session that the server has opened (`Mcp-Session-Id`). */
  readonly onSession?: (id: string) => void;
}

/** Posts a message and takes its answer. Never rejects. */
export async function post(target: HttpTarget, message: JsonObject, exchange: Exchange): Promise<Posted> {
  try {
    const response = await send(target, { method: "POST", body: canonicalJson(message) }, exchange);
    const session = response.headers.get("mcp-session-id");
    if (session !== null && response.ok && /^[\x21-\x7e]{1,512}$/.test(session)) exchange.onSession?.(session);
    if (response.status === 202 || response.status === 204) {
      await response.body?.cancel();
      return { kind: "accepted" };
    }
    const { type } = mediaTypeOf(response.headers.get("content-type"));
    if (response.ok && type === "text/event-stream") return await readStream(target, response, exchange);
    const body = await readBody(response.body, resultBytesMax);
    if (body.kind === "large") return { kind: "failed", failure: "large" };
    const read = body.kind === "read" && isJsonType(type) ? readJsonBytes(body.bytes, { maxBytes: resultBytesMax }) : undefined;
    if (read?.ok === true) takeAll(read.value, exchange);
    if (!response.ok) return { kind: "status", status: response.status };
    return read?.ok === true ? { kind: "read" } : { kind: "failed", failure: "broken" };
  } catch (error) {
    return { kind: "failed", failure: failureOf(error, exchange.signal) };
  }
}

/** Opens the stream of a session (GET) and takes what comes, until it ends. */
export async function follow(
  target: HttpTarget,
  exchange: Exchange,
  after?: string,
): Promise<Posted & { readonly after?: string }> {
  try {
    const headers = after === undefined ? {} : { "last-event-id": after };
    const response = await send(target, { method: "GET" }, { ...exchange, headers: { ...exchange.headers, ...headers } });
    const { type } = mediaTypeOf(response.headers.get("content-type"));
    if (!response.ok || type !== "text/event-stream" || response.body === null) {
      await response.body?.cancel();
      return { kind: "status", status: response.ok ? 406 : response.status };
    }
    const end = await takeEvents(response, exchange);
    return { kind: "read", ...(end.last === undefined ? {} : { after: end.last }) };
  } catch (error) {
    return { kind: "failed", failure: failureOf(error, exchange.signal) };
  }
}

async function send(
  { url, headers, fetch: fetchOf }: HttpTarget,
  { method, body }: { readonly method: string; readonly body?: string },
  exchange: Exchange,
): Promise<Response> {
  const accept = method === "GET" ? "text/event-stream" : "application/json, text/event-stream";
  const response = await fetchOf(url, {
    method,
    headers: {
      ...exchange.headers,
      ...(await headers()),
      accept,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body }),
    // SECURITY: a redirect would take credentials and arguments to a place that nobody has named.
    redirect: "manual",
    signal: exchange.signal,
  });
  if (response.type === "opaqueredirect" || (response.status >= 300 && response.status < 400)) {
    await response.body?.cancel();
    throw new TypeError("redirected");
  }
  return response;
}

async function readStream(target: HttpTarget, response: Response, exchange: Exchange): Promise<Posted> {
  let end = await takeEvents(response, exchange);
  for (let resumed = 0; !exchange.isDone() && end.last !== undefined && resumed < resumesMax; resumed++) {
    await pause(end.retry ?? retryMs.default, exchange.signal);
    const again = await send(target, { method: "GET" }, withLast(exchange, end.last));
    if (!again.ok || again.body === null) break;
    const next = await takeEvents(again, exchange);
    end = { last: next.last ?? end.last, retry: next.retry ?? end.retry };
  }
  return exchange.isDone() ? { kind: "read" } : { kind: "failed", failure: "unreachable" };
}

function withLast(exchange: Exchange, last: string): Exchange {
  return { ...exchange, headers: { ...exchange.headers, "last-event-id": last } };
}

interface StreamEnd {
  readonly last: string | undefined;
  readonly retry: number | undefined;
}

/** Takes the messages of a stream until it ends or breaks. */
async function takeEvents(response: Response, exchange: Exchange): Promise<StreamEnd> {
  let last: string | undefined;
  let retry: number | undefined;
  if (response.body === null) return { last, retry };
  try {
    for await (const { event, data, id, retry: wait } of readEvents(response.body)) {
      if (id !== undefined && /^[\x20-\x7e]{1,512}$/.test(id)) last = id;
      if (wait !== undefined) retry = wait;
      // An event without data only says where the stream stands.
      if (data === "" || (event !== "" && event !== "message")) continue;
      const message = readJson(data, { maxBytes: resultBytesMax });
      if (!message.ok) throw new StreamFault("broken");
      takeAll(message.value, exchange);
      if (exchange.isDone()) break;
    }
  } catch (error) {
    if (exchange.signal.aborted || (error instanceof StreamFault && last === undefined)) throw error;
  }
  return { last, retry };
}

function takeAll(value: Json, { take }: Exchange): void {
  const messages = isArray(value) ? value.slice(0, mcpBatchMax) : [value];
  for (const each of messages) take(each);
}

/** Waits; ends early, by a throw, if the exchange is over. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(new Error("aborted"));
    };
    const timer = setTimeout(
      () => {
        signal.removeEventListener("abort", stop);
        resolve();
      },
      Math.min(ms, retryMs.max),
    );
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}

function failureOf(error: unknown, signal: AbortSignal): UpstreamFailure {
  if (signal.aborted) return "aborted";
  if (error instanceof StreamFault) return error.message === "large" ? "large" : "broken";
  return "unreachable";
}
