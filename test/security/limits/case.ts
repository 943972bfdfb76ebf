/**
 * A limit and something of which there can be just as much: what is as large as the limit passes, what is one larger does not.
 */
import type * as limits from "../../../src/limits.ts";
import type { Result } from "../../../src/result.ts";

/** The name of a limit that is one number. */
export type LimitName = {
  [Name in keyof typeof limits]: (typeof limits)[Name] extends number ? Name : never;
}[keyof typeof limits];

/** What comes of something of `size`: `ok`, or the code of what refuses it. */
export type Outcome = (size: number) => string | Promise<string>;

/** A limit, what comes of something of a size, and the code beyond the limit. */
export type LimitCase = readonly [limit: LimitName, beyond: string, outcome: Outcome];

/** `ok`, or the code of an error, or of the first of several. */
export function outcomeOf(result: Result<unknown, unknown>): string {
  if (result.ok) return "ok";
  const error = Array.isArray(result.error) ? (result.error[0] as unknown) : result.error;
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : "refused";
}

/** `ok` where all of `size` are there, `cut` where one is missing; more than one says how many there are. */
export function foundIn(count: number, size: number): string {
  return count === size ? "ok" : count === size - 1 ? "cut" : `${count} of ${size}`;
}
