/**
 * Kinds that are one token: identifiers, UUIDs, words, file paths, hashtags, mentions, phone numbers.
 * Pure. Never yields part of a longer token.
 */

import {
  type Attempt,
  codeAt,
  isAlphanumeric,
  isAsciiLetter,
  isBlank,
  isDigit,
  isInvisible,
  isLetter,
  isLineEnd,
  isWordCode,
  type Scanner,
  skipWhile,
  textOf,
  type Window,
} from "./window.ts";

/** Digits of a phone number (ITU-T E.164 §6), and the fewest that are taken for one. */
const phoneDigitsMax = 15;
const phoneDigitsMin = 7;
/** Characters of a UUID's text form (RFC 9562 §4). */
const uuidChars = 36;

function isIdCode(code: number): boolean {
  return isAlphanumeric(code) || code === 45 || code === 95;
}

/** A token of ASCII letters, digits, `-` and `_` with at least one letter and one digit. */
export const scanId: Scanner = (window, index) => {
  if (!isIdCode(codeAt(window, index))) return index + 1;
  const run = skipWhile(window, index, isIdCode);
  let start = index;
  let end = run;
  while (start < end && !isAlphanumeric(codeAt(window, start))) start += 1;
  while (end > start && !isAlphanumeric(codeAt(window, end - 1))) end -= 1;
  const isPart =
    isWordCode(codeAt(window, index - 1)) ||
    isWordCode(codeAt(window, run)) ||
    isInvisible(codeAt(window, run)) ||
    isInvisible(codeAt(window, index - 1));
  const text = textOf(window, start, end);
  const hasBoth =
    [...text].some((char) => char >= "0" && char <= "9") && [...text].some((char) => isAsciiLetter(char.charCodeAt(0)));
  return isPart || !hasBoth ? run : { value: text, start, end };
};

function isHex(code: number): boolean {
  return isDigit(code) || ((code | 32) >= 97 && (code | 32) <= 102);
}

/** A UUID (RFC 9562 §4), in lower case. */
export const scanUuid: Scanner = (window, index) => {
  if (!isHex(codeAt(window, index))) return index + 1;
  const before = codeAt(window, index - 1);
  for (let i = 0; i < uuidChars; i++) {
    const code = codeAt(window, index + i);
    const isHyphen = i === 8 || i === 13 || i === 18 || i === 23;
    if (isHyphen ? code !== 45 : !isHex(code)) return index + 1 + i;
  }
  const end = index + uuidChars;
  const isPart = isWordCode(before) || before === 45 || isWordCode(codeAt(window, end)) || codeAt(window, end) === 45;
  return isPart ? end : { value: textOf(window, index, end).toLowerCase(), start: index, end };
};

/** A word: letters, digits, `_`, with `-`, `'` and `’` inside. */
export const scanWord: Scanner = (window, index) => {
  if (!isWordCode(codeAt(window, index))) return index + 1;
  let end = index;
  while (end < window.high) {
    const code = codeAt(window, end);
    const isInner = (code === 45 || code === 39 || code === 0x2019) && isWordCode(codeAt(window, end + 1));
    if (!isWordCode(code) && !isInner) break;
    end += 1;
  }
  return { value: textOf(window, index, end), start: index, end };
};

/** Opening and closing punctuation that is not part of a token. */
const opening = "([{<\"'`“‘«„";
const closing = ")]}>\"'`”’».,;:!?";

function isSolid(code: number): boolean {
  return code > 32 && code !== 127 && !isBlank(code) && !isLineEnd(code) && !isInvisible(code);
}

/** Everything between two blanks, without the punctuation around it. */
export const scanToken: Scanner = (window, index): Attempt => {
  if (!isSolid(codeAt(window, index))) return index + 1;
  const run = skipWhile(window, index, isSolid);
  let start = index;
  let end = run;
  while (start < end && opening.includes(String.fromCharCode(codeAt(window, start)))) start += 1;
  while (end > start && closing.includes(String.fromCharCode(codeAt(window, end - 1)))) end -= 1;
  return start === end || isInvisible(codeAt(window, run)) ? run : { value: textOf(window, start, end), start, end };
};

function isPathCode(code: number): boolean {
  return isWordCode(code) || code === 45 || code === 46 || code === 47 || code === 126 || code === 43;
}

/** Whether a segment ends in an extension: a dot and one to eight letters or digits, at least one a letter. */
function hasExtension(segment: string): boolean {
  const dot = segment.lastIndexOf(".");
  const extension = segment.slice(dot + 1);
  const isPlain =
    extension.length >= 1 && extension.length <= 8 && [...extension].every((char) => isAlphanumeric(char.charCodeAt(0)));
  return dot > 0 && isPlain && [...extension].some((char) => isAsciiLetter(char.charCodeAt(0)));
}

