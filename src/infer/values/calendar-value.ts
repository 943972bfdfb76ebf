/**
 * Days and times as values: the words of a task, seen from a now, in the form that an argument asks for.
 * Pure. Never guesses a day that neither the words nor the now give.
 */
import type { Temporal } from "temporal-polyfill";
import type { Ask } from "./asks.ts";
import { type DateWords, readDate } from "./date-words.ts";
import { dayOf, nowOf } from "./days.ts";
import { clock, type Form, isoDate, isoDateTime, write } from "./forms.ts";
import type { ValueContext } from "./mention.ts";
import { otherDay } from "./other-days.ts";
import { type ClockTime, readTime } from "./time-words.ts";
import { digitsAt, type Token, textAt, tokensOf } from "./tokens.ts";

/** Tokens of a piece of text in which a day or a time is looked for. */
const tokensMax = 64;
/** UTF-16 units of a task in which the other half of a date and time is looked for. */
const taskCharsMax = 4_000;

/** Days and times that a text names, in order. */
interface Named {
  readonly dates: readonly DateWords[];
  readonly times: readonly ClockTime[];
}

/**
 * The day, time or both that a text names, in the form asked for (ISO 8601 by default); seconds since 1970 where an epoch is asked for;
 * `undefined` if it names none.
 */
export function calendarValue(said: string, ask: Ask, context: ValueContext): string | number | undefined {
  const tokens = tokensOf(said).slice(0, tokensMax);
  const { dates, times } = namedIn(tokens, ask.kind === "time");
  const now = nowOf(context);
  const today = now?.toPlainDate();
  if (isNowWord(said) && now !== undefined) return written({ date: today, time: momentOf(now) }, ask, context);
  const time = ask.isEnd ? times.at(-1) : times[0];
  if (ask.kind === "time") return time && write(ask.form ?? clock, { time });
  const days = daysOf(dates, today);
  const date = (ask.isEnd ? days.at(-1) : days[0]) ?? (dates.length === 0 ? otherDay(said, now) : undefined);
  if (ask.kind === "date") return date && write(dateForm(ask.form, dates), { date });
  if (date === undefined && time === undefined) return undefined;
  const rest = restOfTask(context, today);
  return written({ date: date ?? rest.date ?? today, time: time ?? rest.time }, ask, context);
}

/** The only day and the only time that the whole task names: a time has its day there, and a day its time. */
function restOfTask(
  { task = "" }: ValueContext,
  today: Temporal.PlainDate | undefined,
): { readonly date?: Temporal.PlainDate; readonly time?: ClockTime } {
  const { dates, times } = namedIn(tokensOf(task.slice(0, taskCharsMax)), false);
  const days = new Map(daysOf(dates, today).map((day) => [day.toString(), day]));
  const clocks = new Map(times.map((time) => [`${time.hour}:${time.minute}`, time]));
  const [date] = days.size === 1 ? days.values() : [];
  const [time] = clocks.size === 1 ? clocks.values() : [];
  return { ...(date && { date }), ...(time && { time }) };
}

function isNowWord(said: string): boolean {
  return /^(?:right )?now$|^(?:the )?current (?:time|date|moment)$/i.test(said);
}

function momentOf(now: Temporal.PlainDateTime): ClockTime {
  return { hour: now.hour, minute: now.minute, second: now.second, isSure: true };
}

function written(
  { date, time }: { readonly date: Temporal.PlainDate | undefined; readonly time: ClockTime | undefined },
  ask: Ask,
  context: ValueContext,
): string | number | undefined {
  const midnight: ClockTime = { hour: 0, minute: 0, second: 0, isSure: true };
  if (ask.kind === "epoch") {
    if (date === undefined) return undefined;
    const { hour, minute, second } = time ?? midnight;
    try {
      const zoned = date.toPlainDateTime({ hour, minute, second }).toZonedDateTime(context.zone ?? "UTC");
      return Math.floor(zoned.epochMilliseconds / 1_000);
    } catch {
      return undefined;
    }
  }
  if (ask.kind === "time") return time && write(ask.form ?? clock, { time });
  if (ask.kind === "date") return date && write(ask.form ?? isoDate, { date });
  if (time === undefined && ask.form === undefined) return date && write(isoDate, { date });
  // A day begins at midnight.
  const form = ask.form ?? isoDateTime;
  const last = form.parts.at(-1);
  const isUtc = typeof last === "object" && last.literal === "Z";
  return isUtc && date !== undefined
    ? write(form, inUtc({ date, time: time ?? midnight }, context))
    : write(form, { date, time: time ?? midnight });
}

