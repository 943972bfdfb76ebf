/**
 * Verifies a receipt: that a known issuer signed exactly this, for us, now, for this value.
 * Never takes an algorithm, a type or a key from the receipt itself, and never says more than which check failed.
 */
import { decodeProtectedHeader } from "jose/decode/protected_header";
import { compactVerify } from "jose/jws/compact/verify";
import type { Json } from "../json/value.ts";
import { receiptCharsMax, receiptSecondsMax, receiptSkewSecondsDefault } from "../limits.ts";
import type { Issuer } from "../policy/policy.ts";
import { err, ok, type Result } from "../result.ts";
import { verifyingKey } from "./key.ts";
import type { Terms } from "./translate.ts";
import { type Purpose, type Receipt, readReceipt, receiptType, valueDigest } from "./receipt.ts";

/** What may be wrong with a receipt. */
export type ReceiptFault =
  | "missing"
  | "malformed"
  | "unknown-issuer"
  | "forged"
  | "other-audience"
  | "other-purpose"
  | "other-value"
  | "other-request"
  | "expired"
  | "early"
  | "replayed"
  | "unavailable";

/** What came in. */
export interface Arrival {
  /** The compact JWS, if one came along. */
  readonly receipt: string | undefined;
  /** The value that it must be about: what the receiver goes on with, and nothing else. */
  readonly value: Json;
  readonly purpose: Purpose;
  /** The only issuer that may have signed, by its name in the policy. Default: any that the policy names. */
  readonly from?: string | undefined;
  /** Of a response: the id of the receipt that was sent with the request. */
  readonly replyTo?: string | undefined;
}

/** What is needed to judge a receipt. */
export interface VerifyOptions {
  readonly issuers: { readonly [name: string]: Issuer };
  /** The names that this Sluice goes by, and the thumbprint of its own key. */
  readonly audience: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly skewSeconds?: number;
}

/** A receipt that holds, if it was not used before. */
export interface Verified {
  readonly receipt: Receipt;
  /** The issuer's name in the policy. */
  readonly issuer: string;
  /** Thumbprint of its key. */
  readonly key: string;
  readonly terms: Terms;
}

/** Verifies all of a receipt but that it is used once. Never rejects. */
export async function verifyReceipt(arrival: Arrival, options: VerifyOptions): Promise<Result<Verified, ReceiptFault>> {
  const { receipt: jws } = arrival;
  if (jws === undefined) return err("missing");
  if (typeof jws !== "string" || jws.length > receiptCharsMax || !isCompact(jws)) return err("malformed");
  const signed = await verifySignature(jws, arrival, options.issuers);
  if (!signed.ok) return signed;
  const fault = faultOf(signed.value.receipt, arrival, options);
  return fault === undefined ? signed : err(fault);
}

/**
 * Three parts of base64url (RFC 4648 §5) without padding, whose unused bits are zero (§3.5): one text for one receipt, so that a changed
 * character is always another receipt.
 */
function isCompact(jws: string): boolean {
  const parts = jws.split(".");
  return (
    parts.length === 3 &&
    parts.every((part) => /^(?:[\w-]{4})*(?:[\w-][AQgw]|[\w-]{2}[AEIMQUYcgkosw048])?$/.test(part) && part !== "")
  );
}

/** The header of a receipt: these three members, and no other. */
function keyIdOf(jws: string): string | undefined {
  try {
    const { alg, typ, kid, ...others } = decodeProtectedHeader(jws);
    const isOurs = (alg === "EdDSA" || alg === "Ed25519") && typ === receiptType && Object.keys(others).length === 0;
    return isOurs && typeof kid === "string" ? kid : undefined;
  } catch {
    return undefined;
  }
}

async function verifySignature(
  jws: string,
  { from }: Arrival,
  issuers: VerifyOptions["issuers"],
): Promise<Result<Verified, ReceiptFault>> {
  const kid = keyIdOf(jws);
  if (kid === undefined) return err("malformed");
  for (const [issuer, terms] of Object.entries(issuers)) {
    if (!("key" in terms) || (from !== undefined && issuer !== from)) continue;
    try {
      const { id, key } = await verifyingKey(terms.key.x);
      if (id !== kid) continue;
      const { payload } = await compactVerify(jws, key, { algorithms: ["EdDSA", "Ed25519"] });
      const receipt = readReceipt(payload);
      return receipt === undefined ? err("malformed") : ok({ receipt, issuer, key: id, terms });
    } catch {
      return err("forged");
    }
  }
  return err("unknown-issuer");
}

/** What is wrong with a receipt whose signature is right, for what came with it, here and now. */
function faultOf(receipt: Receipt, arrival: Arrival, options: VerifyOptions): ReceiptFault | undefined {
  const { audience, purpose, issued, expires, digest, replyTo } = receipt;
  const skewMs = (options.skewSeconds ?? receiptSkewSecondsDefault) * 1_000;
  if (!options.audience.includes(audience)) return "other-audience";
  if (purpose !== arrival.purpose) return "other-purpose";
  if (replyTo !== arrival.replyTo) return "other-request";
  if (issued > options.now + skewMs) return "early";
  const isShort = expires > issued && expires - issued <= receiptSecondsMax * 1_000;
  if (!isShort || options.now > expires + skewMs) return "expired";
  return digest === valueDigest(arrival.value) ? undefined : "other-value";
}
