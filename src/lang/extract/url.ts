/**
 * Web addresses in free text, with or without a scheme; the value is what the text says.
 * Pure. Never yields a host that is not ASCII, or an address that an invisible character was hidden in.
 */

import {
  type Attempt,
  codeAt,
  isAlphanumeric,
  isAsciiLetter,
  isDigit,
  isInvisible,
  isLetter,
  isWordCode,
  type Scanner,
  skipWhile,
  standsAt,
  textOf,
  type Window,
} from "./window.ts";

/** Top-level domains under which a bare `name.tld` counts without `www.` and without a path. Longer lists turn file names into addresses. */
const bareDomains: ReadonlySet<string> = new Set([
  "com",
  "org",
  "net",
  "edu",
  "gov",
  "mil",
  "int",
  "info",
  "biz",
  "io",
  "dev",
  "app",
  "ai",
  "co",
  "example",
]);
const schemes = ["https://", "http://", "ftp://"];
/** Characters of a host name (RFC 1035 §2.3.4). */
const hostCharsMax = 253;

const code = (char: string): number => char.charCodeAt(0);
const trailing: ReadonlySet<number> = new Set([..."?!.,:;*_~'"].map(code));
const terminators: ReadonlySet<number> = new Set([...'<>"`\\^|{}'].map(code));

function isHostCode(value: number): boolean {
  return isAlphanumeric(value) || value === 45 || value === 46;
}

/** The scheme that stands at `index`, in any case, or "". */
function schemeAt(window: Window, index: number): string {
  const first = codeAt(window, index) | 32;
  if (first !== 104 && first !== 102) return "";
  const here = textOf(window, index, Math.min(index + 8, window.high)).toLowerCase();
  return schemes.find((scheme) => here.startsWith(scheme)) ?? "";
}

/** The end of the rest of an address: a blank, a terminator, a closing bracket that was not opened in it, or other punctuation. */
function readRest(window: Window, index: number, isQuotedBySingle: boolean): number {
  let round = 0;
  let square = 0;
  let at = index;
  for (; at < window.high; at++) {
    const value = codeAt(window, at);
    if (value <= 32 || value === 127 || terminators.has(value)) break;
    if (value > 127 && !isLetter(value)) break;
    if (value === 39 && isQuotedBySingle) break;
    if (value === 40) round += 1;
    else if (value === 91) square += 1;
    else if (value === 41 && --round < 0) break;
    else if (value === 93 && --square < 0) break;
  }
  return at;
}

/** Trailing punctuation and brackets left open by the cut (`https://a.example/x(`) are not part of an address. */
function trimEnd(window: Window, start: number, end: number): number {
  const isOutside = (value: number): boolean => trailing.has(value) || value === 40 || value === 91;
  let at = end;
  while (at > start && isOutside(codeAt(window, at - 1))) at -= 1;
  return at;
}

/** Whether a dotted name is a host: labels of 1 to 63, no hyphen at an edge, an alphabetic last label of two or more. */
function isHostName(host: string): boolean {
  if (host.length > hostCharsMax) return false;
  const labels = host.split(".");
  const last = labels.at(-1) ?? "";
  if (labels.length < 2 || last.length < 2) return false;
  for (let i = 0; i < last.length; i++) if (!isAsciiLetter(last.charCodeAt(i))) return false;
  return labels.every((label) => label.length >= 1 && label.length <= 63 && !label.startsWith("-") && !label.endsWith("-"));
}

function isDottedQuad(host: string): boolean {
  const parts = host.split(".");
  return (
    parts.length === 4 &&
    parts.every(
      (part) => part.length >= 1 && part.length <= 3 && [...part].every((char) => isDigit(code(char))) && Number(part) < 256,
    )
  );
}

/** Whether the host may stand alone: with a scheme any host, else a dotted name with `www.`, with a path or under a common domain. */
function isPlausible(host: string, hasScheme: boolean, hasPath: boolean): boolean {
  const name = host.toLowerCase();
  if (hasScheme) return isHostName(name) || isDottedQuad(name) || name === "localhost";
  return isHostName(name) && (name.startsWith("www.") || hasPath || bareDomains.has(name.slice(name.lastIndexOf(".") + 1)));
}

/** Tries an address at `index`, which must not be glued to a word, a dot, an `@` or a slash. */
export const scanUrl: Scanner = (window, index): Attempt => {
  if (!isAlphanumeric(codeAt(window, index))) return index + 1;
  const before = codeAt(window, index - 1);
  const scheme = schemeAt(window, index);
  const hostStart = index + scheme.length;
  const hostEnd = skipWhile(window, hostStart, isHostCode);
  const isGlued =
    isWordCode(before) ||
    isInvisible(before) ||
    before === 45 ||
    (scheme === "" && (before === 46 || before === 64 || before === 47 || before === 92));
  const after = codeAt(window, hostEnd);
  const isBroken = isGlued || after === 64 || isInvisible(after) || isWordCode(after);
  if (isBroken) return Math.max(hostEnd, index + 1);
  const portEnd = after === 58 ? skipWhile(window, hostEnd + 1, isDigit) : hostEnd;
  const hasPort = portEnd > hostEnd + 1;
  const restStart = hasPort ? portEnd : hostEnd;
  const next = codeAt(window, restStart);
  if (next === 64 || (hasPort && isWordCode(next))) return restStart;
  const hasPath = next === 47 || next === 63 || next === 35;
  const bareEnd = hasPath ? restStart : trimEnd(window, index, restStart);
  // The host is judged before the rest is read, so that what is no address is not read to its end again and again.
  const host = textOf(window, hostStart, Math.min(hostEnd, bareEnd));
  if (!isPlausible(host, scheme !== "", next === 47)) return Math.max(hostEnd, index + 1);
  const end = hasPath ? trimEnd(window, index, readRest(window, restStart, before === 39)) : bareEnd;
  const isOpen = isInvisible(codeAt(window, end)) || standsAt(window, end, "://");
  return isOpen ? end : { value: textOf(window, index, end), start: index, end };
};
