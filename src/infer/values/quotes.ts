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
  // Where each kind of mark is known not to close any more, so that no mark is looked for twice.
  const hopeless = new Set<string>();
  let at = 0;
  while (at < text.length) {
    const open = text.charAt(at);
    const closers = pairs.get(open);
    if (closers === undefined || hopeless.has(open) || !canOpen(text, at)) {
      at += 1;
      continue;
    }
    const end = closingAt(text, { at: at + 1, closers });
    if (end === "none") hopeless.add(open);
    if (typeof end !== "number") {
      at += 1;
      continue;
    }
    if (end > at + 1) parts.push({ start: at + 1, end });
    at = end + 1;
  }
  return parts;
}

/** A straight mark opens only where no word ends: `it's`, `the boys' room`, `6"` and `o"clock` have none. */
function canOpen(text: string, at: number): boolean {
  const mark = text.charAt(at);
  if (mark !== "'" && mark !== "‘" && mark !== '"') return true;
  return !isWordChar.test(text.charAt(at - 1)) && /\S/.test(text.charAt(at + 1));
}

function closingAt(text: string, { at, closers }: { readonly at: number; readonly closers: string }): number | "far" | "none" {
  const isSingle = closers.includes("'");
  const limit = Math.min(text.length, at + quotedMax);
  for (let here = at; here < limit; here += 1) {
    const char = text.charAt(here);
    if (!closers.includes(char)) continue;
    // An apostrophe stands between letters, a closing mark does not.
    if (isSingle && isWordChar.test(text.charAt(here + 1))) continue;
    return here;
  }
  return limit === text.length ? "none" : "far";
}
