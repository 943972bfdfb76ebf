/**
 * Seals texts with keys that the operator holds: AES-256-GCM (NIST SP 800-38D) by WebCrypto, or by a cipher that is passed in.
 * Never seals two texts with one key and nonce, and never opens what was sealed for another place.
 */
import { canonicalJson } from "../json/canonical.ts";
import type { Json } from "../json/value.ts";
import { sealingKeysMax, storeKeysMax } from "../limits.ts";
import { ConfigError, err, ok, type Result } from "../result.ts";

/** A key of the operator. */
export interface StoreKey {
  /** By which sealed texts name it: 1 to 32 letters, digits, `_` and `-`. An id is never given to another key. */
  readonly id: string;
  /** 32 random bytes. */
  readonly secret: Uint8Array;
}

/** Why a text cannot be opened: it is not sealed, its key is not there, or it was changed, or sealed for another place. */
export type SealFault = "plain" | "key" | "sealed";

/** What a sealed text belongs to. */
export interface SealPlace {
  /** Everything that has one derived key: a session, a record, a document. */
  readonly scope: readonly string[];
  /** Where in the scope: authenticated with the text. */
  readonly at: readonly Json[];
}

/** Seals and opens. */
export interface Sealer {
  /** The text sealed with the first key, in printable ASCII: `1.KEY.NONCE-CIPHERTEXT-TAG` (base64url). */
  seal(text: string, place: SealPlace): Promise<string>;
  /** The text that was sealed for this place. */
  open(sealed: string, place: SealPlace): Promise<Result<string, SealFault>>;
  /** Whether it was sealed with the first key. */
  isCurrent(sealed: string): boolean;
}

/** A derived key. What it throws or rejects with is not authentic, and says no more. */
export interface SealingKey {
  /** Ciphertext and tag. */
  seal(bytes: Uint8Array<ArrayBuffer>, bound: Bound): Promise<ArrayBuffer> | Uint8Array;
  /** The bytes of a ciphertext and its tag. */
  open(bytes: Uint8Array<ArrayBuffer>, bound: Bound): Promise<ArrayBuffer> | Uint8Array;
}

/** What a ciphertext is bound to. */
export interface Bound {
  /** 12 bytes. */
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly additionalData: Uint8Array<ArrayBuffer>;
}

/** AES-256-GCM as a runtime has it: of a secret, the keys that HKDF-SHA-256 (RFC 5869) derives with this salt by what they are for. */
export type Cipher = (
  secret: Uint8Array<ArrayBuffer>,
  salt: Uint8Array<ArrayBuffer>,
) => (info: Uint8Array<ArrayBuffer>) => Promise<SealingKey> | SealingKey;

const idPattern = /^[A-Za-z0-9_-]{1,32}$/;
const nonceBytes = 12;
const tagBytes = 16;

/**
 * Reads keys as an operator writes them: `ID=SECRET` (32 bytes in base64url), separated by commas or line ends. The first seals, all open.
 * Throws `ConfigError`, which repeats no secret.
 */
export function readStoreKeys(text: string): readonly StoreKey[] {
  const parts = text.split(/[,\r\n]+/).filter((part) => part !== "");
  return parts.map((part, i) => {
    const [, id = "", encoded = ""] = /^([A-Za-z0-9_-]{1,32})=([A-Za-z0-9_-]{43})$/.exec(part) ?? [];
    const secret = bytesOf(encoded);
    if (secret?.length !== 32)
      throw new ConfigError(
        `key ${i + 1} of the store: ID=SECRET is needed, the secret being 32 bytes in base64url (43 characters)`,
      );
    return { id, secret };
  });
}

