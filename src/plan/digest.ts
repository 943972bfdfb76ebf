/**
 * SHA-256 and HMAC-SHA-256 of text, and digests that say what they are a digest of.
 * Pure. Never reaches for a runtime's own cryptography, so that every runtime gives the same bytes.
 */
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";

const hexDigits = "0123456789abcdef";
const hexPairs = Array.from({ length: 256 }, (_, byte) => hexDigits.charAt(byte >> 4) + hexDigits.charAt(byte & 15));

/** SHA-256 (FIPS 180-4) of the UTF-8 form of `text`, as 64 lower-case hexadecimal digits. */
export function sha256Hex(text: string): string {
  return hexOf(sha256(utf8(text)));
}

/** SHA-256 (FIPS 180-4) of bytes: 32 bytes. */
export function sha256Bytes(bytes: Uint8Array): Uint8Array {
  return sha256(bytes);
}

/**
 * HMAC-SHA-256 (RFC 2104) of the UTF-8 form of `text`: 32 bytes.
 * @param key - any bytes, or text that stands for its UTF-8 form.
 */
export function hmacSha256(key: Uint8Array | string, text: string): Uint8Array {
  return hmac(sha256, typeof key === "string" ? utf8(key) : key, utf8(text));
}

/**
 * SHA-256 over `sluice/<domain>/v1`, a line feed and `text`, as `sha256:` and 64 hexadecimal digits. The first line keeps the
 * digest of one kind of thing from being taken for that of another.
 * @example domainDigest("plan", canonicalJson(value))
 */
export function domainDigest(domain: string, text: string): string {
  return `sha256:${sha256Hex(domainText(domain, text))}`;
}

/** What {@link domainDigest} hashes. */
export function domainText(domain: string, text: string): string {
  return `sluice/${domain}/v1\n${text}`;
}

/** Lower-case hexadecimal digits of bytes. */
export function hexOf(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i++) text += hexPairs[bytes[i] ?? 0];
  return text;
}

/**
 * UTF-8 bytes of a text (The Unicode Standard, table 3-6). A lone surrogate becomes U+FFFD, as TextEncoder has it: the readers
 * refuse such text before it gets here. Written here because the core's library of types has no TextEncoder.
 */
export function utf8(text: string): Uint8Array {
  const units = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0x80) return utf8Wide(text);
    units[i] = unit;
  }
  return units;
}

function utf8Wide(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 3);
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    let point = text.charCodeAt(i);
    if (point < 0x80) {
      bytes[at++] = point;
      continue;
    }
    if (point >= 0xd800 && point <= 0xdfff) {
      const whole = text.codePointAt(i) ?? 0;
      point = whole > 0xffff ? whole : 0xfffd;
      if (whole > 0xffff) i++;
    }
    if (point < 0x800) {
      bytes[at++] = 0xc0 | (point >> 6);
    } else {
      if (point < 0x10000) {
        bytes[at++] = 0xe0 | (point >> 12);
      } else {
        bytes[at++] = 0xf0 | (point >> 18);
        bytes[at++] = 0x80 | ((point >> 12) & 63);
      }
      bytes[at++] = 0x80 | ((point >> 6) & 63);
    }
    bytes[at++] = 0x80 | (point & 63);
  }
  return bytes.subarray(0, at);
}
