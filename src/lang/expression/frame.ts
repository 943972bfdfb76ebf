/**
 * What one run of an expression shares: its variables, its budget of steps and its first fault; and the checks that set a fault.
 * Never holds a value of a call in a message. Pure. No I/O, no clock.
 */
import { isArray, isObject, type Json } from "../../json/value.ts";
import { expressionListMax, expressionTextMax } from "../../limits.ts";
import { compareCodePoints } from "../code-point.ts";
import { type LangCode, type LangError, langError } from "../error.ts";
import { spend, textSteps, type Work } from "../work.ts";

/** The state of one run. */
export interface Frame {
  readonly bindings: Readonly<Record<string, Json>>;
  /** Variables bound by macros, by slot. */
  readonly locals: Json[];
  readonly work: Work;
  /** Why the run failed; set wherever a {@link Thunk} returns `undefined`. */
  fault: LangError | undefined;
}

/** A compiled (sub)expression. `undefined` means that it failed and `frame.fault` says why; no JSON value is `undefined`. */
export type Thunk = (frame: Frame) => Json | undefined;

/** Fails the current evaluation. Returns `undefined`, so that callers can `return refuse(…)`. */
export function refuse(frame: Frame, code: LangCode, text: { readonly message: string; readonly at: number }): undefined {
  frame.fault = langError(code, text.message, text.at);
  return undefined;
}

/** Fails with `LANG_EXPR_TYPE`. */
export function refuseType(frame: Frame, message: string, at: number): undefined {
  return refuse(frame, "LANG_EXPR_TYPE", { message, at });
}

/** Fails with `LANG_EXPR_RUNTIME`. */
export function refuseValue(frame: Frame, message: string, at: number): undefined {
  return refuse(frame, "LANG_EXPR_RUNTIME", { message, at });
}

/** Spends steps; once the budget is gone it fails with `LANG_EXPR_LIMIT`, which no operator absorbs. */
export function charge(frame: Frame, steps: number, at: number): boolean {
  if (spend(frame.work, steps)) return true;
  refuse(frame, "LANG_EXPR_LIMIT", { message: "the expression takes more steps than a run may", at });
  return false;
}

/** The value as a list of at most `expressionListMax` elements, charged one step for each. */
export function listOf(frame: Frame, value: Json | undefined, at: number): readonly Json[] | undefined {
  if (value === undefined) return undefined;
  if (!isArray(value)) return refuseType(frame, "expected a list", at);
  return isWithinList(frame, value.length, at) && charge(frame, value.length, at) ? value : undefined;
}

/** Whether a list of `length` elements may be made or iterated over; fails otherwise. */
export function isWithinList(frame: Frame, length: number, at: number): boolean {
  if (length <= expressionListMax) return true;
  refuse(frame, "LANG_EXPR_LIMIT", { message: `a list has at most ${expressionListMax} elements`, at });
  return false;
}

/** The value as a text, charged by its length. */
export function textOf(frame: Frame, value: Json | undefined, at: number): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "string") return refuseType(frame, "expected a text", at);
  return charge(frame, textSteps(value), at) ? value : undefined;
}

/** A text that the expression made, if it is not too long. */
export function madeText(frame: Frame, text: string, at: number): string | undefined {
  if (text.length > expressionTextMax) {
    return refuse(frame, "LANG_EXPR_LIMIT", { message: `a text has at most ${expressionTextMax} characters`, at });
  }
  return charge(frame, textSteps(text), at) ? text : undefined;
}

/** The value as a double. An integer beyond 2^53 is refused: arithmetic on it would round. */
export function numberOf(frame: Frame, value: Json | undefined, at: number): number | undefined {
  if (typeof value === "number" || value === undefined) return value;
  if (typeof value === "bigint")
    return refuseType(frame, "an integer beyond 2^53 takes part in no arithmetic: it would be rounded", at);
  return refuseType(frame, "expected a number", at);
}

/** The value as a boolean. */
export function booleanOf(frame: Frame, value: Json | undefined, at: number): boolean | undefined {
  if (typeof value === "boolean" || value === undefined) return value;
  return refuseType(frame, "expected true or false", at);
}

/** The value as an object. */
export function objectOf(frame: Frame, value: Json | undefined, at: number): { readonly [key: string]: Json } | undefined {
  if (value === undefined) return undefined;
  return isObject(value) ? value : refuseType(frame, "expected an object", at);
}

/**
 * A number that arithmetic made, if JSON can carry it: finite, and an integer only up to 2^53 - 1, beyond which doubles skip integers.
 * -0 becomes 0.
 */
export function madeNumber(frame: Frame, value: number, at: number): number | undefined {
  if (!Number.isFinite(value)) return refuseValue(frame, "the result is not a finite number", at);
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER) return refuseValue(frame, "the result is beyond 2^53 and would be rounded", at);
  return value === 0 ? 0 : value;
}

/** Order of two numbers or two texts (by code point); anything else has none and is `LANG_EXPR_TYPE`. */
export function orderOf(frame: Frame, [a, b]: readonly [Json, Json], at: number): number | undefined {
  if (typeof a === "string" && typeof b === "string") {
    return charge(frame, Math.min(textSteps(a), textSteps(b)), at) ? compareCodePoints(a, b) : undefined;
  }
  const areNumbers = (typeof a === "number" || typeof a === "bigint") && (typeof b === "number" || typeof b === "bigint");
  if (!areNumbers) return refuseType(frame, "only two numbers or two texts have an order", at);
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The own member `name` of an object, or a fault. Never reads a prototype. */
export function memberOf(frame: Frame, [value, name]: readonly [Json | undefined, string], at: number): Json | undefined {
  const object = objectOf(frame, value, at);
  if (object === undefined) return undefined;
  return Object.hasOwn(object, name) ? object[name] : refuseValue(frame, "no such member", at);
}