/** A form that ends in `Z` says UTC, and the words are in the user's zone. */
function inUtc(
  { date, time }: { readonly date: Temporal.PlainDate; readonly time: ClockTime },
  { zone = "UTC" }: ValueContext,
): { readonly date: Temporal.PlainDate; readonly time: ClockTime } {
  const { hour, minute, second } = time;
  try {
    const utc = date.toPlainDateTime({ hour, minute, second }).toZonedDateTime(zone).withTimeZone("UTC");
    return { date: utc.toPlainDate(), time: { ...time, hour: utc.hour, minute: utc.minute } };
  } catch {
    return { date, time };
  }
}

/** A month alone asks for no day, if the form has none. */
function dateForm(form: Form | undefined, dates: readonly DateWords[]): Form {
  if (form !== undefined) return form;
  const [first] = dates;
  return first?.kind === "month" && dates.length === 1 ? { ...isoDate, parts: isoDate.parts.slice(0, 3) } : isoDate;
}

function namedIn(tokens: readonly Token[], isTime: boolean): Named {
  const dates: DateWords[] = [];
  const times: ClockTime[] = [];
  let at = 0;
  while (at < tokens.length) {
    const date = isTime ? undefined : readDate(tokens, at);
    const time = date === undefined ? readTime(tokens, at) : undefined;
    if (date !== undefined) dates.push(date.value);
    if (time !== undefined) times.push(time.value);
    const rest = date === undefined && time === undefined && !isTime ? restOfRange(tokens, { at, dates }) : undefined;
    if (rest !== undefined) dates.push(rest);
    at = date?.next ?? time?.next ?? at + 1;
  }
  const lone = times.length === 0 ? loneHour(tokens, { isTime, isDated: dates.length > 0 }) : undefined;
  return { dates, times: lone === undefined ? times : [lone] };
}

/** The bare second day of `March 3-5`. */
function restOfRange(
  tokens: readonly Token[],
  { at, dates }: { readonly at: number; readonly dates: readonly DateWords[] },
): DateWords | undefined {
  const before = textAt(tokens, at - 1) === "the" ? textAt(tokens, at - 2) : textAt(tokens, at - 1);
  const day = digitsAt(tokens, at, 2);
  const last = dates.at(-1);
  if (day === undefined || day < 1 || day > 31 || last?.kind !== "day") return undefined;
  return ["-", "–", "—", "to", "till", "until", "through", "and"].includes(before) ? { ...last, day } : undefined;
}

/** A number that is all there is of a time: `7`, `at 7`, or behind a day `tomorrow at 7`. */
function loneHour(
  tokens: readonly Token[],
  { isTime, isDated }: { readonly isTime: boolean; readonly isDated: boolean },
): ClockTime | undefined {
  const at = tokens.findIndex(({ text }) => text === "at" || text === "around" || text === "@");
  const hour = digitsAt(tokens, at + 1, 2);
  const isAll = at + 2 === tokens.length || (at >= 0 && isDated);
  if (hour === undefined || hour > 23 || !isAll || (at < 0 && !isTime)) return undefined;
  return { hour, minute: 0, second: 0, isSure: false };
}

/** Days by their words; a day or a month that only the other end of a range says is taken from there (`3rd to 5th of March`). */
function daysOf(dates: readonly DateWords[], today: Temporal.PlainDate | undefined): readonly Temporal.PlainDate[] {
  const days: Temporal.PlainDate[] = [];
  for (const [at, words] of dates.entries()) {
    const day = dayOf(shared(words, dates[at === 0 ? 1 : at - 1]), today);
    if (day !== undefined) days.push(day);
  }
  return days;
}

function shared(words: DateWords, other: DateWords | undefined): DateWords {
  if (words.kind !== "day" || other?.kind !== "day" || words.turn !== undefined) return words;
  const year = words.year ?? other.year;
  const month = words.month ?? other.month;
  return {
    ...words,
    ...(month !== undefined && { month }),
    ...(year !== undefined && month !== undefined && { year }),
    ...(other.turn !== undefined && month === undefined && { turn: other.turn }),
  };
}
