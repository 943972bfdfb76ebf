/**
 * Bodies of messages of `node:http`, read whole within a bound without a stream of the Fetch standard between.
 * Never holds more than the bound, and never gives back a part of a body as if it were the whole.
 */
import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import type { BodyRead, BodyStream } from "../body.ts";

/** Reads the body of a message that nobody has read of. What is too large is left where it is, unread. */
export function readIncoming(message: IncomingMessage, bytesMax: number): Promise<BodyRead> {
  if (message.destroyed || message.readableDidRead) return Promise.resolve({ kind: "broken" });
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const done = (read: BodyRead): void => {
      message.off("data", onData).off("end", onEnd).off("error", onBroken).off("close", onBroken);
      resolve(read);
    };
    const onData = (chunk: Buffer): void => {
      length += chunk.byteLength;
      chunks.push(chunk);
      if (length <= bytesMax) return;
      message.pause();
      done({ kind: "large" });
    };
    const onEnd = (): void => {
      const [only] = chunks;
      const bytes = only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks, length);
      done(message.complete ? { kind: "read", bytes: bytes as Uint8Array<ArrayBuffer> } : { kind: "broken" });
    };
    const onBroken = (): void => done({ kind: "broken" });
    message.on("data", onData).on("end", onEnd).on("error", onBroken).on("close", onBroken);
  });
}

/** The same as a stream that begins when somebody reads it. */
export function streamIncoming(message: IncomingMessage): BodyStream {
  let reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> | undefined;
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      pull: async (controller) => {
        reader ??= (Readable.toWeb(message) as BodyStream).getReader();
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: async (reason) => {
        if (reader === undefined) message.destroy();
        else await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}
