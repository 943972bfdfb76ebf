/**
 * Compiles the keywords of each kind of value into checks, each with an upper bound on log2 of how many values pass.
 * Never runs in more than linear time in the value. Pure. No I/O, no clock.
 */
import { isArray, isObject, type Json } from "../../json/value.ts";
import { bitsOfCount } from "../bits.ts";
import { countCodePoints, sortedKeys } from "../code-point.ts";
import { countMultiples, isMultipleOf } from "../decimal.ts";
import { compilePattern } from "../pattern.ts";
import { structuralKey } from "../work.ts";
import { formats } from "./format.ts";
import {
  type Check,
  failMatch,
  type MatchFailure,
  type MatchKind,
  pointerTo,
  readBoolean,
  readCount,
  readJson,
  readNumber,
  readText,
  readTexts,
  type Spec,
} from "./keyword.ts";
import { placeTests } from "./place.ts";

/** A check with its bound; `bits` is undefined where the values cannot be counted. */
export interface Rule {
  readonly check: Check;
  readonly bits: number | undefined;
}

/** Compiles a constraint inside another one (`items`, `properties`). */
export type CompileInner = (spec: Json, at: string) => Rule;

function failure(keyword: string, pointer: string): MatchFailure {
  return { keyword, pointer };
}

/** Whether a value is of a kind. An integral double is an integer, and so is every bigint. */
export function isKind(value: Json, kind: MatchKind): boolean {
  switch (kind) {
    case "null":
      return value === null;
    case "array":
      return isArray(value);
    case "object":
      return isObject(value);
    case "number":
      return typeof value === "number" || typeof value === "bigint";
    case "integer":
      return typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value));
    default:
      return typeof value === kind;
  }
}

/** Numbers. Both bounds given, an integer or a multiple has `(max - min) / step + 1` values, another double at most 2^64. */
export function numberRule(spec: Spec, kind: "number" | "integer"): Rule {
  const [minimum, maximum] = [readNumber(spec, "minimum"), readNumber(spec, "maximum")];
  const [above, below] = [readNumber(spec, "exclusiveMinimum"), readNumber(spec, "exclusiveMaximum")];
  const step = readNumber(spec, "multipleOf");
  if (step !== undefined && step <= 0)
    failMatch("LANG_MATCH_VALUE", pointerTo(spec.at, "multipleOf"), "`multipleOf` is greater than 0");
  const low = Math.max(minimum ?? Number.NEGATIVE_INFINITY, above ?? Number.NEGATIVE_INFINITY);
  const high = Math.min(maximum ?? Number.POSITIVE_INFINITY, below ?? Number.POSITIVE_INFINITY);
  if (low > high) failMatch("LANG_MATCH_VALUE", spec.at, "the bounds leave no number");
  const check: Check = (value, pointer) => {
    const number = value as number | bigint;
    if (minimum !== undefined && number < minimum) return failure("minimum", pointer);
    if (maximum !== undefined && number > maximum) return failure("maximum", pointer);
    if (above !== undefined && number <= above) return failure("exclusiveMinimum", pointer);
    if (below !== undefined && number >= below) return failure("exclusiveMaximum", pointer);
    return step !== undefined && !isMultipleOf(number, step) ? failure("multipleOf", pointer) : undefined;
  };
  if (!Number.isFinite(low) || !Number.isFinite(high)) return { check, bits: undefined };
  const unit = step ?? (kind === "integer" ? 1 : undefined);
  // Beyond 2^53 the integers are bigints, which 64 bits do not count.
  if (unit === undefined && Math.max(-low, high) > Number.MAX_SAFE_INTEGER) return { check, bits: undefined };
  return { check, bits: unit === undefined ? 64 : bitsOfCount(countMultiples(low, high, unit)) };
}

/** log2 of the number of Unicode scalar values, rounded up; every shorter text is counted by the rounding. */
const bitsPerCodePoint = 20.09;

