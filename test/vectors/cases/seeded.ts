/**
 * Data that looks random and is the same in every run: SHA-256 in counter mode. And the keys that sign the vectors.
 * Never a secret: whoever reads this file has the private keys.
 */
import { createHash, createPrivateKey } from "node:crypto";
import type { SigningKey } from "../../../src/plan/sign.ts";

/** A source of such data. */
export interface Seeded {
  /** An integer from 0 to `below - 1`; `below` at most 2^32. */
  below(below: number): number;
  bytes(count: number): Uint8Array;
  /** Each element with a chance of one half, in order. */
  some<T>(list: readonly T[]): readonly T[];
}

/** The source of this name. */
export function seeded(name: string): Seeded {
  let counter = 0;
  const bytes = (count: number): Uint8Array => createHash("sha512").update(`${name}/${counter++}`).digest().subarray(0, count);
  const below = (limit: number): number => new DataView(Uint8Array.from(bytes(4)).buffer).getUint32(0) % limit;
  return { below, bytes, some: (list) => list.filter(() => below(2) === 1) };
}

/** The private key of this name. */
export function keyOf(name: string): SigningKey & { readonly x: string; readonly d: string } {
  const seed = createHash("sha256").update(`sluice vectors: ${name}`).digest();
  // RFC 8410 §7: the prefix of a PKCS #8 key of Ed25519.
  const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]);
  const { x, d } = createPrivateKey({ key: der, format: "der", type: "pkcs8" }).export({ format: "jwk" });
  return { kty: "OKP", crv: "Ed25519", x: x as string, d: d as string };
}

/** Its public half. */
export function publicOf({ x }: { readonly x: string }): { readonly kty: "OKP"; readonly crv: "Ed25519"; readonly x: string } {
  return { kty: "OKP", crv: "Ed25519", x };
}
