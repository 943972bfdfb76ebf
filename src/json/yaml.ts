/**
 * The strict YAML reader: YAML 1.2 core schema, cut down to what JSON can say, under the rules of the JSON reader.
 * Pure. Never resolves an anchor, a tag or a merge key, and never shows a text of the library that splits the source.
 */
import {
  type Event,
  EVENT_ALIAS,
  EVENT_DOCUMENT,
  EVENT_MAPPING,
  EVENT_POP,
  EVENT_SCALAR,
  EVENT_SEQUENCE,
  SCALAR_STYLE_DOUBLE_QUOTED,
  SCALAR_STYLE_PLAIN,
  SCALAR_STYLE_SINGLE_QUOTED,
  type ScalarEvent,
  YAMLException,
  getScalarValue,
  parseEvents,
} from "js-yaml";
import { jsonDepthMax, textBytesMax } from "../limits.ts";
import { type Result, ok } from "../result.ts";
import { numberOf, setMember } from "./exact.ts";
import { pointerOf } from "./pointer.ts";
import { type ReadCode, type ReadError, isLongerThan, isWellFormed, loneSurrogateAt, refuse } from "./read-error.ts";
import { type ReadOptions, readJson } from "./read.ts";
import type { Json } from "./value.ts";

interface Fault {
  readonly code: ReadCode;
  readonly offset: number;
  readonly expected?: string;
}

/** Where the reader is in the events. `offset` is the last known place in the text: an empty value has none of its own. */
interface Cursor {
  readonly text: string;
  readonly events: readonly Event[];
  readonly depthMax: number;
  readonly path: (string | number)[];
  at: number;
  offset: number;
  fault: Fault | undefined;
}

/**
 * Reads one YAML document. Every text that {@link readJson} accepts gives the same value here. Keys are strings, as written
 * (`1:` and `"1":` are the same key); integers beyond 2^53 - 1 are `bigint`; `no`, `on`, dates and `1:30` are strings.
 * Errors: `YAML_*`; a place inside a value is that of the value's first character.
 */
