/**
 * The MCP gateway over standard input and output: one client, whose session the host has opened before it came.
 * Web standards only. Never writes anything but messages, and never takes a credential from the client: it has none to give.
 */
import { type Json, type JsonObject, member } from "../../json/value.ts";
import { callBytesMax, mcpStdioGraceMs } from "../../limits.ts";
import { errorMessage, rpcCodes } from "./jsonrpc.ts";
import type { Relay } from "./relay.ts";
import { frameLine, readFrames } from "./stdio-frames.ts";

/** What is served, and over which streams. */
export interface StdioOptions {
  readonly relay: Relay;
  /** The token of the client's Sluice session. */
  readonly token: string;
  /** What the client writes. */
  readonly input: AsyncIterable<Uint8Array>;
  /** Writes to the client, whole lines. Throws if the client is gone. */
  readonly write: (line: string) => void;
  /** Aborted: the client is let go at once. */
  readonly signal?: AbortSignal;
}

/**
 * Serves one client until its input ends. What runs then has a moment to be answered; after that it is cancelled. Never rejects: a broken
 * stream is its end.
 */
export async function serveStdio({ relay, token, input, write, signal }: StdioOptions): Promise<void> {
  const gone = new AbortController();
  const ends = signal === undefined ? gone.signal : AbortSignal.any([gone.signal, signal]);
  const send = (message: Json): void => {
    if (ends.aborted) return;
    try {
      write(frameLine(message));
    } catch {
      gone.abort();
    }
  };
  const stop = relay.listen(send);
  const running = new Set<Promise<void>>();
  const receive = async (value: Json): Promise<void> => {
    const answer = await relay.receive(value, { token, signal: ends, send: (message: JsonObject) => send(message) });
    if (answer !== undefined) send(answer as Json);
  };
  try {
    for await (const frame of untilAborted(readFrames(input, callBytesMax), ends)) {
      if (frame.kind === "message") {
        const one = receive(frame.value).catch(() => {});
        running.add(one);
        void one.then(() => running.delete(one));
        // Scripts write all they have at once: what comes after the greeting is taken after it.
        if (member(frame.value, "method") === "initialize") await one;
      } else {
        const message = frame.kind === "large" ? "the message is too large" : "the message is not strict JSON";
        send(errorMessage(null, { code: rpcCodes.parse, message }));
      }
    }
  } catch {
    // The stream broke: the client is gone.
  }
  await withinGrace(Promise.all(running), ends);
  gone.abort();
  stop();
  await relay.close();
}

/** The same, until the signal; then nothing more is waited for. */
async function* untilAborted<T>(source: AsyncGenerator<T>, signal: AbortSignal): AsyncGenerator<T> {
  // Not a race with one promise of the end: that would keep something of every message until the end.
  let stop = (): void => {};
  signal.addEventListener("abort", () => stop(), { once: true });
  for (;;) {
    const next = await new Promise<IteratorResult<T> | undefined>((resolve, reject) => {
      stop = () => resolve(undefined);
      if (signal.aborted) stop();
      else source.next().then(resolve, reject);
    });
    if (next === undefined || next.done === true) return;
    yield next.value;
  }
}

async function withinGrace(running: Promise<unknown>, signal: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, mcpStdioGraceMs);
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  await Promise.race([running, over]);
  clearTimeout(timer);
}
