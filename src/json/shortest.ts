/**
 * The length of the shortest JSON text of a value, as a proof about a text that is no longer: nothing in it was dropped.
 * Pure. Never says more than there can be: where the shortest form is not plain it gives no answer.
 *
 * Of every text that `JSON.parse` reads as a value, each string, number and mark of the value stands in the text in some form. A text that is as
 * long as all of them in their shortest forms has nothing else: no member that a later one of the same key has replaced, no white space, no
 * escape.
 */
import type { Json } from "./value.ts";

/** So far below zero that no text of `textBytesMax` characters lifts a sum above it. */
const unknown = -0x20000000;

/** UTF-16 units of the shortest text of an object or array, or something negative: it is too deep, or holds a number of which that is not plain. */
export function shortestLength(value: Json, depthLeft: number): number {
  if (depthLeft <= 0) return unknown;
  // Brackets, and a comma after every part but the last.
  let sum = 1;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length && sum > 0; i++) sum += 1 + lengthOf(value[i] as Json, depthLeft);
    return value.length === 0 ? 2 : sum;
  }
  for (const key in value as Readonly<Record<string, Json>>) {
    sum += key.length + 4 + lengthOf((value as Readonly<Record<string, Json>>)[key] as Json, depthLeft);
    if (sum < 0) return unknown;
  }
  return sum === 1 ? 2 : sum;
}

function lengthOf(value: Json, depthLeft: number): number {
  if (typeof value === "string") return value.length + 2;
  if (typeof value === "number") return digitsOf(value);
  if (typeof value === "object" && value !== null) return shortestLength(value, depthLeft - 1);
  return value === false ? 5 : 4;
}

/**
 * Characters of the shortest form of an integer of up to nine digits. An exponent makes only round numbers shorter (`1e3`), and nothing with
 * fewer digits rounds to an integer of so few. -0, fractions, round and longer numbers: no answer.
 */
function digitsOf(value: number): number {
  if (value < 0) return value > -1_000_000_000 ? 1 + digitsOf(-value) : unknown;
  if (value < 10) return Number.isInteger(value) && !Object.is(value, -0) ? 1 : unknown;
  if (value >= 1_000_000_000 || !Number.isInteger(value) || value % 1_000 === 0) return unknown;
  if (value < 10_000) return value < 100 ? 2 : value < 1_000 ? 3 : 4;
  if (value < 1_000_000) return value < 100_000 ? 5 : 6;
  return value < 10_000_000 ? 7 : value < 100_000_000 ? 8 : 9;
}