/** Texts. */
export function textRule(spec: Spec): Rule {
  const [least, most] = [readCount(spec, "minLength"), readCount(spec, "maxLength")];
  if (least !== undefined && most !== undefined && least > most)
    failMatch("LANG_MATCH_VALUE", spec.at, "the lengths leave no text");
  const source = readText(spec, "pattern");
  const pattern = source === undefined ? undefined : compilePattern(source);
  if (pattern?.ok === false) return failMatch("LANG_MATCH_VALUE", pointerTo(spec.at, "pattern"), pattern.error.message);
  const name = readText(spec, "format");
  const format = name === undefined ? undefined : formats.get(name);
  if (name !== undefined && format === undefined) {
    failMatch("LANG_MATCH_VALUE", pointerTo(spec.at, "format"), `unknown format; there are ${[...formats.keys()].join(", ")}`);
  }
  const places = placeTests(spec);
  const check: Check = (value, pointer) => {
    const text = value as string;
    // Units bound code points from both sides, so that a long text is refused before it is read.
    if (most !== undefined && (text.length > 2 * most || countCodePoints(text) > most)) return failure("maxLength", pointer);
    if (least !== undefined && (text.length < least || countCodePoints(text) < least)) return failure("minLength", pointer);
    if (pattern !== undefined && !pattern.value.test(text)) return failure("pattern", pointer);
    if (format !== undefined && !places.isFormat && !format.test(text)) return failure("format", pointer);
    for (const place of places.tests) if (!place.test(text)) return failure(place.keyword, pointer);
    return undefined;
  };
  const length = most === undefined ? undefined : Math.ceil(most * bitsPerCodePoint * 100) / 100;
  return { check, bits: leastOf([length, pattern?.value.bits, format?.bits]) };
}

/** The least of several bounds, leaving out those that do not exist. */
export function leastOf(bounds: readonly (number | undefined)[]): number | undefined {
  const known = bounds.filter((bound) => bound !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** Lists. */
export function listRule(spec: Spec, compile: CompileInner): Rule {
  const items = readJson(spec, "items");
  const inner = items === undefined ? undefined : compile(items, pointerTo(spec.at, "items"));
  const [least, most] = [readCount(spec, "minItems"), readCount(spec, "maxItems")];
  const unique = readBoolean(spec, "uniqueItems") === true;
  if (least !== undefined && most !== undefined && least > most)
    failMatch("LANG_MATCH_VALUE", spec.at, "the lengths leave no list");
  const check: Check = (value, pointer) => {
    const list = value as readonly Json[];
    if (least !== undefined && list.length < least) return failure("minItems", pointer);
    if (most !== undefined && list.length > most) return failure("maxItems", pointer);
    for (let i = 0; inner !== undefined && i < list.length; i++) {
      const failed = inner.check(list[i] as Json, pointerTo(pointer, i));
      if (failed !== undefined) return failed;
    }
    // INVARIANT: a list has no more distinct keys than elements, and a key takes time linear in its element.
    const work = { left: Number.POSITIVE_INFINITY };
    if (unique && new Set(list.map((element) => structuralKey(element, work))).size < list.length)
      return failure("uniqueItems", pointer);
    return undefined;
  };
  if (most === 0) return { check, bits: 0 };
  if (most === undefined || inner?.bits === undefined) return { check, bits: undefined };
  // Every length from 0 to `most`: at most `most + 1` times the number of longest lists.
  return { check, bits: Math.ceil((most * inner.bits + bitsOfCount(BigInt(most) + 1n)) * 100) / 100 };
}

/** Objects. Members that are not named are refused unless `additionalProperties` is true. */
export function objectRule(spec: Spec, compile: CompileInner): Rule {
  const open = readBoolean(spec, "additionalProperties") === true;
  const properties = readJson(spec, "properties") ?? {};
  const at = pointerTo(spec.at, "properties");
  if (!isObject(properties)) return failMatch("LANG_MATCH_VALUE", at, "`properties` is an object of constraints");
  const rules = new Map(sortedKeys(properties).map((name) => [name, compile(properties[name] as Json, pointerTo(at, name))]));
  const required = new Set(readTexts(spec, "required") ?? []);
  for (const name of required) {
    if (!open && !rules.has(name))
      failMatch("LANG_MATCH_VALUE", pointerTo(spec.at, "required"), "`required` names a member that is not in `properties`");
  }
  if (!open && rules.size === 0 && readJson(spec, "properties") === undefined) {
    failMatch("LANG_MATCH_VALUE", spec.at, "an object needs `properties`, or `additionalProperties: true` for any members");
  }
  const check: Check = (value, pointer) => {
    const object = value as { readonly [key: string]: Json };
    for (const name of required) if (!Object.hasOwn(object, name)) return failure("required", pointerTo(pointer, name));
    for (const name of sortedKeys(object)) {
      const rule = rules.get(name);
      if (rule === undefined && !open) return failure("additionalProperties", pointer);
      const failed = rule?.check(object[name] as Json, pointerTo(pointer, name));
      if (failed !== undefined) return failed;
    }
    return undefined;
  };
  // A member that may be left out adds one more value to its own, at most one bit.
  const bits = [...rules].reduce<number | undefined>((total, [name, rule]) => {
    const own = rule.bits === undefined ? undefined : rule.bits + (required.has(name) ? 0 : 1);
    return total === undefined || own === undefined ? undefined : total + own;
  }, 0);
  return { check, bits: open || bits === undefined ? undefined : Math.ceil(bits * 100) / 100 };
}
