/**
 * Texts by their letters and digits alone, so that a value is found however programs write it: case, marks, groups, escapes.
 * Pure. Made for finding values only: what it returns is never kept, compared with a plan's values or shown.
 */

/** The letters and digits of a text, folded, and where in the text each of their UTF-16 units came from. */
export interface Folded {
  readonly text: string;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/** What an escape stands for, and where it ends. */
interface Escape {
  readonly char: string;
  readonly end: number;
}

const notLetters = /[^\p{L}\p{N}]/gu;
const hex2 = /^[0-9a-fA-F]{2}$/;
const hexUpper2 = /^[0-9A-F]{2}$/;
const hex4 = /^[0-9a-fA-F]{4}$/;
const entity = /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-zA-Z]{2,8}));/y;
/** Letters with a mark by their names in HTML (§13.5): the mark falls away in folding. */
const marked = /^([a-zA-Z])(?:uml|acute|grave|circ|tilde|ring|cedil|slash|caron)$/;

/**
 * Folds a text: compatibility forms (UAX #15 NFKD) without marks, without case, letters and digits only. `escapes`: those of percent-encoding
 * (RFC 3986 §2.1), quoted-printable (RFC 2045 §6.7), JSON (RFC 8259 §7), also when doubled, and HTML count as what they stand for.
 */
export function foldText(text: string, escapes = false): Folded {
  const starts: number[] = [];
  const ends: number[] = [];
  let folded = "";
  const emit = (chars: string, start: number, end: number): void => {
    folded += chars;
    for (let i = 0; i < chars.length; i++) {
      starts.push(start);
      ends.push(end);
    }
  };
  for (let at = 0; at < text.length; ) {
    const written = escapes ? readEscape(text, at) : undefined;
    if (written !== undefined) {
      emit(foldChar(written.char), at, written.end);
      at = written.end;
      continue;
    }
    const code = text.charCodeAt(at);
    const char = code < 128 ? (text[at] as string) : String.fromCodePoint(text.codePointAt(at) ?? 0);
    emit(foldChar(char), at, at + char.length);
    at += char.length;
  }
  return { text: folded, starts, ends };
}

function foldChar(char: string): string {
  const code = char.charCodeAt(0);
  if (char.length === 1 && code < 128) {
    if ((code >= 97 && code <= 122) || (code >= 48 && code <= 57)) return char;
    return code >= 65 && code <= 90 ? String.fromCharCode(code + 32) : "";
  }
  // By way of the upper case, so that ß is ss and ſ is s.
  return char.normalize("NFKD").toUpperCase().toLowerCase().replace(notLetters, "");
}

function readEscape(text: string, at: number): Escape | undefined {
  const char = text[at];
  if (char === "%") return readBytes(text, at, hex2);
  if (char === "=") return readBytes(text, at, hexUpper2);
  if (char === "\\") return readBackslash(text, at);
  if (char !== "&") return undefined;
  entity.lastIndex = at;
  const [whole, decimal, hex, name = ""] = entity.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const code = decimal === undefined ? (hex === undefined ? -1 : Number.parseInt(hex, 16)) : Number.parseInt(decimal, 10);
  const named = name === "szlig" ? "ß" : (marked.exec(name)?.[1] ?? "");
  return { char: code < 0 ? named : charOf(code), end: at + whole.length };
}

/** A character of UTF-8 whose bytes are written as `%C3%84` or `=C3=84`. */
function readBytes(text: string, at: number, hex: RegExp): Escape | undefined {
  const byteAt = (place: number): number => {
    const digits = text[place] === text[at] ? text.slice(place + 1, place + 3) : "";
    return hex.test(digits) ? Number.parseInt(digits, 16) : -1;
  };
  const first = byteAt(at);
  if (first < 0) return undefined;
  const bytes = [first];
  const length = first < 0xc2 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  for (let i = 1; i < length; i++) {
    const next = byteAt(at + 3 * i);
    if (next < 0) return { char: charOf(first), end: at + 3 };
    bytes.push(next);
  }
  return { char: utf8Text(bytes), end: at + 3 * length };
}

/** What stands after one backslash, or after several where JSON stands in JSON. */
function readBackslash(text: string, at: number): Escape {
  let end = at;
  while (text[end] === "\\") end++;
  const letter = text[end] ?? "";
  const unit = letter === "u" ? text.slice(end + 1, end + 5) : "";
  if (hex4.test(unit)) return readUnit(text, end, Number.parseInt(unit, 16));
  const byte = letter === "x" ? text.slice(end + 1, end + 3) : "";
  if (hex2.test(byte)) return { char: charOf(Number.parseInt(byte, 16)), end: end + 3 };
  return { char: "", end: letter !== "" && "nrtbfv0".includes(letter) ? end + 1 : end };
}

/** One UTF-16 unit whose `u` is at `at`, with the second of its pair. */
function readUnit(text: string, at: number, first: number): Escape {
  const end = at + 5;
  if (first < 0xd800 || first > 0xdbff) return { char: charOf(first), end };
  let next = end;
  while (text[next] === "\\") next++;
  const digits = text[next] === "u" ? text.slice(next + 1, next + 5) : "";
  const second = hex4.test(digits) ? Number.parseInt(digits, 16) : 0;
  if (second < 0xdc00 || second > 0xdfff) return { char: "", end };
  return { char: charOf(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)), end: next + 5 };
}

function charOf(code: number): string {
  return code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? "" : String.fromCodePoint(code);
}

/** Bytes as UTF-8 (RFC 3629); what is none is a space. */
export function utf8Text(bytes: ArrayLike<number>): string {
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at] ?? 0;
    const length = first < 0x80 ? 1 : first < 0xc2 || first > 0xf4 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    let code = length <= 1 ? first : first & (0xff >> (length + 1));
    let isWhole = length > 0 && at + length <= bytes.length;
    for (let i = 1; i < length; i++) {
      const next = bytes[at + i] ?? 0;
      isWhole &&= (next & 0xc0) === 0x80;
      code = (code << 6) | (next & 0x3f);
    }
    text += isWhole ? charOf(code) : " ";
    at += isWhole ? length : 1;
  }
  return text;
}
