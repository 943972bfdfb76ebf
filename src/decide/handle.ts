/**
 * Handles: what the agent holds in place of a value that it may not see.
 * Pure. No I/O, no clock. Unguessable without the session's key; the same on every replay.
 */
import { canonicalJson } from "../json/canonical.ts";
import type { Json } from "../json/value.ts";
import { hmacSha256 } from "../plan/digest.ts";
import type { Place, SessionState } from "./state.ts";

const prefix = "sluice:h:";
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Whether a value has the form of a handle. */
export function isHandle(value: Json | undefined): value is string {
  return typeof value === "string" && value.startsWith(prefix);
}

/** The handle of a part of a run's result: HMAC-SHA-256 (RFC 2104) cut to 128 bits, base64url without padding (RFC 4648 §5). */
export function handleOf(
  state: SessionState,
  part: { readonly node: string; readonly run: number; readonly path: readonly (string | number)[] },
): string {
  const bytes = hmacSha256(state.key, canonicalJson([state.session, part.node, part.run, part.path])).subarray(0, 16);
  let text = "";
  for (let i = 0; i < 16; i += 3) {
    const word = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const digits = i + 3 <= 16 ? 4 : 2;
    for (let digit = 0; digit < digits; digit++) text += alphabet[(word >> (18 - 6 * digit)) & 63];
  }
  return prefix + text;
}

/** Whether `handle` stands for the value at `place`, or for a part of the result that contains it. */
export function standsFor(state: SessionState, handle: string, place: Place & { readonly node: string }): boolean {
  if (place.run === undefined) return false;
  let isMatch = false;
  for (let length = 0; length <= place.path.length; length++) {
    const candidate = handleOf(state, { node: place.node, run: place.run.number, path: place.path.slice(0, length) });
    if (equalText(candidate, handle)) isMatch = true;
  }
  return isMatch;
}

/** Compares without stopping at the first difference, so that time tells nothing about the handle. */
function equalText(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i % Math.max(1, b.length));
  return difference === 0;
}
