/**
 * What a text says in quotation marks: straight, curly, backticks.
 * Pure. Never takes an apostrophe for a mark.
 */

/** What stands between two marks, in UTF-16 offsets; the marks themselves are outside. */
export interface Quoted {
  readonly start: number;
  readonly end: number;
}

/** Characters between two marks, at most: an unpaired mark does not swallow the text. */
const quotedMax = 2_000;

const pairs: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["“", "”"],
  ["„", "“”"],
  ["«", "»"],
  ["`", "`"],
  ["'", "'’"],
  ["‘", "’'"],
]);

const isWordChar = /[\p{L}\p{N}]/u;

/** The quoted parts of a text, in order, none inside another. */
export function quotedParts(text: string): readonly Quoted[] {
  const parts: Quoted[] = [];
  // Where the next mark that closes each kind is, so that no stretch of the text is searched twice for one kind.
  const closings = new Map<string, number>();
  let at = 0;
  while (at < text.length) {
    const closers = pairs.get(text.charAt(at));
    if (closers === undefined || !canOpen(text, at)) {
      at += 1;
      continue;
    }
    const known = closings.get(closers) ?? 0;
    const end = known > at ? known : closingAt(text, { at: at + 1, closers });
    closings.set(closers, end);
    const isPair = end < text.length && end > at + 1 && end - at <= quotedMax;
    if (isPair) parts.push({ start: at + 1, end });
    at = isPair ? end + 1 : at + 1;
  }
  return parts;
}

/** A straight mark opens only where no word ends: `it's`, `the boys' room`, `6"` and `o"clock` have none. */
function canOpen(text: string, at: number): boolean {
  const mark = text.charAt(at);
  if (mark !== "'" && mark !== "‘" && mark !== '"') return true;
  return !isWordChar.test(text.charAt(at - 1)) && /\S/.test(text.charAt(at + 1));
}

/** The next mark that closes; the length of the text if none does. */
function closingAt(text: string, { at, closers }: { readonly at: number; readonly closers: string }): number {
  const isSingle = closers.includes("'");
  for (let here = at; here < text.length; here += 1) {
    // An apostrophe stands between letters, a closing mark does not.
    if (closers.includes(text.charAt(here)) && !(isSingle && isWordChar.test(text.charAt(here + 1)))) return here;
  }
  return text.length;
}
