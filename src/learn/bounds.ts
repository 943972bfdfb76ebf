/**
 * Bounds that values of several runs keep to: the tightest type, format, range or list that all of them satisfy.
 * Pure. Never closes a list of values on the evidence of values that were seen once.
 */
import { canonicalJson } from "../json/canonical.ts";
import { isArray, isObject, type Json, type JsonObject, jsonEqual } from "../json/value.ts";
import { compileMatch } from "../lang/match.ts";
import { shapeOf } from "./shapes.ts";

/** More values than these are no list that a person reads. */
const listedMax = 16;

/**
 * Whether the values are surely all that there are. The chance that the next one is new is estimated by the share of those seen once
 * (I. J. Good, Biometrika 40, 1953); closed is a list in which each was seen at least twice.
 */
export function isClosed(values: readonly Json[]): boolean {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(canonicalJson(value), (counts.get(canonicalJson(value)) ?? 0) + 1);
  return counts.size > 0 && counts.size <= listedMax && [...counts.values()].every((count) => count >= 2);
}

/** Values that a list of words needs: the next one is new with a chance of less than 3/n at 95 % (Hanley, Lippman-Hand, JAMA 249, 1983). */
const wordsMin = 10;

/** Whether the values are words of a list that a person or an agent may choose from, and no others are to be expected. */
export function isWordList(values: readonly Json[]): boolean {
  return values.length >= wordsMin && isClosed(values);
}

/** The values, each once, in the order in which they were first seen. */
export function distinctOf(values: readonly Json[]): readonly Json[] {
  return values.filter((value, place) => values.findIndex((other) => jsonEqual(other, value)) === place);
}

/** The least of 1, 2, 5, 10, 20, 50, … that is no less than `value` (0 for 0): a bound that one more run of the same kind keeps to. */
export function roundUp(value: number): number {
  if (value <= 0) return 0;
  const power = 10 ** Math.floor(Math.log10(value));
  // A power of ten that is no double may be off by one part in 10^16: the next step is taken then, never a smaller one.
  const step = [1, 2, 5, 10, 20].find((one) => one * power >= value) ?? 20;
  return step * power;
}

/**
 * A bound that values like these keep to: the most that was seen and its n-th part more, rounded up by less than a half. The greatest of `n`
 * draws falls short of the true bound by about that much (the serial-number estimate: Ruggles, Brodie, J. Amer. Stat. Assoc. 42, 1947).
 */
export function boundOf(values: readonly number[]): number {
  const bound = Math.max(...values) * (1 + 1 / values.length);
  if (bound <= 0) return 0;
  const power = 10 ** Math.floor(Math.log10(bound));
  const step = [1, 1.5, 2, 3, 4, 5, 6, 8, 10, 15].find((one) => one * power >= bound) ?? 15;
  return step * power;
}

/** The same for a count: `most` in one of `runs` runs. */
export function countBound(most: number, runs: number): number {
  return Math.max(1, Math.ceil(most + most / Math.max(1, runs)));
}

/** A parameter's constraint: what the tool's own list allows, a known shape that all have, or a type with rounded bounds. */
export function specOf(values: readonly Json[]): JsonObject {
  const spec = tightest(values);
  const match = compileMatch(spec);
  const isFit = match.ok && values.every((value) => match.value.check(value) === undefined);
  return isFit ? spec : {};
}

function tightest(values: readonly Json[]): JsonObject {
  const distinct = distinctOf(values);
  const [first] = distinct;
  if (first === undefined) return {};
  if (values.every((value) => typeof value === "boolean")) return { type: "boolean" };
  if (isWordList(values) && distinct.every((value) => typeof value === "string")) return { type: "string", enum: distinct };
  if (values.every((value) => typeof value === "number")) return numberSpec(values);
  if (values.every((value) => typeof value === "string")) return textSpec(values);
  if (values.every((value) => isArray(value)))
    return {
      type: "array",
      maxItems: Math.max(1, roundUp(Math.max(...values.map((value) => value.length)))),
      ...itemsOf(values.flat()),
    };
  return values.every((value) => isObject(value)) ? objectSpec(values) : {};
}

/** Members that were seen, and no others; demanded are those that all have. */
function objectSpec(values: readonly JsonObject[]): JsonObject {
  const names = [...new Set(values.flatMap((value) => Object.keys(value)))].sort();
  const properties = names.map((name) => [
    name,
    specOf(values.flatMap((value) => (Object.hasOwn(value, name) ? [value[name] as Json] : []))),
  ]);
  const required = names.filter((name) => values.every((value) => Object.hasOwn(value, name)));
  return {
    type: "object",
    properties: Object.fromEntries(properties) as JsonObject,
    ...(required.length > 0 ? { required } : {}),
  };
}

function itemsOf(values: readonly Json[]): JsonObject {
  const items = values.length === 0 ? {} : specOf(values);
  return Object.keys(items).length === 0 ? {} : { items };
}

function numberSpec(values: readonly number[]): JsonObject {
  const type = values.every(Number.isInteger) ? "integer" : "number";
  const most = Math.max(...values);
  const least = Math.min(...values);
  return { type, minimum: least >= 0 ? 0 : -roundUp(-least), maximum: most <= 0 ? 0 : boundOf(values) };
}

function textSpec(values: readonly string[]): JsonObject {
  const shapes = values.map(shapeOf);
  const [first] = shapes;
  if (first !== undefined && shapes.every((shape) => jsonEqual(shape ?? null, first))) return first;
  const longest = Math.max(...values.map((value) => [...value].length));
  return { type: "string", ...(values.includes("") ? {} : { minLength: 1 }), maxLength: Math.max(16, roundUp(longest * 2)) };
}
