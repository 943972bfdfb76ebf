/**
 * How people name days: `March 3rd`, `the 12th of this month`, `Thursday next week`, `in two weeks`, `2024-05-01`.
 * Pure. Reads words only; what day they mean is decided with a now, in `days.ts`.
 */
import { readNumber, readOrdinal } from "./numbers.ts";
import { digitsAt, isGluedText, phraseAt, type Reading, type Token, textAt } from "./tokens.ts";

/** Before, at or after the present one. */
export type Turn = -1 | 0 | 1;

/** Spans of the calendar that words count in. */
export type CalendarUnit = "day" | "week" | "month" | "year";

/** What the words for a day say, before a now makes a date of it. */
export type DateWords =
  /** Day, month and year as far as they are said; a month counts from 1. `turn`: "of next month". */
  | { readonly kind: "day"; readonly day: number; readonly month?: number; readonly year?: number; readonly turn?: Turn }
  | { readonly kind: "month"; readonly month: number; readonly year?: number }
  /** Weekday from Monday = 1; `turn` as in "next Friday", `week` as in "Friday next week". */
  | { readonly kind: "weekday"; readonly weekday: number; readonly turn?: Turn; readonly week?: Turn }
  | { readonly kind: "shift"; readonly amount: number; readonly unit: CalendarUnit }
  /** "next week", "this month": its first day; "the weekend": its Saturday; `edge` as in "end of the month". */
  | {
      readonly kind: "span";
      readonly unit: CalendarUnit | "weekend";
      readonly turn: Turn;
      readonly edge?: "start" | "end";
    };

const months: readonly (readonly string[])[] = [
  ["january", "jan"],
  ["february", "feb"],
  ["march", "mar"],
  ["april", "apr"],
  ["may"],
  ["june", "jun"],
  ["july", "jul"],
  ["august", "aug"],
  ["september", "sep", "sept"],
  ["october", "oct"],
  ["november", "nov"],
  ["december", "dec"],
];
const monthOf = new Map(months.flatMap((names, at) => names.map((name) => [name, at + 1] as const)));

const weekdays: readonly (readonly string[])[] = [
  ["monday", "mondays", "mon"],
  ["tuesday", "tuesdays", "tue", "tues"],
  ["wednesday", "wednesdays", "wed", "weds"],
  ["thursday", "thursdays", "thu", "thur", "thurs"],
  ["friday", "fridays", "fri"],
  ["saturday", "saturdays", "sat"],
  ["sunday", "sundays", "sun"],
];
const weekdayOf = new Map(weekdays.flatMap((names, at) => names.map((name) => [name, at + 1] as const)));

const turns: ReadonlyMap<string, Turn> = new Map<string, Turn>([
  ["this", 0],
  ["current", 0],
  ["coming", 0],
  ["upcoming", 0],
  ["next", 1],
  ["following", 1],
  ["last", -1],
  ["previous", -1],
  ["past", -1],
]);

const spans: ReadonlyMap<string, CalendarUnit> = new Map<string, CalendarUnit>([
  ["day", "day"],
  ["days", "day"],
  ["week", "week"],
  ["weeks", "week"],
  ["month", "month"],
  ["months", "month"],
  ["year", "year"],
  ["years", "year"],
]);

/** Days that have a name and a fixed date. */
const feasts: readonly (readonly [phrase: readonly string[], month: number, day: number])[] = [
  [["christmas", "eve"], 12, 24],
  [["christmas", "day"], 12, 25],
  [["christmas"], 12, 25],
  [["boxing", "day"], 12, 26],
  [["new", "year", "'", "s", "eve"], 12, 31],
  [["new", "years", "eve"], 12, 31],
  [["new", "year", "'", "s", "day"], 1, 1],
  [["new", "years", "day"], 1, 1],
  [["valentine", "'", "s", "day"], 2, 14],
  [["valentines", "day"], 2, 14],
  [["halloween"], 10, 31],
];

/** The words for one day that begin at a token. */
export function readDate(tokens: readonly Token[], at: number): Reading<DateWords> | undefined {
  const token = tokens[at];
  if (token === undefined) return undefined;
  if (token.kind === "digits") return readNumeric(tokens, at) ?? readDayFirst(tokens, at) ?? readCount(tokens, at);
  if (token.kind !== "letters") return undefined;
  return (
    readMonthFirst(tokens, at) ??
    readWeekday(tokens, at) ??
    readRelative(tokens, at) ??
    readSpan(tokens, at) ??
    readDayFirst(tokens, at) ??
    readFeast(tokens, at) ??
    readCount(tokens, at)
  );
}