/** Makes a sealer. Throws `ConfigError`: no key, a key of another length, an id that is none or twice. */
export function createSealer(keys: readonly StoreKey[], cipher: Cipher = webCipher): Sealer {
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > storeKeysMax)
    throw new ConfigError(`1 to ${storeKeysMax} keys are needed to seal what a store keeps`);
  for (const { id, secret } of keys)
    if (typeof id !== "string" || !idPattern.test(id) || !(secret instanceof Uint8Array) || secret.length !== 32)
      throw new ConfigError("a key of a store has an `id` of 1 to 32 letters, digits, `_` and `-`, and a `secret` of 32 bytes");
  if (new Set(keys.map(({ id }) => id)).size < keys.length) throw new ConfigError("two keys of a store have one id");
  const masters = new Map(keys.map(({ id, secret }) => [id, cipher(new Uint8Array(secret), derivationSalt)]));
  const [current] = keys;
  const currentId = current?.id ?? "";
  const derived = createKeyCache();
  const keyOf = (id: string, scope: readonly string[]): Promise<SealingKey> | SealingKey | undefined => {
    const master = masters.get(id);
    return master === undefined ? undefined : derived(id, scope, master);
  };
  return {
    isCurrent: (sealed) => sealed.startsWith(`1.${currentId}.`),
    seal: async (text, { scope, at }) => {
      const key = (await keyOf(currentId, scope)) as SealingKey;
      const iv = crypto.getRandomValues(new Uint8Array(nonceBytes));
      const sealed = new Uint8Array(await key.seal(utf8(text), { iv, additionalData: aad(currentId, at) }));
      const bytes = new Uint8Array(nonceBytes + sealed.length);
      bytes.set(iv);
      bytes.set(sealed, nonceBytes);
      return `1.${currentId}.${base64url(bytes)}`;
    },
    open: async (sealed, { scope, at }) => {
      const end = sealed.indexOf(".", 2);
      if (!sealed.startsWith("1.") || end < 0) return err("plain");
      const id = sealed.slice(2, end);
      const found = keyOf(id, scope);
      if (found === undefined) return err("key");
      const key = found instanceof Promise ? await found : found;
      const bytes = bytesOf(sealed.slice(end + 1));
      if (bytes === undefined || bytes.length < nonceBytes + tagBytes) return err("sealed");
      try {
        const bound = { iv: bytes.subarray(0, nonceBytes), additionalData: aad(id, at) };
        const opened = key.open(bytes.subarray(nonceBytes), bound);
        return ok(decoder.decode(opened instanceof Promise ? await opened : opened));
      } catch {
        return err("sealed");
      }
    },
  };
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();
const derivationSalt = utf8("sluice store 1");

/** WebCrypto: every runtime has it, and each of its answers waits for another thread. */
const webCipher: Cipher = (secret, salt) => {
  const imported = crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
  // Whoever uses it is told; until then nobody listens.
  imported.catch(() => undefined);
  return async (info) => {
    const algorithm = { name: "HKDF", hash: "SHA-256", salt, info };
    const of = { name: "AES-GCM", length: 256 };
    const key = await crypto.subtle.deriveKey(algorithm, await imported, of, false, ["encrypt", "decrypt"]);
    return {
      seal: (bytes, bound) => crypto.subtle.encrypt({ name: "AES-GCM", ...bound }, key, bytes),
      open: (bytes, bound) => crypto.subtle.decrypt({ name: "AES-GCM", ...bound }, key, bytes),
    };
  };
};

type Derived = Promise<SealingKey> | SealingKey;

/** Derived keys, the last that were used. */
function createKeyCache(): (id: string, scope: readonly string[], master: ReturnType<Cipher>) => Derived {
  const known = new Map<string, Derived>();
  return (id, scope, master) => {
    const name = canonicalJson([id, ...scope]);
    const key = known.get(name) ?? master(utf8(canonicalJson(scope)));
    known.delete(name);
    known.set(name, key);
    if (known.size > sealingKeysMax) for (const [oldest] of known) return known.delete(oldest) ? key : key;
    return key;
  };
}

function aad(id: string, at: readonly Json[]): Uint8Array<ArrayBuffer> {
  return utf8(canonicalJson(["sluice sealed 1", id, ...at]));
}

function utf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

const digits = utf8("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
const noDigit = 64;
const digitValues = new Uint8Array(128).fill(noDigit);
for (const [value, unit] of digits.entries()) digitValues[unit] = value;

/** Base64url without padding (RFC 4648 §5). Results have megabytes: no text is put together piece by piece. */
function base64url(bytes: Uint8Array): string {
  const units = new Uint8Array(Math.ceil((bytes.length * 4) / 3));
  let at = 0;
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b = 0, c = 0] = [bytes[i], bytes[i + 1], bytes[i + 2]];
    const word = (a << 16) | (b << 8) | c;
    // What is past the end is not written.
    for (let shift = 18; shift >= 0; shift -= 6) units[at++] = digits[(word >> shift) & 63] ?? 0;
  }
  return new TextDecoder("latin1").decode(units);
}

/** The bytes; `undefined` for what no bytes are written as: other characters, a length that is none, or unused bits that are not zero (§3.5). */
function bytesOf(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text.length % 4 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let [word, bits, at] = [0, 0, 0];
  for (let i = 0; i < text.length; i++) {
    const value = digitValues[text.charCodeAt(i)] ?? noDigit;
    if (value === noDigit) return undefined;
    word = ((word << 6) | value) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at++] = word >> bits;
  }
  return (word & ((1 << bits) - 1)) === 0 ? bytes : undefined;
}
