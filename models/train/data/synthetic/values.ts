/**
 * Made-up values for arguments, as words of a task. What they mean is what {@link valueOf} reads from these words, so that a label never
 * asks for what the run time cannot give.
 * Pure but for the chance that it is given.
 */
import type { DraftParam } from "../../../../src/infer/tools.ts";
import type { ValueContext } from "../../../../src/infer/values/mention.ts";
import { valueOf as readValue } from "../../../../src/infer/values/value-of.ts";
import { wantedKinds } from "../../../../src/infer/values/wants.ts";
import type { Json } from "../../../../src/json/value.ts";
import type { Random } from "../random.ts";
import { examplesOf, pooled, type ValuePool } from "./examples-of.ts";
import { dateWords, durationWords, momentWords, timeWords } from "./moments.ts";
import * as words from "./words.ts";

/** A value and the words that say it. */
export interface MadeValue {
  readonly text: string;
  readonly value: Json;
  /** How often people put it in quotes, 0 to 1: messages nearly always, titles and names of things often. */
  readonly quoted: number;
}

/** What values are made with. */
export interface ValueSources {
  readonly random: Random;
  readonly pool: ValuePool;
  readonly context: ValueContext;
}

const triesMax = 5;

/** A value for an argument; `undefined` where nothing that is tried can be read as one. */
export function makeValue(param: DraftParam, sources: ValueSources): MadeValue | undefined {
  for (let turn = 0; turn < triesMax; turn++) {
    const { text, quoted } = wordsFor(param, sources);
    const value = text === "" ? undefined : readValue(text, param, sources.context);
    if (value !== undefined) return { text, value, quoted };
  }
  return undefined;
}

interface Words {
  readonly text: string;
  readonly quoted: number;
}

function wordsFor(param: DraftParam, sources: ValueSources): Words {
  if (param.type !== "array") return scalarWords(param, sources);
  const item: DraftParam = { ...param, type: param.itemType };
  const count = sources.random.weighted([
    [2, 4],
    [3, 4],
    [4, 1],
    [1, 1],
  ] as const);
  const items = Array.from({ length: count }, () => scalarWords(item, sources));
  const distinct = [...new Set(items.map(({ text }) => text))].filter((text) => !/,| and /.test(text));
  return {
    text: joined(distinct, sources.random.chance(Math.max(...items.map(({ quoted }) => quoted))), sources.random),
    quoted: 0,
  };
}

/** "A, B and C", in quotes or not. */
export function joined(items: readonly string[], isQuoted: boolean, random: Random): string {
  const mark = isQuoted ? random.pick(["'", '"']) : "";
  const shown = items.map((item) => `${mark}${item}${mark}`);
  if (shown.length < 2) return items[0] ?? "";
  const comma = shown.length > 2 && random.chance(0.5) ? "," : "";
  return random.chance(0.12) ? shown.join(", ") : `${shown.slice(0, -1).join(", ")}${comma} and ${shown.at(-1)}`;
}

function scalarWords(param: DraftParam, sources: ValueSources): Words {
  const { random, pool, context } = sources;
  const isRelative = context.now !== undefined;
  if (param.type === "number" || param.type === "integer") return { text: numberWords(param, random), quoted: 0 };
  const kinds = new Set(wantedKinds(param));
  const typed = ((): string => {
    if (kinds.has("datetime") && !kinds.has("date")) return momentWords(random, isRelative);
    if (kinds.has("date")) return dateWords(random, isRelative);
    if (kinds.has("time")) return timeWords(random);
    if (kinds.has("email")) return email(random);
    if (kinds.has("path") && /\b(?:path|file|folder|directory)\b/.test(param.words)) return path(random);
    if (kinds.has("url")) return url(random);
    if (kinds.has("phone")) return phone(random);
    if (kinds.has("ip")) return [0, 0, 0, 0].map(() => 1 + random.below(254)).join(".");
    if (kinds.has("path")) return path(random);
    return "";
  })();
  if (typed !== "") return { text: typed, quoted: 0 };
  const named = namedWords(param, sources);
  if (named !== undefined) return named;
  if (kinds.has("identifier")) return { text: identifier(random), quoted: 0.25 };
  if (kinds.has("duration")) return { text: durationWords(random), quoted: 0 };
  if (kinds.has("amount") || kinds.has("percent") || kinds.has("number")) return { text: numberWords(param, random), quoted: 0 };
  const known = pooled(pool, param);
  const own = examplesOf(param.description);
  if (known.length >= 3 && random.chance(0.8)) return { text: random.pick(known), quoted: 0.4 };
  if (own.length > 1 && random.chance(0.5)) return { text: random.pick(own), quoted: 0.4 };
  return { text: random.pick(random.pick([words.topics, words.titles, words.topics, words.products])), quoted: 0.4 };
}

