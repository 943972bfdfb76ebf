/**
 * The links that a renderer might make of a text, found generously.
 * Pure. Never leaves one out because it is malformed: a link without a readable host is reported with host "".
 */

import { extractCharsMax } from "../../limits.ts";
import { everyCode } from "../template/characters.ts";
import { fold } from "./fold.ts";
import { isAsciiLetter, isDigit, isOctet, readHost } from "./read.ts";

/** A link found in text. `host` is "" where the link has none that can be read strictly: it matches no pattern. */
export interface Link {
  readonly text: string;
  readonly host: string;
}

/** UTF-16 units of a link's text that is reported. */
const linkCharsMax = 200;
/** Distinct links that are reported. A text with more gets one without a host, so that it is refused where links are. */
const linksMax = 1_000;

/** Last labels that are file extensions and no top-level domains: `report.txt` is no link to any renderer. */
const fileExtensions: ReadonlySet<string> = new Set(
  (
    "txt pdf doc docx xls xlsx ppt pptx odt ods csv tsv json jsonl xml html htm css js jsx tsx mjs cjs png jpg jpeg gif svg bmp ico webp wav avi mkv exe dll bat log yaml yml toml " +
    "ini cfg conf tar gz tgz bz rar iso db sql sqlite bak tmp ipynb java cpp hpp php rb kt lua env lock ics eml msg rtf tex bib wasm vue"
  ).split(" "),
);
/** Schemes that lead somewhere or run something without `//` behind them. `mailto:` is left out: an e-mail address is no link. */
const bareSchemes: ReadonlySet<string> = new Set(
  "javascript vbscript data blob file http https ftp ws wss tel sms callto skype magnet intent about facetime".split(" "),
);
/** Characters of a host in the generous sense: those of ASCII names and everything else that is no punctuation and no blank. */
function isHostish(code: number): boolean {
  if (code < 128) return isDigit(code) || isAsciiLetter(code) || code === 45 || code === 46 || code === 95;
  return (
    code >= 0xaa &&
    code !== 0xab &&
    code !== 0xbb &&
    code !== 0xbf &&
    !(code >= 0x2000 && code <= 0x206f) &&
    !(code >= 0x2190 && code <= 0x21ff) &&
    !(code >= 0x3000 && code <= 0x303f) &&
    !(code >= 0xfe10 && code <= 0xff65)
  );
}

function skip(text: string, from: number, isMember: (code: number) => boolean): number {
  let at = from;
  while (at < text.length && isMember(text.charCodeAt(at))) at += 1;
  return at;
}

const authorityEnds = "/?#<>\"'`()[]{}|,;^* \t\n\r";
/** Characters that every renderer keeps inside the path of an address. */
function isPathish(code: number): boolean {
  return isDigit(code) || isAsciiLetter(code) || "/._~%?#=&+@!$-".includes(String.fromCharCode(code));
}

function hostOf(text: string): string {
  const read = readHost(text);
  return read.ok ? read.value.host : "";
}

/** What a scan found: the links, and where to go on. */
interface Scan {
  readonly links: readonly Link[];
  readonly next: number;
}

function link(text: string, host: string): Link {
  return { text: text.slice(0, linkCharsMax), host };
}

/** Slashes at `at`: `scheme://host`, `scheme:/host`, `//host`. Skips the path of an address whose host is certain. */
function scanSlashes(text: string, at: number): Scan {
  const start = skip(text, at, (code) => code === 47);
  const hasScheme = text[at - 1] === ":" && isAsciiLetter(text.charCodeAt(at - 2)) && isHostish(text.charCodeAt(at - 3));
  if (start - at < 2 && !hasScheme) return { links: [], next: start };
  const isIpv6 = text[start] === "[";
  let end = start + (isIpv6 ? 1 : 0);
  while (end < text.length && !authorityEnds.includes(text[end] ?? "")) end += 1;
  if (isIpv6 && text[end] === "]") end = skip(text, end + 1, (code) => code === 58 || isDigit(code));
  let stop = end;
  while (stop > start && ".:!_~-".includes(text[stop - 1] ?? "")) stop -= 1;
  const isFollowed = "/?#".includes(text[end] ?? " ");
  // Punctuation at the very end belongs to the sentence; before a path it belongs to a host that nobody can read.
  const authority = text.slice(start, isFollowed ? end : stop);
  const isOdd = authority === "" && text[at - 1] === ":" && (text.charCodeAt(start) || 32) > 32;
  if (authority === "") return { links: isOdd ? [link(text.slice(at, end), "")] : [], next: Math.max(end, start) };
  const host = hostOf(`//${authority}`);
  const isPath = host !== "" && isFollowed;
  return { links: [link(text.slice(at, end), host)], next: isPath ? skip(text, end, isPathish) : end };
}

/** Whether a dotted run could be a host name to a linkifier: a last label that could be a top-level domain, or four numbers. */
function isDomainish(run: string): boolean {
  const labels = run.split(".");
  const last = labels.at(-1)?.toLowerCase() ?? "";
  if (labels.length === 4 && labels.every(isOctet)) return true;
  if (labels.length < 2 || last === "") return false;
  if (!everyCode(last, (code) => code < 128)) return true;
  if (last.startsWith("xn--")) return true;
  return (
    last.length >= 2 && everyCode(last, isAsciiLetter) && (run.toLowerCase().startsWith("www.") || !fileExtensions.has(last))
  );
}

/** A name without dots, hyphens and underscores at its ends. */
function trimName(run: string): string {
  let start = 0;
  let end = run.length;
  while (start < end && ".-_".includes(run[start] ?? "")) start += 1;
  while (end > start && ".-_".includes(run[end - 1] ?? "")) end -= 1;
  return run.slice(start, end);
}

