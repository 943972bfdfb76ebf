/**
 * E-mail addresses, and lists of them and of domains.
 * Pure. Never accepts an address that mail programs could split, route or display as another one.
 */
import { compileHostList, type HostList, isDomain, isHostName, toLowerAscii } from "./domain.ts";

/** Longest e-mail address and local part (RFC 5321 §4.5.3.1). */
const emailCharsMax = 254;
const emailLocalMax = 64;

/** A dot-atom at a host name of two labels or more. No quoted local parts, comments, IP literals or non-ASCII letters. */
export function isEmail(text: string): boolean {
  const at = text.indexOf("@");
  if (at < 1 || at > emailLocalMax || text.length > emailCharsMax) return false;
  const domain = text.slice(at + 1);
  const isDotAtom = text
    .slice(0, at)
    .split(".")
    .every((atom) => /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+$/.test(atom));
  return isDotAtom && domain.includes(".") && isHostName(domain);
}

/** The two parts of an address; the domain in lower case, the local part as it is, which its own server alone may fold. */
export interface EmailReading {
  readonly local: string;
  readonly domain: string;
}

/**
 * Reads an address for a list. Narrower than {@link isEmail}: no `%` and `!`, by which old servers route on (`a%evil.example@ours.example`), no
 * characters of a shell, and no hyphen at the start, which `sendmail` takes for an option (CVE-2016-10033).
 */
export function readEmail(text: string): EmailReading | undefined {
  if (!isEmail(text)) return undefined;
  const at = text.indexOf("@");
  const local = text.slice(0, at);
  return /^[A-Za-z0-9_+'=][A-Za-z0-9_+'=.-]*$/.test(local) ? { local, domain: toLowerAscii(text.slice(at + 1)) } : undefined;
}

/** A compiled list of addresses and domains. */
export interface MailList {
  /** Whether a text is an address that is listed itself or whose domain is. */
  accepts(text: string): boolean;
}

/**
 * Compiles lists of exact addresses and of domains (`example.com`, `*.example.com` for what lies below it). An address passes if either list has
 * it. Returns the position of the first bad entry, of the addresses first.
 */
export function compileMailList(
  emails: readonly string[],
  domains: readonly string[],
): MailList | { readonly bad: number; readonly of: "emails" | "domains" } {
  const exact = new Set<string>();
  for (const [position, entry] of emails.entries()) {
    const email = readEmail(entry);
    if (email === undefined) return { bad: position, of: "emails" };
    exact.add(`${email.local}@${email.domain}`);
  }
  const list = compileDomainList(domains);
  if ("bad" in list) return { bad: list.bad, of: "domains" };
  return {
    accepts: (text) => {
      const email = readEmail(text);
      return email !== undefined && (exact.has(`${email.local}@${email.domain}`) || list.has(email.domain));
    },
  };
}

/** Compiles a list of domains: names of two labels or more, or `*.suffix`; no addresses and no ports. */
export function compileDomainList(domains: readonly string[]): HostList | { readonly bad: number } {
  const bad = domains.findIndex((entry) => {
    const name = entry.startsWith("*.") ? entry.slice(2) : entry;
    // A punycode domain may be listed: whoever writes it out means it.
    return !isDomain(name) && !(isHostName(name) && name.includes("."));
  });
  return bad < 0 ? compileHostList(domains) : { bad };
}

/** Whether a whole text is meant as an address: an `@` between two other characters and no blank inside. */
export function looksLikeEmail(text: string): boolean {
  const trimmed = text.trim();
  const bare = /<([^<>]*)>$/.exec(trimmed)?.[1] ?? trimmed.replace(/^mailto:/i, "");
  return /^\S[^\s@]*@\S+$/.test(bare);
}
