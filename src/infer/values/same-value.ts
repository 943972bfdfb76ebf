/**
 * Whether two values are the same as far as a draft is judged: spelling, case and blanks aside.
 * Pure. Never used where a call is decided: there values are equal or not.
 */
import { isArray, isObject, type Json } from "../../json/value.ts";

const numeric = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d{1,3})?$/;
const depthMax = 64;

/**
 * Whether two values are equal for an evaluation: booleans as their text, numbers by value (also in texts, with `$` and commas),
 * texts in lower case with blanks collapsed and final dots off, everything else by its members.
 */
export function sameValue(a: Json, b: Json): boolean {
  return comparable(a) === comparable(b);
}

function comparable(value: Json): string {
  if (typeof value === "string") {
    const text = value
      .trim()
      .toLowerCase()
      .replace(/\s+/g, " ")
      .replace(/^\.+|(?<!\.)\.+$/g, "");
    const bare = text.replaceAll(",", "").replace(/^\$+/, "");
    return numeric.test(bare) ? `${Number(bare)}` : text;
  }
  if (typeof value === "number" || typeof value === "bigint") return `${Number(value)}`;
  if (typeof value === "boolean") return `${value}`;
  return canonical(value, 0).toLowerCase();
}

function canonical(value: Json, depth: number): string {
  if (depth > depthMax) return "…";
  if (isArray(value)) return `[${value.map((item) => canonical(item, depth + 1)).join(",")}]`;
  if (isObject(value)) {
    const members = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
    return `{${members.map(([name, item]) => `${JSON.stringify(name)}:${canonical(item, depth + 1)}`).join(",")}}`;
  }
  if (typeof value === "bigint") return `${value}`;
  return JSON.stringify(value);
}
