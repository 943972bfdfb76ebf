/**
 * Reads what a log of calls is written in: one JSON text, or JSON Lines; and the JSON texts inside of it.
 * Pure. Never reads a stream of chunks, and never goes on after what the strict reader refuses.
 */
import { readJsonLines } from "../json/lines.ts";
import { pointerOf } from "../json/pointer.ts";
import { type ReadError, readJson } from "../json/read.ts";
import { isArray, isObject, type Json, type JsonObject, member } from "../json/value.ts";
import { traceEventsMax } from "../limits.ts";
import { err, ok, type Result } from "../result.ts";
import type { ImportCode } from "./codes.ts";
import type { ImportError, Place } from "./intent.ts";

/** Steps from the whole document to a value in it. */
export type Path = readonly (string | number)[];

/** One value of a text, and where it stands. */
export interface Entry {
  readonly value: Json;
  /** From the document's root; of JSON Lines from the root of the line. */
  readonly path: Path;
  /** Of JSON Lines: from 1. */
  readonly line?: number;
}

/** The place of a value inside an entry. */
export function placeAt({ path, line }: Omit<Entry, "value">, inner: Path = []): Place {
  return { ...(line === undefined ? {} : { line }), pointer: pointerOf([...path, ...inner]) };
}

/** The entry of a member or an element; `undefined` if there is none, or null. */
export function entryOf(entry: Entry, key: string): Entry | undefined {
  const value = member(entry.value, key);
  return value === undefined || value === null ? undefined : { ...entry, value, path: [...entry.path, key] };
}

/** The entries of a list; none for anything else. */
export function entriesOf(entry: Entry | undefined): readonly Entry[] {
  return entry !== undefined && isArray(entry.value)
    ? entry.value.map((value, index) => ({ ...entry, value, path: [...entry.path, index] }))
    : [];
}

/** The text of a member, if it is one. */
export function textOf(entry: Entry, key: string): string | undefined {
  const value = member(entry.value, key);
  return typeof value === "string" ? value : undefined;
}

/** A refusal at an entry. */
export function refuseAt(entry: Omit<Entry, "value">, code: ImportCode, message: string): Result<never, ImportError> {
  return err({ code, place: placeAt(entry), message });
}

/** A text as one document, or as one for each line. */
export interface Documents {
  readonly isLines: boolean;
  readonly entries: readonly Entry[];
}

/** The values of JSON Lines, or the elements of a document that is a list; `undefined`: one document that is none. */
export function listIn({ isLines, entries }: Documents): readonly Entry[] | undefined {
  const [first] = entries;
  if (isLines || first === undefined) return entries;
  return isArray(first.value) ? entriesOf(first) : undefined;
}

/**
 * Reads a text that holds one JSON value, or one in each line. Errors: those of the strict reader, `IMPORT_STREAM` for server-sent events,
 * `IMPORT_EMPTY` for nothing, `IMPORT_TOO_LARGE` for more than `traceEventsMax` lines.
 */
export function readDocuments(text: string): Result<Documents, ImportError> {
  if (/^\s*$/.test(text)) return err({ code: "IMPORT_EMPTY", place: {}, message: "the text is empty" });
  if (/^\s*(?:data|event|id|retry|:)\s*:/.test(text)) return err(streamed({ line: 1 }));
  const whole = readJson(text);
  if (whole.ok) return ok({ isLines: false, entries: [{ value: whole.value, path: [] }] });
  const [first = ""] = text.trimStart().split(/\r?\n/, 1);
  const isLines = text.trim().includes("\n") && /^[[{]/.test(first) && readJson(first).ok;
  if (!isLines) return err(readFault(whole.error));
  const lines = readJsonLines(text);
  if (!lines.ok) return err(readFault(lines.error));
  if (lines.value.length > traceEventsMax)
    return err({ code: "IMPORT_TOO_LARGE", place: {}, message: `a log has at most ${traceEventsMax} lines` });
  return ok({ isLines: true, entries: lines.value.map(({ line, value }) => ({ value, path: [], line })) });
}

function readFault({ code, line, column, pointer, message }: ReadError): ImportError {
  return { code, place: { line, column, pointer }, message };
}

/** The refusal of a stream of chunks: what they come to is only known to who assembles them. */
export function streamed(place: Place): ImportError {
  return { code: "IMPORT_STREAM", place, message: "this is a stream of chunks: save the response that they are put together to" };
}

/**
 * Arguments that are written as a JSON text of their own (OpenAI), or as an object. An empty text is no argument. Errors: `IMPORT_ARGUMENTS`,
 * with the place in the inner text.
 */
export function argumentsOf(entry: Entry | undefined, call: Entry): Result<JsonObject, ImportError> {
  if (entry === undefined) return ok({});
  if (isObject(entry.value)) return ok(entry.value);
  if (typeof entry.value !== "string")
    return refuseAt(entry, "IMPORT_ARGUMENTS", "the arguments of a call are an object, or the JSON text of one");
  if (entry.value.trim() === "") return ok({});
  const read = readJson(entry.value);
  if (!read.ok) {
    const { message, line, column } = read.error;
    return refuseAt(entry, "IMPORT_ARGUMENTS", `the text of the arguments, at its line ${line}, column ${column}: ${message}`);
  }
  if (isObject(read.value)) return ok(read.value);
  return refuseAt(entry.path.length > 0 ? entry : call, "IMPORT_ARGUMENTS", "the text of the arguments is JSON, but no object");
}
