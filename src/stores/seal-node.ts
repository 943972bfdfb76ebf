/**
 * AES-256-GCM and HKDF by `node:crypto` (Node, Bun, Deno): the same keys and texts as WebCrypto's, at once and not over another thread.
 * Never gives out a byte that is not authentic.
 */
import { createCipheriv, createDecipheriv, createHash, createSecretKey, hkdfSync } from "node:crypto";
import type { Cipher } from "./seal.ts";

const algorithm = "aes-256-gcm";
const tagBytes = 16;

/** The cipher of `node:crypto`. */
export const nodeCipher: Cipher = (secret, salt) => (info) => {
  // A key object: of bytes Node makes one anew for each text, which takes longer than to open it.
  const key = createSecretKey(new Uint8Array(hkdfSync("sha256", secret, salt, info, 32)));
  return {
    seal: (bytes, { iv, additionalData }) => {
      const cipher = createCipheriv(algorithm, key, iv, { authTagLength: tagBytes }).setAAD(additionalData);
      return Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
    },
    open: (bytes, { iv, additionalData }) => {
      const end = bytes.length - tagBytes;
      const decipher = createDecipheriv(algorithm, key, iv, { authTagLength: tagBytes });
      decipher.setAAD(additionalData).setAuthTag(bytes.subarray(end));
      const opened = decipher.update(bytes.subarray(0, end));
      const rest = decipher.final();
      return rest.length === 0 ? opened : Buffer.concat([opened, rest]);
    },
  };
};

/** SHA-256 of the UTF-8 form of a text: 32 bytes. */
export function nodeSha256(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
