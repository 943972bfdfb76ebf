/**
 * Amounts, numbers and integers in free text, by the punctuation of a declared locale.
 * Pure. Never guesses the locale: a numeral that the locale does not write that way is not found.
 */

import {
  type Attempt,
  codeAt,
  isBlank,
  isDigit,
  isInvisible,
  isLetter,
  isWordCode,
  type Match,
  type Scanner,
  skipWhile,
  textOf,
  type Window,
} from "./window.ts";

/** How a locale groups thousands and marks decimals. */
interface Punctuation {
  readonly group: string;
  readonly decimal: string;
}

const punctuations: Readonly<Record<NumberLocale, Punctuation>> = {
  en: { group: ",", decimal: "." },
  "en-US": { group: ",", decimal: "." },
  "en-GB": { group: ",", decimal: "." },
  de: { group: ".", decimal: "," },
  fr: { group: "\u0020\u00a0\u202f\u2009", decimal: "," },
  ch: { group: "'\u2019", decimal: "." },
};

/** The locales an extractor knows. `en-US` and `en-GB` differ from `en` only in dates. */
export type NumberLocale = "en" | "en-US" | "en-GB" | "de" | "fr" | "ch";

/** Digits of an integer that is kept (as a `bigint` beyond 2^53), and of a number with decimals (a double keeps 15). */
const integerDigitsMax = 40;
const decimalDigitsMax = 15;
/** Letters of the longest currency word. */
const currencyCharsMax = 8;

const currencySigns = "$€£¥₹₽₩₺₿¢";
const currencyWords: ReadonlySet<string> = new Set(
  (
    "USD EUR GBP CHF JPY CNY INR CAD AUD NZD SEK NOK DKK PLN CZK HUF RUB TRY BRL MXN ZAR KRW SGD HKD ILS THB IDR MYR PHP AED SAR BTC ETH USDC USDT " +
    "Rs US dollars dollar euros euro pounds pound Euro Franken francs yen"
  ).split(" "),
);

function isCurrencySign(code: number): boolean {
  return code > 0 && currencySigns.includes(String.fromCharCode(code));
}

function isMinus(code: number): boolean {
  return code === 45 || code === 0x2212;
}

/** Punctuation that continues a run of digits (`12.05.2026`, `10:30`, `1/2`): the whole run must be one numeral, or none of it is. */
function isJoint(code: number): boolean {
  return code === 46 || code === 44 || code === 58 || code === 47 || code === 39 || code === 0x2019 || code === 95 || code === 45;
}

/** The start of the currency word that ends at `end`, or -1. */
function wordStart(window: Window, end: number): number {
  let at = end;
  while (end - at <= currencyCharsMax && isLetter(codeAt(window, at - 1))) at -= 1;
  return at < end && !isWordCode(codeAt(window, at - 1)) && currencyWords.has(textOf(window, at, end)) ? at : -1;
}

/** What stands before the digits at `index`: the sign, and whether a currency does; or that the digits are part of something else. */
function readBefore(
  window: Window,
  index: number,
): { readonly start: number; readonly isNegative: boolean; readonly hasCurrency: boolean } | undefined {
  let start = index;
  let isNegative = false;
  let at = index;
  if (isMinus(codeAt(window, at - 1))) {
    isNegative = true;
    at -= 1;
    start = at;
  }
  const hasGlued = isCurrencySign(codeAt(window, at - 1));
  if (hasGlued) {
    at -= 1;
    if (!isNegative && isMinus(codeAt(window, at - 1))) {
      isNegative = true;
      at -= 1;
      start = at;
    }
  }
  const gluedWord = wordStart(window, at);
  if (gluedWord >= 0) return { start, isNegative, hasCurrency: true };
  const before = codeAt(window, at - 1);
  const isPart =
    isWordCode(before) ||
    isInvisible(before) ||
    isJoint(before) ||
    isMinus(before) ||
    before === 35 ||
    before === 64 ||
    before === 37;
  if (isPart && before !== 58 && before !== 39 && before !== 0x2019) return undefined;
  // `:`, `'` are the end of a label or an opening quote unless a digit stands before them.
  if (isPart && isDigit(codeAt(window, at - 2))) return undefined;
  const hasSpaced = isBlank(before) && (isCurrencySign(codeAt(window, at - 2)) || wordStart(window, at - 1) >= 0);
  return { start, isNegative, hasCurrency: hasGlued || hasSpaced };
}

