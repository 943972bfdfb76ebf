/**
 * Runs the vectors of the strict JSON reader (`test/vectors/json.json`) without a test framework, so that every runtime can.
 * Pure. Never reads a file: the caller passes the text in.
 */
import { canonicalJson } from "../../src/json/canonical.ts";
import { type ReadError, readJson, readJsonBytes } from "../../src/json/read.ts";
import { type Json, isArray, isObject, member } from "../../src/json/value.ts";
import type { Result } from "../../src/result.ts";

/** The number of vectors that ran, and one line per vector that came out otherwise. */
export interface VectorReport {
  readonly run: number;
  readonly failures: readonly string[];
}

/**
 * Runs all vectors twice in a row, since one text may change how an engine reads a later one (nodejs/node#63785).
 * A vector is `{name, text | units | base64, ok | error}`: the text as a string, as UTF-16 units or as bytes; then the canonical
 * text of its value, or the code, line, column and pointer of its refusal.
 */
export function runJsonVectors(text: string): VectorReport {
  const vectors = readJson(text);
  if (!vectors.ok || !isArray(vectors.value)) return { run: 0, failures: ["the file of vectors is unreadable"] };
  const failures: string[] = [];
  for (const vector of [...vectors.value, ...vectors.value]) {
    const expected = isObject(member(vector, "error")) ? canonicalJson(member(vector, "error") ?? null) : member(vector, "ok");
    const actual = outcome(readVector(vector));
    if (actual !== expected) failures.push(`${String(member(vector, "name"))}: ${actual} instead of ${String(expected)}`);
  }
  return { run: vectors.value.length, failures };
}

function readVector(vector: Json): Result<Json, ReadError> {
  const text = member(vector, "text");
  if (typeof text === "string") return readJson(text);
  const units = member(vector, "units");
  if (isArray(units)) return readJson(String.fromCharCode(...units.map(Number)));
  return readJsonBytes(Uint8Array.from(atob(String(member(vector, "base64"))), (character) => character.charCodeAt(0)));
}

function outcome(read: Result<Json, ReadError>): string {
  if (read.ok) return canonicalJson(read.value);
  const { code, line, column, pointer } = read.error;
  return canonicalJson({ code, line, column, pointer });
}
