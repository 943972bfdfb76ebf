/**
 * Reads the host of an absolute http(s) URL or of a bare host, strictly, and compares it with a list of names.
 * Never uses `URL`, which maps look-alikes, numbers and backslashes to hosts. Pure. No I/O, no clock.
 */

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
 * The host of an absolute `http` or `https` URL, or of a bare host, in lower case; `undefined` for anything else. Refused: user names
 * and passwords, IPv6, a final dot, characters outside RFC 3986 (blanks, backslashes, controls, non-ASCII), ports that are not numbers.
 */
export function readHost(text: string): string | undefined {
  const scheme = /^https?:\/\//i.exec(text.slice(0, 8))?.[0];
  if (scheme === undefined) return hostOf(text);
  const rest = text.slice(scheme.length);
  const end = rest.search(/[/?#]/);
  const authority = end === -1 ? rest : rest.slice(0, end);
  if (end !== -1 && !hasOnlyUrlCharacters(rest.slice(end))) return undefined;
  const colon = authority.indexOf(":");
  if (colon !== -1 && !isPort(authority.slice(colon + 1))) return undefined;
  return hostOf(colon === -1 ? authority : authority.slice(0, colon));
}

function hostOf(text: string): string | undefined {
  return isIpv4(text) || isHostName(text) ? toLowerAscii(text) : undefined;
}

function isPort(text: string): boolean {
  return /^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65_535;
}

/** Characters that RFC 3986 allows after the authority. Linear: one class, no alternatives. */
function hasOnlyUrlCharacters(text: string): boolean {
  return /^[A-Za-z0-9\-._~!$&'()*+,;=:@/?#%[\]]*$/.test(text) && !/%(?![0-9A-Fa-f]{2})/.test(text);
}

function toLowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** A compiled list of hosts. */
export interface HostList {
  /** Whether the text is a URL or bare host (see {@link readHost}) whose host is in the list. */
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
      const host = readHost(text);
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
