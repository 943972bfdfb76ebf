/**
 * Runs a vector of test/vectors/values.json: words, the argument that they are for, and the value that they are read as.
 * Never asserts: both sides are returned, so that a difference between run times shows.
 */
import type { ValueContext } from "../../../src/infer/values/mention.ts";
// biome-ignore lint/suspicious/noShadowRestrictedNames: it is what the planners call it
import { valueOf } from "../../../src/infer/values/value-of.ts";
import type { Json, JsonObject } from "../../../src/json/value.ts";
import { paramOf } from "./param.ts";

/** Without `value` the words give none. */
export interface ValueVector {
  readonly name: string;
  readonly context: ValueContext;
  readonly argument: string;
  readonly schema: JsonObject;
  readonly text: string;
  readonly value?: Json;
}

/** What a vector demands and what it came to, as JSON. */
export function runValueVector({ context, argument, schema, text, value }: ValueVector): {
  readonly expected: string;
  readonly got: string;
} {
  const got = valueOf(text, paramOf(argument, schema), context);
  return { expected: JSON.stringify(value) ?? "none", got: JSON.stringify(got) ?? "none" };
}
