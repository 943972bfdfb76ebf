/**
 * Lists of hosts that the host of a URL or bare host must be in, and the shapes of host names and IPv4 addresses.
 * Never uses `URL`, which maps look-alikes, numbers and backslashes to hosts. Pure. No I/O, no clock.
 */
import { readHost } from "../host.ts";

/** Longest host name (RFC 1035 §2.3.4, without the final dot). */
const hostCharsMax = 253;
const label = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
const hostName = new RegExp(`^(?:${label}\\.)*${label}$`);
const ipv4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)$/;

/** Whether a text is an IPv4 address in its one canonical form: four decimal numbers without leading zeros. */
export function isIpv4(text: string): boolean {
  return text.length <= 15 && ipv4.test(text);
}

/**
 * Whether a text is a host name (RFC 1123 §2.1) in lower or upper case, without a final dot, whose last label is not a number: `127.1`,
 * `0x7f.1` and `2130706433` are addresses to a browser, so they are no names here.
 */
export function isHostName(text: string): boolean {
  if (text.length > hostCharsMax || text.length === 0) return false;
  const lower = toLowerAscii(text);
  const last = lower.slice(lower.lastIndexOf(".") + 1);
  return hostName.test(lower) && !/^(?:\d+|0x[0-9a-f]*)$/.test(last);
}

/**
 * The host of an absolute `http` or `https` URL, or of a bare host, in lower case; `undefined` for anything else. Stricter than the
 * reader that it uses: a bare host has no port or path, and IPv6 and a final dot are refused.
 */
function hostOf(text: string): string | undefined {
  const reading = readHost(text, { punycode: true });
  if (!reading.ok) return undefined;
  const { host, scheme } = reading.value;
  if (scheme === undefined) return toLowerAscii(text) === host ? host : undefined;
  if (scheme !== "http" && scheme !== "https") return undefined;
  const rest = text.slice(scheme.length + 3);
  const isAsWritten = toLowerAscii(rest.slice(0, host.length)) === host && ":/?#".includes(rest[host.length] ?? "/");
  return isAsWritten ? host : undefined;
}

function toLowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** A compiled list of hosts. */
export interface HostList {
  /** Whether the text is an absolute http(s) URL or a bare host, and its host is in the list. */
  accepts(text: string): boolean;
}

/**
 * Compiles a list of exact names (`api.example.com`, `10.0.0.1`) and suffixes (`*.example.com`: one or more labels before it, not the
 * name itself). A punycode label (`xn--…`) is accepted only where the list spells it. Returns the position of the first bad entry.
 */
export function compileHosts(entries: readonly string[]): HostList | { readonly bad: number } {
  const exact = new Set<string>();
  const suffixes = new Set<string>();
  for (const [position, entry] of entries.entries()) {
    const isSuffix = entry.startsWith("*.");
    const name = isSuffix ? entry.slice(2) : entry;
    if (!isHostName(name) && (isSuffix || !isIpv4(name))) return { bad: position };
    (isSuffix ? suffixes : exact).add(toLowerAscii(name));
  }
  return {
    accepts: (text) => {
      const host = hostOf(text);
      if (host === undefined) return false;
      if (exact.has(host)) return true;
      if (isIpv4(host)) return false;
      for (let dot = host.indexOf("."); dot !== -1; dot = host.indexOf(".", dot + 1)) {
        if (suffixes.has(host.slice(dot + 1))) return !/(?:^|\.)xn--/.test(host.slice(0, dot));
      }
      return false;
    },
  };
}
