/**
 * A text as runs of letters, runs of digits and single marks, the form in which every recogniser of this folder reads.
 * Pure. Never reads a token twice: one pass, linear in the text.
 */

/** A run of letters (in lower case), a run of ASCII digits, or one mark. */
export interface Token {
  readonly kind: "letters" | "digits" | "mark";
  /** In lower case. */
  readonly text: string;
  /** UTF-16 offsets in the text; `end` is behind it. */
  readonly start: number;
  readonly end: number;
  /** No blank stands before it. */
  readonly isGlued: boolean;
  /** It begins with an upper-case letter in the text. */
  readonly isCapital: boolean;
}

/** What a recogniser has read: its value, and the token behind the last one that belongs to it. */
export interface Reading<T> {
  readonly value: T;
  readonly next: number;
}

const tokenPattern = /([0-9]+)|(\p{L}[\p{L}\p{M}]*)|[^\s\p{L}0-9]/gu;

/** The tokens of a text, in order. */
export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let behind = -1;
  for (const match of text.matchAll(tokenPattern)) {
    const [raw, digits, letters] = match;
    const lower = raw.toLowerCase();
    tokens.push({
      kind: digits === undefined ? (letters === undefined ? "mark" : "letters") : "digits",
      text: lower === "’" || lower === "‘" ? "'" : lower,
      start: match.index,
      end: match.index + raw.length,
      isGlued: match.index === behind,
      isCapital: letters !== undefined && raw.charAt(0) !== lower.charAt(0),
    });
    behind = match.index + raw.length;
  }
  return tokens;
}

/** The text of a token, or `""` behind the last. */
export function textAt(tokens: readonly Token[], at: number): string {
  return tokens[at]?.text ?? "";
}

/** Whether a token is this text and follows the one before without a blank. */
export function isGluedText(tokens: readonly Token[], at: number, text: string): boolean {
  const token = tokens[at];
  return token?.isGlued === true && token.text === text;
}

/** Reads a phrase of tokens; the token behind it, or `undefined`. */
export function phraseAt(tokens: readonly Token[], at: number, phrase: readonly string[]): number | undefined {
  for (const [offset, word] of phrase.entries()) if (tokens[at + offset]?.text !== word) return undefined;
  return at + phrase.length;
}

/** The number of a run of digits, if it has at most so many. */
export function digitsAt(tokens: readonly Token[], at: number, lengthMax: number): number | undefined {
  const token = tokens[at];
  return token?.kind === "digits" && token.text.length <= lengthMax ? Number(token.text) : undefined;
}
