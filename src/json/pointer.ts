/**
 * JSON pointers (RFC 6901): written from a path, read into one, and made fit to be shown.
 * Pure. Never reads a value, and never shows a control character of a key.
 */
import { excerptCharsMax } from "../limits.ts";

/** The JSON pointer of a path of keys and indexes; the empty path is `""` (the whole value). RFC 6901 §3: `~` is `~0`, `/` is `~1`. */
export function pointerOf(path: readonly (string | number)[]): string {
  let pointer = "";
  for (const step of path) {
    pointer += "/";
    pointer += typeof step === "number" ? String(step) : step.replaceAll("~", "~0").replaceAll("/", "~1");
  }
  return pointer;
}

/** The steps of a JSON pointer, unescaped (RFC 6901 §4); `undefined` if the text is none. Indexes stay texts: only the value tells them apart. */
export function parsePointer(text: string): readonly string[] | undefined {
  if (text === "") return [];
  if (!text.startsWith("/") || /~(?![01])/.test(text)) return undefined;
  return text
    .slice(1)
    .split("/")
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/**
 * A pointer for a terminal or a log line: at most {@link excerptCharsMax} characters (the middle is cut, marked by `…`), every
 * character that is not a letter, mark, number, punctuation, symbol or plain space as `\u{hex}`. It may not be a pointer any more.
 */
export function showPointer(pointer: string): string {
  const half = (excerptCharsMax - 2) / 2;
  const cut = pointer.length <= excerptCharsMax ? pointer : `${pointer.slice(0, half)}…${pointer.slice(-half)}`;
  const shown = cut.replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, (unit) => `\\u{${(unit.codePointAt(0) ?? 0).toString(16)}}`);
  return shown;
}
