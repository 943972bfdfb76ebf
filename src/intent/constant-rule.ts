/**
 * A value that is known as an argument rule: as it stands where a plan reads it as the constant that it is, else in `const`.
 * Pure. Never makes a rule that stands for anything but the value.
 */
import { isArray, isObject, type Json } from "../json/value.ts";
import type { ArgRule } from "../plan/plan.ts";

/** The rule of a constant. Objects, and lists of anything but texts, numbers, booleans and null, need the long form: their members would be rules. */
export function constantRule(value: Json): ArgRule {
  if (!isArray(value)) return isObject(value) ? { const: value } : value;
  return value.every((element) => typeof element !== "object" || element === null) ? ([...value] as ArgRule) : { const: value };
}
