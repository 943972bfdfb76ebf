/**
 * The host that a text names, read strictly.
 * Pure. Never guesses: what two URL parsers could read differently has no host.
 */

import ipaddr from "ipaddr.js";
import { err, ok, type Result } from "../../result.ts";
import { everyCode } from "../template/characters.ts";

/** What a URL or a bare host says about where it goes. */
export interface HostReading {
  /** Lower-case ASCII; IPv6 without brackets, in the form of RFC 5952; no trailing dot. */
  readonly host: string;
  readonly port?: number;
  /** Lower case, without the colon; absent for a bare host. */
  readonly scheme?: string;
  /** Present for an IP literal. `isPublic` only for globally routable unicast addresses. */
  readonly ip?: { readonly version: 4 | 6; readonly isPublic: boolean };
}

/** Why a text has no host. The message never holds the text. */
export interface HostError {
  readonly code: "HOST_REFUSED";
  readonly message: string;
}

/** Options of {@link readHost}. */
export interface HostOptions {
  /** Accept `xn--` labels (default false): what they show differs from what they say. */
  readonly punycode?: boolean;
}

/** UTF-16 units of a URL that is read. */
const urlCharsMax = 8_192;

function refuse(message: string): { readonly ok: false; readonly error: HostError } {
  return err({ code: "HOST_REFUSED", message });
}

/** `0`–`9`. */
export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** `A`–`Z`, `a`–`z`. */
export function isAsciiLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90);
}

function isDigits(text: string): boolean {
  return text !== "" && everyCode(text, isDigit);
}

/** A decimal octet without leading zeros: `010` is 8 to some readers and 10 to others. */
export function isOctet(text: string): boolean {
  return isDigits(text) && text.length <= 3 && (text === "0" || !text.startsWith("0")) && Number(text) <= 255;
}

/** One label of a host name (RFC 1123 §2.1). */
function isLabel(label: string, hasPunycode: boolean): boolean {
  const isAscii = everyCode(label, (code) => isDigit(code) || (code >= 97 && code <= 122) || code === 45);
  const isEdged = label.startsWith("-") || label.endsWith("-");
  return isAscii && label.length >= 1 && label.length <= 63 && !isEdged && (hasPunycode || !label.startsWith("xn--"));
}

function readIpv6(inner: string): Result<HostReading, HostError> {
  const isShaped = everyCode(
    inner,
    (code) => isDigit(code) || ((code | 32) >= 97 && (code | 32) <= 102) || code === 58 || code === 46,
  );
  if (!isShaped || !ipaddr.IPv6.isValid(inner)) return refuse("the IPv6 address is malformed");
  const address = ipaddr.IPv6.parse(inner);
  // An IPv4-mapped address is judged as the IPv4 address that it reaches.
  const range = address.isIPv4MappedAddress() ? address.toIPv4Address().range() : address.range();
  return ok({
    host: address.toRFC5952String(),
    ip: { version: 6, isPublic: range === "unicast" && !address.isIPv4MappedAddress() },
  });
}

/** A host without port: a name, a dotted quad, or an IPv6 address in brackets. */
function readBareHost(text: string, hasPunycode: boolean): Result<HostReading, HostError> {
  if (text.startsWith("[")) return text.endsWith("]") ? readIpv6(text.slice(1, -1)) : refuse("the IPv6 address is not closed");
  const lower = text.replace(/[A-Z]/g, (char) => char.toLowerCase());
  const host = lower.endsWith(".") ? lower.slice(0, -1) : lower;
  const labels = host.split(".");
  const last = labels.at(-1) ?? "";
  // A last label that is a number makes the whole an IPv4 address to WHATWG readers (URL §3.5), in odd notations too.
  if (isDigits(last) || last.startsWith("0x")) {
    if (labels.length !== 4 || !labels.every(isOctet))
      return refuse("a numeric host must be four decimal numbers without leading zeros");
    return ok({ host, ip: { version: 4, isPublic: ipaddr.IPv4.parse(host).range() === "unicast" } });
  }
  if (host.length > 253 || !labels.every((label) => isLabel(label, hasPunycode))) {
    return refuse("a host must be ASCII labels of letters, digits and hyphens, without punycode");
  }
  return ok({ host });
}

