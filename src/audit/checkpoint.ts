/**
 * Checkpoints: how far a log goes and the root of its tree, signed with Ed25519 as a compact JWS (RFC 7515, RFC 8037).
 * Asynchronous, no clock: the time is given. Never takes an algorithm, a type or a key from the signature itself.
 */
import type { JWK } from "jose";
import * as base64url from "jose/base64url";
import { decodeProtectedHeader } from "jose/decode/protected_header";
import { CompactSign } from "jose/jws/compact/sign";
import { compactVerify } from "jose/jws/compact/verify";
import { importJWK } from "jose/key/import";
import { canonicalJson } from "../json/canonical.ts";
import { readJsonBytes } from "../json/read.ts";
import { isArray, isObject, type Json, type JsonObject } from "../json/value.ts";
import { hexOf, utf8 } from "../plan/digest.ts";
import { type SigningKey, thumbprintOf } from "../plan/sign.ts";
import { ConfigError, err, ok, type Result } from "../result.ts";
import { type Frontier, type Hash, rootOf } from "./merkle.ts";

/** What a checkpoint says. */
export interface Checkpoint {
  readonly v: 1;
  /** Id of the log: digest of its first record. */
  readonly log: string;
  /** Number of records. */
  readonly size: number;
  /** Root of the tree of all of them, 64 hexadecimal digits. */
  readonly root: string;
  /** Roots of its complete subtrees, the largest first: by them the tree grows on without being read again. */
  readonly tree: readonly string[];
  /** Digest of the last record. */
  readonly head: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The last line of the store's journal that is in the log, as records name it: the first event that is not chained comes after it. */
  readonly after?: string;
}

/** Why a checkpoint is not accepted. */
export type CheckpointFault = "malformed" | "key" | "signature";

const type = "sluice-checkpoint+jws";

/** Signs checkpoints. */
export interface CheckpointSigner {
  /** Thumbprint of the key (RFC 7638). */
  readonly keyId: string;
  /** The public key. */
  readonly publicKey: SigningKey;
  sign(checkpoint: Checkpoint): Promise<string>;
}

/** A signer with a private Ed25519 key. Rejects with `ConfigError`. */
export async function createCheckpointSigner({ kty, crv, x, d }: SigningKey): Promise<CheckpointSigner> {
  const refused = new ConfigError(
    "checkpoints are signed with a private Ed25519 key as JWK, with `kty` `OKP`, `crv` `Ed25519`, `x` and `d`",
  );
  if (kty !== "OKP" || crv !== "Ed25519" || typeof x !== "string" || typeof d !== "string") throw refused;
  try {
    const keyId = await thumbprintOf(x);
    const key = await importJWK({ kty, crv, x, d } as JWK, "EdDSA");
    const sign = (checkpoint: Checkpoint): Promise<string> =>
      new CompactSign(utf8(canonicalJson(checkpoint as unknown as Json)))
        .setProtectedHeader({ alg: "EdDSA", typ: type, kid: keyId })
        .sign(key);
    return { keyId, publicKey: { kty, crv, x, kid: keyId }, sign };
  } catch {
    throw refused;
  }
}

/** The checkpoint that one of the keys signed. */
export async function verifyCheckpoint(jws: string, keys: readonly SigningKey[]): Promise<Result<Checkpoint, CheckpointFault>> {
  // The last character of 64 bytes has four unused bits, which are zero: another text would be the same signature.
  if (!/^[\w-]{1,1000}\.[\w-]{1,100000}\.[\w-]{85}[AQgw]$/.test(jws)) return err("malformed");
  try {
    const header = decodeProtectedHeader(jws);
    if (header.typ !== type || header.crit !== undefined || header.alg !== "EdDSA") return err("malformed");
    for (const { kty, crv, x } of keys) {
      if (kty !== "OKP" || crv !== "Ed25519" || typeof x !== "string" || (await thumbprintOf(x)) !== header.kid) continue;
      const key = await importJWK({ kty, crv, x } as JWK, "EdDSA");
      const { payload } = await compactVerify(jws, key, { algorithms: ["EdDSA"] });
      const read = readJsonBytes(payload);
      return read.ok && isCheckpoint(read.value) ? ok(read.value as unknown as Checkpoint) : err("malformed");
    }
    return err("key");
  } catch {
    return err("signature");
  }
}

function isCheckpoint(value: Json): value is JsonObject {
  if (!isObject(value)) return false;
  const { v, log, size, root, tree, head, at, after } = value;
  return (
    v === 1 &&
    Number.isSafeInteger(size) &&
    typeof at === "number" &&
    [log, root, head, ...(isArray(tree) ? tree : [null])].every(
      (hash) => typeof hash === "string" && /^[0-9a-f]{64}$/.test(hash),
    ) &&
    (after === undefined || typeof after === "string")
  );
}

/** The bytes of hexadecimal digits. */
export function hashOfHex(hex: string): Hash {
  return Uint8Array.from(hex.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
}

/** The size that a checkpoint says, its signature unchecked: by it one is looked for, and never believed. */
export function sizeSaid(jws: string): number | undefined {
  try {
    const read = readJsonBytes(base64url.decode(jws.split(".")[1] ?? ""));
    return read.ok && isCheckpoint(read.value) ? (read.value as unknown as Checkpoint).size : undefined;
  } catch {
    return undefined;
  }
}

/** The tree of a checkpoint; `undefined` if its hashes are not those of its root. */
export function frontierOf({ size, root, tree }: Checkpoint): Frontier | undefined {
  const hashes = tree.map(hashOfHex);
  const ones = size.toString(2).replaceAll("0", "").length;
  return hashes.length === ones && hexOf(rootOf({ size, hashes })) === root ? { size, hashes } : undefined;
}
