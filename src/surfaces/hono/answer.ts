/**
 * What a handler answered, as the result of a run, and what the agent is sent of it.
 * Never passes on a status, a header or a byte of a result that is hidden.
 */
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { Code } from "../../codes.ts";
import type { ToolResult } from "../../decide/observe.ts";
import { canonicalJson } from "../../json/canonical.ts";
import { isLongerThan } from "../../json/read-error.ts";
import { readJsonBytes } from "../../json/read.ts";
import type { Json } from "../../json/value.ts";
import { receiptHeader } from "../../receipts/receipt.ts";
import { type BodyStream, cappedStream, discardBody, isJsonType, mediaTypeOf, readBody } from "../body.ts";
import type { Enforcer, Permit, Settled, SettleOptions } from "../enforce.ts";
import { problemResponse } from "../wire.ts";
import { asItIs, type SaidBy } from "./answered-json.ts";

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
  /** The response whose body is the canonical text of the result. */
  readonly made?: Response;
}

/** What a handler left behind. */
export interface Left {
  readonly hasThrown: boolean;
  readonly saidBy: SaidBy;
}

/** What a handler answered by `c.json`, without reading it back; `undefined`: it has to be read. */
export function knownAnswer(c: Context, permit: Permit, { hasThrown, saidBy }: Left): Answer | undefined {
  if (hasThrown || c.error !== undefined) return undefined;
  const response = c.res;
  const said = saidBy(response);
  if (said === undefined || !isJsonType(mediaTypeOf(response.headers.get("content-type")).type)) return undefined;
  const { text, value } = said;
  if (value !== undefined) return resultOf(response, value, response);
  if (isLongerThan(text, permit.resultBytesMax)) return { kind: "fault", code: "RESULT_TOO_LARGE" };
  return resultOf(response, response.ok ? undefined : text);
}

/** Reads the response that a handler left. A response outside 200 to 299 is the tool's error; an exception is none of its answers. */
export async function answerOf(c: Context, permit: Permit, { hasThrown }: Left): Promise<Answer> {
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
  return resultOf(response, readValue(read.bytes, type, ok));
}

/** The result that a response's value is; `undefined`: it is none. `made`: the response, if its body is the canonical text of the value. */
function resultOf({ status, ok, headers }: Response, value: Json | undefined, made?: Response): Answer {
  if (value === undefined) return { kind: "fault", code: "RESULT_MALFORMED" };
  const contentType = headers.get("content-type");
  const receipt = headers.get(receiptHeader);
  const result = ok ? { value } : { error: value };
  const head = { kind: "result" as const, result, status, contentType };
  if (receipt !== null) return { ...head, said: { receipt } };
  return made === undefined ? head : { ...head, made };
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
  const { status, contentType, made, result } = answer;
  const shown = { ...answer.headers, ...headers };
  if (status === 204 || status === 205) return new Response(null, { status, headers: answer.headers ?? {} });
  // What is delivered is what was read of that very text.
  const isSame = made !== undefined && answer.headers === undefined && "value" in result && delivered === result.value;
  const own = isSame ? asItIs(made) : undefined;
  if (own !== undefined) return own;
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
