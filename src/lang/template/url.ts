/**
 * Fills web addresses (RFC 3986 generic syntax, `http` and `https` only, absolute).
 * Pure. Never lets a value choose the scheme, credentials or port, add a path segment or a query parameter, or climb a path.
 */

import { err, ok, type Result } from "../../result.ts";
import { everyCode, isPathLookalike, isPlain, isPlainProse } from "./characters.ts";
import {
  changed,
  type FillError,
  type Filler,
  fillMarks,
  hasMark,
  holesOf,
  malformed,
  markedText,
  marksIn,
  misplaced,
  type Part,
  refused,
  soleMark,
  type TemplateError,
  textValueOf,
} from "./holes.ts";

/** An address taken apart; every text is still encoded, and may hold marks when a template is read. */
interface UrlTree {
  readonly scheme: string;
  readonly labels: readonly string[];
  readonly port: string | undefined;
  readonly segments: readonly string[];
  readonly query: readonly (readonly [string, string | undefined])[] | undefined;
  readonly fragment: string | undefined;
}

/** Where a hole may stand. */
type Place = "host" | "label" | "segment" | "query" | "fragment";

const unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
const pathChars = new Set(`${unreserved}!$&'()*+,;=:@%\u0001\u0002`);
const restChars = new Set(`${unreserved}!$&'()*+,;=:@%/?\u0001\u0002`);

/** Whether a text has only the given characters and every `%` starts an escape. */
function isMadeOf(text: string, chars: ReadonlySet<string>): boolean {
  for (const char of text) if (!chars.has(char)) return false;
  const escapes = text.split("%").slice(1);
  return escapes.every((digits) => digits.length >= 2 && isHex(digits[0] ?? "") && isHex(digits[1] ?? ""));
}

function isHex(char: string): boolean {
  return char !== "" && "0123456789ABCDEFabcdef".includes(char);
}

function isDigits(text: string): boolean {
  return text !== "" && everyCode(text, (code) => code >= 48 && code <= 57);
}

