/**
 * Dates and times of day in free text; the value is ISO 8601 (`2026-05-12`, `14:30`).
 * Pure. Never guesses between day and month: `05/12/2026` is found only where the locale says which is which.
 */

import type { NumberLocale } from "./number.ts";
import {
  type Attempt,
  codeAt,
  isBlank,
  isDigit,
  isLetter,
  isWordCode,
  type Match,
  type Scanner,
  skipWhile,
  standsAt,
  textOf,
  type Window,
} from "./window.ts";

/** Letters of the longest month name. */
const monthCharsMax = 10;

const monthNames: readonly string[] = [
  "january jan januar janvier janv",
  "february feb februar février févr",
  "march mar märz mrz mars",
  "april apr avril avr",
  "may mai",
  "june jun juni juin",
  "july jul juli juillet juil",
  "august aug août",
  "september sep sept septembre",
  "october oct oktober okt octobre",
  "november nov novembre",
  "december dec dezember dez décembre déc",
];
const months: ReadonlyMap<string, number> = new Map(
  monthNames.flatMap((names, index) => names.split(" ").map((name) => [name, index + 1] as const)),
);
const daysInMonth = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** The ISO date of a day in the proleptic Gregorian calendar, or undefined if there is no such day. */
function isoDate(year: number, month: number, day: number): string | undefined {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = month === 2 && isLeap ? 29 : daysInMonth[month - 1];
  if (days === undefined || day < 1 || day > days || year < 1) return undefined;
  return `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}

/** A part read at an index: its number and the index after it. */
interface Part {
  readonly number: number;
  readonly end: number;
}

/** Between `least` and `most` digits, not followed by another digit. */
function readDigits(window: Window, index: number, least: number, most: number): Part | undefined {
  let end = index;
  while (end - index <= most && isDigit(codeAt(window, end))) end += 1;
  if (end - index < least || end - index > most) return undefined;
  return { number: Number(textOf(window, index, end)), end };
}

/** A month's name or abbreviation, with the dot of an abbreviation. */
function readMonth(window: Window, index: number): Part | undefined {
  let end = index;
  while (end - index <= monthCharsMax && isLetter(codeAt(window, end))) end += 1;
  const number = months.get(textOf(window, index, end).toLowerCase());
  if (number === undefined) return undefined;
  return { number, end: codeAt(window, end) === 46 ? end + 1 : end };
}

/** One or two blanks, or one hyphen; -1 if neither. */
function readGap(window: Window, index: number): number {
  if (codeAt(window, index) === 45) return index + 1;
  if (!isBlank(codeAt(window, index))) return -1;
  return isBlank(codeAt(window, index + 1)) ? index + 2 : index + 1;
}

function found(start: number, end: number, iso: string | undefined, window: Window): Match | undefined {
  const after = codeAt(window, end);
  const isJoined = (after === 45 || after === 46 || after === 47) && isDigit(codeAt(window, end + 1));
  return iso === undefined || isWordCode(after) || isJoined ? undefined : { value: iso, start, end };
}

/** `2026-05-12`, also as the date of a date-time (`2026-05-12T10:00`). */
function readIso(window: Window, index: number): Match | undefined {
  const year = readDigits(window, index, 4, 4);
  const month = year && codeAt(window, year.end) === 45 ? readDigits(window, year.end + 1, 2, 2) : undefined;
  const day = month && codeAt(window, month.end) === 45 ? readDigits(window, month.end + 1, 2, 2) : undefined;
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const iso = isoDate(year.number, month.number, day.number);
  const isTime = codeAt(window, day.end) === 84 && isDigit(codeAt(window, day.end + 1));
  if (isTime) return iso === undefined ? undefined : { value: iso, start: index, end: day.end };
  return found(index, day.end, iso, window);
}

/** `12 May 2026`, `12th of May 2026`, `12. Mai 2026`, `12-May-2026`. */
function readDayFirst(window: Window, index: number): Match | undefined {
  const day = readDigits(window, index, 1, 2);
  if (day === undefined) return undefined;
  const suffix = ["st", "nd", "rd", "th", "."].find((text) => standsAt(window, day.end, text)) ?? "";
  let at = readGap(window, day.end + suffix.length);
  if (at < 0) return undefined;
  if (standsAt(window, at, "of ")) at += 3;
  const month = readMonth(window, at);
  if (month === undefined) return undefined;
  const gap = readGap(window, codeAt(window, month.end) === 44 ? month.end + 1 : month.end);
  const year = gap < 0 ? undefined : readDigits(window, gap, 4, 4);
  return year && found(index, year.end, isoDate(year.number, month.number, day.number), window);
}

/** `May 12, 2026`, `May 12th 2026`. */
function readMonthFirst(window: Window, index: number): Match | undefined {
  const month = readMonth(window, index);
  const gap = month === undefined ? -1 : readGap(window, month.end);
  const day = gap < 0 ? undefined : readDigits(window, gap, 1, 2);
  if (month === undefined || day === undefined) return undefined;
  const suffix = ["st", "nd", "rd", "th"].find((text) => standsAt(window, day.end, text)) ?? "";
  const comma = codeAt(window, day.end + suffix.length) === 44 ? 1 : 0;
  const next = readGap(window, day.end + suffix.length + comma);
  const year = next < 0 ? undefined : readDigits(window, next, 4, 4);
  return year && found(index, year.end, isoDate(year.number, month.number, day.number), window);
}

/** `12.05.2026` (de, ch), `05/12/2026` (en-US), `12/05/2026` (en-GB, fr): the locale fixes the mark and the order. */
function readNumeric(window: Window, index: number, locale: NumberLocale): Match | undefined {
  if (locale === "en") return undefined;
  const mark = locale === "de" || locale === "ch" ? 46 : 47;
  const first = readDigits(window, index, 1, 2);
  const second = first && codeAt(window, first.end) === mark ? readDigits(window, first.end + 1, 1, 2) : undefined;
  const year = second && codeAt(window, second.end) === mark ? readDigits(window, second.end + 1, 4, 4) : undefined;
  if (first === undefined || second === undefined || year === undefined) return undefined;
  const [day, month] = locale === "en-US" ? [second.number, first.number] : [first.number, second.number];
  return found(index, year.end, isoDate(year.number, month, day), window);
}

/** A scanner for dates. Month names are known in English, German and French whatever the locale. */
export function dateScanner(locale: NumberLocale): Scanner {
  return (window, index): Attempt => {
    const first = codeAt(window, index);
    const before = codeAt(window, index - 1);
    const isDigitFirst = isDigit(first);
    if (!isDigitFirst && !isLetter(first)) return index + 1;
    const isGlued =
      isWordCode(before) ||
      ((before === 45 || before === 46 || before === 47) && isDigitFirst && isDigit(codeAt(window, index - 2)));
    if (!isGlued) {
      const match = isDigitFirst
        ? (readIso(window, index) ?? readDayFirst(window, index) ?? readNumeric(window, index, locale))
        : readMonthFirst(window, index);
      if (match !== undefined) return match;
    }
    return skipWhile(window, index + 1, isDigitFirst ? isDigit : isLetter);
  };
}

/** Reads `am`, `pm`, `a.m.`, `p.m.` after an optional blank: the hours to add and the end, or undefined. */
function readHalf(window: Window, index: number): { readonly isAfternoon: boolean; readonly end: number } | undefined {
  const at = isBlank(codeAt(window, index)) ? index + 1 : index;
  const here = textOf(window, at, Math.min(at + 4, window.high)).toLowerCase();
  const mark = ["a.m.", "p.m.", "am", "pm"].find((text) => here.startsWith(text));
  if (mark === undefined || isWordCode(codeAt(window, at + mark.length))) return undefined;
  return { isAfternoon: mark.startsWith("p"), end: at + mark.length };
}

function readTime(window: Window, index: number): Match | undefined {
  const hour = readDigits(window, index, 1, 2);
  if (hour === undefined) return undefined;
  const minute = codeAt(window, hour.end) === 58 ? readDigits(window, hour.end + 1, 2, 2) : undefined;
  const second = minute && codeAt(window, minute.end) === 58 ? readDigits(window, minute.end + 1, 2, 2) : undefined;
  const bare = (second ?? minute ?? hour).end;
  const half = readHalf(window, bare);
  const end = half?.end ?? bare;
  const after = codeAt(window, end);
  const isJoined = (after === 58 || after === 46 || after === 44) && isDigit(codeAt(window, end + 1));
  const isZone = after === 90 && !isWordCode(codeAt(window, end + 1));
  if ((minute === undefined && half === undefined) || isJoined || (isWordCode(after) && !isZone)) return undefined;
  if (half !== undefined && (hour.number < 1 || hour.number > 12)) return undefined;
  const hours = half === undefined ? hour.number : (hour.number % 12) + (half.isAfternoon ? 12 : 0);
  if (hours > 23 || (minute?.number ?? 0) > 59 || (second?.number ?? 0) > 59) return undefined;
  const parts = [hours, minute?.number ?? 0, ...(second === undefined ? [] : [second.number])];
  return { value: parts.map((part) => String(part).padStart(2, "0")).join(":"), start: index, end };
}

/** Times of day, 24-hour or with am/pm; the value is `HH:MM`, with `:SS` where the text has seconds. The zone is not read. */
export const scanTime: Scanner = (window, index) => {
  if (!isDigit(codeAt(window, index))) return index + 1;
  const before = codeAt(window, index - 1);
  const isIsoTime = before === 84 && isDigit(codeAt(window, index - 2));
  const isGlued =
    (isWordCode(before) && !isIsoTime) ||
    ((before === 58 || before === 46 || before === 44) && isDigit(codeAt(window, index - 2)));
  const match = isGlued ? undefined : readTime(window, index);
  return match ?? skipWhile(window, index, isDigit);
};
