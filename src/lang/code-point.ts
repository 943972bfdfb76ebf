/**
 * Order and length of text by Unicode code point, as RFC 9535 §2.3.5.2.2 and CEL ask for, and by UTF-16 unit as RFC 8785 sorts.
 * Never uses the locale. Pure. No I/O, no clock.
 */

/** Compares two texts by code point: negative, zero or positive. Takes time linear in the shorter one. */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    // A surrogate stands for a code point above U+FFFF, so it is greater than any unit that is not one.
    const xIsSurrogate = x >= 0xd800 && x <= 0xdfff;
    const yIsSurrogate = y >= 0xd800 && y <= 0xdfff;
    return xIsSurrogate === yIsSurrogate ? x - y : xIsSurrogate ? 1 : -1;
  }
  return a.length - b.length;
}

/** Number of code points of a text; a lone surrogate counts as one. */
export function countCodePoints(text: string): number {
  let count = text.length;
  for (let i = 0; i + 1 < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0xd800 || unit > 0xdbff) continue;
    const next = text.charCodeAt(i + 1);
    if (next < 0xdc00 || next > 0xdfff) continue;
    count--;
    i++;
  }
  return count;
}

/** Whether every surrogate of a text is half of a pair. (`String.prototype.isWellFormed` is newer than ES2023.) */
export function isWellFormedText(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/** UTF-16 index of the code point number `position` (0-based), or `undefined` beyond the end; the end itself is a position. */
export function codePointOffset(text: string, position: number): number | undefined {
  let index = 0;
  for (let seen = 0; seen < position; seen++) {
    if (index >= text.length) return undefined;
    index += (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1;
  }
  return index;
}

/** Member names of an object in UTF-16 order (RFC 8785 §3.2.3), so that results do not depend on insertion order. */
export function sortedKeys(object: object): string[] {
  return Object.keys(object).sort();
}
