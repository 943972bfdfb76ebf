/**
 * Strict ISO 8601 dates and RFC 3339 date-times as text, with proleptic Gregorian arithmetic.
 * Never uses `Date`, whose parser takes 30 February. Pure. No I/O, no clock.
 */
import { err, ok, type Result } from "../result.ts";
import { type LangError, langError } from "./error.ts";

/** A calendar date: year 0 to 9999, month 1 to 12, day 1 to 31, always one that exists. */
export interface CalendarDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** A date-time as written: its own local date and time of day, and how many minutes that is ahead of UTC. */
export interface CalendarTime extends CalendarDate {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** Cut off, not rounded. */
  readonly millisecond: number;
  readonly offsetMinutes: number;
}

const datePattern = /^(\d{4})-(\d{2})-(\d{2})$/;
const timePattern = /^(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:Z|([+-])(\d{2}):(\d{2}))$/;

/** The minutes since 1970 of `0000-01-01T00:00Z` and of the first after `9999-12-31T23:59Z`. */
const minutesFrom = -719_528 * 1440;
const minutesEnd = 2_932_897 * 1440;

/** Reads `YYYY-MM-DD` (RFC 3339 `full-date`). `undefined` for anything else, and for days that do not exist. */
export function parseDate(text: string): CalendarDate | undefined {
  const match = text.length === 10 ? datePattern.exec(text) : null;
  if (match === null) return undefined;
  const date = { year: Number(match[1]), month: Number(match[2]), day: Number(match[3]) };
  const exists = date.month >= 1 && date.month <= 12 && date.day >= 1 && date.day <= daysInMonth(date.year, date.month);
  return exists ? date : undefined;
}

/**
 * Reads an RFC 3339 `date-time` with capital `T` and `Z`, at most nine digits of fraction, and offsets up to 23:59. A second of 60 is
 * accepted only where it is 23:59:60 in UTC (RFC 3339 §5.7). `undefined` for anything else.
 */
export function parseDateTime(text: string): CalendarTime | undefined {
  const date = text[10] === "T" && text.length <= 40 ? parseDate(text.slice(0, 10)) : undefined;
  const match = date === undefined ? null : timePattern.exec(text.slice(11));
  if (date === undefined || match === null) return undefined;
  const [hour, minute, second] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const [offsetHour, offsetMinute] = [Number(match[6] ?? 0), Number(match[7] ?? 0)];
  if (hour > 23 || minute > 59 || second > 60 || offsetHour > 23 || offsetMinute > 59) return undefined;
  const offsetMinutes = (offsetHour * 60 + offsetMinute) * (match[5] === "-" ? -1 : 1);
  const utcMinute = (((hour * 60 + minute - offsetMinutes) % 1440) + 1440) % 1440;
  if (second === 60 && utcMinute !== 1439) return undefined;
  const millisecond = Number((match[4] ?? "").padEnd(3, "0").slice(0, 3));
  // In UTC too the year has four digits, or what is read here could not be written again: `9999-12-31T23:59:59-01:00`.
  const utcMinutes = daysFromCivil(date) * 1440 + hour * 60 + minute - offsetMinutes + (second === 60 ? 1 : 0);
  if (utcMinutes < minutesFrom || utcMinutes >= minutesEnd) return undefined;
  return { ...date, hour, minute, second, millisecond, offsetMinutes };
}

const dayMs = 86_400_000;

/** RFC 3339 in UTC, for milliseconds since the epoch within the years 0 to 9999; with a fraction only where there is one. */
export function writeDateTime(instant: number): string {
  const days = Math.floor(instant / dayMs);
  const { year, month, day } = civilFromDays(days);
  const ms = Math.floor(instant - days * dayMs);
  const two = (part: number): string => String(part).padStart(2, "0");
  const time = [ms / 3_600_000, (ms / 60_000) % 60, (ms / 1_000) % 60].map((part) => two(Math.floor(part))).join(":");
  const rest = ms % 1_000 === 0 ? "" : `.${String(ms % 1_000).padStart(3, "0")}`;
  return `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}T${time}${rest}Z`;
}

/** Milliseconds since 1970-01-01T00:00:00Z of an RFC 3339 date-time; a second of 60 is that of the next minute. `undefined` if it is none. */
export function readDateTime(text: string): number | undefined {
  const time = parseDateTime(text);
  if (time === undefined) return undefined;
  const minutes = daysFromCivil(time) * 1440 + time.hour * 60 + time.minute - time.offsetMinutes;
  return minutes * 60_000 + time.second * 1000 + time.millisecond;
}

/** Milliseconds since the epoch of an RFC 3339 date-time, its offset applied and its fraction left out; `undefined` if it is none. */
export function instantOf(text: string): number | undefined {
  const local = parseDateTime(text);
  if (local === undefined) return undefined;
  const [, sign, hours, minutes] = /([+-])(\d{2}):(\d{2})$/.exec(text) ?? [];
  const offset = sign === undefined ? 0 : (Number(hours) * 60 + Number(minutes)) * (sign === "-" ? -60 : 60);
  return (daysFromCivil(local) * 86_400 + local.hour * 3_600 + local.minute * 60 + local.second - offset) * 1_000;
}

/** Whether a text is a date that exists, `YYYY-MM-DD`. */
export function isDate(text: string): boolean {
  return parseDate(text) !== undefined;
}

