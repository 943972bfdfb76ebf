/**
 * Short example values that a constraint accepts and refuses, so that a person sees what it lets through.
 * Pure and deterministic. Never gives a value on the wrong side: each is checked against the compiled constraint first.
 */
import { setMember } from "../../json/exact.ts";
import { isArray, isObject, type Json, type JsonObject, jsonEqual } from "../../json/value.ts";
import { examplesMax, exampleTextMax, ruleDepthMax } from "../../limits.ts";
import { compileMatch, type MatchKind } from "../match.ts";
import { textsOf } from "../pattern/texts.ts";
import { formatSamples, hostSamples, nearMisses } from "./samples.ts";

/** Values on both sides of a constraint, the plainest first. */
export interface Examples {
  readonly matching: readonly Json[];
  readonly failing: readonly Json[];
}

/** A value that satisfies a constraint in the vocabulary of `lang/match.ts`; `undefined` if none was found or it does not compile. */
export function exampleOf(spec: Json): Json | undefined {
  return examplesOf(spec, { count: 1 }).matching[0];
}

/**
 * Up to `count` distinct values (at most `examplesMax`) that satisfy a constraint, and as many that violate it; the latter are close to the
 * former where that is possible. Not finding one proves nothing, but for `enum` and `const`, which are listed in their order.
 *
 * @example examplesOf({ pattern: "[A-Z]{3}-\\d+" }, { count: 5 })
 */
export function examplesOf(spec: Json, options: { readonly count: number }): Examples {
  const match = compileMatch(spec);
  if (!match.ok || !isObject(spec)) return { matching: [], failing: [] };
  const count = Math.min(Math.max(0, options.count), examplesMax);
  const isKept = (value: Json): boolean => match.value.check(value) === undefined;
  const matching = distinct(candidatesOf(spec, match.value.kind, count), count, isKept);
  const failing = distinct(violations(spec, matching, match.value.kind), count, (value) => !isKept(value));
  return { matching, failing };
}

function distinct(values: Iterable<Json>, count: number, isWanted: (value: Json) => boolean): readonly Json[] {
  const found: Json[] = [];
  for (const value of values) {
    if (found.length >= count) break;
    if (isWanted(value) && !found.some((other) => jsonEqual(other, value))) found.push(value);
  }
  return found;
}

function numberIn(spec: JsonObject, keyword: string): number | undefined {
  const value = spec[keyword];
  return typeof value === "number" ? value : undefined;
}

function textIn(spec: JsonObject, keyword: string): string | undefined {
  const value = spec[keyword];
  return typeof value === "string" ? value : undefined;
}

function listIn(spec: JsonObject, keyword: string): readonly Json[] {
  const value = spec[keyword];
  return isArray(value) ? value : [];
}

/** Values that may satisfy a constraint. */
function candidatesOf(spec: JsonObject, kind: MatchKind | undefined, count: number): readonly Json[] {
  if (spec.const !== undefined) return [spec.const];
  if (spec.enum !== undefined) return listIn(spec, "enum");
  switch (kind) {
    case "number":
    case "integer":
      return numbers(spec);
    case "string":
      return texts(spec, count);
    case "array":
      return lists(spec, count);
    case "object":
      return objects(spec, count);
    case "boolean":
      return [true, false];
    case "null":
      return [null];
    default:
      return ["text", 1, true, null, [], {}];
  }
}

function numbers(spec: JsonObject): readonly Json[] {
  const step = numberIn(spec, "multipleOf");
  const unit = step ?? 1;
  const low = numberIn(spec, "minimum") ?? numberIn(spec, "exclusiveMinimum");
  const high = numberIn(spec, "maximum") ?? numberIn(spec, "exclusiveMaximum");
  const start = low ?? (high === undefined || high >= 0 ? 0 : high);
  const aligned = Math.ceil(start / unit) * unit;
  const ups = [0, 1, 2, 3, 10, 100].map((k) => aligned + k * unit);
  const top = high === undefined ? [] : [high, high - unit, Math.floor(high / unit) * unit];
  const middle =
    low !== undefined && high !== undefined
      ? [(low + high) / 2, Math.round((low + high) / 2), low, low + (high - low) / 1_024]
      : [];
  const downs = [-1, -10].map((k) => aligned + k * unit);
  return [...ups, ...top, ...middle, ...downs, aligned + unit / 2];
}

/** Whatever a text's keywords suggest, fitted to the lengths asked for. */
function texts(spec: JsonObject, count: number): readonly Json[] {
  const least = numberIn(spec, "minLength") ?? 0;
  const most = numberIn(spec, "maxLength") ?? exampleTextMax;
  const pattern = textIn(spec, "pattern");
  const listed = [...formatSamples(textIn(spec, "format")), ...hostSamples(spec)];
  const made = pattern === undefined ? [] : textsOf(pattern, { count: count * 2, least, most });
  const plain = pattern === undefined && listed.length === 0 ? ["text", "Some more text.", "x", "äöü €", ""] : [];
  const length = Math.min(least, exampleTextMax);
  const fitted = plain.map((text) => text.padEnd(length, "abcdefghij").slice(0, Math.max(0, Math.min(most, exampleTextMax))));
  return [...listed, ...made, ...fitted];
}

