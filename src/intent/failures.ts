/**
 * Whether a result in a log says that its call failed, where the format of the log has no member for that.
 * Pure. Never takes a failure for a success where both are possible: a call that failed is no part of what is allowed.
 */
import { readJson } from "../json/read.ts";
import { isObject, type Json } from "../json/value.ts";

/** Members that stand beside `error` where it is all that a result says. */
const beside: ReadonlySet<string> = new Set("error code message status success ok details type request_id".split(" "));
/** How runners of tools begin the text of a failure. */
const prose = /^\s*(?:tool )?(?:error|exception|traceback \(most recent call last\))\b[^:\n]{0,60}:/i;

/**
 * The result as `{"error": …}` if it says that the call failed, else the result. Texts that only begin like a failure count for tools that
 * act (`acts`); a reader may have read such a text.
 */
export function withFailure(value: Json, { acts }: { readonly acts: boolean }): Json {
  const read = typeof value === "string" && /^\s*\{/.test(value) ? readJson(value) : undefined;
  const whole = read?.ok === true ? read.value : value;
  if (isObject(whole)) {
    const { error } = whole;
    const isError = error !== undefined && error !== null && error !== false && error !== "";
    return isError && Object.keys(whole).every((key) => beside.has(key)) ? { error } : value;
  }
  return acts && typeof value === "string" && prose.test(value) ? { error: value } : value;
}
