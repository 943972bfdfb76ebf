/**
 * Digests that stand for values in recordings: equal values stay equal, and nobody without the key can try values out.
 * Pure. Never keeps a value; a digest says of what kind the value was, and nothing more.
 */
import { canonicalJson } from "../json/canonical.ts";
import { hexOf, hmacSha256 } from "../plan/digest.ts";

/** A value that is no list and no object. */
export type Scalar = string | number | bigint | boolean;

/** Kinds of values: a text, an integer, another number, a boolean, and the name of a member. */
export type DigestKind = "s" | "i" | "n" | "b" | "k";

/** Makes what stands for values, under one key. */
export interface Digester {
  /** `sluice:d:KIND:` and 32 hexadecimal digits of HMAC-SHA-256 (RFC 2104): the same for equal values. */
  digest(value: Scalar, kind?: DigestKind): string;
  /** `sluice:r:KIND:` and 32 digits of a count: never the same twice, so that nothing can be told from it. */
  redact(value: Scalar, kind?: DigestKind): string;
}

/** What stands for a value, wherever it stands in a text. */
const tokenPattern = /sluice:([dr]):([sinbk]):[0-9a-f]{32}/;
/** 128 bits: no two values of a recording meet by chance. */
const digestBytes = 16;

/** Makes digests under a key of at least 16 bytes. */
export function createDigester(key: Uint8Array): Digester {
  let redacted = 0;
  const of = (text: string): string => hexOf(hmacSha256(key, text).subarray(0, digestBytes));
  return {
    digest: (value, kind = kindOf(value)) => `sluice:d:${kind}:${of(`digest/${kind}\n${canonicalJson(value)}`)}`,
    redact: (value, kind = kindOf(value)) => `sluice:r:${kind}:${of(`redact/${++redacted}`)}`,
  };
}

/** The kind of a value. Numbers that are whole are integers, however they were written. */
export function kindOf(value: Scalar): DigestKind {
  if (typeof value === "string") return "s";
  if (typeof value === "boolean") return "b";
  return typeof value === "bigint" || Number.isInteger(value) ? "i" : "n";
}

/** The kind of the value that a text stands for as a whole; `undefined` for any other text. */
export function standsFor(text: string): DigestKind | undefined {
  const [whole, , kind] = tokenPattern.exec(text) ?? [];
  return whole === text ? (kind as DigestKind) : undefined;
}

/** All that stands for values in a text, each once, in order. */
export function standInsOf(text: string): readonly string[] {
  if (!text.includes("sluice:")) return [];
  return [...new Set([...text.matchAll(new RegExp(tokenPattern, "g"))].map(([token]) => token))];
}
