/**
 * Which day the words for a day mean, seen from a now.
 * Pure: the now is given. Never makes up a day: what no calendar has (31 June) is none, and without a now a day that needs one is none.
 */
import { Temporal } from "temporal-polyfill";
import { type DateWords, readDate } from "./date-words.ts";
import type { ValueContext } from "./mention.ts";
import { type ClockTime, readTime } from "./time-words.ts";
import { tokensOf } from "./tokens.ts";

/** Days that a date without a year may lie back before the one of the next year is meant. */
const lookBackDays = 92;
/** UTF-16 units of a now that are read. */
const nowCharsMax = 200;

/** Now on the user's calendar and clock, from RFC 3339 or the text that a host has ("2024-03-15, Friday 10:00"); `undefined` if it names no day. */
export function nowOf({ now, zone }: ValueContext): Temporal.PlainDateTime | undefined {
  if (now === undefined) return undefined;
  const given = attempt(() => Temporal.Instant.from(now));
  if (given !== undefined) {
    // A time with an offset is already the user's, unless a zone is given too.
    const local = zone === undefined ? attempt(() => Temporal.PlainDateTime.from(now.replace(/z$/i, ""))) : undefined;
    return local ?? attempt(() => given.toZonedDateTimeISO(zone ?? "UTC").toPlainDateTime());
  }
  return spokenNow(now);
}

/** A now as a host may say it: "Today is 2024-03-15, Friday", "The current time is March 15, 2024 10:00". */
function spokenNow(now: string): Temporal.PlainDateTime | undefined {
  const tokens = tokensOf(now.slice(0, nowCharsMax));
  let day: Temporal.PlainDate | undefined;
  let time: ClockTime | undefined;
  for (let at = 0; at < tokens.length; at += 1) {
    const words = day === undefined ? readDate(tokens, at)?.value : undefined;
    day ??= words?.kind === "day" && words.year !== undefined ? dayOf(words, undefined) : undefined;
    time ??= readTime(tokens, at)?.value;
  }
  const { hour = 0, minute = 0, second = 0 } = time ?? {};
  return day?.toPlainDateTime({ hour, minute, second });
}

/** The day that words mean; `today` as the user's calendar has it. Without it only days with a year are known. */
export function dayOf(words: DateWords, today: Temporal.PlainDate | undefined): Temporal.PlainDate | undefined {
  switch (words.kind) {
    case "day":
      return calendarDay(words, today);
    case "month":
      return calendarDay({ ...words, kind: "day", day: 1 }, today);
    case "weekday":
      return today && weekdayFrom(words, today);
    case "shift":
      return today && attempt(() => today.add({ [`${words.unit}s`]: words.amount }));
    case "span":
      return today && spanDay(words, today);
  }
}

function calendarDay(
  { day, month, year, turn }: Extract<DateWords, { readonly kind: "day" }>,
  today: Temporal.PlainDate | undefined,
): Temporal.PlainDate | undefined {
  if (month !== undefined && year !== undefined) return date(year, month, day);
  if (today === undefined) return undefined;
  if (month !== undefined) {
    const here = date(today.year, month, day);
    const isLongPast = here !== undefined && here.until(today).total({ unit: "day", relativeTo: here }) > lookBackDays;
    return isLongPast ? (date(today.year + 1, month, day) ?? here) : here;
  }
  const base = today.with({ day: 1 });
  if (turn !== undefined) return within(base.add({ months: turn }), day);
  const here = within(base, day);
  return here === undefined || day < today.day ? within(base.add({ months: 1 }), day) : here;
}

function within(month: Temporal.PlainDate, day: number): Temporal.PlainDate | undefined {
  return date(month.year, month.month, day);
}

function date(year: number, month: number, day: number): Temporal.PlainDate | undefined {
  return attempt(() => Temporal.PlainDate.from({ year, month, day }, { overflow: "reject" }));
}

/** "Friday" is the next one to come; "next Friday" and "Friday next week" that of the week after this one, which begins on Monday. */
function weekdayFrom(
  { weekday, turn, week }: Extract<DateWords, { readonly kind: "weekday" }>,
  today: Temporal.PlainDate,
): Temporal.PlainDate | undefined {
  const monday = today.subtract({ days: today.dayOfWeek - 1 });
  const of = week ?? (turn === 1 ? 1 : undefined);
  if (of !== undefined) return monday.add({ days: of * 7 + weekday - 1 });
  const ahead = (weekday - today.dayOfWeek + 7) % 7;
  if (turn === -1) return today.subtract({ days: (7 - ahead) % 7 || 7 });
  return today.add({ days: ahead === 0 && turn === undefined ? 7 : ahead });
}

function spanDay(
  { unit, turn, edge }: Extract<DateWords, { readonly kind: "span" }>,
  today: Temporal.PlainDate,
): Temporal.PlainDate | undefined {
  const monday = today.subtract({ days: today.dayOfWeek - 1 });
  const isEnd = edge === "end";
  switch (unit) {
    case "day":
      return today.add({ days: turn });
    case "week":
      return monday.add({ days: turn * 7 + (isEnd ? 6 : 0) });
    case "weekend":
      return monday.add({ days: turn * 7 + (isEnd ? 6 : 5) });
    case "month": {
      const first = today.with({ day: 1 }).add({ months: turn });
      return isEnd ? first.with({ day: first.daysInMonth }) : first;
    }
    case "year":
      return isEnd ? date(today.year + turn, 12, 31) : date(today.year + turn, 1, 1);
  }
}

/** Temporal throws for what no calendar has. */
function attempt<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}
