/**
 * How secrets of ours are written: a prefix by which scanners of repositories know them, an id, 256 random bits, and a checksum.
 * Pure. Never compares a secret: whoever has a text of this form has only spelled it right.
 */
import type { Random } from "../ports.ts";

/** A secret, taken apart. */
export interface CredentialText {
  /** Its public part, 11 letters and digits: what a record is found by. */
  readonly id: string;
  /** The whole text: what a digest is made of. */
  readonly text: string;
}

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** 62^11 is the first power above 2^64, which is enough to be nobody else's: the id is no secret. */
const idLength = 11;
/** 62^43 is the first power above 2^256. */
const secretLength = 43;
const checkLength = 6;

/** Makes a secret with a prefix such as `sluice_pat_`: `[0-9A-Za-z]{60}` follow it. */
export function mintCredential(prefix: string, random: Random): CredentialText {
  const id = base62(random(8), idLength);
  const body = `${prefix}${id}${base62(random(32), secretLength)}`;
  return { id, text: `${body}${checksumOf(body)}` };
}

/** Takes a text apart; `undefined`: it is none of these, or was mistyped. */
export function readCredential(prefix: string, text: string): CredentialText | undefined {
  if (!text.startsWith(prefix) || !/^[0-9A-Za-z]{60}$/.test(text.slice(prefix.length))) return undefined;
  const body = text.slice(0, -checkLength);
  return checksumOf(body) === text.slice(-checkLength)
    ? { id: text.slice(prefix.length, prefix.length + idLength), text }
    : undefined;
}

function base62(bytes: Uint8Array, length: number): string {
  let number = 0n;
  for (const byte of bytes) number = (number << 8n) | BigInt(byte);
  let text = "";
  for (let at = 0; at < length; at++) {
    text = digits.charAt(Number(number % 62n)) + text;
    number /= 62n;
  }
  return text;
}

/** CRC-32 (ISO 3309) in six digits, as scanners of secrets check those of code hosts: a mistyped text never asks the store. */
function checksumOf(text: string): string {
  let crc = 0xffff_ffff;
  for (let at = 0; at < text.length; at++) {
    crc ^= text.charCodeAt(at);
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb8_8320 : 0);
  }
  const value = ~crc >>> 0;
  return base62(new Uint8Array([value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]), checkLength);
}
