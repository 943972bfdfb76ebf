/**
 * Whether a value that was read is one that its schema allows: bounds, lengths, pattern, format (JSON Schema 2020-12 Validation §6, §7).
 * Pure. Never a verdict on a call: it keeps a draft from proposing what the tool would refuse.
 */
import { isArray, type Json, type JsonObject, member } from "../../json/value.ts";
import { compilePattern } from "../../lang/pattern.ts";
import { isAddress, isEmail } from "./chunks.ts";

/** Whether a schema allows a value; what it says in ways that are not read here allows it. */
export function fits(value: Json, schema: JsonObject): boolean {
  if (typeof value === "number") return fitsNumber(value, schema);
  if (typeof value === "string") return fitsText(value, schema);
  if (!isArray(value)) return true;
  return value.length >= number(schema, "minItems", 0) && value.length <= number(schema, "maxItems", Number.POSITIVE_INFINITY);
}

function number(schema: JsonObject, name: string, otherwise: number): number {
  const value = member(schema, name);
  return typeof value === "number" ? value : otherwise;
}

function fitsNumber(value: number, schema: JsonObject): boolean {
  const [low, high] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  return (
    value >= number(schema, "minimum", low) &&
    value <= number(schema, "maximum", high) &&
    value > number(schema, "exclusiveMinimum", low) &&
    value < number(schema, "exclusiveMaximum", high)
  );
}

function fitsText(value: string, schema: JsonObject): boolean {
  // RFC 8259 characters are code points, as JSON Schema counts them.
  const length = value.length > number(schema, "maxLength", Number.POSITIVE_INFINITY) ? [...value].length : value.length;
  if (length < number(schema, "minLength", 0) || length > number(schema, "maxLength", Number.POSITIVE_INFINITY)) return false;
  const source = member(schema, "pattern");
  const pattern = typeof source === "string" ? compilePattern(source) : undefined;
  if (pattern?.ok === true && pattern.value.search(value) === undefined) return false;
  switch (member(schema, "format")) {
    case "date":
      return /^\d{4}-\d{2}-\d{2}$/.test(value);
    case "date-time":
      return /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/i.test(value);
    case "time":
      return /^\d{2}:\d{2}/.test(value);
    case "email":
      return isEmail(value);
    case "ipv4":
    case "ipv6":
      return isAddress(value);
    default:
      return true;
  }
}