/** A run of host characters at `at`: bare domains in it, a scheme that needs no slashes, `localhost` with a port. */
function scanRun(text: string, at: number): Scan {
  const end = skip(text, at, isHostish);
  const run = text.slice(at, end);
  const after = text[end] ?? "";
  const beyond = text[end + 1] ?? " ";
  const isMailName = after === "@" && isDomainish(trimName(text.slice(end + 1, skip(text, end + 1, isHostish))));
  // With a path or a port behind it the address is a URL with credentials to some renderers.
  const isMore =
    ("/?#".includes(after || " ") && isPathish(beyond.charCodeAt(0))) || (after === ":" && isDigit(beyond.charCodeAt(0)));
  const local = text.charCodeAt(at - 2);
  const isMailHost = text[at - 1] === "@" && local < 128 && (isHostish(local) || local === 43) && !isMore;
  if (isMailName || isMailHost) return { links: [], next: end };
  const isPort = after === ":" && isDigit(beyond.charCodeAt(0));
  const word = run.toLowerCase();
  const isWeb = ["http", "https", "ftp", "ws", "wss"].includes(word);
  const isScheme =
    after === ":" &&
    !" \t\n\r".includes(beyond) &&
    (bareSchemes.has(word) || word.startsWith("ms-")) &&
    !(isWeb && beyond === "/");
  const links: Link[] = isScheme ? [link(`${run}:`, "")] : isPort && word === "localhost" ? [link(`${run}:`, word)] : [];
  // `well...then` is an ellipsis between words.
  const names = run.split("..").map(trimName);
  return { links: [...links, ...names.filter(isDomainish).map((name) => link(name, hostOf(name)))], next: end };
}

/** A stretch without the characters that make an address, `[low, high)`, so that targets in it are not read again and again. */
interface Quiet {
  low: number;
  high: number;
}

/** Where the target of a definition ends, and that of a link or attribute, in which URL readers drop tabs and line ends. */
const definitionStops = " \t\n\r<>\"')";
const targetStops = " <>\"')";
const addressChars = ".:/%&";

/**
 * The target of a Markdown link or definition, or of an HTML attribute, that starts behind `at`. Left to the other scans if it
 * has slashes before its host. A place inside the page and an e-mail address are no links.
 */
function scanTarget(text: string, at: number, options: { readonly stops: string; readonly quiet: Quiet }): readonly Link[] {
  const { stops, quiet } = options;
  const start = skip(text, at, (code) => code <= 32 || code === 60 || code === 34 || code === 39);
  const isKnown = start >= quiet.low && start <= quiet.high;
  let first = isKnown ? quiet.high : start;
  while (first < text.length && !addressChars.includes(text[first] ?? "") && !stops.includes(text[first] ?? "")) first += 1;
  quiet.low = isKnown ? quiet.low : start;
  quiet.high = first;
  if (!addressChars.includes(text[first] ?? " ")) return [];
  let end = Math.min(first, start + linkCharsMax);
  while (end - start < linkCharsMax && end < text.length && !stops.includes(text[end] ?? "")) end += 1;
  const target = text.slice(start, end).replace(/[\t\n\r]/g, "");
  const slashes = target.indexOf("//");
  const isSeen = slashes === 0 || (slashes > 0 && target.indexOf(":") === slashes - 1);
  const isLocal = target.startsWith("#") || target.toLowerCase().startsWith("mailto:");
  return isSeen || isLocal ? [] : [link(target, hostOf(target))];
}

const attributes = ["href", "src", "action", "srcset", "data", "poster", "url"];

/** Whether the `=` or `(` at `at` follows an attribute that holds an address, or CSS's `url`. */
function opensTarget(text: string, at: number): boolean {
  const before = text
    .slice(Math.max(0, at - 8), at)
    .trimEnd()
    .toLowerCase();
  return attributes.some((name) => before.endsWith(name) && (text[at] === "=" || name === "url"));
}

/** The links in one reading of a text. */
function scanText(text: string, found: Map<string, Link>): void {
  const add = (links: readonly Link[]): void => {
    for (const each of links) found.set(`${each.host} ${each.text}`, each);
  };
  const quiet: Quiet = { low: 0, high: -1 };
  for (let at = 0; at < text.length && found.size <= linksMax; ) {
    const char = text[at] ?? "";
    const isLink = char === "]" && text[at + 1] === "(";
    if (isLink || (char === "]" && text[at + 1] === ":"))
      add(scanTarget(text, at + 2, { stops: isLink ? targetStops : definitionStops, quiet }));
    else if ((char === "=" || char === "(") && opensTarget(text, at))
      add(scanTarget(text, at + 1, { stops: targetStops, quiet }));
    if (char === "/") {
      const scan = scanSlashes(text, at);
      add(scan.links);
      at = Math.max(scan.next, at + 1);
    } else if (isHostish(text.charCodeAt(at))) {
      const scan = scanRun(text, at);
      add(scan.links);
      at = scan.next;
    } else at += 1;
  }
}

/**
 * Everything in a text that some renderer might turn into a link: any `scheme://`, `//host`, `www.`, bare domains, Markdown and
 * HTML targets, schemes that run something. Over-reports; e-mail addresses are left out. A text that is too long is one link without host.
 */
export function linksIn(text: string): readonly Link[] {
  if (text.length > extractCharsMax) return [{ text: "", host: "" }];
  const found = new Map<string, Link>();
  const folded = fold(text);
  scanText(folded, found);
  // SECURITY: what folds to a slash may be an ordinary character of a longer host to a reader that does not fold.
  if (folded !== text) scanText(text, found);
  if (found.size > linksMax) found.set("", { text: "", host: "" });
  return [...found.values()];
}
