/**
 * Whether one constraint lets through no more than another, and a value that shows it where it does.
 * Pure. Never says that a constraint is included on less than a proof; what it cannot prove is `unknown`.
 *
 * Inclusion is decided keyword by keyword over the vocabulary of `lang/match.ts`: exactly for finite sets, bounds, lengths, steps, lists and
 * members; a pattern or a format is included in itself and nothing else, since inclusion of regular languages is no question for a reader.
 */
import { isArray, isObject, type Json, type JsonObject, jsonEqual } from "../json/value.ts";
import { isMultipleOf } from "../lang/decimal.ts";
import { compileMatch } from "../lang/match.ts";
import { examplesOf } from "../lang/match/examples.ts";
import { ruleDepthMax } from "../limits.ts";

/** What was found: every value is let through too; some are not (with one such value, where one was found); or neither was shown. */
export type Inclusion = { readonly kind: "yes" } | { readonly kind: "no"; readonly witness: Json } | { readonly kind: "unknown" };

const yes: Inclusion = { kind: "yes" };

/** Examples that are tried on the way to a witness. */
const witnessTriesMax = 16;

/** Whether every value that `inner` accepts is accepted by `outer`; both are constraints that compile. */
export function includedIn(inner: JsonObject, outer: JsonObject): Inclusion {
  if (jsonEqual(inner, outer)) return yes;
  const [from, to] = [compileMatch(inner), compileMatch(outer)];
  if (!from.ok || !to.ok) return { kind: "unknown" };
  const values = finiteValues(inner);
  if (values !== undefined) {
    const out = values.find((value) => from.value.check(value) === undefined && to.value.check(value) !== undefined);
    return out === undefined ? yes : { kind: "no", witness: out };
  }
  if (isIncluded(inner, outer, 0)) return yes;
  const tries = [
    ...examplesOf(inner, { count: witnessTriesMax }).matching,
    ...examplesOf(outer, { count: witnessTriesMax }).failing,
  ];
  const witness = tries.find((value) => from.value.check(value) === undefined && to.value.check(value) !== undefined);
  return witness === undefined ? { kind: "unknown" } : { kind: "no", witness };
}

/** The values that a constraint names one by one, some of which its other keywords may still refuse. */
export function finiteValues(spec: JsonObject): readonly Json[] | undefined {
  if (Object.hasOwn(spec, "const")) return [spec.const as Json];
  const list = Object.hasOwn(spec, "enum") ? spec.enum : undefined;
  return isArray(list) ? list : undefined;
}

const kindsByKeyword: { readonly [keyword: string]: string } = {
  minimum: "number",
  maximum: "number",
  exclusiveMinimum: "number",
  exclusiveMaximum: "number",
  multipleOf: "number",
  minLength: "string",
  maxLength: "string",
  pattern: "string",
  format: "string",
  hosts: "string",
  items: "array",
  minItems: "array",
  maxItems: "array",
  uniqueItems: "array",
  properties: "object",
  required: "object",
  additionalProperties: "object",
};

function kindOf(spec: JsonObject): string | undefined {
  if (typeof spec.type === "string") return spec.type;
  const keyword = Object.keys(spec).find((name) => Object.hasOwn(kindsByKeyword, name));
  return keyword === undefined ? undefined : kindsByKeyword[keyword];
}

/** Keywords that have a comparison of their own below; any other must be the same on both sides. */
const compared = new Set(["type", ...Object.keys(kindsByKeyword)]);

function isIncluded(inner: Json | undefined, outer: Json | undefined, depth: number): boolean {
  if (!isObject(inner) || !isObject(outer) || depth > ruleDepthMax) return false;
  const values = finiteValues(inner);
  if (values !== undefined) {
    const to = compileMatch(outer);
    return to.ok && values.every((value) => to.value.check(value) === undefined);
  }
  if (!isKindWithin(kindOf(inner), kindOf(outer))) return false;
  for (const keyword of Object.keys(outer)) {
    if (keyword === "not" ? !isNegationKept(inner, outer) : !compared.has(keyword) && !jsonEqual(inner[keyword], outer[keyword]))
      return false;
  }
  return (
    areNumbersWithin(inner, outer) &&
    areTextsWithin(inner, outer) &&
    areListsWithin(inner, outer, depth) &&
    areMembersWithin(inner, outer, depth)
  );
}

function isKindWithin(inner: string | undefined, outer: string | undefined): boolean {
  return outer === undefined || inner === outer || (outer === "number" && inner === "integer");
}

/** What `outer` excludes, `inner` refuses too. */
function isNegationKept(inner: JsonObject, outer: JsonObject): boolean {
  const excluded = isObject(outer.not) ? finiteValues(outer.not) : undefined;
  const from = compileMatch(inner);
  return excluded !== undefined && from.ok && excluded.every((value) => from.value.check(value) !== undefined);
}

