/**
 * Signed tokens of an authorisation server (RFC 7519, RFC 9068, by the advice of RFC 8725): what one claims, if it is for us and now.
 * The only reading of such tokens: OAuth of the MCP gateway and sign-on of the dashboard both use it. Never says what was wrong with one.
 */
import { createLocalJWKSet } from "jose/jwks/local";
import { compactVerify } from "jose/jws/compact/verify";
import { readJsonBytes } from "../../json/read.ts";
import { isArray, isObject, type Json, type JsonObject, member } from "../../json/value.ts";
import { accessTokenCharsMax, accessTokenSkewSeconds } from "../../limits.ts";
import type { KeySource } from "./keys.ts";

/** Algorithms of signatures: asymmetric ones. A token's `alg` chooses among them, never beyond. */
export const signatureAlgorithms: readonly string[] = [
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  ...["ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
];

/** Media types of tokens that say who somebody is; one for another purpose (`logout+jwt`, say) is none. */
const types: ReadonlySet<Json | undefined> = new Set([undefined, "JWT", "jwt", "at+jwt", "application/at+jwt"]);

/** Against what a token is held. */
export interface Verification {
  /** Issuer → its keys. */
  readonly sources: ReadonlyMap<string, KeySource>;
  /** For whom it must be made (`aud`). */
  readonly audience: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Of {@link signatureAlgorithms}; default all of them. */
  readonly algorithms?: readonly string[];
  /** Seconds by which the clocks may differ. Default 60. */
  readonly skewSeconds?: number;
}

/** What a token claims. */
export interface Claims {
  readonly issuer: string;
  readonly subject: string;
  /** Seconds since the epoch. */
  readonly expires: number;
  readonly all: JsonObject;
}

/** Verifies a token. `undefined`: whatever is wrong with it, or with the keys. */
export async function verifySigned(token: string, against: Verification): Promise<Claims | undefined> {
  if (token.length > accessTokenCharsMax) return undefined;
  const [head, body, , ...more] = token.split(".");
  const [header, claims] = [partOf(head), partOf(body)];
  if (header === undefined || claims === undefined || more.length > 0) return undefined;
  const [alg, typ, kid] = ["alg", "typ", "kid"].map((name) => member(header, name));
  const { sources, algorithms = signatureAlgorithms } = against;
  const isTaken = typeof alg === "string" && signatureAlgorithms.includes(alg) && algorithms.includes(alg);
  if (!isTaken || !types.has(typ) || Object.hasOwn(header, "crit")) return undefined;
  const issuer = member(claims, "iss");
  const source = typeof issuer === "string" ? sources.get(issuer) : undefined;
  if (source === undefined || typeof issuer !== "string") return undefined;
  try {
    const keys = await source.keysFor(typeof kid === "string" ? kid : undefined);
    if (keys === undefined) return undefined;
    // What is verified are the very characters that the strict reader has read: no other reading of them is used.
    await compactVerify(token, createLocalJWKSet(keys), { algorithms: [alg] });
  } catch {
    return undefined;
  }
  return claimsOf(claims, issuer, against);
}

/** One part of a token: base64url without padding, strict JSON. */
function partOf(part: string | undefined): JsonObject | undefined {
  if (part === undefined || !/^[A-Za-z0-9_-]+$/.test(part)) return undefined;
  try {
    const text = atob(part.replaceAll("-", "+").replaceAll("_", "/"));
    const read = readJsonBytes(Uint8Array.from(text, (character) => character.charCodeAt(0)));
    return read.ok && isObject(read.value) ? read.value : undefined;
  } catch {
    return undefined;
  }
}

/** The claims, if they are for us and now: `aud`, `exp` and `sub` must be there. */
function claimsOf(all: JsonObject, issuer: string, against: Verification): Claims | undefined {
  const { audience, now, skewSeconds = accessTokenSkewSeconds } = against;
  const seconds = now / 1_000;
  const [aud, exp, nbf, sub] = ["aud", "exp", "nbf", "sub"].map((name) => member(all, name));
  const audiences = isArray(aud) ? aud : [aud];
  if (!audiences.includes(audience)) return undefined;
  if (typeof exp !== "number" || seconds >= exp + skewSeconds) return undefined;
  if (nbf !== undefined && (typeof nbf !== "number" || seconds < nbf - skewSeconds)) return undefined;
  if (typeof sub !== "string" || sub === "" || sub.length > 256) return undefined;
  return { issuer, subject: sub, expires: exp, all };
}
