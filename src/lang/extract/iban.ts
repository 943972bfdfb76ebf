/**
 * IBANs in free text (ISO 13616-1: country, two check digits, BBAN), strict or by shape.
 * Pure. Strict mode never yields a number whose check digits, length or national format are wrong.
 */

import { getCountrySpecifications, isValidIBAN } from "ibantools";
import { type Attempt, codeAt, isAsciiUpper, isBlank, isDigit, isWordCode, type Scanner, type Window } from "./window.ts";

/** Letters and digits of a shape-mode IBAN: two letters, two digits and 10 to 30 more (ISO 13616-1 allows up to 30). */
const shapeCharsMin = 14;
const ibanCharsMax = 34;

const lengths: ReadonlyMap<string, number> = new Map(
  Object.entries(getCountrySpecifications()).flatMap(([country, spec]) =>
    spec.chars === null ? [] : [[country, spec.chars] as const],
  ),
);

function isIbanCode(code: number): boolean {
  return isDigit(code) || isAsciiUpper(code);
}

function startsIban(window: Window, index: number): boolean {
  return (
    isAsciiUpper(codeAt(window, index)) &&
    isAsciiUpper(codeAt(window, index + 1)) &&
    isDigit(codeAt(window, index + 2)) &&
    isDigit(codeAt(window, index + 3)) &&
    !isWordCode(codeAt(window, index - 1))
  );
}

/** Exactly `count` characters from `index`, one blank allowed between two; the end must be a word boundary. */
function readExactly(window: Window, index: number, count: number): { readonly chars: string; readonly end: number } | undefined {
  let chars = "";
  let at = index;
  while (chars.length < count) {
    if (chars.length > 0 && isBlank(codeAt(window, at))) at += 1;
    const code = codeAt(window, at);
    if (!isIbanCode(code)) return undefined;
    chars += String.fromCharCode(code);
    at += 1;
  }
  return isWordCode(codeAt(window, at)) ? undefined : { chars, end: at };
}

/** Strict: the length of its country, the national format and ISO 7064 MOD 97-10. The value is the electronic form (no blanks). */
export const scanStrictIban: Scanner = (window, index) => {
  if (!startsIban(window, index)) return index + 1;
  const count = lengths.get(window.text.slice(index, index + 2));
  if (count === undefined) return index + 1;
  const read = readExactly(window, index, count);
  return read !== undefined && isValidIBAN(read.chars) ? { value: read.chars, start: index, end: read.end } : index + 1;
};

/** The run of letters and digits at `index`, at most one longer than an IBAN may be. */
function readGroup(window: Window, index: number): { readonly chars: string; readonly hasDigit: boolean } {
  let chars = "";
  let hasDigit = false;
  for (let at = index; chars.length <= ibanCharsMax && isIbanCode(codeAt(window, at)); at++) {
    hasDigit ||= isDigit(codeAt(window, at));
    chars += String.fromCharCode(codeAt(window, at));
  }
  return { chars, hasDigit };
}

/**
 * Shape: written in one piece, or in groups of four with a shorter last one. A group after the second needs a digit, so that
 * words in capitals behind the number are not swallowed.
 */
export const scanShapeIban: Scanner = (window, index): Attempt => {
  if (!startsIban(window, index)) return index + 1;
  let chars = readGroup(window, index).chars;
  let end = index + chars.length;
  if (isWordCode(codeAt(window, end))) return index + 1;
  for (let groups = 1; chars.length === groups * 4 && chars.length < ibanCharsMax && isBlank(codeAt(window, end)); groups++) {
    const next = readGroup(window, end + 1);
    const isGroup =
      next.chars.length >= 1 &&
      next.chars.length <= 4 &&
      (next.hasDigit || groups === 1) &&
      !isWordCode(codeAt(window, end + 1 + next.chars.length));
    if (!isGroup || chars.length + next.chars.length > ibanCharsMax) break;
    chars += next.chars;
    end += 1 + next.chars.length;
  }
  return chars.length >= shapeCharsMin && chars.length <= ibanCharsMax ? { value: chars, start: index, end } : index + 1;
};