/** What stands after the digits: whether a currency does, or that the digits are part of something else. */
function readAfter(window: Window, end: number, hasPercent: boolean): { readonly hasCurrency: boolean } | undefined {
  const after = codeAt(window, end);
  if (isCurrencySign(after)) return { hasCurrency: true };
  if (isInvisible(after) || after === 95 || (after === 37 && !hasPercent)) return undefined;
  if (isJoint(after) && isWordCode(codeAt(window, end + 1))) return undefined;
  const wordAt = isBlank(after) ? end + 1 : end;
  if (isCurrencySign(codeAt(window, wordAt))) return { hasCurrency: true };
  let wordEnd = wordAt;
  while (wordEnd - wordAt <= currencyCharsMax && isLetter(codeAt(window, wordEnd))) wordEnd += 1;
  const hasCurrency =
    wordEnd > wordAt && !isWordCode(codeAt(window, wordEnd)) && currencyWords.has(textOf(window, wordAt, wordEnd));
  return wordAt === end && wordEnd > end && !hasCurrency ? undefined : { hasCurrency };
}

/** The end of the run of digits and joints at `index`; with a blank as group mark also `1 234` (one blank, then three digits). */
function readRun(window: Window, index: number, group: string): number {
  let at = index;
  while (at < window.high) {
    const code = codeAt(window, at);
    const isGroupBlank =
      isBlank(code) &&
      group.includes(String.fromCharCode(code)) &&
      isDigit(codeAt(window, at + 1)) &&
      isDigit(codeAt(window, at + 2)) &&
      isDigit(codeAt(window, at + 3)) &&
      !isDigit(codeAt(window, at + 4)) &&
      at - index <= integerDigitsMax;
    if (!isDigit(code) && !isJoint(code) && !isGroupBlank) break;
    at += 1;
  }
  return at;
}

/** Reads a numeral: digits, or groups of three, then decimals. Undefined when the locale does not write numbers so. */
function parseNumeral(text: string, punctuation: Punctuation): { readonly whole: string; readonly fraction: string } | undefined {
  const point = text.indexOf(punctuation.decimal);
  const head = point < 0 ? text : text.slice(0, point);
  const fraction = point < 0 ? "" : text.slice(point + 1);
  if (point >= 0 && (fraction === "" || [...fraction].some((char) => !isDigit(char.charCodeAt(0))))) return undefined;
  const groups = [""];
  for (const char of head) {
    if (isDigit(char.charCodeAt(0))) groups.push(`${groups.pop() ?? ""}${char}`);
    else if (punctuation.group.includes(char)) groups.push("");
    else return undefined;
  }
  const first = groups[0] ?? "";
  if (first === "" || (first.length > 1 && first.startsWith("0"))) return undefined;
  if (groups.length > 1 && (first.length > 3 || first === "0" || groups.slice(1).some((group) => group.length !== 3)))
    return undefined;
  return { whole: groups.join(""), fraction };
}

/** The JSON number of a numeral, or undefined when a double cannot keep its digits. */
function numberOf(whole: string, fraction: string, isNegative: boolean): number | bigint | undefined {
  const sign = isNegative ? "-" : "";
  if (fraction === "") {
    if (whole.length > integerDigitsMax) return undefined;
    const value = Number(sign + whole);
    return Number.isSafeInteger(value) ? value + 0 : BigInt(sign + whole);
  }
  if (whole.length + fraction.length > decimalDigitsMax) return undefined;
  return Number(`${sign}${whole}.${fraction}`) + 0;
}

/** What tells the three kinds apart. */
export interface NumberOptions {
  readonly locale: NumberLocale;
  /** Only with a currency sign or word beside it. */
  readonly currency: boolean;
  /** Whether a per cent sign may follow. */
  readonly percent: boolean;
  /** Whether decimals are refused. */
  readonly integer: boolean;
}

function tryNumber(window: Window, index: number, options: NumberOptions): Attempt {
  if (!isDigit(codeAt(window, index))) return index + 1;
  const punctuation = punctuations[options.locale];
  const run = readRun(window, index, punctuation.group);
  let end = run;
  while (isJoint(codeAt(window, end - 1))) end -= 1;
  const before = readBefore(window, index);
  const after = before && readAfter(window, end, options.percent);
  if (before === undefined || after === undefined || end - index > 2 * integerDigitsMax) return run;
  const numeral = parseNumeral(textOf(window, index, end), punctuation);
  if (numeral === undefined || (options.integer && numeral.fraction !== "")) return run;
  if (options.currency && !before.hasCurrency && !after.hasCurrency) return run;
  const value = numberOf(numeral.whole, numeral.fraction, before.isNegative);
  return value === undefined ? run : ({ value, start: before.start, end } satisfies Match);
}

/** A scanner for amounts, numbers or integers. The span is the numeral with its sign; a currency beside it is not part of it. */
export function numberScanner(options: NumberOptions): Scanner {
  return (window, index) => tryNumber(window, index, options);
}

/** A run of digits, kept as text with its leading zeros. */
export const scanDigits: Scanner = (window, index) => {
  if (!isDigit(codeAt(window, index))) return index + 1;
  const end = skipWhile(window, index, isDigit);
  const isPart = isWordCode(codeAt(window, index - 1)) || isWordCode(codeAt(window, end));
  return isPart ? end : { value: textOf(window, index, end), start: index, end };
};
