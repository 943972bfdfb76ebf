/**
 * A request that goes ahead as it came, watched: a copy of its body and of the response's is read beside.
 * Never changes what a handler or a client gets but by one header that says so, and never waits for what is recorded.
 */
import type { Context, Next } from "hono";
import { readJsonBytes } from "../../json/read.ts";
import { isErrorResult } from "../../trace.ts";
import { isObject, type Json, type JsonObject } from "../../json/value.ts";
import { observedBytesMax } from "../../limits.ts";
import { type BodyStream, isJsonType, isPlainBody, mediaTypeOf, readBody } from "../body.ts";
import { readValue } from "../hono/answer.ts";
import { tokenOf } from "../hono/token.ts";
import type { Observer } from "../observe.ts";
import type { ObservedCall, Unobserved } from "./recorder.ts";

/** The response header that says whether calls are checked: `observe` or `enforce`. Firewalls that never observe have none. */
export const modeHeader = "sluice-mode";

/** What of a gate is looked at. */
interface Watched {
  readonly toolName: (c: Context) => string | undefined;
  readonly observedRun: (c: Context) => string | undefined;
  readonly maxBytes: number;
}

/** Lets a request through and watches it. */
export async function observeRequest(
  observer: Observer,
  gate: Watched,
  { c, next }: { readonly c: Context; readonly next: Next },
): Promise<void> {
  const seen = await begin(observer, gate, c);
  try {
    await next();
  } catch (error) {
    seen?.result({ error: "the handler failed" });
    throw error;
  }
  finish(c, seen);
}

/** The response, with the header that says that its firewall enforces now, if it has ever observed. */
export function withMode(observer: Observer | undefined, response: Response): Response {
  if (observer !== undefined) response.headers.set(modeHeader, observer.status().mode);
  return response;
}

async function begin(observer: Observer, gate: Watched, c: Context): Promise<ObservedCall | undefined> {
  try {
    const tool = gate.toolName(c);
    const args = await argsOf(c.req.raw, gate.maxBytes);
    if (!args.ok || typeof tool !== "string" || tool === "") {
      observer.missed(args.ok ? "tool" : args.reason);
      return undefined;
    }
    // A handler that reads its arguments here finds the agent's own.
    c.set("sluice", { args: args.value, verdict: undefined });
    return observer.saw({ token: tokenOf(c), run: nameOf(gate, c) }, { tool, args: args.value });
  } catch {
    observer.missed("fault");
    return undefined;
  }
}

function nameOf(gate: Watched, c: Context): string | undefined {
  const name = gate.observedRun(c);
  return typeof name === "string" && name !== "" ? name : undefined;
}

type Args = { readonly ok: true; readonly value: JsonObject } | { readonly ok: false; readonly reason: Unobserved };

/** The arguments in a copy of the body. What is no call as a firewall takes it is not read at all. */
async function argsOf(request: Request, bytesMax: number): Promise<Args> {
  const { type, charset = "utf-8" } = mediaTypeOf(request.headers.get("content-type"));
  const isCall = request.method === "POST" && isJsonType(type) && charset === "utf-8" && isPlainBody(request.headers);
  if (!isCall || /[?#]/.test(request.url)) return { ok: false, reason: "malformed" };
  // Someone has read it before; handlers have it from them.
  if (request.bodyUsed) return { ok: false, reason: "body" };
  const body = await readBody(request.clone().body, bytesMax);
  if (body.kind !== "read") return { ok: false, reason: "body" };
  const read = readJsonBytes(body.bytes, { maxBytes: bytesMax });
  return read.ok && isObject(read.value) ? { ok: true, value: read.value } : { ok: false, reason: "malformed" };
}

/** Says on the response that it was observed, and reads a copy of it as it passes. */
function finish(c: Context, seen: ObservedCall | undefined): void {
  try {
    const { res } = c;
    // A connection that was taken over (101) has no response that could be written anew.
    if (res.status < 200 || res.status > 599) {
      seen?.lost("result");
      return;
    }
    const body = res.body === null || seen === undefined ? res.body : copied(res.body, readerOf(res, seen));
    const response = new Response(body, res);
    response.headers.set(modeHeader, "observe");
    if (res.body === null) seen?.result(tracedValue(res, null));
    // Hono merges the headers of a response that is replaced into the new one: it is taken away first.
    c.res = undefined;
    c.res = response;
  } catch {
    seen?.lost("result");
  }
}

/** What the bytes of a response say to the recording. */
function readerOf(response: Response, seen: ObservedCall): (bytes: Uint8Array | undefined) => void {
  const { type } = mediaTypeOf(response.headers.get("content-type"));
  const isPlain = (response.headers.get("content-encoding") ?? "identity") === "identity";
  return (bytes) => {
    const value = bytes === undefined || !isPlain ? undefined : readValue(bytes, type, response.ok);
    if (value === undefined) seen.lost("result");
    else seen.result(tracedValue(response, value));
  };
}

/** A result as traces have it; a failure says at least its status. */
function tracedValue({ ok, status }: Response, value: Json): Json {
  if (ok) return value;
  return isErrorResult(value) ? value : { error: value ?? `status ${status}` };
}

/** The same stream; `done` gets a copy of its bytes when it has ended, or nothing if it is too long or breaks off. Holds nothing back. */
function copied(body: BodyStream, done: (bytes: Uint8Array | undefined) => void): BodyStream {
  let chunks: Uint8Array[] | undefined = [];
  let length = 0;
  const reader = body.getReader();
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: async (controller) => {
      try {
        const { done: isDone, value } = await reader.read();
        if (isDone) {
          controller.close();
          done(chunks === undefined ? undefined : joined(chunks, length));
          return;
        }
        length += value.byteLength;
        if (length > observedBytesMax) chunks = undefined;
        // A copy: whoever reads the stream may give the buffer away.
        chunks?.push(value.slice());
        controller.enqueue(value);
      } catch (error) {
        done(undefined);
        controller.error(error);
      }
    },
    cancel: (reason) => {
      done(undefined);
      return reader.cancel(reason);
    },
  });
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}