function numberOf(spec: JsonObject, keyword: string, otherwise: number): number {
  const value = Object.hasOwn(spec, keyword) ? spec[keyword] : undefined;
  return typeof value === "number" ? value : otherwise;
}

function areNumbersWithin(inner: JsonObject, outer: JsonObject): boolean {
  const low = (spec: JsonObject): number =>
    Math.max(numberOf(spec, "minimum", Number.NEGATIVE_INFINITY), numberOf(spec, "exclusiveMinimum", Number.NEGATIVE_INFINITY));
  const high = (spec: JsonObject): number =>
    Math.min(numberOf(spec, "maximum", Number.POSITIVE_INFINITY), numberOf(spec, "exclusiveMaximum", Number.POSITIVE_INFINITY));
  const isOpenBelow = (spec: JsonObject): boolean => numberOf(spec, "exclusiveMinimum", Number.NEGATIVE_INFINITY) === low(spec);
  const isOpenAbove = (spec: JsonObject): boolean => numberOf(spec, "exclusiveMaximum", Number.POSITIVE_INFINITY) === high(spec);
  const isLowKept =
    low(outer) === Number.NEGATIVE_INFINITY ||
    low(inner) > low(outer) ||
    (low(inner) === low(outer) && (isOpenBelow(inner) || !isOpenBelow(outer)));
  const isHighKept =
    high(outer) === Number.POSITIVE_INFINITY ||
    high(inner) < high(outer) ||
    (high(inner) === high(outer) && (isOpenAbove(inner) || !isOpenAbove(outer)));
  return isLowKept && isHighKept && isStepKept(inner, outer);
}

function isStepKept(inner: JsonObject, outer: JsonObject): boolean {
  const step = numberOf(outer, "multipleOf", 0);
  if (step === 0) return true;
  const own = numberOf(inner, "multipleOf", inner.type === "integer" ? 1 : 0);
  return own > 0 && isMultipleOf(own, step);
}

function areTextsWithin(inner: JsonObject, outer: JsonObject): boolean {
  const isSame = (keyword: string): boolean => !Object.hasOwn(outer, keyword) || jsonEqual(inner[keyword], outer[keyword]);
  return (
    numberOf(inner, "minLength", 0) >= numberOf(outer, "minLength", 0) &&
    numberOf(inner, "maxLength", Number.POSITIVE_INFINITY) <= numberOf(outer, "maxLength", Number.POSITIVE_INFINITY) &&
    isSame("pattern") &&
    isSame("format") &&
    (!Object.hasOwn(outer, "hosts") || areHostsWithin(inner.hosts, outer.hosts))
  );
}

/** Whether a list of hosts (`example.com`, `*.example.com`) lets through no host that another does not. */
export function areHostsWithin(inner: Json | undefined, outer: Json | undefined): boolean {
  if (!isArray(inner) || !isArray(outer)) return false;
  return inner.every((host) => outer.some((other) => isHostWithin(String(host).toLowerCase(), String(other).toLowerCase())));
}

function isHostWithin(host: string, other: string): boolean {
  if (host === other) return true;
  const bare = host.startsWith("*.") ? host.slice(2) : host;
  // Only plain names: digits at the end may be an address, which no suffix covers.
  return other.startsWith("*.") && /[a-z]$/.test(bare) && !/[:*]/.test(bare) && bare.endsWith(other.slice(1));
}

function areListsWithin(inner: JsonObject, outer: JsonObject, depth: number): boolean {
  const most = numberOf(inner, "maxItems", Number.POSITIVE_INFINITY);
  return (
    numberOf(inner, "minItems", 0) >= numberOf(outer, "minItems", 0) &&
    most <= numberOf(outer, "maxItems", Number.POSITIVE_INFINITY) &&
    (outer.uniqueItems !== true || inner.uniqueItems === true || most <= 1) &&
    (!Object.hasOwn(outer, "items") || most === 0 || isIncluded(inner.items, outer.items, depth + 1))
  );
}

function areMembersWithin(inner: JsonObject, outer: JsonObject, depth: number): boolean {
  if (kindOf(outer) !== "object") return true;
  const [own, others] = [membersOf(inner), membersOf(outer)];
  const [isOpen, isOtherOpen] = [inner.additionalProperties === true, outer.additionalProperties === true];
  if (isOpen && !isOtherOpen) return false;
  const required = isArray(inner.required) ? inner.required : [];
  if (isArray(outer.required) && !outer.required.every((name) => required.includes(name))) return false;
  const isEveryOwn = Object.keys(own).every((name) =>
    Object.hasOwn(others, name) ? isIncluded(own[name], others[name], depth + 1) : isOtherOpen,
  );
  // A member that only the outer constraint names may be anything to an open inner one.
  return isEveryOwn && (!isOpen || Object.keys(others).every((name) => Object.hasOwn(own, name)));
}

function membersOf(spec: JsonObject): JsonObject {
  return isObject(spec.properties) ? spec.properties : {};
}
