/**
 * Numbers as values: the words of a task in the unit that an argument asks for.
 * Pure. Never rounds: a fraction is no integer.
 */
import { member } from "../../json/value.ts";
import type { DraftParam } from "../tools.ts";
import { askOf } from "./asks.ts";
import { readNumber, readOrdinal } from "./numbers.ts";
import { type DurationUnit, durationUnit, readAmount, readDuration, readPercent, secondsIn } from "./quantities.ts";
import { type Token, textAt, tokensOf } from "./tokens.ts";

/** Tokens of a piece of text in which a number is looked for. */
const tokensMax = 64;

const words: ReadonlyMap<string, number> = new Map([
  ["once", 1],
  ["twice", 2],
  ["thrice", 3],
  ["single", 1],
  ["both", 2],
  ["couple", 2],
  ["pair", 2],
  ["half", 0.5],
  ["none", 0],
  ["no", 0],
]);

/** The number that a text names for an argument, in the argument's unit; `undefined` if it names none, or one that the type has not. */
export function numberValue(said: string, param: DraftParam): number | undefined {
  const tokens = tokensOf(said).slice(0, tokensMax);
  const ask = askOf(param);
  const number = inUnit(tokens, param) ?? share(tokens, param) ?? plain(tokens, ask.isEnd);
  if (number === undefined || !Number.isFinite(number)) return undefined;
  const value = signed(number, { tokens, said, name: param.words });
  return param.type === "integer" && !Number.isInteger(value) ? undefined : value;
}

/** The digits of a number in a text that is a number and nothing else (but a currency, a unit). */
export function digitsText(said: string, param: DraftParam): string | undefined {
  const tokens = tokensOf(said).slice(0, tokensMax);
  if (tokens.some(({ kind }) => kind === "digits") && /^[\d.,+-]+$/.test(said)) return said;
  const amount = readAmount(tokens, 0);
  if (amount !== undefined && amount.next === tokens.length) return String(amount.value.number);
  const number = readNumber(tokens, 0);
  if (number !== undefined && number.next === tokens.length) return String(number.value);
  const ordinal = readOrdinal(tokens, 0);
  if (ordinal !== undefined && ordinal.next === tokens.length && /^\d/.test(said)) return String(ordinal.value);
  return askOf(param).kind === "number" && words.has(said.toLowerCase()) ? String(words.get(said.toLowerCase())) : undefined;
}

/** A length of time in the unit that the name or description says (`duration in minutes`). */
function inUnit(tokens: readonly Token[], param: DraftParam): number | undefined {
  const unit = unitOf(param);
  if (unit === undefined) return undefined;
  for (let at = 0; at < tokens.length; at += 1) {
    const duration = readDuration(tokens, at);
    if (duration === undefined) continue;
    if (duration.value.unit === unit && duration.value.seconds === duration.value.number * secondsIn(unit))
      return duration.value.number;
    // Months and years have no fixed number of days, but a year has twelve months.
    const isCalendar = (one: DurationUnit): boolean => one === "month" || one === "year";
    if (isCalendar(unit) !== isCalendar(duration.value.unit)) return undefined;
    if (isCalendar(unit)) return unit === "month" ? duration.value.number * 12 : duration.value.number / 12;
    return Number((duration.value.seconds / secondsIn(unit)).toPrecision(12));
  }
  return undefined;
}

function unitOf({ words: name, description }: DraftParam): DurationUnit | undefined {
  const last = name.split(" ").at(-1) ?? "";
  const named = durationUnit(last);
  if (named !== undefined && last.length > 1) return named;
  const match =
    /\b(?:in|of|number of|as) (?:the )?(milliseconds|seconds|minutes|hours|days|weeks|months|years)\b|\((?:in )?(milliseconds|ms|seconds|minutes|hours|days|weeks|months|years)\)/i.exec(
      description,
    );
  return match === null ? undefined : durationUnit((match[1] ?? match[2] ?? "").toLowerCase());
}

/** A share of a hundred: as said, or as a fraction where the schema wants one. */
function share(tokens: readonly Token[], param: DraftParam): number | undefined {
  for (let at = 0; at < tokens.length; at += 1) {
    const percent = readPercent(tokens, at);
    if (percent === undefined) continue;
    return wantsFraction(param) ? Number((percent.value / 100).toPrecision(12)) : percent.value;
  }
  return undefined;
}

function wantsFraction({ schema, description, listed }: DraftParam): boolean {
  const maximum = member(schema, "maximum");
  if (typeof maximum === "number" && maximum <= 1) return true;
  if (listed.length > 0) return false;
  return /\bdecimal\b|\bfraction\b|between 0 and 1\b|\b0\.0?\d+ (?:for|means|is|=)|e\.g\.,? 0\.\d/i.test(description);
}

function plain(tokens: readonly Token[], isEnd: boolean): number | undefined {
  const found: number[] = [];
  let at = 0;
  while (at < tokens.length) {
    const number = readAmount(tokens, at)?.value.number;
    const reading = readNumber(tokens, at);
    if (number !== undefined || reading !== undefined) found.push(number ?? reading?.value ?? 0);
    at = (number === undefined ? reading?.next : (readAmount(tokens, at)?.next ?? at + 1)) ?? at + 1;
  }
  const given = isEnd ? found.at(-1) : found[0];
  if (given !== undefined) return given;
  for (let place = 0; place < tokens.length; place += 1) {
    const ordinal = readOrdinal(tokens, place)?.value ?? words.get(textAt(tokens, place));
    if (ordinal !== undefined) return ordinal;
  }
  return undefined;
}

/** Below zero by sign or word; south and west are, for a latitude or longitude. */
function signed(
  number: number,
  { tokens, said, name }: { readonly tokens: readonly Token[]; readonly said: string; readonly name: string },
): number {
  const [first, second] = [textAt(tokens, 0), tokens[1]];
  const isMarked = (first === "-" || first === "−") && second?.isGlued === true;
  const isWord = first === "minus" || first === "negative" || /\bbelow zero\b/i.test(said);
  const isSouthWest = /^(?:lat|lon|lng|long|latitude|longitude)\b/.test(name) && /\d\s*(?:°\s*)?(?:S|W|south|west)\b/.test(said);
  return (isMarked || isWord || isSouthWest) && number > 0 ? -number : number;
}
