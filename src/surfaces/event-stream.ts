/**
 * Server-sent events (WHATWG HTML §9.2), read from bytes within bounds and written again.
 * Never gives out an event that is not complete, and never guesses at bytes that are not UTF-8.
 */
import { modelStreamBytesMax, textBytesMax } from "../limits.ts";
import type { BodyStream } from "./body.ts";

/** One event: its type, `""` where the stream names none, and its data. */
export interface SseEvent {
  readonly event: string;
  readonly data: string;
  /** Where the stream goes on after it, and after how many milliseconds, if it says so. */
  readonly id?: string;
  readonly retry?: number;
}

/** That a stream is no stream of events, is longer than allowed, or broke off. */
export class StreamFault extends Error {}

/** The events of a body, as they come. Throws {@link StreamFault}; whoever stops reading lets go of the body. */
export async function* readEvents(body: BodyStream): AsyncGenerator<SseEvent, void, undefined> {
  for await (const events of readEventsAtOnce(body)) yield* events;
}

/** The same, those together that have come together: never none. */
export async function* readEventsAtOnce(body: BodyStream): AsyncGenerator<readonly SseEvent[], void, undefined> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const reader = body.getReader();
  const parser = createParser();
  let bytes = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(() => fault("broken"));
      if (done) break;
      bytes += value.byteLength;
      if (bytes > modelStreamBytesMax) fault("large");
      const events = parser(decode(decoder, value));
      if (events.length > 0) yield events;
    }
    // What ends inside a character, or an event without its empty line, was cut off: an unfinished event is no event (§9.2.6).
    decode(decoder);
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

const encoder = new TextEncoder();

/** The bytes of events. Data is canonical JSON or a word, so that it has no line breaks of its own. */
export function writeEvents(events: readonly SseEvent[]): Uint8Array<ArrayBuffer> {
  let text = "";
  for (const { event, data } of events) text += `${event === "" ? "" : `event: ${event}\n`}data: ${data}\n\n`;
  return encoder.encode(text);
}

function decode(decoder: TextDecoder, bytes?: Uint8Array): string {
  try {
    return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
  } catch {
    return fault("encoding");
  }
}

function fault(why: string): never {
  throw new StreamFault(why);
}

/** Takes pieces of text and gives the events that they complete. Lines end with LF, CRLF or CR. */
function createParser(): (text: string) => readonly SseEvent[] {
  let rest = "";
  let isAfterReturn = false;
  let event = "";
  let data: string[] = [];
  let held = 0;
  let place: { readonly id?: string; readonly retry?: number } = {};
  const line = (text: string): SseEvent | undefined => {
    if (text === "") {
      const done = data.length === 0 ? undefined : { event, data: data.join("\n"), ...place };
      event = "";
      data = [];
      held = 0;
      if (done !== undefined) place = {};
      return done;
    }
    const colon = text.indexOf(":");
    const field = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? "" : text.slice(text.charAt(colon + 1) === " " ? colon + 2 : colon + 1);
    if (field === "data") data.push(value);
    else if (field === "event") event = value;
    else if (field === "id" && !value.includes("\0")) place = { ...place, id: value };
    else if (field === "retry" && /^[0-9]{1,6}$/.test(value)) place = { ...place, retry: Number(value) };
    held += value.length;
    if (held > textBytesMax) fault("large");
    return undefined;
  };
  return (text) => {
    // A long line is looked at once, when its end has come: even a look at its last character would copy all of it, for every byte that drips in.
    if (!/[\r\n]/.test(text) && !isAfterReturn) {
      rest += text;
      if (rest.length > textBytesMax) fault("large");
      return [];
    }
    // A CR at the end may be the first half of CRLF: it waits for what follows.
    const whole = rest + text;
    isAfterReturn = whole.endsWith("\r");
    const end = isAfterReturn ? whole.length - 1 : whole.length;
    const lines = whole.slice(0, end).split(/\r\n|\n|\r/);
    rest = (lines.pop() ?? "") + whole.slice(end);
    if (rest.length > textBytesMax) fault("large");
    return lines.flatMap((one) => line(one) ?? []);
  };
}
