/**
 * A text as the most generous renderer sees it, so that a link cannot hide in references, escapes or look-alike characters.
 * Pure. Made for finding links only: what it returns is never forwarded or compared with a plan's values.
 */

import { isControl, isHidden } from "../template/characters.ts";
import { isAsciiLetter, isDigit } from "./read.ts";

const entities: Readonly<Record<string, string>> = {
  period: ".",
  sol: "/",
  colon: ":",
  bsol: "\\",
  commat: "@",
  tab: "",
  newline: "",
  amp: "&",
  lpar: "(",
  lbrack: "[",
  rsqb: "]",
  num: "#",
};
/** Characters of a character reference that is looked at: `&#x0000002e;`. */
const entityCharsMax = 12;

/** The character reference at `at` (HTML §13.2.5.72), and its end. */
function readEntity(text: string, at: number): { readonly char: string; readonly end: number } | undefined {
  let end = at + 1;
  while (
    end - at <= entityCharsMax &&
    (isDigit(text.charCodeAt(end)) || isAsciiLetter(text.charCodeAt(end)) || text[end] === "#")
  )
    end += 1;
  const body = text.slice(at + 1, end).toLowerCase();
  const next = text[end] === ";" ? end + 1 : end;
  if (!body.startsWith("#"))
    return Object.hasOwn(entities, body) && next > end ? { char: entities[body] ?? "", end: next } : undefined;
  const code = body.startsWith("#x") ? Number.parseInt(body.slice(2), 16) : Number.parseInt(body.slice(1), 10);
  if (!Number.isInteger(code) || code <= 0 || code >= 0xd800) return undefined;
  // A tab or line end written as a reference is part of an address, where URL readers drop it.
  return { char: code <= 32 && code !== 32 ? "" : String.fromCharCode(code), end: next };
}

/** Folds one character to what IDNA and renderers make of it: full-width ASCII, dots and slashes of other scripts; invisible ones vanish. */
function foldCode(code: number, isBetweenAscii: boolean): string {
  if (isHidden(code) || (isControl(code) && code !== 9 && code !== 10 && code !== 13)) return "";
  if (code >= 0xff01 && code <= 0xff5e) return foldCode(code - 0xfee0, true);
  if ((code === 0x3002 || code === 0xff61) && isBetweenAscii) return ".";
  if (code === 0x2044 || code === 0x2215 || code === 0x29f8 || code === 0x2571) return "/";
  return code === 92 ? "/" : String.fromCodePoint(code);
}

function isAsciiWord(char: string | undefined): boolean {
  const code = char?.charCodeAt(0) ?? 0;
  return isDigit(code) || isAsciiLetter(code) || (code >= 0xff10 && code <= 0xff5a);
}

/** The text as the most generous renderer sees it: references decoded, escapes and invisible characters gone, backslashes as slashes. */
export function fold(text: string): string {
  let decoded = "";
  for (let at = 0; at < text.length; ) {
    const entity = text[at] === "&" ? readEntity(text, at) : undefined;
    decoded += entity?.char ?? text[at] ?? "";
    at = entity?.end ?? at + 1;
  }
  let folded = "";
  for (let at = 0; at < decoded.length; ) {
    const code = decoded.codePointAt(at) ?? 0;
    const width = code > 0xffff ? 2 : 1;
    // A backslash before punctuation is a Markdown escape; any other one is a slash to URL readers.
    const isEscape = code === 92 && ".:-_@[]()!*#&".includes(decoded[at + 1] ?? " ");
    if (!isEscape) folded += foldCode(code, isAsciiWord(decoded[at - 1]) && isAsciiWord(decoded[at + 1]));
    at += width;
  }
  return folded;
}
