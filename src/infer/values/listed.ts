/**
 * Which of the values that a schema lists some words name: by case, separators, plurals, numbers in words, synonyms, abbreviations.
 * Pure. Never gives a value that is not listed, and none where two fit equally.
 */
import type { Json } from "../../json/value.ts";
import { readNumber } from "./numbers.ts";
import { tokensOf } from "./tokens.ts";

/** The listed value that a text names; `isClosed` says that the list is all there is, so that a likeness will do. */
export function listedValue(
  text: string,
  listed: readonly Json[],
  { isClosed }: { readonly isClosed: boolean },
): Json | undefined {
  const spelled = listed.filter((value) => typeof value !== "object");
  const exact = only(spelled, (value) => String(value) === text) ?? only(spelled, (value) => fold(String(value)) === fold(text));
  if (exact !== undefined) return exact;
  const stems = stemsOf(text);
  if (stems.length === 0) return undefined;
  const sameStems = only(spelled, (value) => sameWords(stemsOf(String(value)), stems));
  if (sameStems !== undefined || !isClosed) return sameStems;
  return numberListed(text, spelled) ?? truthListed(text, spelled) ?? alikeListed(stems, spelled);
}

/** The one value that fits, or none. */
function only(values: readonly Json[], fits: (value: Json) => boolean): Json | undefined {
  const fitting = values.filter(fits);
  return fitting.length === 1
    ? fitting[0]
    : fitting.length > 1 && new Set(fitting.map(String)).size === 1
      ? fitting[0]
      : undefined;
}

/** Lower case, without accents and anything that is no letter or digit. */
function fold(text: string): string {
  return text
    .normalize("NFKD")
    .toLowerCase()
    .replace(/&/g, "and")
    .replace(/[^\p{L}\p{N}+#]+/gu, "");
}

const fillers = new Set("a an the of for in on at to with by my our please some any one kind type".split(" "));

function wordsOf(text: string): readonly string[] {
  const spaced = text
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .normalize("NFKD")
    .toLowerCase()
    .replace(/&/g, " and ");
  return spaced.match(/[\p{L}\p{N}+#]+/gu) ?? [];
}

function stemsOf(text: string): readonly string[] {
  const words = wordsOf(text);
  const content = words.filter((word) => !fillers.has(word));
  return (content.length > 0 ? content : words).map(stem);
}

/** A crude stem: endings of plurals and of some forms of verbs and adjectives off. */
function stem(word: string): string {
  if (word.length <= 3) return word;
  if (word.endsWith("ies") && word.length > 4) return `${word.slice(0, -3)}y`;
  if (/(?:s|x|z|ch|sh)es$/.test(word)) return word.slice(0, -2);
  if (word.endsWith("s") && !/(?:ss|us|is)$/.test(word)) return word.slice(0, -1);
  return word;
}

function sameWords(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((word, at) => word === other[at]);
}

function numberListed(text: string, listed: readonly Json[]): Json | undefined {
  const tokens = tokensOf(text);
  for (let at = 0; at < Math.min(tokens.length, 8); at += 1) {
    const number = readNumber(tokens, at)?.value;
    if (number === undefined) continue;
    return only(listed, (value) => typeof value !== "boolean" && String(value).trim() !== "" && Number(value) === number);
  }
  return undefined;
}

const truths = new Set(["true", "yes", "on", "1", "y", "enabled"]);
const untruths = new Set(["false", "no", "off", "0", "n", "disabled"]);

/** Of `["yes", "no"]` and their like. */
function truthListed(text: string, listed: readonly Json[]): Json | undefined {
  const word = text.trim().toLowerCase();
  const group = truths.has(word) ? truths : untruths.has(word) ? untruths : undefined;
  return group && only(listed, (value) => group.has(String(value).toLowerCase()));
}

/** Words that mean the same in a list of choices. */
const synonyms: readonly (readonly string[])[] = [
  ["cheap", "inexpensive", "budget", "affordable", "economical", "low"],
  ["moderate", "medium", "mid", "average", "intermediate", "normal", "standard"],
  ["expensive", "pricey", "costly", "luxury", "upscale", "high", "premium"],
  ["large", "big"],
  ["small", "little", "tiny"],
  ["fast", "quick", "rapid", "express"],
  ["movie", "film"],
  ["car", "automobile", "driving", "drive"],
  ["walk", "walking", "foot"],
  ["bike", "bicycle", "cycling", "bicycling"],
  ["bus", "transit", "public"],
  ["begin", "beginner", "novice"],
  ["expert", "advanced"],
  ["daily", "day"],
  ["weekly", "week"],
  ["monthly", "month"],
  ["yearly", "annual", "annually", "year"],
  ["hourly", "hour"],
  ["asc", "ascending", "increasing", "oldest", "lowest"],
  ["desc", "descending", "decreasing", "newest", "latest", "highest"],
  ["metric", "celsius", "centigrade"],
  ["imperial", "fahrenheit"],
  ["male", "man", "men", "boy", "masculine"],
  ["female", "woman", "women", "girl", "feminine"],
  ["urgent", "critical", "highest"],
  ["delete", "remove"],
  ["add", "create", "insert"],
  ["update", "modify", "change", "edit"],
  ["kilometer", "kilometre", "km"],
  ["meter", "metre", "m"],
  ["mile", "mi"],
  ["kilogram", "kg", "kilo"],
  ["pound", "lb"],
  ["minute", "min"],
  ["second", "sec"],
  ["photo", "image", "picture"],
  ["job", "work"],
  ["economy", "coach"],
  ["vegetarian", "veggie"],
  ["funny", "comedy"],
  ["scary", "horror"],
  ["sedan", "compact"],
];

const meaningOf = new Map<string, ReadonlySet<number>>();
for (const [group, words] of synonyms.entries()) {
  for (const word of words) meaningOf.set(stem(word), new Set([...(meaningOf.get(stem(word)) ?? []), group]));
}

function means(one: string, other: string): boolean {
  if (one === other) return true;
  const theirs = meaningOf.get(other);
  return theirs !== undefined && [...(meaningOf.get(one) ?? [])].some((group) => theirs.has(group));
}

/** The value whose words the text contains, or that contains the text's words, or that means the same; the longest, if one is longest. */
function alikeListed(stems: readonly string[], listed: readonly Json[]): Json | undefined {
  const rules: readonly ((words: readonly string[]) => boolean)[] = [
    (words) => words.length > 0 && words.every((word) => stems.includes(word)),
    (words) => stems.every((word) => words.includes(word)),
    (words) => words.length > 0 && words.every((word) => stems.some((said) => means(said, word))),
    (words) => stems.every((said) => words.some((word) => means(said, word))),
    (words) => isShortFor(words.join(""), stems) || isShortFor(stems.join(""), words),
  ];
  for (const rule of rules) {
    const fitting = listed.filter((value) => typeof value !== "boolean" && rule(stemsOf(String(value))));
    const longest = Math.max(...fitting.map((value) => stemsOf(String(value)).length));
    const best = fitting.filter((value) => stemsOf(String(value)).length === longest);
    if (best.length === 1) return best[0];
  }
  return undefined;
}

/** Whether a word is the initials of others, or the beginning (of three letters or more) of the only one. */
function isShortFor(short: string, words: readonly string[]): boolean {
  const [only] = words;
  if (words.length > 1) return short.length === words.length && words.map((word) => word.charAt(0)).join("") === short;
  return only !== undefined && short.length >= 3 && only.length > short.length && only.startsWith(short);
}
