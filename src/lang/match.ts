/**
 * Constraints on a final value: a closed vocabulary in the manner of JSON Schema, compiled at freeze.
 * Never accepts a keyword that it does not know, and never reports a value. Pure. No I/O, no clock.
 *
 * Where it is stricter than JSON Schema, so that a slip closes rather than opens: a keyword implies its type (`minimum` refuses a text),
 * keywords of two types do not mix, members are closed unless `additionalProperties` is true, `pattern` matches the whole text, and
 * `format` is always checked.
 */
import { isArray, isObject, type Json, jsonEqual } from "../json/value.ts";
import { ruleDepthMax } from "../limits.ts";
import { err, ok, type Result } from "../result.ts";
import { bitsOfCount } from "./bits.ts";
import {
  type Check,
  failMatch,
  kindOf,
  type MatchError,
  type MatchFailure,
  MatchFault,
  type MatchKind,
  pointerTo,
  readJson,
  type Spec,
} from "./match/keyword.ts";
import { isKind, leastOf, listRule, numberRule, objectRule, type Rule, textRule } from "./match/kinds.ts";
import { structuralKey } from "./work.ts";

export type { MatchError, MatchFailure, MatchKind } from "./match/keyword.ts";

/** A compiled constraint. */
export interface Match {
  /** The first rule that the value breaks, or `undefined` if it keeps all. Linear in the value. */
  check(value: Json): MatchFailure | undefined;
  /** Upper bound on log2 of the number of values that pass, in hundredths of a bit; `undefined` if they cannot be counted. */
  readonly bits: number | undefined;
  /** The type that the constraint implies, if it implies one. */
  readonly kind?: MatchKind;
}

/**
 * Compiles a constraint. Errors: `LANG_MATCH_KEYWORD` (unknown keyword), `LANG_MATCH_VALUE` (a keyword's value is wrong or contradicts
 * another), `LANG_MATCH_LIMIT` (nested deeper than `ruleDepthMax`), each with a pointer into the constraint.
 *
 * @example compileMatch({ type: "number", minimum: 0, maximum: 50000 })
 */
export function compileMatch(spec: Json): Result<Match, MatchError> {
  try {
    const { rule, kind } = compileAt(spec, "", 0);
    const match = { check: (value: Json) => rule.check(value, ""), bits: rule.bits };
    return ok(kind === undefined ? match : { ...match, kind });
  } catch (error) {
    if (error instanceof MatchFault) return err(error.fault);
    throw error;
  }
}

function compileAt(json: Json, at: string, depth: number): { readonly rule: Rule; readonly kind: MatchKind | undefined } {
  if (depth > ruleDepthMax) failMatch("LANG_MATCH_LIMIT", at, `a constraint nests at most ${ruleDepthMax} deep`);
  if (!isObject(json))
    return failMatch("LANG_MATCH_VALUE", at, "a constraint is an object such as `{ type: string, maxLength: 40 }`");
  const spec: Spec = { at, object: json };
  const kind = kindOf(spec);
  const inner = (child: Json, pointer: string): Rule => compileAt(child, pointer, depth + 1).rule;
  const rules = [kind === undefined ? undefined : kindRule(spec, kind, inner), enumRule(spec), notRule(spec)].filter(
    (rule) => rule !== undefined,
  );
  const checks = rules.map((rule) => rule.check);
  const [only] = checks;
  if (only !== undefined && checks.length === 1) return { rule: { check: only, bits: rules[0]?.bits }, kind };
  const check: Check = (value, pointer) => {
    for (const test of checks) {
      const failed = test(value, pointer);
      if (failed !== undefined) return failed;
    }
    return undefined;
  };
  return { rule: { check, bits: leastOf(rules.map((rule) => rule.bits)) }, kind };
}

function kindRule(spec: Spec, kind: MatchKind, compile: (child: Json, at: string) => Rule): Rule {
  const rule = ruleOf(spec, kind, compile);
  const check: Check = (value, pointer) => (isKind(value, kind) ? rule.check(value, pointer) : { keyword: "type", pointer });
  return { check, bits: rule.bits };
}

function ruleOf(spec: Spec, kind: MatchKind, compile: (child: Json, at: string) => Rule): Rule {
  switch (kind) {
    case "number":
    case "integer":
      return numberRule(spec, kind);
    case "string":
      return textRule(spec);
    case "array":
      return listRule(spec, compile);
    case "object":
      return objectRule(spec, compile);
    case "boolean":
      return { check: () => undefined, bits: 1 };
    case "null":
      return { check: () => undefined, bits: 0 };
  }
}

/** `const` and `enum`. */
function enumRule(spec: Spec): Rule | undefined {
  const constant = readJson(spec, "const");
  const list = valuesOf(spec);
  if (constant === undefined && list === undefined) return undefined;
  if (constant !== undefined && list !== undefined)
    return failMatch("LANG_MATCH_VALUE", spec.at, "`const` and `enum` do not go together");
  const accepts = membership(list ?? [constant as Json]);
  const keyword = list === undefined ? "const" : "enum";
  return {
    check: (value, pointer) => (accepts.has(value) ? undefined : { keyword, pointer }),
    bits: bitsOfCount(BigInt(accepts.size)),
  };
}

function valuesOf(spec: Spec): readonly Json[] | undefined {
  const list = readJson(spec, "enum");
  if (list === undefined || (isArray(list) && list.length > 0)) return list;
  return failMatch("LANG_MATCH_VALUE", pointerTo(spec.at, "enum"), "`enum` is a list of at least one value");
}

/** Values that are looked up. Texts by themselves; others by their structural key, so that a long list costs one look-up. */
function membership(values: readonly Json[]): { has(value: Json): boolean; readonly size: number } {
  const work = { left: Number.POSITIVE_INFINITY };
  const keys = new Set(values.map((value) => structuralKey(value, work)));
  const { size } = keys;
  if (values.every((value) => typeof value === "string")) {
    const texts: ReadonlySet<Json> = new Set(values);
    return { has: (value) => texts.has(value), size };
  }
  // A few are compared one by one, which makes no key.
  if (values.length <= 8) return { has: (value) => values.some((candidate) => jsonEqual(candidate, value)), size };
  return { has: (value) => keys.has(structuralKey(value, { left: Number.POSITIVE_INFINITY })), size };
}

/** `not` takes `const` or `enum` only: the negation of anything else is hard to read and easy to get wrong. */
function notRule(spec: Spec): Rule | undefined {
  const negated = readJson(spec, "not");
  if (negated === undefined) return undefined;
  const at = pointerTo(spec.at, "not");
  const names = isObject(negated) ? Object.keys(negated) : [];
  if (!isObject(negated) || names.length !== 1 || (names[0] !== "const" && names[0] !== "enum")) {
    return failMatch("LANG_MATCH_VALUE", at, "`not` is an object with either `const` or `enum`");
  }
  const rule = enumRule({ at, object: negated }) as Rule;
  return {
    check: (value, pointer) => (rule.check(value, pointer) === undefined ? { keyword: "not", pointer } : undefined),
    bits: undefined,
  };
}
