/**
 * Characters that a filled text must not hold, whatever its kind.
 * Pure. Fixed tables only: two runtimes must refuse the same texts.
 */

/** C0 and C1 control characters, DEL, and the line and paragraph separators. */
export function isControl(code: number): boolean {
  return code < 32 || (code >= 127 && code < 160) || code === 0x2028 || code === 0x2029;
}

/**
 * What a reader is not shown, as Unicode has it: `Default_Ignorable_Code_Point` (UAX #44), which has the bidirectional controls (UAX #9 §2) and
 * the tag characters of plane 14 that models read and people do not see, and the marks of annotations between lines. They make a text look like
 * another one to the person who approves it, or carry one that nobody sees: sixteen variation selectors are four bits behind every letter.
 * Those that emoji are written with are hidden by themselves as well; {@link isPlain} knows where they belong.
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
    (code >= 0xfe00 && code <= 0xfe0f) ||
    code === 0xfeff ||
    code === 0xffa0 ||
    (code >= 0xfff0 && code <= 0xfffb) ||
    (code >= 0x1bca0 && code <= 0x1bca3) ||
    (code >= 0x1d173 && code <= 0x1d17a) ||
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

/**
 * The selectors of a style right behind a symbol that has two (`❤` as text or as emoji), and in keycaps: people write them, keyboards send them, and
 * they change no more than the symbol's look. Blocks of symbols, not Unicode's list (emoji-variation-sequences.txt): it grows, and two runtimes
 * would differ.
 */
const styleSelectors =
  /(?<=[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u24c2\u25a0-\u27bf\u2934\u2935\u2b00-\u2bff\u3030\u303d\u3297\u3299\u{1f000}-\u{1faff}])[\ufe0e\ufe0f]|(?<=[#*0-9])\ufe0f(?=\u20e3)/gu;

/** The text without the selectors of style that belong to a symbol of it. */
export function withoutStyles(text: string): string {
  return text.replace(styleSelectors, "");
}

/** Whether a text is well-formed UTF-16 and holds no control and no hidden character, but for the selectors of an emoji's style. */
export function isPlain(text: string): boolean {
  return isWellFormed(text) && everyCode(withoutStyles(text), (code) => !isControl(code) && !isHidden(code));
}

/** As {@link isPlain}, but line feeds and tabs may occur. */
export function isPlainProse(text: string): boolean {
  const isFit = (code: number): boolean => code === 10 || code === 9 || (!isControl(code) && !isHidden(code));
  return isWellFormed(text) && everyCode(withoutStyles(text), isFit);
}