/** `2024-05-01`, `2024/5/1`, `05/01/2024` (month first, unless that cannot be), `1.5.2024` (day first). */
function readNumeric(tokens: readonly Token[], at: number): Reading<DateWords> | undefined {
  const mark = textAt(tokens, at + 1);
  if (!(mark === "-" || mark === "/" || mark === ".") || tokens[at - 1]?.text === mark) return undefined;
  const isWhole = [1, 2, 3, 4].every((offset) => tokens[at + offset]?.isGlued === true) && textAt(tokens, at + 3) === mark;
  const parts = [at, at + 2, at + 4].map((place) => digitsAt(tokens, place, 4));
  const [first, second, third] = parts;
  if (!isWhole || first === undefined || second === undefined || third === undefined) return undefined;
  const next = at + 5;
  if (textAt(tokens, at).length === 4) return calendar({ year: first, month: second, day: third }, next);
  const length = textAt(tokens, at + 4).length;
  if (length !== 4 && length !== 2) return undefined;
  const year = length === 4 ? third : 2000 + third;
  const isDayFirst = mark === "." ? second <= 12 : first > 12;
  return calendar(isDayFirst ? { year, month: second, day: first } : { year, month: first, day: second }, next);
}

function calendar(
  { year, month, day }: { readonly year: number; readonly month: number; readonly day: number },
  next: number,
): Reading<DateWords> | undefined {
  if (month < 1 || month > 12 || day < 1 || day > 31 || year < 1) return undefined;
  return { value: { kind: "day", day, month, year }, next };
}

function monthAt(tokens: readonly Token[], at: number): Reading<number> | undefined {
  const month = monthOf.get(textAt(tokens, at));
  if (month === undefined) return undefined;
  const isShort = textAt(tokens, at).length <= 4 && isGluedText(tokens, at + 1, ".");
  return { value: month, next: isShort ? at + 2 : at + 1 };
}

/** A year behind a day or month: `, 2024` or ` 2024`. */
function yearAt(tokens: readonly Token[], at: number): Reading<number> | undefined {
  const here = textAt(tokens, at) === "," || textAt(tokens, at) === "of" ? at + 1 : at;
  const year = textAt(tokens, here).length === 4 ? digitsAt(tokens, here, 4) : undefined;
  const isClock = isGluedText(tokens, here + 1, ":");
  return year === undefined || year < 1000 || isClock ? undefined : { value: year, next: here + 1 };
}

/** A day of a month: an ordinal, or digits that no other number follows. */
function dayAt(tokens: readonly Token[], at: number): Reading<number> | undefined {
  const ordinal = readOrdinal(tokens, at);
  if (ordinal !== undefined) return ordinal.value >= 1 && ordinal.value <= 31 ? ordinal : undefined;
  const day = digitsAt(tokens, at, 2);
  const behind = tokens[at + 1];
  const isOther =
    behind?.isGlued === true &&
    (behind.kind === "letters" ||
      ((behind.text === ":" || behind.text === "/" || behind.text === "%") && tokens[at + 2]?.isGlued));
  return day === undefined || day < 1 || day > 31 || isOther === true ? undefined : { value: day, next: at + 1 };
}

/** `March 3rd, 2024`, `March the 3rd`, `March 2024`, `March`. */
function readMonthFirst(tokens: readonly Token[], at: number): Reading<DateWords> | undefined {
  const month = monthAt(tokens, at);
  if (month === undefined) return undefined;
  const behind = textAt(tokens, month.next);
  const day = dayAt(tokens, behind === "the" || behind === "-" || behind === "/" ? month.next + 1 : month.next);
  if (day !== undefined) {
    const year = yearAt(tokens, day.next);
    return {
      value: { kind: "day", day: day.value, month: month.value, ...(year && { year: year.value }) },
      next: year?.next ?? day.next,
    };
  }
  const year = yearAt(tokens, month.next);
  if (year !== undefined) return { value: { kind: "month", month: month.value, year: year.value }, next: year.next };
  // "mid-March" is not its first day.
  const before = textAt(tokens, textAt(tokens, at - 1) === "-" ? at - 2 : at - 1);
  if (before === "mid" || before === "late" || before === "early") return undefined;
  // "may" and "march" are verbs too, and short names are other words, unless they are written as names.
  return tokens[at]?.isCapital === true && month.next === at + 1 && !(month.value === 5 && at === 0)
    ? { value: { kind: "month", month: month.value }, next: month.next }
    : undefined;
}

