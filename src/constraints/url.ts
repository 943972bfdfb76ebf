/**
 * Where a URL or a host leads, for lists of hosts and schemes; the WHATWG reading, decided by our own check of characters first.
 * Pure. Never accepts what two readers of URLs could take for different places, and never resolves a name.
 */
import { type HostReading, isPublic, readHost } from "../lang/host/read.ts";
import { everyCode } from "../lang/template/characters.ts";
import { err, ok, type Result } from "../result.ts";
import { type HostList, hasPunycode } from "./domain.ts";

/** A URL taken apart. */
export interface UrlReading extends HostReading {
  readonly scheme: string;
  /** With its first slash, as written. */
  readonly path: string;
}

/** Why a text is no URL that is accepted. The message never holds the text. */
export interface UrlError {
  readonly code: "URL_REFUSED";
  readonly message: string;
}

/** Schemes that are accepted unless a constraint lists its own. */
export const webSchemes: readonly string[] = ["https", "http"];
/** Schemes of a target that `hosts` judges: those whose host is what a connection is made to. */
const hostSchemes: ReadonlySet<string> = new Set(["https", "http", "wss", "ws"]);

/** Names that anybody can register or use and that answer with private addresses. */
const rebindingSuffixes =
  "nip.io sslip.io xip.io localtest.me lvh.me vcap.me lacolhost.com yoogle.com rbndr.us 1u.ms local.gd".split(" ");
/** Addresses in public ranges that clouds answer to their own machines (Azure's wire server). */
const metadataHosts: ReadonlySet<string> = new Set(["168.63.129.16"]);

function refuse(message: string): { readonly ok: false; readonly error: UrlError } {
  return err({ code: "URL_REFUSED", message });
}

/**
 * Whether a host may be on the public Internet: no private, loopback, link-local, carrier, documentation, mapped, 6to4 or Teredo address, no
 * address that clouds use for metadata, no reserved or single-label name. A public name may still resolve to a private address.
 */
export function isPublicHost(reading: HostReading): boolean {
  const { host, ip } = reading;
  if (!isPublic(reading) || metadataHosts.has(host)) return false;
  // Of IPv6 only 2000::/3 is handed out (IANA); the ranges above it embed IPv4 addresses or are reserved.
  if (ip?.version === 6) return /^[23][0-9a-f]{3}:/.test(host);
  return ip !== undefined || !rebindingSuffixes.some((suffix) => host === suffix || host.endsWith(`.${suffix}`));
}

/** Whether every character is one that all readers of URLs keep as it is (RFC 3986 §2), and every `%` starts an escape. */
function isPlainUrl(text: string): boolean {
  return (
    everyCode(text, (code) => code > 32 && code < 127 && !`"<>\\^\`{|}`.includes(String.fromCharCode(code))) &&
    !/%(?![0-9A-Fa-f]{2})/.test(text)
  );
}

/** Whether a path climbs or hides a separator: dot segments in any spelling, with path parameters cut, and escapes of escapes. */
function climbs(path: string): boolean {
  const once = path.replace(/%2e/gi, ".").replace(/%2f|%5c/gi, "/");
  return (
    once.split("/").some((segment) => /^\.\.?(?:;|%3b|$)/i.test(segment)) ||
    /%25(?:2e|2f|5c|00)/i.test(path) ||
    /%(?:0d|0a|7f|c0|c1)/i.test(path)
  );
}

/**
 * Reads an absolute URL of one of the schemes. Refuses credentials, backslashes, blanks, control and non-ASCII characters, a final dot, odd
 * notations of addresses, dot segments in any spelling and escaped control characters.
 */
export function readUrl(text: string, options: { readonly schemes?: readonly string[] } = {}): Result<UrlReading, UrlError> {
  if (!isPlainUrl(text) || /%00/.test(text)) return refuse("a URL is visible ASCII with well-formed escapes");
  const read = readHost(text, { punycode: true });
  if (!read.ok) return refuse(read.error.message);
  const { scheme } = read.value;
  if (scheme === undefined || !(options.schemes ?? webSchemes).includes(scheme))
    return refuse("the scheme is not one of those allowed");
  const rest = text.slice(scheme.length + 3);
  const end = rest.search(/[/?#]/);
  const authority = end < 0 ? rest : rest.slice(0, end);
  if (isDotted(authority)) return refuse("a host must not end with a dot");
  const path = (end < 0 ? "" : rest.slice(end)).split(/[?#]/)[0] ?? "";
  return climbs(path)
    ? refuse("the path must not hold dot segments or escaped control characters")
    : ok({ ...read.value, scheme, path });
}

/** Whether the host of an authority ends with a dot: resolvers drop it, certificates and lists of hosts do not. */
function isDotted(authority: string): boolean {
  return /\.(?::\d*)?$/.test(authority);
}

/** Whether a URL is one that a plan may let through without naming its host: public, and not punycode. */
export function isOpenUrl(text: string, schemes: readonly string[] | undefined): boolean {
  const read = readUrl(text, schemes === undefined ? {} : { schemes });
  return read.ok && isPublicHost(read.value) && !hasPunycode(read.value.host);
}

/**
 * Whether a text is a URL, or a bare host with or without port and path, whose host is in the list. Refuses what {@link readUrl} refuses before
 * the path, `//host`, and schemes that are not of the web.
 */
export function leadsTo(text: string, hosts: HostList): boolean {
  const read = readHost(text, { punycode: true });
  if (!read.ok || text.startsWith("//")) return false;
  const { host, port, scheme } = read.value;
  if (scheme !== undefined && !hostSchemes.has(scheme)) return false;
  const rest = scheme === undefined ? text : text.slice(scheme.length + 3);
  const end = rest.search(/[/?#]/);
  return !isDotted(end < 0 ? rest : rest.slice(0, end)) && hosts.has(host, port);
}

/** Whether a whole text is meant as a URL by some reader: a scheme or slashes at its start, in the spellings that browsers accept. */
export function looksLikeUrl(text: string): boolean {
  const bare = text.replace(/[\u0000-\u0020\u007f-\u00a0\u00ad\u200b-\u200f\u2028-\u202f\u2060-\u2064\ufeff]/g, "");
  if (/\s/.test(text.trim()) && !/^[a-z][a-z0-9+.-]*:/i.test(bare)) return false;
  return (
    /^(?:[a-z][a-z0-9+.-]*:[/\\]|[/\\]{2}|(?:javascript|data|vbscript|file|blob|jar|gopher|dict):)/i.test(bare) ||
    /^https?:/i.test(bare)
  );
}
