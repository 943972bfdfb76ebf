/**
 * How large a value is on the wire, without writing it.
 * Pure. No I/O, no clock. A value nested deeper than `jsonDepthMax` is larger than anything.
 */
import { isArray, type Json } from "../json/value.ts";
import { jsonDepthMax } from "../limits.ts";

/** No value has more bytes than this says: every character escaped, every number at its longest. Quick: one pass, and nothing is made. */
function bytesAtMost(value: Json, depth: number): number {
  if (typeof value === "string") return value.length * 6 + 2;
  if (typeof value === "number") return 25;
  if (typeof value !== "object") return typeof value === "boolean" ? 5 : 400;
  if (value === null) return 4;
  if (depth >= jsonDepthMax) return Number.POSITIVE_INFINITY;
  let sum = 2;
  if (isArray(value)) for (let i = 0; i < value.length; i++) sum += bytesAtMost(value[i] as Json, depth + 1) + 1;
  // Members that somebody gave to every object are counted too: then the exact count decides.
  else for (const key in value) sum += key.length * 6 + 4 + bytesAtMost(value[key] as Json, depth + 1);
  return sum;
}

/** Bytes of the canonical text of a value (RFC 8785). Its order of members does not change its size. */
function bytesOf(value: Json, depth: number): number {
  if (typeof value === "string") return textBytes(value);
  if (typeof value === "number" || typeof value === "bigint") return String(value).length;
  if (typeof value === "boolean") return value ? 4 : 5;
  if (value === null) return 4;
  if (depth >= jsonDepthMax) return Number.POSITIVE_INFINITY;
  let sum = 2;
  let parts = 0;
  if (isArray(value)) {
    for (const part of value) sum += bytesOf(part, depth + 1);
    parts = value.length;
  } else {
    for (const key of Object.keys(value)) {
      sum += textBytes(key) + 1 + bytesOf(value[key] as Json, depth + 1);
      parts += 1;
    }
  }
  return sum + Math.max(0, parts - 1);
}

/** Whether the canonical text of a value has more than `max` bytes of UTF-8. Counts exactly only when the bound does not tell. */
export function isLargerThan(value: Json, max: number): boolean {
  return max !== Number.POSITIVE_INFINITY && bytesAtMost(value, 0) > max && bytesOf(value, 0) > max;
}

/** Bytes of a well-formed text as a JSON string in UTF-8 (RFC 8785 §3.2.2.2: only what must be escaped is). */
function textBytes(text: string): number {
  let bytes = text.length + 2;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) bytes += code > 0x7ff && (code < 0xd800 || code > 0xdfff) ? 2 : 1;
    else if (code === 0x22 || code === 0x5c) bytes += 1;
    else if (code < 0x20) bytes += code === 8 || code === 9 || code === 10 || code === 12 || code === 13 ? 1 : 5;
  }
  return bytes;
}