/** `3rd of March 2024`, `5 March`, `the 12th of this month`, `the 3rd`. */
function readDayFirst(tokens: readonly Token[], at: number): Reading<DateWords> | undefined {
  const isNamed = textAt(tokens, at) === "the";
  const from = isNamed ? at + 1 : at;
  const day = dayAt(tokens, from);
  if (day === undefined) return undefined;
  const isOrdinal = readOrdinal(tokens, from) !== undefined;
  let here = day.next;
  if (textAt(tokens, here) === "day" && isOrdinal) here += 1;
  const separator = textAt(tokens, here);
  if (separator === "of" || separator === "-" || separator === ",") here += 1;
  const month = monthAt(tokens, here);
  if (month !== undefined) {
    const isGlued = isGluedText(tokens, month.next, "-");
    const year = yearAt(tokens, isGlued ? month.next + 1 : month.next);
    return {
      value: { kind: "day", day: day.value, month: month.value, ...(year && { year: year.value }) },
      next: year?.next ?? month.next,
    };
  }
  if (!isOrdinal) return undefined;
  if (separator === "of" && textAt(tokens, here + 1) === "month") {
    const turn = turns.get(textAt(tokens, here)) ?? (textAt(tokens, here) === "the" ? 0 : undefined);
    if (turn !== undefined) return { value: { kind: "day", day: day.value, turn }, next: here + 2 };
  }
  return isLoneDay(tokens, { from, next: day.next, isNamed })
    ? { value: { kind: "day", day: day.value }, next: day.next }
    : undefined;
}

/** Words that may follow "the 3rd" when it is a day; "the 3rd floor" and "the first one" are none. */
const behindDay = new Set(
  "at in on and or for with to of until till through from by if so but please as before after around between i is would will can via instead morning afternoon evening night works".split(
    " ",
  ),
);

function isLoneDay(
  tokens: readonly Token[],
  { from, next, isNamed }: { readonly from: number; readonly next: number; readonly isNamed: boolean },
): boolean {
  if (tokens[from]?.kind !== "digits") return false;
  const behind = tokens[next];
  const before = textAt(tokens, from - 1);
  if (!isNamed && from > 0 && !["on", "from", "to", "until", "till", "-", "by", "and", "of"].includes(before)) return false;
  return behind === undefined || behind.kind === "mark" || behindDay.has(behind.text);
}

/** `Friday`, `this coming Friday`, `next Friday`, `Friday next week`, `Friday, March 8th`. */
function readWeekday(tokens: readonly Token[], at: number): Reading<DateWords> | undefined {
  let here = at;
  const isNamed = textAt(tokens, here) === "the" || textAt(tokens, here) === "on";
  let turn = turns.get(textAt(tokens, isNamed ? here + 1 : here));
  if (turn !== undefined) here += isNamed ? 2 : 1;
  const second = turns.get(textAt(tokens, here));
  if (turn === 0 && second === 0) here += 1;
  if (textAt(tokens, here) === "week" && turn !== undefined) return readWeekThenDay(tokens, { at: here, turn });
  const weekday = weekdayOf.get(textAt(tokens, here));
  if (weekday === undefined) return undefined;
  // "two Fridays from now" is no Friday of this week.
  if (textAt(tokens, here).endsWith("days") && readNumber(tokens, at - 1) !== undefined) return undefined;
  // "sun", "sat" and "wed" are other words, unless something says that a day is meant.
  const isShort = textAt(tokens, here).length <= 4;
  if (isShort && turn === undefined && tokens[here]?.isCapital !== true) return undefined;
  let next = here + 1;
  if (isShort && isGluedText(tokens, next, ".")) next += 1;
  const comma = textAt(tokens, next) === "," ? next + 1 : next;
  const date = readMonthFirst(tokens, comma) ?? readDayFirst(tokens, textAt(tokens, comma) === "the" ? comma + 1 : comma);
  if (date?.value.kind === "day") return date;
  const week = turns.get(textAt(tokens, next));
  if (week !== undefined && textAt(tokens, next + 1) === "week") {
    turn = undefined;
    return { value: { kind: "weekday", weekday, week }, next: next + 2 };
  }
  return { value: { kind: "weekday", weekday, ...(turn !== undefined && { turn }) }, next };
}

/** `next week Friday`, `next week on Friday`; `at` is at "week". */
function readWeekThenDay(
  tokens: readonly Token[],
  { at, turn }: { readonly at: number; readonly turn: Turn },
): Reading<DateWords> | undefined {
  const here = ["on", "'", ","].includes(textAt(tokens, at + 1)) ? at + 2 : at + 1;
  const weekday = weekdayOf.get(textAt(tokens, textAt(tokens, here) === "s" ? here + 1 : here));
  if (weekday === undefined) return undefined;
  return { value: { kind: "weekday", weekday, week: turn }, next: textAt(tokens, here) === "s" ? here + 2 : here + 1 };
}

