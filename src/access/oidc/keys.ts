/**
 * Keys of an authorisation server: given, or read from its address and kept for a while.
 * Never follows a redirect, never asks more often than a bound, and never takes symmetric keys.
 */
import type { JSONWebKeySet, JWK } from "jose";
import { readJsonBytes } from "../../json/read.ts";
import { isArray, isObject, type Json, member } from "../../json/value.ts";
import { keySetBytesMax, keySetKeptMs, keySetMs, keySetPauseMs } from "../../limits.ts";
import type { Clock } from "../../ports.ts";
import { ConfigError } from "../../result.ts";
import { readBody } from "../../surfaces/body.ts";

/** A set of keys (RFC 7517 §5). */
export type KeySet = JSONWebKeySet;

/** Where keys come from. */
export interface KeySource {
  /** The set that should have this key; `undefined`: there is none now. Never rejects. */
  keysFor(kid: string | undefined): Promise<JSONWebKeySet | undefined>;
}

/** A source of keys. Throws `ConfigError` for an address that is none, or a set without public keys. */
export function createKeySource(
  keys: JSONWebKeySet | { readonly url: string },
  { clock, fetch }: { readonly clock: Clock; readonly fetch: typeof globalThis.fetch },
): KeySource {
  if ("keys" in keys) {
    const given = publicOf(keys as unknown as Json);
    if (given === undefined) throw new ConfigError("`keys` must be a set of public keys (RFC 7517)");
    return { keysFor: async () => given };
  }
  const url = readUrl(keys.url);
  let known: { readonly keys: JSONWebKeySet; readonly at: number } | undefined;
  let askedAt = Number.NEGATIVE_INFINITY;
  let asking: Promise<void> | undefined;
  const ask = async (): Promise<void> => {
    askedAt = clock();
    const read = await readKeySet(url, fetch);
    if (read !== undefined) known = { keys: read, at: clock() };
  };
  return {
    keysFor: async (kid) => {
      const isFresh = known !== undefined && clock() - known.at < keySetKeptMs;
      const hasIt = isFresh && (kid === undefined || known?.keys.keys.some((key) => key.kid === kid) === true);
      // A token with an unknown key may be of a new one, or of nobody: either way the address is asked only so often.
      if (!hasIt && (asking !== undefined || clock() - askedAt >= keySetPauseMs)) {
        asking ??= ask().finally(() => {
          asking = undefined;
        });
        await asking;
      }
      return known !== undefined && clock() - known.at < keySetKeptMs ? known.keys : undefined;
    },
  };
}

function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isLocal = url !== undefined && ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  if (url === undefined || !(url.protocol === "https:" || (url.protocol === "http:" && isLocal)))
    throw new ConfigError("the address of a key set must be https, or http on this machine");
  return url;
}

async function readKeySet(url: URL, fetch: typeof globalThis.fetch): Promise<JSONWebKeySet | undefined> {
  try {
    const response = await fetch(url, {
      redirect: "error",
      headers: { accept: "application/json" },
      signal: AbortSignal.timeout(keySetMs),
    });
    const body = response.ok ? await readBody(response.body, keySetBytesMax) : undefined;
    const read = body?.kind === "read" ? readJsonBytes(body.bytes) : undefined;
    return read?.ok === true ? publicOf(read.value) : undefined;
  } catch {
    return undefined;
  }
}

/** The public keys of a set; `undefined`: it is none, or has none. */
function publicOf(value: Json): JSONWebKeySet | undefined {
  const keys = member(value, "keys");
  if (!isArray(keys)) return undefined;
  const usable = keys.filter(
    (key) => isObject(key) && ["RSA", "EC", "OKP"].includes(String(member(key, "kty"))) && !Object.hasOwn(key, "d"),
  );
  return usable.length === 0 ? undefined : { keys: usable as unknown as JWK[] };
}
