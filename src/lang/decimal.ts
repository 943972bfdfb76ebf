/**
 * Decimal rounding and division tests on the shortest decimal text of a double (big.js), so that 1.005 rounds to 1.01.
 * Never computes with an exponent that input could make large: doubles bound it by 324. Pure. No I/O, no clock.
 */
import Big from "big.js";
import { err, ok, type Result } from "../result.ts";
import { type LangError, langError } from "./error.ts";

/** Decimal places that {@link roundDecimal} accepts: 0 to this. A double has at most 17 significant digits. */
export const decimalPlacesMax = 20;

/**
 * Rounds to `places` decimal places, a half away from zero (big.js mode 1: 2.5 → 3, -2.5 → -3, 1.005 → 1.01 at two places). A double
 * is taken by its shortest decimal text, which is what people and JSON see. A `bigint` is integral already and comes back as it is.
 * Error `LANG_NUMBER_RANGE` for places that are not an integer from 0 to {@link decimalPlacesMax}, or for NaN and infinities.
 */
export function roundDecimal(value: number | bigint, places: number): Result<number | bigint, LangError> {
  if (!Number.isInteger(places) || places < 0 || places > decimalPlacesMax) {
    return err(langError("LANG_NUMBER_RANGE", `places is an integer from 0 to ${decimalPlacesMax}`));
  }
  if (typeof value === "bigint") return ok(value);
  if (!Number.isFinite(value)) return err(langError("LANG_NUMBER_RANGE", "only a finite number can be rounded"));
  const rounded = new Big(value).round(places, 1).toNumber();
  return ok(rounded === 0 ? 0 : rounded);
}

/** Whether `value` is an integral multiple of `divisor` in decimal (0.3 of 0.1 is, though `0.3 % 0.1` is not 0). */
export function isMultipleOf(value: number | bigint, divisor: number): boolean {
  if (!Number.isFinite(divisor) || divisor <= 0 || (typeof value === "number" && !Number.isFinite(value))) return false;
  return exact(value).mod(exact(divisor)).eq(0);
}

/** Number of multiples of `step` in `[low, high]`, exactly; 0 if there are none. For finite arguments and `step` > 0. */
export function countMultiples(low: number, high: number, step: number): bigint {
  const first = exact(low).div(exact(step));
  const last = exact(high).div(exact(step));
  // big.js divides to 20 places and rounds: a margin of one on each side keeps this an upper bound.
  const isExact = isMultipleOf(low, step) && isMultipleOf(high, step);
  const count = BigInt(last.round(0, 0).toFixed(0)) - BigInt(first.round(0, 0).toFixed(0)) + 1n;
  const bound = isExact ? count : count + 1n;
  return bound > 0n && low <= high ? bound : 0n;
}

/** An integer with all its digits (beyond 2^53 the shortest text of a double leaves some out), a fraction by its shortest text. */
function exact(value: number | bigint): Big {
  return new Big(typeof value === "bigint" || Number.isInteger(value) ? BigInt(value).toString() : value);
}
