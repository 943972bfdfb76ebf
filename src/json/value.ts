/**
 * The JSON value model of Sluice.
 * Pure. No I/O, no clock.
 */

/**
 * A JSON value as the strict reader makes it. Integers beyond 2^53 - 1 are `bigint`, so that they keep their digits; every
 * other number is a finite double and never -0. Objects are plain, and `__proto__` in them is an ordinary own key.
 */
export type Json = null | boolean | number | bigint | string | readonly Json[] | JsonObject;

/** A JSON object. Read it with `Object.hasOwn` or {@link member}, never through the prototype. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** Whether a value is a JSON object (not an array, not null). */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a value is a JSON array. */
export function isArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** The own member `key` of an object, or `undefined`. Never reads the prototype. */
export function member(value: Json | undefined, key: string): Json | undefined {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** An object without one of its members; the others keep their order. */
export function withoutMember(value: JsonObject, key: string): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
}

/**
 * Structural equality: same type and code points; numbers by numeric value (so `2` and `2.0` are equal, and a `bigint`
 * equals the double of the same value). The order of members does not matter, the order of elements does.
 */
export function jsonEqual(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (typeof a === "bigint" || typeof b === "bigint") {
    // biome-ignore lint/suspicious/noDoubleEquals: the mixed comparison of bigint and double is numeric
    return (typeof a === "number" || typeof a === "bigint") && (typeof b === "number" || typeof b === "bigint") && a == b;
  }
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (isArray(a)) {
    if (!isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!jsonEqual(a[i], b[i])) return false;
    return true;
  }
  if (isArray(b) || a === undefined || b === undefined) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  for (const key of keys) if (!Object.hasOwn(b, key) || !jsonEqual(a[key], (b as JsonObject)[key])) return false;
  return true;
}