/** One label of a host name in lower case (RFC 1123 §2.1), no punycode. */
function isLabel(label: string): boolean {
  const isAscii = everyCode(label, (code) => (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code === 45);
  return (
    isAscii &&
    label.length >= 1 &&
    label.length <= 63 &&
    !label.startsWith("-") &&
    !label.endsWith("-") &&
    !label.startsWith("xn--")
  );
}

/** A dotted name whose last label is no number: what looks like a number may be read as an IPv4 address (WHATWG URL §3.5). */
function isHostName(labels: readonly string[]): boolean {
  const last = labels.at(-1) ?? "";
  const isNumeric = isDigits(last) || last.startsWith("0x");
  return labels.every(isLabel) && !isNumeric && labels.join(".").length <= 253;
}

/** Whether a segment, its escapes of dots undone and parameters cut, is one that servers take for "here" or "up". */
function isDotSegment(segment: string): boolean {
  const semicolon = segment.search(/;|%3b/i);
  const name = (semicolon < 0 ? segment : segment.slice(0, semicolon)).replace(/%2e/gi, ".").replace(/%20/g, " ");
  return name !== "" ? everyCode(name, (code) => code === 46 || code === 32) : semicolon >= 0;
}

function readQuery(text: string): UrlTree["query"] | undefined {
  return text.split("&").map((pair) => {
    const equals = pair.indexOf("=");
    return equals < 0 ? [pair, undefined] : [pair.slice(0, equals), pair.slice(equals + 1)];
  });
}

/** Reads an absolute address strictly; undefined for anything that readers could take apart in two ways. */
function readUrl(text: string): UrlTree | undefined {
  const scheme = ["https", "http"].find((name) => text.startsWith(`${name}://`));
  if (scheme === undefined) return undefined;
  const rest = text.slice(scheme.length + 3);
  const hash = rest.indexOf("#");
  const fragment = hash < 0 ? undefined : rest.slice(hash + 1);
  const beforeHash = hash < 0 ? rest : rest.slice(0, hash);
  const mark = beforeHash.indexOf("?");
  const query = mark < 0 ? undefined : beforeHash.slice(mark + 1);
  const hierarchy = mark < 0 ? beforeHash : beforeHash.slice(0, mark);
  const slash = hierarchy.indexOf("/");
  const authority = slash < 0 ? hierarchy : hierarchy.slice(0, slash);
  const path = slash < 0 ? "" : hierarchy.slice(slash + 1);
  const colon = authority.indexOf(":");
  const host = colon < 0 ? authority : authority.slice(0, colon);
  const port = colon < 0 ? undefined : authority.slice(colon + 1);
  // A query or fragment straight after the host is where readers disagree (`http://a.example?@b.example`).
  if (slash < 0 && (query !== undefined || fragment !== undefined)) return undefined;
  if (port !== undefined && !hasMark(port) && (!isDigits(port) || port.startsWith("0") || Number(port) > 65_535))
    return undefined;
  const segments = slash < 0 ? [] : path.split("/");
  const areSound = segments.every(
    (segment, at) => isMadeOf(segment, pathChars) && !isDotSegment(segment) && (segment !== "" || at === segments.length - 1),
  );
  if (
    !areSound ||
    (query !== undefined && !isMadeOf(query, restChars)) ||
    (fragment !== undefined && !isMadeOf(fragment, restChars))
  )
    return undefined;
  return { scheme, labels: host.split("."), port, segments, query: query === undefined ? undefined : readQuery(query), fragment };
}

/** The place of each hole, by its index; a hole that is nowhere allowed is missing. */
function placesOf(tree: UrlTree): ReadonlyMap<number, Place> {
  const places = new Map<number, Place>();
  const put = (text: string, place: Place): void => marksIn(text).forEach((mark) => void places.set(mark, place));
  for (const [at, label] of tree.labels.entries()) {
    // Not the last label: it decides who owns the name, and whether it is a number.
    if (soleMark(label) >= 0 && (tree.labels.length === 1 || at < tree.labels.length - 1))
      put(label, tree.labels.length === 1 ? "host" : "label");
  }
  for (const segment of tree.segments) put(segment, "segment");
  for (const [, value] of tree.query ?? []) put(value ?? "", "query");
  put(tree.fragment ?? "", "fragment");
  return places;
}

/** Percent-encodes all but the unreserved characters (RFC 3986 §2.3). */
function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function encodeHost(value: string, place: "host" | "label"): { readonly text: string } | { readonly problem: string } {
  if (place === "label")
    return isLabel(value) ? { text: value } : { problem: "the value must be one label of a host name, lower case, no punycode" };
  const labels = value.split(".");
  return labels.length >= 2 && isHostName(labels)
    ? { text: value }
    : { problem: "the value must be a host name of two labels or more, lower case, no punycode, no IP address" };
}

function encodeSegment(value: string): { readonly text: string } | { readonly problem: string } {
  const isClean = isPlain(value) && everyCode(value, (code) => code !== 47 && code !== 92 && !isPathLookalike(code));
  if (!isClean)
    return { problem: "a value in a path must not hold a slash, a backslash, a control character or a look-alike of them" };
  // SECURITY: a server that decodes twice would see what the escape hides.
  if (
    value
      .split("%")
      .slice(1)
      .some((digits) => isHex(digits[0] ?? "") && isHex(digits[1] ?? ""))
  )
    return { problem: "a value in a path must not hold a percent escape" };
  return { text: percentEncode(value) };
}

function encode(value: string, place: Place): { readonly text: string } | { readonly problem: string } {
  if (place === "host" || place === "label") return encodeHost(value, place);
  if (place === "segment") return encodeSegment(value);
  return isPlainProse(value)
    ? { text: percentEncode(value) }
    : { problem: "the value holds a control, bidirectional or invisible character" };
}

/** Every text of a tree in a fixed order, with markers for what is absent: two trees are the same if these are. */
function flatten(tree: UrlTree): readonly string[] {
  const query = tree.query?.flatMap(([key, value]) => [key, value === undefined ? "no" : `=${value}`]);
  return [
    tree.scheme,
    `labels ${tree.labels.length}`,
    ...tree.labels,
    tree.port ?? "no port",
    `segments ${tree.segments.length}`,
    ...tree.segments,
    `query ${query?.length ?? "no"}`,
    ...(query ?? []),
    tree.fragment === undefined ? "no fragment" : `#${tree.fragment}`,
  ];
}

function isSameTree(template: UrlTree, filled: string, encoded: readonly string[]): boolean {
  const actual = readUrl(filled);
  if (actual === undefined || !isHostName(actual.labels)) return false;
  const isWholeHost = template.labels.length === 1 && hasMark(template.labels[0] ?? "");
  // A whole-host hole brings its own dots; everything else has as many labels as the template.
  const expected = flatten(
    isWholeHost ? { ...template, labels: fillMarks(template.labels[0] ?? "", encoded).split(".") } : template,
  );
  const found = flatten(actual);
  return expected.length === found.length && expected.every((text, at) => fillMarks(text, encoded) === found[at]);
}

/** A template of kind `url`. Holes: path segments (whole or part), query values, the fragment, one whole label, the whole host. */
export function compileUrl(parts: readonly Part[]): Result<Filler, TemplateError> {
  const marked = markedText(parts);
  const tree = readUrl(marked);
  if (tree === undefined)
    return malformed(0, "the text must be an absolute http or https address without credentials, empty or dot segments");
  const places = placesOf(tree);
  const holes = holesOf(parts);
  const stray = holes.findIndex((_, index) => !places.has(index));
  if (stray >= 0)
    return misplaced(
      holes[stray]?.offset ?? 0,
      "a hole may stand in a path segment, a query value, the fragment, or be a whole host or label",
    );
  if (!isHostName(tree.labels.map((label) => (hasMark(label) ? "a" : label))))
    return malformed(0, "the host must be a lower-case name without punycode, not an IP address");
  return ok({
    fill: (values): Result<string, FillError> => {
      const encoded: string[] = [];
      for (const [index, { hole }] of holes.entries()) {
        const value = textValueOf(values, hole);
        if (!value.ok) return value;
        const result = encode(value.value, places.get(index) ?? "segment");
        if ("problem" in result) return refused(hole, result.problem);
        encoded.push(result.text);
      }
      for (const segment of tree.segments) {
        const text = fillMarks(segment, encoded);
        if (hasMark(segment) && (text === "" || isDotSegment(text)))
          return err({ code: "TEMPLATE_VALUE_REFUSED", message: "a path segment must not be empty or made of dots" });
      }
      const filled = fillMarks(marked, encoded);
      return isSameTree(tree, filled, encoded) ? ok(filled) : changed();
    },
  });
}
