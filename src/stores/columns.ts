/**
 * What the columns of SQL stores hold, as text, and back.
 * Pure. Never takes for granted that a text reads: what does not is asserted.
 */
import { canonicalJson } from "../json/canonical.ts";
import { readJson } from "../json/read.ts";
import type { Json, JsonObject } from "../json/value.ts";
import { assert } from "../result.ts";
import type { Entry } from "./store.ts";

/**
 * A text from outside as a column keeps it in order: ASCII, injective, and sorted by its bytes as the UTF-16 units of the texts are, so that
 * what begins alike stays together. `!` and `~` begin what is written as four hexadecimal digits, below and above the rest.
 */
export function orderKey(text: string): string {
  return text.replace(/[^"-}]/g, (unit) => (unit < '"' ? "!" : "~") + unit.charCodeAt(0).toString(16).padStart(4, "0"));
}

/** The text that {@link orderKey} wrote. */
export function textOfOrderKey(column: string): string {
  return column.replace(/[!~]([0-9a-f]{4})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}

/** Greater than every order key that begins with `prefix`, and not greater than the next: no order key has a unit above `~`. */
export function orderKeyEnd(prefix: string): string {
  return `${prefix}\u007f`;
}

/** The JSON value that a column holds. Throws `AssertionError` if it is none. */
export function jsonOf(column: string): Json {
  const value = readJson(column);
  assert(value.ok, "the store's own text reads as it was written");
  return value.value;
}

/** An entry as its columns. A result's value has a column of its own: with the event around it, it might be nested too deeply to be read again. */
export function columnsOf({ event, facts }: Entry): readonly [string, string | null, string | null] {
  const written = facts === undefined ? null : canonicalJson(facts);
  if (event.type !== "settle" || event.value === undefined) return [canonicalJson(event as unknown as Json), null, written];
  const { value, ...rest } = event;
  return [canonicalJson(rest as unknown as Json), canonicalJson(value), written];
}

/** The entry that a row stands for. */
export function entryOf(row: unknown): Entry {
  const { event, value, facts } = row as { readonly event: string; readonly value: string | null; readonly facts: string | null };
  const read = jsonOf(event) as JsonObject;
  const whole = (value === null ? read : { ...read, value: jsonOf(value) }) as unknown as Entry["event"];
  return facts === null ? { event: whole } : { event: whole, facts: jsonOf(facts) as JsonObject };
}
