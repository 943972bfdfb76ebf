/**
 * Messages of MCP's stdio transport: one strict JSON text on each line (MCP 2025-11-25 transports, stdio).
 * Web standards only. Never holds more than the bound of one line, and never takes two lines for one or a part for the whole.
 */
import { canonicalJson } from "../../json/canonical.ts";
import { readJsonBytes } from "../../json/read.ts";
import type { Json } from "../../json/value.ts";

/** One line: the message on it, or why it is none. `isObject`: it begins as a message does, so that one may be lost. */
export type Frame =
  | { readonly kind: "message"; readonly value: Json }
  | { readonly kind: "large" }
  | { readonly kind: "invalid"; readonly isObject: boolean };

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * Reads the lines of a stream as messages. Empty lines are passed over; of a line beyond `bytesMax` nothing is kept, and the next one is
 * read as usual; what stands after the last line feed is no line. Rejects only if the stream does.
 */
export async function* readFrames(chunks: AsyncIterable<Uint8Array>, bytesMax: number): AsyncGenerator<Frame> {
  let parts: Uint8Array[] = [];
  let length = 0;
  let isLarge = false;
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(lineFeed); at >= 0; at = chunk.indexOf(lineFeed, from)) {
      const line = isLarge ? undefined : joined(parts, chunk.subarray(from, at), length);
      from = at + 1;
      parts = [];
      length = 0;
      if (line === undefined || line.byteLength > bytesMax) yield { kind: "large" };
      else if (line.byteLength > 0) yield frameOf(line, bytesMax);
      isLarge = false;
    }
    const rest = chunk.subarray(from);
    if (isLarge || rest.byteLength === 0) continue;
    length += rest.byteLength;
    isLarge = length > bytesMax;
    // A copy: who made the chunk may use its memory again.
    if (isLarge) parts = [];
    else parts.push(rest.slice());
  }
}

/** A message as a line. */
export function frameLine(message: Json): string {
  return `${canonicalJson(message)}\n`;
}

function frameOf(line: Uint8Array, bytesMax: number): Frame {
  const read = readJsonBytes(line, { maxBytes: bytesMax });
  return read.ok ? { kind: "message", value: read.value } : { kind: "invalid", isObject: line[0] === 0x7b };
}

/** The parts of a line as one, without the carriage return before its end. */
function joined(parts: readonly Uint8Array[], end: Uint8Array, before: number): Uint8Array {
  const line = new Uint8Array(before + end.byteLength);
  let at = 0;
  for (const part of [...parts, end]) {
    line.set(part, at);
    at += part.byteLength;
  }
  return line.at(-1) === carriageReturn ? line.subarray(0, -1) : line;
}
