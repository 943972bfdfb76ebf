/**
 * Numbers and amounts of money as people write them, in the punctuation of a declared locale.
 * Pure. Never converts or rounds: another currency, or more digits than the currency has, is refused.
 */
import Big from "big.js";
import { isObject, type Json, member } from "../../json/value.ts";
import { err, ok, type Result } from "../../result.ts";
import { compileExtract } from "../extract/extract.ts";
import type { NumberLocale } from "../extract/number.ts";

/** What an amount is of. */
export interface AmountSpec {
  /** ISO 4217 code. */
  readonly currency: string;
}

/** Currencies whose minor unit is not a hundredth (ISO 4217, list one, 2024): code → digits behind the point. */
const minorUnits: ReadonlyMap<string, number> = new Map([
  ..."BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(" ").map((code) => [code, 0] as const),
  ..."BHD IQD JOD KWD LYD OMR TND".split(" ").map((code) => [code, 3] as const),
  ..."CLF UYW".split(" ").map((code) => [code, 4] as const),
]);

/** The currencies that write a sign. A sign of several stands for the one that the plan declares, since the user knows which he pays in. */
const signs: ReadonlyMap<string, readonly string[]> = new Map([
  ["$", ["USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "ARS", "CLP", "COP"]],
  ["€", ["EUR"]],
  ["£", ["GBP"]],
  ["¥", ["JPY", "CNY"]],
  ["₹", ["INR"]],
  ["₽", ["RUB"]],
  ["₩", ["KRW"]],
  ["₺", ["TRY"]],
]);

/** Whether a value has the form of a currency's code. */
export function isCurrency(value: Json | undefined): value is string {
  return typeof value === "string" && /^[A-Z]{3}$/.test(value);
}

/** Digits behind the point of an amount in a currency (ISO 4217; 2 for codes that are not in the list of exceptions). */
export function minorDigitsOf(currency: string): number {
  return minorUnits.get(currency) ?? 2;
}

/** Characters of a number that is written as a text. */
const numeralCharsMax = 64;

interface Numeral {
  readonly value: number | bigint;
  /** The text around the digits, their sign and punctuation. */
  readonly rest: string;
}

/** The one number of a text, and what stands around it. */
function readNumeral(text: string, locale: NumberLocale): Numeral | undefined {
  if (text.length > numeralCharsMax) return undefined;
  const extract = compileExtract({ kind: "amount", locale });
  const [found, ...others] = extract.ok ? extract.value.find(text) : [];
  if (found === undefined || others.length > 0) return undefined;
  if (typeof found.value !== "number" && typeof found.value !== "bigint") return undefined;
  // A sign of a currency between the minus and the digits belongs to the rest.
  const inside = text.slice(found.start, found.end).replace(/[-\u22120-9.,'\u2019 \u00a0\u202f\u2009]/g, "");
  return { value: found.value, rest: `${text.slice(0, found.start).trim()}${inside}${text.slice(found.end).trim()}` };
}

/** A number, or its text in the punctuation of `locale`. */
export function readNumber(
  value: Json,
  { locale, isInteger }: { readonly locale: NumberLocale; readonly isInteger: boolean },
): Result<number | bigint, string> {
  const numeral = typeof value === "string" ? readNumeral(value.trim(), locale) : undefined;
  const number = numeral?.rest === "" ? numeral.value : value;
  if (typeof number === "bigint") return ok(number);
  if (typeof number !== "number" || (isInteger && !Number.isInteger(number)))
    return err(`expected ${isInteger ? "an integer" : "a number"}, as a number or as \`${locale}\` writes it`);
  return ok(number);
}

/**
 * An amount: a number, a text such as `1.234,50 €` in the punctuation of `locale`, or `{ "amount", "currency" }`. The value is the number
 * of major units.
 */
export function readAmount(
  value: Json,
  { locale, currency }: AmountSpec & { readonly locale: NumberLocale },
): Result<number, string> {
  if (isObject(value)) {
    const [inner, own, size] = [member(value, "amount"), member(value, "currency"), Object.keys(value).length];
    if (size !== 2 || inner === undefined || isObject(inner)) return err("expected `{ amount, currency }` and no other member");
    if (own !== currency) return err(`expected an amount in ${currency}: Sluice converts nothing`);
    return readAmount(inner, { locale, currency });
  }
  const numeral = typeof value === "string" ? readNumeral(value.trim(), locale) : undefined;
  if (typeof value === "string" && numeral === undefined) return err(`expected one amount, as \`${locale}\` writes it`);
  if (numeral !== undefined && numeral.rest !== "" && numeral.rest !== currency && !signs.get(numeral.rest)?.includes(currency))
    return err(`expected an amount in ${currency}: Sluice converts nothing`);
  const number = numeral?.value ?? value;
  if (typeof number !== "number" || !Number.isFinite(number)) return err(`expected an amount in ${currency}, below 2^53`);
  const digits = minorDigitsOf(currency);
  if (digitsBehindPoint(number) > digits) return err(`an amount in ${currency} has at most ${digits} digits behind the point`);
  return ok(number);
}

function digitsBehindPoint(number: number): number {
  const { c, e } = new Big(number);
  return Math.max(0, c.length - 1 - e);
}