/** Takes a scheme off: `https://…`, or `//…`. `word:` without slashes is a port or refused. */
function splitScheme(text: string): Result<{ readonly scheme: string | undefined; readonly rest: string }, HostError> {
  if (text.startsWith("//")) return ok({ scheme: undefined, rest: text.slice(2) });
  const colon = text.indexOf("://");
  if (colon < 0) return ok({ scheme: undefined, rest: text });
  const scheme = text.slice(0, colon);
  const isScheme =
    isAsciiLetter(scheme.charCodeAt(0)) &&
    everyCode(scheme, (code) => isAsciiLetter(code) || isDigit(code) || code === 43 || code === 45 || code === 46);
  // In `a.example/?u=http://b.example` the first `://` belongs to the query.
  const isInside = scheme.includes("/") || scheme.includes("?") || scheme.includes("#");
  if (isInside) return ok({ scheme: undefined, rest: text });
  return isScheme ? ok({ scheme: scheme.toLowerCase(), rest: text.slice(colon + 3) }) : refuse("the scheme is malformed");
}

/**
 * Reads the host of a URL or of a bare host (`https://a.example:8443/x`, `//a.example/x`, `a.example/x`, `[::1]:80`). Refuses credentials, backslashes,
 * blanks, control and non-ASCII characters, escapes in the host, empty labels, punycode and odd notations of IPv4.
 */
export function readHost(text: string, options: HostOptions = {}): Result<HostReading, HostError> {
  if (text.length > urlCharsMax) return refuse(`a URL may have at most ${urlCharsMax} characters`);
  if (!everyCode(text, (code) => code > 32 && code < 127 && code !== 92))
    return refuse("a URL must be visible ASCII without backslashes");
  const split = splitScheme(text);
  if (!split.ok) return split;
  const { scheme, rest } = split.value;
  const end = rest.search(/[/?#]/);
  const authority = end < 0 ? rest : rest.slice(0, end);
  if (authority.includes("@")) return refuse("credentials before the host are not allowed");
  // Readers disagree where the host of `a.example?@b.example` and `a.example#@b.example` ends.
  if (end >= 0 && rest[end] !== "/" && rest.includes("@", end)) return refuse("an `@` behind a host without a path is ambiguous");
  const bracket = authority.lastIndexOf("]");
  const colon = authority.indexOf(":", bracket < 0 ? 0 : bracket);
  const port = colon < 0 ? undefined : authority.slice(colon + 1);
  if (port !== undefined && (!isDigits(port) || port.length > 5 || port.startsWith("0") || Number(port) > 65_535))
    return refuse("the port must be 1 to 65535");
  const host = readBareHost(colon < 0 ? authority : authority.slice(0, colon), options.punycode === true);
  if (!host.ok) return host;
  return ok({
    ...host.value,
    ...(port === undefined ? {} : { port: Number(port) }),
    ...(scheme === undefined ? {} : { scheme }),
  });
}

/** Whether a host, as {@link readHost} gives it, is one of the patterns: an exact host, or `*.suffix` for every name below the suffix. */
export function hostMatches(host: string, patterns: readonly string[]): boolean {
  if (host === "") return false;
  return patterns.some((pattern) => {
    const lower = pattern.toLowerCase();
    if (!lower.startsWith("*.")) return lower === host;
    const suffix = lower.slice(1);
    const isName = !host.includes(":") && !isDigits(host.slice(host.lastIndexOf(".") + 1));
    return suffix.length > 1 && !suffix.includes("*") && isName && host.endsWith(suffix) && host.length > suffix.length;
  });
}

/** Names that never leave a network (RFC 6761, RFC 6762, RFC 8375, RFC 9476). */
const localSuffixes = [
  ".localhost",
  ".local",
  ".localdomain",
  ".internal",
  ".intranet",
  ".lan",
  ".home.arpa",
  ".test",
  ".invalid",
  ".onion",
  ".alt",
];

/**
 * Whether a host may be on the public Internet: a public IP literal, or a name of two labels or more outside the reserved local
 * domains. A public name may still resolve to a private address; only the connection can tell.
 */
export function isPublic(reading: HostReading): boolean {
  if (reading.ip !== undefined) return reading.ip.isPublic;
  return reading.host.includes(".") && !localSuffixes.some((suffix) => reading.host.endsWith(suffix));
}
