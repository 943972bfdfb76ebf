/**
 * Canonical JSON (RFC 8785): the same value is the same text on every runtime. What digests and comparisons are made of.
 * Pure. Never guesses: what is not JSON is a bug of the caller, and asserted.
 */
import { jsonDepthMax } from "../limits.ts";
import { assert } from "../result.ts";
import { isWellFormed } from "./read-error.ts";
import type { Json, JsonObject } from "./value.ts";

/**
 * The canonical text of a value: keys in UTF-16 order (§3.2.3), strings and doubles as ECMAScript writes them (§3.2.2), no
 * white space. A `bigint` is written as its digits, which is beyond the RFC (it knows doubles only).
 * Throws `AssertionError` on what the strict reader cannot have made: `undefined`, functions, symbols, NaN, infinities, lone
 * surrogates, objects with a prototype of their own, nesting beyond `jsonDepthMax`.
 */
export function canonicalJson(value: Json): string {
  return write(value, jsonDepthMax);
}

function write(value: Json, depthLeft: number): string {
  switch (typeof value) {
    case "string":
      return writeString(value);
    case "number":
      assert(Number.isFinite(value), "a JSON number is finite");
      return String(value === 0 ? 0 : value);
    case "boolean":
    case "bigint":
      return String(value);
    default:
      assert(typeof value === "object", "a JSON value is null, a boolean, number, string, array or object");
      if (value === null) return "null";
      assert(depthLeft > 0, "a JSON value is not nested beyond jsonDepthMax");
      return Array.isArray(value) ? writeArray(value, depthLeft) : writeObject(value as JsonObject, depthLeft);
  }
}

function writeString(value: string): string {
  assert(isWellFormed(value), "a JSON string is well-formed");
  return JSON.stringify(value);
}

function writeArray(array: readonly Json[], depthLeft: number): string {
  let text = "[";
  // By index: a hole reads as undefined and is refused, where an iterator method would skip it.
  for (let i = 0; i < array.length; i++) text += (i === 0 ? "" : ",") + write(array[i] as Json, depthLeft - 1);
  return `${text}]`;
}

function writeObject(object: JsonObject, depthLeft: number): string {
  const prototype: unknown = Object.getPrototypeOf(object);
  assert(prototype === null || Object.getPrototypeOf(prototype) === null, "a JSON object is plain");
  let text = "{";
  for (const key of Object.keys(object).sort()) {
    text += `${text === "{" ? "" : ","}${writeString(key)}:${write(object[key] as Json, depthLeft - 1)}`;
  }
  return `${text}}`;
}
