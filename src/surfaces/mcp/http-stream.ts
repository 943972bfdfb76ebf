/**
 * Streams of server-sent events to one client of the MCP gateway, kept so that a broken connection can go on where it stopped.
 * Never holds more than a bound, never gives an event of one stream to another, and never waits for a slow reader.
 */
import { canonicalJson } from "../../json/canonical.ts";
import type { JsonObject } from "../../json/value.ts";
import { mcpKeepAliveMs, mcpStreamBytesMax } from "../../limits.ts";
import type { BodyStream } from "../body.ts";

/** One stream of events. */
export interface Channel {
  /** Appends a message. One that no longer fits breaks the stream, see `onLost`. */
  push(message: JsonObject): void;
  /** No more messages: whoever reads gets what is left, and then the end. */
  end(): void;
  /**
   * Reads on: after the event of that number, or where the last reader stopped. Another reader of the same stream is ended, so that no
   * event is delivered twice.
   */
  read(after?: number): BodyStream;
  /**
   * Waits, for so many milliseconds at most, for the first message. All bytes of the stream, if it has ended with that and nobody has read of it;
   * else `undefined`: then it is one to be read.
   */
  whole(ms: number): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Whether somebody reads. */
  readonly isRead: boolean;
  /** Whether every message has been given to a reader, and no more will come. */
  readonly isDone: boolean;
}

/** How a stream is kept. */
export interface ChannelOptions {
  /** What the ids of its events begin with (`NAME-7`); `undefined`: events have no ids, and the stream cannot be read again. */
  readonly name?: string;
  /** First event, before any message: `prime` is an event with an id and no data (MCP 2025-11-25 transports), else a text of ours. */
  readonly first?: "prime" | { readonly event: string; readonly data: string };
  /** Told when nobody reads any more although messages may come, and when somebody reads again. */
  readonly onReaders?: (isRead: boolean) => void;
  /** What has not been read is longer than the bound: what the stream belongs to must end. Without it, the oldest events are dropped. */
  readonly onLost?: () => void;
}

/** Milliseconds after which a client that lost its connection comes back (`retry`, HTML §9.2.6). */
const retryMs = 1_000;
const encoder = new TextEncoder();
const keepAlive = encoder.encode(": \n\n");

interface Event {
  readonly number: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The events of a stream that are kept. Numbers have no gaps. */
interface Kept {
  /** Number of the newest event. */
  readonly last: number;
  append(fields: string): void;
  after(position: number): Event | undefined;
  all(): Uint8Array<ArrayBuffer>;
  /** Drops events up to this number. */
  dropTo(number: number): void;
}

/** Keeps events within the bound. `lose` is told of an event that must go; `false`: then it stays, and nothing is kept any more. */
function keepEvents(name: string | undefined, lose: (event: Event) => boolean): Kept {
  const events: Event[] = [];
  let size = 0;
  let last = 0;
  const shift = (): void => {
    size -= events.shift()?.bytes.byteLength ?? 0;
  };
  return {
    get last() {
      return last;
    },
    append: (fields) => {
      last += 1;
      const bytes = encoder.encode(`${name === undefined ? "" : `id: ${name}-${last}\n`}${fields}\n`);
      events.push({ number: last, bytes });
      size += bytes.byteLength;
      while (size > mcpStreamBytesMax && events[0] !== undefined) {
        if (!lose(events[0])) events.splice(1);
        shift();
      }
    },
    after: (position) => events[Math.max(0, position + 1 - (events[0]?.number ?? 0))],
    all: () => {
      const bytes = new Uint8Array(size);
      let at = 0;
      for (const event of events) {
        bytes.set(event.bytes, at);
        at += event.bytes.byteLength;
      }
      return bytes;
    },
    dropTo: (number) => {
      while (events[0] !== undefined && events[0].number <= number) shift();
    },
  };
}

function firstFields(first: NonNullable<ChannelOptions["first"]>): string {
  return first === "prime" ? `retry: ${retryMs}\ndata: \n` : `event: ${first.event}\ndata: ${first.data}\n`;
}

/** Lets one reader wait for what happens, for so long. */
function createBell(): { ring(): void; isSilent(ms: number): Promise<boolean> } {
  let wake: (() => void) | undefined;
  return {
    ring: () => wake?.(),
    isSilent: (ms) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => resolve(true), ms);
        wake = () => {
          clearTimeout(timer);
          wake = undefined;
          resolve(false);
        };
      }),
  };
}

