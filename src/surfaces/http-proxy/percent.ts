/**
 * Percent-encoding (RFC 3986 §2.1), read strictly and written in one form.
 * Pure. Never decodes twice, and never lets bytes through that are not UTF-8.
 */
import { isWellFormed } from "../../lang/template/characters.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Decodes every escape once; `undefined`: an escape is malformed, or the bytes are not UTF-8. */
export function percentDecode(text: string): string | undefined {
  if (!isWellFormed(text)) return undefined;
  if (!text.includes("%")) return text;
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return undefined;
  try {
    return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) => {
      const bytes = new Uint8Array(run.length / 3);
      for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(run.slice(3 * i + 1, 3 * i + 3), 16);
      return decoder.decode(bytes);
    });
  } catch {
    return undefined;
  }
}

/** Encodes all but the unreserved characters (RFC 3986 §2.3). The text must be well-formed. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
