/**
 * The parts of a list that words enumerate: quoted ones as they are, others between commas, semicolons, lines and "and".
 * Pure. Never splits inside quotation marks or inside a number.
 */
import { valueItemsMax } from "../../limits.ts";
import { readJson } from "../../json/read.ts";
import { isArray, type Json } from "../../json/value.ts";
import type { DraftParam } from "../tools.ts";
import { quotedParts } from "./quotes.ts";

/** The parts of a list in a text: texts that are still to be typed, or values where the text is a JSON array. */
export function listItems(text: string, param: DraftParam): readonly Json[] {
  const trimmed = text.trim().replace(/(?<![.;:,])[.;:,]+$/, "");
  if (trimmed.startsWith("[") && trimmed.endsWith("]")) {
    const read = readJson(trimmed);
    if (read.ok && isArray(read.value))
      return read.value.slice(0, valueItemsMax).map((item) => (typeof item === "number" ? String(item) : item));
    return listItems(trimmed.slice(1, -1), param);
  }
  const quoted = quotedParts(trimmed);
  const rest = outside(trimmed, quoted);
  const isQuoted = quoted.length > 0 && (quoted.length > 1 || !/[\p{L}\p{N}]/u.test(rest));
  if (isQuoted) return quoted.slice(0, valueItemsMax).map(({ start, end }) => trimmed.slice(start, end));
  return plainItems(trimmed);
}

function outside(text: string, quoted: readonly { readonly start: number; readonly end: number }[]): string {
  let rest = "";
  let behind = 0;
  for (const { start, end } of quoted) {
    rest += text.slice(behind, start);
    behind = end;
  }
  return rest + text.slice(behind);
}

const bullet = /^(?:[-*•]\s+|\(?\d{1,2}[.)]\s+)/;

function plainItems(text: string): readonly string[] {
  const parts = text
    .split(/[\n;]|,(?!\d{3}(?!\d))|,(?=\s)/)
    .flatMap((part) => part.split(/(?:^|\s)(?:and|&|as well as|plus)(?=\s)/i))
    .map((part) =>
      part
        .trim()
        .replace(bullet, "")
        .replace(/^(?:and|or)\s+/i, "")
        .trim(),
    )
    .filter((part) => part !== "");
  return parts.slice(0, valueItemsMax);
}
