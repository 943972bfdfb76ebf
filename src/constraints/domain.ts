/**
 * Host names and domains, their lists, and IPv4 addresses in their one canonical form.
 * Pure. Never uses `URL`, which maps look-alikes, numbers and full-width letters to other names.
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

/** Whether a text is a domain: a host name of two labels or more, none of them punycode (RFC 3492), whose look differs from what it says. */
export function isDomain(text: string): boolean {
  return isHostName(text) && text.includes(".") && !hasPunycode(toLowerAscii(text));
}

/** Whether a lower-case name has a label that starts with `xn--`. */
export function hasPunycode(host: string): boolean {
  return host.startsWith("xn--") || host.includes(".xn--");
}

/** `A`–`Z` in lower case, and nothing else changed: `K` (Kelvin) stays what it is. */
export function toLowerAscii(text: string): string {
  return /[A-Z]/.test(text) ? text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : text;
}

/** A compiled list of hosts. */
export interface HostList {
  /** Whether a host in lower case, without a final dot, is in the list. `port` is that of the text, where it says one. */
  has(host: string, port?: number): boolean;
}

/**
 * Compiles a list of exact names (`api.example.com`, `10.0.0.1`), names with the one port that is meant (`api.example.com:8443`) and
 * suffixes (`*.example.com`: one or more labels before it, not the name itself). A punycode label is accepted only where the list
 * spells it. Returns the position of the first bad entry.
 */
export function compileHostList(entries: readonly string[]): HostList | { readonly bad: number } {
  const exact = new Set<string>();
  const suffixes = new Set<string>();
  for (const [position, entry] of entries.entries()) {
    const isSuffix = entry.startsWith("*.");
    const [, name = "", port] = /^(?:\*\.)?(.*?)(:[1-9]\d{0,4})?$/.exec(entry) ?? [];
    if (port !== undefined && Number(port.slice(1)) > 65_535) return { bad: position };
    // An IPv6 address is listed as it is compared: without brackets, in the form of RFC 5952.
    const isIpv6 = !isSuffix && /^[0-9a-f:]+$/.test(entry) && entry.includes("::");
    if (!isIpv6 && !isHostName(name) && (isSuffix || !isIpv4(name))) return { bad: position };
    (isSuffix ? suffixes : exact).add(isIpv6 ? entry : toLowerAscii(name) + (port ?? ""));
  }
  const isIn = (names: ReadonlySet<string>, name: string, port: number | undefined): boolean =>
    names.has(name) || (port !== undefined && names.has(`${name}:${port}`));
  return {
    has: (host, port) => {
      if (isIn(exact, host, port)) return true;
      if (suffixes.size === 0 || isIpv4(host) || host.includes(":")) return false;
      for (let dot = host.indexOf("."); dot !== -1; dot = host.indexOf(".", dot + 1)) {
        if (dot > 0 && isIn(suffixes, host.slice(dot + 1), port)) return !hasPunycode(host.slice(0, dot));
      }
      return false;
    },
  };
}