/** Whether a text is an RFC 3339 date-time, as {@link parseDateTime} reads it. */
export function isDateTime(text: string): boolean {
  return parseDateTime(text) !== undefined;
}

/** The date part of a date or a date-time, as written (its offset is not applied). Error `LANG_DATE`. */
export function datePart(text: string): Result<string, LangError> {
  if (!isDate(text) && !isDateTime(text))
    return err(langError("LANG_DATE", "expected a date `2026-01-31` or a date-time `2026-01-31T09:00:00Z`"));
  return ok(text.slice(0, 10));
}

/** Adds whole days to a date; time and offset of a date-time are kept. Errors `LANG_DATE`: no date, days not integral, year out of 0–9999. */
export function addDays(text: string, days: number): Result<string, LangError> {
  const date = parseDate(text) ?? parseDateTime(text);
  if (date === undefined) return err(langError("LANG_DATE", "expected a date such as `2026-01-31`"));
  if (!Number.isSafeInteger(days)) return err(langError("LANG_DATE", "days is a whole number"));
  const moved = daysFromCivil(date) + days;
  if (moved < firstDay || moved > lastDay) return err(langError("LANG_DATE", "the date leaves the years 0000 to 9999"));
  return ok(dateText(civilFromDays(moved)) + text.slice(10));
}

function daysInMonth(year: number, month: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 ? (isLeap ? 29 : 28) : month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Days since 1970-01-01. H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`. */
export function daysFromCivil({ year, month, day }: CalendarDate): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** The date of a number of days since 1970-01-01. The same source, `civil_from_days`. */
export function civilFromDays(days: number): CalendarDate {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

const firstDay = daysFromCivil({ year: 0, month: 1, day: 1 });
const lastDay = daysFromCivil({ year: 9999, month: 12, day: 31 });

function pad(value: number, width: number): string {
  return String(value).padStart(width, "0");
}

function dateText({ year, month, day }: CalendarDate): string {
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
}

const months = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
const weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

type Field = (time: Omit<CalendarTime, "millisecond" | "offsetMinutes">) => string;

/** Fields of a date format; names are English whatever the locale. */
const fields: ReadonlyMap<string, Field> = new Map<string, Field>([
  ["YYYY", ({ year }) => pad(year, 4)],
  ["YY", ({ year }) => pad(year % 100, 2)],
  ["MMMM", ({ month }) => months[month - 1] as string],
  ["MMM", ({ month }) => (months[month - 1] as string).slice(0, 3)],
  ["MM", ({ month }) => pad(month, 2)],
  ["M", ({ month }) => String(month)],
  ["DD", ({ day }) => pad(day, 2)],
  ["D", ({ day }) => String(day)],
  ["dddd", (date) => weekdayOf(date)],
  ["ddd", (date) => weekdayOf(date).slice(0, 3)],
  ["HH", ({ hour }) => pad(hour, 2)],
  ["mm", ({ minute }) => pad(minute, 2)],
  ["ss", ({ second }) => pad(second, 2)],
]);

/** 1970-01-01 was a Thursday. */
function weekdayOf(date: CalendarDate): string {
  return weekdays[(((daysFromCivil(date) + 4) % 7) + 7) % 7] as string;
}

/** A compiled date format. */
export interface DateFormat {
  readonly source: string;
  /** Formats a date or a date-time (a date is at 00:00:00). Error `LANG_DATE` if the text is neither. */
  format(text: string): Result<string, LangError>;
}

/**
 * Compiles a date format of the fields `YYYY YY MMMM MMM MM M DD D dddd ddd HH mm ss`. Other letters are refused, so that a typing
 * error is not printed; put words in brackets, as in `D [of] MMMM`. Error `LANG_DATE` with an offset.
 */
export function compileDateFormat(source: string): Result<DateFormat, LangError> {
  const parts: (string | Field)[] = [];
  for (let at = 0; at < source.length; ) {
    const char = source[at] as string;
    if (char === "[") {
      const end = source.indexOf("]", at);
      if (end === -1) return err(langError("LANG_DATE", "`[` without `]` in a date format", at));
      parts.push(source.slice(at + 1, end));
      at = end + 1;
      continue;
    }
    let end = at + 1;
    while (end < source.length && source[end] === char && /[A-Za-z]/.test(char)) end++;
    const run = source.slice(at, end);
    const field = fields.get(run);
    if (field === undefined && /[A-Za-z]/.test(char)) {
      return err(langError("LANG_DATE", `no such field; a date format has ${[...fields.keys()].join(" ")}, and words in []`, at));
    }
    parts.push(field ?? run);
    at = end;
  }
  return ok({ source, format: (text) => formatParts(parts, text) });
}

/** Formats a date in one go; see {@link compileDateFormat}. */
export function formatDate(text: string, source: string): Result<string, LangError> {
  const format = compileDateFormat(source);
  return format.ok ? format.value.format(text) : format;
}

function formatParts(parts: readonly (string | Field)[], text: string): Result<string, LangError> {
  const date = parseDate(text);
  const time = date === undefined ? parseDateTime(text) : { ...date, hour: 0, minute: 0, second: 0 };
  if (time === undefined) return err(langError("LANG_DATE", "expected a date such as `2026-01-31`"));
  return ok(parts.map((part) => (typeof part === "string" ? part : part(time))).join(""));
}
