/**
 * Writes a JSON value as YAML that a person edits: what the strict YAML reader makes of it is the same value.
 * Never leaves a scalar to be guessed: a text that could be read as anything else is quoted as in JSON.
 */
import { isArray, isObject, type Json, member } from "../../json/value.ts";
import { jsonText } from "./output.ts";

/** Columns up to which a list or object without lists or objects of its own is written on one line. */
const flowColumns = 100;

/** A text that no YAML reader takes for a number, a date, a boolean or null, nor for an indicator. */
const plainText = /^[A-Za-z_][A-Za-z0-9_./ $-]*$/;
const reserved = /^(?:true|false|null|yes|no|on|off|y|n|nan|inf)$/i;

/** The value as a YAML document, with a line end. */
export function yamlText(value: Json): string {
  return `${block(value, 0).replace(/^\n/, "")}\n`;
}

function block(value: Json, depth: number): string {
  const flow = flowText(value);
  if (!isArray(value) && !isObject(value)) return flow ?? "null";
  if (flow !== undefined && depth > 0 && depth * 2 + flow.length < flowColumns) return flow;
  const indent = "  ".repeat(depth);
  const line = (head: string, inner: Json): string => {
    const text = block(inner, depth + 1);
    return `\n${indent}${head}${text.startsWith("\n") ? "" : " "}${text}`;
  };
  if (isArray(value)) return value.length === 0 ? "[]" : value.map((element) => line("-", element)).join("");
  const keys = Object.keys(value);
  return keys.length === 0 ? "{}" : keys.map((key) => line(`${scalar(key)}:`, member(value, key) ?? null)).join("");
}

/** The value on one line, if it is not deeper than two levels; longer values are for the eye in blocks. */
function flowText(value: Json, level = 0): string | undefined {
  if (!isArray(value) && !isObject(value)) return scalar(value);
  if (level === 3) return undefined;
  const parts = isArray(value)
    ? value.map((element) => flowText(element, level + 1))
    : Object.keys(value).map((key) => {
        const inner = flowText(member(value, key) ?? null, level + 1);
        return inner === undefined ? undefined : `${scalar(key)}: ${inner}`;
      });
  if (parts.includes(undefined)) return undefined;
  if (parts.length === 0) return isArray(value) ? "[]" : "{}";
  return isArray(value) ? `[${parts.join(", ")}]` : `{ ${parts.join(", ")} }`;
}

function scalar(value: Json): string {
  if (typeof value !== "string") return jsonText(value);
  return plainText.test(value) && !reserved.test(value) && !value.endsWith(" ") && !value.includes("  ") ? value : quoted(value);
}

/** A JSON string is a YAML string, but for characters that YAML does not print, and those that turn the direction of writing: they are escaped. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff\p{Bidi_Control}]/gu,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