/** Values of arguments whose names say what they are. */
function namedWords({ words: name, description }: DraftParam, { random }: ValueSources): Words | undefined {
  const says = (pattern: RegExp): boolean => pattern.test(name);
  const plain = (text: string): Words => ({ text, quoted: 0 });
  const quotable = (text: string): Words => ({ text, quoted: 0.4 });
  if (says(/\b(id|ids|identifier|number|no|token|sku|isbn|serial|tracking|barcode)$/) && !says(/\bphone\b/))
    return quotable(identifier(random));
  if (says(/\bpassword|secret|passphrase|encryption key|api key\b/)) return quotable(secret(random));
  if (says(/\bcountry\b/) && !says(/code/)) return plain(random.pick(words.countries));
  if (says(/\bcurrency\b|\b(from|to|base|target) currency\b/)) return plain(random.pick(words.currencies));
  if (says(/\blanguages?\b|\blang\b/) && !says(/code/)) return plain(random.pick(words.languages));
  if (says(/\b(city|town|location|place|origin|destination|region|area|where|venue|airport|station)\b/))
    return plain(random.pick(words.cities));
  if (says(/\baddress\b/)) return plain(`${1 + random.below(400)} ${random.pick(words.streets)}, ${random.pick(words.cities)}`);
  if (says(/\b(zip|postal|postcode)\b/)) return plain(String(10000 + random.below(89000)));
  if (says(/\buser ?name|login|handle|account name\b/)) return quotable(userName(random));
  if (says(/\b(first name)\b/)) return plain(random.pick(words.firstNames));
  if (says(/\b(last name|surname)\b/)) return plain(random.pick(words.lastNames));
  const isPerson =
    /\b(person|customer|client|patient|student|employee|user|author|artist|actor|actress|director|player|recipient|sender|participants?|attendees?|guest|owner|member|teacher|doctor|speaker|candidate|contact)\b/;
  if (says(isPerson) && (says(/\bname\b/) || !says(/ /))) return quotable(person(random));
  if (name === "name" && isPerson.test(description)) return quotable(person(random));
  if (says(/\b(company|brand|manufacturer|organization|employer|supplier|vendor)\b/))
    return quotable(random.pick(words.companies));
  if (says(/\b(text|message|content|body|comment|review|sentence|note|feedback|paragraph|caption|input text|article)\b/))
    return { text: random.pick(words.sentences), quoted: 0.9 };
  if (says(/\b(title|subject|event name|album|movie|book|song|playlist|project name|headline|show)\b/))
    return quotable(random.pick(words.titles));
  if (says(/\b(product|item)( name)?\b/)) return quotable(random.pick(words.products));
  if (says(/\bcolou?r\b/)) return plain(random.pick(words.colours));
  if (says(/\b(query|keywords?|topic|search term|theme|interest)s?\b/)) return quotable(random.pick(words.topics));
  return undefined;
}

function numberWords({ words: name, type, description, schema }: DraftParam, random: Random): string {
  const says = (pattern: RegExp): boolean => pattern.test(name);
  const minimum = typeof schema.minimum === "number" ? schema.minimum : undefined;
  const maximum = typeof schema.maximum === "number" ? schema.maximum : undefined;
  if (minimum !== undefined && maximum !== undefined && maximum - minimum < 1e6 && maximum > minimum)
    return String(Math.round(minimum + random.next() * (maximum - minimum)));
  if (says(/\byear\b/)) return String(1980 + random.below(46));
  if (says(/\blatitude|lat\b/)) return (random.next() * 160 - 80).toFixed(4);
  if (says(/\blongitude|lon|lng\b/)) return (random.next() * 340 - 170).toFixed(4);
  if (says(/\bage\b/)) return String(5 + random.below(80));
  if (says(/\b(probability|likelihood|threshold|ratio|prior|confidence)\b/))
    return (Math.round(random.next() * 100) / 100).toString();
  if (says(/\b(percent|percentage|rate|discount|tip|humidity|interest)\b/) || /\bpercent/i.test(description)) {
    const rate = type === "integer" || random.chance(0.6) ? String(1 + random.below(40)) : (random.next() * 20).toFixed(1);
    return random.weighted([
      [`${rate}%`, 5],
      [`${rate} percent`, 1.5],
      [rate, 3],
    ]);
  }
  if (
    says(
      /\b(price|amount|cost|budget|salary|income|loan|principal|revenue|expenses?|fee|balance|bill|payment|profit|value|assets|investment|debt|money)\b/,
    )
  )
    return amount(random);
  if (says(/\b(id|zip|code)\b/)) return String(100 + random.below(99_900));
  if (
    says(
      /\b(count|number|quantity|guests?|people|persons|passengers|seats|rooms|adults|children|nights|days|limit|size|stars?|page|num)\b/,
    )
  ) {
    const count = 1 + random.below(10);
    return random.chance(0.3) ? (numerals[count] ?? "two") : String(count);
  }
  if (type === "integer") return random.chance(0.7) ? String(1 + random.below(120)) : String((1 + random.below(99)) * 100);
  return random.pick([(random.next() * 100).toFixed(1), String(1 + random.below(200)), (random.next() * 10).toFixed(2)]);
}

