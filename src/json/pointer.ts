/**
 * JSON pointers (RFC 6901): written from a path, and made fit to be shown.
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