function lists(spec: JsonObject, count: number): readonly Json[] {
  const least = Math.min(numberIn(spec, "minItems") ?? 0, exampleTextMax);
  const most = Math.min(numberIn(spec, "maxItems") ?? least + 3, exampleTextMax);
  const items = spec.items;
  const elements =
    items === undefined ? ["a", 1, true, null, "b", 2] : examplesOf(items, { count: Math.max(count, most) }).matching;
  const sizes = [...new Set([Math.max(1, least), least, Math.min(most, least + 1), most])];
  const isUnique = spec.uniqueItems === true;
  return sizes.flatMap((size) => {
    if (size > elements.length && (isUnique || elements.length === 0)) return size === 0 ? [[]] : [];
    return [Array.from({ length: size }, (_, i) => elements[i % elements.length] as Json)];
  });
}

function objects(spec: JsonObject, count: number): readonly Json[] {
  const properties = isObject(spec.properties) ? spec.properties : {};
  const required = new Set(listIn(spec, "required"));
  const values = new Map(Object.keys(properties).map((name) => [name, examplesOf(properties[name] as Json, { count }).matching]));
  const make = (isIn: (name: string) => boolean, turn: number): Json => {
    const object: { [key: string]: Json } = {};
    for (const [name, list] of values) {
      const value = list[turn % Math.max(1, list.length)];
      if (value !== undefined && isIn(name)) setMember(object, name, value);
    }
    for (const name of required) if (typeof name === "string" && !values.has(name)) setMember(object, name, "text");
    return object;
  };
  const turns = Array.from({ length: Math.max(1, count) }, (_, turn) => make(() => true, turn));
  return [...turns, make((name) => required.has(name), 0)];
}

/** Values that may violate a constraint: close to the ones that satisfy it, then of another type. */
function violations(spec: JsonObject, matching: readonly Json[], kind: MatchKind | undefined): readonly Json[] {
  const negated = isObject(spec.not) ? [spec.not.const, ...listIn(spec.not, "enum")].filter((each) => each !== undefined) : [];
  const near = matching.slice(0, 5).flatMap((value) => missesOf(spec, value));
  const others: readonly Json[] = kind === "string" ? ["", "\u0000", "x".repeat(exampleTextMax), 1] : ["text", 0, -1, 1.5];
  return [...negated, ...near, ...boundaries(spec), ...others, true, null, [], [[]], {}];
}

function boundaries(spec: JsonObject): readonly Json[] {
  const unit = numberIn(spec, "multipleOf") ?? 1;
  const low = [numberIn(spec, "minimum"), numberIn(spec, "exclusiveMinimum")].flatMap((bound) =>
    bound === undefined ? [] : [bound - unit, bound],
  );
  const high = [numberIn(spec, "maximum"), numberIn(spec, "exclusiveMaximum")].flatMap((bound) =>
    bound === undefined ? [] : [bound + unit, bound],
  );
  const most = numberIn(spec, "maxLength");
  const least = numberIn(spec, "minLength") ?? 0;
  const long = most !== undefined && most < exampleTextMax ? ["a".repeat(most + 1)] : [];
  const short = least > 1 && least <= exampleTextMax ? ["a".repeat(least - 1)] : [];
  return [...low, ...high, ...long, ...short];
}

/** Values close to one that satisfies the constraint. */
function missesOf(spec: JsonObject, value: Json): readonly Json[] {
  if (typeof value === "string") return nearMisses(value);
  if (typeof value === "number") return [value + 0.5, value + 1, value - 1, -value, String(value)];
  if (typeof value === "boolean") return [String(value), value ? 1 : 0];
  if (isArray(value)) return listMisses(spec, value);
  return isObject(value) ? objectMisses(spec, value) : [];
}

function listMisses(spec: JsonObject, value: readonly Json[]): readonly Json[] {
  const first = value[0];
  const items = spec.items;
  const bad = items === undefined ? [] : examplesOf(items, { count: 1 }).failing;
  const most = numberIn(spec, "maxItems");
  const filler = first ?? "a";
  const long = most !== undefined && most < exampleTextMax ? [Array.from({ length: most + 1 }, () => filler)] : [];
  const twice = first === undefined ? [] : [[...value, first]];
  return [
    ...bad.map((each) => [...value.slice(1), each]),
    ...long,
    ...twice,
    value.slice(1),
    ...(first === undefined ? [] : [first]),
  ];
}

function objectMisses(spec: JsonObject, value: JsonObject): readonly Json[] {
  const properties = isObject(spec.properties) ? spec.properties : {};
  const names = Object.keys(value).slice(0, ruleDepthMax);
  const without = names.map((name) => Object.fromEntries(Object.entries(value).filter(([other]) => other !== name)));
  const spoilt = names.flatMap((name) => {
    const bad = examplesOf(properties[name] ?? {}, { count: 1 }).failing[0];
    return bad === undefined
      ? []
      : [Object.fromEntries(Object.entries(value).map(([other, each]) => [other, other === name ? bad : each]))];
  });
  return [...without, ...spoilt, { ...value, other: "text" }];
}
