/**
 * The keys of receipts: Ed25519 (RFC 8037) as JSON Web Keys, imported once.
 * Never keeps a private key anywhere but in the object that was made of it.
 */
import type { CryptoKey, JWK } from "jose";
import { importJWK } from "jose/key/import";
import { type SigningKey, thumbprintOf } from "../plan/sign.ts";
import { ConfigError } from "../result.ts";

/** A key that signs receipts. */
export interface ReceiptKey {
  /** Thumbprint (RFC 7638) of the public key. */
  readonly id: () => Promise<string>;
  /** The private key, for the one who signs. */
  readonly signer: () => Promise<CryptoKey>;
}

/** Takes a private Ed25519 key. Throws `ConfigError` if it is none. */
export function receiptKey(jwk: SigningKey): ReceiptKey {
  const { kty, crv, x, d } = jwk;
  if (kty !== "OKP" || crv !== "Ed25519" || typeof x !== "string" || typeof d !== "string")
    throw new ConfigError(
      "the key of receipts must be a private Ed25519 key as JWK, with `kty` `OKP`, `crv` `Ed25519`, `x` and `d`",
    );
  let id: Promise<string> | undefined;
  let signer: Promise<CryptoKey> | undefined;
  return {
    id: () => (id ??= thumbprintOf(x)),
    signer: () => (signer ??= imported({ kty, crv, x, d })),
  };
}

/** A public key and its thumbprint. */
export interface VerifyingKey {
  readonly id: string;
  readonly key: CryptoKey;
}

const known = new Map<string, Promise<VerifyingKey>>();

/** Public keys that are kept imported: more than any policy names. */
const knownMax = 1_000;

/** The public key with this `x`. Rejects if it is no point of the curve. */
export function verifyingKey(x: string): Promise<VerifyingKey> {
  let found = known.get(x);
  if (found === undefined) {
    if (known.size >= knownMax) known.clear();
    found = verifying(x);
    known.set(x, found);
  }
  return found;
}

async function verifying(x: string): Promise<VerifyingKey> {
  return { id: await thumbprintOf(x), key: await imported({ kty: "OKP", crv: "Ed25519", x }) };
}

async function imported(jwk: JWK): Promise<CryptoKey> {
  return (await importJWK(jwk, "EdDSA")) as CryptoKey;
}