/** A stream at work. */
interface ChannelState {
  readonly kept: Kept;
  readonly bell: ReturnType<typeof createBell>;
  /** Number of the newest event that a reader was given. */
  delivered: number;
  hasEnded: boolean;
  /** The reader of now; one that is not the newest ends. */
  reader: number;
  isRead: boolean;
}

/** The next bytes for a reader that has had the events up to `position`; `undefined`: no more. */
async function nextFor(state: ChannelState, mine: number, position: number): Promise<Event | "silence" | undefined> {
  const { kept, bell } = state;
  for (;;) {
    const next = mine === state.reader ? kept.after(position) : undefined;
    if (next !== undefined || mine !== state.reader || state.hasEnded) return next;
    if (await bell.isSilent(mcpKeepAliveMs)) return "silence";
  }
}

/** The events of a stream for a reader, one a time, as it asks for them: what waits, waits in the bounded list. */
function readOn(
  state: ChannelState,
  after: number | undefined,
  { name, onReaders }: Pick<ChannelOptions, "name" | "onReaders">,
): BodyStream {
  const { kept, bell } = state;
  state.reader += 1;
  const mine = state.reader;
  bell.ring();
  let position = Math.min(after ?? state.delivered, kept.last);
  state.isRead = true;
  onReaders?.(true);
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const next = await nextFor(state, mine, position);
      if (next === "silence") return controller.enqueue(keepAlive);
      if (next === undefined) {
        if (mine === state.reader) state.isRead = false;
        return controller.close();
      }
      position = next.number;
      state.delivered = Math.max(state.delivered, position);
      if (name === undefined) kept.dropTo(state.delivered);
      controller.enqueue(next.bytes);
    },
    cancel: () => {
      if (mine === state.reader) state.isRead = false;
      if (mine === state.reader && !state.hasEnded) onReaders?.(false);
    },
  });
}

/** Makes a stream. */
export function createChannel(options: ChannelOptions): Channel {
  const { name, first, onLost } = options;
  const kept = keepEvents(name, ({ number }) => {
    if (number <= state.delivered || onLost === undefined) return true;
    state.hasEnded = true;
    onLost();
    return false;
  });
  const state: ChannelState = { kept, bell: createBell(), delivered: 0, hasEnded: false, reader: 0, isRead: false };
  const append = (fields: string): void => {
    kept.append(fields);
    state.bell.ring();
  };
  if (first !== undefined) append(firstFields(first));
  const begun = kept.last;
  return {
    push: (message) => (state.hasEnded ? undefined : append(`event: message\ndata: ${canonicalJson(message)}\n`)),
    end: () => {
      state.hasEnded = true;
      state.bell.ring();
    },
    read: (after) => readOn(state, after, options),
    whole: async (ms) => {
      if (!state.hasEnded && kept.last === begun) await state.bell.isSilent(ms);
      if (!state.hasEnded || state.reader > 0) return undefined;
      state.delivered = kept.last;
      return kept.all();
    },
    get isRead() {
      return state.isRead;
    },
    get isDone() {
      return state.hasEnded && state.delivered >= kept.last;
    },
  };
}

/** An id of an event, taken apart: the stream's name, and the event's number. */
export function readEventId(text: string): { readonly name: string; readonly number: number } | undefined {
  const [, name, digits] = /^([A-Za-z0-9]{1,32})-(\d{1,12})$/.exec(text) ?? [];
  return name === undefined ? undefined : { name, number: Number(digits) };
}

/** A response that is a stream of events, or all of one; the headers keep what stands between from holding events back. */
export function eventResponse(
  body: BodyStream | Uint8Array<ArrayBuffer>,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(body, {
    headers: {
      "content-type": "text/event-stream",
      "cache-control": "no-store, no-transform",
      "x-accel-buffering": "no",
      ...(body instanceof Uint8Array ? { "content-length": String(body.byteLength) } : {}),
      ...headers,
    },
  });
}
