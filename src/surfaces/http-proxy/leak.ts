/**
 * Looks for secrets in what an upstream answered: in its bytes, and in the texts that its JSON says.
 * Never lets a byte of a secret out of a stream: what may be the beginning of one is held back until it is known to be none.
 */
import { isArray, isObject, type Json } from "../../json/value.ts";
import type { BodyStream } from "../body.ts";

const encoder = new TextEncoder();

/** Looks for the traces of secrets. */
export interface LeakFinder {
  /** Whether a text has a trace in it. */
  inText(text: string): boolean;
  /** Whether bytes have a trace in them, each taken for itself: traces of secrets are ASCII. */
  inBytes(bytes: Uint8Array): boolean;
  /** Whether a text of a JSON value, or a name in it, has a trace in it. */
  inValue(value: Json): boolean;
  /** The same stream, broken off with an error before the first byte of a trace. */
  guard(body: BodyStream): BodyStream;
}

/** Makes a finder. Without traces nothing is looked for. */
export function createLeakFinder(traces: readonly string[]): LeakFinder {
  const inText = (text: string): boolean => traces.some((trace) => text.includes(trace));
  const inValue = (value: Json): boolean => {
    if (typeof value === "string") return inText(value);
    if (isArray(value)) return value.some(inValue);
    return isObject(value) && Object.entries(value).some(([name, inner]) => inText(name) || inValue(inner));
  };
  const patterns = traces.map((trace) => encoder.encode(trace));
  return {
    inText,
    inBytes: (bytes) => traces.length > 0 && inText(new TextDecoder("latin1").decode(bytes)),
    inValue: (value) => traces.length > 0 && inValue(value),
    guard: (body) => (patterns.length === 0 ? body : guardStream(body, patterns)),
  };
}

function guardStream(body: BodyStream, patterns: readonly Uint8Array[]): BodyStream {
  let held: Uint8Array<ArrayBuffer> = new Uint8Array();
  return body.pipeThrough(
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform: (chunk, controller) => {
        const bytes = new Uint8Array(held.length + chunk.length);
        bytes.set(held);
        bytes.set(chunk, held.length);
        const open = scan(bytes, patterns);
        if (open === undefined) return controller.error(new Error("RESULT_SECRET"));
        if (open > 0) controller.enqueue(bytes.slice(0, open));
        held = bytes.slice(open);
      },
      flush: (controller) => {
        if (held.length > 0) controller.enqueue(held);
      },
    }),
  );
}

/** How many bytes may go: all but an end that begins a pattern; `undefined` if a pattern is there. */
function scan(bytes: Uint8Array, patterns: readonly Uint8Array[]): number | undefined {
  let open = bytes.length;
  for (const pattern of patterns) {
    const [first = -1] = pattern;
    for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1)) {
      const length = Math.min(pattern.length, bytes.length - at);
      let same = 1;
      while (same < length && bytes[at + same] === pattern[same]) same++;
      if (same === pattern.length) return undefined;
      if (same === length) open = Math.min(open, at);
    }
  }
  return open;
}