export function readYaml(text: string, options: ReadOptions = {}): Result<Json, ReadError> {
  const bytesMax = Math.min(options.maxBytes ?? textBytesMax, textBytesMax);
  if (isLongerThan(text, bytesMax)) return refuse("YAML_TOO_LARGE", text, { offset: 0, pointer: "" });
  if (text.charCodeAt(0) === 0xfeff) return refuse("YAML_BOM", text, { offset: 0, pointer: "" });
  if (!isWellFormed(text)) return refuse("YAML_LONE_SURROGATE", text, { offset: loneSurrogateAt(text), pointer: "" });
  // JSON first: it is ten times as fast, and a JSON text then means the same here by construction.
  if (/^[ \t\r\n]*[{["]/.test(text)) {
    const json = readJson(text, options);
    if (json.ok) return json;
  }
  const depthMax = Math.min(options.maxDepth ?? jsonDepthMax, jsonDepthMax);
  const events = eventsOf(text, depthMax);
  return events.ok
    ? readDocument({ text, events: events.value, depthMax, path: [], at: 0, offset: 0, fault: undefined })
    : events;
}

/** Splits the text into events. The library counts levels in its own way: its bound only keeps its stack safe, ours is in `readNode`. */
function eventsOf(text: string, depthMax: number): Result<readonly Event[], ReadError> {
  try {
    return ok(parseEvents(text, { maxDepth: depthMax * 2 + 8 }));
  } catch (error) {
    const isKnown = error instanceof YAMLException;
    const isDepth = isKnown && error.reason.startsWith("nesting exceeded");
    const offset = isKnown ? (error.mark?.position ?? 0) : 0;
    return refuse(isDepth ? "YAML_TOO_DEEP" : "YAML_SYNTAX", text, { offset, pointer: "" });
  }
}

/** Reads the one document: its event, its value, its end. */
function readDocument(cursor: Cursor): Result<Json, ReadError> {
  const value = readRoot(cursor);
  const { fault, text } = cursor;
  if (fault !== undefined) return refuse(fault.code, text, { ...fault, pointer: pointerOf(cursor.path) });
  return ok(value as Json);
}

function readRoot(cursor: Cursor): Json | undefined {
  const document = cursor.events[cursor.at++];
  if (document?.type !== EVENT_DOCUMENT) return fail(cursor, { code: "YAML_EMPTY", offset: cursor.text.length });
  for (const directive of document.directives) {
    if (directive.kind === "tag") return fail(cursor, { code: "YAML_TAG", offset: 0 });
    if (directive.version !== "1.2") return fail(cursor, { code: "YAML_SYNTAX", offset: 0, expected: "version 1.2" });
  }
  const root = cursor.events[cursor.at];
  if (root?.type === EVENT_SCALAR && isAbsent(root)) return fail(cursor, { code: "YAML_EMPTY", offset: cursor.text.length });
  const value = readNode(cursor);
  if (value === undefined) return undefined;
  cursor.at++;
  const next = cursor.events[cursor.at + 1];
  if (next === undefined) return value;
  const offset = next.type === EVENT_SCALAR ? startOf(next) : "start" in next ? next.start : -1;
  return fail(cursor, { code: "YAML_MULTIPLE_DOCUMENTS", offset: offset < 0 ? cursor.text.length : offset });
}

/** Notes the first fault. The path stays as it is, so that it names the place. */
function fail(cursor: Cursor, fault: Fault): undefined {
  cursor.fault ??= fault;
  return undefined;
}

/** Reads the value at the cursor; `undefined` means that `cursor.fault` is set. Recursion is bounded by `depthMax`. */
function readNode(cursor: Cursor): Json | undefined {
  const event = cursor.events[cursor.at++];
  if (event === undefined || event.type === EVENT_DOCUMENT || event.type === EVENT_POP) {
    return fail(cursor, { code: "YAML_SYNTAX", offset: cursor.offset, expected: "a value" });
  }
  if (event.type === EVENT_ALIAS) return fail(cursor, { code: "YAML_ALIAS", offset: event.anchorStart - 1 });
  if (!isPlainNode(cursor, event)) return undefined;
  if (event.type === EVENT_SCALAR) return readScalar(cursor, event);
  if (event.start >= 0) cursor.offset = event.start;
  if (cursor.path.length >= cursor.depthMax) return fail(cursor, { code: "YAML_TOO_DEEP", offset: cursor.offset });
  return event.type === EVENT_MAPPING ? readMapping(cursor) : readSequence(cursor);
}

/** Refuses anchors and tags. */
function isPlainNode(cursor: Cursor, event: { readonly anchorStart: number; readonly tagStart: number }): boolean {
  if (event.anchorStart >= 0) fail(cursor, { code: "YAML_ALIAS", offset: event.anchorStart - 1 });
  else if (event.tagStart >= 0) fail(cursor, { code: "YAML_TAG", offset: event.tagStart });
  return cursor.fault === undefined;
}

function readSequence(cursor: Cursor): Json | undefined {
  const array: Json[] = [];
  while (cursor.events[cursor.at]?.type !== EVENT_POP) {
    cursor.path.push(array.length);
    const value = readNode(cursor);
    if (value === undefined) return undefined;
    cursor.path.pop();
    array.push(value);
  }
  cursor.at++;
  return array;
}

function readMapping(cursor: Cursor): Json | undefined {
  const object: Record<string, Json> = {};
  while (cursor.events[cursor.at]?.type !== EVENT_POP) {
    const key = readKey(cursor, object);
    if (key === undefined) return undefined;
    cursor.path.push(key);
    const value = readNode(cursor);
    if (value === undefined) return undefined;
    cursor.path.pop();
    setMember(object, key, value);
  }
  cursor.at++;
  return object;
}

/** Reads a key as the text it is, and refuses merge keys, keys that are not one scalar, and keys that the mapping has already. */
function readKey(cursor: Cursor, object: Readonly<Record<string, Json>>): string | undefined {
  const event = cursor.events[cursor.at++];
  if (event?.type === EVENT_ALIAS) return fail(cursor, { code: "YAML_ALIAS", offset: event.anchorStart - 1 });
  if (event?.type !== EVENT_SCALAR) {
    const isNested = event?.type === EVENT_MAPPING || event?.type === EVENT_SEQUENCE;
    return fail(cursor, { code: "YAML_KEY", offset: isNested && event.start >= 0 ? event.start : cursor.offset });
  }
  if (!isPlainNode(cursor, event)) return undefined;
  if (isAbsent(event)) return fail(cursor, { code: "YAML_KEY", offset: cursor.offset });
  const key = readText(cursor, event);
  if (key === undefined) return undefined;
  if (key === "<<" && event.style === SCALAR_STYLE_PLAIN) return fail(cursor, { code: "YAML_MERGE_KEY", offset: startOf(event) });
  if (!Object.hasOwn(object, key)) return key;
  cursor.path.push(key);
  return fail(cursor, { code: "YAML_DUPLICATE_KEY", offset: startOf(event) });
}

/** Whether a scalar is not written at all (`a:`), which is null. */
function isAbsent(event: ScalarEvent): boolean {
  return event.style === SCALAR_STYLE_PLAIN && event.valueStart < 0;
}

/** The offset of a scalar's first character, with its quote. */
function startOf(event: ScalarEvent): number {
  const isQuoted = event.style === SCALAR_STYLE_SINGLE_QUOTED || event.style === SCALAR_STYLE_DOUBLE_QUOTED;
  return isQuoted ? event.valueStart - 1 : event.valueStart;
}

/** The text of a scalar, unescaped and folded. */
function readText(cursor: Cursor, event: ScalarEvent): string | undefined {
  if (event.valueStart >= 0) cursor.offset = startOf(event);
  const value = getScalarValue(cursor.text, event);
  return isWellFormed(value) ? value : fail(cursor, { code: "YAML_LONE_SURROGATE", offset: cursor.offset });
}

const words: ReadonlyMap<string, Json> = new Map<string, Json>([
  ...["", "~", "null", "Null", "NULL"].map((word) => [word, null] as const),
  ...["true", "True", "TRUE"].map((word) => [word, true] as const),
  ...["false", "False", "FALSE"].map((word) => [word, false] as const),
]);

/** The core schema (YAML 1.2.2 §10.3.2), with digits kept and nothing infinite. */
function readScalar(cursor: Cursor, event: ScalarEvent): Json | undefined {
  if (isAbsent(event)) return null;
  const value = readText(cursor, event);
  if (value === undefined || event.style !== SCALAR_STYLE_PLAIN) return value;
  const word = words.get(value);
  if (word !== undefined) return word;
  const isInteger = /^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$/.test(value);
  const isDecimal = isInteger || /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/.test(value);
  const isSpecial = !isDecimal && /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/.test(value);
  if (!isDecimal && !isSpecial) return value;
  const number = isSpecial ? undefined : numberOf(value, isInteger);
  return number ?? fail(cursor, { code: "YAML_NUMBER_RANGE", offset: cursor.offset });
}
