/**
 * How large a value is on the wire, without writing it.
 * Pure. No I/O, no clock.
 */
import { canonicalJson } from "../json/canonical.ts";
import { isArray, type Json } from "../json/value.ts";
import { jsonDepthMax } from "../limits.ts";

/** Upper bound on the UTF-8 bytes of the canonical text of a value: every character escaped, every number at its longest; infinite if too deep. */
function upperBound(value: Json, depth = 0): number {
  if (depth > jsonDepthMax) return Number.POSITIVE_INFINITY;
  if (typeof value === "string") return value.length * 6 + 2;
  if (typeof value === "bigint") return 400;
  if (typeof value !== "object" || value === null) return 25;
  let sum = 2;
  if (isArray(value)) for (const part of value) sum += upperBound(part, depth + 1) + 1;
  else for (const key of Object.keys(value)) sum += key.length * 6 + 4 + upperBound(value[key] as Json, depth + 1);
  return sum;
}

/** Whether the canonical text of a value has more than `max` bytes of UTF-8. Writes it only when the bound does not tell. */
export function isLargerThan(value: Json, max: number): boolean {
  const bound = max === Number.POSITIVE_INFINITY ? 0 : upperBound(value);
  if (bound <= max) return false;
  return bound === Number.POSITIVE_INFINITY || utf8Length(canonicalJson(value)) > max;
}

/** Bytes of a well-formed text in UTF-8. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) bytes += code > 0x7ff && (code < 0xd800 || code > 0xdfff) ? 2 : 1;
  }
  return bytes;
}
