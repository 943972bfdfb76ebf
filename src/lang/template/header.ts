/**
 * Fills the value of an HTTP header field (RFC 9110 §5.5, §5.6).
 * Pure. Never lets a value end the field, and never lets it add a list element, a parameter or a quoted string.
 */

import { ok, type Result } from "../../result.ts";
import { everyCode } from "./characters.ts";
import {
  changed,
  type Filler,
  fillMarks,
  holesOf,
  malformed,
  markedText,
  misplaced,
  type Part,
  refused,
  type TemplateError,
  textValueOf,
} from "./holes.ts";

const delimiters = ',;"\\';

function isPrintable(text: string): boolean {
  return everyCode(text, (code) => code >= 32 && code <= 126);
}

/** An element of a field value: a delimiter, a quoted string (decoded), or a run of other visible characters. Blanks part runs. */
type Element = { readonly kind: "mark" | "quoted" | "run"; readonly text: string };

/** The end of the quoted string that opens at `at`, and its text (RFC 9110 §5.6.4). */
function readQuoted(text: string, at: number): { readonly text: string; readonly end: number } | undefined {
  let inner = "";
  for (let i = at + 1; i < text.length; i++) {
    const char = text[i] ?? "";
    if (char === '"') return { text: inner, end: i + 1 };
    if (char === "\\") {
      i += 1;
      if (i >= text.length) return undefined;
    }
    inner += text[i] ?? "";
  }
  return undefined;
}

function readElements(text: string): readonly Element[] | undefined {
  const elements: Element[] = [];
  for (let at = 0; at < text.length; ) {
    const char = text[at] ?? "";
    if (char === "\\") return undefined;
    if (char === '"') {
      const quoted = readQuoted(text, at);
      if (quoted === undefined) return undefined;
      elements.push({ kind: "quoted", text: quoted.text });
      at = quoted.end;
    } else if (char === "," || char === ";") {
      elements.push({ kind: "mark", text: char });
      at += 1;
    } else if (char === " ") at += 1;
    else {
      let end = at;
      while (end < text.length && !` ${delimiters}`.includes(text[end] ?? "")) end += 1;
      elements.push({ kind: "run", text: text.slice(at, end) });
      at = end;
    }
  }
  return elements;
}

/** Where a hole stands: alone (any printable value), in a quoted string (escaped), or in a run (no delimiter, no blank). */
type Place = "alone" | "quoted" | "run";

function placesOf(parts: readonly Part[]): Result<readonly Place[], TemplateError> {
  const places: Place[] = [];
  let isQuoted = false;
  for (const part of parts) {
    if ("hole" in part) {
      places.push(parts.length === 1 ? "alone" : isQuoted ? "quoted" : "run");
      continue;
    }
    for (const char of part.literal) {
      if (char === "\\") return malformed(part.offset, "a header template must not hold a backslash");
      if (char === '"') isQuoted = !isQuoted;
    }
  }
  return isQuoted ? malformed(0, "a quote is not closed") : ok(places);
}

/** Encodes a value for its place, or says why it cannot stand there. */
function encode(value: string, place: Place): { readonly text: string } | { readonly problem: string } {
  if (!isPrintable(value)) return { problem: "a header value must be printable ASCII without line ends" };
  if (value.trim() !== value || value === "") return { problem: "a header value must not be empty or start or end with a blank" };
  if (place === "alone") return { text: value };
  if (place === "quoted") return { text: value.replaceAll("\\", "\\\\").replaceAll('"', '\\"') };
  const isRun = everyCode(value, (code) => !` ${delimiters}`.includes(String.fromCharCode(code)));
  return isRun
    ? { text: value }
    : { problem: "a value outside quotes must not hold a blank, a quote, a backslash, a comma or a semicolon" };
}

/** A template of kind `header`. */
export function compileHeader(parts: readonly Part[]): Result<Filler, TemplateError> {
  const places = placesOf(parts);
  if (!places.ok) return places;
  const literal = parts.map((part) => ("literal" in part ? part.literal : "x")).join("");
  if (!isPrintable(literal) || literal.trim() !== literal)
    return malformed(0, "a header template must be printable ASCII without blanks at its ends");
  if (parts.some((part) => "hole" in part) && readElements(literal) === undefined)
    return misplaced(0, "the text is not a field value");
  const holes = holesOf(parts);
  const marked = markedText(parts);
  return ok({
    fill: (values) => {
      const encoded: string[] = [];
      const decoded: string[] = [];
      for (const [index, { hole }] of holes.entries()) {
        const value = textValueOf(values, hole);
        if (!value.ok) return value;
        const result = encode(value.value, places.value[index] ?? "run");
        if ("problem" in result) return refused(hole, result.problem);
        encoded.push(result.text);
        decoded.push(value.value);
      }
      const filled = fillMarks(marked, encoded);
      return places.value.includes("alone") || isSameTree(marked, filled, decoded) ? ok(filled) : changed();
    },
  });
}

/** Whether the filled text has the elements of the template with each hole replaced by exactly its value. */
function isSameTree(marked: string, filled: string, decoded: readonly string[]): boolean {
  const template = readElements(marked);
  const actual = readElements(filled);
  if (template === undefined || actual === undefined || template.length !== actual.length) return false;
  return template.every(
    (element, index) => actual[index]?.kind === element.kind && actual[index]?.text === fillMarks(element.text, decoded),
  );
}
