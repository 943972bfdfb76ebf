/**
 * Codes for what people call by name: currencies (ISO 4217), countries (ISO 3166-1), languages (ISO 639).
 * Pure, and from tables of its own, so that every run time gives the same. Never gives a code where the argument does not ask for one.
 */
import { type Json, member } from "../../json/value.ts";
import type { DraftParam } from "../tools.ts";
import { countries, languages } from "./code-tables.ts";
import { currencyAt } from "./quantities.ts";
import { tokensOf } from "./tokens.ts";

/** Both codes of a country or language. */
interface Codes {
  readonly short: string;
  readonly long: string;
}

function plainName(name: string): string {
  return name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/&/g, "and")
    .replace(/[^a-z ]+/g, "")
    .replace(/^the /, "")
    .replace(/\s+/g, " ")
    .trim();
}

function tableOf(
  lines: readonly string[],
  others: readonly (readonly [name: string, code: string])[],
): ReadonlyMap<string, Codes> {
  const named = new Map<string, Codes>();
  const coded = new Map<string, Codes>();
  for (const entry of lines.flatMap((line) => line.split("|"))) {
    const [short = "", long = "", ...words] = entry.split(" ");
    coded.set(short, { short, long });
    named.set(plainName(words.join(" ")), { short, long });
  }
  for (const [name, code] of others) {
    const codes = coded.get(code);
    if (codes !== undefined) named.set(name, codes);
  }
  return named;
}

const countryNames = tableOf(countries, [
  ["usa", "US"],
  ["us", "US"],
  ["america", "US"],
  ["united states of america", "US"],
  ["states", "US"],
  ["uk", "GB"],
  ["great britain", "GB"],
  ["britain", "GB"],
  ["england", "GB"],
  ["uae", "AE"],
  ["emirates", "AE"],
  ["turkey", "TR"],
  ["czech republic", "CZ"],
  ["holland", "NL"],
  ["burma", "MM"],
  ["ivory coast", "CI"],
  ["russian federation", "RU"],
  ["republic of korea", "KR"],
  ["korea", "KR"],
  ["viet nam", "VN"],
  ["macedonia", "MK"],
  ["swaziland", "SZ"],
  ["congo", "CG"],
  ["drc", "CD"],
  ["palestine", "PS"],
  ["vatican", "VA"],
  ["bosnia", "BA"],
  ["macau", "MO"],
]);

const languageNames = tableOf(languages, [
  ["mandarin", "zh"],
  ["mandarin chinese", "zh"],
  ["simplified chinese", "zh"],
  ["farsi", "fa"],
  ["filipino", "tl"],
  ["castilian", "es"],
  ["flemish", "nl"],
  ["gaelic", "gd"],
  ["brazilian portuguese", "pt"],
  ["american english", "en"],
  ["british english", "en"],
]);

/** The code that a name, a sign or a code stands for, where the argument asks for a code; else `undefined`. */
export function codeOf(said: string, param: DraftParam): string | undefined {
  const { words: name } = param;
  if (/\bcurrenc(?:y|ies)\b/.test(name)) return currencyCode(said);
  if (/\bcountry\b|\bcountries\b|\bnationality\b/.test(name)) return countryCode(said, param);
  return /\b(?:lang|language|languages)\b/.test(name) ? languageCode(said, param) : undefined;
}

/** The listed value that is a code of the country, language or currency that some words name. */
export function listedCode(said: string, { words: name, listed }: DraftParam): Json | undefined {
  const isAbout =
    /\b(?:currenc(?:y|ies)|country|countries|nationality|market|region|locale|lang|languages?|from|to|source|target)\b/.test(
      name,
    );
  if (!isAbout) return undefined;
  const plain = plainName(said);
  const codes = [countryNames.get(plain), languageNames.get(plain)].flatMap((both) =>
    both === undefined ? [] : [both.short, both.long],
  );
  const currency = currencyCode(said);
  const sought = new Set([...codes, ...(currency === undefined ? [] : [currency])].map((code) => code.toLowerCase()));
  const fitting = listed.filter((value) => typeof value === "string" && sought.has(value.toLowerCase()));
  return fitting.length === 1 ? fitting[0] : undefined;
}

function currencyCode(said: string): string | undefined {
  const tokens = tokensOf(said).slice(0, 8);
  for (let at = 0; at < tokens.length; at += 1) {
    const currency = currencyAt(tokens, at);
    if (currency !== undefined) return currency.value;
  }
  return undefined;
}

const long = /\balpha-?3\b|\b(?:three|3)[- ]letters?\b|\b639-[23]\b/i;
const short = /\bcodes?\b|\balpha-?2\b|\b(?:two|2)[- ]letters?\b|\biso\b/i;
const countryExample = /(?:^|[\s'"`(,/=])(?:US|GB|UK|FR|DE|IN|CN|JP|CA|AU|us|gb|uk|fr|de|cn|jp|ca|au)(?=$|[\s'"`),./:=])/;
const languageExample = /(?:^|[\s'"`(,/=])(?:en|es|fr|de|zh|ja|it|pt|ru|EN|ES|FR|DE)(?:[-_][A-Z]{2})?(?=$|[\s'"`),./:=])/;

function countryCode(said: string, { words: name, description, schema }: DraftParam): string | undefined {
  const asked = /\bcode\b/.test(name) || long.test(description) || short.test(description) || countryExample.test(description);
  const length = member(schema, "maxLength");
  if (!asked && length !== 2 && length !== 3) return undefined;
  const codes = countryNames.get(plainName(said));
  if (codes === undefined || isCode(said)) return undefined;
  const code = long.test(description) || length === 3 ? codes.long : codes.short;
  const shown = countryExample.exec(description)?.[0] ?? "";
  return /[a-z]/.test(shown) ? code.toLowerCase() : code;
}

function languageCode(said: string, { words: name, description }: DraftParam): string | undefined {
  const asked = /\bcode\b/.test(name) || long.test(description) || short.test(description) || languageExample.test(description);
  if (!asked) return undefined;
  const codes = languageNames.get(plainName(said));
  if (codes === undefined || isCode(said)) return undefined;
  const code = long.test(description) ? codes.long : codes.short;
  const shown = languageExample.exec(description)?.[0] ?? "";
  return /[A-Z]/.test(shown) && !/[a-z]/.test(shown) ? code.toUpperCase() : code;
}

/** A text of two or three letters is a code already. */
function isCode(said: string): boolean {
  return /^[A-Za-z]{2,3}$/.test(said) && !/^(?:uk|usa|us|uae|drc)$/i.test(said);
}
