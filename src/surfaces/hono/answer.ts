/**
 * What a handler answered, as the result of a run, and what the agent is sent of it.
 * Never passes on a status, a header or a byte of a result that is hidden.
 */
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { Code } from "../../codes.ts";
import type { ToolResult } from "../../decide/observe.ts";
import { canonicalJson } from "../../json/canonical.ts";
import { readJsonBytes } from "../../json/read.ts";
import type { Json } from "../../json/value.ts";
import { receiptHeader } from "../../receipts/receipt.ts";
import { type BodyStream, cappedStream, discardBody, isJsonType, mediaTypeOf, readBody } from "../body.ts";
import type { Enforcer, Permit, Settled, SettleOptions } from "../enforce.ts";
import { problemResponse } from "../wire.ts";

/** What came of an allowed call. */
export type Answer =
  | (AnswerHead & { readonly kind: "result"; readonly result: ToolResult })
  /** To be passed on as it comes, once its labels are committed. */
  | (AnswerHead & { readonly kind: "stream"; readonly body: BodyStream })
  | { readonly kind: "fault"; readonly code: Code };

interface AnswerHead {
  readonly status: number;
  readonly contentType: string | null;
  /** Headers that go along where the agent sees the whole of a result. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What came with the result and says where it came from. */
  readonly said?: SettleOptions;
}

/** Reads the response that a handler left. A response outside 200 to 299 is the tool's error; an exception is none of its answers. */
export async function answerOf(c: Context, permit: Permit, hasThrown: boolean): Promise<Answer> {
  try {
    const response = c.res;
    if (hasThrown || (c.error !== undefined && !(c.error instanceof HTTPException))) {
      await discardBody(response.body);
      return { kind: "fault", code: "UPSTREAM_FAILED" };
    }
    return await readResponse(response, permit);
  } catch {
    return { kind: "fault", code: "UPSTREAM_FAILED" };
  }
}

async function readResponse(response: Response, permit: Permit): Promise<Answer> {
  const { status, body, ok } = response;
  const contentType = response.headers.get("content-type");
  const { type } = mediaTypeOf(contentType);
  if (ok && body !== null && permit.isStreamable && !isJsonType(type)) return { kind: "stream", body, status, contentType };
  const read = await readBody(body, permit.resultBytesMax);
  if (read.kind === "large") return { kind: "fault", code: "RESULT_TOO_LARGE" };
  if (read.kind === "broken") return { kind: "fault", code: "UPSTREAM_FAILED" };
  const value = readValue(read.bytes, type, ok);
  if (value === undefined) return { kind: "fault", code: "RESULT_MALFORMED" };
  const receipt = response.headers.get(receiptHeader);
  const said = receipt === null ? {} : { said: { receipt } };
  return { kind: "result", result: ok ? { value } : { error: value }, status, contentType, ...said };
}

/** The value of a body: JSON by its type, no body as null, other text as a string; `undefined` if it is neither. An error that is no JSON is a text. */
export function readValue(bytes: Uint8Array, type: string, isOk: boolean): Json | undefined {
  if (bytes.length === 0) return isJsonType(type) && isOk ? undefined : null;
  if (isJsonType(type)) {
    const read = readJsonBytes(bytes);
    if (read.ok) return read.value;
    if (isOk) return undefined;
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Settles a call with its answer and makes the response that the agent gets. */
export async function respond(enforcer: Enforcer, permit: Permit, answer: Answer): Promise<Response> {
  if (answer.kind === "fault") return responseTo(await enforcer.fail(permit, answer.code));
  if (answer.kind === "result") return responseTo(await enforcer.settle(permit, answer.result, answer.said), answer);
  // No rule refers to the value of what passes through: that it succeeded, and its labels, are all that is recorded.
  const settled = await enforcer.settle(permit, { value: null }, answer.said);
  if (!settled.ok) {
    await discardBody(answer.body);
    return problemResponse(settled.verdict);
  }
  const headers = answer.contentType === null ? {} : { "content-type": answer.contentType };
  return new Response(cappedStream(answer.body, permit.resultBytesMax), {
    status: answer.status,
    headers: { ...answer.headers, ...headers, "cache-control": "no-store" },
  });
}

function responseTo(settled: Settled, answer?: Answer & { readonly kind: "result" }): Response {
  if (!settled.ok) return problemResponse(settled.verdict);
  const { delivered, isError, isWhole } = settled;
  const headers = { "content-type": "application/json", "cache-control": "no-store" };
  if (isError) return new Response(canonicalJson(delivered), { status: errorStatus(answer?.status), headers });
  if (!isWhole || answer === undefined) return new Response(canonicalJson(delivered), { headers });
  const { status, contentType } = answer;
  const shown = { ...answer.headers, ...headers };
  if (status === 204 || status === 205) return new Response(null, { status, headers: answer.headers ?? {} });
  const isText = typeof delivered === "string" && !isJsonType(mediaTypeOf(contentType).type);
  if (isText)
    return new Response(delivered, {
      status,
      headers: { ...shown, "content-type": contentType ?? "text/plain; charset=utf-8" },
    });
  return new Response(canonicalJson(delivered), { status, headers: shown });
}

/** The status of a tool's error. What is no error status (a redirect, say) leads nowhere from here. */
function errorStatus(status: number | undefined): number {
  return status !== undefined && status >= 400 && status <= 599 ? status : 502;
}
