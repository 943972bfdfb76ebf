/**
 * What an upstream answered, as the result of a run: strict JSON, text, or a stream that the plan lets pass.
 * Never follows a redirect, and never lets a secret of the firewall's through.
 */
import { receiptHeader } from "../../receipts/receipt.ts";
import { type Answer, readValue } from "../hono/answer.ts";
import { type BodyStream, discardBody, isJsonType, mediaTypeOf } from "../body.ts";
import type { Permit } from "../enforce.ts";
import { readWhole } from "./connector.ts";
import type { LeakFinder } from "./leak.ts";

/** How an answer is read. */
export interface AnswerReading {
  readonly permit: Permit;
  readonly leaks: LeakFinder;
  /** Names of response headers that the agent sees with a result that it sees whole. */
  readonly showHeaders: readonly string[];
}

/** Reads an upstream's response. Nothing of it has been shown to anybody before. */
export async function answerIn(response: Response, { permit, leaks, showHeaders }: AnswerReading): Promise<Answer> {
  const { status, ok } = response;
  const coding = response.headers.get("content-encoding") ?? "identity";
  if (coding.toLowerCase() !== "identity") {
    await discardBody(response.body);
    return { kind: "fault", code: "RESULT_MALFORMED" };
  }
  const contentType = response.headers.get("content-type");
  const { type, charset = "utf-8" } = mediaTypeOf(contentType);
  const headers = headersFor(response, showHeaders);
  if (leaks.inText([contentType ?? "", ...Object.values(headers)].join("\n"))) {
    await discardBody(response.body);
    return { kind: "fault", code: "RESULT_SECRET" };
  }
  // What another agent answers is read whole: its receipt is over a value.
  const isStream = ok && permit.isStreamable && permit.receipt === undefined && !isJsonType(type);
  const body: BodyStream | null = isStream ? response.body : null;
  if (body !== null) return { kind: "stream", body: leaks.guard(body), status, contentType, headers };
  const read = await readWhole(response, permit.resultBytesMax);
  if (read.kind === "large") return { kind: "fault", code: "RESULT_TOO_LARGE" };
  if (read.kind === "broken") return { kind: "fault", code: "UPSTREAM_FAILED" };
  // Another charset read as UTF-8 would be another text.
  const isUtf8 = charset === "utf-8" || charset === "utf8" || charset === "us-ascii";
  const value = isUtf8 ? readValue(read.bytes, type, ok) : undefined;
  if (leaks.inBytes(read.bytes) || (value !== undefined && leaks.inValue(value))) return { kind: "fault", code: "RESULT_SECRET" };
  if (value === undefined) return { kind: "fault", code: "RESULT_MALFORMED" };
  const receipt = response.headers.get(receiptHeader);
  const said = receipt === null ? {} : { said: { receipt } };
  return { kind: "result", result: ok ? { value } : { error: value }, status, contentType, headers, ...said };
}

function headersFor(response: Response, names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = response.headers.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );
}
