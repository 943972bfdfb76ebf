/**
 * Bodies of requests and responses, read whole within a bound, or passed through within one.
 * Never holds more than the bound, and never gives back a part of a body as if it were the whole.
 */

/** A body, or why there is none. */
export type BodyRead =
  | { readonly kind: "read"; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: "large" }
  | { readonly kind: "broken" };

/** A body as a stream. */
export type BodyStream = ReadableStream<Uint8Array<ArrayBuffer>>;

/** Reads a body of at most `bytesMax` bytes. */
export async function readBody(body: BodyStream | null, bytesMax: number): Promise<BodyRead> {
  if (body === null) return { kind: "read", bytes: new Uint8Array() };
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      length += value.byteLength;
      if (length > bytesMax) {
        // Not waited for: of two copies of one body, the first has not let go of it before the other has.
        void abandon(reader);
        return { kind: "large" };
      }
      chunks.push(value);
    }
  } catch {
    return { kind: "broken" };
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return { kind: "read", bytes };
}

/**
 * Reads the body of a request. A server holds one to the length that it was announced with, so that one within the bound is read at once; what
 * says nothing is counted as it comes. What is announced as larger is not read at all.
 */
export async function readRequestBody(request: Request, bytesMax: number): Promise<BodyRead> {
  const announced = request.headers.get("content-length");
  if (announced === null) return readBody(request.body, bytesMax);
  if (Number(announced) > bytesMax) return { kind: "large" };
  try {
    const bytes = new Uint8Array(await request.arrayBuffer());
    // What turns out longer all the same is no part of it.
    return bytes.byteLength > bytesMax ? { kind: "large" } : { kind: "read", bytes };
  } catch {
    return { kind: "broken" };
  }
}

async function abandon(reader: ReadableStreamDefaultReader): Promise<void> {
  try {
    await reader.cancel();
  } catch {
    // Whoever wrote the stream may refuse; nothing of it is used.
  }
}

/** Lets go of a body that nobody will read. */
export async function discardBody(body: BodyStream | null): Promise<void> {
  if (body === null || body.locked) return;
  await abandon(body.getReader());
}

/** The same stream, broken off with an error after `bytesMax` bytes. Holds back nothing: each chunk goes on as it comes. */
export function cappedStream(body: BodyStream, bytesMax: number): BodyStream {
  let length = 0;
  return body.pipeThrough(
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform: (chunk, controller) => {
        length += chunk.byteLength;
        if (length > bytesMax) controller.error(new Error("RESULT_TOO_LARGE"));
        else controller.enqueue(chunk);
      },
    }),
  );
}

const plainJson = { type: "application/json", charset: undefined };

/**
 * Whether what comes is what was sent: in chunks or not, and in no other transfer coding (RFC 9112 §7). `node:http` takes any before `chunked` and
 * undoes none of them, so that whoever stands in front may have read other bytes.
 */
export function isPlainTransfer(headers: Pick<Headers, "get">): boolean {
  const coding = headers.get("transfer-encoding");
  return coding === null || coding.toLowerCase() === "chunked";
}

/** Whether a body is what its bytes are: not compressed, neither as a content (RFC 9110 §8.4) nor on the way. */
export function isPlainBody(headers: Pick<Headers, "get">): boolean {
  return (headers.get("content-encoding") ?? "identity") === "identity" && isPlainTransfer(headers);
}

/** The media type of a `Content-Type` header, in lower case, and its `charset` (RFC 9110 §8.3). */
export function mediaTypeOf(header: string | null | undefined): { readonly type: string; readonly charset: string | undefined } {
  if (header === plainJson.type) return plainJson;
  const [type = "", ...parameters] = (header ?? "").toLowerCase().split(";");
  const charset = parameters
    .map((parameter) => /^\s*charset\s*=\s*"?([^"\s]+)"?\s*$/.exec(parameter)?.[1])
    .find((name) => name !== undefined);
  return { type: type.trim(), charset };
}

/** Whether a media type is JSON (RFC 8259; suffix of RFC 6839 §3.1). */
export function isJsonType(type: string): boolean {
  return type === "application/json" || type.endsWith("+json");
}
