/**
 * Amounts of money, shares of a hundred, lengths of time, as people write them.
 * Pure. Never converts one currency into another.
 */
import { readNumber } from "./numbers.ts";
import { isGluedText, type Reading, type Token, textAt } from "./tokens.ts";

/** An amount of money. */
export interface Amount {
  readonly number: number;
  /** ISO 4217. */
  readonly currency: string;
}

/** A length of time; months and years are none, since they differ. */
export interface Duration {
  /** The number that is written first, and the unit that it counts. */
  readonly number: number;
  readonly unit: DurationUnit;
  /** All of it, in seconds. */
  readonly seconds: number;
}

/** Units of durations. */
export type DurationUnit = "millisecond" | "second" | "minute" | "hour" | "day" | "week" | "month" | "year";

/** Signs and words of currencies (ISO 4217). A dollar is the one of the United States unless another is said. */
const signs: ReadonlyMap<string, string> = new Map([
  ["$", "USD"],
  ["€", "EUR"],
  ["£", "GBP"],
  ["¥", "JPY"],
  ["₹", "INR"],
  ["₩", "KRW"],
  ["₽", "RUB"],
  ["₺", "TRY"],
  ["₫", "VND"],
  ["₪", "ILS"],
  ["฿", "THB"],
  ["₱", "PHP"],
  ["₦", "NGN"],
  ["₴", "UAH"],
  ["₿", "BTC"],
]);

const currencyWords: ReadonlyMap<string, string> = new Map([
  ["dollar", "USD"],
  ["dollars", "USD"],
  ["buck", "USD"],
  ["bucks", "USD"],
  ["euro", "EUR"],
  ["euros", "EUR"],
  ["pound", "GBP"],
  ["pounds", "GBP"],
  ["quid", "GBP"],
  ["yen", "JPY"],
  ["rupee", "INR"],
  ["rupees", "INR"],
  ["yuan", "CNY"],
  ["renminbi", "CNY"],
  ["won", "KRW"],
  ["ruble", "RUB"],
  ["rubles", "RUB"],
  ["franc", "CHF"],
  ["francs", "CHF"],
  ["bitcoin", "BTC"],
  ["bitcoins", "BTC"],
]);

/** Codes that stand as words in tasks. */
const codes = new Set(
  "usd eur gbp jpy cny inr aud cad chf nzd sek nok dkk pln czk huf ron bgn rub try krw sgd hkd twd thb idr myr php vnd zar brl mxn clp cop ars pen aed sar ils egp ngn kes btc eth usdt".split(
    " ",
  ),
);

/** The currency that a sign, a word or a code at a token names, in ISO 4217, and the token behind it. */
export function currencyAt(tokens: readonly Token[], at: number): Reading<string> | undefined {
  const text = textAt(tokens, at);
  const sign = signs.get(text) ?? currencyWords.get(text) ?? (codes.has(text) ? text.toUpperCase() : undefined);
  if (sign !== undefined) return { value: sign, next: at + 1 };
  const second = textAt(tokens, at + 1);
  if (second !== "$" && second !== "dollars" && second !== "dollar") return undefined;
  const prefix = dollars.get(text);
  return prefix === undefined ? undefined : { value: prefix, next: at + 2 };
}

const dollars: ReadonlyMap<string, string> = new Map([
  ["us", "USD"],
  ["a", "AUD"],
  ["au", "AUD"],
  ["australian", "AUD"],
  ["c", "CAD"],
  ["ca", "CAD"],
  ["canadian", "CAD"],
  ["american", "USD"],
  ["hk", "HKD"],
  ["nz", "NZD"],
  ["s", "SGD"],
  ["singapore", "SGD"],
]);

/** An amount of money that begins at a token: `$1.5k`, `200 dollars`, `EUR 30`, `30 €`. */
export function readAmount(tokens: readonly Token[], at: number): Reading<Amount> | undefined {
  const sign = currencyAt(tokens, at);
  if (sign !== undefined) {
    const number = readNumber(tokens, sign.next);
    if (number === undefined || currencyWords.has(textAt(tokens, at))) return undefined;
    return { value: { number: number.value, currency: sign.value }, next: number.next };
  }
  const number = readNumber(tokens, at);
  if (number === undefined) return undefined;
  const behind = currencyAt(tokens, number.next);
  return behind && { value: { number: number.value, currency: behind.value }, next: behind.next };
}

