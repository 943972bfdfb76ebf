/**
 * Signs a frozen plan and verifies its signature: a compact JWS (RFC 7515) over the digest, Ed25519 (RFC 8037).
 * Asynchronous, no clock: the time is given. Never takes an algorithm, a type or a key from the signature itself.
 */
import type { JWK } from "jose";
import { decodeProtectedHeader } from "jose/decode/protected_header";
import { calculateJwkThumbprint } from "jose/jwk/thumbprint";
import { CompactSign } from "jose/jws/compact/sign";
import { compactVerify } from "jose/jws/compact/verify";
import { importJWK } from "jose/key/import";
import { readDateTime } from "../lang/date.ts";
import { err, ok, type Result } from "../result.ts";
import { utf8 } from "./digest.ts";
import type { Finding } from "./finding.ts";
import type { FrozenPlan } from "./plan.ts";
import { withSignature } from "./signature.ts";

/** A key as JSON Web Key (RFC 7517), `kty` `OKP` and `crv` `Ed25519`; with `d` a private one. */
export type SigningKey = JWK;

/** Keys as a JWK set (RFC 7517 §5). */
export interface KeySet {
  readonly keys: readonly JWK[];
}

/** The type in the header, so that no other JWS of the same key passes for a plan's signature (RFC 8725 §3.11). */
const type = "sluice-plan+jws";

/** A verified signature. */
export interface Signer {
  /** Thumbprint of the key (RFC 7638), as in the header's `kid`. */
  readonly keyId: string;
}

/** Signs the plan's digest. Error: `CONFIG_INVALID` if the key is no private Ed25519 key. The result is frozen; the plan's digest stays. */
export async function signPlan(frozen: FrozenPlan, privateKey: SigningKey): Promise<Result<FrozenPlan, readonly Finding[]>> {
  if (!isEd25519(privateKey) || typeof privateKey.d !== "string") return err([invalidKey]);
  try {
    const keyId = await thumbprintOf(privateKey.x);
    const key = await importJWK({ kty: "OKP", crv: "Ed25519", x: privateKey.x, d: privateKey.d } as JWK, "EdDSA");
    const jws = await new CompactSign(utf8(frozen.digest)).setProtectedHeader({ alg: "EdDSA", typ: type, kid: keyId }).sign(key);
    return ok(withSignature(frozen, jws));
  } catch {
    return err([invalidKey]);
  }
}

/**
 * Verifies that one of the keys signed this plan's digest. Errors: `PLAN_SIGNATURE_INVALID` (no signature, no such key, another algorithm
 * or type, a `crit` header, another digest, or bytes that do not verify) and `PLAN_EXPIRED` (after the plan's `notAfter`).
 * @param options - `now`: milliseconds since the epoch.
 */
export async function verifyPlan(
  frozen: FrozenPlan,
  publicKeys: SigningKey | KeySet,
  options: { readonly now: number },
): Promise<Result<Signer, readonly Finding[]>> {
  if (frozen.signature === undefined) return err([invalid("the plan is not signed")]);
  const end = frozen.plan.notAfter === undefined ? undefined : readDateTime(frozen.plan.notAfter);
  if (frozen.plan.notAfter !== undefined && (end === undefined || options.now > end)) return err([expired]);
  const keys = isKeySet(publicKeys) ? publicKeys.keys : [publicKeys];
  try {
    const header = decodeProtectedHeader(frozen.signature);
    if (header.typ !== type || header.crit !== undefined || header.b64 !== undefined)
      return err([invalid("it is no plan's signature")]);
    if (header.alg !== "EdDSA" && header.alg !== "Ed25519") return err([invalid("its algorithm is not Ed25519")]);
    for (const jwk of keys) {
      if (!isEd25519(jwk)) continue;
      const keyId = await thumbprintOf(jwk.x);
      if (header.kid !== keyId) continue;
      const key = await importJWK({ kty: "OKP", crv: "Ed25519", x: jwk.x } as JWK, "EdDSA");
      const { payload } = await compactVerify(frozen.signature, key, { algorithms: ["EdDSA", "Ed25519"] });
      return isSame(payload, utf8(frozen.digest)) ? ok({ keyId }) : err([invalid("it is the signature of another plan")]);
    }
    return err([invalid("none of the given keys made it")]);
  } catch {
    return err([invalid("it does not verify")]);
  }
}

function isKeySet(keys: SigningKey | KeySet): keys is KeySet {
  return Array.isArray((keys as { readonly keys?: unknown }).keys);
}

function isEd25519(key: JWK): key is JWK & { readonly x: string } {
  return key.kty === "OKP" && key.crv === "Ed25519" && typeof key.x === "string";
}

/** Thumbprint of a public Ed25519 key (RFC 7638), by its `x`. */
export async function thumbprintOf(x: string): Promise<string> {
  return calculateJwkThumbprint({ kty: "OKP", crv: "Ed25519", x } as JWK, "sha256");
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

const invalidKey: Finding = {
  code: "CONFIG_INVALID",
  severity: "error",
  pointer: "",
  message: "expected a private Ed25519 key as JWK, with `kty` `OKP`, `crv` `Ed25519`, `x` and `d`",
};
const expired: Finding = { code: "PLAN_EXPIRED", severity: "error", pointer: "/plan/notAfter", message: "the plan has expired" };

function invalid(why: string): Finding {
  return {
    code: "PLAN_SIGNATURE_INVALID",
    severity: "error",
    pointer: "/signature",
    message: `the signature is not accepted: ${why}`,
  };
}
