/**
 * Makes sure that a value from a caller in the same process is what the strict reader would have made.
 * Pure. Never throws, never keeps a part of what it was given: the copy cannot be changed from outside.
 */
import { jsonDepthMax } from "../limits.ts";
import { setMember, stableNumber } from "./exact.ts";
import { isWellFormed } from "./read-error.ts";
import type { Json } from "./value.ts";

/**
 * A deeply frozen copy of a JSON value, or `undefined` if it is none (RFC 8259 with the bounds of I-JSON, RFC 7493): a number that is not
 * finite, a text that is not well-formed, anything but plain data, or deeper than `jsonDepthMax`.
 */
export function strictCopy(value: unknown, depth = 0): Json | undefined {
  if (typeof value === "string") return isWellFormed(value) ? value : undefined;
  if (typeof value === "number") return Number.isFinite(value) ? stableNumber(value) : undefined;
  if (value === null || typeof value === "boolean" || typeof value === "bigint") return value;
  if (typeof value !== "object" || depth >= jsonDepthMax) return undefined;
  return Array.isArray(value) ? copyList(value, depth) : copyObject(value, depth);
}

function copyList(value: readonly unknown[], depth: number): Json | undefined {
  const copy: Json[] = [];
  for (const part of value) {
    const inner = strictCopy(part, depth + 1);
    if (inner === undefined) return undefined;
    copy.push(inner);
  }
  return Object.freeze(copy);
}

function copyObject(value: object, depth: number): Json | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return undefined;
  const copy: Record<string, Json> = {};
  for (const [key, part] of Object.entries(value)) {
    const inner = isWellFormed(key) ? strictCopy(part, depth + 1) : undefined;
    if (inner === undefined) return undefined;
    setMember(copy, key, inner);
  }
  return Object.freeze(copy);
}

/** Freezes a JSON value, however deep, and returns it: for what is recorded, so that no holder of a part can change it. */
export function freezeJson<T extends Json>(value: T): T {
  const open: Json[] = [value];
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    if (typeof part !== "object" || part === null || Object.isFrozen(part)) continue;
    Object.freeze(part);
    for (const inner of Object.values(part)) if (typeof inner === "object" && inner !== null) open.push(inner);
  }
  return value;
}
