/**
 * The named formats of text that a constraint may ask for, each with an upper bound on how many texts have it where there is one.
 * Never guesses: a text has a format or it does not, in linear time. Pure. No I/O, no clock.
 */
import { isDomain, isHostName, isIpv4 } from "../../constraints/domain.ts";
import { isEmail } from "../../constraints/email.ts";
import { isIban } from "../../constraints/iban.ts";
import { readPath } from "../../constraints/path.ts";
import { isOpenUrl } from "../../constraints/url.ts";
import { isDate, isDateTime } from "../date.ts";

/** A format: its test, and log2 of how many texts pass it (rounded up) if they are few enough to count. */
export interface Format {
  readonly test: (text: string) => boolean;
  readonly bits: number | undefined;
}

/** An absolute URI (RFC 3986 §3): a scheme, then at least one character, all from the URI alphabet, escapes well formed. */
function isUri(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9\-._~!$&'()*+,;=:@/?#%[\]]+$/.test(text) && !/%(?![0-9A-Fa-f]{2})/.test(text);
}

/** IPv6 (RFC 4291 §2.2) without a zone: eight groups, or fewer with one `::`; the last two may be an IPv4 address. */
function isIpv6(text: string): boolean {
  if (text.length > 45) return false;
  const halves = text.split("::");
  if (halves.length > 2) return false;
  const groups = halves.map((half) => (half === "" ? [] : half.split(":")));
  const last = groups.at(-1)?.at(-1);
  const hasIpv4 = last !== undefined && isIpv4(last);
  if (hasIpv4) groups.at(-1)?.splice(-1, 1, "0", "0");
  const count = groups.reduce((total, half) => total + half.length, 0);
  return (halves.length === 2 ? count <= 7 : count === 8) && groups.flat().every((group) => /^[0-9A-Fa-f]{1,4}$/.test(group));
}

/**
 * Formats by name. `hostname` and `ipv4` are as in the host lists; `iban` is the electronic form with a right checksum; `url` is an absolute web
 * address of a public host, `path` and `domain` what every system reads alike.
 */
export const formats: ReadonlyMap<string, Format> = new Map<string, Format>([
  // 10,000 years of 365.2425 days.
  ["date", { test: isDate, bits: 21.81 }],
  ["date-time", { test: isDateTime, bits: undefined }],
  ["email", { test: isEmail, bits: undefined }],
  ["uri", { test: isUri, bits: undefined }],
  ["iban", { test: isIban, bits: undefined }],
  ["ipv4", { test: isIpv4, bits: 32 }],
  ["ipv6", { test: isIpv6, bits: undefined }],
  [
    "uuid",
    {
      test: (text) => text.length === 36 && /^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/.test(text),
      bits: undefined,
    },
  ],
  ["hostname", { test: isHostName, bits: undefined }],
  ["domain", { test: isDomain, bits: undefined }],
  ["path", { test: (text) => readPath(text).ok, bits: undefined }],
  // Where `hosts` or `schemes` stand beside it, they say which are meant (`match/place.ts`).
  ["url", { test: (text) => isOpenUrl(text, undefined), bits: undefined }],
]);
