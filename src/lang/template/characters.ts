/**
 * Characters that a filled text must not hold, whatever its kind.
 * Pure. Fixed tables only: two runtimes must refuse the same texts.
 */

/** C0 and C1 control characters, DEL, and the line and paragraph separators. */
export function isControl(code: number): boolean {
  return code < 32 || (code >= 127 && code < 160) || code === 0x2028 || code === 0x2029;
}

/**
 * Bidirectional controls (Unicode UAX #9 §2) and characters without a shape: they make a text look like another one to the
 * person who approves it. Includes the tag characters of plane 14, which models read and people do not see.
 */
export function isHidden(code: number): boolean {
  return (
    code === 0xad ||
    code === 0x34f ||
    code === 0x61c ||
    code === 0x115f ||
    code === 0x1160 ||
    code === 0x17b4 ||
    code === 0x17b5 ||
    (code >= 0x180b && code <= 0x180f) ||
    (code >= 0x200b && code <= 0x200f) ||
    (code >= 0x202a && code <= 0x202e) ||
    (code >= 0x2060 && code <= 0x206f) ||
    code === 0x3164 ||
    code === 0xfeff ||
    code === 0xffa0 ||
    (code >= 0xfff0 && code <= 0xfffb) ||
    (code >= 0xe0000 && code <= 0xe0fff)
  );
}

/** Characters that compatibility normalisation (UAX #15) or a best-fit code page turns into `.`, `/`, `\`, `:` or part of them. */
const pathLookalikes: ReadonlySet<number> = new Set([
  0x2024, 0x2025, 0x2026, 0x2044, 0x2100, 0x2101, 0x2105, 0x2106, 0x2215, 0x2216, 0x2236, 0x29f5, 0x29f8, 0x29f9, 0xfe13, 0xfe30,
  0xfe52, 0xfe55, 0xfe68, 0xff0e, 0xff0f, 0xff1a, 0xff3c, 0x3002, 0xff61, 0x2488, 0xa789,
]);

/** Whether some layer below may read this character as a dot, a slash, a backslash or a colon. */
export function isPathLookalike(code: number): boolean {
  return pathLookalikes.has(code) || (code >= 0x2488 && code <= 0x249b);
}

/** Characters that best-fit code pages (Windows-1252 and kin) turn into an apostrophe, a quote or a backslash. */
const quoteLookalikes: ReadonlySet<number> = new Set([
  0x2b9, 0x2ba, 0x2bb, 0x2bc, 0x2c8, 0x2ca, 0x2cb, 0x2032, 0x2033, 0x2035, 0x2216, 0x301d, 0x301e, 0xff02, 0xff07, 0xff3c, 0xa5,
  0x20a9,
]);

/** Whether a database driver may turn this character into a quote or a backslash. */
export function isQuoteLookalike(code: number): boolean {
  return quoteLookalikes.has(code);
}

/** Whether every code point of a well-formed text passes. */
export function everyCode(text: string, isAllowed: (code: number) => boolean): boolean {
  for (const char of text) if (!isAllowed(char.codePointAt(0) ?? 0)) return false;
  return true;
}

/** Whether a text holds no lone surrogate. (`String.prototype.isWellFormed` is younger than the language the core is written in.) */
export function isWellFormed(text: string): boolean {
  return everyCode(text, (code) => code < 0xd800 || code > 0xdfff);
}

/** Whether a text is well-formed UTF-16 and holds no control and no hidden character. */
export function isPlain(text: string): boolean {
  return isWellFormed(text) && everyCode(text, (code) => !isControl(code) && !isHidden(code));
}

/** As {@link isPlain}, but line feeds and tabs may occur. */
export function isPlainProse(text: string): boolean {
  return isWellFormed(text) && everyCode(text, (code) => code === 10 || code === 9 || (!isControl(code) && !isHidden(code)));
}
