/**
 * Things that stand in a task without a blank inside: e-mails, addresses of the web, IP addresses, paths, identifiers; and phone numbers.
 * Pure. Never backtracks: runs without blanks are looked at one by one, by scans that are linear in the run.
 */
import type { Mention } from "./mention.ts";
import type { Token } from "./tokens.ts";

/** A run of characters without a blank, without the marks around it. */
interface Chunk {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Characters of a run that are looked at; longer ones are no address and no name. */
const chunkMax = 2_048;

const opening = new Set("\"'`(<[{“‘«„,;:");
const closing = new Set("\"'`)>]}”’».,;:!?…");

function chunksOf(task: string): readonly Chunk[] {
  const chunks: Chunk[] = [];
  for (const match of task.matchAll(/[^\s"“”`<>|]+/g)) {
    let [start, end] = [match.index, match.index + match[0].length];
    while (start < end && opening.has(task.charAt(start))) start += 1;
    while (end > start && closing.has(task.charAt(end - 1))) end -= 1;
    if (end > start && end - start <= chunkMax) chunks.push({ text: task.slice(start, end), start, end });
  }
  return chunks;
}

/** The mentions that are one run of characters. */
export function chunkMentions(task: string): readonly Mention[] {
  const found: Mention[] = [];
  for (const chunk of chunksOf(task)) {
    for (const part of partsOf(chunk)) {
      const kind = kindOf(part.text);
      if (kind !== undefined) found.push({ kind, start: part.start, end: part.end });
    }
  }
  return found;
}

/** Commas and semicolons separate things inside a run, unless it is an address of the web. */
function partsOf(chunk: Chunk): readonly Chunk[] {
  const possessive = /['’]s$/.exec(chunk.text);
  const whole = possessive === null ? chunk : { ...chunk, text: chunk.text.slice(0, -2), end: chunk.end - 2 };
  if (whole.text.includes("://") || !/[,;]/.test(whole.text)) return [whole];
  const parts: Chunk[] = [];
  for (const match of whole.text.matchAll(/[^,;]+/g)) {
    const start = whole.start + match.index;
    parts.push({ text: match[0], start, end: start + match[0].length });
  }
  return parts;
}

function kindOf(text: string): Mention["kind"] | undefined {
  if (isEmail(text)) return "email";
  if (isAddress(text)) return "ip";
  if (isUrl(text)) return "url";
  if (isPath(text)) return "path";
  return isIdentifier(text) ? "identifier" : undefined;
}

/** One `@` with a name before it and a host with a dot behind it (a subset of RFC 5322 §3.4.1 addr-spec). */
export function isEmail(text: string): boolean {
  const at = text.indexOf("@");
  if (at < 1 || at !== text.lastIndexOf("@")) return false;
  return /^[\p{L}\p{N}._%+!#$&'*/=?^{|}~-]+$/u.test(text.slice(0, at)) && isHost(text.slice(at + 1));
}

/** Labels of letters, digits and hyphens between dots; the last is of two letters or more (RFC 1123 §2.1). */
export function isHost(text: string): boolean {
  if (text.length > 253) return false;
  const labels = text.split(".");
  const last = labels.at(-1) ?? "";
  return labels.length >= 2 && labels.every((label) => /^[\p{L}\p{N}-]{1,63}$/u.test(label)) && /^\p{L}{2,24}$/u.test(last);
}

/** Top-level domains that a host without `www.` or a scheme is known by; `readme.md` is a file. */
const domains = new Set(
  "com org net edu gov mil int io ai app dev co us uk de fr eu ca au jp cn in br ru info biz xyz tv online site shop tech cloud store news blog ly gg".split(
    " ",
  ),
);

/** An address of the web: with a scheme, with `www.`, or a host with a common ending. */
export function isUrl(text: string): boolean {
  const scheme = /^(?:https?|ftps?|wss?|sftp|file|s3|gs):\/\//i.exec(text);
  if (scheme !== null) return text.length > scheme[0].length;
  const [host = ""] = text.split(/[/?#:]/, 1);
  if (!isHost(host)) return false;
  return /^www\./i.test(host) || domains.has((host.split(".").at(-1) ?? "").toLowerCase());
}

/** An IPv4 address in four numbers, with or without a prefix length, or an IPv6 address (RFC 4291 §2.2, roughly). */
export function isAddress(text: string): boolean {
  const [address = "", prefix, ...rest] = text.split("/");
  if (rest.length > 0 || (prefix !== undefined && !/^\d{1,3}$/.test(prefix))) return false;
  if (/^\d{1,3}(?:\.\d{1,3}){3}$/.test(address)) return address.split(".").every((part) => Number(part) <= 255);
  if (!/^[0-9a-f:]{2,39}$/i.test(address)) return false;
  const groups = address.split(":");
  return (
    groups.length >= 3 &&
    groups.length <= 8 &&
    (groups.length === 8 || address.includes("::")) &&
    groups.every((group) => group.length <= 4)
  );
}

/** A path: from a root, a drive, a home or a folder, or a name with a file's ending. */
export function isPath(text: string): boolean {
  if (/^(?:~|\.{1,2})?[/\\][^/\\]/.test(text) || /^[a-z]:[/\\]/i.test(text)) return /[\p{L}\p{N}]/u.test(text);
  const name = text.slice(Math.max(text.lastIndexOf("/"), text.lastIndexOf("\\")) + 1);
  const dot = name.lastIndexOf(".");
  if (dot < 1 || name.length > 255) return false;
  return endings.has(name.slice(dot + 1).toLowerCase());
}

const endings = new Set(
  "txt md pdf doc docx odt rtf csv tsv xls xlsx ods ppt pptx json jsonl xml yaml yml toml ini cfg conf log html htm css js mjs ts tsx jsx py rb go rs java c h cpp hpp cs php sh bat ps1 sql db sqlite parquet zip tar gz tgz bz2 7z rar png jpg jpeg gif svg webp bmp tiff ico mp3 wav flac ogg mp4 mov avi mkv webm exe dll iso apk ipynb pem key crt env lock bak tex bib epub ics eml vcf dwg stl obj psd ai eps woff ttf".split(
    " ",
  ),
);

/** A name for one thing: letters mixed with digits, `#` or `_`, capital letters with hyphens and digits, a UUID, a long number. */
export function isIdentifier(text: string): boolean {
  if (text.length < 2 || text.length > 128 || !/^[#@]?[\p{L}\p{N}](?:[\p{L}\p{N}_.:/#-]*[\p{L}\p{N}])?$/u.test(text))
    return false;
  const hasDigit = /\d/.test(text);
  const hasLetter = /\p{L}/u.test(text);
  if (/^[#@]/.test(text)) return true;
  if (/^\d{5,}$/.test(text)) return true;
  if (text.includes("_") && hasLetter) return true;
  if (/[a-z][A-Z]/.test(text)) return true;
  if (!hasDigit || !hasLetter) return hasDigit && /^\d+(?:-\d+)+$/.test(text) && text.length >= 6;
  // Numbers with a unit, an ordinal's or a time's ending are none.
  return !/^\$?[\d.,:]+(?:st|nd|rd|th|am|pm|k|m|mm|cm|km|g|kg|mg|lb|lbs|oz|ml|l|s|h|hr|hrs|min|mins|x|d|p|px|f|c|ft|in|mph|kmh|gb|mb|tb|kb|hz|mhz|ghz|usd|eur|bn|yo|s)?$/i.test(
    text,
  );
}

/** Phone numbers: runs of 7 to 15 digits (ITU-T E.164 §6) with blanks, hyphens, dots and brackets between, and a shape that is a phone's. */
export function phoneMentions(tokens: readonly Token[]): readonly Mention[] {
  const found: Mention[] = [];
  let at = 0;
  while (at < tokens.length) {
    const end = phoneEnd(tokens, at);
    const [first, last] = [tokens[at], tokens[(end ?? 0) - 1]];
    if (end !== undefined && first !== undefined && last !== undefined) {
      found.push({ kind: "phone", start: first.start, end: last.end });
      at = end;
    } else at += 1;
  }
  return found;
}

const phoneTokensMax = 16;

function phoneEnd(tokens: readonly Token[], at: number): number | undefined {
  const first = tokens[at];
  if (first === undefined || !(first.text === "+" || first.text === "(" || first.kind === "digits")) return undefined;
  const before = tokens[at - 1];
  if (first.isGlued && before !== undefined && (before.kind !== "mark" || "-./#$€£".includes(before.text))) return undefined;
  let digits = 0;
  let groups = 0;
  let end: number | undefined;
  for (let here = at; here < Math.min(tokens.length, at + phoneTokensMax); here += 1) {
    const token = tokens[here];
    if (token?.kind === "digits") {
      digits += token.text.length;
      groups += 1;
      if (digits > 15) return undefined;
      end = here + 1;
    } else if (token?.kind !== "mark" || !"+()-.".includes(token.text) || (token.text === "+" && here > at)) break;
  }
  const behind = end === undefined ? undefined : tokens[end];
  if (end === undefined || (behind?.isGlued === true && behind.kind !== "mark")) return undefined;
  const hasPlus = first.text === "+";
  // Dates and ranges have short groups; a phone has a last group of three or more behind others, or a plus.
  const isShaped = hasPlus ? digits >= 7 : groups >= 2 && groups <= 5 && digits >= 7 && (tokens[end - 1]?.text.length ?? 0) >= 3;
  return isShaped && !isYearFirst(tokens, at) ? end : undefined;
}

/** `2024-05-…` is a date. */
function isYearFirst(tokens: readonly Token[], at: number): boolean {
  const first = tokens[at];
  return first?.kind === "digits" && /^(?:19|20)\d\d$/.test(first.text);
}