/** A share of a hundred that begins at a token: `3%`, `12.5 percent`. The value is the number as said. */
export function readPercent(tokens: readonly Token[], at: number): Reading<number> | undefined {
  const number = readNumber(tokens, at);
  if (number === undefined) return undefined;
  const word = textAt(tokens, number.next);
  if (word === "%" || word === "percent" || word === "pct") return { value: number.value, next: number.next + 1 };
  return word === "per" && textAt(tokens, number.next + 1) === "cent"
    ? { value: number.value, next: number.next + 2 }
    : undefined;
}

const secondsOf: Readonly<Record<DurationUnit, number>> = {
  millisecond: 0.001,
  second: 1,
  minute: 60,
  hour: 3_600,
  day: 86_400,
  week: 604_800,
  month: 2_629_746,
  year: 31_556_952,
};

const unitWords: ReadonlyMap<string, DurationUnit> = new Map<string, DurationUnit>([
  ["ms", "millisecond"],
  ["millisecond", "millisecond"],
  ["milliseconds", "millisecond"],
  ["s", "second"],
  ["sec", "second"],
  ["secs", "second"],
  ["second", "second"],
  ["seconds", "second"],
  ["min", "minute"],
  ["mins", "minute"],
  ["minute", "minute"],
  ["minutes", "minute"],
  ["h", "hour"],
  ["hr", "hour"],
  ["hrs", "hour"],
  ["hour", "hour"],
  ["hours", "hour"],
  ["day", "day"],
  ["days", "day"],
  ["night", "day"],
  ["nights", "day"],
  ["week", "week"],
  ["weeks", "week"],
  ["month", "month"],
  ["months", "month"],
  ["year", "year"],
  ["years", "year"],
  ["yr", "year"],
  ["yrs", "year"],
]);

/** The unit of time that a word names. */
export function durationUnit(word: string): DurationUnit | undefined {
  return unitWords.get(word);
}

/** How many seconds a unit has; of months and years, on average (Gregorian). */
export function secondsIn(unit: DurationUnit): number {
  return secondsOf[unit];
}

/** A length of time that begins at a token: `two hours`, `1h 30m`, `an hour and a half`, `half an hour`, `30-day`. */
export function readDuration(tokens: readonly Token[], at: number): Reading<Duration> | undefined {
  const first = readPart(tokens, at);
  if (first === undefined) return undefined;
  let { seconds } = first.value;
  let { next } = first;
  if (textAt(tokens, next) === "and" && textAt(tokens, next + 1) === "a" && textAt(tokens, next + 2) === "half") {
    seconds += secondsOf[first.value.unit] / 2;
    next += 3;
    return { value: { ...first.value, number: first.value.number + 0.5, seconds }, next };
  }
  // `1 hour and 30 minutes`: units that get smaller.
  let { unit } = first.value;
  for (let count = 0; count < 4; count += 1) {
    const part = readPart(tokens, ["and", ","].includes(textAt(tokens, next)) ? next + 1 : next);
    if (part === undefined || secondsOf[part.value.unit] >= secondsOf[unit]) break;
    seconds += part.value.seconds;
    ({ next } = part);
    ({ unit } = part.value);
  }
  return { value: { ...first.value, seconds }, next };
}

function readPart(tokens: readonly Token[], at: number): Reading<Duration> | undefined {
  const number = countAt(tokens, at);
  if (number === undefined) return undefined;
  const isHyphen = isGluedText(tokens, number.next, "-");
  const here = isHyphen ? number.next + 1 : number.next;
  const token = tokens[here];
  // `5 s` and `3 h` may be anything; glued to the number they are units. `m` is minutes only behind hours.
  if (token === undefined || (token.text.length === 1 && !token.isGlued)) return undefined;
  const unit = unitWords.get(token.text) ?? (token.text === "m" && textAt(tokens, at - 1) === "h" ? "minute" : undefined);
  if (unit === undefined) return undefined;
  return { value: { number: number.value, unit, seconds: number.value * secondsOf[unit] }, next: here + 1 };
}

function countAt(tokens: readonly Token[], at: number): Reading<number> | undefined {
  const word = textAt(tokens, at);
  if (word === "half" && /^an?$/.test(textAt(tokens, at + 1))) return { value: 0.5, next: at + 2 };
  const number = readNumber(tokens, at);
  if (number !== undefined) {
    const isHalf = phraseIs(tokens, number.next, ["and", "a", "half"]);
    return isHalf ? { value: number.value + 0.5, next: number.next + 3 } : number;
  }
  return word === "a" || word === "an" ? { value: 1, next: at + 1 } : undefined;
}

function phraseIs(tokens: readonly Token[], at: number, words: readonly string[]): boolean {
  return words.every((word, offset) => textAt(tokens, at + offset) === word);
}
