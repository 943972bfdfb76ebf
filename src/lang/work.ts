/**
 * A budget of steps for work over input: structural equality and keys that stop when it is spent.
 * Never measures time. Pure. No I/O, no clock.
 */
import { isArray, isObject, type Json } from "../json/value.ts";
import { sortedKeys } from "./code-point.ts";

/** Steps left. Below zero the work is over: whatever was computed must be thrown away and the limit reported. */
export interface Work {
  left: number;
}

/** Spends `steps`. False once the budget is spent. */
export function spend(work: Work, steps: number): boolean {
  work.left -= steps;
  return work.left >= 0;
}

/** Steps that reading `text` costs: one, and one more for every 64 UTF-16 units. */
export function textSteps(text: string): number {
  return 1 + (text.length >> 6);
}

/** As `jsonEqual`, within a budget: one step per leaf or member. The answer means nothing once `work.left` is negative. */
export function equalWithin(a: Json, b: Json, work: Work): boolean {
  if (!spend(work, 1)) return false;
  if (typeof a === "string") return typeof b === "string" && a.length === b.length && spend(work, a.length >> 6) && a === b;
  if (typeof a === "bigint" || typeof b === "bigint") {
    // biome-ignore lint/suspicious/noDoubleEquals: the mixed comparison of bigint and double is numeric
    return (typeof a === "number" || typeof a === "bigint") && (typeof b === "number" || typeof b === "bigint") && a == b;
  }
  if (isArray(a)) {
    if (!isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!equalWithin(a[i] as Json, b[i] as Json, work)) return false;
    return true;
  }
  if (isObject(a)) {
    if (!isObject(b)) return false;
    const keys = Object.keys(a);
    if (!spend(work, keys.length) || keys.length !== Object.keys(b).length) return false;
    for (const key of keys) if (!Object.hasOwn(b, key) || !equalWithin(a[key] as Json, b[key] as Json, work)) return false;
    return true;
  }
  return a === b;
}

/** A text that two values share if and only if they are equal (as `jsonEqual`). Takes time linear in the value (keys are sorted). */
export function structuralKey(value: Json, work: Work): string {
  if (!spend(work, 1)) return "";
  if (typeof value === "string") return spend(work, value.length >> 6) ? JSON.stringify(value) : "";
  // An integral double and the bigint of the same value must give the same key: 1e21 would print as "1e+21".
  if (typeof value === "number") return Number.isInteger(value) ? BigInt(value).toString() : String(value);
  if (typeof value === "bigint") return value.toString();
  if (isArray(value)) return `[${value.map((element) => structuralKey(element, work)).join(",")}]`;
  if (isObject(value)) {
    const members = sortedKeys(value).map((key) => `${JSON.stringify(key)}:${structuralKey(value[key] as Json, work)}`);
    return `{${members.join(",")}}`;
  }
  return String(value);
}