/** A file name with an extension, or a path that starts with `/`, `./`, `../` or `~/` or ends in a file name. */
export const scanPath: Scanner = (window, index) => {
  if (!isPathCode(codeAt(window, index))) return index + 1;
  const run = skipWhile(window, index, isPathCode);
  let end = run;
  while (end > index && codeAt(window, end - 1) === 46) end -= 1;
  const text = textOf(window, index, end);
  const before = codeAt(window, index - 1);
  const after = codeAt(window, run);
  const isPart =
    before === 64 ||
    before === 92 ||
    after === 64 ||
    after === 92 ||
    isInvisible(before) ||
    isInvisible(after) ||
    text.startsWith("//");
  const isRooted = ["/", "./", "../", "~/"].some((root) => text.startsWith(root) && text.length > root.length);
  const name = text.slice(text.lastIndexOf("/") + 1);
  const isFile = hasExtension(name) && (name.length > 3 || text.includes("/"));
  return isPart || (!isRooted && !isFile) ? run : { value: text, start: index, end };
};

/** A `#tag` or `@name` scanner. The value is without the sign. */
export function sigilScanner(sign: "#" | "@"): Scanner {
  const isMember = (code: number): boolean => isWordCode(code) || code === 45 || (code === 46 && sign === "@");
  return (window, index) => {
    if (codeAt(window, index) !== sign.charCodeAt(0)) return index + 1;
    const before = codeAt(window, index - 1);
    const run = skipWhile(window, index + 1, isMember);
    let end = run;
    while (end > index + 1 && !isWordCode(codeAt(window, end - 1))) end -= 1;
    const text = textOf(window, index + 1, end);
    const isPart =
      isWordCode(before) ||
      before === 47 ||
      before === 38 ||
      before === 46 ||
      codeAt(window, run) === 64 ||
      isInvisible(codeAt(window, run));
    const hasLetter = [...text].some((char) => isLetter(char.charCodeAt(0)));
    return isPart || !hasLetter ? Math.max(run, index + 1) : { value: text, start: index, end };
  };
}

/** The digits from `index`, single separators skipped, at most one more than a number may have. */
function readPhone(
  window: Window,
  index: number,
): { readonly digits: string; readonly end: number; readonly groups: readonly number[] } {
  let digits = "";
  let end = index;
  let at = index;
  const groups: number[] = [0];
  for (let gap = 0; digits.length <= phoneDigitsMax && gap <= 2; at++) {
    const code = codeAt(window, at);
    if (isDigit(code)) {
      if (gap > 0 && digits !== "") groups.push(0);
      digits += String.fromCharCode(code);
      groups[groups.length - 1] = (groups.at(-1) ?? 0) + 1;
      end = at + 1;
      gap = 0;
    } else if (isBlank(code) || code === 45 || code === 46 || code === 40 || code === 41 || code === 47) gap += 1;
    else break;
  }
  return { digits, end, groups };
}

/** A phone number: international (`+`, `00`), national with a leading `0` or `(`, or 3-3-4. The value is its digits with any `+`. */
export const scanPhone: Scanner = (window, index) => {
  const first = codeAt(window, index);
  const hasPlus = first === 43;
  if (!hasPlus && first !== 40 && !isDigit(first)) return index + 1;
  const next = isDigit(first) ? skipWhile(window, index, isDigit) : index + 1;
  const before = codeAt(window, index - 1);
  const isGroup = !hasPlus && isBlank(before) && isDigit(codeAt(window, index - 2));
  const isGlued =
    isGroup || isWordCode(before) || before === 43 || before === 45 || before === 46 || before === 47 || before === 36;
  const read = readPhone(window, hasPlus ? index + 1 : index);
  const count = read.digits.length;
  const after = codeAt(window, read.end);
  const isPart = isGlued || isWordCode(after) || isInvisible(after) || isInvisible(before) || after === 58;
  if (
    isPart ||
    count < phoneDigitsMin ||
    count > phoneDigitsMax ||
    (hasPlus && codeAt(window, index + 1) !== 40 && !isDigit(codeAt(window, index + 1)))
  )
    return next;
  const isNational = (read.digits.startsWith("0") || first === 40) && count >= 9 && read.groups.length > 1;
  const isAmerican = read.groups.join() === "3,3,4";
  const isNumber = hasPlus || (read.digits.startsWith("00") && count >= 9) || isNational || isAmerican;
  return isNumber ? { value: (hasPlus ? "+" : "") + read.digits, start: index, end: read.end } : next;
};
