/**
 * SHA-256 of a short text by the runtime's own cryptography where it answers at once (`crypto.hash` of Node, Bun, Deno, workerd), else in JavaScript.
 * Never taken at its word: it is used once it has given the digest that the standard prints.
 */
import { sha256Hex } from "../plan/digest.ts";

/** The digest of "abc" (FIPS 180-4, by way of NIST's example values). */
const exampleDigest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

type Hash = (text: string) => string;

/** What is used of a runtime that has Node's built-in modules. */
interface Runtime {
  readonly process?: {
    readonly getBuiltinModule?: (name: string) => { readonly hash?: (algorithm: string, text: string) => string } | undefined;
  };
}

let found: Hash | undefined;

/** SHA-256 (FIPS 180-4) of the UTF-8 form of `text`, as 64 lower-case hexadecimal digits: the same as `sha256Hex`, sooner. */
export function sha256AtOnce(text: string): string {
  found ??= findHash();
  return found(text);
}

function findHash(): Hash {
  try {
    const hash = (globalThis as Runtime).process?.getBuiltinModule?.("crypto")?.hash;
    if (hash?.("sha256", "abc") === exampleDigest) return (text) => hash("sha256", text);
  } catch {
    // A runtime that has none of it, or forbids it.
  }
  return sha256Hex;
}