const named: readonly (readonly [phrase: readonly string[], days: number])[] = [
  [["the", "day", "after", "tomorrow"], 2],
  [["day", "after", "tomorrow"], 2],
  [["the", "day", "before", "yesterday"], -2],
  [["day", "before", "yesterday"], -2],
  [["later", "today"], 0],
  [["today"], 0],
  [["tonight"], 0],
  [["tomorrow"], 1],
  [["tmrw"], 1],
  [["yesterday"], -1],
  [["this", "morning"], 0],
  [["this", "afternoon"], 0],
  [["this", "evening"], 0],
  [["last", "night"], -1],
];

/** `today`, `the day after tomorrow`, `in two weeks`, `a week from now`, `a week ago`. */
function readRelative(tokens: readonly Token[], at: number): Reading<DateWords> | undefined {
  for (const [phrase, amount] of named) {
    const next = phraseAt(tokens, at, phrase);
    if (next !== undefined) return { value: { kind: "shift", amount, unit: "day" }, next };
  }
  if (textAt(tokens, at) !== "in") return undefined;
  const count = countAt(tokens, at + 1);
  return count && { value: { kind: "shift", ...count.value }, next: count.next };
}

function countAt(
  tokens: readonly Token[],
  at: number,
): Reading<{ readonly amount: number; readonly unit: CalendarUnit }> | undefined {
  const first = textAt(tokens, at);
  const number: Reading<number> | undefined =
    readNumber(tokens, at) ?? (first === "a" || first === "an" || first === "one" ? { value: 1, next: at + 1 } : undefined);
  if (number === undefined || !Number.isInteger(number.value) || number.value > 10_000) return undefined;
  const unit = spans.get(textAt(tokens, number.next));
  return unit && { value: { amount: number.value, unit }, next: number.next + 1 };
}

/** `3 days ago`, `two weeks from now`, `a week from today`. */
function readCount(tokens: readonly Token[], at: number): Reading<DateWords> | undefined {
  const count = countAt(tokens, at);
  if (count === undefined) return undefined;
  const { amount, unit } = count.value;
  const word = textAt(tokens, count.next);
  if (word === "ago" || word === "earlier") return { value: { kind: "shift", amount: -amount, unit }, next: count.next + 1 };
  if (word === "later" || word === "hence") return { value: { kind: "shift", amount, unit }, next: count.next + 1 };
  const target = textAt(tokens, count.next + 1);
  if (word !== "from" || !(target === "now" || target === "today" || target === "tomorrow")) return undefined;
  const isDays = unit === "day" || unit === "week";
  if (target === "tomorrow" && !isDays) return undefined;
  if (target !== "tomorrow") return { value: { kind: "shift", amount, unit }, next: count.next + 2 };
  return { value: { kind: "shift", amount: (unit === "week" ? 7 * amount : amount) + 1, unit: "day" }, next: count.next + 2 };
}

/** `next week`, `this weekend`, `the end of the month`. */
function readSpan(tokens: readonly Token[], at: number): Reading<DateWords> | undefined {
  let here = textAt(tokens, at) === "the" ? at + 1 : at;
  const edge = edges.get(textAt(tokens, here));
  if (edge !== undefined && textAt(tokens, here + 1) === "of") here += 2;
  const turn = turns.get(textAt(tokens, here)) ?? (edge !== undefined && textAt(tokens, here) === "the" ? 0 : undefined);
  const word = textAt(tokens, turn === undefined ? here : here + 1);
  const unit = word === "weekend" ? "weekend" : word.endsWith("s") ? undefined : spans.get(word);
  if (unit === undefined || (turn === undefined && edge === undefined)) return undefined;
  const next = turn === undefined ? here + 1 : here + 2;
  return { value: { kind: "span", unit, turn: turn ?? 0, ...(edge && { edge }) }, next };
}

const edges: ReadonlyMap<string, "start" | "end"> = new Map<string, "start" | "end">([
  ["start", "start"],
  ["beginning", "start"],
  ["end", "end"],
]);

function readFeast(tokens: readonly Token[], at: number): Reading<DateWords> | undefined {
  for (const [phrase, month, day] of feasts) {
    const next = phraseAt(tokens, at, phrase);
    if (next === undefined) continue;
    const year = yearAt(tokens, next);
    return { value: { kind: "day", month, day, ...(year && { year: year.value }) }, next: year?.next ?? next };
  }
  return undefined;
}