const numerals = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

function amount(random: Random): string {
  const size = random.pick([10, 100, 100, 1000, 1000, 10_000, 100_000]);
  const number = Math.max(5, Math.round((1 + random.next() * 9) * size) / random.pick([1, 1, 1, 1]));
  const rounded = size >= 1000 ? Math.round(number / 100) * 100 : number;
  const shown = rounded >= 1000 && random.chance(0.5) ? String(rounded).replace(/\B(?=(?:\d{3})+$)/g, ",") : String(rounded);
  return random.weighted([
    [`$${shown}`, 5],
    [shown, 4],
    [`${shown} dollars`, 1.5],
    [`${shown} USD`, 0.7],
    [`€${shown}`, 0.5],
  ]);
}

function person(random: Random): string {
  return random.chance(0.75) ? `${random.pick(words.firstNames)} ${random.pick(words.lastNames)}` : random.pick(words.firstNames);
}

function userName(random: Random): string {
  const first = random.pick(words.firstNames).toLowerCase();
  return random.pick([
    `${first}${random.below(1000)}`,
    `${first}_${random
      .pick(words.lastNames)
      .toLowerCase()
      .replace(/[^a-z]/g, "")}`,
    first,
  ]);
}

function email(random: Random): string {
  const first = random.pick(words.firstNames).toLowerCase();
  const last = random
    .pick(words.lastNames)
    .toLowerCase()
    .replace(/[^a-z]/g, "");
  return `${random.pick([`${first}.${last}`, `${first}${random.below(99)}`, `${first}_${last}`, "info", "support"])}@${random.pick(words.domains)}`;
}

function url(random: Random): string {
  const domain = random.pick(words.domains);
  return random.pick([
    `https://www.${domain}`,
    `https://${domain}/${random.pick(words.fileNames)}`,
    domain,
    `http://${domain}/page/${random.below(100)}`,
  ]);
}

function phone(random: Random): string {
  const digits = (count: number): string => Array.from({ length: count }, () => random.below(10)).join("");
  return random.pick([
    `+1${digits(10)}`,
    `555-${digits(4)}`,
    `(555) ${digits(3)}-${digits(4)}`,
    `${digits(3)}-${digits(3)}-${digits(4)}`,
    `+49${digits(10)}`,
  ]);
}

function path(random: Random): string {
  const file = `${random.pick(words.fileNames)}.${random.pick(words.fileEndings)}`;
  return random.pick([`/home/user/${file}`, `data/${file}`, `/var/data/${file}`, `C:/Users/admin/${file}`, file]);
}

const letters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";

function identifier(random: Random): string {
  const mixed = (count: number): string =>
    Array.from({ length: count }, () => letters[random.below(letters.length)] ?? "x").join("");
  const digits = (count: number): string => Array.from({ length: count }, () => random.below(10)).join("");
  return random.weighted([
    [digits(5), 3],
    [digits(3), 1],
    [`${mixed(2).toUpperCase()}${digits(3)}`, 2],
    [`${mixed(3).toUpperCase()}-${digits(4)}`, 2],
    [mixed(10), 2],
    [`#${mixed(1).toUpperCase()}${digits(6)}`, 0.7],
    [`user${digits(3)}`, 0.5],
  ]);
}

function secret(random: Random): string {
  return random.pick([
    `${random.pick(words.colours).replace(" ", "")}${random.below(1000)}`,
    `Pa$$w0rd${random.below(100)}`,
    `abc${random.below(1000)}`,
    "secret_key",
    identifier(random),
  ]);
}
