/**
 * The closed vocabulary of constraints: which keyword belongs to which kind of value, and how its own value is read.
 * Never accepts a keyword that it does not know. Pure. No I/O, no clock.
 */
import { isArray, type Json, type JsonObject } from "../../json/value.ts";
import type { LangError } from "../error.ts";

/** Kinds of values, as JSON Schema names them. */
export type MatchKind = "string" | "number" | "integer" | "boolean" | "null" | "array" | "object";

/** Why a constraint could not be compiled: a code, where in the constraint (JSON pointer, RFC 6901) and what would be right. */
export interface MatchError {
  readonly code: Extract<LangError["code"], `LANG_MATCH_${string}`>;
  readonly pointer: string;
  readonly message: string;
}

/** The first rule that a value breaks: its keyword, and where in the *value*. Never holds a value. */
export interface MatchFailure {
  readonly keyword: string;
  readonly pointer: string;
}

/** A compiled rule on a value at `pointer`. */
export type Check = (value: Json, pointer: string) => MatchFailure | undefined;

/** Keywords by the kind of value that they constrain; the first group goes with every kind. */
export const keywordKinds: ReadonlyMap<string, MatchKind | "any"> = new Map<string, MatchKind | "any">([
  ...["type", "const", "enum", "not"].map((name) => [name, "any"] as const),
  ...["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"].map((name) => [name, "number"] as const),
  ...["minLength", "maxLength", "pattern", "format", "hosts", "domains", "under", "schemes"].map(
    (name) => [name, "string"] as const,
  ),
  ...["items", "minItems", "maxItems", "uniqueItems"].map((name) => [name, "array"] as const),
  ...["properties", "required", "additionalProperties"].map((name) => [name, "object"] as const),
]);

const kinds: ReadonlySet<string> = new Set<MatchKind>(["string", "number", "integer", "boolean", "null", "array", "object"]);

/** Thrown inside the compiler of constraints only, which catches it. */
export class MatchFault extends Error {
  readonly fault: MatchError;
  constructor(fault: MatchError) {
    super(fault.code);
    this.fault = fault;
  }
}

/** Refuses a constraint. */
export function failMatch(code: MatchError["code"], pointer: string, message: string): never {
  throw new MatchFault({ code, pointer, message });
}

/** A JSON pointer one step further (RFC 6901 §3). */
export function pointerTo(pointer: string, key: string | number): string {
  return `${pointer}/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** One constraint with where it is, for the readers below. */
export interface Spec {
  readonly at: string;
  readonly object: JsonObject;
}

function read(spec: Spec, keyword: string): Json | undefined {
  return Object.hasOwn(spec.object, keyword) ? spec.object[keyword] : undefined;
}

function refuseKeyword(spec: Spec, keyword: string, what: string): never {
  return failMatch("LANG_MATCH_VALUE", pointerTo(spec.at, keyword), `\`${keyword}\` is ${what}`);
}

/** The value of a keyword as any JSON. */
export function readJson(spec: Spec, keyword: string): Json | undefined {
  return read(spec, keyword);
}

/** The value of a keyword as a finite number. */
export function readNumber(spec: Spec, keyword: string): number | undefined {
  const value = read(spec, keyword);
  if (value === undefined || (typeof value === "number" && Number.isFinite(value))) return value;
  return refuseKeyword(spec, keyword, "a number within 2^53");
}

/** The value of a keyword as a count: an integer from 0. */
export function readCount(spec: Spec, keyword: string): number | undefined {
  const value = read(spec, keyword);
  if (value === undefined || (typeof value === "number" && Number.isSafeInteger(value) && value >= 0)) return value;
  return refuseKeyword(spec, keyword, "a whole number from 0");
}

/** The value of a keyword as true or false. */
export function readBoolean(spec: Spec, keyword: string): boolean | undefined {
  const value = read(spec, keyword);
  return value === undefined || typeof value === "boolean" ? value : refuseKeyword(spec, keyword, "true or false");
}

/** The value of a keyword as a text. */
export function readText(spec: Spec, keyword: string): string | undefined {
  const value = read(spec, keyword);
  return value === undefined || typeof value === "string" ? value : refuseKeyword(spec, keyword, "a text");
}

/** The value of a keyword as a list of texts. */
export function readTexts(spec: Spec, keyword: string): readonly string[] | undefined {
  const value = read(spec, keyword);
  if (value === undefined) return undefined;
  if (!isArray(value)) return refuseKeyword(spec, keyword, "a list of texts");
  return value.map((element) => (typeof element === "string" ? element : refuseKeyword(spec, keyword, "a list of texts")));
}

/** The kind that a constraint is about: its `type`, or what its keywords imply; `undefined` if they are about any kind. */
export function kindOf(spec: Spec): MatchKind | undefined {
  const type = readText(spec, "type");
  if (type !== undefined && !kinds.has(type)) return refuseKeyword(spec, "type", `one of ${[...kinds].join(", ")}`);
  let kind = type as MatchKind | undefined;
  for (const keyword of Object.keys(spec.object)) {
    const of = keywordKinds.get(keyword);
    if (of === undefined) {
      return failMatch(
        "LANG_MATCH_KEYWORD",
        pointerTo(spec.at, keyword),
        `unknown keyword; there are ${[...keywordKinds.keys()].join(", ")}`,
      );
    }
    if (of === "any" || of === kind || (of === "number" && kind === "integer")) continue;
    if (kind !== undefined)
      failMatch("LANG_MATCH_VALUE", pointerTo(spec.at, keyword), `\`${keyword}\` is about a value of type ${of}, not ${kind}`);
    kind = of;
  }
  return kind;
}
