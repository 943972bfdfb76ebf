/**
 * What the user's own words say: which values of a call occur in the task, across the ways of writing them.
 * Pure. Never takes part of a longer word or number for the value.
 */
import { isArray, isObject, type Json } from "../json/value.ts";
import { compileExtract } from "../lang/extract/extract.ts";

/** How a value was found in the task. */
export type TaskHow = "verbatim" | "number" | "date" | "address" | "parts";

/** A task, ready to be asked. */
export interface TaskWords {
  readonly text: string;
  /** Numbers of the task, each once, in order. */
  readonly numbers: readonly number[];
  /** Percentages as fractions (`10%` is 0.1). */
  readonly fractions: readonly number[];
  /** Words of four letters and more that may identify something, the longest first. */
  readonly words: readonly string[];
  /** How the task says `value`, or `undefined` if it does not. */
  find(value: Json): TaskHow | undefined;
}

/** Shorter words, and these, occur anywhere: they select nothing. */
const wordCharsMin = 4;
const stopWords: ReadonlySet<string> = new Set(
  `about above after again also another because been before being below between both cannot could does doing down during each
   else email emails every file files find first following from further give have here hers into item items just last like list
   made make many mail message messages more most must next note once only other over page please read same said send sent should
   show some such sure than that their theirs them then there these they this those through time under until using very want wants
   what when where which while will with would your yours`.split(/\s+/),
);

const numerals: readonly string[] = "zero one two three four five six seven eight nine ten eleven twelve".split(" ");

/** Reads a task. An empty text says nothing. */
export function readTask(text: string): TaskWords {
  const lower = text.toLowerCase();
  const numbers = numbersOf(text);
  const isVerbatim = (value: string): boolean => occurs(text, value) || occurs(lower, value.toLowerCase());
  const find = (value: Json): TaskHow | undefined => {
    if (typeof value === "number") return numbers.includes(value) ? "number" : undefined;
    if (typeof value === "string") return findText(value);
    const parts = isArray(value) ? value : isObject(value) ? Object.values(value) : [];
    return parts.length > 0 && parts.every((part) => find(part) !== undefined) ? "parts" : undefined;
  };
  const findText = (value: string): TaskHow | undefined => {
    const trimmed = value.trim();
    if (trimmed === "") return undefined;
    if (isVerbatim(trimmed)) return "verbatim";
    if (hasAddress(lower, trimmed.toLowerCase())) return "address";
    return hasDate(text, trimmed) ? "date" : undefined;
  };
  return { text, numbers, fractions: fractionsOf(text), words: wordsOfTask(text), find };
}

function isWordChar(char: string | undefined): boolean {
  return char !== undefined && /[\p{L}\p{N}_]/u.test(char);
}

/** Whether `part` stands in `text` on its own: not glued to a letter or digit, nor to the rest of a number. */
export function occurs(text: string, part: string): boolean {
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) {
    const end = at + part.length;
    const isGlued = (isWordChar(part[0]) && isWordChar(text[at - 1])) || (isWordChar(part.at(-1)) && isWordChar(text[end]));
    const isNumberPart = /\d/.test(part.at(-1) ?? "") && /[.,]/.test(text[end] ?? "") && /\d/.test(text[end + 1] ?? "");
    const isNumberTail = /\d/.test(part[0] ?? "") && /[.,]/.test(text[at - 1] ?? "") && /\d/.test(text[at - 2] ?? "");
    if (!isGlued && !isNumberPart && !isNumberTail) return true;
  }
  return false;
}

/** Values that an extractor finds, as JSON. */
function found(text: string, spec: Json): readonly Json[] {
  const extract = compileExtract(spec);
  const values = extract.ok ? extract.value.distinct(text) : undefined;
  return values?.ok === true ? values.value : [];
}

function numbersOf(text: string): readonly number[] {
  const values = [...found(text, "amount"), ...found(text, "number"), ...found(text, "integer")];
  const spelled = numerals.flatMap((word, value) => (occurs(text.toLowerCase(), word) ? [value] : []));
  const numbers = [...values, ...spelled].filter((value) => typeof value === "number");
  return [...new Set(numbers)];
}

function fractionsOf(text: string): readonly number[] {
  const matches = [...text.matchAll(/(?<!\d)(\d+(?:\.\d+)?)\s*(?:%|percent\b|per cent\b)/g)];
  // Shifting the point in decimal keeps 19.5 % exact: 19.5 / 100 is 0.195.
  return [...new Set(matches.map((match) => Number(match[1]) / 100))];
}

function wordsOfTask(text: string): readonly string[] {
  const words = [...text.matchAll(/[\p{L}\p{N}][\p{L}\p{N}'’._@-]*[\p{L}\p{N}]/gu)].map(([word]) => word);
  const usable = words.filter((word) => [...word].length >= wordCharsMin && !stopWords.has(word.toLowerCase()));
  return [...new Set(usable)].sort((a, b) => b.length - a.length);
}

/** A web address with or without its scheme and last slash; an account or telephone number with or without blanks. */
function hasAddress(lower: string, value: string): boolean {
  const bare = value.replace(/^https?:\/\//, "").replace(/\/$/, "");
  if (bare !== value && bare.length > 3 && occurs(lower, bare)) return true;
  const solid = value.replace(/[\s-]/g, "");
  const isNumber = /^\+?[a-z]{0,2}\d[a-z\d]{6,}$/.test(solid);
  return isNumber && lower.replace(/[ -]/g, "").includes(solid);
}

const monthNames = "january february march april may june july august september october november december".split(" ");

/** A date, or a date and a time, that the task writes in another way. A task may leave the year out, not the day. */
function hasDate(text: string, value: string): boolean {
  const match = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::\d{2})?(?:Z|[+-]\d{2}:\d{2})?)?$/.exec(value);
  const time = match === null ? /^(\d{2}):(\d{2})$/.exec(value) : null;
  if (match === null) return time !== null && hasTime(text, `${time[1]}:${time[2]}`);
  const [, year, month, day, hour, minute] = match;
  const date = `${year}-${month}-${day}`;
  const isDated =
    ["en", "en-US", "de"].some((locale) => found(text, { kind: "date", locale }).includes(date)) ||
    hasDay(text, Number(month), Number(day));
  if (!isDated) return false;
  return hour === undefined || `${hour}:${minute}` === "00:00" || hasTime(text, `${hour}:${minute}`);
}

function hasTime(text: string, time: string): boolean {
  return found(text, "time").includes(time) || (time === "12:00" && occurs(text.toLowerCase(), "noon"));
}

/** `May 15`, `15th of May`, with the month in full or by its first three letters. */
function hasDay(text: string, month: number, day: number): boolean {
  const name = monthNames[month - 1] ?? "";
  const days = ["", "st", "nd", "rd", "th"].flatMap((suffix) => [`${day}${suffix}`, `${String(day).padStart(2, "0")}${suffix}`]);
  const lower = text.toLowerCase();
  const pairs = [name, name.slice(0, 3)].flatMap((word) =>
    days.flatMap((number) => [
      `${word} ${number}`,
      `${word}. ${number}`,
      `${word} the ${number}`,
      `${number} ${word}`,
      `${number} of ${word}`,
    ]),
  );
  return pairs.some((pair) => occurs(lower, pair));
}
